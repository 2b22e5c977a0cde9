"""Scores of a sequenced study: entry, planned ratings, exit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from synthetic_data.log_odds import logit
from synthetic_data.sequenced.courses import Courses
from synthetic_data.sequenced.design import Symptoms
from synthetic_data.sequenced.instruments import Floats, Ints, rounded
from synthetic_data.succession.frailty import Frailty
from synthetic_data.succession.histories import INEFFICACY, REMISSION

if TYPE_CHECKING:
    from synthetic_data.sequenced.truth import SequencedTruth

_CURVE = 0.7  # below 1: more of the change comes early


@dataclass(frozen=True, eq=False)
class Ratings:
    """Scores on the deciding scale and their days.

    Attributes:
        at_entry: By subject and step; the baseline, then the exit of the step before.
        at_exit: By subject and step.
        planned: By subject, step and planned rating.
        day: Days of the planned ratings.
        held: Which planned ratings take place, in steps that are taken.
        remission_day: By subject and step, the day of the first rating in remission; real where the step remits.
    """

    at_entry: Ints
    at_exit: Ints
    planned: Ints
    day: Ints
    held: NDArray[np.bool_]
    remission_day: Ints


def draw_ratings(truth: SequencedTruth, courses: Courses, rng: np.random.Generator) -> Ratings:
    """Draw the scores of every step."""
    ease = standardized(truth.succession.frailty, courses.histories.own_chance)
    entry, leave = _entries_and_exits(truth, courses, ease, rng)
    weeks = 7 * np.array(truth.calendar.weeks, dtype=np.int64)
    shape = (*entry.shape, weeks.size)
    jitter = truth.calendar.jitter
    since = weeks + rng.integers(-jitter, jitter, size=shape, endpoint=True)
    held = courses.histories.taken[:, :, None] & (weeks <= courses.length[:, :, None] - 7)
    day = courses.start[:, :, None] + since
    chosen = np.take_along_axis(since, courses.visit[:, :, None], axis=2)[:, :, 0]
    there = np.take_along_axis(held, courses.visit[:, :, None], axis=2)[:, :, 0]
    until = np.where(there, chosen, courses.length)
    planned = _between(truth, courses, (entry, leave), (since, until), rng)
    return Ratings(entry, leave, planned, day, held, courses.start + until)


def standardized(frailty: Frailty, own_chance: Floats) -> Floats:
    """Return the log odds of subjects' own chances, standardized by the distribution's mean and SD; 0 where all agree.

    >>> from synthetic_data.log_odds import expit
    >>> from synthetic_data.succession.frailty import LogitNormal
    >>> standardized(LogitNormal(0.5, 2.0), expit(np.array([0.5, 2.5]))).round(6).tolist()
    [0.0, 1.0]
    """
    chances, weights = frailty.nodes()
    odds = logit(chances)
    mean = float(weights @ odds)
    sd = float(np.sqrt(weights @ (odds - mean) ** 2))
    return (logit(own_chance) - mean) / sd if sd > 1e-9 else np.zeros_like(own_chance)


def _entries_and_exits(
    truth: SequencedTruth, courses: Courses, ease: Floats, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    symptoms, result = truth.symptoms, courses.histories.result
    threshold, high = truth.instrument.remission, int(truth.instrument.scale.high)
    mean = symptoms.baseline_mean
    severity = symptoms.severity
    entry = _truncated(mean, symptoms.baseline_sd, ease, rng, severity=severity, ends=symptoms.baseline_range)
    entries, exits = [], []
    for k in range(truth.succession.steps):
        gain = np.where(result[:, k] == INEFFICACY, 1.0, symptoms.untested) * symptoms.improvement[k]
        around = mean + symptoms.persistence * (entry - mean) - gain
        above = (threshold + 1, high)
        ill = _truncated(around, symptoms.improvement_sd, ease, rng, severity=severity, ends=above)
        well = _remitted(symptoms, threshold, entry.shape[0], rng)
        leave = np.where(result[:, k] == REMISSION, well, ill)
        entries.append(entry)
        exits.append(leave)
        entry = leave
    return np.stack(entries, axis=1), np.stack(exits, axis=1)


def _remitted(symptoms: Symptoms, threshold: int, subjects: int, rng: np.random.Generator) -> Ints:
    none = np.zeros(subjects)
    return _truncated(symptoms.remission_mean, symptoms.remission_sd, none, rng, severity=0, ends=(0, threshold))


def _truncated(
    mean: float | Floats, sd: float, ease: Floats, rng: np.random.Generator, *, severity: float, ends: tuple[int, int]
) -> Ints:
    """Draw whole scores from `ends[0]` to `ends[1]`: normal, lower where `ease` is high, truncated and rounded."""
    from scipy.special import ndtr, ndtri

    centre = mean - sd * severity * ease
    spread = sd * max(np.sqrt(1 - severity**2), 1e-6)
    low, high = (ends[0] - 0.5 - centre) / spread, (ends[1] + 0.5 - centre) / spread
    side = np.where(low > 0, -1, 1)  # the tail in which a chance can be told from 1
    low, high = np.minimum(side * low, side * high), np.maximum(side * low, side * high)
    begin = ndtr(low)
    deviate = side * ndtri(begin + (ndtr(high) - begin) * rng.random(ease.shape))
    return rounded(np.asarray(centre + spread * deviate), *ends)


def _between(
    truth: SequencedTruth,
    courses: Courses,
    ends: tuple[Ints, Ints],
    days: tuple[Ints, Ints],
    rng: np.random.Generator,
) -> Ints:
    """Draw the planned ratings; those who remit are above the threshold until their day and not above it from then.

    Args:
        truth: What is true.
        courses: The steps.
        ends: Entry and exit scores, by subject and step.
        days: Days since the start of the planned ratings, and of the first one in remission.
        rng: The block's generator.
    """
    (entry, leave), (since, until) = ends, days
    threshold, high = truth.instrument.remission, int(truth.instrument.scale.high)
    remits = (courses.histories.result == REMISSION)[:, :, None]
    last = np.where(remits, until[:, :, None], courses.length[:, :, None])
    way = np.clip(since / last, 0, 1) ** _CURVE
    latent = entry[:, :, None] + (leave - entry)[:, :, None] * way
    latent = latent + truth.symptoms.noise_sd * rng.standard_normal(since.shape)
    there = since >= until[:, :, None]
    low = np.where(remits & ~there, threshold + 1, 0)
    return rounded(latent, low, np.where(remits & there, threshold, high))
