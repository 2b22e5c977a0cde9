"""What follows remission: monthly ratings, relapse, dropout."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from synthetic_data.sequenced.courses import Courses
from synthetic_data.sequenced.design import MONTH, MONTHS
from synthetic_data.sequenced.instruments import Floats, Ints, rounded
from synthetic_data.sequenced.scores import Ratings

if TYPE_CHECKING:
    from synthetic_data.sequenced.truth import SequencedTruth

NEVER = MONTHS + 1


@dataclass(frozen=True, eq=False)
class After:
    """Follow-up of those who remitted; arrays by subject, real where `who`.

    Attributes:
        who: Whether the subject remitted on any step.
        step: On which, from 0.
        since: The day of that step's exit.
        relapse: The month of the rating that would show a relapse; NEVER where there is none within 12 months.
        relapse_day: The day on which the relapse begins: after the rating before, at the latest on its own.
        missed: The first month whose rating is missed for good; NEVER where none is.
        scores: By subject and month.
    """

    who: NDArray[np.bool_]
    step: Ints
    since: Ints
    relapse: Ints
    relapse_day: Ints
    missed: Ints
    scores: Ints

    @property
    def relapsed(self) -> NDArray[np.bool_]:
        """Whether a relapse was seen."""
        found: NDArray[np.bool_] = self.who & (self.relapse < np.minimum(self.missed, NEVER))
        return found

    @property
    def last(self) -> Ints:
        """The month of the last rating; 0 where there is none."""
        found: Ints = np.minimum(np.where(self.relapsed, self.relapse, MONTHS), self.missed - 1)
        return found


def month_day(month: Ints) -> Ints:
    """Return the days from the exit to a month's rating.

    >>> month_day(np.array([1, 6, 12])).tolist()
    [30, 183, 365]
    """
    days: Ints = np.floor(MONTH * month + 0.5).astype(np.int64)
    return days


@cache
def monthly(mean: float) -> tuple[float, ...]:
    """Return the shares of months 1 to 12 in which the rating that shows a relapse falls: geometric, with that mean.

    >>> monthly(1.0)[:2], round(monthly(6.5)[3], 6)
    ((1.0, 0.0), 0.083333)
    """
    from scipy.optimize import brentq

    months = np.arange(1, MONTHS + 1)
    if mean in (1, MONTHS):
        return tuple((months == mean).astype(float).tolist())

    def shares(log_factor: float) -> Floats:
        weights = np.exp(log_factor * (months - (1 if log_factor < 0 else MONTHS)))
        return np.asarray(weights / weights.sum())

    found = brentq(lambda log_factor: float(shares(log_factor) @ months) - mean, -700, 700, xtol=1e-14)
    return tuple(shares(found).tolist())


def draw_after(truth: SequencedTruth, courses: Courses, ratings: Ratings, rng: np.random.Generator) -> After:
    """Draw the follow-up of everybody; it is real of those who remitted."""
    plan, remits = truth.follow_up, courses.remits
    subjects, step = remits.shape[0], remits.argmax(axis=1)
    who: NDArray[np.bool_] = np.any(remits, axis=1)
    everyone = np.arange(subjects)
    share = np.array(plan.relapse)[step]
    cumulative = np.cumsum([monthly(mean) for mean in plan.relapse_months], axis=1)[step]
    month = 1 + (rng.random((subjects, 1)) > cumulative[:, :-1]).sum(axis=1)
    relapse = np.where(rng.random(subjects) < share, month, NEVER)
    since = courses.exit[everyone, step]
    before, then = month_day(relapse - 1), month_day(relapse)
    began = since + before + 1 + np.floor((then - before) * rng.random(subjects)).astype(np.int64)
    drops = rng.random((subjects, MONTHS)) < plan.dropout
    missed = np.where(drops.any(axis=1), drops.argmax(axis=1) + 1, NEVER)
    scores = _scores(truth, ratings.at_exit[everyone, step], relapse, rng)
    return After(who, step, since, relapse, began, missed, scores)


def _scores(truth: SequencedTruth, leave: Ints, relapse: Ints, rng: np.random.Generator) -> Ints:
    """Draw the monthly scores: below the relapse threshold before a relapse, at or above it when it shows."""
    plan, found = truth.follow_up, truth.instrument
    noise = plan.rating_sd * rng.standard_normal((leave.size, MONTHS))
    well = rounded(leave[:, None] + plan.remission_drift + noise, 0, found.relapse - 1)
    ill = rounded(plan.relapse_mean + noise, found.relapse, int(found.scale.high))
    return np.where(np.arange(1, MONTHS + 1) < relapse[:, None], well, ill)
