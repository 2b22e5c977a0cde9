"""Quantiles of a survival curve."""

from __future__ import annotations

import math

import numpy as np

from analyses.estimates.survival.curve import Curve
from analyses.estimates.tally import Floats

# As R's quantile.survfit: products of fractions miss 1 - p by rounding alone.
TOLERANCE = math.sqrt(np.finfo(float).eps)


def quantile(curve: Curve, p: float) -> tuple[float, float, float]:
    """Return the day by which the share p has had the event, and its limits; NaN where not reached.

    The limits are those of Brookmeyer and Crowley, where the lower and the upper limit of the curve cross 1 - p: the
    days at which a test on the scale of the limits does not reject S(t) = 1 - p.

    Sources: Brookmeyer R, Crowley J. Biometrics 1982;38:29-41.
    """
    low, middle, high = (crossing(curve.time, h, p) for h in (curve.conf_low, curve.survival, curve.conf_high))
    return middle, low, high


def crossing(time: Floats, heights: Floats, p: float) -> float:
    """Return the first day on which a step function is at most 1 - p.

    Where it stays at 1 - p until it falls further (or until the last day), the middle of that stretch: half of the
    group had the event by any of these days, and R and SAS report the middle. Unknown heights are passed over.
    """
    known = ~np.isnan(heights)
    days, known_heights = time[known], heights[known]
    reached = days[known_heights <= 1 - p + TOLERANCE]
    passed = days[known_heights <= 1 - p - TOLERANCE]
    if not len(reached):
        return math.nan
    if len(passed):
        return float((reached[0] + passed[0]) / 2)
    return float((reached[0] + time[-1]) / 2) if known[-1] else math.nan
