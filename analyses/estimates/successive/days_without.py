"""Days that subjects spent in treatments which did not bring the outcome."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analyses.estimates.successive.treatment_events import NUMBER, SUBJECT

Row = dict[str, object]
Floats = NDArray[np.float64]


def days_without_rows(rows: pl.DataFrame, cause: str, z: float) -> Iterator[Row]:
    """Return the rows "days without success" of one cohort, sorted by subject and treatment number."""
    numbers = rows[NUMBER].unique().sort().to_numpy()
    who = rows[SUBJECT].rle_id().cast(pl.Int64).to_numpy()
    place = np.searchsorted(numbers, rows[NUMBER].to_numpy())
    reached = (rows["cause"].cast(pl.String) == cause).fill_null(value=False).to_numpy()
    spent = (rows["left"] - rows["entry"]).cast(pl.Float64).to_numpy()
    days, tried = np.zeros((who[-1] + 1, len(numbers))), np.zeros((who[-1] + 1, len(numbers)), dtype=bool)
    days[who, place], tried[who, place] = np.where(reached, 0.0, spent), True
    upto = np.cumsum(days, axis=1)
    for k, number in enumerate(numbers.tolist()):
        own = tried[:, k]
        failed = int((tried[:, k] & (days[:, k] > 0)).sum())
        named: Row = {"statistic": "days without success", "group": str(number), "events": failed}
        yield named | {"term": "on this treatment"} | _mean(days[own, k], z)
        yield named | {"term": "total on this treatment"} | _total(days[own, k], z)
        yield named | {"term": "before this treatment"} | _mean(upto[own, k] - days[own, k], z)
        yield named | {"term": "up to this treatment"} | _mean(upto[own, k], z)
        yield named | {"term": "up to this treatment, whole cohort"} | _mean(upto[:, k], z)


def _mean(values: Floats, z: float) -> Row:
    """Return a mean over subjects; no error where there is one subject."""
    n = len(values)
    mean = math.fsum(values.tolist()) / n
    if n < 2:
        return {"estimate": mean, "n": n}
    error = math.sqrt(math.fsum(((values - mean) ** 2).tolist()) / (n - 1) / n)
    return {
        "estimate": mean,
        "std_error": error,
        "conf_low": max(mean - z * error, 0.0),
        "conf_high": mean + z * error,
        "n": n,
    }


def _total(values: Floats, z: float) -> Row:
    found = _mean(values, z)
    return {name: value * len(values) if name != "n" else value for name, value in found.items()}  # type: ignore[operator]
