"""Freedom from seizures since the first drug, over all treatments and the time between them."""

from __future__ import annotations

import polars as pl

from cohort.criteria.seizures import SeizureFreedom
from cohort.outcomes.seizures.runs import free_runs, longest_interval_before, recorded_under
from cohort.outcomes.treatments.courses import UNIT, courses
from cohort.records.derive import follow_up
from cohort.records.study import Study


def whole_courses(study: Study, kinds: tuple[str, ...] = ()) -> pl.DataFrame:
    """Return one row a treated subject: `subject_id, treatment_no` (0), `start, end`, from the first treatment on.

    Args:
        study: The study.
        kinds: Which treatments begin the course, such as ("drug",); none named is all.
    """
    treatments = study.treatments
    if kinds:
        treatments = treatments.filter(pl.col("kind").cast(pl.String).is_in(kinds))
    first = treatments.group_by("subject_id").agg(start=pl.col("start_day").min())
    last = follow_up(study).select("subject_id", end=pl.col("last_day").floor().cast(pl.Int64))
    ends = courses(study).group_by("subject_id").agg(stop=pl.col("stop").max())
    whole = first.join(last, on="subject_id", how="left").join(ends, on="subject_id", how="left")
    end = pl.max_horizontal("start", pl.coalesce("end", "stop"))
    return whole.select("subject_id", pl.lit(0, dtype=pl.Int64).alias("treatment_no"), "start", end.alias("end")).sort(
        "subject_id"
    )


def whole_runs(units: pl.DataFrame, records: pl.DataFrame, freedom: SeizureFreedom) -> pl.DataFrame:
    """Return every run without seizures in the whole courses, with `lost`: the first seizure after it, null if none.

    A run suffices (`completed`) after `freedom.min_days` or so many times the longest interval before the first drug.
    """
    intervals = longest_interval_before(units, records, freedom.lookback_days)
    needed = pl.max_horizontal(pl.lit(freedom.min_days), freedom.times * pl.col("interval")).cast(pl.Int64)
    timed = units.join(intervals, on=UNIT, how="left").with_columns(threshold=needed)
    seizures = recorded_under(units, records).filter(pl.col("seizure")).select(*UNIT, "day", lost="end").sort("day")
    return (
        free_runs(timed, records, freedom)
        .sort("until")
        .join_asof(
            seizures,
            left_on="until",
            right_on="day",
            by=UNIT,
            strategy="forward",
            allow_exact_matches=False,
            check_sortedness=False,
        )
        .drop("run", "day")
        .sort(*UNIT, "since")
    )


def longest_unseen(units: pl.DataFrame, records: pl.DataFrame) -> pl.DataFrame:
    """Return `subject_id, recorded, possible`: the days between known seizures in which a run may lie at most."""
    under = recorded_under(units, records)
    seizures = under.filter(pl.col("seizure") & pl.col("wholly")).select(*UNIT, day=pl.col("day") - 1, until="end")
    edges = pl.concat(
        [
            seizures,
            units.select(*UNIT, day="start", until="start"),
            units.select(*UNIT, day=pl.col("end"), until=pl.col("end")),
        ]
    ).sort(*UNIT, "day", "until")
    between = edges.with_columns(days=pl.col("day") - pl.col("until").shift(1).over(UNIT))
    longest = between.group_by("subject_id").agg(possible=pl.col("days").max().fill_null(0))
    seen = under.group_by("subject_id").agg(recorded=pl.len() > 0)
    return longest.join(seen, on="subject_id", how="left").with_columns(pl.col("recorded").fill_null(False))
