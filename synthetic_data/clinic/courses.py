"""Successive treatments: who takes what, until when, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from synthetic_data.clinic.prescribing import LOW_ADHERENCE, TOO_EARLY, Prescribed, draw_prescribed
from synthetic_data.succession.histories import (
    INADEQUATE,
    INEFFICACY,
    INTOLERANCE,
    OTHER,
    REMISSION,
    Histories,
)

if TYPE_CHECKING:
    from synthetic_data.clinic.truth import ClinicTruth

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

NEVER = np.iinfo(np.int64).max // 4


@dataclass(frozen=True, eq=False)
class Courses:
    """The courses of treatment of a cohort; arrays by subject and step, `last_day` by subject.

    Attributes:
        histories: Who takes which treatment, and what comes of it.
        prescribed: Which drugs, and why a treatment was no fair test.
        start: First day of the treatment.
        stop: Its last day; the end of observation for courses that are not stopped.
        free_from: First day without seizures; NEVER for courses without remission.
        relapse: First day on which seizures may come again; NEVER where freedom is kept to the end of follow-up.
        adherence: Share of the doses taken, to two decimals.
        last_day: The subject's last day under observation.
    """

    histories: Histories
    prescribed: Prescribed
    start: Ints
    stop: Ints
    free_from: Ints
    relapse: Ints
    adherence: Floats
    last_day: Ints

    @property
    def stopped(self) -> Bools:
        """Which courses are stopped within sight."""
        return self.histories.taken & ~np.isin(self.histories.result, [REMISSION, OTHER])


def draw_courses(truth: ClinicTruth, histories: Histories, syndrome: Ints, rng: np.random.Generator) -> Courses:
    """Draw every subject's courses; each step is drawn for everybody and real where it is taken."""
    prescribed = draw_prescribed(truth, histories, syndrome, rng)
    length = _lengths(truth, histories, prescribed, rng)
    start = np.cumsum(length, axis=1) - length
    stop = start + length - 1
    last_day = _last_days(truth, histories, stop)
    remits = histories.result == REMISSION
    free_from, relapse = draw_freedom(truth, remits, start, rng)
    return Courses(
        histories=histories,
        prescribed=prescribed,
        start=start,
        stop=np.where(remits, last_day[:, None], stop),
        free_from=free_from,
        relapse=relapse,
        adherence=_adherence(truth, prescribed, rng),
        last_day=last_day,
    )


def draw_freedom(truth: ClinicTruth, remits: Bools, start: Ints, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Return the first day of freedom and the day of the relapse; NEVER where they do not come.

    A relapse comes after `sustained_days` of freedom at the earliest, so that it does not undo the verdict on them.
    """
    free_from = np.where(remits, start + rng.integers(0, truth.lag_days, size=start.shape, endpoint=True), NEVER)
    wait = rng.standard_exponential(start.shape)
    if truth.relapse.per_year == 0:
        return free_from, np.full(start.shape, NEVER)
    kept = np.minimum(wait / truth.relapse.per_year * 365.25, truth.follow_up_days).astype(np.int64)
    relapse = free_from + truth.sustained_days + 1 + kept
    return free_from, np.where(remits & (relapse < truth.follow_up_days), relapse, NEVER)


def _lengths(truth: ClinicTruth, histories: Histories, prescribed: Prescribed, rng: np.random.Generator) -> Ints:
    """Return the days of each course; 0 for remission, which nothing follows."""
    result, lengths = histories.result, truth.lengths
    shares = rng.random(result.shape)
    early = rng.integers(*lengths.too_early, size=result.shape, endpoint=True)
    long = np.where(prescribed.cause == TOO_EARLY, early, lengths.inefficacy.of(shares))
    kinds = [result == kind for kind in (INTOLERANCE, INEFFICACY, INADEQUATE, OTHER)]
    return np.select(kinds, [lengths.intolerance.of(shares), long, long, lengths.lost.of(shares)], 0)


def _last_days(truth: ClinicTruth, histories: Histories, stop: Ints) -> Ints:
    """Return each subject's last day: of a treatment after which, or during which, it leaves, else of follow-up."""
    last = np.full(stop.shape[0], truth.follow_up_days - 1)
    leaves = histories.taken & histories.left
    leaves[:, -1] &= histories.result[:, -1] == OTHER  # after the last treatment subjects stay in sight
    who, step = np.nonzero(leaves)
    last[who] = stop[who, step]
    return last


def _adherence(truth: ClinicTruth, prescribed: Prescribed, rng: np.random.Generator) -> Floats:
    shape = prescribed.cause.shape
    taken, lacking = rng.uniform(*truth.adherence, size=shape), rng.uniform(*truth.low_adherence, size=shape)
    return np.where(prescribed.cause == LOW_ADHERENCE, lacking, taken).round(2)
