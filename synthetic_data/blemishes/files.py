"""From a draft to files: the rows in their last order, each file in its form, and where each row came to stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import numpy as np
import polars as pl

from cohort.records.formats.written import source_names, write_source
from cohort.schemas import RECORD_FRAMES
from synthetic_data.blemishes.draft import Draft, TableDraft

PARTS = 3
_LINE_BREAK = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True)
class File:
    """One file of one table.

    Attributes:
        name: The file's name.
        table: The frame's name in `cohort.schemas`.
        rows: The numbers that its rows have in the draft, in order.
        names: Our columns and what they are called in the file.
    """

    name: str
    table: str
    rows: list[int]
    names: dict[str, str]

    @property
    def suffix(self) -> str:
        """The form of the file."""
        return Path(self.name).suffix


def arranged(draft: Draft, forms: tuple[str, ...]) -> list[File]:
    """Return the files, their rows in order, the forms taken in turn."""
    turn = cycle(forms)
    files = []
    for table, held in draft.tables.items():
        order = _in_order(held)
        if not order:
            continue
        ends = (
            sorted(draft.rng.choice(np.arange(1, len(order)), size=PARTS - 1, replace=False))
            if (table in draft.several)
            else []
        )
        for number, (begin, end) in enumerate(zip([0, *ends], [*ends, len(order)], strict=True), start=1):
            form = next(turn)
            name = f"{table}_{number}.{form}" if ends else f"{table}.{form}"
            files.append(File(name, table, order[begin:end], source_names(held.cells, f".{form}")))
    return files


def _in_order(held: TableDraft) -> list[int]:
    """Return the row numbers in the order of the files: an added row stands behind the row that it was put behind."""
    behind: dict[int, list[int]] = {}
    for number, (row, _) in enumerate(held.added):
        behind.setdefault(row, []).append(held.who.size + number)
    return [
        number
        for row in range(held.who.size)
        for number in ([] if row in held.removed else [row]) + behind.get(row, [])
    ]


def write_file(draft: Draft, file: File, folder: Path) -> dict[int, int]:
    """Write one file, and return for each of its rows where it stands, counted as `cohort.inspect` does."""
    held = draft.tables[file.table]
    columns = {file.names[name]: _cells(held, name, file) for name in file.names}
    frame = pl.DataFrame({name: pl.Series(name, cells, dtype=pl.String) for name, cells in columns.items()})
    if file.suffix == ".csv":
        write_source(frame, folder / file.name)
        return dict(zip(file.rows, _lines(columns), strict=True))
    numeric = [file.names[name] for name in file.names if _is_numeric(held, name, draft)]
    write_source(frame.with_columns(_as_stored(frame[name]) for name in numeric), folder / file.name)
    return {row: place for place, row in enumerate(file.rows, start=1)}


def _cells(held: TableDraft, name: str, file: File) -> list[str | None]:
    """Return a column's texts; a transport file keeps no spaces behind a text."""
    size = held.who.size
    cells = [held.cells[name][row] if row < size else held.added[row - size][1][name] for row in file.rows]
    return [cell and cell.rstrip(" ") for cell in cells] if file.suffix == ".xpt" else cells


def _is_numeric(held: TableDraft, name: str, draft: Draft) -> bool:
    """Tell whether a column holds numbers by right; then it is stored as such where every cell is one."""
    if name in draft.manners[held.name].dated or name not in held.clean.columns:
        return False
    ours = RECORD_FRAMES[held.name].columns
    return (ours[name].dtype if name in ours else held.clean.schema[name]).is_numeric()


def _as_stored(texts: pl.Series) -> pl.Series:
    """Return a column as numbers where all of it is; one word makes the column text, as in any export."""
    for dtype in (pl.Int64, pl.Float64):
        numbers = texts.cast(dtype, strict=False)
        if numbers.null_count() == texts.null_count():
            return numbers
    return texts


def _lines(columns: dict[str, list[str | None]]) -> Iterator[int]:
    """Yield the row number of each row of a text file: a line break within a cell makes the next row begin later."""
    line = 1
    for cells in zip(*columns.values(), strict=True):
        yield line
        line += 1 + sum(len(_LINE_BREAK.findall(cell)) for cell in cells if cell)
