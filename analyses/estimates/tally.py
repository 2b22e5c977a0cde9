"""Counts by entry, time and cause as arrays: who is at risk, and what happens when."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Amounts = Counts | Floats  # whole numbers unless rows have case weights


@dataclass(frozen=True, eq=False)
class Tally:
    """One group's rows counted by entry, time, cause and case weight; all that a rank method needs of them.

    Attributes:
        entry: Day of coming under observation.
        time: Day of the event or of censoring.
        cause: 0 where the time is censored, else the number of the cause, from 1.
        count: How many rows.
        weight: What each of them counts; 1 unless there are case weights.
    """

    entry: Floats
    time: Floats
    cause: Counts
    count: Counts
    weight: Floats

    @cached_property
    def weighted(self) -> bool:
        """Whether rows have case weights other than 1."""
        return bool(np.any(self.weight != 1))

    @cached_property
    def mass(self) -> Amounts:
        """What each cell adds to a risk set: whole numbers unless rows have case weights."""
        return self.count * self.weight if self.weighted else self.count

    @property
    def event(self) -> NDArray[np.bool_]:
        """Which cells end with an event, whatever its cause."""
        return self.cause > 0

    @property
    def size(self) -> int:
        """How many rows there are."""
        return int(self.count.sum())

    def at_risk(self, times: ArrayLike) -> Amounts:
        """Return how many are under observation just before each time: entry < t <= time (at 0: entry = 0)."""
        at = np.asarray(times, dtype=float)
        before = _below(self.entry, self.mass, at, "left")
        began = np.where(at <= 0, _below(self.entry, self.mass, at, "right"), before)
        return began - _below(self.time, self.mass, at, "left")

    def events_at(self, times: Floats, cause: int | None = None) -> Amounts:
        """Return how many events (of one cause, or of any) fall on each of the times."""
        of_it = self.event if cause is None else self.cause == cause
        return _on(self.time[of_it], self.mass[of_it], times)

    def censored_at(self, times: Floats) -> Amounts:
        """Return how many are censored on each of the times."""
        return _on(self.time[~self.event], self.mass[~self.event], times)


def _below(values: Floats, mass: Amounts, at: Floats, side: str) -> Amounts:
    order = np.argsort(values, kind="stable")
    total = np.concatenate([np.zeros(1, dtype=mass.dtype), np.cumsum(mass[order])])
    return np.asarray(total[np.searchsorted(values[order], at, side="right" if side == "right" else "left")])


def _on(values: Floats, mass: Amounts, times: Floats) -> Amounts:
    return _below(values, mass, times, "right") - _below(values, mass, times, "left")
