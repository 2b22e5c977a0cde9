"""Dose tables: the least daily dose at which a drug counts as tried."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from math import inf, isfinite
from pathlib import Path
from typing import Self

import polars as pl

from cohort.drugs.names import canonical_name
from cohort.drugs.resources import read_table
from cohort.errors import CriterionError, some


@dataclass(frozen=True)
class MinimumDose:
    """The least dose of one drug.

    Attributes:
        drug: Its name.
        minimum: mg a day; where `minimum_per_kg` is given too, the most that is asked for. Without either any dose
            counts.
        minimum_per_kg: mg a day and kg of weight.
        from_age: The youngest age in years for which the row holds; None for no limit.
        to_age: The age below which it holds; None for no limit.
        min_days: How long this drug must be taken, where that differs from what the criterion asks of others.
        source: Where the numbers come from.
    """

    drug: str
    minimum: float | None = None
    minimum_per_kg: float | None = None
    from_age: float | None = None
    to_age: float | None = None
    min_days: int | None = None
    source: str = ""

    def __post_init__(self) -> None:
        for name in ("minimum", "minimum_per_kg"):
            value = getattr(self, name)
            if value is not None and not (isfinite(value) and value > 0):
                raise CriterionError(f"{name} of {self.drug} is {value}; expected mg a day above 0, or nothing")
        if self.min_days is not None and (self.min_days < 1 or self.min_days % 1):
            raise CriterionError(f"min_days of {self.drug} is {self.min_days}; expected a whole number from 1 up")
        if (self.from_age or 0) >= (inf if self.to_age is None else self.to_age):
            raise CriterionError(f"the ages of {self.drug} go from {self.from_age} to below {self.to_age}")
        if not self.source.strip():
            raise CriterionError(f"the dose of {self.drug} does not say where it comes from; give `source`")


_REQUIRED = ("drug", "source")
_OPTIONAL = ("minimum", "minimum_per_kg", "from_age", "to_age", "min_days")


@dataclass(frozen=True)
class DoseTable:
    """Minimum doses of many drugs, under one name.

    Attributes:
        name: A few words, as it stands in a criterion's label.
        title: The same in a sentence.
        rows: One a drug, or one a drug and age range.
        source: Where the table comes from.

    Raises:
        CriterionError: A drug (by any of its names) has two rows for one age, or there is no row.
    """

    name: str
    title: str
    rows: tuple[MinimumDose, ...]
    source: str

    def __post_init__(self) -> None:
        if not (self.rows and self.name.strip() and self.source.strip()):
            raise CriterionError("a dose table has a name, a source and at least one row")
        twice = sorted(_twice(self.rows))
        if twice:
            raise CriterionError(
                f"dose table {self.name!r}: {len(twice)} drugs have two rows for one age: {some(twice)}; keep one, or "
                "give the rows ages (from_age, to_age) that do not overlap"
            )

    @cached_property
    def frame(self) -> pl.DataFrame:
        """The rows as a frame: `drug` (its one name), then the fields of `MinimumDose`."""
        kinds = {field.name: pl.String() if field.name in _REQUIRED else pl.Float64() for field in fields(MinimumDose)}
        rows = [asdict(row) | {"drug": canonical_name(row.drug)} for row in self.rows]
        return pl.DataFrame(rows, schema=kinds, strict=False).with_columns(pl.col("min_days").cast(pl.Int64))

    @classmethod
    def read(cls, path: str | Path, name: str | None = None) -> Self:
        """Return the dose table in a CSV file.

        Args:
            path: Columns `drug` and `source`; `minimum` (mg a day), `minimum_per_kg`, `from_age`, `to_age` (below that
                age), `min_days` where there is something to say.
            name: Its name; None takes the file's.

        Raises:
            CriterionError: The file is not such a table; the text says what is wrong and how often.
        """
        table = read_table(path, _REQUIRED, _OPTIONAL, _OPTIONAL)
        called = name or Path(path).stem.replace("_", " ")
        return cls(called, called, rows_of(table), f"read from {Path(path).name}")


def rows_of(table: pl.DataFrame) -> tuple[MinimumDose, ...]:
    """Return the rows of a frame whose columns are fields of `MinimumDose`."""
    return tuple(MinimumDose(**row) for row in table.to_dicts())


def _twice(rows: Iterable[MinimumDose]) -> set[str]:
    """Return the drugs of which two rows hold at one age."""
    ages: dict[str, list[tuple[float, float]]] = {}
    for row in rows:
        span = (row.from_age or 0.0, inf if row.to_age is None else row.to_age)
        ages.setdefault(canonical_name(row.drug), []).append(span)
    return {
        drug
        for drug, spans in ages.items()
        if any(left[1] > right[0] for left, right in zip(sorted(spans), sorted(spans)[1:], strict=False))
    }
