"""Delimited text."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import polars as pl

from cohort.errors import RecordError, some

FIELD_COUNT = "_fields"


def read_csv(path: Path, *, encoding: str | None, separator: str) -> pl.DataFrame:
    """Return a delimited file, every column as text, so that a refused value can be shown as it was written.

    A line with too few or too many fields is kept and carries its number of fields in the column `_fields`, which is null
    for a line that is as long as the header; blank lines are not rows.

    Raises:
        RecordError: The bytes are not in the encoding, the header names a column twice, or there is no header.
    """
    text = _decode(path, encoding)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter="\t" if path.suffix.lower() == ".tsv" else separator)
    try:
        rows = [line for line in lines if line]
    except csv.Error as error:
        raise RecordError(f"{path.name}: line {lines.line_num} cannot be read as delimited text: {error}") from error
    if not rows:
        raise RecordError(f"{path.name} is empty: not even a header line")
    header = [name.strip() for name in rows[0]]
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise RecordError(f"{path.name}: {len(twice)} column names stand twice in the header: {some(twice)}")
    return _frame(header, rows[1:])


def _frame(header: list[str], rows: list[list[str]]) -> pl.DataFrame:
    width = len(header)
    lengths = [None if len(row) == width else len(row) for row in rows]
    padded = (row if len(row) == width else (row + [""] * width)[:width] for row in rows)
    columns = list(zip(*padded, strict=True)) or [()] * width
    frame = pl.DataFrame({name: pl.Series(name, values, dtype=pl.String) for name, values in zip(header, columns, strict=True)})
    return frame.with_columns(pl.Series(FIELD_COUNT, lengths, dtype=pl.Int64))


def _decode(path: Path, encoding: str | None) -> str:
    data = path.read_bytes()
    try:
        return data.decode(encoding or "utf-8-sig")
    except LookupError:
        raise RecordError(f"{path.name}: no encoding is called {encoding!r}") from None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise RecordError(
            f"{path.name} is not {encoding or 'utf-8'}: byte 0x{data[error.start]:02x} in line {line} does not fit; "
            'state the file\'s encoding in study.toml, for example encoding = "latin-1" or "cp1252"'
        ) from None
