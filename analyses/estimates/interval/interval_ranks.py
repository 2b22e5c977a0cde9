"""Scores of interval-censored times by the curve of all together, summed by group, and their covariance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analyses.estimates.interval.interior import Floats
from analyses.estimates.interval.interval_counts import Intervals
from analyses.estimates.interval.rank_models import Scores, Shift, shift
from analyses.estimates.interval.support import support_range
from analyses.estimates.interval.turnbull_curve import TurnbullCurve

Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class ScoredTimes:
    """Times with their scores.

    Attributes:
        first: The interval with mass that a time begins with; the end before it has the same number.
        after: The one after its last.
        count: How many rows have the time.
        group: The number of their group.
        probability: The probability of the time.
        score: Its score; over all rows the scores add up to 0.
        survival: S at 0 and after each interval with mass.
        shift: How an effect moves S, with a row for day 0.
    """

    first: Integers
    after: Integers
    count: Integers
    group: Integers
    probability: Floats
    score: Floats
    survival: Floats
    shift: Shift


def scored(groups: list[Intervals], together: TurnbullCurve, scores: Scores) -> ScoredTimes:
    """Return the times of all groups with their scores: how each would gain from earlier events, in log likelihood."""
    held = together.held
    left, right, count = (np.concatenate([getattr(g, name) for g in groups]) for name in ("left", "right", "count"))
    first, after = support_range(left, right, together.left[held], together.right[held])
    moved = shift(scores, together.survival[held])
    moved = Shift(*(np.concatenate([np.zeros((1, *v.shape[1:])), v]) for v in _parts(moved)))
    survival = np.append(1.0, together.survival[held])
    probability = survival[first] - survival[after]
    score = (moved.slope[first] - moved.slope[after]) / probability
    group = np.repeat(np.arange(len(groups)), [len(g.left) for g in groups])
    return ScoredTimes(first, after, count, group, probability, score, survival, moved)


def _parts(moved: Shift) -> tuple[Floats, Floats, Floats]:
    return moved.slope, moved.curvature, moved.mixed


def score_sums(times: ScoredTimes) -> Floats:
    """Return the sum of the scores of each group."""
    return np.asarray(np.bincount(times.group, times.count * times.score), dtype=float)


def permutation_covariance(times: ScoredTimes) -> Floats:
    """Return the covariance of the sums when rows are dealt to the groups at random."""
    sizes = np.bincount(times.group, times.count)
    total = float(sizes.sum())
    spread = float(times.count @ times.score**2) / (total - 1)
    return np.asarray(spread * (np.diag(sizes) - np.outer(sizes, sizes) / total))


def information_covariance(times: ScoredTimes) -> Floats:
    """Return the observed information about the effects, less what is spent on the curve of all together."""
    size = len(times.survival)
    groups = int(times.group.max()) + 1
    own, cross = np.zeros(groups), np.zeros((groups, size - 2))
    for number in range(groups):
        value = np.where(times.group == number, times.count / times.probability, 0.0)
        ends, scored_ends = (_on_ends(times, v) for v in (value, value * times.score))
        squares = float((value * times.probability) @ times.score**2)
        own[number] = squares - ends @ times.shift.curvature
        cross[number] = scored_ends[1:-1] - ends @ times.shift.mixed
    curve = _curve_information(times)
    return np.diag(own) - cross @ np.linalg.pinv(curve, hermitian=True) @ cross.T


def _on_ends(times: ScoredTimes, value: Floats) -> Floats:
    """Return what multiplies S at each end in the sum of `value` times the difference of S over the times."""
    size = len(times.survival)
    return np.asarray(np.bincount(times.first, value, size) - np.bincount(times.after, value, size), dtype=float)


def _curve_information(times: ScoredTimes) -> Floats:
    """Return the observed information about S at the ends, without those at which it is 1 and 0."""
    size = len(times.survival)
    value = times.count / times.probability**2
    joined = np.bincount(times.first * size + times.after, value, size * size).reshape(size, size)
    joined = joined + joined.T
    return np.asarray((np.diag(joined.sum(axis=1)) - joined)[1:-1, 1:-1])
