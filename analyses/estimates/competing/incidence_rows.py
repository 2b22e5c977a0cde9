"""Curves of cumulative incidence as blocks of rows of ESTIMATES: columns, for a curve may have many steps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analyses.estimates.competing.incidence_curve import IncidenceCurve, days_at_risk
from analyses.estimates.groups import Label
from analyses.estimates.tally import Amounts, Floats

Block = dict[str, object]


def curve_block(curve: IncidenceCurve) -> Block:
    """Return the rows "cumulative incidence curve": day 0 and each day with an event of the cause."""
    steps = np.flatnonzero((curve.events > 0) | (curve.time == 0))
    return _points("cumulative incidence curve", curve, curve.time[steps])


def time_block(curve: IncidenceCurve, times: Floats) -> Block:
    """Return the rows "cumulative incidence" at the times, null after the last observed day."""
    return _points("cumulative incidence", curve, times)


def counted_blocks(curve: IncidenceCurve, asked: Floats) -> list[Block]:
    """Return the rows "cumulative events" at the asked days, and "events"."""
    named: Block = {"term": curve.cause, "group": curve.group, "n": curve.size}
    until, total = _until(curve, curve.events, asked), int(np.sum(curve.events))
    return [
        named | {"statistic": "cumulative events", "at": asked, "estimate": until, "events": until},
        named | {"statistic": "events", "estimate": total, "events": total},
    ]


def shared_blocks(curve: IncidenceCurve, asked: Floats) -> list[Block]:
    """Return the rows "at risk" and "cumulative censored" at the asked days, which all causes of a group share."""
    at_risk = days_at_risk(curve, asked)
    counted = {"at risk": at_risk, "cumulative censored": _until(curve, curve.censored, asked)}
    return [
        {"statistic": name, "group": curve.group, "at": asked, "estimate": counts, "n": at_risk}
        for name, counts in counted.items()
    ]


def area_block(curve: IncidenceCurve, until: float, numbers: Sequence[float]) -> Block:
    """Return the row "restricted mean time lost": estimate, error and limits, NaN where there is none."""
    events = _until(curve, curve.events, np.asarray([until]))
    named: Block = {"statistic": "restricted mean time lost", "term": curve.cause, "group": curve.group}
    values = dict(zip(("estimate", "std_error", "conf_low", "conf_high"), np.reshape(numbers, (4, 1)), strict=True))
    return named | values | {"at": float(until), "n": curve.size, "events": events}


def empty_blocks(label: Label, causes: Sequence[str], times: Floats, until: float | None) -> list[Block]:
    """Return the rows of a group without rows: nobody is at risk, and nothing can be estimated."""
    asked = np.unique(np.append(0.0, times))
    nobody: Block = {"group": label, "n": 0}
    blocks: list[Block] = []
    for cause in causes:
        named: Block = nobody | {"term": cause, "events": 0}
        blocks.append(named | {"statistic": "cumulative incidence", "at": times})
        blocks.append(named | {"statistic": "cumulative events", "at": asked, "estimate": 0})
        blocks.append(named | {"statistic": "events", "estimate": 0})
        blocks += [named | {"statistic": "restricted mean time lost", "at": until}] if until is not None else []
    shared = ("at risk", "cumulative censored")
    return blocks + [nobody | {"statistic": name, "at": asked, "estimate": 0} for name in shared]


def _points(statistic: str, curve: IncidenceCurve, times: Floats) -> Block:
    place = np.searchsorted(curve.time, times, side="right") - 1
    seen = times <= curve.time[-1]
    arrays = {
        "estimate": curve.incidence,
        "std_error": curve.std_error,
        "conf_low": curve.conf_low,
        "conf_high": curve.conf_high,
    }
    values: Block = {name: np.where(seen, array[place], np.nan) for name, array in arrays.items()}
    counts: Block = {"n": days_at_risk(curve, times), "events": _until(curve, curve.events, times)}
    return {"statistic": statistic, "term": curve.cause, "group": curve.group, "at": times} | values | counts


def _until(curve: IncidenceCurve, counts: Amounts, times: Floats) -> Amounts:
    total = np.concatenate([[0], np.cumsum(counts)])
    return np.asarray(total[np.searchsorted(curve.time, times, side="right")])
