"""Runs of days without seizures under each treatment, and the longest interval between seizures before it."""

from __future__ import annotations

import polars as pl

from cohort.criteria import SeizureFreedom
from cohort.outcomes.retention import courses
from cohort.records.derive import diary
from cohort.records.study import Study

UNIT = ["subject_id", "treatment_no"]


def with_threshold(study: Study, criterion: SeizureFreedom) -> pl.DataFrame:
    """Return the courses with `interval` (longest before the start, null where undefined) and `threshold` in days."""
    treatments = courses(study)
    intervals = longest_interval_before(treatments, diary(study), criterion.lookback_days)
    joined = treatments.join(intervals, on=UNIT, how="left")
    needed = pl.max_horizontal(pl.lit(criterion.min_days), criterion.times * pl.col("interval"))
    return joined.with_columns(threshold=needed.cast(pl.Int64))


def longest_interval_before(treatments: pl.DataFrame, records: pl.DataFrame, lookback_days: int) -> pl.DataFrame:
    """Return `subject_id, treatment_no, interval`: the longest time between consecutive seizures in the look-back.

    With fewer than two seizures there, the time between the last two ever; with fewer still, null. A total over several days
    may hold its seizures anywhere in it, so the longest interval that it allows is taken.
    """
    seizures = (
        treatments.select(*UNIT, "start")
        .join(records.filter(pl.col("count") > 0), on="subject_id")
        .with_columns(end=pl.col("day") + pl.col("days") - 1)
        .filter(pl.col("end") < pl.col("start"))
    )
    recent = _longest(seizures.filter(pl.col("day") >= pl.col("start") - lookback_days))
    ever = _longest(seizures.sort("day").group_by(UNIT, maintain_order=True).tail(2))
    both = ever.join(recent, on=UNIT, how="left", suffix="_recent")
    enough, enough_ever = pl.col("seizures_recent") >= 2, pl.col("seizures") >= 2
    interval = pl.when(enough).then("longest_recent").when(enough_ever).then("longest")
    return both.select(*UNIT, interval=interval)


def _longest(seizures: pl.DataFrame) -> pl.DataFrame:
    """Return the longest interval of each unit's seizure records, and how many seizures they hold."""
    ordered = seizures.sort(*UNIT, "day")
    between = (pl.col("end") - pl.col("day").shift(1).over(UNIT)).fill_null(0)
    within = pl.when(pl.col("count") > 1).then(pl.col("days") - 1).otherwise(0)
    return ordered.with_columns(gap=pl.max_horizontal(between, within)).group_by(UNIT).agg(
        longest=pl.col("gap").max(), seizures=pl.col("count").sum()
    )


def free_runs(units: pl.DataFrame, records: pl.DataFrame, criterion: SeizureFreedom) -> pl.DataFrame:
    """Return every run without seizures under every course.

    Args:
        units: Courses with `start, end, threshold`.
        records: The diary.
        criterion: How long a gap a run may span, and how much of it must be recorded.

    Returns:
        `subject_id, treatment_no, since, until, observed, completed`: a run lasts `until - since` days, counted from the start
        of the treatment or the last seizure (after a long gap: from the first day recorded again); `completed` is the first
        day on which it sufficed, null if none.
    """
    spans = _spans_under_treatment(units, records)
    ordered = spans.sort(*UNIT, "day")
    previous = pl.col("end").shift(1).over(UNIT)
    after_gap = pl.col("day") - previous.fill_null(pl.col("start") - 1) - 1 > criterion.max_gap_days
    after_seizure = pl.col("seizure").shift(1).over(UNIT).fill_null(False)
    first = pl.int_range(pl.len()).over(UNIT) == 0
    since = pl.when(after_gap).then("day").when(after_seizure).then(previous).when(first).then("start")
    marked = ordered.with_columns(since=since).with_columns(
        run=pl.col("since").is_not_null().cum_sum().over(UNIT), since=pl.col("since").forward_fill().over(UNIT)
    )
    quiet = marked.filter(~pl.col("seizure"))
    before = pl.col("days").cum_sum().over(*UNIT, "run") - pl.col("days")
    reached = quiet.with_columns(first_day=_first_sufficient_day(before, criterion))
    return reached.group_by(*UNIT, "run").agg(
        since=pl.col("since").first(),
        until=pl.col("end").max(),
        observed=pl.col("days").sum(),
        completed=pl.col("first_day").filter(pl.col("first_day") <= pl.col("end")).min(),
    )


def _first_sufficient_day(observed_before: pl.Expr, criterion: SeizureFreedom) -> pl.Expr:
    """Return the first day of a quiet span on which its run is both long enough and recorded well enough.

    On day e the run has lasted e - since days, of which observed_before + e - day + 1 were recorded. Recorded well enough means
    100 (observed_before + e - day + 1) >= p (e - since); solved for e in whole numbers.
    """
    percent = criterion.min_observed
    long_enough = pl.col("since") + pl.col("threshold")
    if percent == 100:
        complete = observed_before - pl.col("day") + 1 >= -pl.col("since")
        return pl.when(complete).then(pl.max_horizontal(long_enough, "day"))
    lacking = 100 * (pl.col("day") - 1 - observed_before) - percent * pl.col("since")
    well_recorded = -((-lacking) // (100 - percent))
    return pl.max_horizontal(long_enough, well_recorded, "day")


def _spans_under_treatment(units: pl.DataFrame, records: pl.DataFrame) -> pl.DataFrame:
    """Return the recorded spans that lie under each course; a quiet span is clipped to it, a total that straddles it is not used."""
    spans = (
        units.select(*UNIT, "start", "threshold", last="end")
        .join(records.drop_nulls("count"), on="subject_id")
        .with_columns(end=pl.col("day") + pl.col("days") - 1, seizure=pl.col("count") > 0)
        .filter((pl.col("end") >= pl.col("start")) & (pl.col("day") <= pl.col("last")))
    )
    wholly = (pl.col("day") >= pl.col("start")) & (pl.col("end") <= pl.col("last"))
    clipped = spans.filter(wholly | ~pl.col("seizure")).with_columns(
        day=pl.max_horizontal("day", "start"), end=pl.min_horizontal("end", "last")
    )
    return clipped.with_columns(days=pl.col("end") - pl.col("day") + 1)
