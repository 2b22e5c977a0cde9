"""Why a likelihood of interval-censored times has no maximum, told from the data alone."""

from __future__ import annotations

import numpy as np

from analyses.estimates.regression.interval_hazards_terms import IntervalSample
from cohort.errors import EstimationError, some

_MOVED = 1e-7


def unsettled(sample: IntervalSample) -> EstimationError:
    """Return what is said of a fit that found no maximum: which coefficient grows without bound, if one does.

    Looked for by linear programming is a direction of levels (in order) and coefficients in which no row's likelihood
    ever falls.
    """
    from scipy.optimize import linprog

    levels, rows = sample.size - 1, int(sample.count.sum())
    x = sample.matrix / np.maximum(np.abs(sample.matrix).max(axis=0), 1e-300)
    place = np.eye(levels + 2)[:, 1:-1]
    low, high = (np.column_stack([place[end], x]) for end in (sample.first, sample.after))
    gains = np.vstack([-low[sample.first > 0], high[sample.after < sample.size]])
    order = np.diff(np.column_stack([np.eye(levels), np.zeros((levels, x.shape[1]))]), axis=0)
    kept = -np.vstack([gains, order])
    found = linprog(-gains.sum(axis=0), A_ub=kept, b_ub=np.zeros(len(kept)), bounds=(-1, 1))
    moved = np.abs(found.x[levels:]) > _MOVED if found.status == 0 and -found.fun > _MOVED else np.zeros(0, dtype=bool)
    if moved.any():
        endless = [name for name, far in zip(sample.names, moved, strict=True) if far]
        return EstimationError(
            f"the likelihood of {rows} rows has no maximum: the coefficient of {some(endless)} grows without bound, "
            "because events (or times without one) fall on one side of it alone; merge levels, leave it out, or report "
            "counts"
        )
    return EstimationError(
        f"the likelihood of {rows} rows was not brought to its maximum; a covariate that has a few huge values or all "
        "but follows from the others, or a level whose times all contain one another, does that: leave it out"
    )
