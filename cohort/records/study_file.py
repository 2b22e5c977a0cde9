"""The study file: what `[study]` and `[records]` of a study.toml may say. `[analysis]` is passed on unread."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from cohort.errors import RecordError
from cohort.schemas import RECORD_FRAMES

Code = str | int | float
VALUE_COLUMN = {"ratings": "score", "items": "score", "seizures": "count", "findings": "value"}


def _as_list(value: object) -> object:
    return [value] if isinstance(value, dict) else value


def _as_column(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ColumnSpec(_Strict):
    """Where one of our columns comes from.

    Attributes:
        column: The source's column. A bare text in the file means this.
        constant: One value for every row, in place of a column.
        codes: The source's codes and what each stands for; a code that is not listed refuses the row.
        missing: Further values that stand for missing.
        date: The column holds dates: "iso", a strftime pattern, "sas" (days since 1960) or "excel" (days since 1899-12-30).
        study_day: The column holds CDISC study days, which have no day 0.
        unit: What the source counts in; days and milligrams where nothing is said.
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
        return self


Column = Annotated[ColumnSpec, BeforeValidator(_as_column)]


class WideColumn(_Strict):
    """One column of a wide table: the column, and what is the same for all its cells (day, days, visit ...)."""

    model_config = ConfigDict(extra="allow", frozen=True)
    column: str

    @property
    def constants(self) -> dict[str, Code]:
        """Our column names and their value for this source column."""
        return dict(self.model_extra or {})


class TableSpec(_Strict):
    """One source of one of our tables.

    Attributes:
        file: The file, relative to the study file.
        columns: Our columns and where they come from.
        covariates: For subjects: further columns under names of the study's choosing.
        index_date: For subjects: the date of day 0, needed where other columns hold dates.
        wide: The source has one column for each day or visit; each named cell becomes a record.
        where: Only rows with these values belong to this table; the others are not read.
        repeated: The same record stands on many rows (a subject's arm on each visit row) and is taken once.
        events: For seizures: each row is one event; events of one subject, day and type are added up.
        missing: Values that stand for missing in every column.
        encoding: Of a text file; UTF-8 where nothing is said.
        separator: Of a text file.
        decimal: The decimal mark of a text file.
    """

    file: str
    columns: dict[str, Column]
    covariates: dict[str, Column] = Field(default_factory=dict)
    index_date: Column | None = None
    wide: tuple[WideColumn, ...] = ()
    where: dict[str, Code] = Field(default_factory=dict)
    repeated: bool = False
    events: bool = False
    missing: tuple[str, ...] = ("", "NA", ".")
    encoding: str | None = None
    separator: str = Field(default=",", min_length=1, max_length=1)
    decimal: Literal[".", ","] = "."


Sources = Annotated[tuple[TableSpec, ...], BeforeValidator(_as_list)]


class RecordsSpec(_Strict):
    """`[records]`: the sources of each table, and how many refused rows are too many."""

    max_refused_share: float = Field(default=0.1, ge=0, le=1)
    subjects: Sources
    ratings: Sources = ()
    items: Sources = ()
    seizures: Sources = ()
    observed: Sources = ()
    treatments: Sources = ()
    doses: Sources = ()
    adverse_effects: Sources = ()
    findings: Sources = ()
    episodes: Sources = ()

    @model_validator(mode="after")
    def _columns_exist(self) -> Self:
        for table, frame in RECORD_FRAMES.items():
            for spec in getattr(self, table):
                _check_columns(table, spec, set(frame.columns))
        return self

    def sources(self, table: str) -> tuple[TableSpec, ...]:
        """Return the sources of one of our tables."""
        specs: tuple[TableSpec, ...] = getattr(self, table)
        return specs


def _check_columns(table: str, spec: TableSpec, ours: set[str]) -> None:
    wide = {name for column in spec.wide for name in column.constants}
    unknown = sorted((set(spec.columns) | wide) - ours)
    if unknown:
        raise ValueError(f"{table} has no column {unknown[0]!r}; its columns are {', '.join(sorted(ours))}")
    if spec.wide and table not in VALUE_COLUMN:
        raise ValueError(f"{table} cannot be read from a wide table")
    if table != "subjects" and (spec.covariates or spec.index_date):
        raise ValueError(f"{table}: `covariates` and `index_date` belong to subjects")
    if table != "seizures" and spec.events:
        raise ValueError(f"{table}: `events` belongs to seizures")
    taken = sorted(set(spec.covariates) & ours)
    if taken:
        raise ValueError(f"a covariate cannot be called {taken[0]!r}: that is a column of subjects")


class StudySpec(_Strict):
    """`[study]`: what the study is.

    Attributes:
        name: A short name.
        title: The name in words, for reports.
        index: What happened on day 0.
        source: Where the data come from, as a report should cite it.
        arms: The arms in order, control first.
        visits: The nominal visits in order.
        obtain: Said when a source file is not there: where it can be had.
    """

    name: str
    title: str = ""
    index: str = "index"
    source: str = ""
    arms: tuple[str, ...] = ()
    visits: tuple[str, ...] = ()
    obtain: str = ""


class StudyFile(_Strict):
    """A whole study file; `analysis` is kept as it stands, for whoever runs the analysis."""

    study: StudySpec
    records: RecordsSpec
    analysis: dict[str, Any] = Field(default_factory=dict)


def load_study_file(path: Path) -> StudyFile:
    """Return a study file's content, checked.

    Raises:
        RecordError: The file is not there, is not TOML, has a key that nobody reads, or lacks one that is needed.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RecordError(f"{path}: there is no such study file") from None
    except IsADirectoryError:
        raise RecordError(f"{path} is a folder; name the study file in it, for example {path / 'study.toml'}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecordError(f"{path.name} is not valid TOML: {error}") from None
    try:
        return StudyFile.model_validate(content)
    except ValidationError as error:
        raise RecordError(f"{path.name}: {faults(error)}") from None


def faults(error: ValidationError) -> str:
    """Return a validation error as text: each place and what is wrong there."""
    lines = []
    for fault in error.errors():
        place = ".".join(str(part) for part in fault["loc"])
        what = "this key is not read by anything; is it misspelt?" if fault["type"] == "extra_forbidden" else fault["msg"]
        lines.append(f"{place}: {what}" if place else what)
    shown = "; ".join(lines[:3])
    return shown if len(lines) <= 3 else f"{shown}; and {len(lines) - 3} more faults"
