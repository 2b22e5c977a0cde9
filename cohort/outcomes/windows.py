"""Seizure rates in windows of 28 days since the first drug, against the time before it."""

from __future__ import annotations

import polars as pl

WINDOW = 28


def lowered_windows(
    whole: pl.DataFrame,
    records: pl.DataFrame,
    *,
    baseline_days: int,
    min_observed: int,
    reduction: int,
    windows: int,
) -> pl.DataFrame:
    """Return `subject_id, baseline_known, lowered, partial`.

    `lowered` is the longest row of windows whose rate is lower than at baseline by `reduction` percent or more;
    `partial` says whether a row of `windows` or more holds a seizure. Counts and days are compared as whole numbers.

    Args:
        whole: `subject_id, start, end` of each subject's whole course.
        records: The diary.
        baseline_days: How many days before the start are the baseline, as far as records reach back.
        min_observed: Percentage of a window's and the baseline's days that must be recorded.
        reduction: The percentage.
        windows: How many in a row.
    """
    spans = whole.select("subject_id", "start", "end").join(
        records.select("subject_id", "day", "count", to_day=pl.col("day") + pl.col("days") - 1), on="subject_id"
    )
    before = _baseline(spans, baseline_days, min_observed)
    rates = _windows(spans).join(before, on="subject_id")
    observed = 100 * pl.col("days") >= min_observed * WINDOW
    low = 100 * pl.col("seizures") * pl.col("base_days") <= (100 - reduction) * pl.col("base_seizures") * pl.col("days")
    lowered = rates.filter(observed & low & (pl.col("base_seizures") > 0)).sort("subject_id", "window")
    row = pl.col("window") - pl.int_range(pl.len()).over("subject_id")
    rows = (
        lowered.with_columns(row=row).group_by("subject_id", "row").agg(pl.len().alias("n"), pl.col("seizures").sum())
    )
    enough = (pl.col("n") >= windows) & (pl.col("seizures") > 0)
    found = rows.group_by("subject_id").agg(lowered=pl.col("n").max().cast(pl.Int64), partial=enough.any())
    units = whole.select("subject_id").join(
        before.select("subject_id", baseline_known=pl.lit(True)), on="subject_id", how="left"
    )
    return units.join(found, on="subject_id", how="left").with_columns(
        pl.col("baseline_known", "partial").fill_null(False), pl.col("lowered").fill_null(0)
    )


def _baseline(spans: pl.DataFrame, baseline_days: int, min_observed: int) -> pl.DataFrame:
    """Return the seizures and recorded days of each baseline that is known well enough."""
    opens = pl.max_horizontal(pl.col("day").min().over("subject_id"), pl.col("start") - baseline_days)
    timed = spans.with_columns(opens=opens, closes=pl.col("start") - 1)
    known = (
        _within(timed, "opens", "closes")
        .group_by("subject_id")
        .agg(
            base_seizures=pl.col("count").sum(),
            base_days=pl.col("days").sum(),
            span=(pl.col("closes") - pl.col("opens") + 1).first(),
        )
    )
    enough = (100 * pl.col("base_days") >= min_observed * pl.col("span")) & (pl.col("base_days") >= WINDOW)
    return known.filter(enough).drop("span")


def _windows(spans: pl.DataFrame) -> pl.DataFrame:
    """Return the seizures and recorded days of each whole window: `subject_id, window, seizures, days`."""
    first = pl.max_horizontal((pl.col("day") - pl.col("start")) // WINDOW, 0)
    last = pl.min_horizontal(
        (pl.col("to_day") - pl.col("start")) // WINDOW, (pl.col("end") - pl.col("start") + 1) // WINDOW - 1
    )
    each = spans.with_columns(window=pl.int_ranges(first, last + 1)).explode("window").drop_nulls("window")
    opens = pl.col("start") + WINDOW * pl.col("window")
    timed = each.with_columns(opens=opens, closes=opens + WINDOW - 1)
    return (
        _within(timed, "opens", "closes")
        .group_by("subject_id", "window")
        .agg(seizures=pl.col("count").sum(), days=pl.col("days").sum())
    )


def _within(spans: pl.DataFrame, opens: str, closes: str) -> pl.DataFrame:
    """Return the recorded spans with their `days` in a period; one with seizures only where it lies wholly in it."""
    days = pl.min_horizontal("to_day", closes) - pl.max_horizontal("day", opens) + 1
    wholly = (pl.col("day") >= pl.col(opens)) & (pl.col("to_day") <= pl.col(closes))
    counted = spans.drop_nulls("count").with_columns(days=days).filter(pl.col("days") > 0)
    return counted.filter((pl.col("count") == 0) | wholly)
