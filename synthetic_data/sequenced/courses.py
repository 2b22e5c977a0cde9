"""Steps of treatment: who takes what from which day to which, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from synthetic_data.sequenced.design import Calendar
from synthetic_data.sequenced.instruments import Floats, Ints
from synthetic_data.succession.histories import INADEQUATE, INTOLERANCE, OTHER, REMISSION, Histories, draw_histories
from synthetic_data.succession.shares import step_shares

if TYPE_CHECKING:
    from synthetic_data.sequenced.options import StepOption
    from synthetic_data.sequenced.truth import SequencedTruth

FAIR, DOSE, DURATION, ADHERENCE = range(4)
CAUSES = (None, "dose too low", "too short", "not taken")


@dataclass(frozen=True, eq=False)
class Courses:
    """Steps of a cohort; arrays by subject and step, real where `histories.taken`.

    Attributes:
        histories: Chances, results, who leaves.
        cause: FAIR, or what made the treatment no fair test: DOSE, DURATION, ADHERENCE.
        start: First day of the step.
        length: Days from the start to the exit, which is the last day of the treatment.
        visit: Which planned rating is the first in remission, from 0; at an exit where it did not take place.
        option: Which of the step's options is taken.
        adherence: Share of the doses taken, to two decimals.
    """

    histories: Histories
    cause: Ints
    start: Ints
    length: Ints
    visit: Ints
    option: Ints
    adherence: Floats

    @property
    def exit(self) -> Ints:
        """The day of the step's exit."""
        return self.start + self.length

    @property
    def remits(self) -> NDArray[np.bool_]:
        """Whether the step is taken and ends in remission."""
        found: NDArray[np.bool_] = self.histories.taken & (self.histories.result == REMISSION)
        return found


def draw_courses(truth: SequencedTruth, subjects: int, rng: np.random.Generator) -> Courses:
    """Draw the steps of that many subjects."""
    histories = draw_histories(truth.succession, subjects, rng)
    shape = histories.result.shape
    drawn = rng.choice([DOSE, DURATION, ADHERENCE], size=shape, p=truth.unfair.shares)
    cause = np.where(histories.result == INADEQUATE, drawn, FAIR)
    length = _lengths(truth.calendar, histories.result, cause, rng)
    poor, good = rng.uniform(*truth.unfair.poor, size=shape), rng.uniform(*truth.unfair.good, size=shape)
    calendar = truth.calendar
    return Courses(
        histories=histories,
        cause=cause,
        start=np.cumsum(length + 1, axis=1) - (length + 1),
        length=length,
        visit=rng.choice(len(calendar.weeks), size=shape, p=calendar.remission_by_visit),
        option=_chosen(truth, histories, rng),
        adherence=np.where(cause == ADHERENCE, poor, good).round(2),
    )


def _lengths(calendar: Calendar, result: Ints, cause: Ints, rng: np.random.Generator) -> Ints:
    full, early, short, leaving = (
        rng.integers(*days, size=result.shape, endpoint=True)
        for days in (calendar.full_days, calendar.intolerance_days, calendar.short_days, calendar.leaving_days)
    )
    ends = [result == INTOLERANCE, cause == DURATION, result == OTHER]
    return np.select(ends, [early, short, leaving], full)


def _chosen(truth: SequencedTruth, histories: Histories, rng: np.random.Generator) -> Ints:
    """Draw the option of each step; whoever could not tolerate the step before switches."""
    shares = step_shares(truth.succession)
    draws = rng.random(histories.result.shape)
    columns = []
    for k, offered in enumerate(truth.options):
        after = float(shares.tried_after[k, INTOLERANCE] / shares.tried[k]) if k and shares.tried[k] > 0 else 0.0
        intolerant = histories.result[:, k - 1] == INTOLERANCE if k else np.zeros(draws.shape[0], dtype=np.bool_)
        bounds = [np.cumsum(chances)[:-1] for chances in option_chances(offered, after)]
        picked = [np.searchsorted(bound, draws[:, k], side="right") for bound in bounds]
        columns.append(np.where(intolerant, picked[1], picked[0]))
    return np.stack(columns, axis=1).astype(np.int64)


def option_chances(offered: tuple[StepOption, ...], intolerant: float) -> tuple[Floats, Floats]:
    """Return the chances of a step's options after a tolerated and after an intolerable treatment.

    Together they make the options' shares. Where more are to augment than there are who tolerated, or nobody could
    switch, all are treated alike.

    Args:
        offered: The options.
        intolerant: Share of those who start the step after intolerance.
    """
    shares = np.array([option.share for option in offered])
    switch = np.array([option.kind == "switch" for option in offered])
    adds = float(shares[~switch].sum())
    if adds == 0 or adds > 1 - intolerant or adds >= 1:
        return shares, shares
    switching = np.where(switch, shares, 0) / (1 - adds)
    return (shares - intolerant * switching) / (1 - intolerant), switching
