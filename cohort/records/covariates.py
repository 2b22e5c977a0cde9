"""Covariates: the subjects' further columns, under names and in types that the whole house can work with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from cohort.errors import RecordError
from cohort.schemas import EVENTS, EVIDENCE, OUTCOMES, RECORD_FRAMES, STATES

# Columns that the verbs of `derive` put beside the covariates.
_DERIVED = (
    "baseline", "baseline_day", "change", "percent_improvement", "attendance", "seizures", "observed_days", "rate28",
    "last_observed", "baseline_seizures", "baseline_days", "baseline_rate28", "percent_change", "response_ratio",
)  # fmt: skip
_TAKEN = {name for frame in (*RECORD_FRAMES.values(), OUTCOMES, EVIDENCE, STATES, EVENTS) for name in frame.columns}


def misnamed(names: Iterable[str]) -> Iterator[str]:
    """Yield, in words, what is wrong with covariates' names: a column name means one thing in the whole house."""
    for name in names:
        if name in _TAKEN or name in _DERIVED:
            yield f"a covariate cannot be called {name!r}: that is the name of another column; call it something else"
        elif not name or name != name.strip() or name.startswith("_"):
            yield f"a covariate cannot be called {name!r}: a name is not empty, and no space or _ stands before it"


def normal(subjects: pl.DataFrame, names: Iterable[str]) -> pl.DataFrame:
    """Return the subjects with covariates as they would be read from a file: Float64, text or Enum.

    Raises:
        RecordError: A covariate has a name that is taken, or a type that is none of these.
    """
    names = list(names)
    if fault := next(misnamed(names), None):
        raise RecordError(f"subjects: {fault}")
    return subjects.with_columns(pl.col(name).cast(_type(name, subjects.schema[name])) for name in names)


def _type(name: str, dtype: pl.DataType) -> pl.DataType:
    if isinstance(dtype, pl.Enum):
        return dtype
    if dtype.is_numeric():
        return pl.Float64()
    if isinstance(dtype, pl.String | pl.Categorical | pl.Boolean | pl.Null):
        return pl.String()
    raise RecordError(f"subjects: the covariate {name!r} is of type {dtype}; give it as a number, text or an Enum")
