"""Masses that maximise the likelihood of interval-censored times: a path through the inside, then exact zeros."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_ROUNDS, _POLISHES = 200, 30
# Less than this share of the subjects is no mass.
_NOTHING = 1e-10
# The path ends here; Newton steps do the rest.
_NEAR, _STEP, _WANTED = 1e-9, 1e-14, 1e-11
# Up to so many masses the equations are solved as a full matrix.
_DENSE = 250


@dataclass(frozen=True, eq=False)
class Runs:
    """Observations as runs of masses.

    Attributes:
        first: The first mass of each run.
        after: The mass after its last.
        weight: The share of the subjects that it stands for; they add up to 1.
        size: How many masses there are.
    """

    first: Integers
    after: Integers
    weight: Floats
    size: int

    def probability(self, mass: Floats) -> Floats:
        """Return the probability of each run."""
        total = np.concatenate([[0.0], np.cumsum(mass)])
        return np.asarray(total[self.after] - total[self.first])

    def spread(self, value: Floats) -> Floats:
        """Return, for each mass, the sum of `value` over the runs that hold it."""
        ends = np.bincount(self.first, value, self.size + 1) - np.bincount(self.after, value, self.size + 1)
        return np.cumsum(ends)[: self.size]

    def gradient(self, mass: Floats) -> Floats:
        """Return the derivative of the mean log likelihood by each mass; 1 where there is mass, at the maximum."""
        return self.spread(self.weight / self.probability(mass))

    def log_likelihood(self, mass: Floats) -> float:
        """Return the mean log likelihood."""
        return float(self.weight @ np.log(self.probability(mass)))

    def information(self, mass: Floats) -> Floats:
        """Return minus the second derivatives of the mean log likelihood by the masses."""
        value = self.weight / self.probability(mass) ** 2
        corner = np.bincount(self.first * self.size + self.after - 1, value, self.size**2).reshape(self.size, self.size)
        upper = np.triu(np.cumsum(np.cumsum(corner, axis=0)[:, ::-1], axis=1)[:, ::-1])
        return np.asarray(upper + np.triu(upper, 1).T)

    def among(self, kept: Integers) -> Runs:
        """Return the runs over some of the masses alone, each run counted once; all must still hold a mass."""
        place = np.concatenate([np.searchsorted(kept, np.arange(self.size)), [len(kept)]])
        key = place[self.first] * (len(kept) + 1) + place[self.after]
        found, where = np.unique(key, return_inverse=True)
        weight = np.bincount(where, self.weight).astype(float)
        return Runs(found // (len(kept) + 1), found % (len(kept) + 1), weight, len(kept))


def interior(runs: Runs) -> Floats:
    """Return masses that maximise the likelihood; those that are nothing are exactly 0.

    Interior points: mass p_j and slack z_j = 1 - g_j >= 0, where g_j is the gradient, are driven to p_j z_j = 0
    together. Then Newton steps among the masses that are left.
    """
    p = np.full(runs.size, 1.0 / runs.size)
    z = np.ones(runs.size)
    for _ in range(_ROUNDS):
        g = runs.gradient(p)
        rest = 1 - g - z
        mean = float(p @ z) / runs.size
        if mean * runs.size < _NEAR and np.abs(rest).max() < _NEAR:
            break
        solve = _equations(runs, p, z / p)
        dp = solve(g - 1)
        dz = -z - z / p * dp
        free = min(_reach(p, dp), _reach(z, dz))
        centre = mean * max((1 - free) ** 2, 1e-3) if free < 1 else mean * 1e-3
        dp = solve(centre / p - 1 + g)
        dz = centre / p - z - z / p * dp
        p, z = p + min(1.0, 0.99 * _reach(p, dp), _kept(runs, p, dp)) * dp, z + min(1.0, 0.99 * _reach(z, dz)) * dz
    return _polished(runs, p / p.sum(), z)


def _reach(value: Floats, step: Floats) -> float:
    """Return how far a step may go before something is below 0."""
    falls = step < 0
    return float(np.min(-value[falls] / step[falls], initial=np.inf))


def _kept(runs: Runs, mass: Floats, step: Floats) -> float:
    """Return how far a step may go before a run loses nine tenths of its probability."""
    return 0.9 * _reach(runs.probability(mass), runs.probability(step))


def _equations(runs: Runs, mass: Floats, diagonal: Floats) -> Callable[[Floats], Floats]:
    """Return what solves (information + diagonal) x = b."""
    if runs.size <= _DENSE:
        matrix = runs.information(mass) + np.diag(diagonal)
        return lambda b: np.asarray(np.linalg.solve(matrix, b))
    return _sparse_equations(runs, mass, diagonal)


def _sparse_equations(runs: Runs, mass: Floats, diagonal: Floats) -> Callable[[Floats], Floats]:
    """Return the same for many masses: in terms of running totals each observation joins only two of them."""
    from scipy.sparse import coo_array, csc_array
    from scipy.sparse.linalg import splu

    value = np.concatenate([runs.weight / runs.probability(mass) ** 2, diagonal])
    a = np.concatenate([runs.first, np.arange(runs.size)]) - 1
    b = np.concatenate([runs.after, np.arange(1, runs.size + 1)]) - 1
    inner = a >= 0
    rows = np.concatenate([b, a[inner], a[inner], b[inner]])
    columns = np.concatenate([b, a[inner], b[inner], a[inner]])
    entries = np.concatenate([value, value[inner], -value[inner], -value[inner]])
    matrix = csc_array(coo_array((entries, (rows, columns)), shape=(runs.size, runs.size)))
    factor = splu(matrix, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True})
    return lambda right: np.diff(factor.solve(right - np.append(right[1:], 0.0)), prepend=0.0)


def _polished(runs: Runs, mass: Floats, slack: Floats) -> Floats:
    """Return masses after Newton steps among those above their slack, the others being 0.

    A mass that ends at 0 although the likelihood asks for more of it is let in again.
    """
    held = mass > slack
    p = np.where(held, mass, 0.0)
    for _ in range(_POLISHES):
        p = _newton(runs, p)
        gradient = runs.gradient(p)
        asked = int(np.argmax(np.where(p > 0, 0.0, gradient)))
        if p[asked] > 0 or gradient[asked] <= 1 + _WANTED:
            break
        p[asked] = 10 * _NOTHING
    return np.asarray(p / p.sum())


def _newton(runs: Runs, mass: Floats) -> Floats:
    kept = np.flatnonzero(mass > 0)
    own, p = runs.among(kept), mass[kept]
    for _ in range(_POLISHES):
        step = _equations(own, p, np.full(len(kept), 1e-8))(own.gradient(p) - 1)
        p = p + min(1.0, _reach(p, step), _kept(own, p, step)) * step
        lost = p <= _NOTHING
        if lost.any():
            kept, p = kept[~lost], p[~lost]
            own = runs.among(kept)
        elif np.abs(step).max() < _STEP:
            break
    found = np.zeros(runs.size)
    found[kept] = p
    return found
