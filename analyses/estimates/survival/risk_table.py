"""Who is at risk, and who has which event, at each time with an event in each stratum: a table for rank tests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analyses.estimates.event_counts import EventCounts
from analyses.estimates.tally import Counts, Floats


@dataclass(frozen=True, eq=False)
class RiskTable:
    """Counts at each stratum's distinct times with an event of any cause, strata one after another.

    Attributes:
        stratum: Number of the stratum, by time.
        time: Days, ascending within a stratum.
        at_risk: How many are under observation just before the time, by group and time.
        events_by_cause: How many have the event then, by cause, group and time.
        size: How many rows each group has.
    """

    stratum: Counts
    time: Floats
    at_risk: Floats
    events_by_cause: Floats
    size: Counts

    @cached_property
    def events(self) -> Floats:
        """Events of any cause, by group and time."""
        return np.asarray(self.events_by_cause.sum(axis=0))

    def strata(self) -> Iterator[slice]:
        """Yield the stretch of times of each stratum that has events."""
        starts = np.flatnonzero(np.diff(self.stratum, prepend=-1)).tolist()
        yield from (slice(first, last) for first, last in pairwise([*starts, len(self.stratum)]))


def risk_table(counted: EventCounts, groups: Sequence[int] | None = None) -> RiskTable:
    """Return the table of some groups (numbers of the labels), or of all of them.

    A row is at risk at t if entry < t <= time; who is there from the start is at risk at 0 too.
    """
    chosen = list(range(len(counted.labels))) if groups is None else sorted(groups)
    cells = counted.cells if groups is None else counted.cells.filter(pl.col("_group").is_in(chosen))
    group, cause, count = (cells[name].to_numpy() for name in ("_group", "_cause", "_count"))
    place = np.searchsorted(chosen, group)
    began, ends, days = _numbered(cells)
    ended = cause > 0
    keys = np.unique(ends[ended])
    # At risk from the first time after entry on, until the last one that is not after the row's own.
    after, until = (np.searchsorted(keys, at, side="right") for at in (began, ends))
    shape = (len(chosen), len(keys) + 1)
    at_risk = np.cumsum(_sums(place, after, count, shape) - _sums(place, until, count, shape), axis=1)[:, :-1]
    which = (cause[ended] - 1) * len(chosen) + place[ended]
    events = _sums(which, until[ended] - 1, count[ended], (len(counted.causes) * len(chosen), len(keys)))
    size = np.bincount(place, weights=count, minlength=len(chosen)).astype(np.int64)
    stratum, day = np.divmod(keys, len(days) + 1)
    return RiskTable(stratum, days[day - 1], at_risk, events.reshape(len(counted.causes), *at_risk.shape), size)


def _numbered(cells: pl.DataFrame) -> tuple[Counts, Counts, Floats]:
    """Return entries and times as numbers that run on from stratum to stratum, and the days they stand for.

    A time has a number from 1 up within its stratum, a late entry that of the last day not after it, the start 0.
    """
    stratum, entry, time = (cells[name].to_numpy() for name in ("_stratum", "_entry", "_time"))
    days, day = np.unique(time, return_inverse=True)
    late = np.where(entry > 0, np.searchsorted(days, entry, side="right"), 0)
    first = stratum * (len(days) + 1)
    return first + late, first + day + 1, days


def _sums(row: Counts, column: NDArray[np.intp], count: Counts, shape: tuple[int, int]) -> Floats:
    """Return counts added up by row and column; whole numbers, so that their order does not matter."""
    flat = np.bincount(row * shape[1] + column, weights=count, minlength=shape[0] * shape[1])
    return np.asarray(flat.reshape(shape), dtype=np.float64)
