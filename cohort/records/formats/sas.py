"""SAS data sets (SAS7BDAT) and transport files (XPT), through pyreadstat."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from cohort.errors import RecordError
from cohort.records.formats.rows import Rows


def read_sas7bdat(path: Path, *, encoding: str | None, separator: str) -> Rows:
    """Return a SAS data set; numbers are Float64, columns with a date format are dates; no separator applies.

    Raises:
        RecordError: The file is not a SAS data set or is damaged.
    """
    import pyreadstat

    del separator
    return _read(pyreadstat.read_sas7bdat, path, encoding)


def read_xpt(path: Path, *, encoding: str | None, separator: str) -> Rows:
    """Return a SAS transport file; numbers are Float64, columns with a date format are dates; no separator applies.

    Raises:
        RecordError: The file is not a transport file or is damaged.
    """
    import pyreadstat

    del separator
    return _read(pyreadstat.read_xport, path, encoding)


def _read(reader: Callable[..., Any], path: Path, encoding: str | None) -> Rows:
    try:
        frame, _ = reader(str(path), output_format="polars", encoding=encoding)
    except Exception as error:  # pyreadstat raises its own, unexported classes
        raise RecordError(f"{path.name} cannot be read as a SAS file: {error}") from error
    if not isinstance(frame, pl.DataFrame):
        raise RecordError(f"{path.name} cannot be read as a SAS file")
    return Rows.sound(frame)
