"""What can be said of diaries without drawing them.

The moments and chances hold for subjects without clusters, given what cycles and treatments make of the rate.
"""

from __future__ import annotations

import numpy as np

from synthetic_data.diary.counts import burst_rate
from synthetic_data.diary.habits import Floats, Habits
from synthetic_data.diary.truth import Diary


def rate_quantile(diary: Diary, probability: float) -> float:
    """Return the quantile of the untreated seizures in 28 days.

    >>> round(rate_quantile(Diary(), 0.5), 3)
    3.193
    """
    from scipy.special import ndtr, ndtri

    mean, floor = _log28(diary)
    above = float(ndtr(-floor))
    return float(np.exp(mean - diary.log_rate_sd * ndtri(above * (1 - probability))))


def rate_mean(diary: Diary) -> float:
    """Return the mean of the untreated seizures in 28 days."""
    from scipy.special import ndtr

    mean, floor = _log28(diary)
    sd = diary.log_rate_sd
    return float(np.exp(mean + sd**2 / 2) * ndtr(sd - floor) / ndtr(-floor))


def spread_line(diary: Diary, mean30: float) -> float:
    """Return the log10 standard deviation of seizures in 30 days at a mean; the median, where `spread_sd` is above 0.

    Never below the Poisson's, half the log10 mean.
    """
    log_mean = float(np.log10(mean30))
    return max(diary.spread_intercept + diary.spread_slope * log_mean, log_mean / 2)


def written_moments(habits: Habits, factors: Floats, under_reporting: float = 0.0) -> tuple[Floats, Floats]:
    """Return mean and variance of the seizures that a subject writes down in a window.

    Args:
        habits: The subjects'.
        factors: What cycles and treatments make of the rate, by subject and day of the window.
        under_reporting: The chance that a seizure is not written down; what is left is gamma-Poisson again, with the
            mean and the overdispersion multiplied by the chance of being written.
    """
    kept = factors * (1 - under_reporting)
    means = habits.rate28[:, None] / 28 * kept
    return means.sum(axis=1), (means * (1 + habits.overdispersion[:, None] * kept)).sum(axis=1)


def chance_of_none(habits: Habits, factors: Floats, under_reporting: float = 0.0) -> Floats:
    """Return each subject's chance that no seizure is written down in a window; arguments as in `written_moments`.

    The product over days of (1 + overdispersion * factor) ** -(rate28 / 28 / overdispersion).
    """
    return np.asarray(np.exp(-burst_rate(habits, factors * (1 - under_reporting)).sum(axis=1)))


def _log28(diary: Diary) -> tuple[float, float]:
    """Return the mean of the log rate in 28 days, and the floor as a standard normal deviate."""
    mean = diary.log_rate_mean + float(np.log(28 / 30))
    floor = (float(np.log(diary.rate_floor)) - mean) / diary.log_rate_sd if diary.rate_floor > 0 else -np.inf
    return mean, floor
