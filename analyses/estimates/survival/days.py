"""One group's days: who is at risk, and what happens."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analyses.estimates.tally import Amounts, Counts, Floats, Tally


@dataclass(frozen=True, eq=False)
class Days:
    """Day 0 and every day on which somebody enters, has the event or is censored, with what is counted on it.

    Attributes:
        time: Days, ascending, beginning with 0.
        at_risk: How many are under observation just before the day (at 0: from the start); with case weights what they
            weigh together, as are `events` and `censored`.
        events: Events on the day.
        censored: Censored on the day.
        rows_at_risk: How many rows are at risk, whatever they weigh.
        rows_events: How many rows have the event, whatever they weigh.
        rows_censored: How many rows are censored, whatever they weigh.
    """

    time: Floats
    at_risk: Amounts
    events: Amounts
    censored: Amounts
    rows_at_risk: Counts
    rows_events: Counts
    rows_censored: Counts

    @property
    def rows(self) -> int:
        """How many rows the group has."""
        return int(self.rows_events.sum() + self.rows_censored.sum())

    @property
    def jumps(self) -> NDArray[np.intp]:
        """Where a curve is told: day 0 and each day with an event."""
        return np.flatnonzero((self.rows_events > 0) | (self.time == 0))

    def last_before(self, times: Floats) -> NDArray[np.intp]:
        """Return where the last day up to and including each time stands."""
        return np.searchsorted(self.time, times, side="right") - 1

    def just_before(self, amounts: Amounts, times: ArrayLike) -> Amounts:
        """Return what stood just before each time; 0 after the last day."""
        place = np.searchsorted(self.time, np.asarray(times, dtype=float), side="left")
        return np.append(amounts, 0)[place]


def days_of(tally: Tally) -> Days:
    """Return a group's days."""
    plain = replace(tally, weight=np.ones(len(tally.time))) if tally.weighted else tally
    time, amounts = _counted(plain)
    rows = [np.asarray(amount, dtype=np.int64) for amount in amounts]
    if not tally.weighted:
        return Days(time, *rows, *rows)
    # Differences of sums of weights are not exactly 0 where nobody is left.
    masses = [np.where(row > 0, mass, 0.0) for mass, row in zip(_counted(tally)[1], rows, strict=True)]
    return Days(time, *masses, *rows)


def _counted(tally: Tally) -> tuple[Floats, list[Amounts]]:
    """Return the days, and who is at risk, has the event and is censored on each."""
    if not tally.entry.any() and not np.any(tally.time[1:] < tally.time[:-1]):
        return _from_the_start(tally)
    time = np.unique(np.concatenate([[0.0], tally.entry, tally.time]))
    return time, [tally.at_risk(time), tally.events_at(time), tally.censored_at(time)]


def _from_the_start(tally: Tally) -> tuple[Floats, list[Amounts]]:
    """Return the same where all are there from the start and cells are sorted by time: one run through them."""
    first = np.flatnonzero(np.concatenate([[True], tally.time[1:] > tally.time[:-1]]))
    kinds: tuple[Amounts, ...] = (tally.mass, tally.mass * tally.event, tally.mass * ~tally.event)
    ended, events, censored = (np.asarray(np.add.reduceat(mass, first)) for mass in kinds)
    at_risk = np.asarray(np.cumsum(ended[::-1])[::-1])
    time, amounts = tally.time[first], [at_risk, events, censored]
    if time[0] == 0:
        return time, amounts
    return np.append(0.0, time), [np.insert(each, 0, each[0] if each is at_risk else 0) for each in amounts]
