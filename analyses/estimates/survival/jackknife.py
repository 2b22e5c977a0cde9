"""Robust errors of curves by the infinitesimal jackknife: what each row adds to a sum over days."""

from __future__ import annotations

import numpy as np

from analyses.estimates.tally import Floats, Tally

ROUNDING = 64 * np.finfo(float).eps


def influence_variance(tally: Tally, time: Floats, own: Floats, drift: Floats) -> Floats:
    """Return the variance of a sum over days, at each day, as the squares of what the single rows change in it.

    A row with the event on day T changes the sum by `own` of that day; every row changes it by minus the `drift` of
    each day on which it is at risk. The change of a row of weight w is squared with w squared: rows are independent,
    weights are not counts.

    Args:
        tally: The rows.
        time: Days that hold all days of entry, event and censoring, ascending.
        own: What an event on the day changes.
        drift: What being at risk on the day takes off.

    Sources: Jaeckel L. The infinitesimal jackknife. Bell Laboratories memorandum MM 72-1215-11, 1972; Therneau TM,
    Grambsch PM. Modeling Survival Data, Springer 2000, section 7.2.
    """
    summed = np.cumsum(drift)
    # Who enters late is not at risk on the day of entry; who is there from the start is at risk on day 0.
    began = np.where(tally.entry > 0, summed[np.searchsorted(time, tally.entry)], 0.0)
    place = np.searchsorted(time, tally.time)
    square = tally.count * tally.weight**2
    ended = square * (np.where(tally.event, own[place], 0.0) - summed[place] + began) ** 2
    total = np.cumsum(np.bincount(place, ended, len(time)))
    entered = np.where(tally.entry > 0, np.searchsorted(time, tally.entry), 0)
    still = [
        np.cumsum(np.bincount(entered, part, len(time)) - np.bincount(place, part, len(time)))
        for part in (square, square * began, square * began**2)
    ]
    # Of who is still there, the change so far is what has drifted since entry.
    parts = summed**2 * still[0], 2 * summed * still[1], still[2]
    variance = total + parts[0] - parts[1] + parts[2]
    # Where the parts cancel, what is left of them is rounding.
    rounding = ROUNDING * (total + sum(np.abs(part) for part in parts))
    return np.where(variance > rounding, variance, 0.0)
