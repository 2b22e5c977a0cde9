"""Errors of coefficients from the curvature of the profile likelihood, whose baseline follows the coefficients."""

from __future__ import annotations

import numpy as np

from analyses.estimates.regression.accelerated_distributions import Error, Floats
from analyses.estimates.regression.interval_hazards_fit import maximise
from analyses.estimates.regression.interval_hazards_terms import Baseline, IntervalSample, Slopes


def profile_covariance(
    sample: IntervalSample, error: Error, baseline: Baseline, coefficients: Floats, found: Slopes
) -> Floats | None:
    """Return the covariance of the coefficients; None where the profile likelihood does not bend downwards.

    The baseline is fitted anew one standard error to either side (and for two coefficients at once), the standard error
    for these steps being that of a baseline with the same intervals. Steps must not be much smaller: within one set of
    intervals with mass the profile bends more than over several.

    Sources: Murphy SA, van der Vaart AW. J Am Stat Assoc 2000;95:449-65; Zeng D, Mao L, Lin DY. Biometrika
    2016;103:253-71.
    """
    steps = _steps(found.information, len(baseline.level))
    if steps is None:
        return None
    size = len(coefficients)

    def fall(direction: Floats) -> float:
        moved = coefficients + steps @ direction
        return found.value - maximise(sample, error, baseline, moved, fixed=True)[2].value

    axis = np.eye(size)
    alone = np.array([fall(one) + fall(-one) for one in axis])
    curvature = np.diag(alone)
    for j in range(size):
        for k in range(j):
            both = fall(axis[j] + axis[k]) + fall(-axis[j] - axis[k])
            curvature[j, k] = curvature[k, j] = (both - alone[j] - alone[k]) / 2
    if np.linalg.eigvalsh(curvature).min() <= 0:
        return None
    return np.asarray(steps @ np.linalg.inv(curvature) @ steps.T)


def _steps(information: Floats, levels: int) -> Floats | None:
    """Return, column by column, steps in which the likelihood over a baseline of the same intervals falls by a half."""
    own, mixed, inner = information[levels:, levels:], information[:levels, levels:], information[:levels, :levels]
    try:
        return np.asarray(np.linalg.cholesky(np.linalg.inv(own - mixed.T @ np.linalg.solve(inner, mixed))))
    except np.linalg.LinAlgError:
        return None
