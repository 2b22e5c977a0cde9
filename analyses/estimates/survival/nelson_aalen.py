"""The cumulative hazard by the estimate of Nelson and Aalen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import polars as pl

from analyses.estimates.distributions import normal_quantile
from analyses.estimates.event_counts import count_events
from analyses.estimates.groups import Label
from analyses.estimates.result import Estimates, estimates_of
from analyses.estimates.survival.curve_rows import (
    Block,
    check_times,
    count_blocks,
    curve_blocks,
    empty_blocks,
    total_block,
)
from analyses.estimates.survival.days import Days, days_of
from analyses.estimates.survival.jackknife import influence_variance
from analyses.estimates.survival.limits import HazardLimits, check_limits, hazard_limits
from analyses.estimates.tally import Floats, Tally
from cohort.errors import EstimationError

Variance = Literal["Poisson", "binomial"]


@dataclass(frozen=True, eq=False)
class HazardCurve:
    """One group's cumulative hazard at day 0 and every day on which somebody enters, has the event or is censored.

    Attributes:
        group: The group's label; None for everyone together.
        days: The days, and the counts that the curve is made of.
        hazard: H(t), which holds from the day to the next.
        std_error: Its standard error.
        conf_low: Lower limit; 0 where H(t) is 0.
        conf_high: Upper limit, likewise.
    """

    group: Label
    days: Days
    hazard: Floats
    std_error: Floats
    conf_low: Floats
    conf_high: Floats


def nelson_aalen(
    events: pl.DataFrame,
    *,
    by: str | None = "arm",
    times: Sequence[float] = (),
    limits: HazardLimits = "log",
    variance: Variance = "Poisson",
    confidence: float = 0.95,
    frequency: str | None = None,
    case_weights: str | None = None,
) -> Estimates:
    """Return the cumulative hazard, the sum of d / n over the days with events, by group. Any cause is the event.

    Rows "cumulative hazard" with the term "curve" at day 0 and each day with an event, and with the term "time point"
    at `times` (`n` at risk just before the day, `events` up to and including it; null after the last observed day); "at
    risk" just before day 0 and `times`, "cumulative events" and "cumulative censored" up to and including them; and
    "events". `model` is a tuple of `HazardCurve`, one a group that has rows.

    With d events among n at risk, the variance adds d / n^2 a day ("Poisson", Aalen's, which is R's std.chaz), or
    d (n - d) / n^3 ("binomial", Greenwood's), which is smaller where times are tied. With case weights errors are
    robust (infinitesimal jackknife, rows independent) and `variance` is not used; "at risk", "events" and cumulative
    numbers are then sums of weights, while the columns `n` and `events` count rows.

    Args:
        events: EVENTS with exact and right-censored times, and the column `by`; late entry is allowed.
        by: The grouping column; None for everyone together.
        times: Days at which to report.
        limits: The scale of the pointwise limits: "log", or "plain" (cut at 0).
        variance: "Poisson" or "binomial".
        confidence: Coverage of the pointwise limits.
        frequency: The column that says how many equal rows each row stands for.
        case_weights: The column that says what each row counts.

    Raises:
        EstimationError: Times or weights cannot be used (see `count_events`); a time or an option is not one of those
            allowed.

    Sources: Nelson W. J Qual Technol 1969;1:27-52; Aalen O. Ann Stat 1978;6:701-26; Klein JP. Scand J Stat
    1991;18:333-40.

    >>> times = {"subject_id": ["1", "2", "3", "4"], "entry": 0.0, "left": [2.0, 5.0, 5.0, 7.0]}
    >>> events = pl.DataFrame(times | {"right": [2.0, 5.0, None, None], "cause": ["stop", "stop", None, None]})
    >>> found = nelson_aalen(events, by=None, times=[2, 5]).frame.filter(term="time point")
    >>> found["estimate"].round(4).to_list()
    [0.25, 0.5833]
    """
    z = normal_quantile(confidence)
    check_limits(limits, of_hazard=True)
    if variance not in get_args(Variance):
        raise EstimationError(f"variance={variance!r} was asked for; known are {', '.join(get_args(Variance))}")
    asked = check_times(times)
    counts = count_events(events, by, frequency=frequency, case_weights=case_weights)
    blocks: list[Block] = []
    curves: list[HazardCurve] = []
    for label, tally in zip(counts.labels, counts.tallies(), strict=True):
        if tally.size:
            curves.append(hazard_curve(label, tally, limits, variance, z))
            blocks += _blocks(curves[-1], asked)
        else:
            blocks += empty_blocks("cumulative hazard", label, asked)
    errors = f"{variance} variance"
    if case_weights is not None:
        errors = f"robust errors (infinitesimal jackknife, weights {case_weights})"
    method = f"Nelson-Aalen estimate of the cumulative hazard with {errors} and {limits} {100 * confidence:g}% limits"
    return Estimates(estimates_of(blocks), method, counts.notes, confidence, tuple(curves))


def hazard_curve(
    group: Label, tally: Tally, limits: HazardLimits = "log", variance: Variance = "Poisson", z: float = 1.96
) -> HazardCurve:
    """Return the cumulative hazard of a group that has rows."""
    days = days_of(tally)
    n, d = days.at_risk, days.events
    own: Floats = np.divide(1.0, n, out=np.zeros(len(n)), where=n > 0)
    hazard = np.cumsum(d * own)
    if tally.weighted:
        squares = influence_variance(tally, days.time, own, d * own**2)
    else:
        # Of all at risk who have the event no chance is left, whatever 1 / n is rounded to.
        rest = np.where(n > d, 1 - d * own, 0.0) if variance == "binomial" else 1.0
        squares = np.cumsum(d * own**2 * rest, dtype=float)
    error: Floats = np.sqrt(squares)
    return HazardCurve(group, days, hazard, error, *hazard_limits(hazard, error, limits, z))


def _blocks(curve: HazardCurve, times: Floats) -> Iterator[Block]:
    heights = {"estimate": curve.hazard, "std_error": curve.std_error}
    heights |= {"conf_low": curve.conf_low, "conf_high": curve.conf_high}
    yield from curve_blocks("cumulative hazard", curve.group, curve.days, heights, times)
    yield from count_blocks(curve.group, curve.days, times)
    yield total_block(curve.group, curve.days)
