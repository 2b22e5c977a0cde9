"""The distribution of interval-censored times that makes them most likely, without any shape assumed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analyses.estimates.interval.interior import Runs, interior
from analyses.estimates.interval.support import support, support_range
from cohort.errors import EstimationError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Counts = NDArray[np.int64]

# At the maximum no gradient exceeds the number of subjects; so much of that number is let pass.
GAP = 1e-10
_ROUNDS = 200
# Up to so many intervals all are tried at once.
_FEW = 60


@dataclass(frozen=True, eq=False)
class Npmle:
    """Masses on Turnbull's intervals.

    Attributes:
        left: The intervals' left ends, ascending; an interval is (left, right], or a point where both are the same.
        right: Their right ends; inf where mass lies after the last day on which anybody was seen.
        mass: Their masses; those that are nothing are exactly 0.
        log_likelihood: At the maximum.
        gap: The greatest derivative of the log likelihood by a mass, minus the number of subjects, over that number:
            above 0 by rounding alone.
        rounds: How often the masses were fitted anew.
        runs: The observations as runs of intervals.
    """

    left: Floats
    right: Floats
    mass: Floats
    log_likelihood: float
    gap: float
    rounds: int
    runs: Runs


def npmle(left: Floats, right: Floats, count: Counts) -> Npmle:
    """Return the nonparametric maximum likelihood estimate; exact up to rounding.

    The likelihood is concave in the masses, and they are at the maximum where no derivative of its logarithm exceeds
    the number of subjects. Masses are fitted among few intervals, then those with the greatest derivatives between
    them are let in, until none exceeds it.

    Args:
        left: Distinct left ends with `right`, in a fixed order.
        right: Right ends; inf where right-censored.
        count: How many subjects have each.

    Raises:
        EstimationError: The masses were not found.

    Sources: Turnbull BW. J R Stat Soc B 1976;38:290-5; Gentleman R, Geyer CJ. Biometrika 1994;81:618-23; Wang Y.
    Comput Stat Data Anal 2008;52:2388-402.
    """
    begin, end = support(left, right)
    first, after = support_range(left, right, begin, end)
    total = int(count.sum())
    runs = Runs(first, after, count / total, len(begin)).among(np.arange(len(begin)))
    try:
        mass, gap, rounds = _fitted(runs)
    except (np.linalg.LinAlgError, RuntimeError):  # the factors of a full and of a sparse matrix
        mass, gap, rounds = np.zeros(runs.size), np.inf, 0
    if not gap <= GAP:
        raise EstimationError(
            f"the masses of {runs.size} intervals were not found in {rounds} rounds (the gradient exceeds the number "
            f"of subjects by {gap:.1g} of it); round the days, so that fewer ends differ"
        )
    return Npmle(begin, end, mass, total * runs.log_likelihood(mass), gap, rounds, runs)


def _fitted(runs: Runs) -> tuple[Floats, float, int]:
    """Return the masses, how far the greatest gradient lies above 1, and the rounds it took."""
    kept = np.arange(runs.size) if runs.size <= _FEW else _cover(runs)
    best = np.zeros(runs.size)
    least = np.inf
    rounds = 0
    while rounds < _ROUNDS:
        rounds += 1
        mass = np.zeros(runs.size)
        mass[kept] = interior(runs.among(kept))
        gradient = runs.gradient(mass)
        gap = float(gradient.max()) - 1
        if gap < least:
            best, least = mass, gap
        held = np.flatnonzero(mass > 0)
        peaks = _peaks(gradient, held)
        if gap <= GAP / 10 or not len(np.setdiff1d(peaks, kept)):
            break
        kept = np.union1d(held, peaks)
    return best, least, rounds


def _cover(runs: Runs) -> Integers:
    """Return few intervals of which each observation holds one."""
    chosen = [-1]
    order = np.argsort(runs.after, kind="stable")
    for first, after in zip(runs.first[order].tolist(), runs.after[order].tolist(), strict=True):
        if first > chosen[-1]:
            chosen.append(after - 1)
    return np.array(chosen[1:], dtype=np.int64)


def _peaks(gradient: Floats, held: Integers) -> Integers:
    """Return where the gradient is greatest in each stretch between masses, if it exceeds 1."""
    stretch = np.searchsorted(held, np.arange(len(gradient)))
    order = np.lexsort((-gradient, stretch))
    greatest = order[np.unique(stretch[order], return_index=True)[1]]
    return np.sort(greatest[gradient[greatest] > 1 + GAP / 10])
