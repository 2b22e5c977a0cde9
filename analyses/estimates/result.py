"""The one shape in which every estimator answers."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl

from cohort.schemas import ESTIMATES


@dataclass(frozen=True)
class Estimates:
    """Numbers with what is needed to report them.

    Attributes:
        frame: One row a number, in the ESTIMATES shape.
        method: A sentence for the report: what was estimated and how.
        notes: What a reader must know: exclusions with counts, warnings that were caught, conventions.
        confidence: The level of the frame's limits.
        model: What an expert or a figure may want beside the numbers (a fitted model, a curve), or None.
    """

    frame: pl.DataFrame
    method: str
    notes: tuple[str, ...] = ()
    confidence: float = 0.95
    model: Any = field(default=None, compare=False, repr=False)

    def labelled(self, analysis: str, population: str | None = None) -> Estimates:
        """Return the same numbers under the name of an analysis, and of a population where one is given."""
        named = self.frame.with_columns(analysis=pl.lit(analysis))
        if population is not None:
            named = named.with_columns(population=pl.lit(population))
        return replace(self, frame=named)

    def value(self, statistic: str, **where: object) -> float | None:
        """Return the one number of that statistic, narrowed by column values.

        Raises:
            LookupError: No row, or more than one row, fits.
        """
        rows = self.frame.filter(statistic=statistic)
        for column, wanted in where.items():
            rows = rows.filter(pl.col(column).eq_missing(pl.lit(wanted)))
        if rows.height != 1:
            raise LookupError(f"{rows.height} rows have statistic={statistic!r} and {where}; expected exactly one")
        found = rows["estimate"].item()
        return None if found is None else float(found)

    def _repr_html_(self) -> str:
        notes = "".join(f"<li>{html.escape(note)}</li>" for note in self.notes)
        shown = self.frame.select(column for column in self.frame if column.null_count() < column.len())
        return f"<p>{html.escape(self.method)}</p>{shown._repr_html_()}<ul>{notes}</ul>"


def estimates_frame(rows: Iterable[Mapping[str, object]]) -> pl.DataFrame:
    """Return rows as an ESTIMATES frame, in the order given; columns that a row leaves out are null.

    `analysis` and `population` default to the empty text and to "all" until `Estimates.labelled` names them.
    """
    blank = {"analysis": "", "population": "all"}
    return ESTIMATES.conform(pl.DataFrame([{**blank, **row} for row in rows], schema=ESTIMATES.schema))


def estimates_of(blocks: Iterable[Mapping[str, object]]) -> pl.DataFrame:
    """Return columns as an ESTIMATES frame, block under block: for curves, whose rows are many.

    Within a block an array (of one length) gives a value a row, anything else the same value to each row; a block
    without arrays is one row. NaN becomes null, and what a block leaves out is null, as in `estimates_frame`.

    >>> estimates_of([{"statistic": "survival", "at": np.array([1.0, 2.0]), "estimate": np.array([0.5, np.nan])}])[
    ...     "estimate"
    ... ].to_list()
    [0.5, None]
    """
    listed = [{"analysis": "", "population": "all", **block} for block in blocks]
    lengths = [max((len(v) for v in block.values() if isinstance(v, np.ndarray)), default=1) for block in listed]
    return pl.DataFrame(
        [
            _column(name, dtype, [block.get(name) for block in listed], lengths)
            for name, dtype in ESTIMATES.schema.items()
        ]
    )


def _column(name: str, dtype: pl.DataType, values: Sequence[object], lengths: Sequence[int]) -> pl.Series:
    """Return one column of several blocks; a value that is the same throughout is cheap to repeat."""
    if all(isinstance(value, str | None) for value in values) and len(set(values)) == 1:
        return pl.Series(name, values[:1], dtype=dtype).new_from_index(0, sum(lengths))
    if dtype == pl.String:
        said = [text for text, length in zip(values, lengths, strict=True) for text in [text] * length]
        return pl.Series(name, said, dtype=dtype)
    column = np.full(sum(lengths), np.nan)
    start = 0
    for value, length in zip(values, lengths, strict=True):
        if value is not None:
            column[start : start + length] = value
        start += length
    return pl.Series(name, column, nan_to_null=True).cast(dtype)


def together(parts: Sequence[Estimates]) -> pl.DataFrame:
    """Return the frames of several estimates under one another."""
    return pl.concat([ESTIMATES.empty(), *(part.frame for part in parts)])
