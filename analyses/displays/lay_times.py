"""Cumulative incidence, restricted means and differences of survival: shares and days by time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from analyses.displays.format import absent, days, fixed, limits, p_value, percent, points, ratio
from analyses.displays.grid import Cell, Row, group_heading, label

INCIDENCE, MEAN, LOST = "cumulative incidence", "restricted mean", "restricted mean time lost"
SURVIVAL_DIFFERENCE, MEAN_DIFFERENCE = "survival difference", "restricted mean difference"
MEAN_RATIO, LOST_RATIO = "restricted mean ratio", "restricted mean time lost ratio"
# What figures draw or count under their axes; a table of anything else leaves them out.
DRAWN = ("cumulative incidence curve", "cumulative events", "cumulative censored", "probability mass")
_NAMES = {
    INCIDENCE: "with the event",
    MEAN: "mean days without the event",
    LOST: "mean days lost",
    SURVIVAL_DIFFERENCE: "without the event, difference in percentage points",
    MEAN_DIFFERENCE: "difference of mean days without the event",
    MEAN_RATIO: "ratio of mean days without the event",
    LOST_RATIO: "ratio of mean days lost",
}
STATISTICS = tuple(_NAMES)
_AT = (INCIDENCE, SURVIVAL_DIFFERENCE)


def cells(rows: Sequence[Row], block: str, level: str) -> list[Cell]:
    """Return one row a number, cause and time, and one column a group or a comparison of two."""
    return [Cell(block, _label(row, level), group_heading(row), _text(row)) for row in rows]


def _label(row: Row, level: str) -> str:
    when = "" if row["at"] is None else f" {'at' if row['statistic'] in _AT else 'up to'} {row['at']:g} days"
    named = None if row["term"] == "time point" else row["term"]
    return label(named, f"{_NAMES[row['statistic']]}{when} ({level})")


def _text(row: Row) -> str:
    value, limit = _WRITTEN.get(row["statistic"], (_tenths, days))
    spread = limits(row["conf_low"], row["conf_high"], limit)
    text = f"{value(row['estimate'])} ({spread})" if spread else value(row["estimate"])
    return text if absent(row["p_value"]) else f"{text}, {p_value(row['p_value'])}"


def _tenths(value: float | None) -> str:
    return fixed(value, 1)


Write = Callable[[float | None], str]
_WRITTEN: dict[str, tuple[Write, Write]] = {
    INCIDENCE: (percent, points),
    SURVIVAL_DIFFERENCE: (points, points),
    MEAN_RATIO: (ratio, ratio),
    LOST_RATIO: (ratio, ratio),
}
