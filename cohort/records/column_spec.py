"""What study.toml says of one column: where it comes from, what its codes mean, what it counts in."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

import polars as pl
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Code = bool | int | float | str
EPOCHS = {"sas": date(1960, 1, 1), "excel": date(1899, 12, 30)}


def _as_column(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


class Strict(BaseModel):
    """A part of the study file in which a key that nobody reads is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ColumnSpec(Strict):
    """Where one of our columns comes from.

    Attributes:
        column: The source's column. A bare text in the file means this.
        constant: One value for every row, in place of a column.
        codes: The source's codes and what each stands for; a code that is not listed refuses the row.
        missing: Further values that stand for missing, as they are written in the file.
        date: The column holds dates: "iso", a strftime pattern, "sas" (days since 1960) or "excel" (days since
            1899-12-30). A column that the file itself stores as dates is read as such.
        study_day: The column holds CDISC study days, which have no day 0.
        unit: What the source counts in, of a day, a duration or a dose; days and milligrams where nothing is said.
        only_where: Rows where another source column has another value are null here.
        levels: For a covariate: its levels in order, the reference first.
        type: For a covariate: number or text; where nothing is said, a column of numbers is numeric.
    """

    column: str | None = None
    constant: Code | None = None
    codes: dict[str, Code] | None = None
    missing: tuple[Code, ...] = ()
    date: str | None = None
    study_day: bool = False
    unit: Literal["minutes", "hours", "days", "weeks", "g", "mg", "ug"] | None = None
    only_where: dict[str, Code] = Field(default_factory=dict)
    levels: tuple[str, ...] = ()
    type: Literal["number", "text"] | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.column is None) == (self.constant is None):
            raise ValueError("give either `column` or `constant`")
        if self.study_day and self.date is not None:
            raise ValueError("`study_day` and `date` exclude each other")
        if self.unit is not None and (self.study_day or self.date is not None):
            raise ValueError("dates and CDISC study days count days; leave `unit` out")
        if len(set(self.levels)) < len(self.levels):
            raise ValueError("a level is named twice")
        if self.date is not None and not _tells_days(self.date):
            known = '"iso", "sas", "excel" or, for example, "%d.%m.%Y"'
            raise ValueError(f"{self.date!r} does not tell one day from another; say {known}")
        return self


def _tells_days(pattern: str) -> bool:
    if pattern == "iso" or pattern in EPOCHS:
        return True
    day = date(2013, 11, 25)
    return pl.Series([day.strftime(pattern)]).str.to_date(pattern, strict=False).to_list() == [day]


Column = Annotated[ColumnSpec, BeforeValidator(_as_column)]


class WideColumn(Strict):
    """One column of a wide table: the column, and what is the same for all its cells (day, days, visit ...)."""

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, Code]
    column: str

    @property
    def constants(self) -> dict[str, Code]:
        """Our column names and their value for this source column."""
        return dict(self.__pydantic_extra__)
