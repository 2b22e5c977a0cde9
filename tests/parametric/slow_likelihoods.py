"""Log-likelihoods of times written row by row from their definitions."""

import math

import numpy as np
from scipy import stats

ERRORS = {
    "Weibull": stats.gumbel_l,
    "exponential": stats.gumbel_l,
    "lognormal": stats.norm,
    "loglogistic": stats.logistic,
}


def one_row(distribution, location, scale, entry, left, right):
    """Return log of the density of T, or of a chance, given no event by `entry`."""
    error = ERRORS[distribution]

    def z(t):
        return (math.log(t) - location) / scale if t > 0 else -math.inf

    given = error.logsf(z(entry)) if entry > 0 else 0.0
    if right is None:
        return (error.logsf(z(left)) if left > 0 else 0.0) - given
    if left == right:
        return error.logpdf(z(left)) - math.log(scale) - math.log(left) - given
    low, high = z(left), z(right)
    upper = error.cdf(high) - error.cdf(low)
    lower = error.sf(low) - error.sf(high)
    return math.log(upper if error.cdf(high) < 0.5 else lower) - given


def accelerated(distribution, parameters, rows, matrix):
    """Return the sum over rows of (entry, left, right), `parameters` being intercept, beta and the scale."""
    *coefficients, scale = parameters
    location = coefficients[0] + matrix @ np.array(coefficients[1:])
    return sum(one_row(distribution, m, scale, *row) for m, row in zip(location, rows, strict=True))


def grouped(first, after, levels, moved, odds=False):
    """Return sum log(F(after) - F(first)) of runs of intervals, F given by log cumulative hazards (or log odds)."""
    share = (lambda e: 1 / (1 + math.exp(-e))) if odds else (lambda e: -math.expm1(-math.exp(e)))
    level = [None, *levels, None]
    total = 0.0
    for a, b, x in zip(first, after, moved, strict=True):
        low = 0.0 if level[a] is None and a == 0 else share(level[a] + x)
        high = 1.0 if b == len(level) - 1 else share(level[b] + x)
        total += math.log(high - low)
    return total
