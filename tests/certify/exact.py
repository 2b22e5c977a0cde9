"""What estimators do at a given sample size, exactly: sums over all outcomes, with formulas of their own."""

from __future__ import annotations

from math import comb, exp, log, sqrt

import numpy as np
from scipy.stats import binom, chi2, gamma, norm, poisson

Z = float(norm.ppf(0.975))


def wilson_coverage(n: int, p: float) -> float:
    """Return the coverage of Wilson's limits: the true share lies inside where the score test does not reject it."""
    met = np.arange(n + 1)
    inside = np.abs(met / n - p) <= Z * sqrt(p * (1 - p) / n)
    return float(binom.pmf(met, n, p) @ inside)


def of_those_reached(n: int, reached: float, p: float) -> tuple[float, float]:
    """Return coverage and SE ratio of a share among those of `n` who get that far, which is a binomial number."""
    sizes = np.arange(1, n + 1)
    chances = binom.pmf(sizes, n, reached) / (1 - binom.pmf(0, n, reached))
    coverage = sum(chance * wilson_coverage(int(size), p) for size, chance in zip(sizes, chances, strict=True))
    ratio = sqrt(float(chances @ ((sizes - 1) / sizes**2)) / float(chances @ (1 / sizes)))
    return float(coverage), ratio


def newcombe_coverage(n: int, p: float, reference_n: int, reference_p: float) -> float:
    """Return the coverage of Newcombe's limits of a difference, over all pairs of counts."""
    counts = [(met, *_score_roots(met, n)) for met in range(n + 1)]
    reference = [(met, *_score_roots(met, reference_n)) for met in range(reference_n + 1)]
    chances, others = binom.pmf(range(n + 1), n, p), binom.pmf(range(reference_n + 1), reference_n, reference_p)
    total = 0.0
    for (met, low, high), chance in zip(counts, chances, strict=True):
        for (other, other_low, other_high), beside in zip(reference, others, strict=True):
            a, b = met / n, other / reference_n
            below = a - b - sqrt((a - low) ** 2 + (other_high - b) ** 2)
            above = a - b + sqrt((high - a) ** 2 + (b - other_low) ** 2)
            total += chance * beside * (below <= p - reference_p <= above)
    return float(total)


def _score_roots(met: int, n: int) -> tuple[float, float]:
    """Return where (share - p) ** 2 = z ** 2 p (1 - p) / n."""
    share = met / n
    roots = np.roots([1 + Z**2 / n, -(2 * share + Z**2 / n), share**2]).real
    return float(roots.min()), float(roots.max())


def binomial_ratio(n: int) -> float:
    """Return the root mean square of sqrt(p (1 - p) / n), p the observed share, over the true standard error."""
    return sqrt((n - 1) / n)


def garwood(events: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the exact limits of Poisson means, as half chi-square quantiles."""
    low = np.where(events > 0, chi2.ppf(0.025, 2 * np.maximum(events, 1)) / 2, 0.0)
    return low, chi2.ppf(0.975, 2 * events + 2) / 2


def garwood_coverage(mean: float) -> float:
    """Return the coverage of Garwood's limits of a Poisson mean."""
    events = np.arange(int(mean + 20 * sqrt(mean) + 20))
    low, high = garwood(events)
    return float(poisson.pmf(events, mean) @ ((low <= mean) & (mean <= high)))


class CensoredRate:
    """Events over person-time of `n` exponential times with the rates `events` and `censoring`.

    The number of events is binomial and the person-time gamma, independent of each other.
    """

    def __init__(self, n: int, events: float, censoring: float) -> None:
        self.n, self.rate, self.all = n, events, events + censoring
        self.share = events / self.all

    def mean(self) -> float:
        """Return the mean of events over person-time: n / (n - 1) of the true rate."""
        return self.n * self.share * self.all / (self.n - 1)

    def ratio(self) -> float:
        """Return the root mean square of sqrt(events) / person-time over the standard deviation of the rate."""
        inverse_square = self.all**2 / ((self.n - 1) * (self.n - 2))
        events = self.n * self.share
        second = events * (1 - self.share) + events**2
        return sqrt(events * inverse_square / (second * inverse_square - self.mean() ** 2))

    def coverage(self) -> float:
        """Return the coverage of Garwood's limits divided by the person-time."""
        events = np.arange(self.n + 1)
        low, high = garwood(events)
        time = gamma(self.n, scale=1 / self.all)
        inside = time.cdf(high / self.rate) - time.cdf(low / self.rate)
        return float(binom.pmf(events, self.n, self.share) @ inside)


def _log_log(alive: int, n: int) -> tuple[float, float]:
    """Return the log-log limits of a survival without censoring, where Greenwood's sum is (1 - s) / (n s)."""
    s = alive / n
    reach = Z * sqrt((1 - s) / (n * s)) / abs(log(s))
    return s ** exp(reach), s ** exp(-reach)


def survival_coverage(n: int, s: float) -> float:
    """Return the coverage of the log-log limits of S(t) without censoring, among samples with somebody left at t."""
    inside = [alive for alive in range(1, n) if _log_log(alive, n)[0] <= s <= _log_log(alive, n)[1]]
    return float(binom.pmf(inside, n, s).sum() / (1 - binom.pmf(0, n, s)))


class ExponentialMedian:
    """The Kaplan-Meier median of an odd number of exponential times of rate 1 without censoring: the middle one."""

    def __init__(self, n: int) -> None:
        self.n, self.middle = n, (n + 1) // 2

    def mean(self) -> float:
        """Return the mean of the middle order statistic (Renyi's representation)."""
        return sum(1 / (self.n - j) for j in range(self.middle))

    def coverage(self) -> float:
        """Return the coverage of the limits: the first times at which the lower and the upper limit reach one half."""
        reached = [next(k for k in range(1, self.n) if _log_log(self.n - k, self.n)[side] <= 0.5) for side in (0, 1)]
        chances = [comb(self.n, k) / 2**self.n for k in range(self.n + 1)]
        return sum(chances[reached[0] : reached[1]])  # so many lie below the true median


def sd_bias(n: int) -> float:
    """Return the mean of the standard deviation of n normal values of standard deviation 1, less 1."""
    from scipy.special import gammaln

    return sqrt(2 / (n - 1)) * exp(gammaln(n / 2) - gammaln((n - 1) / 2)) - 1
