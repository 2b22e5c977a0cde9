"""What treatments make of the seizure rate, day by day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from synthetic_data.clinic.after_drugs import AfterDrugs
from synthetic_data.clinic.courses import NEVER, Courses
from synthetic_data.succession.histories import INEFFICACY

if TYPE_CHECKING:
    from synthetic_data.clinic.truth import ClinicTruth

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Effect:
    """Spans of days with their part of the untreated rate, a later one overruling; arrays by span, sorted by subject.

    Attributes:
        who: The subject's position.
        begin: First day.
        end: The day after the last.
        left: What is left of the untreated rate; NaN where the subject is not in sight.
    """

    who: Ints
    begin: Ints
    end: Ints
    left: Floats

    def on(self, days: Ints, block: slice) -> Floats:
        """Return what is left of the untreated rate, by subject of the block and (consecutive) day."""
        rest = np.ones((block.stop - block.start, days.size))
        places = slice(*np.searchsorted(self.who, [block.start, block.stop]))
        first = np.clip(self.begin[places] - days[0], 0, days.size)
        last = np.clip(self.end[places] - days[0], 0, days.size)
        for who, begin, end, left in zip(self.who[places] - block.start, first, last, self.left[places], strict=True):
            rest[who, begin:end] = left
        return rest


def effect_of(truth: ClinicTruth, courses: Courses, after: AfterDrugs) -> Effect:
    """Return the effect of every treatment and therapy of every subject."""
    histories = courses.histories
    who, step = np.nonzero(histories.taken & (histories.result == INEFFICACY))
    failing = (who, courses.start[who, step], courses.stop[who, step] + 1, np.full(who.size, 1 - truth.reduction))
    who, step = np.nonzero(histories.taken & (courses.free_from < NEVER))
    freed = _freedom(truth, who, courses.free_from[who, step], courses.relapse[who, step])
    lasting = (after.who, after.start, np.full(after.who.size, NEVER), after.left)
    free = after.free_from < NEVER
    freed_later = _freedom(truth, after.who[free], after.free_from[free], after.relapse[free])
    everyone = np.arange(courses.last_day.size)
    gone = (everyone, courses.last_day + 1, np.full(everyone.size, NEVER), np.full(everyone.size, np.nan))
    parts = (failing, *freed, lasting, *freed_later, gone)
    who, begin, end, left = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(who, kind="stable")
    return Effect(who[order], begin[order], end[order], left[order])


def _freedom(truth: ClinicTruth, who: Ints, free_from: Ints, relapse: Ints) -> list[tuple[Ints, Ints, Ints, Floats]]:
    """Return the spans of freedom, and those after a relapse."""
    again = np.flatnonzero(relapse < NEVER)
    forever = np.full(again.size, NEVER)
    return [
        (who, free_from, relapse, np.zeros(who.size)),
        (who[again], relapse[again], forever, np.full(again.size, truth.relapse.residual)),
    ]
