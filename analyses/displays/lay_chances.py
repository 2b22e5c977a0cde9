"""Chances of success, observed and fitted, and the part of their fall that is selection; one column a treatment."""

from __future__ import annotations

from collections.abc import Sequence

from analyses.displays.grid import Cell, Row, label
from analyses.displays.lay_treatments import (
    Column,
    Labels,
    Placed,
    after_failures,
    by_number,
    columns,
    counted_share_text,
    share_text,
    treatment,
)

OBSERVED, FITTED, SELECTION = "observed chance", "fitted chance", "selection share"
_ORDER = (OBSERVED, FITTED, SELECTION)
_BLOCKS = {
    OBSERVED: "chance to meet it, of treatments that were counted",
    FITTED: "chance to meet it, of treatments that were counted",
    SELECTION: "part of the fall since the first treatment that is selection",
}


def is_chance(row: Row) -> bool:
    """Return whether a row is a chance, or a part of its fall, at one treatment number."""
    return by_number(row) and row["statistic"] in _ORDER


def chance_cells(rows: Sequence[Row], block: str, level: str, of_trend: bool) -> list[Cell]:
    """Return one row a model.

    A trend counts what it was asked to count: treatments, or failures from 0 on. Elsewhere the number is that of
    failures and one more, which is a treatment's only where none was stopped for intolerance.
    """
    labels, cells = Labels(rows, level), []
    heading = _heading(rows, of_trend)
    for statistics in ((OBSERVED, FITTED), (SELECTION,)):
        placed: list[Placed] = []
        for row in sorted(rows, key=lambda row: _ORDER.index(row["statistic"])):
            if row["statistic"] in statistics:
                text = counted_share_text(row) if row["statistic"] == OBSERVED else share_text(row)
                placed.append((label(block, _BLOCKS[row["statistic"]]), labels.of(row, _name(row)), row, text))
        cells += columns(placed, heading)
    return cells


def _name(row: Row) -> str:
    if row["statistic"] == OBSERVED:
        return label("seen", row["term"])
    return row["term"] or "fitted"


def _heading(rows: Sequence[Row], of_trend: bool) -> Column:
    if any(row["group"] == "0" for row in rows):
        return after_failures
    return treatment if of_trend else _failures_and_one


def _failures_and_one(number: int) -> str:
    return after_failures(number - 1)
