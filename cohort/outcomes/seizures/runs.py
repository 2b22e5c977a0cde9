"""Runs of days without seizures under each treatment, and the longest interval between seizures before it."""

from __future__ import annotations

import polars as pl

from cohort.criteria import SeizureFreedom
from cohort.outcomes.treatments.courses import UNIT, courses
from cohort.records.derive import diary
from cohort.records.study import Study


def with_threshold(study: Study, criterion: SeizureFreedom, records: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return the courses with `before`, `interval` and `threshold`, all in days, by the seizures of the diary.

    `records` is the diary where it has been made already.

    The interval is the longest before the day `before` (the start of the course, or of the subject's first one, as the
    criterion says), null where it is undefined.
    """
    treatments = with_looked_from(courses(study), criterion)
    looked_from = treatments.select(*UNIT, start="before")
    known = diary(study) if records is None else records
    intervals = longest_interval_before(looked_from, known, criterion.lookback_days)
    return with_needed(treatments.join(intervals, on=UNIT, how="left"), criterion)


def with_looked_from(units: pl.DataFrame, criterion: SeizureFreedom) -> pl.DataFrame:
    """Return the courses with `before`: the day before which their interval is looked for."""
    before = pl.col("start") if criterion.interval_before == "each treatment" else pl.col("start").min()
    return units.with_columns(before=before.over("subject_id"))


def with_needed(units: pl.DataFrame, criterion: SeizureFreedom) -> pl.DataFrame:
    """Return courses that have an `interval` with their `threshold`: how many days a run must last."""
    needed = pl.max_horizontal(pl.lit(criterion.min_days), criterion.times * pl.col("interval"))
    return units.with_columns(threshold=needed.cast(pl.Int64))


def longest_interval_before(treatments: pl.DataFrame, records: pl.DataFrame, lookback_days: int) -> pl.DataFrame:
    """Return `subject_id, treatment_no, interval`: the longest time between consecutive seizures in the look-back.

    Seizures on one day are one. With fewer than two in the look-back, the time between the last two ever; with fewer
    still, null. A total over several days may hold its seizures anywhere in it, so the longest interval that it allows
    is taken.
    """
    seizures = (
        treatments.select(*UNIT, "start")
        .join(records.filter(pl.col("known") > 0), on="subject_id")
        .with_columns(end=pl.col("day") + pl.col("days") - 1, apart=pl.min_horizontal("known", "days"))
        .filter(pl.col("end") < pl.col("start"))
        .sort(*UNIT, "day")
    )
    recent = _longest(seizures.filter(pl.col("day") >= pl.col("start") - lookback_days))
    joined = _last(seizures).join(recent, on=UNIT, how="left")
    return joined.select(*UNIT, interval=pl.coalesce("longest", "last"))


def _longest(seizures: pl.DataFrame) -> pl.DataFrame:
    """Return the longest interval that each unit's records allow; null with fewer than two seizures."""
    between = pl.col("end") - pl.col("day").shift(1).over(UNIT)
    within = pl.when(pl.col("apart") > 1).then(pl.col("days") - 1)
    gaps = seizures.with_columns(gap=pl.max_horizontal(between, within))
    return gaps.group_by(UNIT).agg(longest=pl.col("gap").max())


def _last(seizures: pl.DataFrame) -> pl.DataFrame:
    """Return the longest time that each unit's records allow between the last two seizures; null with fewer."""
    records = seizures.group_by(UNIT, maintain_order=True).agg(
        pl.col("day", "end", "days", "apart").last(), previous=pl.col("day").shift(1).last()
    )
    within = pl.when(pl.col("apart") > 1).then(pl.col("days") - 1)
    return records.select(*UNIT, last=pl.coalesce(within, pl.col("end") - pl.col("previous")))


def free_runs(units: pl.DataFrame, records: pl.DataFrame, criterion: SeizureFreedom) -> pl.DataFrame:
    """Return every run without seizures under every course.

    Args:
        units: Courses with `start, end, threshold`.
        records: The diary.
        criterion: How long a gap a run may span, and how much of it must be recorded.

    Returns:
        `subject_id, treatment_no, since, until, observed, completed`: a run lasts `until - since` days, counted from
        the start of the treatment or the last seizure (after a long gap: from the first day recorded again); `observed`
        of the days after `since` were recorded; `completed` is the first day on which it sufficed, null if none.
    """
    recorded = recorded_under(units, records).join(units.select(*UNIT, "threshold"), on=UNIT)
    quiet = _in_runs(recorded, criterion).filter(~pl.col("seizure"))
    # A run is made of the days after `since`, so the day `since` itself, recorded or not, is none of them.
    counted = quiet.with_columns(first=pl.max_horizontal("day", pl.col("since") + 1))
    counted = counted.with_columns(days=pl.col("end") - pl.col("first") + 1)
    before = pl.col("days").cum_sum().over(*UNIT, "run", order_by="day") - pl.col("days")
    reached = counted.with_columns(sufficient=_first_sufficient_day(before, criterion.min_observed))
    return reached.group_by(*UNIT, "run").agg(
        since=pl.col("since").first(),
        until=pl.col("end").max(),
        observed=pl.col("days").sum(),
        completed=pl.col("sufficient").filter(pl.col("sufficient") <= pl.col("end")).min(),
    )


def _in_runs(spans: pl.DataFrame, criterion: SeizureFreedom) -> pl.DataFrame:
    """Return the spans with the number of their run and the day `since` which it is counted."""
    ordered = spans.sort(*UNIT, "day")
    previous = pl.col("end").shift(1).over(UNIT)
    after_gap = pl.col("day") - previous.fill_null(pl.col("start") - 1) - 1 > criterion.max_gap_days
    after_seizure = pl.col("seizure").shift(1).over(UNIT).fill_null(False)
    since = (
        pl.when(after_gap).then("day").when(after_seizure).then(previous).when(previous.is_null()).then(pl.col("start"))
    )
    begun = ordered.with_columns(since=since)
    return begun.with_columns(
        run=pl.col("since").is_not_null().cum_sum().over(UNIT), since=pl.col("since").forward_fill().over(UNIT)
    )


def _first_sufficient_day(before: pl.Expr, percent: int) -> pl.Expr:
    """Return the first day of a quiet span on which its run is both long enough and recorded well enough.

    On day e the run has lasted e - since days, of which before + e - first + 1 were recorded. Recorded well enough
    means 100 (before + e - first + 1) >= p (e - since); solved for e in whole numbers.
    """
    long_enough = pl.col("since") + pl.col("threshold")
    if percent == 100:
        complete = before - pl.col("first") + 1 >= -pl.col("since")
        return pl.when(complete).then(pl.max_horizontal(long_enough, "first"))
    lacking = 100 * (pl.col("first") - 1 - before) - percent * pl.col("since")
    well_recorded = -((-lacking) // (100 - percent))
    return pl.max_horizontal(long_enough, well_recorded, "first")


def recorded_under(units: pl.DataFrame, records: pl.DataFrame) -> pl.DataFrame:
    """Return the recorded spans that touch each course, clipped to it, in the order of their days.

    Adds `seizure` (the span holds some), `wholly` (it lies in the course) and `from_before` (it began before it). A
    total with seizures that lies only partly in the course breaks a run, since the seizures may be in that part, but is
    no seizure under the treatment.
    """
    start, last = pl.col("start"), pl.col("last")
    spans = (
        units.select(*UNIT, "start", last="end")
        .join(records.filter(pl.col("count").is_not_null() | (pl.col("known") > 0)), on="subject_id")
        .with_columns(end=pl.col("day") + pl.col("days") - 1, seizure=pl.col("known") > 0)
        .filter((pl.col("end") >= start) & (pl.col("day") <= last))
        .with_columns(wholly=(pl.col("day") >= start) & (pl.col("end") <= last), from_before=pl.col("day") < start)
    )
    clipped = spans.with_columns(day=pl.max_horizontal("day", "start"), end=pl.min_horizontal("end", "last"))
    return clipped.with_columns(days=pl.col("end") - pl.col("day") + 1).sort(*UNIT, "day")
