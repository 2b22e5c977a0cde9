"""Seizure rates in windows of 28 days since the first drug, against the time before it."""

from __future__ import annotations

import polars as pl

WINDOW = 28


def lowered_windows(
    whole: pl.DataFrame,
    records: pl.DataFrame,
    free: pl.DataFrame,
    *,
    baseline_days: int,
    min_observed: int,
    reduction: int,
    windows: int,
) -> pl.DataFrame:
    """Return `subject_id, baseline_known, lowered, partial`.

    `lowered` is the longest row of windows whose rate is lower than at baseline by `reduction` percent or more, those
    wholly inside a run without seizures left out; `partial` says whether it has `windows` or more. Counts and days are
    compared as whole numbers.

    Args:
        whole: `subject_id, start, end` of each subject's whole course.
        records: The diary.
        free: `subject_id, since, until` of the runs without seizures that are no partial response.
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
    lowered = rates.filter(observed & low & (pl.col("base_seizures") > 0))
    lowered = lowered.join(_inside(lowered, free), on=["subject_id", "window"], how="anti").sort("subject_id", "window")
    row = pl.col("window") - pl.int_range(pl.len()).over("subject_id")
    rows = lowered.with_columns(row=row).group_by("subject_id", "row").agg(n=pl.len().cast(pl.Int64))
    found = rows.group_by("subject_id").agg(lowered=pl.col("n").max())
    known = before.select("subject_id", baseline_known=pl.lit(True))
    units = whole.select("subject_id").join(known, on="subject_id", how="left")
    units = units.join(found, on="subject_id", how="left").with_columns(
        pl.col("baseline_known").fill_null(False), pl.col("lowered").fill_null(0)
    )
    return units.with_columns(partial=pl.col("lowered") >= windows)


def _inside(rates: pl.DataFrame, free: pl.DataFrame) -> pl.DataFrame:
    """Return the windows that lie wholly inside a run without seizures."""
    within = (pl.col("since") <= pl.col("opens")) & (pl.col("until") >= pl.col("opens") + WINDOW - 1)
    quiet = rates.filter(seizures=0).join(free.select("subject_id", "since", "until"), on="subject_id")
    return quiet.filter(within).select("subject_id", "window")


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
    """Return the seizures and recorded days of each whole window: `subject_id, window, opens, seizures, days`."""
    first = pl.max_horizontal((pl.col("day") - pl.col("start")) // WINDOW, 0)
    last = pl.min_horizontal(
        (pl.col("to_day") - pl.col("start")) // WINDOW, (pl.col("end") - pl.col("start") + 1) // WINDOW - 1
    )
    each = spans.with_columns(window=pl.int_ranges(first, last + 1)).explode("window").drop_nulls("window")
    opens = pl.col("start") + WINDOW * pl.col("window")
    timed = each.with_columns(opens=opens, closes=opens + WINDOW - 1)
    return (
        _within(timed, "opens", "closes")
        .group_by("subject_id", "window", "opens")
        .agg(seizures=pl.col("count").sum(), days=pl.col("days").sum())
    )


def _within(spans: pl.DataFrame, opens: str, closes: str) -> pl.DataFrame:
    """Return the recorded spans with their `days` in a period; one with seizures only where it lies wholly in it."""
    days = pl.min_horizontal("to_day", closes) - pl.max_horizontal("day", opens) + 1
    wholly = (pl.col("day") >= pl.col(opens)) & (pl.col("to_day") <= pl.col(closes))
    counted = spans.drop_nulls("count").with_columns(days=days).filter(pl.col("days") > 0)
    return counted.filter((pl.col("count") == 0) | wholly)
