"""Why a likelihood of log times has no maximum, told from the data alone."""

from __future__ import annotations

import numpy as np

from analyses.estimates.regression.accelerated_distributions import Floats
from analyses.estimates.regression.accelerated_terms import TimeSample
from cohort.errors import EstimationError, some

_MOVED = 1e-7


def unsettled(sample: TimeSample) -> EstimationError:
    """Return what is said where there may be a maximum, but it was not found."""
    return EstimationError(
        f"the likelihood of {_events(sample)} events was not brought to its maximum; the times tell too little of the "
        "scale (as where all are only left- or right-censored), or a covariate has a few huge values: leave it out, "
        "transform it, or use distribution='exponential'"
    )


def refuse_unbounded(sample: TimeSample, *, fixed: bool) -> None:
    """Say which coefficient grows without bound, or that the scale runs to 0, if so.

    Looked for by linear programming is a direction in which no row's likelihood ever falls: dated events keep their
    place, censored ones move to their own side.

    Raises:
        EstimationError: There is such a direction.
    """
    direction = _direction(sample, fixed)
    if direction is None:
        return
    events = _events(sample)
    moved = np.abs(direction) > _MOVED
    endless = [name for name, far in zip(sample.names, moved[1:-1], strict=True) if far]
    if moved[-1] and not fixed:
        raise EstimationError(
            f"the likelihood of {events} events has no maximum: the scale runs to 0, because some line through the log "
            "times fits all of them without error; more dated events than coefficients, or intervals without a common "
            "day, are needed (or distribution='exponential')"
        )
    if not endless:
        raise EstimationError(
            f"the likelihood of {events} events has no maximum: all of them are left-censored, and any early time fits "
            "them; times without the event, or a first day without it, are needed"
        )
    raise EstimationError(
        f"the likelihood of {events} events has no maximum: the coefficient of {some(endless)} grows without bound, "
        "because events (or times without one) fall on one side of it alone; merge levels, leave it out, or report "
        "counts"
    )


def _events(sample: TimeSample) -> int:
    return int(sample.count[np.isfinite(sample.right)].sum())


def _direction(sample: TimeSample, fixed: bool) -> Floats | None:
    """Return a change of (intercept, coefficients, 1 / scale) that lowers nothing and raises something, if any."""
    from scipy.optimize import linprog

    columns = np.column_stack([np.ones(len(sample.left)), sample.matrix])
    spread = np.maximum(np.abs(columns).max(axis=0), 1e-300)
    with np.errstate(divide="ignore"):
        left, right = np.log(sample.left), np.log(sample.right)
    x = columns / spread
    exact = np.column_stack([-x, left])[sample.exact]
    falls = np.concatenate([sample.survived, sample.between])
    rises = np.concatenate([sample.failed, sample.between])
    # The change of z must not be positive where time went on without the event, nor negative where it came before.
    limits = np.vstack([np.column_stack([-x, left])[falls], -np.column_stack([-x, right])[rises]])
    gain = limits.sum(axis=0) - np.eye(limits.shape[1])[-1] * bool(len(exact))
    bounds = [(-1.0, 1.0)] * x.shape[1] + [(0.0, 0.0 if fixed else 1.0)]
    found = linprog(
        gain,
        A_ub=limits if len(limits) else None,
        b_ub=np.zeros(len(limits)) if len(limits) else None,
        A_eq=exact if len(exact) else None,
        b_eq=np.zeros(len(exact)) if len(exact) else None,
        bounds=bounds,
    )
    if found.status != 0 or -found.fun <= _MOVED:
        return None
    return np.asarray(found.x)
