"""The likelihood of counts: Poisson, and negative binomial with variance mu + alpha mu^2."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# Below this size of alpha mu a difference of logarithms is a series; above, it loses nothing that matters.
_SMALL = 0.01
_TERMS = 9


@dataclass(frozen=True, eq=False)
class CountSample:
    """Counts with what they are explained by.

    Attributes:
        matrix: The columns, the first of them ones.
        count: Events of each row.
        exposure: Time in which they were counted.
        frequency: How many equal rows each row stands for.
    """

    matrix: Floats
    count: NDArray[np.int64]
    exposure: Floats
    frequency: Floats

    def mean(self, coefficients: Floats) -> Floats:
        """Return the expected counts."""
        with np.errstate(over="ignore"):
            return np.asarray(self.exposure * np.exp(self.matrix @ coefficients))


@dataclass(frozen=True, eq=False)
class Slopes:
    """Derivatives of each row's log-likelihood by its linear predictor and by log alpha.

    Attributes:
        eta: The first derivative by the linear predictor.
        eta_eta: Minus the second.
        log_alpha: The first derivative by log alpha.
        log_alpha_twice: The second.
        mixed: The derivative by both.
    """

    eta: Floats
    eta_eta: Floats
    log_alpha: Floats
    log_alpha_twice: Floats
    mixed: Floats


def log_likelihood(sample: CountSample, mean: Floats, alpha: float) -> float:
    """Return the logarithm of the likelihood, with all its constants; alpha 0 is Poisson.

    Minus infinity where an expected count is none that a number can hold.
    """
    if not np.isfinite(mean).all():
        return -np.inf
    y, largest = sample.count, int(sample.count.max(initial=0))
    log_factorial = _below(np.log(np.arange(1, largest + 1)), y)
    grown = _below(np.log1p(alpha * np.arange(largest)), y)
    with np.errstate(divide="ignore"):
        own = np.where(y > 0, y * np.log(np.maximum(mean, 1e-300)), 0.0)
    own = own + grown - log_factorial - y * np.log1p(alpha * mean) - mean * _log_share(alpha * mean)
    return float(own @ sample.frequency)


def slopes(sample: CountSample, mean: Floats, alpha: float) -> Slopes:
    """Return the derivatives of the log-likelihood at expected counts and alpha."""
    y, k = sample.count, np.arange(int(sample.count.max(initial=0)))
    x = alpha * mean
    first = _below(k / (1 + alpha * k), y) + mean**2 * _curved(x) - y * mean / (1 + x)
    second = mean**3 * _curved_slope(x) + y * (mean / (1 + x)) ** 2 - _below((k / (1 + alpha * k)) ** 2, y)
    miss = y - mean
    return Slopes(
        miss / (1 + x),
        mean * (1 + alpha * y) / (1 + x) ** 2,
        alpha * first,
        alpha * first + alpha**2 * second,
        -alpha * mean * miss / (1 + x) ** 2,
    )


def _below(values: Floats, y: NDArray[np.int64]) -> Floats:
    """Return the sum of the first y values, for each y."""
    return np.asarray(np.append(0.0, np.cumsum(values))[y])


def _log_share(x: Floats) -> Floats:
    """Return log(1 + x) / x."""
    return _either(x, lambda n: 1 / (n + 1), lambda x: np.log1p(x) / x)


def _curved(x: Floats) -> Floats:
    """Return (log(1 + x) - x / (1 + x)) / x^2."""
    return _either(x, lambda n: (n + 1) / (n + 2), lambda x: (np.log1p(x) - x / (1 + x)) / x**2)


def _curved_slope(x: Floats) -> Floats:
    """Return the derivative of `_curved`."""
    return _either(x, lambda n: -(n + 2) * (n + 1) / (n + 3), lambda x: 1 / (x * (1 + x) ** 2) - 2 * _curved(x) / x)


def _either(x: Floats, coefficient: Callable[[int], float], plain: Callable[[Floats], Floats]) -> Floats:
    """Return an alternating series where x is small, and what it is the series of elsewhere."""
    small = x < _SMALL
    if not small.any():
        return plain(x)
    found = np.zeros(len(x))
    for n in reversed(range(_TERMS)):
        found[small] = found[small] * x[small] + (-1) ** n * coefficient(n)
    found[~small] = plain(x[~small])
    return found
