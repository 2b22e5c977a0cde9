"""Likelihood of interval-censored times with a baseline of steps: runs of intervals, moved by covariates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analyses.estimates.regression.accelerated_distributions import Error, Floats

Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class IntervalSample:
    """Plain arrays that a regression of interval-censored times is fitted to.

    Attributes:
        matrix: Covariates, one column a coefficient.
        names: The columns' names.
        first: The first interval of the support that each row holds.
        after: The interval after its last.
        count: How many equal rows each stands for.
        size: How many intervals the support has.
    """

    matrix: Floats
    names: tuple[str, ...]
    first: Integers
    after: Integers
    count: Floats
    size: int


@dataclass(frozen=True, eq=False)
class Baseline:
    """Which intervals of the support have mass, and the link of the running total after each but the last.

    Attributes:
        kept: The intervals with mass, ascending; the first and the last of the support always have some.
        level: Log cumulative hazard (or log odds of the event) at covariates 0 after each of them but the last.
    """

    kept: Integers
    level: Floats


@dataclass(frozen=True, eq=False)
class Slopes:
    """Derivatives of the log-likelihood.

    Attributes:
        value: The log-likelihood.
        total: The score by the running total before each interval of the support (0 first, `size` last).
        gradient: By the levels, then by the coefficients.
        information: Minus the second derivatives, in the same order.
    """

    value: float
    total: Floats
    gradient: Floats
    information: Floats


def log_likelihood(sample: IntervalSample, error: Error, baseline: Baseline, coefficients: Floats) -> float:
    """Return the log-likelihood, minus infinity where a row has no probability."""
    first, after = _places(sample, baseline)
    with np.errstate(all="ignore"):
        value = _log_probability(error, *_ends(sample, baseline, coefficients, first, after))
        found = float(sample.count @ value)
    return found if np.isfinite(found) else -np.inf


def slopes(sample: IntervalSample, error: Error, baseline: Baseline, coefficients: Floats) -> Slopes:
    """Return the log-likelihood with its derivatives."""
    first, after = _places(sample, baseline)
    low, high = _ends(sample, baseline, coefficients, first, after)
    with np.errstate(all="ignore"):
        value = _log_probability(error, low, high)
        (d0, b0), (d1, b1) = (_moved(error, end, value) for end in (low, high))
    score = (-d0 * sample.count, d1 * sample.count)
    second = ((-b0 - d0**2) * sample.count, d0 * d1 * sample.count, (b1 - d1**2) * sample.count)
    total = _summed((sample.first, sample.after), score, sample.size + 1)
    size = len(baseline.kept) + 1
    levels = _summed((first, after), score, size)
    gradient = np.concatenate([levels[1:-1], sample.matrix.T @ (score[0] + score[1])])
    return Slopes(float(sample.count @ value), total, gradient, _information(sample, first, after, size, second))


def _information(
    sample: IntervalSample, first: Integers, after: Integers, size: int, second: tuple[Floats, Floats, Floats]
) -> Floats:
    x = sample.matrix
    corner = np.zeros((size, size))
    for (row, column), value in zip(((first, first), (first, after), (after, after)), second, strict=True):
        np.add.at(corner, (row, column), value)
    corner += np.triu(corner, 1).T
    mixed = np.zeros((size, x.shape[1]))
    np.add.at(mixed, first, x * (second[0] + second[1])[:, None])
    np.add.at(mixed, after, x * (second[1] + second[2])[:, None])
    own = x.T @ (x * (second[0] + 2 * second[1] + second[2])[:, None])
    inner = slice(1, size - 1)
    return -np.block([[corner[inner, inner], mixed[inner]], [mixed[inner].T, own]])


def _moved(error: Error, end: Floats, value: Floats) -> tuple[Floats, Floats]:
    """Return density over probability at an end, and its slope times that; an infinite end does not move."""
    finite = np.isfinite(end)
    density = np.where(finite, np.exp(error.log_density(end) - value), 0.0)
    return density, np.where(finite, density * error.slope(end), 0.0)


def _summed(places: tuple[Integers, Integers], values: tuple[Floats, Floats], size: int) -> Floats:
    found = np.zeros(size)
    for place, value in zip(places, values, strict=True):
        np.add.at(found, place, value)
    return found


def _places(sample: IntervalSample, baseline: Baseline) -> tuple[Integers, Integers]:
    place = np.searchsorted(baseline.kept, np.arange(sample.size + 1))
    return place[sample.first], place[sample.after]


def _ends(
    sample: IntervalSample, baseline: Baseline, coefficients: Floats, first: Integers, after: Integers
) -> tuple[Floats, Floats]:
    level = np.concatenate([[-np.inf], baseline.level, [np.inf]])
    moved = sample.matrix @ coefficients
    return level[first] + moved, level[after] + moved


def _log_probability(error: Error, low: Floats, high: Floats) -> Floats:
    """Return log(F(high) - F(low)) from the smaller tail."""
    failed = error.log_failed(high), error.log_failed(low)
    survived = error.log_survival(low), error.log_survival(high)
    early = failed[0] < survived[0]
    larger = np.where(early, failed[0], survived[0])
    smaller = np.where(early, failed[1], survived[1])
    return np.asarray(larger + np.log(-np.expm1(smaller - larger)))
