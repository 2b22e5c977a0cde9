"""The curve of one cause in one group, with its errors and limits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analyses.estimates.competing.aalen_johansen import cumulative_incidence, event_free
from analyses.estimates.competing.incidence_errors import aalen_errors, robust_errors
from analyses.estimates.competing.incidence_limits import NEARLY_ALL, incidence_limits
from analyses.estimates.groups import Label
from analyses.estimates.tally import Amounts, Floats, Tally


@dataclass(frozen=True, eq=False)
class IncidenceCurve:
    """One cause's curve in one group, at day 0 and at every day on which somebody enters, has an event or is censored.

    Attributes:
        group: The group's label; None for everyone together.
        cause: The cause.
        size: How many rows the group has.
        time: Days, ascending, beginning with 0.
        incidence: The share that has had an event of the cause, from the day to the next.
        std_error: Its standard error.
        conf_low: Lower limit; 0 where the incidence is 0, NaN where it is 1.
        conf_high: Upper limit, likewise.
        survival: The share free of every event; with the incidences of all causes it adds up to 1.
        at_risk: How many are under observation just before the day (at 0: from the start).
        events: Events of the cause on the day.
        censored: Censored on the day.
    """

    group: Label
    cause: str
    size: int
    time: Floats
    incidence: Floats
    std_error: Floats
    conf_low: Floats
    conf_high: Floats
    survival: Floats
    at_risk: Amounts
    events: Amounts
    censored: Amounts


@dataclass(frozen=True)
class Precision:
    """How sure a curve is said to be: the kind of error, the scale and the normal quantile of the limits."""

    robust: bool
    limits: str
    z: float


def incidence_curve(
    label: Label, causes: tuple[str, ...], number: int, tally: Tally, precision: Precision
) -> IncidenceCurve:
    """Return the curve of the cause with that number (from 1) among the counts of a group."""
    free = event_free(tally)
    events = tally.events_at(free.time, number)
    incidence = cumulative_incidence(free, events)
    if precision.robust:
        # Where all had the event of the cause, rounding alone is left of the error.
        errors = np.where(incidence > NEARLY_ALL, 0.0, robust_errors(tally, free, number))
    else:
        errors = aalen_errors(free, events)
    errors = np.where(incidence == 0, 0.0, errors)
    low, high = incidence_limits(incidence, errors, precision.z, precision.limits)
    numbers = incidence, errors, low, high, free.survival
    counts = free.at_risk, events, tally.censored_at(free.time)
    return IncidenceCurve(label, causes[number - 1], tally.size, free.time, *numbers, *counts)


def days_at_risk(curve: IncidenceCurve, times: Floats) -> Amounts:
    """Return how many are under observation just before each time; 0 after the last one."""
    return np.append(curve.at_risk, 0)[np.searchsorted(curve.time, times, side="left")]
