"""Apache Parquet."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from cohort.errors import RecordError
from cohort.records.formats.rows import Rows


def read_parquet(path: Path, *, encoding: str | None, separator: str) -> Rows:
    """Return a Parquet file with its own types; encoding and separator do not apply.

    Raises:
        RecordError: The file is not Parquet or is damaged.
    """
    del encoding, separator
    try:
        return Rows.sound(pl.read_parquet(path, glob=False))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise RecordError(f"{path.name} cannot be read as Parquet: {error}") from error
