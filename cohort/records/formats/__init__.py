"""Bytes to frames, nothing else: one reader for each kind of file."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from cohort.errors import RecordError, some
from cohort.records.formats.csv import read_csv
from cohort.records.formats.parquet import read_parquet
from cohort.records.formats.rows import Rows
from cohort.records.formats.sas import read_sas7bdat, read_xpt


class Reader(Protocol):
    """Reads a whole file. Text files heed `encoding` (None is UTF-8) and `separator`; the others know their own."""

    def __call__(self, path: Path, *, encoding: str | None, separator: str) -> Rows:
        """Return the file's rows; raise RecordError where it cannot be read."""


READERS: dict[str, Reader] = {
    ".csv": read_csv,
    ".txt": read_csv,
    ".tsv": read_csv,
    ".parquet": read_parquet,
    ".sas7bdat": read_sas7bdat,
    ".xpt": read_xpt,
}


def read_source(path: Path, *, encoding: str | None = None, separator: str = ",") -> Rows:
    """Return a file's rows as they stand, columns named as in the file.

    Raises:
        RecordError: The file is of no known kind, is empty, is damaged or has another encoding.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise RecordError(f"{path.name}: files ending in {path.suffix!r} are not read; these are: {some(READERS, 9)}")
    if path.stat().st_size == 0:
        raise RecordError(f"{path.name} is empty (0 bytes); export it again")
    return reader(path, encoding=encoding, separator=separator)
