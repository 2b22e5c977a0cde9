"""Sustained freedom from the pieces of a diary: the numbers of `freedom`, found by search instead of row by row."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from cohort.criteria import SeizureFreedom
from cohort.outcomes.seizures.runs import free_runs, with_needed
from cohort.outcomes.treatments.courses import UNIT
from cohort.records.diary_pieces import Pieces, Whole, day_of, key, largest, summed


def freedom_numbers(pieces: Pieces, units: pl.DataFrame, criterion: SeizureFreedom) -> pl.DataFrame:
    """Return what the rule needs to know of each course.

    Args:
        pieces: The diary of some subjects.
        units: Their courses: `subject_id, treatment_no, place` (of the subject in `pieces`)`, start, end, before`.
        criterion: The rule.

    Returns:
        `subject_id, treatment_no, interval, longest, completed, first_seizure, seizures`, as in `freedom` and `runs`.
    """
    place, start, end, before = (units[name].to_numpy() for name in ("place", "start", "end", "before"))
    seizures = pieces.seizure_days()
    from_key, to_key = key(place, start), key(place, end)
    numbers = units.select(*UNIT, "start", "end").with_columns(
        _known("interval", _interval(seizures, place, before, criterion.lookback_days)),
        _known("first_seizure", _first_seizure(seizures, from_key, to_key)),
        _known("longest", _longest(pieces, from_key, to_key, criterion.max_gap_days)),
        pl.Series("seizures", _seizures(pieces, from_key, to_key)),
    )
    return _completed(with_needed(numbers, criterion), pieces, place, criterion).drop("start", "end", "threshold")


def _known(name: str, values: Whole) -> pl.Series:
    return pl.Series(name, values).replace(_UNKNOWN, None)


_UNKNOWN = np.iinfo(np.int64).min


def _interval(seizures: Whole, place: Whole, before: Whole, lookback_days: int) -> Whole:
    """Return the longest interval in the look-back, with fewer than two seizures there that of the last two ever."""
    apart = np.diff(seizures)
    everything, recent, stop = (
        np.searchsorted(seizures, key(place, day)) for day in (_ALWAYS, before - lookback_days, before)
    )
    last = np.where(stop - everything >= 2, apart[np.maximum(stop - 2, 0)] if apart.size else _UNKNOWN, _UNKNOWN)
    return np.where(stop - recent >= 2, largest(apart, recent, np.maximum(stop - 1, recent)), last)


_ALWAYS = np.int64(-(2**31))


def _first_seizure(seizures: Whole, from_key: Whole, to_key: Whole) -> Whole:
    found = np.append(seizures, np.iinfo(np.int64).max)[np.searchsorted(seizures, from_key)]
    return np.where(found <= to_key, day_of(found), _UNKNOWN)


def _seizures(pieces: Pieces, from_key: Whole, to_key: Whole) -> Whole:
    start, stop = np.searchsorted(pieces.first, from_key), np.searchsorted(pieces.first, to_key, side="right")
    return summed(pieces.count, start, stop)


def _longest(pieces: Pieces, from_key: Whole, to_key: Whole, max_gap_days: int) -> Whole:
    """Return the length of the longest run of each course, 0 where each day holds seizures.

    A run is counted since the last seizure or the first day behind a long gap; before either, since the start of the
    course, or where the records begin long after it, since their first day.
    """
    first, last = pieces.first, pieces.last
    start, stop = pieces.touching(from_key, to_key)
    if not first.size:
        return np.full(start.size, _UNKNOWN)
    begins = _begins(pieces, max_gap_days)
    opening = np.minimum(start, first.size - 1)
    under_way = (pieces.count[opening] == 0) | (first[opening] < from_key)
    run, behind = np.searchsorted(begins, start + under_way), np.searchsorted(begins, stop)
    turn = np.where(behind > run, np.append(begins, 0)[run], stop)  # the pieces before it are in the opening run
    recorded_from = np.maximum(first[opening], from_key)
    opened = np.where(recorded_from - from_key > max_gap_days, recorded_from, from_key)
    opening_run = np.minimum(last[np.maximum(turn - 1, 0)], to_key) - opened
    final_run = np.minimum(last[np.maximum(stop - 1, 0)], to_key) - first[begins[np.maximum(behind - 1, 0)]]
    whole_runs = last[np.append(begins[1:], first.size) - 1] - first[begins]
    found = [
        np.where(turn > start, opening_run, 0),
        largest(whole_runs, run, np.maximum(behind - 1, run)),
        np.where(behind > run, final_run, 0),
    ]
    return np.where(stop > start, np.maximum.reduce(found), _UNKNOWN)


def _begins(pieces: Pieces, max_gap_days: int) -> npt.NDArray[np.intp]:
    """Return which pieces begin a run: those with seizures, and those behind a long gap."""
    begins = pieces.count > 0
    begins[1:] |= pieces.first[1:] - pieces.last[:-1] > max_gap_days + 1
    begins[:1] = True
    return np.flatnonzero(begins)


def _completed(units: pl.DataFrame, pieces: Pieces, place: Whole, criterion: SeizureFreedom) -> pl.DataFrame:
    """Add `completed`: the few courses with a run that is long enough are asked day by day."""
    able = (pl.col("longest") >= pl.col("threshold")).fill_null(False)
    long = units.with_columns(place=pl.Series(place, dtype=pl.Int64)).filter(able)
    if long.is_empty():
        return units.with_columns(completed=pl.lit(None, dtype=pl.Int64))
    who = long["place"].unique().to_numpy()
    names = pieces.subjects.gather(who)
    runs = free_runs(long, pieces.records_of(who, names), criterion)
    found = runs.group_by(UNIT).agg(completed=pl.col("completed").min())
    return units.join(found, on=UNIT, how="left", maintain_order="left")
