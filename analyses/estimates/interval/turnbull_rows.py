"""Turnbull's curves as rows of ESTIMATES."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from analyses.estimates.groups import Label
from analyses.estimates.interval.interval_counts import Floats
from analyses.estimates.interval.turnbull_curve import TurnbullCurve
from analyses.estimates.survival.curve_rows import Block
from analyses.estimates.survival.quantiles import TOLERANCE

_HEIGHTS = ("estimate", "std_error", "conf_low", "conf_high")


def interval_text(left: float, right: float) -> str:
    """Return an interval as it is written.

    >>> interval_text(4, 5), interval_text(5, 5), interval_text(48, math.inf)
    ('(4, 5]', '{5}', '(48, inf)')
    """
    if left == right:
        return f"{{{_day(left)}}}"
    return f"({_day(left)}, {_day(right)}{')' if math.isinf(right) else ']'}"


def _day(day: float) -> str:
    return repr(float(day)).removesuffix(".0")


def curve_blocks(curve: TurnbullCurve, times: Floats, probabilities: Sequence[float]) -> Iterator[Block]:
    """Yield masses, curve, asked times, quantiles, events and log likelihood."""
    total: Block = {"group": curve.group, "n": curve.n, "events": curve.events}
    for i in curve.held.tolist():
        left, right, mass = float(curve.left[i]), float(curve.right[i]), float(curve.mass[i])
        at = right if math.isfinite(right) else None
        yield total | {
            "statistic": "probability mass",
            "term": interval_text(left, right),
            "at": at,
            "estimate": mass,
        }
    ends = np.concatenate([[0.0], curve.right[curve.held]])
    ends = np.unique(ends[np.isfinite(ends)])
    survival = total | {"statistic": "survival"}
    yield survival | {"term": "curve", "at": ends} | _heights(curve, ends)
    if len(times):
        # Nobody is known to be at risk on a day, so that these rows rest on no number of their own.
        yield survival | {"term": "time point", "at": times, "n": None} | _heights(curve, times)
    for p in probabilities:
        found = quantile(curve, p)
        term = None if math.isfinite(found) else quantile_place(curve, p)
        value = found if math.isfinite(found) else None
        yield total | {"statistic": "quantile", "at": float(p), "term": term, "estimate": value}
    yield total | {"statistic": "events", "estimate": float(curve.events)}
    yield total | {"statistic": "log likelihood", "estimate": curve.log_likelihood}


def empty_blocks(group: Label, times: Floats, probabilities: Sequence[float]) -> Iterator[Block]:
    """Yield the rows of a group that has no rows."""
    nobody: Block = {"group": group, "n": 0, "events": 0}
    if len(times):
        yield nobody | {"statistic": "survival", "term": "time point", "at": times}
    if len(probabilities):
        yield nobody | {"statistic": "quantile", "at": np.array(probabilities, dtype=float)}
    yield nobody | {"statistic": "events", "estimate": 0.0}


def around(curve: TurnbullCurve, times: Floats) -> tuple[Floats, Floats]:
    """Return, for each time, the greatest and the least value that S(t) may have; the same where it is determined."""
    held = curve.held
    after = np.concatenate([[1.0], curve.survival[held]])
    least = after[np.searchsorted(curve.left[held], times, side="left")]
    # A day begins its own point, and ends what ends on it.
    point = np.searchsorted(curve.right[held], times, side="right")
    return after[point], np.minimum(after[point], least)


def _heights(curve: TurnbullCurve, times: Floats) -> dict[str, Floats]:
    high, low = around(curve, times)
    place = np.searchsorted(curve.right[curve.held], times, side="right")
    values = [
        np.concatenate([[first], own[curve.held]])[place] for first, own in zip(_start(curve), _own(curve), strict=True)
    ]
    determined = high == low
    return {name: np.where(determined, value, np.nan) for name, value in zip(_HEIGHTS, values, strict=True)}


def _own(curve: TurnbullCurve) -> tuple[Floats, Floats, Floats, Floats]:
    return curve.survival, curve.std_error, curve.conf_low, curve.conf_high


def _start(curve: TurnbullCurve) -> tuple[float, float, float, float]:
    """Return S before the first interval with mass, its error and its limits."""
    return (1.0, 0.0, 1.0, 1.0) if curve.shared_grid else (1.0, math.nan, math.nan, math.nan)


def quantile(curve: TurnbullCurve, p: float) -> float:
    """Return the day by which the share p has had the event; NaN where it is not one day, or is not reached.

    Where S(t) is 1 - p between two known days (or up to the last day seen) it is the middle, as in `kaplan_meier`.
    """
    begin, end = quantile_interval(curve, p)
    if math.isinf(begin[1]) or begin[0] != begin[1]:
        return math.nan
    ends_known = end[0] == end[1] or math.isinf(end[1])
    return (begin[0] + end[0]) / 2 if ends_known else math.nan


def quantile_place(curve: TurnbullCurve, p: float) -> str | None:
    """Return where a quantile lies that is no single day, as "(4, 5]" or "(4, 5] to (7, 8]"; None where not reached."""
    begin, end = quantile_interval(curve, p)
    if math.isinf(begin[1]):
        return None
    last = "" if math.isinf(end[1]) or end == begin else f" to {interval_text(*end)}"
    return interval_text(*begin) + last


def quantile_interval(curve: TurnbullCurve, p: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the interval in which S(t) comes down to 1 - p, and the one in which it goes below."""
    held = curve.held
    survival = curve.survival[held]
    reached = int(np.argmax(survival <= 1 - p + TOLERANCE))
    passed = int(np.argmax(survival <= 1 - p - TOLERANCE))
    begin, end = (((float(curve.left[held[i]])), float(curve.right[held[i]])) for i in (reached, passed))
    return begin, end
