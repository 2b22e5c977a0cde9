"""Seizure diaries: how often, how unevenly, and on which days nothing was written."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from synthetic_data.clinic.courses import FAILED, Courses
from synthetic_data.clinic.truth import ClinicTruth

Floats = NDArray[np.float64]

_BLOCK = 1000  # subjects whose days are held in memory at once


def untreated_rates(truth: ClinicTruth, subjects: int, rng: np.random.Generator) -> Floats:
    """Draw the untreated seizures in 28 days: log-normal, given that they are at or above the floor."""
    from scipy.special import ndtr, ndtri

    above = ndtr((truth.log_rate_mean - np.log(truth.rate_floor)) / truth.log_rate_sd)
    deviate = -ndtri(above * (1 - rng.random(subjects)))
    return np.asarray(np.exp(truth.log_rate_mean + truth.log_rate_sd * deviate), dtype=np.float64)


def overdispersion(truth: ClinicTruth, rates: Floats) -> Floats:
    """Return variance / mean - 1 of an untreated subject's counts; 1e-6, as good as Poisson, where less is asked for.

    From log10 SD = intercept + slope * log10 mean of the seizures in 30 days.
    """
    mean = rates * 30 / 28
    sd = 10 ** (truth.spread_intercept + truth.spread_slope * np.log10(mean))
    return np.asarray(np.maximum(sd**2 / mean - 1, 1e-6))


def draw_diary(truth: ClinicTruth, rates: Floats, courses: Courses, rng: np.random.Generator) -> pl.DataFrame:
    """Draw the diary of every subject.

    Returns:
        `who` (the subject's position), `day`, `count` (null on days recorded as missing): every day where the
        truth's diary is "daily", else the days with seizures and the missing ones.
    """
    parts = [_draw_block(truth, rates, courses, slice(at, at + _BLOCK), rng) for at in range(0, rates.size, _BLOCK)]
    return pl.concat(parts)


def _draw_block(
    truth: ClinicTruth, rates: Floats, courses: Courses, block: slice, rng: np.random.Generator
) -> pl.DataFrame:
    days = np.arange(-truth.diary_days, truth.follow_up_days)
    left = _left_of_rate(truth, courses, block, days)
    spread = overdispersion(truth, rates[block])
    who, when = np.nonzero(left)
    counts = np.zeros(left.shape, dtype=np.int64)
    shape = (rates[block] / 28 / spread)[who]
    counts[who, when] = rng.negative_binomial(shape, 1 / (1 + spread[who] * left[who, when]))
    missing = rng.random(left.shape) < truth.missing
    written = np.ones_like(missing) if truth.diary == "daily" else (counts > 0) | missing
    who, when = np.nonzero(written)
    return pl.DataFrame({"who": who + block.start, "day": days[when], "count": counts[written]}).with_columns(
        count=pl.when(~pl.Series(missing[written])).then("count")
    )


def _left_of_rate(truth: ClinicTruth, courses: Courses, block: slice, days: NDArray[np.int64]) -> Floats:
    """Return what is left of the untreated rate, by subject and day: all, a part, nothing."""
    left = np.ones((courses.taken[block].shape[0], days.size))
    for step in range(courses.taken.shape[1]):
        taken = courses.taken[block, step, None]
        during = (courses.start[block, step, None] <= days) & (days <= courses.stop[block, step, None])
        failing = taken & (courses.result[block, step, None] == FAILED)
        left[failing & during] = 1 - truth.reduction
        left[taken & (courses.free_from[block, step, None] <= days)] = 0
    return left
