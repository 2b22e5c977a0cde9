"""Survival by the product-limit estimate of Kaplan and Meier."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from analyses.estimates.distributions import normal_quantile
from analyses.estimates.event_counts import count_events
from analyses.estimates.groups import Label
from analyses.estimates.result import Estimates, estimates_frame
from analyses.estimates.tally import Amounts, Floats, Tally
from cohort.errors import EstimationError

Row = dict[str, object]
# R's quantile.survfit: products of fractions miss 1 - p by rounding alone.
TOLERANCE = math.sqrt(np.finfo(float).eps)


@dataclass(frozen=True, eq=False)
class Curve:
    """One group's curve at day 0 and at every day on which somebody enters, has the event or is censored.

    Attributes:
        group: The group's label; None for everyone together.
        time: Days, ascending, beginning with 0.
        survival: S(t), which holds from the day to the next.
        std_error: Greenwood's standard error of S(t); NaN where S(t) is 0.
        conf_low: Lower log-log limit; 1 where S(t) is 1, NaN where it is 0 (as R's survfit).
        conf_high: Upper log-log limit, likewise.
        at_risk: How many are under observation just before the day (at 0: from the start).
        events: Events on the day.
        censored: Censored on the day.
    """

    group: Label
    time: Floats
    survival: Floats
    std_error: Floats
    conf_low: Floats
    conf_high: Floats
    at_risk: Amounts
    events: Amounts
    censored: Amounts

    def at_risk_at(self, times: ArrayLike) -> Amounts:
        """Return how many are under observation just before each time (R's n.risk); 0 after the last one."""
        place = np.searchsorted(self.time, np.asarray(times, dtype=float), side="left")
        return np.append(self.at_risk, 0)[place]


def kaplan_meier(
    events: pl.DataFrame,
    *,
    by: str | None = "arm",
    times: Sequence[float] = (),
    probabilities: Sequence[float] = (0.25, 0.5, 0.75),
    confidence: float = 0.95,
) -> Estimates:
    """Return the share that is still free of the event, by group and day. Any cause counts as the event.

    Rows "survival" with the term "curve" at day 0 and each day with an event, and with the term "time point" at
    `times` (Greenwood's standard error, log-log limits; `n` at risk just before the day, `events` up to and including
    it; null after the last observed day); "at risk" at 0 and `times`; "quantile" (`at` the probability p, the
    estimate the first day with S(t) <= 1 - p, or the middle of the stretch on which S(t) is 1 - p; limits by
    Brookmeyer and Crowley from the log-log band; null where not reached); and "events". `model` is a tuple of
    `Curve`, one a group that has rows.

    Where S(t) is 1 both limits are 1, where it is 0 error and limits are null, as in R's survfit(conf.type =
    "log-log"). Log-log limits are SAS's default; R's own is conf.type = "log".

    Args:
        events: EVENTS with exact and right-censored times, and the column `by`; late entry is allowed.
        by: The grouping column; None for everyone together.
        times: Days at which to report.
        probabilities: Of the quantiles: 0.5 is the median.
        confidence: Coverage of the pointwise limits.

    Raises:
        EstimationError: Times cannot be used (see `count_events`); a time or a probability is out of range.

    Sources: Kaplan EL, Meier P. J Am Stat Assoc 1958;53:457-81; Brookmeyer R, Crowley J. Biometrics 1982;38:29-41.

    >>> times = {"subject_id": ["1", "2", "3", "4"], "entry": 0.0, "left": [2.0, 5.0, 5.0, 7.0]}
    >>> events = pl.DataFrame(times | {"right": [2.0, 5.0, None, None], "cause": ["stop", "stop", None, None]})
    >>> found = kaplan_meier(events, by=None, times=[5])
    >>> found.value("survival", term="time point"), found.value("quantile", at=0.5)
    (0.5, 6.0)
    """
    z = normal_quantile(confidence)
    if any(not 0 <= t < math.inf for t in times):
        raise EstimationError(f"times={list(times)} were asked for; days are finite and not negative")
    if any(not 0 < p < 1 for p in probabilities):
        raise EstimationError(f"probabilities={list(probabilities)} were asked for; they lie between 0 and 1")
    checked = count_events(events, by)
    rows: list[Row] = []
    curves: list[Curve] = []
    for label, tally in zip(checked.labels, checked.tallies(), strict=True):
        n, total = int(tally.count.sum()), int(tally.count[tally.event].sum())
        if n:
            curves.append(_curve(label, tally, z))
        own = _rows(curves[-1], times, probabilities) if n else _empty_rows(times, probabilities)
        own.append({"statistic": "events", "estimate": total, "n": n, "events": total})
        rows += [row | {"group": label} for row in own]
    method = f"Kaplan-Meier estimate with Greenwood errors and log-log {100 * confidence:g}% limits"
    notes = (*checked.notes, *(note for curve in curves for note in _exhausted(curve)))
    return Estimates(estimates_frame(rows), method, notes, confidence, tuple(curves))


def _curve(label: Label, tally: Tally, z: float) -> Curve:
    time = np.unique(np.concatenate([[0.0], tally.entry, tally.time]))
    at_risk, events = tally.at_risk(time), tally.events_at(time)
    survival = _product_limit(tally, time)
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.where(events > 0, events / (at_risk * (at_risk - events)), 0.0)
    variance = np.cumsum(steps)
    low, high = _log_log_limits(survival, variance, z)
    with np.errstate(invalid="ignore"):
        error = np.where(survival > 0, survival * np.sqrt(variance), np.nan)
    return Curve(label, time, survival, error, low, high, at_risk, events, tally.censored_at(time))


def _product_limit(tally: Tally, time: Floats) -> Floats:
    """Return S(t) from lifelines, which is fed with counts.

    A late entry goes in as a censoring of weight -1 on the day of entry: the same risk sets (entry < t <= time),
    where lifelines' own `entry` refuses data whose risk set is empty for a while early on.
    """
    from lifelines import KaplanMeierFitter

    late = tally.entry > 0
    durations = np.concatenate([tally.time, tally.entry[late]])
    observed = np.concatenate([tally.event, np.zeros(late.sum(), dtype=bool)])
    weights = np.concatenate([tally.count, -tally.count[late]])
    # lifelines switches numpy's floating point warnings off for the whole process; errstate puts them back.
    with np.errstate(all="ignore"):
        fitted = KaplanMeierFitter().fit(durations, observed, timeline=time, weights=weights)
    survival = fitted.survival_function_.to_numpy(dtype=float)[:, 0]
    # Before anybody is at risk lifelines has 0/0.
    return np.where(np.isnan(survival), 1.0, survival)


def _log_log_limits(survival: Floats, variance: Floats, z: float) -> tuple[Floats, Floats]:
    inside = (survival > 0) & (survival < 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.where(inside, z * np.sqrt(variance) / np.abs(np.log(survival)), 0.0)
    edge = np.where(survival >= 1, 1.0, np.nan)
    low, high = (np.where(inside, survival ** np.exp(sign * spread), edge) for sign in (1, -1))
    return low, high


def _rows(curve: Curve, times: Sequence[float], probabilities: Sequence[float]) -> list[Row]:
    jumps = np.flatnonzero((curve.events > 0) | (curve.time == 0))
    cumulative: Amounts = np.cumsum(curve.events)  # type: ignore[assignment]
    rows = [_point(curve, cumulative, float(curve.time[i]), "curve") for i in jumps]
    rows += [_point(curve, cumulative, float(t), "time point") for t in times]
    asked = sorted({0.0, *map(float, times)})
    at_risk = zip(asked, curve.at_risk_at(asked), strict=True)
    rows += [{"statistic": "at risk", "at": t, "estimate": int(n), "n": int(n)} for t, n in at_risk]
    return rows + [_quantile(curve, p, int(cumulative[-1])) for p in probabilities]


def _point(curve: Curve, cumulative: Amounts, t: float, term: str) -> Row:
    place = int(np.searchsorted(curve.time, t, side="right")) - 1
    counts: Row = {"n": int(curve.at_risk_at([t])[0]), "events": int(cumulative[place])}
    row: Row = {"statistic": "survival", "term": term, "at": t} | counts
    if t > curve.time[-1]:
        return row
    numbers = {"estimate": curve.survival, "std_error": curve.std_error}
    numbers |= {"conf_low": curve.conf_low, "conf_high": curve.conf_high}
    return row | {name: _or_null(float(values[place])) for name, values in numbers.items()}


def _quantile(curve: Curve, p: float, events: int) -> Row:
    found = (_crossing(curve.time, values, p) for values in (curve.survival, curve.conf_low, curve.conf_high))
    names = ("estimate", "conf_low", "conf_high")
    n = int((curve.events + curve.censored).sum())
    return {"statistic": "quantile", "at": p, "n": n, "events": events} | dict(zip(names, found, strict=True))


def _crossing(time: Floats, values: Floats, p: float) -> float | None:
    """Return where a falling step function reaches 1 - p, as R's quantile.survfit does."""
    known = ~np.isnan(values)
    days, heights = time[known], values[known]
    reached = days[heights <= 1 - p + TOLERANCE]
    passed = days[heights <= 1 - p - TOLERANCE]
    if not len(reached):
        return None
    if len(passed):
        return float((reached[0] + passed[0]) / 2)
    return float((reached[0] + time[-1]) / 2) if known[-1] else None


def _empty_rows(times: Sequence[float], probabilities: Sequence[float]) -> list[Row]:
    asked = sorted({0.0, *map(float, times)})
    nobody: Row = {"n": 0, "events": 0}
    rows = [nobody | {"statistic": "survival", "term": "time point", "at": float(t)} for t in times]
    rows += [{"statistic": "at risk", "at": t, "estimate": 0, "n": 0} for t in asked]
    return rows + [nobody | {"statistic": "quantile", "at": p} for p in probabilities]


def _exhausted(curve: Curve) -> list[str]:
    gone = np.flatnonzero(curve.survival == 0)
    if not len(gone) or not np.any(curve.at_risk[gone[0] + 1 :] > 0):
        return []
    who = "" if curve.group is None else f"{curve.group}: "
    return [
        f"{who}all under observation had the event by day {curve.time[gone[0]]:g}, before others came under "
        "observation; the curve stays at 0 from there"
    ]


def _or_null(value: float) -> float | None:
    return None if math.isnan(value) else value
