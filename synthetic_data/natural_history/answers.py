"""The true values of untreated diaries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from synthetic_data.diary.expected import rate_mean, rate_quantile
from synthetic_data.estimands import true_values

if TYPE_CHECKING:
    from synthetic_data.natural_history.truth import NaturalHistoryTruth

RATE = "expected seizures per 28 days"


def natural_history_estimates(truth: NaturalHistoryTruth) -> pl.DataFrame:
    """Return the mean and the quartiles of the subjects' expected rates; see `NaturalHistoryTruth.estimates`."""
    diary, written = truth.diary, 1 - truth.diary.under_reporting
    rows: list[dict[str, object]] = [{"statistic": "mean", "estimate": written * rate_mean(diary)}]
    for share in (0.25, 0.5, 0.75):
        rows.append({"statistic": "quantile", "at": share, "estimate": written * rate_quantile(diary, share)})
    return true_values({"criterion": RATE, **row} for row in rows)
