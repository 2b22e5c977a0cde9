"""What follows from the records without any clinical rule: baselines, changes, rates, observed days, follow-up."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cohort.errors import RecordError, some
from cohort.records.periods import check_days, check_period
from cohort.records.quiet_spans import quiet_spans
from cohort.records.study import Study, check_study

# Of how many days a month of a diary is, in every rate and in both periods that are compared.
MONTH_DAYS = 28


def follow_up(study: Study) -> pl.DataFrame:
    """Return `subject_id, last_day`: the stated last day of observation, else the last day of any record, else null."""
    total_end, stop = pl.col("day") + pl.col("days") - 1, pl.max_horizontal("start_day", "stop_day")
    ends = {
        "ratings": pl.col("day"),
        "items": pl.col("day"),
        "seizures": total_end,
        "observed": pl.col("to_day"),
        "treatments": stop,
        "doses": pl.col("from_day"),
        "settings": pl.col("from_day"),
        "adverse_effects": pl.max_horizontal("day", "to_day"),
        "findings": pl.col("day"),
        "episodes": pl.max_horizontal("from_day", "to_day"),
    }
    days = [study.table(table).select("subject_id", day=end.cast(pl.Float64)) for table, end in ends.items()]
    seen = pl.concat(days).group_by("subject_id").agg(seen=pl.col("day").max())
    stated = study.subjects.select("subject_id", stated=pl.col("last_day").cast(pl.Float64))
    joined = stated.join(seen, on="subject_id", how="left")
    return joined.select("subject_id", last_day=pl.coalesce("stated", "seen")).sort("subject_id")


def ratings_on(study: Study, scale: str) -> pl.DataFrame:
    """Return the ratings on one scale.

    Raises:
        RecordError: The study has none.
    """
    check_study(study)
    if not isinstance(scale, str):
        raise RecordError(f"a scale is named by a text, for example 'HAMD17', not by {scale!r}")
    found = study.ratings.filter(scale=scale)
    if found.is_empty():
        present = some(study.ratings["scale"].unique().sort(), 9) if study.ratings.height else "no ratings at all"
        raise RecordError(f"the study has no rating on {scale}; it has {present}")
    return found


def baseline(study: Study, scale: str) -> pl.DataFrame:
    """Return `subject_id, baseline, baseline_day`: the last score on or before day 0; subjects without one are absent.

    Of several scores on that day the one of the latest visit is taken, an unscheduled one only where there is no other.

    Raises:
        RecordError: The study has no rating on that scale.
    """
    before = ratings_on(study, scale).filter(pl.col("day") <= 0).drop_nulls("score")
    in_order = before.sort("subject_id", "day", _place(study.visits), nulls_last=False)
    last = in_order.group_by("subject_id", maintain_order=True).last()
    return last.select("subject_id", baseline="score", baseline_day="day")


def _place(visits: Sequence[str]) -> pl.Expr:
    """Return where a rating's visit stands among these; null where it is none of them."""
    places = {visit: place for place, visit in enumerate(visits)}
    return pl.col("visit").cast(pl.String).replace_strict(places, default=None, return_dtype=pl.Int64)


def changes(study: Study, scale: str) -> pl.DataFrame:
    """Return every rating after baseline with its change.

    Columns: `subject_id, arm, visit, day, baseline, score, change` (negative is a fall), `percent_improvement`
    (positive is a fall; null where the baseline is zero or absent), covariates. A rating recorded as missing has null
    score and change. Unscheduled ratings have no visit. Sorted by subject and day.

    Raises:
        RecordError: The study has no rating on that scale.
    """
    start = baseline(study, scale)
    after = ratings_on(study, scale).filter(pl.col("day") > 0).join(start, on="subject_id", how="left")
    visit = pl.Enum(_visits_after_baseline(study, scale))
    improvement = pl.when(pl.col("baseline") > 0).then(
        100 * (pl.col("baseline") - pl.col("score")) / pl.col("baseline")
    )
    return (
        after.with_columns(change=pl.col("score") - pl.col("baseline"), percent_improvement=improvement)
        .join(study.subjects.drop("first_day", "last_day"), on="subject_id", how="left")
        .select(
            "subject_id",
            "arm",
            pl.col("visit").cast(visit),
            "day",
            "baseline",
            "score",
            "change",
            "percent_improvement",
            *study.covariates,
        )
        .sort("subject_id", "day", "visit", nulls_last=True)
    )


def attendance(study: Study, scale: str) -> pl.DataFrame:
    """Return how each subject came to the visits after baseline: `subject_id, arm, attendance`.

    "every visit", "left early" (none missed before the last one attended), "missed in between", or "not
    rated after baseline".
    """
    rated = changes(study, scale).drop_nulls("score")
    planned = planned_visits(study, scale)
    came = rated.select("subject_id", place=_place(planned)).drop_nulls()
    seen = came.group_by("subject_id").agg(visits=pl.col("place").n_unique(), last=pl.col("place").max() + 1)
    course = (
        pl.when(pl.col("visits") == len(planned))
        .then(pl.lit("every visit"))
        .when(pl.col("visits") == pl.col("last"))
        .then(pl.lit("left early"))
        .when(pl.col("visits") < pl.col("last"))
        .then(pl.lit("missed in between"))
        .otherwise(pl.lit("not rated after baseline"))
    )
    kinds = pl.Enum(["every visit", "left early", "missed in between", "not rated after baseline"])
    everyone = study.subjects.select("subject_id", "arm").join(seen, on="subject_id", how="left")
    return everyone.select("subject_id", "arm", attendance=course.cast(kinds)).sort("subject_id")


def _visits_after_baseline(study: Study, scale: str) -> list[str]:
    """Return the visits, in order, that somebody had after day 0."""
    held = set(study.ratings.filter(scale=scale).filter(pl.col("day") > 0)["visit"].drop_nulls())
    return [visit for visit in study.visits if visit in held]


def planned_visits(study: Study, scale: str) -> list[str]:
    """Return the visits, in order, that were rated after day 0 by rule: one subject's late baseline is no visit."""
    rated = study.ratings.filter(scale=scale).drop_nulls(["score", "visit"])
    days = rated.group_by("visit").agg(pl.col("day").median())
    after = set(days.filter(pl.col("day") > 0)["visit"])
    return [visit for visit in study.visits if visit in after]


def diary(study: Study) -> pl.DataFrame:
    """Return what is known of each span of days, spans of a subject never overlapping.

    Columns: `subject_id, day, days, count, known`. Seizure types are added up; a span on which one type was recorded as
    missing has no `count`, and `known` seizures all the same: at least so many happened. Where a source lists events
    and states the days under observation, the days between its events appear as spans with count 0. Days that no span
    covers are missing.
    """
    total = _types_added_up(study.seizures)
    if study.observed.is_empty():
        return total
    return pl.concat([total, quiet_spans(total, study.observed)]).sort("subject_id", "day")


def _types_added_up(seizures: pl.DataFrame) -> pl.DataFrame:
    """Return one row a span, in the order of the days; where no type is told, each row is one already."""
    span = ["subject_id", "day", "days"]
    if seizures["type"].null_count() == seizures.height:
        return seizures.select(*span, "count", known=pl.col("count").fill_null(0))
    missing = pl.col("count").is_null().any()
    total = seizures.group_by(span).agg(
        count=pl.when(~missing).then(pl.col("count").sum()), known=pl.col("count").sum()
    )
    return total.sort("subject_id", "day")


def seizures_in(study: Study, from_day: int, to_day: int) -> pl.DataFrame:
    """Return the seizures of one period, one row a subject: `seizures, observed_days, rate28, last_observed`.

    Only days with a record count: `rate28` is 28 times the seizures over the observed days, null where there are none.
    A span without seizures counts with the days that lie in the period; a total with seizures counts only where it lies
    wholly in it. Both days belong to the period. `seizures`, `rate28` and `last_observed` (the last of the days that
    count) are null where none does.

    Raises:
        RecordError: The period ends before it begins.
    """
    check_study(study)
    check_days(from_day, to_day)
    end = pl.col("day") + pl.col("days") - 1
    within = (pl.col("day") >= from_day) & (end <= to_day)
    touching = (pl.col("count") == 0) & (pl.col("day") <= to_day) & (end >= from_day)
    known = diary(study).drop_nulls("count").filter(within | touching)
    first, last = pl.max_horizontal("day", pl.lit(from_day)), pl.min_horizontal(end, pl.lit(to_day))
    sums = known.group_by("subject_id").agg(
        seizures=pl.col("count").sum(), observed_days=(last - first + 1).sum(), last_observed=last.max()
    )
    return with_rates(study, sums)


def with_rates(study: Study, sums: pl.DataFrame) -> pl.DataFrame:
    """Return one row a subject, as `seizures_in`, from `subject_id, seizures, observed_days, last_observed`."""
    rate28 = pl.when(pl.col("observed_days") > 0).then(MONTH_DAYS * pl.col("seizures") / pl.col("observed_days"))
    return (
        study.subjects.select("subject_id")
        .join(sums, on="subject_id", how="left")
        .with_columns(pl.col("observed_days").fill_null(0))
        .select("subject_id", "seizures", "observed_days", rate28.alias("rate28"), "last_observed")
        .sort("subject_id")
    )


def seizure_changes(study: Study, baseline_days: tuple[int, int], treatment_days: tuple[int, int]) -> pl.DataFrame:
    """Return both periods side by side, one row a subject, with covariates.

    Columns: `subject_id, arm, baseline_seizures, baseline_days, baseline_rate28, seizures, observed_days, rate28,
    last_observed`, `percent_change` (100 (T - B) / B of the rates, negative is better, null where B is 0) and
    `response_ratio` (100 (T - B) / (T + B), null where both are 0). Days are inclusive.
    """
    check_period("baseline_days", baseline_days)
    check_period("treatment_days", treatment_days)
    return compared(study, seizures_in(study, *baseline_days), seizures_in(study, *treatment_days))


def compared(study: Study, before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Return two periods side by side, each as `seizures_in` returns it: the columns of `seizure_changes`."""
    before = before.select(
        "subject_id", baseline_seizures="seizures", baseline_days="observed_days", baseline_rate28="rate28"
    )
    # Whole numbers until the one division: T/t against B/b is T b against B t, and a fall of a half is exactly -50.
    start = pl.col("baseline_seizures") * pl.col("observed_days")
    now = pl.col("seizures") * pl.col("baseline_days")
    observed = (pl.col("baseline_days") > 0) & (pl.col("observed_days") > 0)
    return (
        before.join(after, on="subject_id")
        .with_columns(
            percent_change=pl.when(observed & (start > 0)).then(100 * (now - start) / start),
            response_ratio=pl.when(observed & (start + now > 0)).then(100 * (now - start) / (now + start)),
        )
        .join(study.subjects.drop("first_day", "last_day"), on="subject_id")
        .select(
            "subject_id",
            "arm",
            "baseline_seizures",
            "baseline_days",
            "baseline_rate28",
            "seizures",
            "observed_days",
            "rate28",
            "last_observed",
            "percent_change",
            "response_ratio",
            *study.covariates,
        )
        .sort("subject_id")
    )
