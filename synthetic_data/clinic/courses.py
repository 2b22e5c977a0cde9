"""Successive treatments: who takes what, until when, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synthetic_data.clinic.truth import ClinicTruth

Ints = NDArray[np.int64]

FREE, INTOLERANT, FAILED = 0, 1, 2
RESULTS = ("free", "intolerant", "failed")


@dataclass(frozen=True)
class Courses:
    """The courses of treatment of a cohort, all arrays by subject and step.

    Attributes:
        taken: Whether the subject starts this treatment.
        result: What comes of it: FREE, INTOLERANT or FAILED.
        start: First day of the treatment.
        stop: Its last day, for courses that are not free; the end of follow-up for the others.
        free_from: First day without seizures for good; beyond follow-up for courses that are not free.
        prescription: Which of the truth's prescriptions is taken.
        adherence: Share of the doses taken, to two decimals.
    """

    taken: NDArray[np.bool_]
    result: Ints
    start: Ints
    stop: Ints
    free_from: Ints
    prescription: Ints
    adherence: NDArray[np.float64]


def draw_courses(truth: ClinicTruth, subjects: int, rng: np.random.Generator) -> Courses:
    """Draw every subject's courses; each step is drawn for everybody and taken by those not freed before."""
    shape = (subjects, len(truth.freedom))
    intolerant = rng.random(shape) < truth.intolerance
    free = ~intolerant & (rng.random(shape) < np.array(truth.freedom))
    length = np.where(
        intolerant,
        rng.integers(*truth.intolerance_days, size=shape, endpoint=True),
        rng.integers(*truth.course_days, size=shape, endpoint=True),
    )
    lag = rng.integers(0, truth.lag_days, size=shape, endpoint=True)
    start = np.cumsum(length, axis=1) - length
    order = rng.permuted(np.tile(np.arange(len(truth.prescriptions)), (subjects, 1)), axis=1)
    return Courses(
        taken=np.cumsum(free, axis=1) - free == 0,
        result=np.where(free, FREE, np.where(intolerant, INTOLERANT, FAILED)),
        start=start,
        stop=np.where(free, truth.follow_up_days - 1, start + length - 1),
        free_from=np.where(free, start + lag, truth.follow_up_days),
        prescription=order[:, : shape[1]],
        adherence=rng.uniform(*truth.adherence, size=shape).round(2),
    )
