"""Therapies of those in whom drugs have failed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from synthetic_data.clinic.courses import Courses, draw_freedom
from synthetic_data.succession.histories import INEFFICACY, OTHER, REMISSION

if TYPE_CHECKING:
    from synthetic_data.clinic.people import People
    from synthetic_data.clinic.truth import ClinicTruth

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

FREE, RESPONSE, NO_RESPONSE = range(3)
OUTCOMES = ("remission", "response", "no response")
FAILURES = 2
_LEFT_OF_RESPONDERS = (0.1, 0.5)  # at least half of the seizures are gone


@dataclass(frozen=True, eq=False)
class AfterDrugs:
    """Therapies after the last drug; arrays by those who have one.

    Attributes:
        who: The subject's position.
        therapy: Which of the truth's therapies.
        start: Its first day; it goes on to the end of follow-up.
        outcome: FREE, RESPONSE or NO_RESPONSE.
        left: What is left of the untreated rate; for the free, before freedom begins.
        free_from: First day without seizures; NEVER without freedom.
        relapse: First day on which seizures may come again; NEVER where freedom is kept.
    """

    who: Ints
    therapy: Ints
    start: Ints
    outcome: Ints
    left: Floats
    free_from: Ints
    relapse: Ints


def draw_after_drugs(truth: ClinicTruth, people: People, courses: Courses, rng: np.random.Generator) -> AfterDrugs:
    """Draw who receives which therapy, and what comes of it."""
    therapy = _assigned(truth, people, resistant(courses), rng)
    who = np.flatnonzero(therapy >= 0)
    therapy = therapy[who]
    spans = np.array([one.delay_days for one in truth.therapies]).reshape(-1, 2)[therapy]
    start = courses.stop[who, -1] + 1 + rng.integers(spans[:, 0], spans[:, 1], endpoint=True)
    outcome, left = _outcomes(truth, therapy, rng)
    free_from, relapse = draw_freedom(truth, outcome == FREE, start, rng)
    return AfterDrugs(who, therapy, start, outcome, left, free_from, relapse)


def resistant(courses: Courses) -> NDArray[np.bool_]:
    """Return who ended the last step without remission, still in sight, with two failures of a fair test or more."""
    histories = courses.histories
    failures = (histories.taken & (histories.result == INEFFICACY)).sum(axis=1)
    ended = histories.taken[:, -1] & ~np.isin(histories.result[:, -1], [REMISSION, OTHER])
    return np.asarray(ended & (failures >= FAILURES))


def _assigned(truth: ClinicTruth, people: People, candidates: NDArray[np.bool_], rng: np.random.Generator) -> Ints:
    """Return each subject's therapy, -1 for none: the first of the list that suits and is chosen."""
    assigned = np.full(candidates.size, -1)
    kinds = np.array([syndrome.epilepsy_type for syndrome in truth.syndromes])[people.syndrome]
    for place, therapy in enumerate(truth.therapies):
        fits = therapy.suits(kinds, people.result, np.asarray(people.antibodies.any(axis=1)))
        chosen = rng.random(candidates.size) < therapy.chance
        assigned[candidates & fits & chosen & (assigned < 0)] = place
    return assigned


def _outcomes(truth: ClinicTruth, therapy: Ints, rng: np.random.Generator) -> tuple[Ints, Floats]:
    chances = np.array([(one.freedom, one.response) for one in truth.therapies]).reshape(-1, 2)[therapy]
    drawn = rng.random(therapy.size)
    outcome = np.select([drawn < chances[:, 0], drawn < chances[:, 1]], [FREE, RESPONSE], NO_RESPONSE)
    left = rng.uniform(*_LEFT_OF_RESPONDERS, size=therapy.size)
    return outcome, np.where(outcome == RESPONSE, left, 1.0)
