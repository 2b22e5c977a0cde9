"""The product-limit estimate of competing risks, in the number of distinct days."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analyses.estimates.tally import Amounts, Floats, Tally


@dataclass(frozen=True, eq=False)
class EventFree:
    """One group's counts and the share that is free of every event, at day 0 and each day on which something happens.

    Attributes:
        time: Days, ascending, beginning with 0.
        at_risk: How many are under observation just before the day (at 0: from the start).
        events: Events of any cause on the day.
        before: The share free of every event just before the day.
        survival: The share free of every event from the day on.
    """

    time: Floats
    at_risk: Amounts
    events: Amounts
    before: Floats
    survival: Floats

    @cached_property
    def each(self) -> Floats:
        """How much of the share before the day belongs to one subject at risk; 0 where nobody is."""
        return _ratio(self.before, self.at_risk)

    @cached_property
    def left(self) -> Floats:
        """One over how many pass the day without an event; 0 where nobody does."""
        return _ratio(np.ones(len(self.time)), self.at_risk - self.events)


def event_free(tally: Tally) -> EventFree:
    """Return the share free of every event, with the counts that make it.

    Events come before censorings of the same day: who is censored on a day is at risk on it.
    """
    time = np.unique(np.concatenate([[0.0], tally.entry, tally.time]))
    at_risk, events = tally.at_risk(time), tally.events_at(time)
    survival = np.asarray(np.cumprod(1 - _ratio(events, at_risk)), dtype=float)
    return EventFree(time, at_risk, events, np.concatenate([[1.0], survival[:-1]]), survival)


def cumulative_incidence(free: EventFree, of_cause: Amounts) -> Floats:
    """Return the share that has had an event of the cause by each day, from its events on each day."""
    return np.cumsum(free.each * of_cause)


def _ratio(above: Amounts, below: Amounts) -> Floats:
    return np.divide(above, below, out=np.zeros(len(below)), where=below > 0)
