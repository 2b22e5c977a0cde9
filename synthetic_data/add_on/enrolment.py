"""Who enters the study: subjects are drawn until enough have the seizures that the protocol asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from synthetic_data.diary.counts import Ints, draw_counts
from synthetic_data.diary.habits import Habits, draw_habits, habits_joined, habits_taken
from synthetic_data.diary.reporting import missing_days, written_counts
from synthetic_data.soundness import demand

if TYPE_CHECKING:
    from synthetic_data.add_on.truth import AddOnTruth

_BATCH = 5_000
_RAREST = 1_000  # of so many drawn at least one must be eligible


@dataclass(frozen=True, eq=False)
class Enrolled:
    """Eligible subjects and their baseline diaries, by subject and baseline day.

    Attributes:
        habits: How their seizures come.
        counts: True seizures.
        written: Seizures written down, had no day been missing.
        missing: Whether the day was recorded as missing; with the first treatment days, for gaps that run into them.
    """

    habits: Habits
    counts: Ints
    written: Ints
    missing: NDArray[np.bool_]


def draw_enrolled(truth: AddOnTruth, subjects: int, rng: np.random.Generator) -> Enrolled:
    """Draw that many eligible subjects.

    Raises:
        TruthError: Hardly anybody is eligible.
    """
    parts: list[Enrolled] = []
    found, drawn = 0, 0
    while found < subjects:
        # Asks at first for as many as are eligible in a common population, then for what the shares so far promise.
        wanted = int(1.1 * (subjects - found) * ((drawn + 1) / (found + 0.4))) + 20
        size = min(wanted, _BATCH)
        parts.append(_eligible_of(truth, size, rng))
        found, drawn = found + parts[-1].counts.shape[0], drawn + size
        demand(
            drawn < _BATCH or found * _RAREST >= drawn,
            f"{found} of {drawn} subjects drawn are eligible; lower minimum_seizures or raise longest_gap or the rates",
        )
    habits = habits_taken(habits_joined([part.habits for part in parts]), slice(subjects))
    tables = ("counts", "written", "missing")
    return Enrolled(habits, *(np.concatenate([getattr(part, name) for part in parts])[:subjects] for name in tables))


def longest_quiet(seizures: Ints) -> Ints:
    """Return the longest run of days without a seizure, by subject, the runs at both ends included.

    >>> longest_quiet(np.array([[0, 0, 1, 0], [2, 0, 0, 0], [1, 1, 1, 1]])).tolist()
    [2, 3, 0]
    """
    run = longest = np.zeros(seizures.shape[0], dtype=np.int64)
    for day in seizures.T:
        run = np.where(day > 0, 0, run + 1)
        longest = np.maximum(longest, run)
    return longest


def _eligible_of(truth: AddOnTruth, size: int, rng: np.random.Generator) -> Enrolled:
    diary, days = truth.diary, np.arange(-truth.baseline_days, 0)
    habits = draw_habits(diary, size, rng)
    counts = draw_counts(diary, habits, days, np.ones((size, days.size)), rng)
    missing = missing_days(diary, counts, rng, beyond=min(diary.gap_days[1], truth.treatment_days))
    written = written_counts(diary, counts, rng)
    seen = np.where(missing[:, : days.size], 0, written)
    eligible = (seen.sum(axis=1) >= truth.minimum_seizures) & (longest_quiet(seen) <= truth.longest_gap)
    who = np.flatnonzero(eligible)
    return Enrolled(habits_taken(habits, who), counts[who], written[who], missing[who])
