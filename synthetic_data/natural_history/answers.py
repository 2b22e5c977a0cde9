"""The true values of untreated diaries."""

from __future__ import annotations

from math import exp, log
from typing import TYPE_CHECKING

import polars as pl

from synthetic_data.estimands import true_values

if TYPE_CHECKING:
    from synthetic_data.natural_history.truth import NaturalHistoryTruth

RATE = "expected seizures per 28 days"


def natural_history_estimates(truth: NaturalHistoryTruth) -> pl.DataFrame:
    """Return the mean and the quartiles of the subjects' expected rates; see `NaturalHistoryTruth.estimates`."""
    from scipy.special import ndtr, ndtri

    diary = truth.diary
    mean, sd, written = diary.log_rate_mean + log(28 / 30), diary.log_rate_sd, 1 - diary.under_reporting
    floor = (log(diary.rate_floor) - mean) / sd if diary.rate_floor else -float("inf")
    above = float(ndtr(-floor))
    average = exp(mean + sd**2 / 2) * float(ndtr(sd - floor)) / above
    rows: list[dict[str, object]] = [{"statistic": "mean", "estimate": written * average}]
    for share in (0.25, 0.5, 0.75):
        rate = exp(mean - sd * float(ndtri(above * (1 - share))))
        rows.append({"statistic": "quantile", "at": share, "estimate": written * rate})
    return true_values({"criterion": RATE, **row} for row in rows)
