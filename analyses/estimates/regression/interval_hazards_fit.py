"""The highest likelihood of interval-censored times over a baseline of steps, and over coefficients as well."""

from __future__ import annotations

import numpy as np

from analyses.estimates.regression.accelerated_distributions import Error, Floats
from analyses.estimates.regression.interval_hazards_terms import (
    Baseline,
    Integers,
    IntervalSample,
    Slopes,
    log_likelihood,
    slopes,
)
from analyses.estimates.regression.interval_hazards_unbounded import unsettled
from cohort.errors import EstimationError

_ROUNDS, _STEPS, _HALVINGS = 200, 200, 40
_ENOUGH = 1e-9
# A gradient towards mass where there is none, per subject, that is let pass.
_GAP = 1e-9
# Two levels nearer than this are one; new mass begins so small that Newton's steps enlarge it.
_ONE, _LITTLE = 1e-11, 1e-8
# For covariates of standard deviation 1: so far out it is asked whether there is a maximum.
_ENDLESS = 12.0


def maximise(
    sample: IntervalSample, error: Error, start: Baseline, coefficients: Floats, *, fixed: bool = False
) -> tuple[Baseline, Floats, Slopes]:
    """Return the baseline and coefficients at which the likelihood is highest, with its derivatives there.

    In the levels and coefficients the log-likelihood is concave, the levels being in order. Newton's steps take all of
    them at once; levels that meet become one, and an interval to which the gradient then leads gets mass again, until
    none does.

    Args:
        sample: The rows.
        error: The extreme value distribution for proportional hazards, the logistic for proportional odds.
        start: Where to start; every row must have some probability.
        coefficients: Likewise.
        fixed: Keep the coefficients as they are: a point of the profile likelihood.

    Raises:
        EstimationError: A coefficient grows without bound, or the maximum was not found.

    Sources: Finkelstein DM. Biometrics 1986;42:845-54; Pan W. J Comput Graph Stat 1999;8:109-20; Burridge J. J R Stat
    Soc B 1981;43:41-5 (concavity).
    """
    baseline, limit = start, _GAP * float(sample.count.sum())
    before: Integers = np.zeros(0, dtype=np.int64)
    for number in range(_ROUNDS):
        baseline, coefficients = _newton(sample, error, baseline, coefficients, fixed=fixed)
        found = slopes(sample, error, baseline, coefficients)
        wanted = _wanted(found.total, baseline.kept, limit)
        if not len(wanted):
            return baseline, coefficients, found
        # Several at once may push one another out again; then they are tried in turn.
        again = np.array_equal(wanted, before)
        baseline = _with_mass(baseline, wanted[[number % len(wanted)]] if again else wanted)
        before = wanted
    raise EstimationError(
        f"the baseline of {sample.size} intervals was not found in {_ROUNDS} rounds; round the days, so that fewer "
        "ends differ"
    )


def _newton(
    sample: IntervalSample, error: Error, baseline: Baseline, coefficients: Floats, *, fixed: bool
) -> tuple[Baseline, Floats]:
    for _ in range(_STEPS):
        found = slopes(sample, error, baseline, coefficients)
        free = len(baseline.level) + (0 if fixed else len(coefficients))
        move = np.zeros(len(found.gradient))
        if free:
            move[:free] = _solved(sample, found.information[:free, :free], found.gradient[:free])
        levels, slope = move[: len(baseline.level)], move[len(baseline.level) :]
        size = 1 + max(np.abs(baseline.level).max(initial=0), np.abs(coefficients).max(initial=0))
        if np.abs(move).max(initial=0) <= _ENOUGH * size and _reach(baseline.level, levels) > 1:
            return Baseline(baseline.kept, baseline.level + levels), coefficients + slope
        baseline, coefficients = _uphill(sample, error, (baseline, coefficients), (levels, slope), found.value)
        if not fixed and np.any(np.abs(coefficients) * sample.matrix.std(axis=0) > _ENDLESS):
            break
    raise unsettled(sample)


def _solved(sample: IntervalSample, information: Floats, gradient: Floats) -> Floats:
    size = np.abs(np.diag(information)).max()
    for damping in (0.0, 1e-12, 1e-9, 1e-6, 1e-3):
        try:
            return np.asarray(np.linalg.solve(information + damping * size * np.eye(len(gradient)), gradient))
        except np.linalg.LinAlgError:
            continue
    raise unsettled(sample)


def _uphill(
    sample: IntervalSample,
    error: Error,
    start: tuple[Baseline, Floats],
    move: tuple[Floats, Floats],
    reached: float,
) -> tuple[Baseline, Floats]:
    """Return the longest of some steps that keeps the levels in order and does not lower the likelihood."""
    baseline, coefficients = start
    longest = min(1.0, _reach(baseline.level, move[0]))
    least = reached - 1e-13 * (1 + abs(reached))
    for halving in range(_HALVINGS):
        share = longest / 2**halving
        tried = _merged(baseline.kept, baseline.level + share * move[0])
        value = log_likelihood(sample, error, tried, coefficients + share * move[1])
        if value >= least:
            return tried, coefficients + share * move[1]
    return start


def _reach(level: Floats, move: Floats) -> float:
    """Return how far a step may go before two levels meet."""
    gap, closing = np.diff(level), -np.diff(move)
    meet = closing > 0
    return float(np.min(gap[meet] / closing[meet], initial=np.inf))


def _merged(kept: Integers, level: Floats) -> Baseline:
    """Return the baseline without intervals whose mass is nothing."""
    held = np.append(True, np.diff(level) > _ONE)[: len(level)]
    return Baseline(kept[np.append(held, True)], level[held])


def _wanted(total: Floats, kept: Integers, limit: float) -> Integers:
    """Return the intervals without mass to which the gradient leads, at most one between two with mass."""
    # What raising the running total from an interval on up to the next mass would gain.
    gain = np.cumsum(total[::-1])[::-1][1:]
    stretch = np.searchsorted(kept, np.arange(len(gain)))
    gain -= gain[kept[stretch]]
    gain[kept] = -np.inf
    order = np.lexsort((-gain, stretch))
    best = order[np.unique(stretch[order], return_index=True)[1]]
    return np.sort(best[gain[best] > limit])


def _with_mass(baseline: Baseline, wanted: Integers) -> Baseline:
    """Return the baseline with a little mass on further intervals."""
    kept, level = baseline.kept, baseline.level
    for interval in wanted:
        place = int(np.searchsorted(kept, interval))
        above = level[place] if place < len(level) else level[place - 1] + 1
        between = level[place - 1] + min(_LITTLE, (above - level[place - 1]) / 2)
        kept, level = np.insert(kept, place, interval), np.insert(level, place, between)
    return Baseline(kept, level)
