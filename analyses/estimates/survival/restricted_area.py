"""The area under a survival curve up to a time, and its error."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from analyses.estimates.groups import Label
from analyses.estimates.survival.curve import Curve
from analyses.estimates.survival.jackknife import influence_variance
from analyses.estimates.tally import Floats, Tally


@dataclass(frozen=True)
class Area:
    """One group's mean time to the event or to `until`, whichever comes first.

    Attributes:
        group: The group's label; None for everyone together.
        until: The time up to which the area is taken.
        mean: The area under S(t).
        std_error: Its standard error.
        rows: How many rows the group has.
        events: How many had the event up to `until`.
    """

    group: Label
    until: float
    mean: float
    std_error: float
    rows: int
    events: int


def area_under(curve: Curve, tally: Tally, until: float) -> Area:
    """Return the area under a curve from day 0 to `until`.

    The variance adds, for each day with d events among n at risk, the square of the area from that day on times
    d / (n (n - d)). It is that of the estimate. (lifelines' `restricted_mean_survival_time` with its variance, as of
    0.30, returns the variance of min(T, until) instead, that of a single subject's time.) With case weights it is the
    sum of squares of what each row changes in the area.

    Sources: Irwin JO. J Hyg 1949;47:188-9; Klein JP, Moeschberger ML. Survival Analysis, 2nd ed., Springer 2003,
    section 4.5.
    """
    days = curve.days
    left = days.at_risk - days.events
    rest = rest_of_area(curve.time, curve.survival, until)
    own = np.divide(rest, left, out=np.zeros(len(left)), where=(rest > 0) & (left > 0))
    share = np.divide(days.events, days.at_risk, out=np.zeros(len(left)), where=days.at_risk > 0)
    if tally.weighted:
        variance = influence_variance(tally, days.time, own, share * own)[-1]
    else:
        variance = np.sum(share * own * rest)
    events = int(days.rows_events[days.time <= until].sum())
    return Area(curve.group, until, float(rest[0]), float(np.sqrt(variance)), days.rows, events)


def rest_of_area(time: Floats, survival: Floats, until: float) -> Floats:
    """Return the area under a step function from each of its times to `until`; 0 from there on."""
    widths = np.diff(np.minimum(np.append(time, until), until))
    return np.asarray(np.cumsum((survival * np.maximum(widths, 0.0))[::-1])[::-1])


def supported(curves: list[Curve]) -> float:
    """Return the latest time up to which the areas of all curves can be known.

    A curve that has not fallen to 0 is known to its last day only; one that has stays at 0. Where all have, there is no
    such time: infinity.
    """
    return min((float(curve.time[-1]) for curve in curves if curve.survival[-1] > 0), default=math.inf)
