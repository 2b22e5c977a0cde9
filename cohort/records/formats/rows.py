"""What a reader hands on: a file's cells, where each row stood, and which rows are broken as such."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, eq=False)
class Rows:
    """A file's rows as they stand.

    Attributes:
        cells: The columns, named as in the file.
        number: Where each row stood. In a text file the row begins on line `number + 1`; elsewhere the first row is 1.
        fault: What is wrong with the row as a whole; null where nothing is.
    """

    cells: pl.DataFrame
    number: pl.Series
    fault: pl.Series

    @classmethod
    def sound(cls, cells: pl.DataFrame) -> Rows:
        """Return the rows of a format in which a row cannot be broken."""
        number = pl.int_range(1, cells.height + 1, dtype=pl.Int64, eager=True)
        return cls(cells, number, pl.Series([None] * cells.height, dtype=pl.String))
