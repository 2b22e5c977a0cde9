"""A mean cumulative function as rows: its curve, its points, and the comparison of groups."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import polars as pl

from analyses.estimates.groups import Label
from analyses.estimates.recurrent.histories import EVENT, TERMINAL, Counts, Floats, Histories
from analyses.estimates.recurrent.mean_limits import Limits, Row, contrast_rows, mean_limits
from analyses.estimates.recurrent.mean_process import MeanProcess
from cohort.schemas import ESTIMATES


@dataclass(frozen=True)
class Asked:
    """What is asked of every group: on which days, with which limits, with a terminal event or without."""

    days: Floats
    z: float
    limits: Limits
    terminal: bool


@dataclass(frozen=True, eq=False)
class MeanCurve:
    """One group's mean cumulative function: at day 0, on each day with an event that can come again, and on the last.

    Attributes:
        group: The group's label; None for everyone together.
        time: Days, ascending.
        mean: Mean number of events of a subject up to and including the day.
        std_error: Its robust standard error; NaN where there is one subject.
        conf_low: Lower limit; NaN where there is none.
        conf_high: Upper limit, likewise.
        at_risk: How many subjects are under observation just before the day.
        events: Events up to and including the day.
    """

    group: Label
    time: Floats
    mean: Floats
    std_error: Floats
    conf_low: Floats
    conf_high: Floats
    at_risk: Counts
    events: Counts


def mean_curve(label: Label, group: Histories, process: MeanProcess, asked: Asked) -> MeanCurve:
    """Return a group's curve with its limits."""
    again = group.time[group.outcome == EVENT]
    time = np.unique(np.concatenate([[0.0], again, [group.time.max()]]))
    mean, error = process.at(time)
    low, high = mean_limits(mean, error, asked.z, asked.limits)
    return MeanCurve(label, time, mean, error, low, high, group.at_risk(time), group.ended(time, EVENT))


def curve_frame(curve: MeanCurve) -> pl.DataFrame:
    """Return a curve as ESTIMATES."""
    named = {"analysis": "", "population": "all", "statistic": "mean cumulative function", "term": "curve"}
    columns: dict[str, Counts | Floats] = {
        "at": curve.time,
        "estimate": curve.mean,
        "std_error": curve.std_error,
        "conf_low": curve.conf_low,
    }
    columns |= {"conf_high": curve.conf_high, "n": curve.at_risk, "events": curve.events}
    frame = pl.DataFrame(columns).with_columns(pl.col(pl.Float64).fill_nan(None))
    return ESTIMATES.conform(frame.with_columns(pl.lit(curve.group, dtype=pl.String).alias("group"), **_text(named)))


def _text(named: dict[str, str]) -> dict[str, pl.Expr]:
    return {name: pl.lit(value) for name, value in named.items()}


def known(group: Histories, process: MeanProcess, days: Floats) -> tuple[Floats, Floats]:
    """Return the mean and its error on each day; NaN after the last day under observation."""
    last = group.time.max() if len(group.time) else -1.0
    mean, error = process.at(days)
    return np.where(days <= last, mean, np.nan), np.where(days <= last, error, np.nan)


def point_rows(label: Label, group: Histories, process: MeanProcess, asked: Asked) -> list[Row]:
    """Return what is reported on the days asked for, and how many are at risk and had events by then."""
    mean, error = known(group, process, asked.days)
    low, high = mean_limits(mean, error, asked.z, asked.limits)
    at_risk, seen = group.at_risk(asked.days), group.ended(asked.days, EVENT)
    rows: list[Row] = []
    for i, day in enumerate(asked.days):
        row: Row = {"statistic": "mean cumulative function", "term": "time point", "at": float(day)}
        numbers = {"estimate": mean, "std_error": error, "conf_low": low, "conf_high": high}
        row |= {name: _or_null(float(values[i])) for name, values in numbers.items()}
        rows.append(row | {"n": int(at_risk[i]), "events": int(seen[i])})
    rows += _counted(group, np.unique(np.append(asked.days, 0.0)), terminal=asked.terminal)
    total = int(group.frequency[group.outcome == EVENT].sum())
    rows.append({"statistic": "events", "estimate": total, "n": group.subjects, "events": total})
    return [row | {"group": label} for row in rows]


def _counted(group: Histories, days: Floats, *, terminal: bool) -> list[Row]:
    at_risk = group.at_risk(days)
    counted = {"at risk": at_risk, "cumulative events": group.ended(days, EVENT)}
    if terminal:
        counted["cumulative terminal events"] = group.ended(days, TERMINAL)
    return [
        {"statistic": name, "at": float(day), "estimate": int(value), "n": int(n)}
        for name, values in counted.items()
        for day, value, n in zip(days, values, at_risk, strict=True)
    ]


def comparison_rows(found: dict[Label, tuple[Floats, Floats]], reference: Label, asked: Asked) -> list[Row]:
    """Return the difference and the ratio of each group and the reference on each day asked for."""
    rows: list[Row] = []
    other, other_error = found[reference]
    for label, (mean, error) in found.items():
        for i, day in enumerate(asked.days if label != reference else ()):
            own, theirs = (float(mean[i]), float(error[i])), (float(other[i]), float(other_error[i]))
            compared: Row = {"group": label, "reference": reference, "at": float(day)}
            rows += [row | compared for row in contrast_rows(own, theirs, asked.z)]
    return rows


def _or_null(value: float) -> float | None:
    return None if math.isnan(value) else value
