"""Counts by treatment number and pattern of covariates, and the regression columns that stand for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analyses.estimates.groups import require
from analyses.estimates.regression.binomial_fit import Floats
from analyses.estimates.successive.counts import counting_notes, patterns
from analyses.estimates.successive.covariate_columns import Coefficient, Columns, coded
from analyses.estimates.successive.pattern_rows import COUNTS
from cohort.errors import EstimationError, some

Number = Literal["line", "factor", "monotone", "first two"]
Over = Literal["treatment_no", "failures"]
Cause = Literal["success", "intolerance"]
Undetermined = Literal["excluded", "not met"]

# What `patterns` counts by of its own accord; any other covariate is a column of the data.
_OWN = ("treatment_no", "failures", "previous")
# From this many rows on a table of counts is worth a pass that takes like rows together.
_LONG = 10_000


@dataclass(frozen=True, eq=False)
class Cells:
    """Counted courses of treatment, one row a treatment number (or number of failures) and pattern of covariates.

    Attributes:
        frame: Columns `_step`, the covariates, `_met`, `_tried`; sorted; every row has somebody.
        over: What `_step` counts.
        covariates: Their names.
        clusters: The same by cluster too, with `_cluster` (numbered from 0); None without clusters.
        notes: What was left out.
    """

    frame: pl.DataFrame
    over: Over
    covariates: tuple[str, ...]
    clusters: pl.DataFrame | None
    notes: tuple[str, ...]

    @property
    def met(self) -> Floats:
        """How many met the outcome."""
        return self.frame["_met"].cast(pl.Float64).to_numpy()

    @property
    def tried(self) -> Floats:
        """How many were counted."""
        return self.frame["_tried"].cast(pl.Float64).to_numpy()

    @property
    def step(self) -> NDArray[np.int64]:
        """The treatment number, or the number of failures."""
        return self.frame["_step"].to_numpy()

    def by_step(self) -> pl.DataFrame:
        """Return `_step`, `_met`, `_tried`, one row a step."""
        return self.frame.group_by("_step").agg(pl.col("_met", "_tried").sum()).sort("_step")

    def at(self, steps: Sequence[int]) -> Cells:
        """Return the cells of some steps."""
        here = pl.col("_step").is_in(list(steps))
        clusters = None if self.clusters is None else self.clusters.filter(here)
        return Cells(self.frame.filter(here), self.over, self.covariates, clusters, self.notes)


def counted(
    data: pl.DataFrame,
    *,
    over: Over,
    cause: Cause,
    undetermined: Undetermined,
    covariates: Sequence[str],
    cluster: str | None,
) -> Cells:
    """Return the counts that a trend is fitted to.

    Raises:
        EstimationError: A column is missing, nobody is counted, or the data do not say how many failures went before.
    """
    adjusted = list(dict.fromkeys(covariates))
    columns = [name for name in adjusted if name not in _OWN]
    require(data, [*columns, *([cluster] if cluster else [])], "the covariates and the column to cluster by")
    named = data if cluster is None else data.with_columns(_by=pl.col(cluster))
    keys = [*adjusted, *(["_by"] if cluster else [])]
    table = patterns(_alike_together(named, keys), covariates=tuple(name for name in keys if name not in _OWN))
    table = table.with_columns(
        _step=pl.col(over).cast(pl.Int64),
        _met=pl.col("met" if cause == "success" else "intolerance"),
        _tried=pl.col("tried") - (pl.col("undetermined") if undetermined == "excluded" else 0),
    )
    kept, notes = complete(table, {"_step": over, **dict(zip(keys, keys, strict=True)), "_by": str(cluster)})
    notes = [*counting_notes(data), *notes, _undetermined_note(table, undetermined)]
    unit = ["_step", *adjusted]
    frame = kept.group_by(unit).agg(pl.col("_met", "_tried").sum()).filter(pl.col("_tried") > 0).sort(unit)
    if frame.is_empty():
        raise EstimationError(f"0 of {table['tried'].sum()} courses of treatment are counted; a trend needs some")
    clusters = None if cluster is None else _by_cluster(kept, unit)
    return Cells(frame, over, tuple(adjusted), clusters, tuple(notes))


def step_columns(step: NDArray[np.int64], number: Number, over: Over) -> Columns:
    """Return the columns of the treatment number: a line, one a level after the first, or later against the first two.

    The line counts further treatments, so that the intercept belongs to the first treatment.
    """
    first = 1 if over == "treatment_no" else 0
    if number == "line":
        return Columns((step - first).astype(float)[:, None], (Coefficient(over, of_step=True),))
    if number == "first two":
        return _first_two(step > first + 1, over)
    reference, *others = sorted(set(step.tolist()))
    matrix = np.array([step == level for level in others], dtype=float).reshape(len(others), len(step)).T
    return Columns(matrix, tuple(Coefficient(over, str(level), str(reference), of_step=True) for level in others))


def intercept(cells: Cells) -> Columns:
    """Return the column of ones."""
    return Columns(np.ones((cells.frame.height, 1)), (Coefficient("(intercept)"),))


def covariate_columns(cells: Cells) -> Columns:
    """Return the columns of the covariates: numbers as they are, levels against the first one that has rows.

    Raises:
        EstimationError: A covariate has one value only.
    """
    return coded(cells.frame, cells.covariates)


def side_by_side(*parts: Columns) -> Columns:
    """Return the columns of all."""
    named = tuple(coefficient for part in parts for coefficient in part.coefficients)
    return Columns(np.hstack([part.matrix for part in parts]), named)


def cluster_scores(cells: Cells, columns: Columns, chances: Floats, weights: Floats) -> Floats:
    """Return each cluster's sum of scores, one row a cluster, one column a coefficient.

    Args:
        cells: The counts, with clusters.
        columns: The regression's columns, one row a cell.
        chances: The fitted chance of each cell.
        weights: The derivative of each cell's chance by the linear predictor, over chance (1 - chance).
    """
    if cells.clusters is None:
        raise EstimationError("the counts are not by cluster; pass the column to cluster by")
    unit = ["_step", *cells.covariates]
    numbered = cells.frame.select(unit).with_row_index("_cell")
    rows = cells.clusters.join(numbered, on=unit, how="inner").sort("_cluster", "_cell")
    cell, cluster = rows["_cell"].to_numpy(), rows["_cluster"].to_numpy()
    misses = (rows["_met"].to_numpy() - rows["_tried"].to_numpy() * chances[cell]) * weights[cell]
    return np.stack([np.bincount(cluster, weights=column[cell] * misses) for column in columns.matrix.T], axis=1)


def _first_two(later: NDArray[np.bool_], over: Over) -> Columns:
    if later.all() or not later.any():
        raise EstimationError(
            f"{int(later.sum())} of {later.size} patterns lie beyond the first two treatments; a comparison of later "
            "ones with the first two needs both: use number='line'"
        )
    early, late = ("first two", "later") if over == "treatment_no" else ("0 or 1", "2 or more")
    return Columns(later.astype(float)[:, None], (Coefficient(over, late, early, of_step=True),))


def _alike_together(data: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Return a long table of counts with like rows taken together: multiples keep each sign and contradiction."""
    counts = [name for name in COUNTS if name in data.columns]
    if data.height < _LONG or "verdict" in data.columns or not all(data.schema[name].is_integer() for name in counts):
        return data
    said = [name for name in (*_OWN, "criterion", "study", *counts, *keys) if name in data.columns]
    found = data.group_by(list(dict.fromkeys(said))).agg(_alike=pl.len().cast(pl.Int64))
    return found.with_columns(pl.col(counts).cast(pl.Int64) * pl.col("_alike"))


def complete(table: pl.DataFrame, names: dict[str, str]) -> tuple[pl.DataFrame, list[str]]:
    """Return the counts whose keys are all known, and notes on the others; `names` is what a reader calls each key.

    Raises:
        EstimationError: None is left.
    """
    keys = [key for key in names if key in table.columns]
    empty = [
        pl.col(name).is_null() | (pl.col(name).is_nan() if table.schema[name].is_float() else False) for name in keys
    ]
    gone = table.filter(pl.any_horizontal(empty))
    if gone.is_empty():
        return table, []
    missing = [names[key] for key, lacking in zip(keys, empty, strict=True) if gone.filter(lacking).height]
    note = f"{gone['tried'].sum()} of {table['tried'].sum()} courses of treatment have no {some(missing, 9)}"
    if gone.height == table.height:
        raise EstimationError(f"{note}; none is left to fit: give that column, or leave it out")
    return table.filter(~pl.any_horizontal(empty)), [f"{note} and are left out"]


def _undetermined_note(table: pl.DataFrame, undetermined: str) -> str:
    how = "left out" if undetermined == "excluded" else "counted as not met"
    return f"{table['undetermined'].sum()} of {table['tried'].sum()} courses of treatment undetermined, {how}"


def _by_cluster(kept: pl.DataFrame, unit: list[str]) -> pl.DataFrame:
    rows = kept.group_by("_by", *unit).agg(pl.col("_met", "_tried").sum()).filter(pl.col("_tried") > 0)
    return rows.with_columns(_cluster=(pl.col("_by").rank("dense") - 1).cast(pl.Int64))
