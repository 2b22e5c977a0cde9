"""Regression of a mean of times that censoring hides: who is seen stands for those who are not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from analyses.estimates.tally import Floats
from cohort.errors import EstimationError

Link = Literal["identity", "log"]
_STEPS, _CLOSE = 50, 1e-10


@dataclass(frozen=True, eq=False)
class Seen:
    """Lines of rows that are alike: an outcome, known where `known`, and when it became known or censoring came.

    Attributes:
        outcome: What is averaged; read only where it is known.
        matrix: The columns of the regression, the intercept among them.
        time: When the outcome became known, or the row was censored; only the order counts.
        known: Whether the outcome is known.
        group: Number of the group within which censoring is alike.
        count: How many rows.
        exact: Whether the influence of a row on the chances is their derivative also where censorings are tied, or that
            of untied times, as in survRM2.
    """

    outcome: Floats
    matrix: Floats
    time: Floats
    known: NDArray[np.bool_]
    group: NDArray[np.int64]
    count: Floats
    exact: bool = True

    def weights(self) -> Floats:
        """Return, for a known outcome, one over the chance of not being censored up to and including its time, else 0.

        The chance is the product-limit estimate within the group; who becomes known at a time is at risk of being
        censored at it.
        """
        weights = np.zeros(len(self.time))
        for own in self._groups():
            time = self.time[own]
            at_risk, censored = self._risk(own)
            first = np.concatenate([[True], np.diff(time) > 0])
            kept = np.cumprod(np.where(first, 1 - censored / at_risk, 1.0))
            weights[own] = np.divide(1.0, kept, out=np.zeros(len(own)), where=self.known[own] & (kept > 0))
        return weights

    def influence(self, score: Floats) -> Floats:
        """Return what each row adds to the sum of scores, the estimation of the chances of censoring included."""
        found = score.copy()
        for own in self._groups():
            at_risk, censored = self._risk(own)
            left = at_risk - censored if self.exact else at_risk
            lost = np.where(self.known[own], 0.0, 1.0)
            later = _from_here_on(score[own] * self.count[own, None], self.time[own])
            each = later * np.divide(lost, left, out=np.zeros(len(own)), where=left > 0)[:, None]
            found[own] += each - _up_to_here(each * (self.count[own] / at_risk)[:, None], self.time[own])
        return found

    def _groups(self) -> list[NDArray[np.intp]]:
        """Return the lines of each group by time."""
        order = np.argsort(self.time, kind="stable")
        return [order[self.group[order] == number] for number in np.unique(self.group)]

    def _risk(self, own: NDArray[np.intp]) -> tuple[Floats, Floats]:
        """Return, for each line, who is at risk at its time and who of them is censored then."""
        time = self.time[own]
        at_risk = _from_here_on(self.count[own][:, None], time)[:, 0]
        day = np.searchsorted(time, time)
        censored: Floats = np.bincount(day, np.where(self.known[own], 0.0, self.count[own])).astype(float)
        return at_risk, censored[day]


@dataclass(frozen=True, eq=False)
class WeightedMeans:
    """Coefficients of the mean outcome (of its logarithm under a log link), and their covariance."""

    coefficients: Floats
    covariance: Floats


def weighted_means(seen: Seen, link: Link) -> WeightedMeans:
    """Return the regression of the outcome on the columns, weighted by the inverse chance of not being censored.

    Raises:
        EstimationError: The equations have no solution: too few known outcomes, or a mean that would be 0.

    Sources: Tian L, Zhao L, Wei LJ. Biostatistics 2014;15:222-33.
    """
    weights, x = seen.weights(), seen.matrix
    total = weights * seen.count
    y = np.where(weights > 0, seen.outcome, 0.0)
    coefficients = _linear(x, y, total) if link == "identity" else _logarithmic(x, y, total)
    mean = x @ coefficients if link == "identity" else np.exp(x @ coefficients)
    influence = seen.influence(x * (weights * (y - mean))[:, None])
    spread = seen.count if link == "identity" else seen.count * mean
    bread = np.linalg.inv(x.T @ (x * spread[:, None]))
    return WeightedMeans(coefficients, bread @ (influence.T @ (influence * seen.count[:, None])) @ bread)


def _linear(x: Floats, y: Floats, weights: Floats) -> Floats:
    root = np.sqrt(weights)
    found, _, rank, _ = np.linalg.lstsq(x * root[:, None], y * root, rcond=None)
    if rank < x.shape[1]:
        raise EstimationError(
            f"{int((weights > 0).sum())} different known outcomes cannot tell {x.shape[1]} coefficients apart; shorten "
            "the formula"
        )
    return np.asarray(found)


def _logarithmic(x: Floats, y: Floats, weights: Floats) -> Floats:
    """Return the solution of sum w x (y - exp(x b)) = 0 by Newton steps from the logarithm of the mean."""
    found = _linear(x, np.full(len(y), np.log(max(weights @ y / weights.sum(), 1e-12))), weights)
    for _ in range(_STEPS):
        mean = np.exp(np.clip(x @ found, -700, 700))
        step = _linear(x, (y - mean) / mean, weights * mean)
        found = found + step * min(1.0, 2.0 / max(float(np.abs(x @ step).max()), 1e-300))
        if float(np.abs(x @ step).max()) < _CLOSE:
            return found
    raise EstimationError(
        "the ratio has no solution: in some group the mean would be 0, as where nobody has the event; ask for the "
        "difference, or leave the covariate out"
    )


def _from_here_on(values: Floats, time: Floats) -> Floats:
    """Return sums over all lines with this time or a later one; lines are sorted by time."""
    summed = np.cumsum(values[::-1], axis=0)[::-1]
    return np.asarray(summed[np.searchsorted(time, time, side="left")])


def _up_to_here(values: Floats, time: Floats) -> Floats:
    """Return sums over all lines with this time or an earlier one; lines are sorted by time."""
    return np.asarray(np.cumsum(values, axis=0)[np.searchsorted(time, time, side="right") - 1])
