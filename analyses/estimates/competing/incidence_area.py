"""The time that a cause takes: the area under its cumulative incidence."""

from __future__ import annotations

import math

import numpy as np

from analyses.estimates.competing.aalen_johansen import event_free
from analyses.estimates.competing.incidence_curve import IncidenceCurve, Precision
from analyses.estimates.competing.incidence_errors import area_error
from analyses.estimates.competing.incidence_rows import Block, area_block
from analyses.estimates.tally import Tally


def time_lost(curve: IncidenceCurve, number: int, tally: Tally, until: float, precision: Precision) -> Block:
    """Return the row of the mean time lost to a cause before day `until`, with plain limits within 0 and `until`.

    It is null where the group is not observed until that day and some are still free of every event.
    """
    if until > curve.time[-1] and curve.survival[-1] > 0:
        return area_block(curve, until, [math.nan] * 4)
    steps = np.diff(np.append(curve.time[curve.time < until], until))
    area = float(np.sum(curve.incidence[: len(steps)] * steps))
    error = area_error(tally, event_free(tally), number, until, robust=precision.robust)
    spread = precision.z * error
    return area_block(curve, until, (area, error, max(area - spread, 0.0), min(area + spread, until)))
