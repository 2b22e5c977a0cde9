"""The courses of treatment: from when to when, and why they ended."""

from __future__ import annotations

import polars as pl

from cohort.records.derive import follow_up
from cohort.records.remembered import remembered
from cohort.records.study import Study

UNIT = ["subject_id", "treatment_no"]


@remembered
def courses(study: Study) -> pl.DataFrame:
    """Return the treatments, a combination in one row: `subject_id, treatment_no, start, stop, stop_reason, end`.

    A combination starts with its first drug and stops with its last; where several drugs were stopped on that day, for
    inefficacy and for intolerance, it was for both, else for the first of their reasons in the order of STOP_REASONS.
    `end` is the last day on which the course was followed: the stop, or the end of follow-up where it goes on.
    """
    stopped = pl.col("stop_day").is_not_null().all()
    combined = study.treatments.group_by(UNIT, maintain_order=True).agg(
        start=pl.col("start_day").min(),
        stop=pl.when(stopped).then(pl.col("stop_day").max()),
        stop_reason=pl.when(stopped).then(_last_reason(study.treatments.schema["stop_reason"])),
    )
    followed = combined.join(follow_up(study), on="subject_id", how="left")
    return with_end(followed).drop("last_day").sort(UNIT)


def with_end(units: pl.DataFrame) -> pl.DataFrame:
    """Return courses that have `start`, `stop` and `last_day` with their `end`."""
    last = pl.col("last_day").floor().cast(pl.Int64)
    return units.with_columns(end=pl.coalesce("stop", pl.max_horizontal("start", last)))


def _last_reason(reasons: pl.DataType) -> pl.Expr:
    last = pl.col("stop_reason").filter(pl.col("stop_day") == pl.col("stop_day").max())
    named = last.cast(pl.String)
    both = named.str.contains("inefficacy").any() & named.str.contains("intolerance").any()
    return pl.when(both).then(pl.lit("inefficacy and intolerance", dtype=reasons)).otherwise(last.min())
