"""Survival by the product-limit estimate of Kaplan and Meier."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from analyses.estimates.distributions import normal_quantile
from analyses.estimates.event_counts import count_events
from analyses.estimates.groups import Label
from analyses.estimates.result import Estimates, estimates_of
from analyses.estimates.survival.curve import Curve, curve_of
from analyses.estimates.survival.curve_rows import (
    Block,
    check_times,
    count_blocks,
    curve_blocks,
    empty_blocks,
    total_block,
)
from analyses.estimates.survival.limits import Limits, check_limits
from analyses.estimates.survival.quantiles import quantile
from analyses.estimates.tally import Floats
from cohort.errors import EstimationError


def kaplan_meier(
    events: pl.DataFrame,
    *,
    by: str | None = "arm",
    times: Sequence[float] = (),
    probabilities: Sequence[float] = (0.25, 0.5, 0.75),
    limits: Limits = "log-log",
    confidence: float = 0.95,
    frequency: str | None = None,
    case_weights: str | None = None,
) -> Estimates:
    """Return the share that is still free of the event, by group and day. Any cause counts as the event.

    Rows "survival" with the term "curve" at day 0 and each day with an event, and with the term "time point" at
    `times` (`n` at risk just before the day, `events` up to and including it; null after the last observed day); "at
    risk" just before day 0 and `times`, "cumulative events" and "cumulative censored" up to and including them;
    "quantile" (`at` the probability p); and "events". `model` is a tuple of `Curve`, one a group that has rows.

    A quantile is the first day with S(t) <= 1 - p. Where S(t) is exactly 1 - p for a while, it is the middle of that
    stretch, as in R's quantile.survfit and SAS. Its limits (Brookmeyer and Crowley) are where the lower and the upper
    limit of S(t) first cross 1 - p; null where they do not. (Where a limit rises again, as may happen late or under
    weights, R takes the day whose limit lies nearest to 1 - p, which need not be the first.)

    Errors are Greenwood's. Limits are R's conf.type of that name ("arcsine" is "arcsin" there): "log-log" is the
    default of SAS, "log" that of R. "log" limits end at 1, "plain" ones at 0 and 1. Where S(t) is 1 both limits are 1
    (R gives none on the log-log, logit and arcsine scales); where it is 0, error and limits are null.

    With case weights S(t) is weighted and errors are robust (infinitesimal jackknife, rows independent); "at risk",
    "events" and cumulative numbers are sums of weights, while the columns `n` and `events` count rows.

    Args:
        events: EVENTS with exact and right-censored times, and the column `by`; late entry is allowed.
        by: The grouping column; None for everyone together.
        times: Days at which to report.
        probabilities: Of the quantiles: 0.5 is the median.
        limits: The scale of the pointwise limits: "log-log", "log", "plain", "arcsine" or "logit".
        confidence: Coverage of the pointwise limits.
        frequency: The column that says how many equal rows each row stands for.
        case_weights: The column that says what each row counts.

    Raises:
        EstimationError: Times or weights cannot be used (see `count_events`); a time, a probability or an option is
            not one of those allowed.

    Sources: Kaplan EL, Meier P. J Am Stat Assoc 1958;53:457-81; Brookmeyer R, Crowley J. Biometrics 1982;38:29-41;
    Borgan O, Liestol K. Scand J Stat 1990;17:35-41.

    >>> times = {"subject_id": ["1", "2", "3", "4"], "entry": 0.0, "left": [2.0, 5.0, 5.0, 7.0]}
    >>> events = pl.DataFrame(times | {"right": [2.0, 5.0, None, None], "cause": ["stop", "stop", None, None]})
    >>> found = kaplan_meier(events, by=None, times=[5])
    >>> found.value("survival", term="time point"), found.value("quantile", at=0.5)
    (0.5, 6.0)
    """
    z = normal_quantile(confidence)
    check_limits(limits)
    asked, shares = check_times(times), _probabilities(probabilities)
    counts = count_events(events, by, frequency=frequency, case_weights=case_weights)
    blocks: list[Block] = []
    curves: list[Curve] = []
    for label, tally in zip(counts.labels, counts.tallies(), strict=True):
        if tally.size:
            curves.append(curve_of(label, tally, limits, z))
            blocks += _blocks(curves[-1], asked, shares)
        else:
            blocks += [*empty_blocks("survival", label, asked), *_no_quantiles(label, shares)]
    errors = "Greenwood" if case_weights is None else f"robust (infinitesimal jackknife, weights {case_weights})"
    method = f"Kaplan-Meier estimate with {errors} errors and {limits} {100 * confidence:g}% limits"
    notes = (*counts.notes, *(note for curve in curves for note in exhausted_notes(curve)))
    return Estimates(estimates_of(blocks), method, notes, confidence, tuple(curves))


def exhausted_notes(curve: Curve) -> list[str]:
    """Say that a curve fell to 0 although others came under observation later."""
    gone = np.flatnonzero(curve.survival == 0)
    if not len(gone) or not np.any(curve.days.rows_at_risk[gone[0] + 1 :] > 0):
        return []
    who = "" if curve.group is None else f"{curve.group}: "
    return [
        f"{who}all under observation had the event by day {curve.time[gone[0]]:g}, before others came under "
        "observation; the curve stays at 0 from there"
    ]


def _probabilities(probabilities: Sequence[float]) -> Floats:
    try:
        shares = np.array([float(p) for p in probabilities])
    except (TypeError, ValueError):
        shares = np.array([np.nan])
    if not np.all((shares > 0) & (shares < 1)):
        raise EstimationError(f"probabilities={probabilities!r} were asked for; they lie between 0 and 1")
    return shares


def _blocks(curve: Curve, times: Floats, probabilities: Floats) -> Iterator[Block]:
    heights = {"estimate": curve.survival, "std_error": curve.std_error}
    heights |= {"conf_low": curve.conf_low, "conf_high": curve.conf_high}
    yield from curve_blocks("survival", curve.group, curve.days, heights, times)
    yield from count_blocks(curve.group, curve.days, times)
    total = total_block(curve.group, curve.days)
    if len(probabilities):
        found = np.array([quantile(curve, p) for p in probabilities]).T
        numbers = dict(zip(("estimate", "conf_low", "conf_high"), found, strict=True))
        yield total | {"statistic": "quantile", "at": probabilities} | numbers
    yield total


def _no_quantiles(group: Label, probabilities: Floats) -> list[Block]:
    nobody: Block = {"statistic": "quantile", "group": group, "at": probabilities, "n": 0, "events": 0}
    return [nobody] if len(probabilities) else []
