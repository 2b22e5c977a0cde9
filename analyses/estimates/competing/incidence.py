"""Cumulative incidence of competing events."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Literal

import numpy as np
import polars as pl

from analyses.estimates.competing.incidence_area import time_lost
from analyses.estimates.competing.incidence_curve import IncidenceCurve, Precision, incidence_curve
from analyses.estimates.competing.incidence_limits import Scale, check_scale
from analyses.estimates.competing.incidence_rows import (
    Block,
    counted_blocks,
    curve_block,
    empty_blocks,
    shared_blocks,
    time_block,
)
from analyses.estimates.distributions import normal_quantile
from analyses.estimates.event_counts import EventCounts, count_events
from analyses.estimates.event_times import causes_note
from analyses.estimates.groups import Label
from analyses.estimates.result import Estimates, estimates_of
from analyses.estimates.survival.curve_rows import check_times
from analyses.estimates.tally import Floats, Tally
from cohort.errors import EstimationError, some

_ERRORS = {"robust": "infinitesimal jackknife errors", "Aalen": "Aalen's errors"}


def incidence(
    events: pl.DataFrame,
    *,
    by: str | None = "arm",
    times: Sequence[float] = (),
    causes: Sequence[str] | None = None,
    until: float | None = None,
    error: Literal["robust", "Aalen"] = "robust",
    limits: Scale = "log-log",
    confidence: float = 0.95,
    frequency: str | None = None,
) -> Estimates:
    """Return the share that has had an event of each cause, by group and day, where each event precludes the others.

    Rows with the cause as `term`: "cumulative incidence curve" at day 0 and each day with an event of the cause;
    "cumulative incidence" at `times` (`n` at risk just before the day, `events` of the cause up to and including it;
    null after the last observed day); with `until` the "restricted mean time lost", the area under the curve from day 0
    to that day, in days (null where the group is not observed so long and some are still free of every event);
    "cumulative events" at 0 and `times`, and "events". Rows that all causes share: "at risk" and "cumulative censored"
    at 0 and `times`. `model` is a tuple of `IncidenceCurve`, one a group that has rows and cause. The incidences of all
    causes and the share free of every event add up to 1.

    Ties are exact: who is censored on a day is at risk for the events of that day, and causes that share a day share
    its risk set. (The Aalen-Johansen fitter of lifelines 0.30.3 moves tied times apart at random, so that those
    censored at a visit miss its events, and its answers change from run to run.)

    `error="robust"`, the default, is that of R's survfit. Without late entry it is the delta method's: it is
    Greenwood's where there is one cause, and a binomial count's where nobody is censored. `error="Aalen"` is that of
    cmprsk::cuminc. It takes the causes of one day as unrelated, and is too small where causes share days, as at visits.
    Limits "log" are those of R's survfit by default; both limits are 0 where the incidence is 0, and null where it
    is 1.

    Args:
        events: EVENTS with exact and right-censored times, and the column `by`; late entry is allowed.
        by: The grouping column; None for everyone together.
        times: Days at which to report.
        causes: The causes to report; all that occur by default. The others still count as competing.
        until: The last day of the restricted mean time lost.
        error: Which standard error.
        limits: The scale on which limits are symmetric.
        confidence: Coverage of the pointwise limits.
        frequency: A column that says how many equal rows each row stands for.

    Raises:
        EstimationError: Times cannot be used (see `count_events`); a cause does not occur; a time is out of range.

    Sources: Aalen OO, Johansen S. Scand J Stat 1978;5:141-50; Aalen O. Ann Stat 1978;6:534-45; Andersen PK. Stat Med
    2013;32:5278-85.

    >>> times = {"subject_id": ["1", "2", "3", "4"], "entry": 0.0, "left": [2.0, 5.0, 5.0, 7.0]}
    >>> events = pl.DataFrame(times | {"right": [2.0, 5.0, None, 7.0], "cause": ["relapse", "stop", None, "relapse"]})
    >>> found = incidence(events, by=None, times=[5])
    >>> found.value("cumulative incidence", term="relapse"), found.value("cumulative incidence", term="stop")
    (0.25, 0.25)
    """
    _check(times, until, error)
    check_scale(limits)
    precision = Precision(error == "robust", limits, normal_quantile(confidence))
    counted = count_events(events, by, frequency=frequency)
    asked = _Asked(_reported(counted, causes), np.asarray(times, dtype=float), until)
    notes = [note for note in counted.notes if note not in causes_note(counted.causes)]
    blocks: list[Block] = []
    curves: list[IncidenceCurve] = []
    for label, tally in zip(counted.labels, counted.tallies(), strict=True):
        own = _curves(label, counted.causes, tally, asked, precision)
        blocks += _blocks(own, tally, asked, precision, counted.causes) if own else _nobody(label, asked)
        notes += _short(own, until)
        curves += own
    method = f"Aalen-Johansen estimate of the cumulative incidence with {_ERRORS[error]} and {limits} "
    return Estimates(
        estimates_of(blocks), f"{method}{100 * confidence:g}% limits", tuple(notes), confidence, tuple(curves)
    )


@dataclass(frozen=True, eq=False)
class _Asked:
    causes: tuple[str, ...]
    times: Floats
    until: float | None

    @property
    def days(self) -> Floats:
        return np.unique(np.append(0.0, self.times))


def _curves(
    label: Label, causes: tuple[str, ...], tally: Tally, asked: _Asked, precision: Precision
) -> list[IncidenceCurve]:
    if not tally.size:
        return []
    return [incidence_curve(label, causes, causes.index(cause) + 1, tally, precision) for cause in asked.causes]


def _blocks(
    curves: list[IncidenceCurve], tally: Tally, asked: _Asked, precision: Precision, causes: tuple[str, ...]
) -> list[Block]:
    blocks: list[Block] = []
    for curve in curves:
        blocks += [curve_block(curve), time_block(curve, asked.times), *counted_blocks(curve, asked.days)]
        if asked.until is not None:
            blocks.append(time_lost(curve, causes.index(curve.cause) + 1, tally, asked.until, precision))
    return [*blocks, *shared_blocks(curves[0], asked.days)]


def _nobody(label: Label, asked: _Asked) -> list[Block]:
    return empty_blocks(label, asked.causes, asked.times, asked.until)


def _check(times: Sequence[float], until: float | None, error: str) -> None:
    check_times(times)
    if until is not None and not (isinstance(until, Real) and 0 < until < math.inf):
        raise EstimationError(f"until={until!r} was asked for; it is a finite day after day 0")
    if error not in _ERRORS:
        raise EstimationError(f"error={error!r} was asked for; there are {', '.join(map(repr, _ERRORS))}")


def _reported(counted: EventCounts, causes: Sequence[str] | None) -> tuple[str, ...]:
    if causes is None:
        return counted.causes
    asked = (causes,) if isinstance(causes, str) else tuple(dict.fromkeys(causes))
    unknown = [cause for cause in asked if cause not in counted.causes]
    if unknown or not asked:
        raise EstimationError(
            f"causes={list(asked)} were asked for; {some(unknown)} is not among the causes {some(counted.causes, 9)}"
            if unknown
            else "causes names no cause; leave it out to report all"
        )
    return asked


def _short(curves: list[IncidenceCurve], until: float | None) -> list[str]:
    last = curves[0].time[-1] if curves else math.inf
    if until is None or until <= last or curves[0].survival[-1] == 0:
        return []
    who = "" if curves[0].group is None else f"{curves[0].group}: "
    return [f"{who}nobody is observed after day {last:g}, so no time lost by day {until:g} is given"]
