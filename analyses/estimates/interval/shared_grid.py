"""Errors of a curve from interval-censored times, and when there are any."""

from __future__ import annotations

import numpy as np

from analyses.estimates.interval.interval_counts import Floats, Intervals
from analyses.estimates.interval.npmle import Npmle

# An event's interval may hold, in the mean, so many days on which others were seen.
MOST_INSIDE = 0.5


def shares_grid(times: Intervals) -> bool:
    """Return whether visits share a grid, so that errors by the observed information hold.

    They do where intervals of events hold at most half a day in the mean on which others were seen (all attend the
    same visits, some miss one), or where the cube of the number of days on which anybody was seen is at most the number
    of subjects. Elsewhere the curve converges with the cube root of their number and not to a normal distribution, and
    a bootstrap does not help.

    Sources: Tang R, Banerjee M, Kosorok MR. Ann Stat 2012;40:45-72; Sen B, Banerjee M, Woodroofe M. Ann Stat
    2010;38:1953-77.
    """
    days = np.unique(np.concatenate([times.left, times.right[np.isfinite(times.right)]]))
    days = days[days > 0]
    if len(days) ** 3 <= times.size:
        return True
    wide = np.isfinite(times.right) & (times.left < times.right)
    begin, end, count = times.left[wide], times.right[wide], times.count[wide]
    inside = np.searchsorted(days, end, side="left") - np.searchsorted(days, begin, side="right")
    return bool(inside @ count <= MOST_INSIDE * count.sum())


def curve_errors(fit: Npmle, size: int) -> Floats:
    """Return the standard error of S after each interval, by the observed information of the masses above 0.

    Where all attend all visits these are Greenwood's of the life table. NaN where S is 0.
    """
    held = np.flatnonzero(fit.mass > 0)
    own = fit.runs.among(held)
    mass = fit.mass[held]
    information = own.information(mass)
    # Masses add up to 1: the information of a sum that is free, less the variance of that sum.
    covariance = (np.linalg.inv(information) - np.outer(mass, mass)) / size
    later = np.cumsum(np.cumsum(covariance[::-1, ::-1], axis=0), axis=1)[::-1, ::-1]
    variance = np.append(np.diag(later)[1:], np.nan)
    place = np.searchsorted(held, np.arange(len(fit.mass)), side="right") - 1
    errors = np.sqrt(np.maximum(variance, 0.0))[np.maximum(place, 0)]
    return np.where(place < 0, 0.0, errors)
