"""Events per time under observation."""

from __future__ import annotations

import math
from numbers import Real

import numpy as np
import polars as pl

from analyses.estimates.distributions import normal_quantile
from analyses.estimates.event_counts import count_events
from analyses.estimates.groups import Label, levels
from analyses.estimates.result import Estimates, estimates_frame
from analyses.estimates.tally import Counts, Floats, Tally
from cohort.errors import EstimationError

Row = dict[str, object]


def person_time(
    events: pl.DataFrame,
    *,
    by: str | None = "arm",
    per: float = 1000.0,
    confidence: float = 0.95,
    frequency: str | None = None,
) -> Estimates:
    """Return the number of events, the days under observation and their ratio, by group.

    Rows "events" (all causes; and one a cause as `term` where causes are given), "person-time" (days from entry to
    the event or the end of observation) and "rate per 1000 days" (named after `per`; standard error sqrt(events)/days,
    exact Poisson limits). `n` is the number of rows of EVENTS. A group without rows has 0 events, 0 days, a null rate.

    Args:
        events: EVENTS with exact and right-censored times, and the column `by`.
        by: The grouping column; None for everyone together.
        per: The unit of the rate in days.
        confidence: Coverage of the limits.
        frequency: The column that says how many equal rows each row stands for.

    Raises:
        EstimationError: `per` is not positive, or times or frequencies cannot be used (see `count_events`).

    Sources: Garwood F. Biometrika 1936;28:437-42.
    """
    normal_quantile(confidence)
    if not isinstance(per, Real) or not (per > 0 and math.isfinite(per)):
        raise EstimationError(f"per={per!r} was given; a rate is counted per a positive number of days, such as 1000")
    counts = count_events(events, by, frequency=frequency)
    causes = levels(events["cause"]) if "cause" in events.columns else []
    numbers = {cause: counts.causes.index(cause) + 1 for cause in causes if cause in counts.causes}
    rows = [
        row
        for label, tally in zip(counts.labels, counts.tallies(), strict=True)
        for row in _rows(tally, label, {cause: numbers.get(cause) for cause in causes}, per, confidence)
    ]
    method = f"Events per {per:g} days under observation with exact Poisson (Garwood) {100 * confidence:g}% limits"
    return Estimates(estimates_frame(rows), method, counts.notes, confidence)


def poisson_limits(events: int, confidence: float) -> tuple[float, float]:
    """Return Garwood's exact limits of a Poisson count.

    >>> [round(limit, 3) for limit in poisson_limits(10, 0.95)]
    [4.795, 18.39]
    """
    from scipy.special import gammainccinv, gammaincinv

    tail = (1 - confidence) / 2
    low = float(gammaincinv(events, tail)) if events else 0.0
    return low, float(gammainccinv(events + 1, tail))


def _rows(tally: Tally, label: Label, causes: dict[str, int | None], per: float, confidence: float) -> list[Row]:
    n, count = tally.size, int(tally.count[tally.event].sum())
    days = _total(tally.time - tally.entry, tally.count)
    named: Row = {"group": label, "n": n, "events": count}
    rate: Row = named | {"statistic": f"rate per {per:g} days"}
    if days > 0:
        low, high = (limit / days * per for limit in poisson_limits(count, confidence))
        rate |= {"estimate": per * count / days, "std_error": per * math.sqrt(count) / days}
        rate |= {"conf_low": low, "conf_high": high}
    rows = [
        named | {"statistic": "events", "estimate": count},
        named | {"statistic": "person-time", "estimate": days},
        rate,
    ]
    for cause, number in causes.items():
        of_cause = 0 if number is None else int(tally.count[tally.cause == number].sum())
        rows.append(named | {"statistic": "events", "term": cause, "estimate": of_cause, "events": of_cause})
    return rows


def _total(spans: Floats, count: Counts) -> float:
    """Return the sum exactly rounded, so that neither the order of the rows nor how they were counted can matter."""
    if np.array_equal(spans, np.floor(spans)):
        return float(spans @ count)
    return math.fsum(np.repeat(spans, count).tolist())
