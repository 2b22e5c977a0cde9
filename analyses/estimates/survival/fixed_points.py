"""Curves at one time, and the test that they are at one height there."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from analyses.estimates.groups import Label
from analyses.estimates.survival.curve import Curve

Transform = Literal["plain", "log", "log-log", "arcsine", "logit"]


@dataclass(frozen=True)
class Point:
    """One group's curve at one time.

    Attributes:
        group: The group's label.
        survival: S(t); NaN after the last day.
        log_error: The standard error of log S(t); NaN where S(t) is 0 or unknown.
        at_risk: How many rows are at risk just before t.
        events: How many rows had the event up to t.
    """

    group: Label
    survival: float = math.nan
    log_error: float = math.nan
    at_risk: int = 0
    events: int = 0

    @property
    def std_error(self) -> float:
        """The standard error of S(t)."""
        return self.survival * self.log_error


def point_at(curve: Curve, time: float) -> Point:
    """Return a curve at a time."""
    days = curve.days
    place = int(days.last_before(np.array(time)))
    events = int(days.rows_events[: place + 1].sum())
    if time > curve.time[-1]:
        return Point(curve.group, events=events)
    at_risk = int(days.just_before(days.rows_at_risk, time))
    return Point(curve.group, float(curve.survival[place]), float(curve.log_error[place]), at_risk, events)


def equality(points: Sequence[Point], transform: Transform) -> float:
    """Return the chi-square of equal heights, with one degree of freedom fewer than points; NaN where there is none.

    With the transformed heights x and their variances v it is (C x)' (C V C')^-1 C x, C holding contrasts.

    Sources: Klein JP, Logan B, Harhoff M, Andersen PK. Stat Med 2007;26:4505-19.
    """
    moved = [_SCALES[transform](point.survival, point.log_error) for point in points]
    heights, errors = np.array(moved).T
    if not np.all(np.isfinite(heights) & np.isfinite(errors)):
        return math.nan
    base = int(np.argmin(errors))
    differences = np.delete(heights, base) - heights[base]
    variances = np.delete(errors, base) ** 2
    if not np.all(variances > 0):
        return math.nan
    covariance = np.diag(variances) + errors[base] ** 2
    return float(differences @ np.linalg.solve(covariance, differences))


def _strictly_inside(
    scale: Callable[[float, float], tuple[float, float]],
) -> Callable[[float, float], tuple[float, float]]:
    def inside(s: float, error: float) -> tuple[float, float]:
        return scale(s, error) if 0 < s < 1 else (math.nan, math.nan)

    return inside


# S(t) and the standard error of its logarithm -> the transformed S(t) and its standard error.
_SCALES: dict[str, Callable[[float, float], tuple[float, float]]] = {
    "plain": lambda s, error: (s, s * error),
    "log": lambda s, error: (math.log(s), error) if s > 0 else (math.nan, math.nan),
    "log-log": _strictly_inside(lambda s, error: (math.log(-math.log(s)), error / -math.log(s))),
    "arcsine": _strictly_inside(lambda s, error: (math.asin(math.sqrt(s)), error / 2 * math.sqrt(s / (1 - s)))),
    "logit": _strictly_inside(lambda s, error: (math.log(s / (1 - s)), error / (1 - s))),
}
