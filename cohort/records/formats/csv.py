"""Delimited text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from cohort.errors import RecordError, some
from cohort.records.formats.rows import Rows


def read_csv(path: Path, *, encoding: str | None, separator: str) -> Rows:
    """Return a delimited file, every column as text, so that a refused value can be shown as it was written.

    A line with too few or too many fields is kept as a broken row; blank lines are not rows. A file whose quotes do not
    pair is not read at all, because nobody can tell where its rows end.

    Raises:
        RecordError: The bytes are not in the encoding, a quote is not closed, the header names a column twice, or there
            is no header.
    """
    text = _decode(path, encoding)
    delimiter = "\t" if path.suffix.lower() == ".tsv" else separator
    rows = list(_numbered(path.name, text, delimiter))
    if not rows:
        raise RecordError(f"{path.name} is empty: not even a header line")
    header = [name.strip() for name in rows[0][1]]
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise RecordError(f"{path.name}: {len(twice)} column names stand twice in the header: {some(twice)}")
    return _rows(header, rows[1:])


def _numbered(name: str, text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is not blank with the line on which it begins; a quoted field may go over several lines."""
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    try:
        for fields in lines:
            if fields:
                yield begins, fields
            begins = lines.line_num + 1
    except csv.Error as error:
        raise RecordError(
            f"{name}: the row that begins on line {begins} cannot be read as delimited text: {error}; "
            "look for a quotation mark that is not closed or not doubled"
        ) from None


def _rows(header: list[str], rows: list[tuple[int, list[str]]]) -> Rows:
    width = len(header)
    padded = (fields if len(fields) == width else (fields + [""] * width)[:width] for _, fields in rows)
    columns = list(zip(*padded, strict=True)) or [()] * width
    faults = [None if len(fields) == width else f"{len(fields)} fields, the header has {width}" for _, fields in rows]
    return Rows(
        pl.DataFrame([pl.Series(name, cells, dtype=pl.String) for name, cells in zip(header, columns, strict=True)]),
        pl.Series([line - 1 for line, _ in rows], dtype=pl.Int64),
        pl.Series(faults, dtype=pl.String),
    )


def _decode(path: Path, encoding: str | None) -> str:
    try:
        return path.read_bytes().decode(encoding or "utf-8").removeprefix("\ufeff")
    except LookupError:
        raise RecordError(f"{path.name}: no encoding is called {encoding!r}; usual are latin-1 and cp1252") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        wide = error.object.startswith((b"\xff\xfe", b"\xfe\xff"))
        likely = '"utf-16"' if wide else '"latin-1" or "cp1252"'
        raise RecordError(
            f"{path.name} is not {encoding or 'utf-8'}: byte 0x{error.object[error.start]:02x} in line {line} does not "
            f"fit; state the file's encoding in study.toml, for example encoding = {likely}"
        ) from None
