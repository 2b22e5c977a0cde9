"""Shares of subjects who met a criterion, their differences, and who could not be judged."""

from __future__ import annotations

from collections.abc import Sequence

from analyses.displays.format import DASH, absent, count, limits, p_value, percent, points
from analyses.displays.grid import COMPARISON, Cell, Heading, Row, comparison, group_heading, label

SHARE, DIFFERENCE, UNDETERMINED = "share", "risk difference", "undetermined"


def is_outcome(rows: Sequence[Row]) -> bool:
    """Return whether one criterion's shares are those of an outcome, with limits, and not the levels of a variable."""
    beside = {row["statistic"] for row in rows} & {DIFFERENCE, UNDETERMINED}
    return bool(beside) or any(row["statistic"] == SHARE and not absent(row["conf_low"]) for row in rows)


def share_text(row: Row, level: str) -> str:
    """Return "29/84 (34.5%)" and its limits on a line of their own; without counts the share alone."""
    counted = row["events"] is not None and row["n"] is not None
    text = f"{row['events']}/{row['n']} ({percent(row['estimate'])})" if counted else percent(row["estimate"])
    spread = limits(row["conf_low"], row["conf_high"], points)
    return f"{text}\n{level} {spread}" if spread else text


def difference_text(row: Row) -> str:
    """Return a difference of shares in percentage points, its limits and its p value."""
    spread = limits(row["conf_low"], row["conf_high"], points)
    text = f"{points(row['estimate'])} ({spread})" if spread else points(row["estimate"])
    return text if absent(row["p_value"]) else f"{text}, {p_value(row['p_value'])}"


def cells(rows: Sequence[Row], block: str, level: str) -> list[Cell]:
    """Return one row a term and one column a group; differences beside them, the undetermined below them."""
    found = []
    for row in rows:
        if row["statistic"] == SHARE:
            found.append(Cell(block, row["term"] or "met", group_heading(row), share_text(row, level)))
        elif row["statistic"] == DIFFERENCE:
            heading = Heading(COMPARISON, f"{comparison(row)},\ndifference in percentage points ({level})")
            found.append(Cell(block, row["term"] or "met", heading, difference_text(row)))
    undetermined = [row for row in rows if row["statistic"] == UNDETERMINED]
    terms = {row["term"] for row in undetermined}
    for row in undetermined:
        name = label("undetermined", row["term"] if len(terms) > 1 else None)
        found.append(Cell(block, name, group_heading(row), DASH if row["estimate"] is None else count(row["estimate"])))
    return found
