"""The curve of one group's interval-censored times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analyses.estimates.groups import Label
from analyses.estimates.interval.interval_counts import Counts, Floats, Intervals
from analyses.estimates.interval.npmle import npmle
from analyses.estimates.interval.shared_grid import curve_errors, shares_grid
from analyses.estimates.interval.support import support
from analyses.estimates.survival.curve import curve_of
from analyses.estimates.survival.limits import survival_limits
from analyses.estimates.tally import Tally
from cohort.errors import EstimationError


@dataclass(frozen=True, eq=False)
class TurnbullCurve:
    """One group's masses and the curve that they make.

    An interval is (left, right], or the day {left} where both are the same. S(t) is determined wherever t does not lie
    between the ends of an interval with mass; inside one it lies between the values at its ends. No other masses on
    Turnbull's intervals reach the same likelihood: between two neighbours with mass some time ends and some begins, so
    that each is told from the other.

    Attributes:
        group: The group's label; None for everyone together.
        left: Left ends of Turnbull's intervals, ascending.
        right: Right ends; inf where mass lies after the last day on which anybody was seen.
        mass: Their masses; those that are nothing are exactly 0.
        survival: S at each right end, which holds up to the next interval with mass.
        std_error: Its standard error; NaN where S is 0 and where visits share no grid.
        conf_low: Lower log-log limit; 1 where S is 1, NaN without error.
        conf_high: Upper log-log limit, likewise.
        log_likelihood: At the maximum.
        gradient_gap: The greatest derivative of the log likelihood by a mass, minus the number of subjects, over that
            number: above 0 by rounding alone at a maximum.
        iterations: Rounds of fitting; 0 for a product of fractions.
        shared_grid: Whether errors hold: all times are exact or right-censored, or visits share a grid.
        n: Rows.
        events: Rows with the event.
    """

    group: Label
    left: Floats
    right: Floats
    mass: Floats
    survival: Floats
    std_error: Floats
    conf_low: Floats
    conf_high: Floats
    log_likelihood: float
    gradient_gap: float
    iterations: int
    shared_grid: bool
    n: int
    events: int

    @property
    def held(self) -> NDArray[np.intp]:
        """Which intervals have mass."""
        return np.flatnonzero(self.mass > 0)


def turnbull_curve(group: Label, times: Intervals, z: float) -> TurnbullCurve:
    """Return the curve of a group that has rows.

    Raises:
        EstimationError: Somebody enters late and some times are interval-censored.
    """
    if times.known:
        return _product_limit(group, times, z)
    if times.late:
        who = "" if group is None else f" of group {group!r}"
        raise EstimationError(
            f"{times.late} of {times.size} rows{who} enter late and some times are interval-censored: this estimate "
            "needs all from the start; let the clock start at entry, or fit a shape with accelerated_failure"
        )
    fit = npmle(times.left, times.right, times.count)
    survival = np.append(np.cumsum(fit.mass[::-1])[::-1][1:], 0.0)
    grid = shares_grid(times)
    errors = curve_errors(fit, times.size) if grid else np.full(len(survival), np.nan)
    errors[survival == 0] = np.nan
    return TurnbullCurve(
        group,
        fit.left,
        fit.right,
        fit.mass,
        survival,
        errors,
        *_limits(survival, errors, z),
        fit.log_likelihood,
        fit.gap,
        fit.rounds,
        grid,
        times.size,
        times.events,
    )


def _limits(survival: Floats, errors: Floats, z: float) -> tuple[Floats, Floats]:
    told = ~np.isnan(errors)
    low, high = np.full(len(survival), np.nan), np.full(len(survival), np.nan)
    low[told], high[told] = survival_limits(survival[told], errors[told] / survival[told], "log-log", z)
    return low, high


def _product_limit(group: Label, times: Intervals, z: float) -> TurnbullCurve:
    """Return the curve of exact and right-censored times, which is Kaplan and Meier's, late entry included."""
    ended = np.isfinite(times.right)
    tally = Tally(times.entry, times.left, ended.astype(np.int64), times.count, np.ones(len(times.count)))
    curve = curve_of(group, tally, "log-log", z)
    left, right = support(times.left, times.right)
    place = curve.days.last_before(left)
    survival = np.where(np.isinf(right), 0.0, curve.survival[place])
    mass = -np.diff(survival, prepend=1.0)
    tail = np.where(np.isinf(right), np.nan, 1.0)
    return TurnbullCurve(
        group,
        left,
        right,
        mass,
        survival,
        curve.std_error[place] * tail,
        curve.conf_low[place] * tail,
        curve.conf_high[place] * tail,
        _log_likelihood(curve.days.rows_at_risk, curve.days.rows_events),
        0.0,
        0,
        True,
        times.size,
        times.events,
    )


def _log_likelihood(at_risk: Counts, events: Counts) -> float:
    happened = events > 0
    n, d = at_risk[happened], events[happened]
    others = n > d
    rest = (n - d)[others]
    return float(d @ np.log(d / n) + rest @ np.log(rest / n[others]))
