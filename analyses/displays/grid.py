"""What stands where in a table: cells with a place, and the grid that they make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]

ARM, TOGETHER, COMPARISON, EFFECT = range(4)


@dataclass(frozen=True)
class Heading:
    """A column's heading, and the kind of column, which orders them: arms, all together, comparisons, effects."""

    kind: int
    label: str


@dataclass(frozen=True)
class Cell:
    """One text and its place.

    Attributes:
        block: The heading above its rows: a criterion, a variable. Empty where there is none.
        row: The label at the row's start.
        heading: The column.
        text: What is written; a line feed breaks the line inside the cell.
    """

    block: str
    row: str
    heading: Heading
    text: str


@dataclass(frozen=True)
class Line:
    """One row of the finished table: one text for each heading, empty where nothing belongs."""

    block: str
    label: str
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Grid:
    """The finished table, before any library has seen it."""

    headings: tuple[str, ...]
    lines: tuple[Line, ...]


def group_heading(row: Row) -> Heading:
    """Return the column of a number: its comparison, its arm, or all together."""
    if row["reference"] is not None:
        return Heading(COMPARISON, comparison(row))
    return Heading(TOGETHER, "All") if row["group"] is None else Heading(ARM, row["group"])


def comparison(row: Row) -> str:
    """Return "group v reference"."""
    return f"{row['group'] if row['group'] is not None else 'All'} v {row['reference']}"


def label(*parts: str | None) -> str:
    """Return the parts that are there, with commas."""
    return ", ".join(part for part in parts if part)


def arrange(cells: Iterable[Cell]) -> Grid:
    """Return the grid of these cells: blocks, rows and columns in order of first appearance, columns by kind first.

    Different texts that fall on one place stand under each other in it, so that no number is ever lost.
    """
    blocks: dict[str, dict[str, dict[Heading, str]]] = {}
    headings: dict[Heading, None] = {}
    for cell in cells:
        headings[cell.heading] = None
        texts = blocks.setdefault(cell.block, {}).setdefault(cell.row, {})
        there = texts.get(cell.heading, cell.text)
        texts[cell.heading] = there if there == cell.text else f"{there}\n{cell.text}"
    ordered = sorted(headings, key=lambda heading: heading.kind)
    lines = (
        Line(block, row, tuple(texts.get(heading, "") for heading in ordered))
        for block, rows in blocks.items()
        for row, texts in rows.items()
    )
    return Grid(tuple(heading.label for heading in ordered), tuple(lines))
