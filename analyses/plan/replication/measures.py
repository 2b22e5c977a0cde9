"""Operating characteristics of one number over its replicates, each with its Monte Carlo standard error.

The formulas and their names are those of Morris TP, White IR, Crowther MJ. Stat Med 2019;38:2074-102, table 6.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analyses.estimates.distributions import normal_quantile
from analyses.estimates.proportions import wilson

Floats = NDArray[np.float64]
MONTE_CARLO_LEVEL = 0.95


@dataclass(frozen=True, eq=False)
class Runs:
    """One number in every replicate, in the order of the replicates; NaN where it does not exist."""

    estimate: Floats
    std_error: Floats
    conf_low: Floats
    conf_high: Floats
    p_value: Floats


@dataclass(frozen=True)
class Target:
    """What the number should be.

    Attributes:
        true: The true value; None where it is not known.
        true_error: Its own Monte Carlo error; 0 where it is exact. It enters the error of the bias alone: mean squared
            error and coverage take the true value as exact.
        null: The value of no effect; None where the number measures no effect.
        no_effect: Whether the truth is one without an effect, so that every rejection is an error.
    """

    true: float | None = None
    true_error: float = 0.0
    null: float | None = None
    no_effect: bool = False


@dataclass(frozen=True)
class Measure:
    """One operating characteristic: its name, its value, its Monte Carlo error, and what it rests on."""

    name: str
    value: float
    error: float | None
    n: int
    events: int | None = None

    def limits(self) -> tuple[float | None, float | None]:
        """Return 95% Monte Carlo limits: Wilson's for a share, else normal ones; nulls without an error."""
        z = normal_quantile(MONTE_CARLO_LEVEL)
        if self.events is not None:
            return wilson(self.events, self.n, z)
        if self.error is None:
            return None, None
        return self.value - z * self.error, self.value + z * self.error


def measures(runs: Runs, target: Target, alpha: float) -> Iterator[Measure]:
    """Yield what can be said of a number: spread, and against what is true bias and coverage, against no effect power.

    Standard errors are compared over the replicates that have both. A limit that does not exist counts as infinite
    where the other one does. A rejection is a p value below `alpha`, or where there is none, limits without the null
    value (then at the limits' own level).
    """
    yield Measure("replicates", float(np.isfinite(runs.estimate).sum()), None, len(runs.estimate))
    if target.true is not None:
        yield Measure("true value", target.true, target.true_error or None, len(runs.estimate))
    yield from _of_the_estimate(runs.estimate[np.isfinite(runs.estimate)], target)
    yield from _of_the_error(runs)
    if target.true is not None:
        yield from _shares("coverage", *_covered(runs, target.true))
    yield from _shares("type I error" if target.no_effect else "power", *_rejected(runs, target.null, alpha))


def _of_the_estimate(found: Floats, target: Target) -> Iterator[Measure]:
    n = len(found)
    if not n:
        return
    mean = float(found.mean())
    sd = float(found.std(ddof=1)) if n > 1 else None
    error = None if sd is None else sd / math.sqrt(n)
    yield Measure("mean estimate", mean, error, n)
    if target.true is not None:
        yield Measure("bias", mean - target.true, None if error is None else math.hypot(error, target.true_error), n)
    if sd is not None:
        yield Measure("empirical standard error", sd, sd / math.sqrt(2 * (n - 1)), n)
    if target.true is not None:
        squares = (found - target.true) ** 2
        spread = float(squares.std(ddof=1)) / math.sqrt(n) if n > 1 else None
        yield Measure("mean squared error", float(squares.mean()), spread, n)


def _of_the_error(runs: Runs) -> Iterator[Measure]:
    """Yield the root mean square of the standard errors, and its ratio to the spread of the estimates."""
    both = np.isfinite(runs.estimate) & np.isfinite(runs.std_error)
    n = int(both.sum())
    if n < 2:
        return
    variances = runs.std_error[both] ** 2
    mean = math.sqrt(float(variances.mean()))
    error = float(variances.std(ddof=1)) / (2 * math.sqrt(n) * mean) if mean > 0 else None
    yield Measure("mean standard error", mean, error, n)
    sd = float(runs.estimate[both].std(ddof=1))
    if error is not None and sd > 0:
        yield Measure(
            "standard error ratio", mean / sd, mean / sd * math.hypot(error / mean, 1 / math.sqrt(2 * n - 2)), n
        )


def _covered(runs: Runs, true: float) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which intervals hold the true value, and which replicates have an interval."""
    low, high, there = _interval(runs)
    return (low <= true) & (true <= high), there


def _rejected(runs: Runs, null: float | None, alpha: float) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which replicates reject, and which have a test."""
    tested = ~np.isnan(runs.p_value)
    rejected = tested & (runs.p_value < alpha)
    if null is None:
        return rejected, tested
    low, high, there = _interval(runs)
    outside = ~tested & there & ((null < low) | (high < null))
    return rejected | outside, tested | there


def _interval(runs: Runs) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    none = np.isnan(runs.conf_low), np.isnan(runs.conf_high)
    low, high = np.where(none[0], -np.inf, runs.conf_low), np.where(none[1], np.inf, runs.conf_high)
    return low, high, ~(none[0] & none[1])


def _shares(name: str, held: NDArray[np.bool_], among: NDArray[np.bool_]) -> Iterator[Measure]:
    n, events = int(among.sum()), int((held & among).sum())
    if n:
        yield Measure(name, events / n, math.sqrt(events / n * (1 - events / n) / n), n, events)
