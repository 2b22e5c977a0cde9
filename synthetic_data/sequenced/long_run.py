"""Shares of a sequenced study that no closed form gives, from a long seeded run."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from synthetic_data.sequenced.courses import draw_courses
from synthetic_data.sequenced.instruments import beside, companion_of
from synthetic_data.sequenced.scores import draw_ratings

if TYPE_CHECKING:
    from synthetic_data.sequenced.truth import SequencedTruth

SUBJECTS = 200_000
_BLOCK = 20_000
_SEED = 20_060_101


@dataclass(frozen=True)
class Counted:
    """How many of how many."""

    met: int
    of: int

    @property
    def share(self) -> float:
        """The share."""
        return self.met / self.of

    @property
    def std_error(self) -> float:
        """Its Monte Carlo standard error."""
        return sqrt(self.share * (1 - self.share) / self.of)


@dataclass(frozen=True)
class LongRun:
    """What a long run counts.

    Attributes:
        response: By step, response from the step's entry among those who started it.
        response_from_baseline: By step, response from day 0 at the step's exit, among the same.
        companion: By step, remission on the other scale among those whose rating is there.
        ever: Remission at any rating after baseline.
    """

    response: tuple[Counted, ...]
    response_from_baseline: tuple[Counted, ...]
    companion: tuple[Counted, ...]
    ever: Counted


@cache
def long_run(truth: SequencedTruth) -> LongRun:
    """Return the counts of 200,000 subjects; the same truth always gives the same."""
    rng = np.random.default_rng(_SEED)
    parts = [_block(truth, rng) for _ in range(SUBJECTS // _BLOCK)]
    total = np.sum([counts for counts, _ in parts], axis=0)
    rows = [tuple(Counted(int(met), int(of)) for met, of in row) for row in total]
    return LongRun(rows[0], rows[1], rows[2], Counted(sum(ever for _, ever in parts), SUBJECTS))


def _block(truth: SequencedTruth, rng: np.random.Generator) -> tuple[NDArray[np.int64], int]:
    """Return counts by question, step, and met or asked; and how many were ever in remission."""
    courses = draw_courses(truth, _BLOCK, rng)
    scores = draw_ratings(truth, courses, rng)
    taken = courses.histories.taken
    other = beside(scores.at_exit, truth.scale, truth.symptoms.companion_sd, rng)
    rated = taken & (rng.random(taken.shape) >= truth.symptoms.companion_missing)
    baseline = scores.at_entry[:, :1]
    questions = [
        (taken, 2 * scores.at_exit <= scores.at_entry),
        (taken, 2 * scores.at_exit <= baseline),
        (rated, other <= companion_of(truth.scale).remission),
    ]
    counts = np.array([np.stack([(asked & met).sum(axis=0), asked.sum(axis=0)], axis=1) for asked, met in questions])
    threshold = truth.instrument.remission
    planned = (scores.held & (scores.planned <= threshold)).any(axis=(1, 2))
    return counts, int((planned | (taken & (scores.at_exit <= threshold)).any(axis=1)).sum())
