"""What a frame that crosses a wall of the house is, and what it takes to be one."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from cohort.errors import RecordError, some


@dataclass(frozen=True)
class Column:
    """One column: its type, whether a null may stand in it, and what it says."""

    dtype: pl.DataType
    meaning: str
    nullable: bool = False


@dataclass(frozen=True)
class Frame:
    """One frame: its columns in order, the columns that identify a row, and whether covariates may follow."""

    name: str
    columns: dict[str, Column]
    keys: tuple[str, ...]
    open: bool = False

    @property
    def schema(self) -> pl.Schema:
        """The names and types, in order."""
        return pl.Schema({name: column.dtype for name, column in self.columns.items()})

    def empty(self) -> pl.DataFrame:
        """Return a frame of this shape without rows."""
        return pl.DataFrame(schema=self.schema)

    def conform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return `frame` with this schema, sorted by its keys; absent nullable columns become null.

        Raises:
            RecordError: A column is missing, has a type that cannot stand for the declared one, holds a fraction where
                whole numbers are declared, or a forbidden null; or this is no polars DataFrame.
        """
        self._refuse_columns(frame)
        typed = [self._typed(name, frame) for name in self.columns]
        extra = [name for name in frame.columns if name not in self.columns]
        try:
            result = frame.select(*typed, *extra)
        except pl.exceptions.PolarsError as error:
            raise RecordError(f"{self.name}: a column has the wrong type: {error}") from error
        self._refuse_values(frame, result)
        return result.sort(self.keys, nulls_last=True, maintain_order=True)

    def _refuse_columns(self, frame: pl.DataFrame) -> None:
        if not isinstance(frame, pl.DataFrame):
            raise RecordError(f"{self.name}: a polars DataFrame is needed, this is a {type(frame).__name__}")
        absent = [n for n, c in self.columns.items() if n not in frame.columns and not c.nullable]
        if absent:
            raise RecordError(f"{self.name}: {len(absent)} required columns are missing: {some(absent, 9)}")
        extra = [name for name in frame.columns if name not in self.columns]
        if extra and not self.open:
            raise RecordError(f"{self.name}: {len(extra)} columns are not part of this frame: {some(extra)}")

    def _refuse_values(self, given: pl.DataFrame, result: pl.DataFrame) -> None:
        for name, column in self.columns.items():
            from_float = column.dtype.is_integer() and name in given.columns and given.schema[name].is_float()
            if from_float and (parts := (given[name] != given[name].floor()).sum()):
                raise RecordError(f"{self.name}.{name}: {parts} values are not whole numbers")
            if not column.nullable and (nulls := result[name].null_count()):
                raise RecordError(f"{self.name}.{name}: {nulls} rows are null where a value is required")

    def _typed(self, name: str, frame: pl.DataFrame) -> pl.Expr:
        dtype = self.columns[name].dtype
        if name not in frame.columns:
            return pl.lit(None, dtype=dtype).alias(name)
        if name == "arm" and isinstance(frame.schema[name], pl.Enum):
            return pl.col(name)
        return pl.col(name).cast(dtype)
