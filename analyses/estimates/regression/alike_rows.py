"""EVENTS of any kind with covariates: rows that are alike in all that a regression reads, taken together and coded."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analyses.estimates.event_faults import check_columns, refuse_faults
from analyses.estimates.event_times import causes_note
from analyses.estimates.groups import require, text
from analyses.estimates.regression.coefficients import Coefficient
from analyses.estimates.regression.design import Design, design, factor_levels, variables
from analyses.estimates.weighting import weighting
from cohort.errors import EstimationError, some

Floats = NDArray[np.float64]
_TIMES = ("_entry", "_left", "_right")
# What these make of a value depends on how often the others occur.
_OF_ALL_ROWS = re.compile(r"\b(center|scale|poly|bs|cr)\s*\(")


@dataclass(frozen=True, eq=False)
class AlikeRows:
    """Checked rows; those alike in times, covariates and cluster are one line with their number.

    Attributes:
        frame: `_entry`, `_left`, `_right` (infinite where the time is right-censored), `_count`, the variables of the
            formula and `_cluster` where there are clusters; sorted, so that nothing depends on the order of the rows.
        design: The formula's columns, one row a line; None where the formula is "1".
        notes: What was left out, and what a reader must know.
    """

    frame: pl.DataFrame
    design: Design | None
    notes: tuple[str, ...]

    @property
    def matrix(self) -> Floats:
        """The covariates' columns, none of them where the formula is "1"."""
        return np.zeros((self.frame.height, 0)) if self.design is None else self.design.matrix

    @property
    def coefficients(self) -> tuple[Coefficient, ...]:
        """What the columns stand for."""
        return () if self.design is None else self.design.coefficients

    @property
    def count(self) -> Floats:
        """How many rows each line stands for."""
        return self.times("_count")

    @property
    def clusters(self) -> NDArray[np.int64] | None:
        """The number of each line's cluster, from 0; None without clusters."""
        if "_cluster" not in self.frame.columns:
            return None
        return self.frame["_cluster"].rank("dense").cast(pl.Int64).to_numpy() - 1

    @property
    def counts(self) -> dict[str, object]:
        """How many rows there are (`n`), and how many of them end with the event (`events`)."""
        ended = self.frame.filter(pl.col("_right").is_finite())
        return {"n": int(self.frame["_count"].sum()), "events": int(ended["_count"].sum())}

    def times(self, name: str) -> Floats:
        """Return `_entry`, `_left`, `_right` or `_count` as numbers."""
        return self.frame[name].cast(pl.Float64).to_numpy()


def alike_rows(
    data: pl.DataFrame,
    formula: str,
    *,
    cluster: str | None = None,
    frequency: str | None = None,
    coarsened: Callable[[pl.DataFrame], pl.DataFrame] | None = None,
) -> AlikeRows:
    """Return the rows of EVENTS (exact, right-, left- or interval-censored) with the formula's columns.

    Rows with a missing covariate or cluster are left out and counted. The formula "1" has no covariate. `coarsened`
    may change `_entry`, `_left` and `_right` before rows are found alike.

    Raises:
        EstimationError: Subjects repeat and `cluster` is not given; there are no events; frequencies or times cannot be
            used; a factor has one level or a covariate is constant or follows from others; the formula cannot be read.
    """
    check_columns(data)
    refuse_faults(data, intervals=True)
    alone = str(formula).strip() == "1"
    used = [] if alone else variables(formula, data.columns)
    kept = _frequent(data, frequency)
    _refuse_repeats(kept, cluster)
    kept, notes = _complete(kept, used, cluster)
    if not kept["right"].is_not_null().any():
        raise EstimationError(f"0 events among {int(kept['_count'].sum())} rows; nothing tells when the event comes")
    factors = factor_levels(kept, used)
    causes = kept["cause"].drop_nulls().unique().sort().to_list() if "cause" in kept.columns else []
    notes += [*_empty_levels(kept, factors), *causes_note(causes)]
    lines = _lines(kept, used, coarsened or _as_they_are)
    if cluster is not None:
        notes.append(_clusters(kept, cluster))
    if frequency is not None:
        notes.append(f"{frequency} says how many rows each row stands for")
    return AlikeRows(lines, None if alone else _design(lines, used, formula, factors), tuple(notes))


def informative(data: pl.DataFrame) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Return the rows that tell something of the times (not those censored on day 0), and a note on the others.

    Raises:
        EstimationError: A column is missing, or there are no rows.
    """
    check_columns(data)
    idle = data.filter((pl.col("left") == 0) & pl.col("right").is_null())
    if idle.height in (0, data.height):
        return data, ()
    kept = data.filter(~((pl.col("left") == 0) & pl.col("right").is_null()).fill_null(False))
    return kept, (f"{idle.height} of {data.height} rows are censored on day 0, tell nothing and are left out",)


def _frequent(data: pl.DataFrame, frequency: str | None) -> pl.DataFrame:
    weights = weighting(data, frequency, None)
    if weights.frequency is None:
        return data.with_columns(_count=pl.lit(1, dtype=pl.Int64))
    return data.with_columns(_count=pl.col(weights.frequency).cast(pl.Int64)).filter(pl.col("_count") > 0)


def _refuse_repeats(rows: pl.DataFrame, cluster: str | None) -> None:
    if cluster is not None:
        require(rows, [cluster], "the column to cluster by")
        return
    if rows["subject_id"].n_unique() == rows.height:
        return
    repeated = rows.filter(pl.col("subject_id").is_duplicated())["subject_id"].unique().sort()
    if len(repeated):
        raise EstimationError(
            f"{len(repeated)} subjects have more than one row ({some(repeated)}); rows of one subject are not "
            "independent and plain standard errors are too small: pass cluster='subject_id', or keep one row each"
        )


def _complete(rows: pl.DataFrame, used: Sequence[str], cluster: str | None) -> tuple[pl.DataFrame, list[str]]:
    """Return the rows that lack nothing, with `_cluster`, and a note on the others."""
    needed = list(dict.fromkeys([*used, *([cluster] if cluster else [])]))
    if cluster is not None:
        rows = rows.with_columns(text(rows[cluster]).alias("_cluster"))
    if not needed:
        return rows, []
    empty = {
        name: pl.col(name).is_null() | (pl.col(name).is_nan() if rows.schema[name].is_float() else False)
        for name in needed
    }
    kept = rows.filter(~pl.any_horizontal(empty.values()))
    if kept.height == rows.height:
        return rows, []
    total = int(rows["_count"].sum())
    gaps = {name: int(rows.filter(found)["_count"].sum()) for name, found in empty.items()}
    lacking = {name: gap for name, gap in gaps.items() if gap}
    if not kept.height:
        raise EstimationError(f"each of {total} rows lacks {some(lacking)}; none is left to fit")
    counted = ", ".join(f"{name} {gap}" for name, gap in lacking.items())
    left_out = total - int(kept["_count"].sum())
    return kept, [f"{left_out} of {total} rows were left out for missing values ({counted})"]


def _clusters(rows: pl.DataFrame, cluster: str) -> str:
    number, total = rows["_cluster"].n_unique(), int(rows["_count"].sum())
    if number < 2:
        raise EstimationError(
            f"all {total} rows lie in one cluster of {cluster!r}; robust errors need many: leave cluster out, or name "
            "the column of what is independent"
        )
    return f"{total} rows lie in {number} clusters of {cluster}"


def _empty_levels(rows: pl.DataFrame, factors: dict[str, list[str]]) -> list[str]:
    declared = {name: dtype.categories.to_list() for name in factors if isinstance(dtype := rows.schema[name], pl.Enum)}
    empty = {name: [level for level in found if level not in factors[name]] for name, found in declared.items()}
    return [
        f"{name} has no rows with {some(levels, 9)}; no coefficient is given"
        for name, levels in empty.items()
        if levels
    ]


def _as_they_are(timed: pl.DataFrame) -> pl.DataFrame:
    return timed


def _lines(rows: pl.DataFrame, used: Sequence[str], coarsened: Callable[[pl.DataFrame], pl.DataFrame]) -> pl.DataFrame:
    timed = rows.with_columns(
        pl.col("entry").cast(pl.Float64).alias("_entry"),
        pl.col("left").cast(pl.Float64).alias("_left"),
        pl.col("right").cast(pl.Float64).fill_null(float("inf")).alias("_right"),
    )
    keys = [*_TIMES, *used, *(["_cluster"] if "_cluster" in rows.columns else [])]
    return coarsened(timed).group_by(keys).agg(pl.col("_count").sum()).sort(keys)


def _design(lines: pl.DataFrame, used: Sequence[str], formula: str, factors: dict[str, list[str]]) -> Design:
    covariates = lines.select(used or ["_left"])
    if not _OF_ALL_ROWS.search(formula):
        return design(covariates, formula, factors)
    number = lines["_count"].to_numpy()
    each = np.repeat(np.arange(lines.height), number)
    whole = design(covariates[each], formula, factors)
    first = np.cumsum(number) - number
    return replace(whole, matrix=np.ascontiguousarray(whole.matrix[first]))
