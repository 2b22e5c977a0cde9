"""Cumulative incidence, restricted means and differences of survival: shares and days by time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from analyses.displays.format import absent, days, fixed, limits, p_value, percent, points
from analyses.displays.grid import COMPARISON, Cell, Heading, Row, comparison, group_heading, label

INCIDENCE, MEAN, LOST = "cumulative incidence", "restricted mean", "restricted mean time lost"
SURVIVAL_DIFFERENCE, MEAN_DIFFERENCE = "survival difference", "restricted mean difference"
STATISTICS = (INCIDENCE, MEAN, LOST, SURVIVAL_DIFFERENCE, MEAN_DIFFERENCE)
# What figures draw or count under their axes; a table of anything else leaves them out.
DRAWN = ("cumulative incidence curve", "cumulative events", "cumulative censored", "probability mass")
_NAMES = {
    INCIDENCE: "with the event",
    MEAN: "mean days without the event",
    LOST: "mean days lost",
    SURVIVAL_DIFFERENCE: "without the event",
    MEAN_DIFFERENCE: "mean days without the event",
}
_DIFFERENCES = {SURVIVAL_DIFFERENCE: "difference in percentage points", MEAN_DIFFERENCE: "difference in days"}


def cells(rows: Sequence[Row], block: str, level: str) -> list[Cell]:
    """Return one row a cause and time and one column a group; differences beside them."""
    return [Cell(block, _label(row, level), _heading(row, level), _text(row)) for row in rows]


def _label(row: Row, level: str) -> str:
    until = "up to" if row["statistic"] in (MEAN, LOST, MEAN_DIFFERENCE) else "at"
    when = "" if row["at"] is None else f" {until} {row['at']:g} days"
    named = None if row["term"] == "time point" else row["term"]
    return label(named, f"{_NAMES[row['statistic']]}{when} ({level})")


def _heading(row: Row, level: str) -> Heading:
    kind = _DIFFERENCES.get(row["statistic"])
    return Heading(COMPARISON, f"{comparison(row)},\n{kind} ({level})") if kind else group_heading(row)


def _text(row: Row) -> str:
    write: Callable[[float | None], str]
    write = {INCIDENCE: percent, SURVIVAL_DIFFERENCE: points}.get(row["statistic"], _tenths)
    spread = limits(row["conf_low"], row["conf_high"], days if write is _tenths else points)
    text = f"{write(row['estimate'])} ({spread})" if spread else write(row["estimate"])
    return text if absent(row["p_value"]) else f"{text}, {p_value(row['p_value'])}"


def _tenths(value: float | None) -> str:
    return fixed(value, 1)
