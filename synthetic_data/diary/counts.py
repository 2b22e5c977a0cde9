"""True seizures by subject and day."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synthetic_data.diary.habits import Floats, Habits, cycle_factors, habits_taken
from synthetic_data.diary.truth import Diary

Ints = NDArray[np.int64]


def draw_counts(diary: Diary, habits: Habits, days: Ints, left: Floats, rng: np.random.Generator) -> Ints:
    """Draw the true seizures by subject and day.

    A day's count is gamma-Poisson: the gamma rate of an untreated day has the subject's mean and a scale of the
    subject's overdispersion, independent between days; treatments, cycles and clusters multiply it. So a day has mean
    m = rate28 / 28 * factor and variance m * (1 + overdispersion * factor), and no seizure with the chance
    (1 + overdispersion * factor) ** -(rate28 / 28 / overdispersion).

    Clusters: with S = 1 on a day with a seizure, the factor on day t is

        1 + (cluster_rise - 1) * (S of day t-1 - mean of S over the cluster_days days before that)

    A lone seizure multiplies the next day's rate by cluster_rise, and takes the same amount away again over the
    cluster_days days after. The two terms have the same expectation wherever the chance of a seizure is steady, so
    that the mean rate is kept exactly for a cluster_rise up to 2. Above 2 the factor could fall below 0, which is cut
    off and lifts the mean of subjects with many seizure days. Where a cycle runs as well, the rate is higher on the day
    after a day with a high rate, which lifts the mean by less than a percent for amplitudes up to 0.5.

    Args:
        diary: What is true of diaries.
        habits: The subjects'.
        days: Consecutive days.
        left: What treatments leave of the untreated rate, by subject and day: 1 untreated, 0 no seizures.
        rng: Where randomness comes from.
    """
    factors = left * cycle_factors(habits, days)
    bursts = np.empty(factors.shape, dtype=np.int64)
    own = habits.clusters & (diary.cluster_rise > 1)
    for who, draw in ((np.flatnonzero(~own), _alike), (np.flatnonzero(own), _clustered)):
        if who.size == habits.rate28.size:
            bursts = draw(diary, habits, factors, rng)
        elif who.size:
            part = factors[who]
            bursts[who] = draw(diary, habits_taken(habits, who), part, rng)
            factors[who] = part
    return _seizures(habits, factors, bursts, rng)


def burst_rate(habits: Habits, factors: Floats) -> Floats:
    """Return the expected bursts by subject and day, which is minus the log of the chance of no seizure.

    A negative binomial count is a Poisson number of bursts, each of a logarithmic number of seizures (Quenouille, 1949).
    Drawing the few bursts in place of a gamma rate for every day is exact and several times as fast.
    """
    daily, spread = habits.rate28[:, None] / 28, habits.overdispersion[:, None]
    uneven = np.where(spread > 0, spread, 1.0)
    return np.asarray(np.where(spread > 0, daily * np.log1p(uneven * factors) / uneven, daily * factors))


def _alike(diary: Diary, habits: Habits, factors: Floats, rng: np.random.Generator) -> Ints:
    """Draw bursts of subjects without clusters."""
    return rng.poisson(burst_rate(habits, factors))


def _clustered(diary: Diary, habits: Habits, factors: Floats, rng: np.random.Generator) -> Ints:
    """Draw bursts day after day, and multiply `factors` in place by what clusters make of them."""
    lowered, rise = diary.cluster_days, diary.cluster_rise - 1
    subjects, days = factors.shape
    past = rng.poisson(burst_rate(habits, np.ones((subjects, lowered + 1)))) > 0  # untreated days before the first
    had = np.concatenate([past, np.zeros((subjects, days), dtype=np.bool_)], axis=1).T.astype(np.float64)
    before = had[:lowered].sum(axis=0)
    by_day, bursts = np.ascontiguousarray(factors.T), np.empty((days, subjects), dtype=np.int64)
    daily, spread = habits.rate28 / 28, np.maximum(habits.overdispersion, 1e-9)
    for day in range(days):
        yesterday = lowered + day
        by_day[day] *= np.maximum(1 + rise * (had[yesterday] - before / lowered), 0)
        bursts[day] = rng.poisson(daily * np.log1p(spread * by_day[day]) / spread)
        had[yesterday + 1] = bursts[day] > 0
        before += had[yesterday] - had[day]
    factors[:] = by_day.T
    return bursts.T


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
