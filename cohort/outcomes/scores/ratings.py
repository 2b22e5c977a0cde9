"""Which ratings an endpoint looks at, and what they add up to for each subject."""

from __future__ import annotations

import polars as pl

from cohort.criteria import AboveAtEntry, Endpoint, Remission, Response, Severity
from cohort.errors import CriterionError, some
from cohort.outcomes.judgement import check
from cohort.records.derive import baseline, follow_up, ratings_on
from cohort.records.remembered import remembered
from cohort.records.study import Study


def needs_scale(study: Study, criterion: Remission | Response | Severity | AboveAtEntry) -> None:
    """Refuse a study without a rating on the criterion's scale.

    Raises:
        RecordError: There is none.
    """
    ratings_on(study, criterion.scale)


def endpoint_of(criterion: Remission | Response | Severity) -> Endpoint:
    """Return the criterion's endpoint; the choice changes the number, so there is no default.

    Raises:
        CriterionError: It names none.
    """
    if criterion.endpoint is None:
        raise CriterionError(
            f"{criterion.label} names no endpoint; choose one: .at('week 6'), .last_observed(), .ever(), "
            ".by_day(42) or .at_baseline()"
        )
    return criterion.endpoint


def needs_endpoint(study: Study, criterion: Remission | Response | Severity) -> None:
    """Refuse a criterion without an endpoint, and a study without the scale or the visits that it names.

    Raises:
        CriterionError: There is no endpoint, or no such visit.
        RecordError: There is no rating on the scale.
    """
    visits = endpoint_of(criterion).visits
    needs_scale(study, criterion)
    unknown = [visit for visit in visits if visit not in study.visits]
    if unknown:
        present = some(study.visits, 20) if study.visits else "none"
        raise CriterionError(f"the study has no visit {some(unknown)}; its visits are {present}")


@remembered
def at_entry(study: Study, scale: str) -> pl.DataFrame:
    """Return `subject_id, baseline, baseline_day`; subjects without one are absent, all where nothing is known yet."""
    if study.ratings.filter(scale=scale).is_empty():
        numbers = {"baseline": pl.Float64(), "baseline_day": pl.Float64()}
        return pl.DataFrame(schema={"subject_id": pl.String(), **numbers})
    return baseline(study, scale)


def rated(study: Study, scale: str) -> pl.DataFrame:
    """Return every known rating of a scale: `subject_id, day, visit, score, baseline`.

    They stand in the order of their days; on one day the unscheduled rating first, then the visits in their order.
    """
    place = pl.col("visit").cast(pl.Enum(list(study.visits))).to_physical()
    return (
        study.ratings.filter(scale=scale)
        .drop_nulls("score")
        .sort("subject_id", "day", place, nulls_last=False)
        .join(at_entry(study, scale), on="subject_id", how="left", maintain_order="left")
        .select("subject_id", "day", "visit", "score", "baseline")
    )


def after_baseline(study: Study, scale: str) -> pl.DataFrame:
    """Return the known ratings of a scale on days above 0, in the order of `rated`."""
    return rated(study, scale).filter(pl.col("day") > 0)


def looked_at(study: Study, scale: str, endpoint: Endpoint) -> pl.DataFrame:
    """Return the ratings that an endpoint looks at; a named visit without a rating is a row without a score."""
    if endpoint.kind == "at":
        return _at_visits(study, scale, endpoint.visits)
    if endpoint.kind == "baseline":
        entry = at_entry(study, scale).with_columns(visit=pl.lit(None, dtype=pl.String), score=pl.col("baseline"))
        return entry.select("subject_id", pl.col("baseline_day").alias("day"), "visit", "score", "baseline")
    after = after_baseline(study, scale)
    if endpoint.kind == "last observed":
        return after.group_by("subject_id", maintain_order=True).last()
    return after if endpoint.day is None else after.filter(pl.col("day") <= endpoint.day)


def _at_visits(study: Study, scale: str, visits: tuple[str, ...]) -> pl.DataFrame:
    named = pl.DataFrame({"visit": list(visits)})
    everyone = study.subjects.select("subject_id").join(
        at_entry(study, scale).drop("baseline_day"), on="subject_id", how="left"
    )
    seen = rated(study, scale).drop("baseline")
    return everyone.join(named, how="cross").join(seen, on=["subject_id", "visit"], how="left")


def summed_up(study: Study, ratings: pl.DataFrame, endpoint: Endpoint) -> pl.DataFrame:
    """Return one row a subject: what the endpoint saw and whether that decides.

    Args:
        study: The study.
        ratings: What `looked_at` returned, with `passed` (the rule holds; null where it cannot be applied) and `value`
            (what was compared).
        endpoint: The endpoint.

    Returns:
        `subject_id, seen, met, lacking, reached, value, day`: how many ratings were compared, whether the rule was met,
        whether too little was recorded to decide, whether follow-up reaches the endpoint's day, and the value and day
        of the rating that decided: the first that satisfied "ever" or "by day", the first that failed "at" several
        visits, else the last one compared; null where too little was recorded.
    """
    seen = _seen(ratings, any_day=endpoint.kind in ("ever", "by day"))
    everyone = study.subjects.select("subject_id").join(seen, on="subject_id", how="left")
    followed = everyone.join(follow_up(study), on="subject_id", how="left").with_columns(
        pl.col("seen").fill_null(0),
        pl.col("decided", "held").fill_null(False),
        reached=(pl.col("last_day") >= (endpoint.day or 0)).fill_null(False),
    )
    return followed.with_columns(lacking=_lacking(endpoint)).select(
        "subject_id",
        "seen",
        "lacking",
        "reached",
        met=pl.col("held") & ~pl.col("lacking"),
        value=pl.when(~pl.col("lacking")).then("value"),
        day=pl.when(~pl.col("lacking")).then("day"),
    )


def _seen(ratings: pl.DataFrame, *, any_day: bool) -> pl.DataFrame:
    """Return each subject's compared ratings in one row; a pass decides with `any_day`, else a failure."""
    decisive = pl.col("passed") if any_day else ~pl.col("passed")
    compared = ratings.drop_nulls("passed").sort("subject_id", "day", maintain_order=True)
    first = [pl.col(name).filter(decisive).first().alias(f"first_{name}") for name in ("value", "day")]
    return (
        compared.group_by("subject_id", maintain_order=True)
        .agg(
            pl.col("value", "day").last(),
            *first,
            seen=pl.len().cast(pl.Int64),
            held=pl.col("passed").any() if any_day else pl.col("passed").all(),
            decided=decisive.any(),
        )
        .with_columns(pl.when("decided").then(f"first_{name}").otherwise(name).alias(name) for name in ("value", "day"))
    )


def _lacking(endpoint: Endpoint) -> pl.Expr:
    if endpoint.kind == "at":
        return (pl.col("seen") < len(endpoint.visits)) & ~pl.col("decided")
    if endpoint.kind == "by day":
        return ~pl.col("decided") & (~pl.col("reached") | (pl.col("seen") == 0))
    return pl.col("seen") == 0


def lacking_reasons(endpoint: Endpoint) -> tuple[tuple[pl.Expr, str], ...]:
    """Return the reasons that stand beside "undetermined" for an endpoint, the first that applies."""
    lacking = pl.col("lacking")
    if endpoint.kind == "at":
        return ((lacking, "no rating at the visit"),)
    if endpoint.kind == "baseline":
        return ((lacking, "no baseline"),)
    ended = lacking & ~pl.col("reached") & pl.lit(endpoint.kind == "by day")
    return (ended, "follow-up ends before the day"), (lacking, "no rating after baseline")


def rating_checks(
    ratings: pl.DataFrame,
    units: pl.DataFrame,
    endpoint: Endpoint,
    what: str,
    threshold: float,
    *,
    bound: str,
    unit: str,
) -> list[pl.DataFrame]:
    """Return a line of evidence for each rating looked at, and for the follow-up that "by day" needs."""
    several = len(endpoint.visits) > 1
    text = pl.format(f"{what} at {{}}", pl.col("visit")) if several else what
    found = check(
        ratings,
        text,
        pl.col("value"),
        threshold=pl.lit(threshold),
        passed=pl.col("passed"),
        day=pl.col("day"),
        bound=bound,
        unit=unit,
    )
    if endpoint.day is None:
        return [found]
    return [found, check(units, f"follow-up reaches day {endpoint.day:g}", pl.lit(None), passed=pl.col("reached"))]
