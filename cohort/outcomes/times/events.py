"""What every clock shares: late entry, competing reasons for stopping, and how times become EVENTS."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import polars as pl

from cohort.outcomes.treatments.courses import courses
from cohort.records.study import Study
from cohort.schemas import EVENTS

Timing = Literal["first visit", "interval"]


def first_stop(study: Study, compete: Sequence[str]) -> pl.DataFrame:
    """Return each subject's first stop after day 0 for a competing reason: `subject_id, stop, stop_reason`."""
    stops = courses(study).filter(competing(compete) & (pl.col("stop") > 0)).sort("subject_id", "stop", "treatment_no")
    return stops.group_by("subject_id", maintain_order=True).first().select("subject_id", "stop", "stop_reason")


def competing(compete: Sequence[str]) -> pl.Expr:
    """Return whether a course was stopped for a competing reason."""
    either = {"inefficacy", "intolerance"} & set(compete)
    reasons = [*compete, *(["inefficacy and intolerance"] if either else [])]
    return pl.col("stop_reason").cast(pl.String).is_in(reasons).fill_null(False)


def events(study: Study, units: pl.DataFrame) -> pl.DataFrame:
    """Return EVENTS of units with `start, until, cause`, and `since` where the event lies between it and `until`."""
    number = [pl.col("treatment_no")] if "treatment_no" in units.columns else []
    start = pl.col("start")
    late = units.join(study.subjects.select("subject_id", "first_day"), on="subject_id", how="left").with_columns(
        entry=pl.max_horizontal(pl.lit(0), pl.col("first_day") - start).cast(pl.Float64),
        until=(pl.col("until") - start).cast(pl.Float64),
    )
    since = (pl.col("since") - start).cast(pl.Float64) if "since" in units.columns else pl.lit(None, dtype=pl.Float64)
    frame = late.filter((pl.col("entry") == 0) | (pl.col("until") > pl.col("entry"))).select(
        "subject_id",
        *number,
        "entry",
        "cause",
        pl.lit(1, dtype=pl.Int64).alias("event_no"),
        left=pl.when(since.is_not_null()).then(pl.max_horizontal(since, "entry")).otherwise("until"),
        right=pl.when(pl.col("cause").is_not_null()).then("until"),
    )
    return EVENTS.conform(frame)
