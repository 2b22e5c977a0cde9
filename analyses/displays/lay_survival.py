"""Survival at asked times, quantiles of the time to the event, and how many were at risk."""

from __future__ import annotations

from collections.abc import Sequence

from analyses.displays.format import DASH, NOT_REACHED, absent, count, days, limits, percent, points
from analyses.displays.grid import Cell, Row, group_heading, label

SURVIVAL, AT_RISK, QUANTILE, CURVE = "survival", "at risk", "quantile", "curve"
STATISTICS = (SURVIVAL, AT_RISK, QUANTILE)


def is_curve(row: Row) -> bool:
    """Return whether a row is one step of a curve, which a figure draws and a table leaves out."""
    return bool(row["statistic"] == SURVIVAL and row["term"] == CURVE)


def cells(rows: Sequence[Row], block: str, level: str) -> list[Cell]:
    """Return survival and numbers at risk by time, then quantiles; one column a group."""
    at_risk = {(row["group"], row["at"]): row["estimate"] for row in rows if row["statistic"] == AT_RISK}
    found, shown = [], set()
    for row in rows:
        if row["statistic"] == SURVIVAL and not is_curve(row):
            place = (row["group"], row["at"])
            shown.add(place)
            number = at_risk.get(place) if row["n"] is None else row["n"]
            found.append(Cell(block, _time_label(row, level), group_heading(row), _survival_text(row, number)))
    for row in rows:
        if row["statistic"] == AT_RISK and (row["group"], row["at"]) not in shown:
            found.append(Cell(block, f"at risk at {_days(row)}", group_heading(row), count(row["estimate"])))
    quantiles = [row for row in rows if row["statistic"] == QUANTILE]
    found += [Cell(block, _quantile_label(row, level), group_heading(row), _quantile_text(row)) for row in quantiles]
    return found


def _days(row: Row) -> str:
    return "no time" if row["at"] is None else f"{row['at']:g} days"


def _time_label(row: Row, level: str) -> str:
    named = row["term"] not in (None, "time point")
    return label(f"survival at {_days(row)} ({level})", row["term"] if named else None)


def _survival_text(row: Row, at_risk: float | None) -> str:
    spread = limits(row["conf_low"], row["conf_high"], points)
    text = f"{percent(row['estimate'])} ({spread})" if spread else percent(row["estimate"])
    return text if at_risk is None else f"{text}\n{count(at_risk)} at risk"


def _quantile_label(row: Row, level: str) -> str:
    if row["at"] == 0.5:
        return label(f"median time, days ({level})", row["term"])
    share = DASH if row["at"] is None else f"{100 * row['at']:g}%"
    return label(f"time until {share} had the event, days ({level})", row["term"])


def _quantile_text(row: Row) -> str:
    if absent(row["estimate"]) and absent(row["conf_low"]):
        return NOT_REACHED
    return f"{_reached(row['estimate'])} ({_reached(row['conf_low'])} to {_reached(row['conf_high'])})"


def _reached(value: float | None) -> str:
    return NOT_REACHED if absent(value) else days(value)
