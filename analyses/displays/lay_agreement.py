"""How far definitions agree: cross tables, percent agreement and kappa, and why they differ."""

from __future__ import annotations

from collections.abc import Sequence

from analyses.displays.format import DASH, absent, count, limits, percent, points, ratio
from analyses.displays.grid import ARM, EFFECT, Cell, Heading, Row

UNITS, AGREEMENT, KAPPA, DIFFERENT = "units", "agreement", "kappa", "classed differently"
STATISTICS = (UNITS, AGREEMENT, KAPPA, DIFFERENT)


def cells(rows: Sequence[Row], block: str, level: str) -> list[Cell]:
    """Return cross tables (a row a level of the criterion, a column one of the reference), agreement, reasons."""
    found = []
    for row in rows:
        against = f"against {row['reference']}"
        if row["statistic"] == UNITS:
            shown = DASH if row["estimate"] is None else count(row["estimate"])
            found.append(Cell(f"{block}, {against}", row["term"], Heading(ARM, row["group"]), shown))
        elif row["statistic"] == DIFFERENT:
            found.append(Cell(f"{block}, {against}", row["term"], Heading(EFFECT, "Units"), count(row["estimate"])))
        else:
            found.append(Cell(block, against, _heading(row, level), _agreement(row)))
    return found


def _heading(row: Row, level: str) -> Heading:
    return Heading(EFFECT, f"{'Classed alike' if row['statistic'] == AGREEMENT else 'Kappa'} ({level})")


def _agreement(row: Row) -> str:
    if row["statistic"] == KAPPA:
        spread = limits(row["conf_low"], row["conf_high"], ratio)
        return f"{ratio(row['estimate'])} ({spread})" if spread else ratio(row["estimate"])
    counted = f"{row['events']}/{row['n']}"
    if absent(row["estimate"]):
        return f"{counted} ({DASH})"
    return f"{counted} ({percent(row['estimate'])}; {limits(row['conf_low'], row['conf_high'], points)})"
