"""What follows from the records without any clinical rule: baselines, changes, rates, observed days, follow-up."""

from __future__ import annotations

import polars as pl

from cohort.errors import RecordError, some
from cohort.records.study import Study


def follow_up(study: Study) -> pl.DataFrame:
    """Return `subject_id, last_day`: the stated last day of observation or, where none is stated, the last day of any record."""
    ends = [
        study.ratings.select("subject_id", pl.col("day").cast(pl.Float64)),
        study.items.select("subject_id", pl.col("day").cast(pl.Float64)),
        study.seizures.select("subject_id", (pl.col("day") + pl.col("days") - 1).cast(pl.Float64).alias("day")),
        study.observed.select("subject_id", pl.col("to_day").cast(pl.Float64).alias("day")),
        study.treatments.select("subject_id", pl.max_horizontal("start_day", "stop_day").cast(pl.Float64).alias("day")),
        study.doses.select("subject_id", pl.col("from_day").cast(pl.Float64).alias("day")),
    ]
    seen = pl.concat(ends).group_by("subject_id").agg(seen=pl.col("day").max())
    joined = study.subjects.select("subject_id", stated=pl.col("last_day").cast(pl.Float64)).join(seen, on="subject_id", how="left")
    return joined.select("subject_id", last_day=pl.coalesce("stated", "seen")).sort("subject_id")


def ratings_on(study: Study, scale: str) -> pl.DataFrame:
    """Return the ratings on one scale.

    Raises:
        RecordError: The study has none.
    """
    found = study.ratings.filter(scale=scale)
    if found.is_empty():
        present = some(study.ratings["scale"].unique().sort(), 9) if study.ratings.height else "no ratings at all"
        raise RecordError(f"the study has no rating on {scale}; it has {present}")
    return found


def baseline(study: Study, scale: str) -> pl.DataFrame:
    """Return `subject_id, baseline, baseline_day`: the last score on or before day 0; subjects without one are absent."""
    before = ratings_on(study, scale).filter(pl.col("day") <= 0).drop_nulls("score").sort("subject_id", "day")
    last = before.group_by("subject_id", maintain_order=True).last()
    return last.select("subject_id", baseline="score", baseline_day="day")


def changes(study: Study, scale: str) -> pl.DataFrame:
    """Return every rating after baseline with its change.

    Columns: `subject_id, arm, visit, day, baseline, score, change` (negative is a fall), `percent_improvement` (positive is a
    fall; null where the baseline is zero or absent), covariates. A rating recorded as missing has null score and change.
    """
    start = baseline(study, scale)
    after = ratings_on(study, scale).filter(pl.col("day") > 0).join(start, on="subject_id", how="left")
    visit = pl.Enum(_visits_after_baseline(study, scale))
    improvement = pl.when(pl.col("baseline") > 0).then(100 * (pl.col("baseline") - pl.col("score")) / pl.col("baseline"))
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
        .sort("subject_id", "day")
    )


def attendance(study: Study, scale: str) -> pl.DataFrame:
    """Return how each subject came to the visits after baseline: `subject_id, arm, attendance`.

    "every visit", "left early" (none missed before the last one attended), "missed in between", or "never rated".
    """
    planned = {visit: place for place, visit in enumerate(_visits_after_baseline(study, scale))}
    came = changes(study, scale).drop_nulls(["score", "visit"]).with_columns(
        place=pl.col("visit").cast(pl.String).replace_strict(planned, default=None, return_dtype=pl.Int64)
    )
    seen = came.drop_nulls("place").group_by("subject_id").agg(visits=pl.col("place").n_unique(), last=pl.col("place").max() + 1)
    course = (
        pl.when(pl.col("visits") == len(planned))
        .then(pl.lit("every visit"))
        .when(pl.col("visits") == pl.col("last"))
        .then(pl.lit("left early"))
        .when(pl.col("visits") < pl.col("last"))
        .then(pl.lit("missed in between"))
        .otherwise(pl.lit("never rated"))
    )
    kinds = pl.Enum(["every visit", "left early", "missed in between", "never rated"])
    everyone = study.subjects.select("subject_id", "arm").join(seen, on="subject_id", how="left")
    return everyone.select("subject_id", "arm", attendance=course.cast(kinds)).sort("subject_id")


def _visits_after_baseline(study: Study, scale: str) -> list[str]:
    """Return the visits, in order, at which somebody was rated after day 0."""
    held = set(study.ratings.filter(scale=scale).filter(pl.col("day") > 0)["visit"].drop_nulls())
    return [visit for visit in study.visits if visit in held]


def diary(study: Study) -> pl.DataFrame:
    """Return what is known of each span of days: `subject_id, day, days, count`, spans of a subject never overlapping.

    Seizure types are added up; a span on which one type was recorded as missing is missing (count null). Where a source lists
    events and states the days under observation, the days between its events appear as spans with count 0. Days that no
    span covers are missing.
    """
    missing = pl.col("count").is_null().any()
    total = study.seizures.group_by("subject_id", "day", "days").agg(
        count=pl.when(~missing).then(pl.col("count").sum())
    )
    return pl.concat([total, _quiet_spans(total, study.observed)]).sort("subject_id", "day")


def _quiet_spans(records: pl.DataFrame, observed: pl.DataFrame) -> pl.DataFrame:
    """Return the days under observation that no record covers, as spans with count 0."""
    spans = observed.select("subject_id", "from_day", "to_day").sort("from_day")
    inside = (
        records.sort("day")
        .join_asof(spans, left_on="day", right_on="from_day", by="subject_id", check_sortedness=False)
        .filter(pl.col("day") <= pl.col("to_day"))
        .with_columns(end=pl.col("day") + pl.col("days") - 1)
    )
    unit = ["subject_id", "from_day"]
    before = inside.with_columns(since=pl.col("end").shift(1).over(unit, order_by="day").fill_null(pl.col("from_day") - 1) + 1)
    gaps = before.select("subject_id", pl.col("since").alias("day"), days=pl.col("day") - pl.col("since"))
    last = inside.group_by(unit).agg(end=pl.col("end").max())
    closing = spans.join(last, on=unit, how="left").with_columns(since=pl.col("end").fill_null(pl.col("from_day") - 1) + 1)
    tails = closing.select("subject_id", pl.col("since").alias("day"), days=pl.col("to_day") - pl.col("since") + 1)
    return pl.concat([gaps, tails]).filter(pl.col("days") > 0).with_columns(count=pl.lit(0, dtype=pl.Int64))


def seizures_in(study: Study, from_day: int, to_day: int) -> pl.DataFrame:
    """Return the seizures of one period: `subject_id, seizures, observed_days, rate28, last_observed`, one row a subject.

    Only days with a record count: `rate28` is 28 times the seizures over the observed days, null where there are none. A span
    without seizures counts with the days that lie in the period; a total with seizures counts only where it lies wholly in it.
    """
    end = pl.col("day") + pl.col("days") - 1
    quiet = pl.col("count") == 0
    within = (pl.col("day") >= from_day) & (end <= to_day)
    touching = (pl.col("day") <= to_day) & (end >= from_day)
    clipped = pl.min_horizontal(end, pl.lit(to_day)) - pl.max_horizontal("day", pl.lit(from_day)) + 1
    known = diary(study).drop_nulls("count").filter(within | (quiet & touching)).with_columns(days=clipped, end=end)
    sums = known.group_by("subject_id").agg(
        seizures=pl.col("count").sum(), observed_days=pl.col("days").sum(), last_observed=pl.col("end").max()
    )
    return (
        study.subjects.select("subject_id")
        .join(sums, on="subject_id", how="left")
        .with_columns(pl.col("seizures", "observed_days").fill_null(0))
        .with_columns(rate28=pl.when(pl.col("observed_days") > 0).then(28 * pl.col("seizures") / pl.col("observed_days")))
        .select("subject_id", "seizures", "observed_days", "rate28", pl.min_horizontal("last_observed", pl.lit(to_day)).alias("last_observed"))
        .sort("subject_id")
    )


def seizure_changes(study: Study, baseline_days: tuple[int, int], treatment_days: tuple[int, int]) -> pl.DataFrame:
    """Return both periods side by side, one row a subject, with covariates.

    Columns: `subject_id, arm, baseline_seizures, baseline_days, baseline_rate28, seizures, observed_days, rate28`,
    `percent_change` (100 (T - B) / B of the rates, negative is better, null where B is 0) and `response_ratio`
    (100 (T - B) / (T + B), null where both are 0). Days are inclusive.
    """
    before = seizures_in(study, *baseline_days).select(
        "subject_id", baseline_seizures="seizures", baseline_days="observed_days", baseline_rate28="rate28"
    )
    after = seizures_in(study, *treatment_days)
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
            "subject_id", "arm", "baseline_seizures", "baseline_days", "baseline_rate28", "seizures", "observed_days", "rate28",
            "last_observed", "percent_change", "response_ratio", *study.covariates,
        )
        .sort("subject_id")
    )
