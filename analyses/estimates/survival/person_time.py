"""Events per time under observation."""

from __future__ import annotations

import math

import polars as pl

from analyses.estimates.distributions import normal_quantile
from analyses.estimates.event_times import exact_times
from analyses.estimates.groups import Label, levels
from analyses.estimates.result import Estimates, estimates_frame
from cohort.errors import EstimationError


def person_time(
    events: pl.DataFrame, *, by: str | None = "arm", per: float = 1000.0, confidence: float = 0.95
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

    Raises:
        EstimationError: `per` is not positive, or times cannot be used (see `exact_times`).

    Sources: Garwood F. Biometrika 1936;28:437-42.
    """
    normal_quantile(confidence)
    if not (per > 0 and math.isfinite(per)):
        raise EstimationError(f"per={per} was given; a rate is counted per a positive number of days, such as 1000")
    times = exact_times(events, by)
    causes = levels(times.frame["cause"]) if "cause" in times.frame.columns else []
    rows = [
        row
        for number, label in enumerate(times.labels)
        for row in _rows(times.frame.filter(_group=number), label, causes, per, confidence)
    ]
    method = f"Events per {per:g} days under observation with exact Poisson (Garwood) {100 * confidence:g}% limits"
    return Estimates(estimates_frame(rows), method, times.notes, confidence)


def poisson_limits(events: int, confidence: float) -> tuple[float, float]:
    """Return Garwood's exact limits of a Poisson count.

    >>> [round(limit, 3) for limit in poisson_limits(10, 0.95)]
    [4.795, 18.39]
    """
    from scipy.special import gammainccinv, gammaincinv

    tail = (1 - confidence) / 2
    low = float(gammaincinv(events, tail)) if events else 0.0
    return low, float(gammainccinv(events + 1, tail))


def _rows(own: pl.DataFrame, label: Label, causes: list[str], per: float, confidence: float) -> list[dict[str, object]]:
    n, count = own.height, int(own["_event"].sum())
    # Exactly rounded, so that the order of the rows cannot matter.
    days = math.fsum((own["_time"] - own["_entry"]).to_list())
    named: dict[str, object] = {"group": label, "n": n, "events": count}
    rate: dict[str, object] = named | {"statistic": f"rate per {per:g} days"}
    if days > 0:
        low, high = (limit / days * per for limit in poisson_limits(count, confidence))
        rate |= {"estimate": per * count / days, "std_error": per * math.sqrt(count) / days}
        rate |= {"conf_low": low, "conf_high": high}
    rows = [
        named | {"statistic": "events", "estimate": count},
        named | {"statistic": "person-time", "estimate": days},
        rate,
    ]
    for cause in causes:
        of_cause = own.filter(pl.col("_event") & (pl.col("cause").cast(pl.String) == cause)).height
        rows.append(named | {"statistic": "events", "term": cause, "estimate": of_cause, "events": of_cause})
    return rows
