"""Counted treatments by pattern of covariates and number of failures: what models with covariates are fitted to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from analyses.estimates.successive.counts import PATTERNS, counting_notes, patterns
from analyses.estimates.successive.covariate_columns import Coefficient, coded
from analyses.estimates.successive.failure_counts import FailureCounts, Undetermined, count_notes, missed
from analyses.estimates.successive.frailty_course import Floats, Ints
from analyses.estimates.successive.pattern_rows import is_outcomes
from analyses.estimates.successive.trend_design import complete
from cohort.errors import EstimationError, some

_LEAVING = (
    "those who went on to a treatment are taken to be like those with as many failures and the same covariates who "
    "did not"
)


@dataclass(frozen=True, eq=False)
class CovariateCells:
    """Counted treatments, a cell a pattern of covariates and number of failures.

    Attributes:
        patterns: The covariates, a row a pattern.
        pattern: The pattern of each cell.
        failures: The number of failures of each cell.
        met: Treatments that succeeded, by cell.
        missed: Treatments that did not, by cell.
        coefficients: What the columns of the covariates stand for.
        centre: The mean of each column over the cells' treatments.
        scale: Its standard deviation there.
        columns: The columns less their centre, over their scale; a row a pattern.
        notes: What a reader must know of the counts.
    """

    patterns: pl.DataFrame
    pattern: Ints
    failures: Ints
    met: Ints
    missed: Ints
    coefficients: tuple[Coefficient, ...]
    centre: Floats
    scale: Floats
    columns: Floats
    notes: tuple[str, ...]

    @property
    def numbered(self) -> FailureCounts:
        """The counts by number of the cell, which is what a model with covariates takes in place of failures."""
        return FailureCounts(np.arange(len(self.failures)), self.met, self.missed)

    @property
    def by_failures(self) -> FailureCounts:
        """The counts by number of failures, over all patterns."""
        return _summed(self.failures, self.met, self.missed)

    def of_pattern(self, column_values: Floats) -> FailureCounts:
        """Return the counts by number of failures of those with these covariates; none where nobody has them."""
        same = np.flatnonzero((self.columns == self.standardized(column_values)).all(axis=1))
        own = np.isin(self.pattern, same)
        return FailureCounts(self.failures[own], self.met[own], self.missed[own])

    def standardized(self, column_values: Floats) -> Floats:
        """Return columns less their centre, over their scale."""
        return np.asarray((column_values - self.centre) / self.scale)


def covariate_cells(
    data: pl.DataFrame, covariates: Sequence[str], undetermined: Undetermined, subjects: pl.DataFrame | None
) -> CovariateCells:
    """Return the counted treatments by pattern of covariates and number of failures.

    Raises:
        EstimationError: The data cannot be counted; there is no covariate, one has one value only or follows from the
            others, or it changes from one treatment of a subject to the next.
    """
    names = _named(covariates)
    _refuse_changing(data, names)
    found = patterns(data, covariates=names, subjects=subjects)
    known, left_out = complete(found, {name: name for name in names})
    keys = [*names, "failures"]
    cells = known.group_by(keys).agg(pl.col("met").sum(), missed(undetermined).sum().alias("missed"))
    cells = cells.filter(pl.col("met") + pl.col("missed") > 0).sort(keys)
    if cells.is_empty():
        raise EstimationError(f"0 of {found['tried'].sum()} treatments met the criterion or failed to; nothing counts")
    pattern = cells.select(pl.struct(names).rle_id().cast(pl.Int64)).to_series().to_numpy()
    values = cells.select(names).filter(pl.Series(np.diff(pattern, prepend=-1) > 0))
    failures, met, lost = (cells[name].cast(pl.Int64).to_numpy() for name in ("failures", "met", "missed"))
    columns = coded(values, names)
    _refuse_endless(columns.matrix, names)
    weights = (met + lost).astype(np.float64)
    matrix = columns.matrix[pattern]
    centre = weights @ matrix / weights.sum()
    scale = np.sqrt(weights @ (matrix - centre) ** 2 / weights.sum())
    standardized = (columns.matrix - centre) / scale
    _refuse_dependent(standardized, names)
    notes = (*counting_notes(data), *count_notes(found, undetermined), *left_out, _LEAVING)
    return CovariateCells(
        values, pattern, failures, met, lost, columns.coefficients, centre, scale, standardized, notes
    )


def _named(covariates: Sequence[str]) -> list[str]:
    if isinstance(covariates, str):
        raise EstimationError(f"covariates={covariates!r} was given; expected a list of columns, as [{covariates!r}]")
    names = list(dict.fromkeys(covariates))
    if not names:
        raise EstimationError("0 covariates were given; expected at least one column of what is known at the start")
    own = [name for name in names if name in PATTERNS]
    if own:
        raise EstimationError(
            f"{some(own)} is counted from one treatment to the next and cannot be a covariate of the subject here; use "
            "trend for it"
        )
    return names


def _refuse_changing(data: pl.DataFrame, names: list[str]) -> None:
    """Refuse covariates that change within a subject: what is unknown of it must stay the same from the start."""
    own = [name for name in names if name in data.columns]
    if not (own and is_outcomes(data)):
        return
    several = (
        data.group_by("subject_id").agg(pl.struct(own).n_unique().alias("_several")).filter(pl.col("_several") > 1)
    )
    if several.height:
        raise EstimationError(
            f"{several.height} subjects, as {some(several['subject_id'].sort())}, have covariates ({some(own, 9)}) "
            "that change from one treatment to the next; expected what is known at the start: take the first value"
        )


def _refuse_endless(columns: Floats, names: list[str]) -> None:
    endless = int((~np.isfinite(columns)).any(axis=1).sum())
    if endless:
        raise EstimationError(
            f"{endless} of {len(columns)} patterns of {some(names, 9)} are not finite; expected finite numbers"
        )


def _refuse_dependent(columns: Floats, names: list[str]) -> None:
    width, rank = columns.shape[1] + 1, int(np.linalg.matrix_rank(np.hstack([np.ones((len(columns), 1)), columns])))
    if rank < width:
        raise EstimationError(
            f"{width} coefficients of {some(names, 9)} were asked for and the {len(columns)} patterns of the data "
            f"carry {rank}; a covariate follows from the others: leave it out, or merge levels"
        )


def _summed(failures: Ints, met: Ints, lost: Ints) -> FailureCounts:
    numbers, at = np.unique(failures, return_inverse=True)
    sums = (np.bincount(at, weights=part).astype(np.int64) for part in (met, lost))
    return FailureCounts(numbers, *sums)
