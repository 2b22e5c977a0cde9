"""The mean number of events of a subject up to a day."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import get_args

import numpy as np
import polars as pl

from analyses.estimates.distributions import normal_quantile
from analyses.estimates.groups import reference_level
from analyses.estimates.recurrent.histories import Floats, GroupedHistories, Histories, histories
from analyses.estimates.recurrent.mean_limits import Limits
from analyses.estimates.recurrent.mean_process import MeanProcess, mean_process
from analyses.estimates.recurrent.mean_rows import Asked, comparison_rows, curve_frame, known, mean_curve, point_rows
from analyses.estimates.result import Estimates, estimates_frame
from cohort.errors import EstimationError
from cohort.schemas import ESTIMATES


def mean_cumulative(
    events: pl.DataFrame,
    *,
    by: str | None = "arm",
    times: Sequence[float] = (),
    terminal: str | None = None,
    reference: str | None = None,
    limits: Limits = "log",
    confidence: float = 0.95,
    frequency: str | None = None,
) -> Estimates:
    """Return how many events a subject has had by each day, on average, and how the groups differ.

    Rows "mean cumulative function" with the term "curve" at day 0, on each day with an event and on the last day
    under observation, and with the term "time point" at `times` (`n` subjects at risk just before the day, `events`
    up to and including it; null after the last observed day); "at risk" and "cumulative events" at 0 and `times`
    (and "cumulative terminal events" where there is a terminal event); "events". At each of `times`, for each group
    but the reference, "mean cumulative difference" and "mean cumulative ratio" (Wald, the ratio on the log scale, its
    error not shown). `model` is a tuple of `MeanCurve`, one a group that has rows.

    A subject stays at risk after an event, until its last row ends. Censored on the day of an event counts as at risk.
    Errors are robust: the subjects are independent, a subject's own events may hang together in any way. They equal
    std.chaz of R's survfit(Surv(entry, time, event) ~ arm, id = id). Where the mean is 0 there are no limits; one
    subject alone has no error. With `terminal`, say a death, the mean is of all subjects, of whom those who died have
    no more events; without it, death would be censoring, and the mean that of a world without deaths.

    Args:
        events: EVENTS with exact and right-censored times, one row for each stretch up to an event or to the end of
            observation: (entry, time]. Late entry and gaps are allowed.
        by: The grouping column; None for everyone together. A subject belongs to one group, else nothing is compared.
        times: Days at which to report and to compare.
        terminal: The cause after which a subject can have no event; all other causes are events that come again.
        reference: The group with which the others are compared; the first where not given.
        limits: "log" (mean * exp(+-z error / mean)) or "plain" (mean +- z error, which may fall below 0).
        confidence: Coverage of the pointwise limits.
        frequency: The column that says for how many equal subjects a subject's rows stand.

    Raises:
        EstimationError: A subject's rows overlap; rows follow the terminal event, or nobody has it; times cannot be
            used; a time, the reference or `limits` is none that can be asked for.

    Sources: Nelson W. J Qual Technol 1988;20:24-35; Lawless JF, Nadeau C. Technometrics 1995;37:158-68; Ghosh D, Lin
    DY. Biometrics 2000;56:554-62.

    >>> rows = {"subject_id": ["1", "1", "2"], "entry": [0.0, 3.0, 0.0], "left": [3.0, 8.0, 9.0]}
    >>> events = pl.DataFrame(rows | {"right": [3.0, 8.0, None], "cause": ["seizure", "seizure", None]})
    >>> found = mean_cumulative(events, by=None, times=[5, 8])
    >>> found.frame.filter(term="time point").select("at", "estimate", pl.col("std_error").round(3), "n").rows()
    [(5.0, 0.5, 0.354, 2), (8.0, 1.0, 0.707, 2)]
    """
    asked = Asked(_days(times, limits), normal_quantile(confidence), limits, terminal is not None)
    read = histories(events, by, terminal=terminal, frequency=frequency)
    compared = by is not None and (len(read.labels) > 1 or reference is not None)
    first = reference_level(read.labels, by, reference) if compared else None
    processes = [mean_process(group) for group in read.groups]
    curves, parts, found = [], [], {}
    for label, group, process in zip(read.labels, read.groups, processes, strict=True):
        if group.subjects:
            curves.append(mean_curve(label, group, process, asked))
            parts.append(curve_frame(curves[-1]))
        parts.append(estimates_frame(point_rows(label, group, process, asked)))
        found[label] = known(group, process, asked.days)
    if compared and not read.shared:
        parts.append(estimates_frame(comparison_rows(found, first, asked)))
    frame = pl.concat([ESTIMATES.empty(), *parts])
    notes = (*read.notes, *_notes(read, processes, by))
    return Estimates(frame, _method(terminal, limits, confidence), notes, confidence, tuple(curves))


def _days(times: Sequence[float], limits: str) -> Floats:
    if any(not 0 <= t < math.inf for t in times):
        raise EstimationError(f"times={list(times)} were asked for; days are finite and not negative")
    if limits not in get_args(Limits):
        raise EstimationError(f"limits={limits!r} were asked for; they are {' or '.join(map(repr, get_args(Limits)))}")
    return np.array(times, dtype=float)


def _notes(read: GroupedHistories, processes: list[MeanProcess], by: str | None) -> list[str]:
    notes = []
    if read.shared:
        notes.append(
            f"{read.shared} subjects have rows in more than one level of {by}; the levels are not independent, and "
            "nothing is compared"
        )
    for label, group, process in zip(read.labels, read.groups, processes, strict=True):
        who = "" if label is None else f"{label}: "
        if process.subjects == 1:
            notes.append(f"{who}one subject; a robust standard error needs others to compare it with")
        notes += [
            f"{who}nobody is under observation {gap}; events of that time are not in the mean" for gap in _gaps(group)
        ]
    return notes


def _gaps(group: Histories) -> list[str]:
    """Return the stretches before the last day in which nobody is under observation."""
    if not len(group.time):
        return []
    starts, ends = np.unique(group.since), np.unique(group.time)
    opened = np.searchsorted(np.sort(group.since), ends, side="right")
    closed = np.searchsorted(np.sort(group.time), ends, side="right")
    empty = ends[(opened == closed) & (ends < ends[-1])]
    found = [f"up to day {starts[0]:g}"] if starts[0] > 0 else []
    return found + [f"from day {day:g} to day {starts[starts >= day].min():g}" for day in empty]


def _method(terminal: str | None, limits: Limits, confidence: float) -> str:
    name = (
        "Mean cumulative function (Nelson-Aalen)"
        if terminal is None
        else (f"Mean cumulative function allowing for {terminal} (Ghosh-Lin)")
    )
    return f"{name} with robust errors and {limits} {100 * confidence:g}% limits"
