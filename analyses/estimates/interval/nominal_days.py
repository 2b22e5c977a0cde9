"""Ends of intervals moved to the nominal days of the visits at which they were seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from analyses.estimates.interval.interval_counts import Floats, IntervalCounts, Intervals, recounted
from cohort.errors import EstimationError, some


def on_nominal_days(counts: IntervalCounts, grid: Sequence[float]) -> IntervalCounts:
    """Return the counts with each end moved to the nearest nominal day; 0 stays, and a note says how far they moved.

    The curve is then by visit. This is honest where each subject had each visit at most once and the ends are days of
    visits; where an interval would shrink to nothing it is refused.

    Raises:
        EstimationError: The grid is not ascending days above 0; some time is exact or entered late; an end lies as
            near to one nominal day as to another; both ends of an interval lie nearest to the same one.
    """
    days = _checked_grid(grid)
    known = sum(int(g.count[(g.left == g.right) | (g.entry > 0)].sum()) for g in counts.groups)
    if known:
        raise EstimationError(f"{known} times are exact or entered late; nominal days are for times seen at visits")
    moved = [(_nearest(g.left, days), _nearest(g.right, days)) for g in counts.groups]
    _refuse_lost(counts.groups, moved)
    ends = [np.concatenate([g.left, g.right[np.isfinite(g.right)]]) for g in counts.groups]
    furthest = max(float(np.abs(_nearest(own, days) - own).max(initial=0.0)) for own in ends)
    named = ", ".join(f"{day:g}" for day in days)
    note = f"ends were moved to the nearest of the nominal days {named}, by at most {furthest:g}: the curve is by visit"
    groups = tuple(recounted(*own, g.count) for g, own in zip(counts.groups, moved, strict=True))
    return replace(counts, groups=groups, notes=(*counts.notes, note))


def _checked_grid(grid: Sequence[float]) -> Floats:
    try:
        days = np.array([float(day) for day in grid])
    except (TypeError, ValueError):
        days = np.array([np.nan])
    if not (len(days) and np.all(np.isfinite(days)) and days[0] > 0 and np.all(np.diff(days) > 0)):
        raise EstimationError(f"grid={grid!r} was given; it is a list of nominal days above 0, ascending")
    return days


def _nearest(values: Floats, days: Floats) -> Floats:
    """Return the nearest nominal day; 0 and inf stay, and what lies between two of them becomes NaN."""
    all_days = np.append(0.0, days)
    middle = (all_days[1:] + all_days[:-1]) / 2
    place = np.searchsorted(middle, values, side="right")
    found = np.where(np.isin(values, middle), np.nan, all_days[place])
    # A visit after day 0 is the first nominal one at the earliest.
    found = np.where((values > 0) & (values <= middle[0]), days[0], found)
    return np.where(np.isinf(values), np.inf, found)


def _refuse_lost(groups: Sequence[Intervals], moved: Sequence[tuple[Floats, Floats]]) -> None:
    between = [np.isnan(a) | np.isnan(b) for a, b in moved]
    shrunk = [a >= b for a, b in moved]
    for fact, bad in (
        ("have an end in the middle between two nominal days", between),
        ("have both ends nearest to the same nominal day", shrunk),
    ):
        number = sum(int(g.count[lost].sum()) for g, lost in zip(groups, bad, strict=True))
        if number:
            examples = [
                f"({a:g}, {b:g}]"
                for g, lost in zip(groups, bad, strict=True)
                for a, b in zip(g.left[lost], g.right[lost], strict=True)
            ]
            raise EstimationError(
                f"{number} times {fact}: {some(examples)}; leave `grid` out, or name each scheduled visit in it"
            )
