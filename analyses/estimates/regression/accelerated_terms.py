"""What each row adds to the log-likelihood of log times, with its first and second derivatives."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analyses.estimates.regression.accelerated_distributions import Error, Floats

# Where both ends of an interval have nearly the same chance, their difference loses digits and a quadrature does not.
_NARROW = 0.1
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(8)


@dataclass(frozen=True, eq=False)
class TimeSample:
    """Plain arrays that an accelerated failure time regression is fitted to.

    Attributes:
        matrix: Covariates, one column a coefficient, without the intercept.
        names: The columns' names.
        entry: Day of coming under observation, 0 where it is the start.
        left: The day of the event, or the last day without it.
        right: The day of the event, or the first on which it was seen; infinite where it was not.
        count: How many equal rows each stands for.
    """

    matrix: Floats
    names: tuple[str, ...]
    entry: Floats
    left: Floats
    right: Floats
    count: Floats

    @cached_property
    def exact(self) -> NDArray[np.intp]:
        """Rows whose event is dated."""
        return np.flatnonzero(self.left == self.right)

    @cached_property
    def survived(self) -> NDArray[np.intp]:
        """Right-censored rows; who is censored at 0 tells nothing."""
        return np.flatnonzero(np.isinf(self.right) & (self.left > 0))

    @cached_property
    def failed(self) -> NDArray[np.intp]:
        """Left-censored rows."""
        return np.flatnonzero((self.left == 0) & (self.right > 0) & np.isfinite(self.right))

    @cached_property
    def between(self) -> NDArray[np.intp]:
        """Rows whose event lies between two days."""
        return np.flatnonzero((self.left > 0) & (self.left < self.right) & np.isfinite(self.right))

    @cached_property
    def late(self) -> NDArray[np.intp]:
        """Rows that came under observation late."""
        return np.flatnonzero(self.entry > 0)


@dataclass(frozen=True, eq=False)
class Terms:
    """Log-likelihood of each row and its derivatives by the two things that z = tau log(t) - x gamma is made of.

    Attributes:
        value: Log-likelihood.
        by_location: Derivative by x gamma.
        by_tau: Derivative by tau, one over the scale.
        location: Second derivative by x gamma.
        mixed: Second derivative by both.
        tau: Second derivative by tau.
    """

    value: Floats
    by_location: Floats
    by_tau: Floats
    location: Floats
    mixed: Floats
    tau: Floats


def terms(sample: TimeSample, error: Error, location: Floats, tau: float) -> Terms:
    """Return each row's log-likelihood: of the density of T where the event is dated, else of a chance.

    Late entry conditions on being free of the event on the day of entry.
    """
    table = np.zeros((6, len(sample.left)))
    with np.errstate(all="ignore"):
        rows = sample.exact
        y = np.log(sample.left[rows])
        z = tau * y - location[rows]
        table[:, rows] += _at_point(error.log_density(z), error.slope(z), error.bend(z), y)
        table[0, rows] += np.log(tau) - y
        table[2, rows] += 1 / tau
        table[5, rows] -= 1 / tau**2
        table[:, sample.survived] += _survival(error, sample.left[sample.survived], location[sample.survived], tau)
        table[:, sample.late] -= _survival(error, sample.entry[sample.late], location[sample.late], tau)
        table[:, sample.failed] += _failed(error, sample.right[sample.failed], location[sample.failed], tau)
        rows = sample.between
        table[:, rows] += _between(error, sample.left[rows], sample.right[rows], location[rows], tau)
    return Terms(*table)


def _at_point(value: Floats, first: Floats, second: Floats, y: Floats) -> Floats:
    return np.array([value, -first, first * y, second, -second * y, second * y**2])


def _survival(error: Error, time: Floats, location: Floats, tau: float) -> Floats:
    y = np.log(time)
    z = tau * y - location
    value = error.log_survival(z)
    hazard = np.exp(error.log_density(z) - value)
    return _at_point(value, -hazard, -hazard * (error.slope(z) + hazard), y)


def _failed(error: Error, time: Floats, location: Floats, tau: float) -> Floats:
    y = np.log(time)
    z = tau * y - location
    value = error.log_failed(z)
    rate = np.exp(error.log_density(z) - value)
    return _at_point(value, rate, rate * (error.slope(z) - rate), y)


def _between(error: Error, left: Floats, right: Floats, location: Floats, tau: float) -> Floats:
    start, width = np.log(left), np.log1p((right - left) / left)
    z = tau * start - location, tau * (start + width) - location
    survived = error.log_survival(z[0]) - error.log_survival(z[1])
    failed = error.log_failed(z[1]) - error.log_failed(z[0])
    narrow = np.maximum(survived, failed) < _NARROW
    found = np.empty((6, len(left)))
    found[:, narrow] = _narrow(error, start[narrow], width[narrow], location[narrow], tau)
    # The smaller tail loses fewer digits.
    low = error.log_failed(z[1]) < error.log_survival(z[0])
    value = np.where(
        low,
        error.log_failed(z[1]) + np.log(-np.expm1(-failed)),
        error.log_survival(z[0]) + np.log(-np.expm1(-survived)),
    )
    found[:, ~narrow] = _wide(error, z, (start, start + width), value)[:, ~narrow]
    return found


def _wide(error: Error, z: tuple[Floats, Floats], y: tuple[Floats, Floats], value: Floats) -> Floats:
    """Return the terms of log(F(z1) - F(z0))."""
    before, after = (np.exp(error.log_density(end) - value) for end in z)
    first = (-before, after)
    own = (
        -before * error.slope(z[0]) - before**2,
        after * error.slope(z[1]) - after**2,
    )
    both = before * after
    return np.array(
        [
            value,
            -(first[0] + first[1]),
            first[0] * y[0] + first[1] * y[1],
            own[0] + own[1] + 2 * both,
            -(own[0] * y[0] + own[1] * y[1] + both * (y[0] + y[1])),
            own[0] * y[0] ** 2 + own[1] * y[1] ** 2 + 2 * both * y[0] * y[1],
        ]
    )


def _narrow(error: Error, start: Floats, width: Floats, location: Floats, tau: float) -> Floats:
    """Return the same as the log of the mean density over the interval, by Gauss-Legendre quadrature."""
    y = start + np.multiply.outer((1 + _NODES) / 2, width)
    z = tau * y - location
    log_density = error.log_density(z)
    highest = log_density.max(axis=0)
    share = (_WEIGHTS / 2)[:, None] * np.exp(log_density - highest)
    mean = share.sum(axis=0)
    share /= mean
    slope, bend = error.slope(z), error.bend(z)
    by_location, by_tau = -slope, slope * y
    at, of = (share * by_location).sum(axis=0), (share * by_tau).sum(axis=0)
    return np.array(
        [
            np.log(tau * width) + highest + np.log(mean),
            at,
            of + 1 / tau,
            (share * (bend + (by_location - at) ** 2)).sum(axis=0),
            (share * (-bend * y + (by_location - at) * (by_tau - of))).sum(axis=0),
            (share * (bend * y**2 + (by_tau - of) ** 2)).sum(axis=0) - 1 / tau**2,
        ]
    )
