"""The partial likelihood of a Cox regression with its score and information, ties as Efron or Breslow treats them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analyses.estimates.regression.cox_layout import Layout
from analyses.estimates.regression.cox_ties import Steps, Ties

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
# Rows that are worked on together: they and their products stay near the processor.
BLOCK = 16_384


@dataclass(frozen=True, eq=False)
class Point:
    """A log likelihood and its first and (less) second derivatives at some coefficients."""

    value: float
    score: Floats
    information: Floats


class PartialLikelihood:
    """Efron's or Breslow's partial likelihood of rows that are laid out.

    With case weights the tied deaths of a day share their mean weight, as in R; a frequency of f is f rows exactly.

    Sources: Efron B. J Am Stat Assoc 1977;72:557-65; Breslow N. Biometrics 1974;30:89-99; Therneau TM, Grambsch PM.
    Modeling Survival Data. Springer 2000, section 3.3.
    """

    def __init__(self, rows: Layout, ties: str) -> None:
        self.rows = rows
        self.ends = np.append(rows.starts[1:], rows.columns.shape[1])
        self.blocks = _blocks(rows.starts, self.ends)
        self.lines = Ties(rows.deaths, efron=ties == "efron")

    def at(self, coefficients: Floats) -> Point:
        """Return the likelihood at coefficients of the standardised columns."""
        rows = self.rows
        eta = coefficients @ rows.columns
        top = float(eta.max())
        observed = float(rows.observed @ coefficients)
        with np.errstate(all="ignore"):
            risk = np.exp(eta - top) if coefficients.any() else np.ones(len(eta))
            if rows.mass is not None:
                risk *= rows.mass
            segments = self._segment_sums(risk)
            total, dying = self._cells(segments, risk)
            steps = self.lines.sums(total[0], dying[0])
            value = observed - float(rows.weight @ (steps.log + rows.deaths * top))
            return Point(value, *self._derivatives(risk, total[1:], dying[1:], steps))

    def _segment_sums(self, risk: Floats) -> Floats:
        """Return by segment the sums of risk and of risk times each column."""
        columns, starts = self.rows.columns, self.rows.starts
        found = np.empty((1 + len(columns), len(starts)))
        for segments, block in self.blocks:
            own, where = risk[block], starts[segments] - block.start
            np.add.reduceat(own, where, out=found[0, segments])
            for number, column in enumerate(columns, 1):
                np.add.reduceat(own * column[block], where, out=found[number, segments])
        return found

    def _cells(self, segments: Floats, risk: Floats) -> tuple[Floats, Floats]:
        """Return by cell the sums over who is at risk, and over who has the event."""
        rows = self.rows
        leaving = np.zeros((len(segments), len(rows.deaths)))
        dying = np.zeros_like(leaving)
        dying[:, rows.cell[rows.dies]] = segments[:, rows.dies]
        leaving[:, rows.cell[rows.dies]] = segments[:, rows.dies]
        alive = ~rows.dies
        leaving[:, rows.cell[alive]] += segments[:, alive]
        if len(rows.late):
            own = risk[rows.late]
            leaving[0] -= np.bincount(rows.enter, own, len(rows.deaths))
            for number, column in enumerate(rows.columns, 1):
                leaving[number] -= np.bincount(rows.enter, own * column[rows.late], len(rows.deaths))
        return from_behind(leaving, rows.stratum), dying

    def _derivatives(self, risk: Floats, total: Floats, dying: Floats, steps: Steps) -> tuple[Floats, Floats]:
        rows, weight = self.rows, self.rows.weight
        score = rows.observed - (total @ (weight * steps.one) - dying @ (weight * steps.diluted))
        information = self._second_moments(risk, weight * steps.one, weight * steps.diluted)
        crossed = (total * (weight * steps.diluted_square)) @ dying.T
        information -= (total * (weight * steps.square)) @ total.T - crossed - crossed.T
        information -= (dying * (weight * steps.square_diluted)) @ dying.T
        return score, (information + information.T) / 2

    def _second_moments(self, risk: Floats, one: Floats, diluted: Floats) -> Floats:
        """Return the sum over cells of their second moments, gathered row by row over the hazard that a row felt."""
        rows = self.rows
        passed = from_behind(one[None, ::-1], rows.stratum[::-1])[0, ::-1]
        felt = passed[rows.cell]
        felt[rows.dies] -= diluted[rows.cell[rows.dies]]
        share = risk * np.repeat(felt, self.ends - rows.starts)
        if len(rows.late):
            share[rows.late] -= risk[rows.late] * passed[rows.enter]
        found = np.zeros((len(rows.columns), len(rows.columns)))
        for _, block in self.blocks:
            own = rows.columns[:, block]
            found += (own * share[block]) @ own.T
        return found


def from_behind(values: Floats, stratum: Places) -> Floats:
    """Return sums over each cell and the later ones of its stratum, of each line; no stratum touches another's."""
    if stratum[0] == stratum[-1]:
        return np.cumsum(values[:, ::-1], axis=1)[:, ::-1]
    found, step = values.copy(), 1
    longest = int(np.bincount(np.abs(stratum)).max())
    while step < longest:
        found[:, :-step] += np.where(stratum[step:] == stratum[:-step], found[:, step:], 0.0)
        step *= 2
    return found


def _blocks(starts: Places, ends: Places) -> list[tuple[slice, slice]]:
    """Return runs of whole segments of some BLOCK rows each, as segments and as rows."""
    marks = np.searchsorted(starts, np.arange(0, int(ends[-1]), BLOCK), side="left")
    marks = np.unique(np.append(marks, [0, len(starts)]))
    return [
        (slice(int(low), int(high)), slice(int(starts[low]), int(ends[high - 1])))
        for low, high in itertools.pairwise(marks)
    ]
