"""The study file: what `[study]` and `[records]` of a study.toml may say. `[analysis]` is passed on unread."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from cohort.errors import RecordError
from cohort.records.column_spec import Code, Column, Strict, WideColumn
from cohort.records.sense import fault_in
from cohort.schemas import RECORD_FRAMES


def _as_list(value: object) -> object:
    return [value] if isinstance(value, dict) else value


class TableSpec(Strict):
    """One source of one of our tables.

    Attributes:
        file: The file, relative to the study file. A `*` stands for any characters: all files that match are read, in
            the order of their names, each as a source of its own.
        columns: Our columns and where they come from.
        covariates: For subjects: further columns under names of the study's choosing.
        index_date: For subjects: the date of day 0, needed where other columns hold dates.
        wide: The source has one column for each day or visit; each named cell becomes a record.
        where: Only rows with these values belong to this table; the others are not read. A broken line is not told
            apart and is refused.
        repeated: The same record stands on many rows (a subject's arm on each visit row) and is taken once.
        events: For seizures: each row is one event; events of one subject, day and type are added up, and are missing
            where the count of one of them is.
        missing: Values that stand for missing in every column, beside an empty cell.
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
    missing: tuple[Code, ...] = ("NA", ".")
    encoding: str | None = None
    separator: str = Field(default=",", pattern=r'^[^"\r\n]$')
    decimal: Literal[".", ","] = "."

    def files_in(self, folder: Path) -> tuple[Self, ...]:
        """Return one source for each file that `file` means in a folder; itself where no file matches."""
        if "*" not in self.file or Path(self.file).is_absolute():
            return (self,)
        found = sorted(found.relative_to(folder).as_posix() for found in folder.glob(self.file) if found.is_file())
        return tuple(self.model_copy(update={"file": name}) for name in found) or (self,)


Sources = Annotated[tuple[TableSpec, ...], BeforeValidator(_as_list)]


class RecordsSpec(Strict):
    """`[records]`: the sources of each table, and how many refused rows are too many."""

    max_refused_share: float = Field(default=0.1, ge=0, le=1)
    subjects: Annotated[Sources, Field(min_length=1)]
    ratings: Sources = ()
    items: Sources = ()
    seizures: Sources = ()
    observed: Sources = ()
    treatments: Sources = ()
    doses: Sources = ()
    settings: Sources = ()
    adverse_effects: Sources = ()
    findings: Sources = ()
    episodes: Sources = ()

    @model_validator(mode="after")
    def _make_sense(self) -> Self:
        for table in RECORD_FRAMES:
            for spec in self.sources(table):
                if fault := fault_in(table, spec):
                    raise ValueError(f"{table}: {fault}")
        return self

    def sources(self, table: str) -> tuple[TableSpec, ...]:
        """Return the sources of one of our tables."""
        specs: tuple[TableSpec, ...] = getattr(self, table)
        return specs


class StudySpec(Strict):
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


class StudyFile(Strict):
    """A whole study file; `analysis` is kept as it stands, for whoever runs the analysis."""

    study: StudySpec
    records: RecordsSpec
    analysis: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _arms_are_named(self) -> Self:
        if not self.study.arms and any("arm" in spec.columns for spec in self.records.subjects):
            raise ValueError(
                "records.subjects reads `arm`, and [study] arms is empty: list the arms, the control first"
            )
        return self


def load_study_file(path: Path) -> StudyFile:
    """Return a study file's content, checked.

    Raises:
        RecordError: The file is not there, is not TOML, has a key that nobody reads, or lacks one that is needed.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise RecordError(f"{path}: there is no such study file") from None
    except IsADirectoryError:
        raise RecordError(f"{path} is a folder; name the study file in it, for example {path / 'study.toml'}") from None
    except OSError as error:
        raise RecordError(f"{path} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecordError(f"{path.name} is not valid TOML: {error}") from None
    try:
        return StudyFile.model_validate(content)
    except ValidationError as error:
        raise RecordError(f"{path.name}: {faults(error)}") from None


# What pydantic says in the words of its own types, in the words of the file.
_PLAINLY = {
    "extra_forbidden": "this key is not read by anything; is it misspelt?",
    "tuple_type": "write a list in brackets, [...]",
    "model_type": "write the name of a column, or a table { ... }",
    "dict_type": "write a table { ... }",
    "string_type": "write a text in quotes",
    "missing": "this key is needed",
}


def _own(found: list[ErrorDetails]) -> list[ErrorDetails]:
    """Return the faults without those that others left behind: a list is short of what was refused in it."""
    places = [fault["loc"] for fault in found]
    return [
        fault
        for fault in found
        if fault["type"] != "too_short" or not any(p[: len(fault["loc"])] == fault["loc"] != p for p in places)
    ]


def faults(error: ValidationError) -> str:
    """Return a validation error as text: each place, counted from 1, and what is wrong there."""
    lines = []
    for fault in _own(error.errors()):
        place = ".".join(str(part + 1 if isinstance(part, int) else part) for part in fault["loc"])
        what = _PLAINLY.get(fault["type"], fault["msg"].removeprefix("Value error, "))
        lines.append(f"{place}: {what}" if place else what)
    shown = "; ".join(lines[:3])
    return shown if len(lines) <= 3 else f"{shown}; and {len(lines) - 3} more faults"
