"""The tables that ship with the package, and how a user's own table is read."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import polars as pl

from cohort.errors import CriterionError, some


@cache
def resource(name: str) -> pl.DataFrame:
    """Return a table of this room as text, an empty cell being null."""
    return pl.read_csv(BytesIO(files("cohort.drugs").joinpath(f"{name}.csv").read_bytes()), infer_schema=False)


def numbers(*columns: str) -> list[pl.Expr]:
    """Return the columns of a packaged table as numbers."""
    return [pl.col(name).cast(pl.Float64) for name in columns]


def read_table(
    path: str | Path, required: tuple[str, ...], optional: tuple[str, ...], numeric: tuple[str, ...]
) -> pl.DataFrame:
    """Return a user's table, absent optional columns null.

    Raises:
        CriterionError: The file cannot be read, lacks a column, holds one that nobody reads, an empty cell where a
            value is required, or text where a number is expected.
    """
    try:
        table = pl.read_csv(Path(path), infer_schema=False)
    except (OSError, TypeError, pl.exceptions.PolarsError) as error:
        raise CriterionError(f"{path} cannot be read as a CSV table: {error}") from error
    absent = [name for name in required if name not in table.columns]
    strange = [name for name in table.columns if name not in (*required, *optional)]
    if absent or strange:
        raise CriterionError(
            f"{path}: {len(absent)} columns are missing ({some(absent, 9)}), {len(strange)} are not known "
            f"({some(strange, 9)}); it takes {', '.join(required)}, and may have {', '.join(optional)}"
        )
    table = table.with_columns(pl.all().str.strip_chars()).with_columns(
        pl.when(pl.all() != "").then(pl.all()),
        *(pl.lit(None, pl.String).alias(n) for n in optional if n not in table.columns),
    )
    for name in required:
        if empty := table[name].null_count():
            raise CriterionError(f"{path}: {empty} cells of {name!r} are empty; fill them, or remove the rows")
    return table.with_columns(_number(path, table, name) for name in numeric)


def _number(path: str | Path, table: pl.DataFrame, name: str) -> pl.Series:
    values = table[name].cast(pl.Float64, strict=False)
    wrong = table[name].filter(values.is_null() & table[name].is_not_null())
    if wrong.len():
        raise CriterionError(
            f"{path}: {wrong.len()} cells of {name!r} are not numbers: {some(wrong)}; "
            "write plain numbers such as 750 or 0.5, without units"
        )
    return values
