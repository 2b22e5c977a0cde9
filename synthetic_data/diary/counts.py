"""True seizures by subject and day."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synthetic_data.diary.habits import Floats, Habits, cycle_factors, habits_taken
from synthetic_data.diary.truth import Diary

Ints = NDArray[np.int64]

_POISSON = 1e-9  # an overdispersion as good as none, where a formula divides by it


def draw_counts(
    diary: Diary, habits: Habits, days: Ints, left: Floats, rng: np.random.Generator, *, before: Ints | None = None
) -> Ints:
    """Draw the true seizures by subject and day.

    A day's count is gamma-Poisson: the gamma rate of an untreated day has the subject's mean and a scale of the
    subject's overdispersion, independent between days; treatments, cycles and clusters multiply it. So a day has mean
    m = rate28 / 28 * factor and variance m * (1 + overdispersion * factor), and no seizure with the chance
    (1 + overdispersion * factor) ** -(rate28 / 28 / overdispersion).

    Clusters: with S = 1 on a day with a seizure, the factor on day t is

        1 + (cluster_rise - 1) * (S of day t-1 - mean of S over the cluster_days days before that)

    A lone seizure multiplies the next day's rate by cluster_rise, and takes the same amount away again over the
    cluster_days days after. The two terms have the same expectation wherever the chance of a seizure is steady, so that
    the mean rate is kept exactly. Where a cycle runs as well, the rate is higher on the day after a day with a high
    rate, which lifts the mean of that subject, by up to 3 percent where both cycles have an amplitude of 0.5. Clusters
    add to the
    spread of monthly counts: at 28 seizures in 28 days and an overdispersion of 4 they make it about 5.

    Args:
        diary: What is true of diaries.
        habits: The subjects'.
        days: Consecutive days.
        left: What treatments leave of the untreated rate, by subject and day: 1 untreated, 0 no seizures.
        rng: Where randomness comes from.
        before: True seizures on the days just before the first, by subject and day, which clusters remember; None
            draws them untreated.
    """
    factors = left * cycle_factors(habits, days)
    bursts = np.empty(factors.shape, dtype=np.int64)
    own = habits.clusters & (diary.cluster_rise > 1)
    alike, clustered = np.flatnonzero(~own), np.flatnonzero(own)
    bursts[alike] = rng.poisson(burst_rate(habits_taken(habits, alike), factors[alike]))
    if clustered.size:
        past = None if before is None else before[clustered]
        drawn = _clustered(diary, habits_taken(habits, clustered), factors[clustered], past, rng)
        bursts[clustered], factors[clustered] = drawn
    return _seizures(habits, factors, bursts, rng)


def burst_rate(habits: Habits, factors: Floats) -> Floats:
    """Return the expected bursts by subject and day, which is minus the log of the chance of no seizure.

    A negative binomial count is a Poisson number of bursts, each of a logarithmic number of seizures
    (Quenouille, 1949). Drawing the few bursts in place of a gamma rate for every day is exact and
    several times as fast.
    """
    daily, spread = habits.rate28[:, None] / 28, np.maximum(habits.overdispersion[:, None], _POISSON)
    return np.asarray(daily * np.log1p(spread * factors) / spread)


def _clustered(
    diary: Diary, habits: Habits, factors: Floats, before: Ints | None, rng: np.random.Generator
) -> tuple[Ints, Floats]:
    """Draw bursts day after day; return them and the factors with what clusters make of them."""
    reach, rise = diary.cluster_days, diary.cluster_rise - 1
    had = _days_with_seizures(habits, factors.shape[1], reach + 1, before, rng)
    recent = had[:reach].sum(axis=0)
    by_day, bursts = np.ascontiguousarray(factors.T), np.empty(factors.shape[::-1], dtype=np.int64)
    daily, spread = habits.rate28 / 28, np.maximum(habits.overdispersion, _POISSON)
    for day in range(factors.shape[1]):
        yesterday = reach + day
        by_day[day] *= 1 + rise * (had[yesterday] - recent / reach)
        bursts[day] = rng.poisson(daily * np.log1p(spread * by_day[day]) / spread)
        had[yesterday + 1] = bursts[day] > 0
        recent += had[yesterday] - had[day]
    return bursts.T, by_day.T


def _days_with_seizures(habits: Habits, days: int, past: int, before: Ints | None, rng: np.random.Generator) -> Floats:
    """Return 1 on days with a seizure, by day and subject: `past` days before the first, then zeros to be filled."""
    had = np.zeros((past + days, habits.rate28.size))
    untreated = np.ones((habits.rate28.size, past))
    had[:past] = (rng.poisson(burst_rate(habits, untreated)) > 0).T
    if before is not None:
        known = min(past, before.shape[1])
        had[past - known : past] = (before[:, before.shape[1] - known :] > 0).T
    return had


def _seizures(habits: Habits, factors: Floats, bursts: Ints, rng: np.random.Generator) -> Ints:
    """Fill bursts with seizures."""
    who, when = np.nonzero(bursts)
    many = bursts[who, when]
    scale = habits.overdispersion[who] * factors[who, when]
    sizes = rng.logseries(np.repeat(scale / (1 + scale), many))
    counts = np.zeros(bursts.shape, dtype=np.int64)
    if sizes.size:
        counts[who, when] = np.add.reduceat(sizes, np.cumsum(many) - many)
    return counts
