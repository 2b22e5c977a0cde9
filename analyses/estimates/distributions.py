"""The distributions with which estimates are compared: normal and chi-square."""

from __future__ import annotations

import math
from numbers import Real
from statistics import NormalDist

from cohort.errors import EstimationError


def normal_quantile(confidence: float) -> float:
    """Return the two-sided normal quantile that belongs to a coverage.

    Raises:
        EstimationError: `confidence` does not lie between 0 and 1.

    >>> round(normal_quantile(0.95), 4)
    1.96
    """
    if not isinstance(confidence, Real) or not 0 < confidence < 1:
        raise EstimationError(f"confidence={confidence} was given; it lies between 0 and 1, as in 0.95")
    return NormalDist().inv_cdf(0.5 + confidence / 2)


def two_sided_p(z: float) -> float:
    """Return the two-sided p value of a standard normal deviate.

    >>> round(two_sided_p(-1.959964), 4)
    0.05
    """
    return math.erfc(abs(z) / math.sqrt(2))


def chi_square_p(statistic: float, df: int) -> float:
    """Return the probability that a chi-square variable with `df` degrees of freedom exceeds `statistic`.

    One degree of freedom needs no scipy, which takes a while to import.

    >>> round(chi_square_p(3.841459, 1), 4)
    0.05
    """
    statistic = max(statistic, 0.0)
    if df == 1:
        return math.erfc(math.sqrt(statistic / 2))
    from scipy.special import gammaincc

    return float(gammaincc(df / 2, statistic / 2))
