"""What a reader of Turnbull's curves must know: where nothing is determined, and why there are no errors."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from analyses.estimates.interval.interval_counts import Floats
from analyses.estimates.interval.turnbull_curve import TurnbullCurve
from analyses.estimates.interval.turnbull_rows import around, interval_text, quantile, quantile_place


def curve_notes(curve: TurnbullCurve, times: Floats, probabilities: Sequence[float]) -> Iterator[str]:
    """Yield the notes on one group's curve."""
    who = "" if curve.group is None else f"{curve.group}: "
    if not curve.shared_grid:
        yield (
            f"{who}visits share no grid, so errors and limits are not given: the curve converges with the cube root of "
            "the number of subjects, and the bootstrap is inconsistent; where each end is the day of a scheduled "
            "visit, `grid` gives the curve by visit"
        )
    yield from (f"{who}{text}" for text in _undetermined(curve, times))
    yield from (f"{who}{text}" for text in _quantiles(curve, probabilities))


def _undetermined(curve: TurnbullCurve, times: Floats) -> Iterator[str]:
    high, low = around(curve, times)
    for i in np.flatnonzero(high > low):
        place = int(np.searchsorted(curve.right[curve.held], times[i], side="right"))
        j = curve.held[place]
        inside = interval_text(float(curve.left[j]), float(curve.right[j]))
        between = f"{low[i]:.4g} and {high[i]:.4g}"
        yield f"survival at {times[i]:g} is not determined inside {inside}: it lies between {between}"


def _quantiles(curve: TurnbullCurve, probabilities: Sequence[float]) -> Iterator[str]:
    for p in probabilities:
        place = quantile_place(curve, p)
        if place is not None and math.isnan(quantile(curve, p)):
            yield f"the quantile {p:g} lies in {place} and is no single day"
