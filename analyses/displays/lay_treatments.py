"""Numbers by treatment number: one column a treatment, and how a share of successive treatments is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from analyses.displays.format import absent, count, limits, p_value, percent, points
from analyses.displays.grid import ARM, Cell, Heading, Row

Write = Callable[[float | None], str]
Column = Callable[[int], str]
Placed = tuple[str, str, Row, str]
"""Where a number stands (the heading above its row, the row's label), the number, and how it is written."""


def by_number(row: Row) -> bool:
    """Return whether a row tells of one treatment number."""
    return row["group"] is not None and row["group"].isdecimal()


def treatment(number: int) -> str:
    """Return the heading of a treatment."""
    return f"Treatment {number}"


def after_failures(failures: int) -> str:
    """Return the heading of what comes after so many failures.

    >>> after_failures(0), after_failures(1), after_failures(2)
    ('No failure before', 'After 1 failure', 'After 2 failures')
    """
    if failures == 0:
        return "No failure before"
    return f"After {failures} failure{'s' if failures > 1 else ''}"


def columns(placed: Iterable[Placed], heading: Column = treatment) -> list[Cell]:
    """Return the cells in the order of the treatments, so that the columns stand in it, whatever came first.

    A row's place is that of its first number: what begins with a later treatment comes below.
    """
    ordered = sorted(placed, key=lambda one: int(one[2]["group"]))
    return [Cell(block, label, Heading(ARM, heading(int(row["group"]))), text) for block, label, row, text in ordered]


def with_limits(row: Row, write: Write, limit: Write) -> str:
    """Return a number with its limits below it, and its p value below these."""
    spread = limits(row["conf_low"], row["conf_high"], limit)
    text = f"{write(row['estimate'])}\n{spread}" if spread else write(row["estimate"])
    return text if absent(row["p_value"]) else f"{text}\n{p_value(row['p_value'])}"


def share_text(row: Row) -> str:
    """Return a share in percent with its limits below it."""
    return with_limits(row, percent, points)


def counted_share_text(row: Row) -> str:
    """Return "208/742" above the share and its limits; without counts the share alone."""
    told = share_text(row)
    return told if row["events"] is None or row["n"] is None else f"{count(row['events'])}/{count(row['n'])}\n{told}"


class Labels:
    """Labels of rows, which name the level where any number of the row has limits."""

    def __init__(self, rows: Iterable[Row], level: str) -> None:
        """Remember which kinds of rows have limits."""
        self._limited = {_kind(row) for row in rows if not (absent(row["conf_low"]) and absent(row["conf_high"]))}
        self._level = level

    def of(self, row: Row, name: str) -> str:
        """Return the label of a row."""
        return f"{name} ({self._level})" if _kind(row) in self._limited else name


def _kind(row: Row) -> tuple[str, str | None, float | None]:
    """Return what stands in one row of the table, whatever the treatment."""
    return row["statistic"], row["term"], row["at"]
