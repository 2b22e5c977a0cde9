"""How each subject's seizures come: how often, how unevenly, in clusters, in cycles."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthetic_data.diary.truth import Diary

Floats = NDArray[np.float64]

WEEK = 7.0


@dataclass(frozen=True, eq=False)
class Habits:
    """What stays true of each subject as long as nothing is treated; arrays by subject.

    Attributes:
        rate28: Expected untreated seizures in 28 days.
        overdispersion: Variance / mean - 1 of untreated counts without clusters and cycles; 0 is Poisson.
        clusters: Whether a seizure changes the rate of the days after it.
        weekly_amplitude: Amplitude of the seven-day cycle as a share of the rate; 0 where there is none.
        weekly_phase: Its phase on day 0, in radians.
        monthly_amplitude: Amplitude of the cycle of about a month; 0 where there is none.
        monthly_days: Its length in days, also where its amplitude is 0.
        monthly_phase: Its phase on day 0, in radians.
    """

    rate28: Floats
    overdispersion: Floats
    clusters: NDArray[np.bool_]
    weekly_amplitude: Floats
    weekly_phase: Floats
    monthly_amplitude: Floats
    monthly_days: Floats
    monthly_phase: Floats


def draw_habits(diary: Diary, subjects: int, rng: np.random.Generator) -> Habits:
    """Draw the habits of that many subjects.

    Rates are log-normal among those at or above the floor. Phases are uniform, so that no weekday is special for
    everybody; the length of a monthly cycle is uniform between its ends.
    """
    rates = _rates(diary, subjects, rng)
    return Habits(
        rate28=rates,
        overdispersion=overdispersion(diary, rates, np.exp(diary.spread_sd * rng.standard_normal(subjects))),
        clusters=rng.random(subjects) < diary.cluster_share,
        weekly_amplitude=_amplitudes(diary, diary.weekly_share, subjects, rng),
        weekly_phase=rng.uniform(0, 2 * np.pi, subjects),
        monthly_amplitude=_amplitudes(diary, diary.monthly_share, subjects, rng),
        monthly_days=rng.uniform(*diary.monthly_days, subjects),
        monthly_phase=rng.uniform(0, 2 * np.pi, subjects),
    )


def habits_taken(habits: Habits, which: NDArray[Any] | slice) -> Habits:
    """Return the habits of some subjects, chosen by positions, a mask or a slice."""
    return Habits(*(getattr(habits, field.name)[which] for field in fields(Habits)))


def habits_joined(parts: list[Habits]) -> Habits:
    """Return the habits of the subjects of all parts, in order."""
    return Habits(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Habits)))


def overdispersion(diary: Diary, rate28: Floats, spread: Floats | float = 1.0) -> Floats:
    """Return variance / mean - 1 of untreated counts, never below 0.

    From log10 SD = spread_intercept + spread_slope * log10 mean of the seizures in 30 days; `spread` multiplies the
    SD. Below about 0.7 seizures in 30 days that line lies under Poisson's spread, which is then taken.

    >>> overdispersion(Diary(), np.array([0.5, 28 * 8 / 30])).round(2).tolist()
    [0.0, 2.26]
    """
    mean = rate28 * 30 / 28
    sd = 10 ** (diary.spread_intercept + diary.spread_slope * np.log10(mean)) * spread
    return np.asarray(np.maximum(sd**2 / mean - 1, 0.0), dtype=np.float64)


def cycle_factors(habits: Habits, days: NDArray[np.int64]) -> Floats:
    """Return what the cycles make of the rate, by subject and day; 1 on average over phases."""
    factors = np.ones((habits.rate28.size, days.size))
    _swing(factors, habits.weekly_amplitude, np.full(habits.rate28.size, WEEK), habits.weekly_phase, days)
    _swing(factors, habits.monthly_amplitude, habits.monthly_days, habits.monthly_phase, days)
    return factors


def _swing(factors: Floats, amplitude: Floats, period: Floats, phase: Floats, days: NDArray[np.int64]) -> None:
    who = np.flatnonzero(amplitude)
    angle = 2 * np.pi / period[who, None] * days + phase[who, None]
    factors[who] *= 1 + amplitude[who, None] * np.sin(angle)


def _rates(diary: Diary, subjects: int, rng: np.random.Generator) -> Floats:
    """Draw seizures in 28 days by inverting the normal distribution above the floor."""
    from scipy.special import ndtr, ndtri

    mean, sd = diary.log_rate_mean + np.log(28 / 30), diary.log_rate_sd
    above = ndtr((mean - np.log(diary.rate_floor)) / sd) if diary.rate_floor > 0 else 1.0
    deviate = -ndtri(above * (1 - rng.random(subjects)))
    return np.asarray(np.exp(mean + sd * deviate), dtype=np.float64)


def _amplitudes(diary: Diary, share: float, subjects: int, rng: np.random.Generator) -> Floats:
    has, amplitude = rng.random(subjects) < share, rng.uniform(0, diary.cycle_amplitude, subjects)
    return np.where(has, amplitude, 0.0)
