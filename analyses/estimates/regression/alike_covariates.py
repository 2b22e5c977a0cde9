"""Many rows with few different covariates and days, taken together: their numbers are those of the rows, exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analyses.estimates.regression.cox_rows import UsableRows
from analyses.estimates.weighting import Weighting

COUNT = "_count"
# Below so many rows taking them together saves nothing; nor where more than this share of them remains.
MANY, SHARE = 10_000, 0.25
GLANCE = 20_000
# Whole numbers beyond this, and more codes than this times the rows, are not counted by code.
LARGE, MOST = 1_000_000, 4


def together_where_alike(rows: UsableRows, used: Sequence[str], strata: Sequence[str]) -> UsableRows:
    """Return rows that stand for all with the same times and covariates; the rows themselves where few are alike.

    Whether that is done does not depend on the order of the rows.
    """
    frame = rows.frame
    keys = list(dict.fromkeys(["left", "entry", *used, *strata]))
    if rows.cluster is not None or rows.weights.case_weights is not None or not _few(frame, keys):
        return rows
    size = pl.len() if rows.weights.frequency is None else pl.col(rows.weights.frequency).sum()
    counted = _by_code(frame, keys) if rows.weights.frequency is None else None
    if counted is None:
        ended = pl.col("right").is_not_null().alias("_ended")
        counted = frame.lazy().group_by([*keys, ended]).agg(size.cast(pl.Int64).alias(COUNT)).collect()
        counted = counted.with_columns(right=pl.when("_ended").then("left"))
    stratum = rows.stratum
    if strata:
        names = pl.Series(rows.strata)
        told = counted.select(strata).select(pl.concat_str(pl.all().cast(pl.String), separator=", ")).to_series()
        stratum = told.replace_strict(names, np.arange(len(names)), return_dtype=pl.Int64).to_numpy()
    return replace(
        rows, frame=counted, order=np.zeros(0, dtype=np.int64), weights=Weighting(frequency=COUNT), stratum=stratum
    )


def _by_code(frame: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame | None:
    """Return rows counted by adding up alone; None where some value is no small whole number."""
    code: NDArray[np.int64] = frame["right"].is_not_null().to_numpy().astype(np.int64)
    size = 2
    for name in keys:
        part = _code(frame[name])
        if part is None:
            return None
        number = int(part.max()) + 1
        size *= number
        if size > MOST * frame.height:
            return None
        code = code * number + part
    counts = np.bincount(code)
    held = np.flatnonzero(counts)
    # Any row of a code stands for the others.
    example = np.empty(len(counts), dtype=np.int64)
    example[code] = np.arange(frame.height)
    return frame.select(*keys, "right")[example[held]].with_columns(pl.Series(COUNT, counts[held], dtype=pl.Int64))


def _code(values: pl.Series) -> NDArray[np.int64] | None:
    """Return small whole numbers that tell values apart."""
    if isinstance(values.dtype, pl.Enum):
        return values.to_physical().to_numpy().astype(np.int64)
    if not (values.dtype.is_integer() or values.dtype.is_float()):
        return None
    found = values.to_numpy()
    least, most = float(found.min()), float(found.max())
    if not (abs(least) < LARGE and abs(most) < LARGE):
        return None
    whole = found.astype(np.int64)
    return whole - int(least) if np.array_equal(whole, found) else None


def _few(frame: pl.DataFrame, keys: Sequence[str]) -> bool:
    """Return whether the values that occur can make few different rows alone."""
    if frame.height < MANY:
        return False
    allowed, possible = SHARE * frame.height, 2
    # A glance at some rows can but show that there are too many values; then the others need not be looked at.
    for some in (frame.head(GLANCE), frame):
        possible = 2
        for name in keys:
            possible *= _distinct(some[name])
            if possible > allowed:
                return False
    return True


def _distinct(values: pl.Series) -> int:
    if isinstance(values.dtype, pl.Enum):
        return max(len(values.dtype.categories), 1)
    if values.dtype.is_numeric() and values.min() == values.max():
        return 1
    return values.n_unique()
