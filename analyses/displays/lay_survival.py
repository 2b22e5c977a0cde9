"""Survival at asked times, quantiles of the time to the event, and how many were at risk."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from analyses.displays.format import DASH, NOT_REACHED, absent, count, days, limits, percent, points
from analyses.displays.grid import Cell, Row, group_heading, label

SURVIVAL, AT_RISK, QUANTILE, CURVE = "survival", "at risk", "quantile", "curve"
CUMULATIVE_EVENTS, CUMULATIVE_CENSORED = "cumulative events", "cumulative censored"
AtRisk = Mapping[tuple[str | None, float | None], float | None]
STATISTICS = (SURVIVAL, AT_RISK, QUANTILE)


def is_curve(row: Row) -> bool:
    """Return whether a row is one step of a curve, which a figure draws and a table leaves out."""
    return bool(row["statistic"] == SURVIVAL and row["term"] == CURVE)


def cells(rows: Sequence[Row], block: str, level: str) -> list[Cell]:
    """Return survival and numbers at risk by time, then quantiles; one column a group."""
    at_risk = {(row["group"], row["at"]): row["estimate"] for row in rows if row["statistic"] == AT_RISK}
    points_in_time = [row for row in rows if row["statistic"] == SURVIVAL and not is_curve(row)]
    shown = {(row["group"], row["at"]) for row in points_in_time}
    alone = [row for row in rows if row["statistic"] == AT_RISK and (row["group"], row["at"]) not in shown]
    timed = sorted([*points_in_time, *alone], key=lambda row: math.inf if row["at"] is None else row["at"])
    quantiles = [row for row in rows if row["statistic"] == QUANTILE]
    return [
        *(_time_cell(row, block, level, at_risk) for row in timed),
        *(Cell(block, _quantile_label(row, level), group_heading(row), _quantile_text(row)) for row in quantiles),
    ]


def _time_cell(row: Row, block: str, level: str, at_risk: AtRisk) -> Cell:
    if row["statistic"] == AT_RISK:
        return Cell(block, f"at risk at {_days(row)}", group_heading(row), count(row["estimate"]))
    number = at_risk.get((row["group"], row["at"])) if row["n"] is None else row["n"]
    return Cell(block, _time_label(row, level), group_heading(row), _survival_text(row, number))


def _days(row: Row) -> str:
    return "no time" if row["at"] is None else f"{row['at']:g} days"


def _time_label(row: Row, level: str) -> str:
    named = row["term"] not in (None, "time point")
    return label(f"without the event at {_days(row)} ({level})", row["term"] if named else None)


def _survival_text(row: Row, at_risk: float | None) -> str:
    spread = limits(row["conf_low"], row["conf_high"], points)
    text = f"{percent(row['estimate'])} ({spread})" if spread else percent(row["estimate"])
    return text if at_risk is None else f"{text}\n{count(at_risk)} at risk"


def _place(row: Row) -> str | None:
    """Return the days between which a quantile lies that is no single day: "(43, 44]"."""
    return row["term"] if row["term"] and row["term"][0] in "({" else None


def _quantile_label(row: Row, level: str) -> str:
    named = None if _place(row) else row["term"]
    if row["at"] == 0.5:
        return label(f"median time, days ({level})", named)
    share = DASH if row["at"] is None else f"{100 * row['at']:g}%"
    return label(f"time until {share} had the event, days ({level})", named)


def _quantile_text(row: Row) -> str:
    if row["n"] == 0:
        return DASH
    if place := _place(row):
        return f"in {place}"
    if absent(row["estimate"]) and absent(row["conf_low"]):
        return NOT_REACHED
    return f"{_reached(row['estimate'])} ({_reached(row['conf_low'])} to {_reached(row['conf_high'])})"


def _reached(value: float | None) -> str:
    return NOT_REACHED if absent(value) else days(value)
