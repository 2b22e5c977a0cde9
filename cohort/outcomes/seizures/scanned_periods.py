"""The seizures of a period from the pieces of a diary: the numbers of `seizures_in`, found by search."""

from __future__ import annotations

import numpy as np
import polars as pl

from cohort.criteria import Period
from cohort.records.diary_pieces import FARTHEST, Pieces, Whole, day_of, key, summed


def period_sums(pieces: Pieces, period: Period) -> pl.DataFrame:
    """Return `subject_id, seizures, observed_days, last_observed` of those with a recorded day in the period."""
    from_key, to_key, start, stop = _inside(pieces, period)
    final = np.maximum(stop - 1, 0)
    days = summed(pieces.last - pieces.first + 1, start, stop)
    held = stop > start
    start, stop, final, days, who = start[held], stop[held], final[held], days[held], np.flatnonzero(held)
    before = np.maximum(from_key[held] - pieces.first[start], 0)
    behind = np.maximum(pieces.last[final] - to_key[held], 0)
    inside = np.searchsorted(pieces.first, from_key[held])
    return pl.DataFrame(
        {
            "subject_id": pieces.subjects.gather(who),
            "seizures": summed(pieces.count, np.minimum(inside, stop), stop),
            "observed_days": days - before - behind,
            "last_observed": day_of(pieces.last[final] - behind),
        }
    )


def reach(pieces: Pieces, period: Period) -> pl.DataFrame:
    """Return `subject_id, recorded_to, straddles, seen`: the last recorded day, and whether a seizure is in the period.

    None lies over an edge of the period: a row is one day.
    """
    from_key, to_key, _, _ = _inside(pieces, period)
    seizures = pieces.seizure_days()
    seen = np.searchsorted(seizures, to_key, side="right") > np.searchsorted(seizures, from_key)
    _, _, start, stop = _inside(pieces, Period(-FARTHEST, FARTHEST))
    held = np.flatnonzero(stop > start)
    return pl.DataFrame(
        {
            "subject_id": pieces.subjects.gather(held),
            "recorded_to": day_of(pieces.last[stop[held] - 1]),
            "straddles": np.zeros(held.size, dtype=np.bool_),
            "seen": seen[held],
        }
    )


def _inside(pieces: Pieces, period: Period) -> tuple[Whole, Whole, Whole, Whole]:
    """Return the keys of the period's first and last day for each subject, and the pieces that touch it."""
    place = np.arange(len(pieces.subjects), dtype=np.int64)
    from_key, to_key = key(place, np.int64(period.from_day)), key(place, np.int64(period.to_day))
    return from_key, to_key, *pieces.touching(from_key, to_key)
