"""A long simulated run of an add-on study in which every subject is treated both ways and nothing goes missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from synthetic_data.add_on.dosing import Floats, Ints, left_of_rate
from synthetic_data.add_on.enrolment import Enrolled, draw_enrolled
from synthetic_data.add_on.stops import Stops, draw_stops
from synthetic_data.diary.counts import draw_counts
from synthetic_data.diary.habits import habits_taken
from synthetic_data.diary.reporting import written_counts

if TYPE_CHECKING:
    from synthetic_data.add_on.truth import AddOnTruth

HYPOTHETICAL, POLICY, WHILE_ON, COMPOSITE = (
    "hypothetical",
    "treatment policy",
    "while on treatment",
    "composite",
)

_SEED = 20_190_401
_CHUNK = 5_000


@dataclass(frozen=True, eq=False)
class Periods:
    """Seizures written down in the days of treatment that count, by arm and subject.

    Attributes:
        seizures: How many.
        days: On how many days.
        responded: Whether the subject may count as responding at all.
    """

    seizures: Ints
    days: Ints
    responded: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class LongRun:
    """Eligible subjects, each under both arms.

    Attributes:
        baseline: Seizures of the baseline's diary, by subject.
        periods: The days of treatment by way of handling a stop.
    """

    baseline: Ints
    periods: dict[str, Periods]


def long_run(truth: AddOnTruth, subjects: int) -> LongRun:
    """Draw the diaries of that many eligible subjects under both arms; always the same ones."""
    complete = replace(truth, diary=replace(truth.diary, missing=0.0, gap_chance=0.0))
    rng = np.random.default_rng(_SEED)
    sizes = [min(_CHUNK, subjects - at) for at in range(0, subjects, _CHUNK)]
    chunks = [_chunk(complete, size, rng) for size in sizes]
    periods = {name: _joined([chunk.periods[name] for chunk in chunks]) for name in chunks[0].periods}
    return LongRun(np.concatenate([chunk.baseline for chunk in chunks]), periods)


def _chunk(truth: AddOnTruth, subjects: int, rng: np.random.Generator) -> LongRun:
    enrolled = draw_enrolled(truth, subjects, rng)
    by_arm = [dict(_periods(truth, enrolled, np.full(subjects, arm), rng)) for arm in range(2)]
    periods = {
        name: Periods(*(np.stack([getattr(one[name], part) for one in by_arm]) for part in Periods.__annotations__))
        for name in by_arm[0]
    }
    return LongRun(enrolled.written.sum(axis=1), periods)


def _periods(
    truth: AddOnTruth, enrolled: Enrolled, arm: Ints, rng: np.random.Generator
) -> Iterator[tuple[str, Periods]]:
    """Yield the treatment period of subjects in these arms by way of handling a stop."""
    stops = draw_stops(truth, arm, rng)
    stopped, everybody = stops.reason > 0, np.ones(arm.size, dtype=np.bool_)
    days = np.arange(truth.treatment_days)
    on = _written(truth, enrolled, left_of_rate(truth, arm, np.full(arm.size, days[-1])), rng)
    length = np.full(arm.size, days.size)
    total = on.sum(axis=1)
    yield HYPOTHETICAL, Periods(total, length, everybody)
    policy = total.copy()
    policy[stopped] = _if_stopped(truth, enrolled, arm, stops, rng)
    yield POLICY, Periods(policy, length, everybody)
    until = np.where(days <= stops.last_treated[:, None], on, 0).sum(axis=1)
    yield WHILE_ON, Periods(until, stops.last_treated + 1, everybody)
    yield COMPOSITE, Periods(total, length, ~stopped)


def _if_stopped(truth: AddOnTruth, enrolled: Enrolled, arm: Ints, stops: Stops, rng: np.random.Generator) -> Ints:
    """Draw the seizures of those who stop, with the effect gone after the stop."""
    who = np.flatnonzero(stops.reason)
    left = left_of_rate(truth, arm[who], stops.last_treated[who])
    return np.asarray(_written(truth, enrolled, left, rng, who).sum(axis=1))


def _written(
    truth: AddOnTruth, enrolled: Enrolled, left: Floats, rng: np.random.Generator, who: Ints | slice = slice(None)
) -> Ints:
    habits, before, days = habits_taken(enrolled.habits, who), enrolled.counts[who], np.arange(truth.treatment_days)
    return written_counts(truth.diary, draw_counts(truth.diary, habits, days, left, rng, before=before), rng)


def _joined(parts: list[Periods]) -> Periods:
    names = Periods.__annotations__
    return Periods(*(np.concatenate([getattr(part, name) for part in parts], axis=1) for name in names))
