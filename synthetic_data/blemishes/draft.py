"""A study on paper: every cell as the text that will stand in a file, and which rows already carry a fault."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cohort.records.study import Study
from cohort.schemas import RECORD_FRAMES
from synthetic_data.blemishes.log import Line, Verdict
from synthetic_data.blemishes.manner import Manner, in_text, index_column

Mask = NDArray[np.bool_]
Numbers = NDArray[np.int64]

_OF_COURSES = ("treatments", "doses", "settings")


@dataclass(eq=False)
class TableDraft:
    """One table: rows are numbered from 0 as in the study; rows that are added get the numbers behind.

    Attributes:
        name: The frame's name in `cohort.schemas`.
        clean: The study's own table.
        cells: The columns as text, null for an empty cell; faults are put in here.
        who: The number of each row's subject.
        course: The number of each row's treatment, of treatments, doses and settings; else the row's own.
        taken: Rows that carry a fault, or fall with one that does.
        added: Rows put in: behind which row, and their cells.
        removed: Rows taken away.
    """

    name: str
    clean: pl.DataFrame
    cells: dict[str, list[str | None]]
    who: Numbers
    course: Numbers
    taken: Mask
    added: list[tuple[int, dict[str, str | None]]] = field(default_factory=list)
    removed: set[int] = field(default_factory=set)

    def of_subject(self, subject: int) -> range:
        """Return the rows of a subject; tables are sorted by subject."""
        return range(*(int(end) for end in np.searchsorted(self.who, [subject, subject + 1])))

    def key(self, row: int) -> str:
        """Return the key of a row's record as JSON."""
        return json.dumps({name: self.clean[name][row] for name in RECORD_FRAMES[self.name].keys}, ensure_ascii=False)


@dataclass(eq=False)
class Draft:
    """All tables, the log, and whose records may still get a fault: a row carries at most one.

    Attributes:
        study: The sound study.
        manners: How each table is written.
        dates: The date of day 0 by subject.
        rng: The stream of random numbers.
        share: Which share of a table's rows (or of the subjects) each kind of fault befalls; at least one.
        tables: The tables that hold something.
        touched: Subjects one of whose rows carries a fault.
        closed: Subjects who get no further fault.
        spoilt: Treatments one of whose rows carries a fault.
        several: Tables that come in several files.
        kind: The kind of fault that is being made.
        log: The faults, each as its kind and its lines.
    """

    study: Study
    manners: dict[str, Manner]
    dates: list[date]
    rng: np.random.Generator
    share: float
    tables: dict[str, TableDraft]
    touched: Mask
    closed: Mask
    spoilt: Mask
    several: set[str] = field(default_factory=set)
    kind: str = ""
    log: list[tuple[str, tuple[Line, ...]]] = field(default_factory=list)

    def pick(self, table: str, suits: pl.Expr | Mask, *, whole_subject: bool = False) -> list[int]:
        """Return free rows that suit, at random, and take them; `whole_subject` closes their subjects, one row each.

        Of a treatment only one row is taken, and its doses and settings with it: they may be refused together.
        """
        draft = self.tables[table]
        mask = _mask(draft.clean, suits) if isinstance(suits, pl.Expr) else suits
        free = mask & ~draft.taken & ~self.closed[draft.who]
        unit = np.arange(draft.who.size)
        if table == "treatments":
            free, unit = free & ~self.spoilt[draft.course], draft.course
        if whole_subject:
            free, unit = free & ~self.touched[draft.who], draft.who
        order = self.rng.permutation(np.flatnonzero(free))
        first = np.sort(np.unique(unit[order], return_index=True)[1])
        chosen = order[first][: self._wanted(draft.who.size)]
        self._take(draft, chosen, whole_subject=whole_subject)
        return [int(row) for row in chosen]

    def pick_subjects(self, suits: Mask) -> list[int]:
        """Return free subjects without any fault, at random, and close them; never more than half of all are closed."""
        free = self.rng.permutation(np.flatnonzero(suits & ~self.touched & ~self.closed))
        left = self.closed.size // 2 - int(self.closed.sum())
        chosen = free[: max(0, min(self._wanted(self.closed.size), left))]
        self.closed[chosen] = self.touched[chosen] = True
        return [int(subject) for subject in chosen]

    def _wanted(self, rows: int) -> int:
        return max(1, round(self.share * rows))

    def _take(self, draft: TableDraft, rows: NDArray[np.int64], *, whole_subject: bool) -> None:
        draft.taken[rows] = True
        self.touched[draft.who[rows]] = True
        if whole_subject:
            self.closed[draft.who[rows]] = True
        if draft.name in _OF_COURSES:
            self.spoilt[draft.course[rows]] = True
        if draft.name == "treatments":
            for held in [self.tables[table] for table in _OF_COURSES if table in self.tables]:
                held.taken |= np.isin(held.course, draft.course[rows])

    def note(self, *lines: Line) -> None:
        """Log one fault."""
        self.log.append((self.kind, lines))

    def line(
        self, table: str, row: int, verdict: Verdict, *, column: str | None = None, after: str | None = None
    ) -> Line:
        """Return a line about a row of the study as it stands; `after` is the column's text in the file."""
        draft = self.tables[table]
        before = draft.cells[column][row] if column else None
        return Line(table, row, column, draft.clean["subject_id"][row], before, after, *verdict, draft.key(row))

    def change(self, table: str, row: int, column: str, after: str | None, verdict: Verdict) -> Line:
        """Put another text into a cell, and return the line about it."""
        line = self.line(table, row, verdict, column=column, after=after)
        self.tables[table].cells[column][row] = after
        return line

    def copy(self, table: str, row: int, *, behind: int, **other: str | None) -> int:
        """Put a copy of a row behind another row, some cells changed, and return its number."""
        draft = self.tables[table]
        draft.added.append((behind, {**{name: cells[row] for name, cells in draft.cells.items()}, **other}))
        return draft.who.size + len(draft.added) - 1

    def day_text(self, table: str, row: int, column: str, day: float) -> str:
        """Return a day of a row's subject as it is written in that column."""
        if column in self.manners[table].dated:
            return (self.dates[int(self.tables[table].who[row])] + timedelta(days=int(day))).isoformat()
        return str(int(day)) if day == int(day) else str(day)

    def fallen_with(self, row: int) -> list[Line]:
        """Return the lines of what is refused with a refused treatment row: its settings, doses that no row holds."""
        course = self.tables["treatments"].course
        why: Verdict = ("refused", "refused with the treatment")
        fallen = [self.line("settings", other, why) for other in self.settings_of(row)]
        if "doses" in self.tables and (course == course[row]).sum() == 1:
            doses = np.flatnonzero(self.tables["doses"].course == course[row])
            fallen += [self.line("doses", int(dose), why) for dose in doses]
        return fallen

    def settings_of(self, row: int) -> list[int]:
        """Return the rows of the settings of a treatment row, which bear its name."""
        if "settings" not in self.tables:
            return []
        treatments, settings = self.tables["treatments"], self.tables["settings"]
        same = (settings.clean["drug"] == treatments.clean["drug"][row]).to_numpy()
        return [int(other) for other in np.flatnonzero(same & (settings.course == treatments.course[row]))]

    def fallen_records(self, subject: int) -> list[Line]:
        """Return the lines of all records that are refused with a refused subject."""
        return [
            self.line(table, row, ("refused", "refused with the subject"))
            for table, draft in self.tables.items()
            if table != "subjects"
            for row in draft.of_subject(subject)
        ]


def drafted(
    study: Study, manners: dict[str, Manner], dates: list[date], rng: np.random.Generator, share: float
) -> Draft:
    """Return a study on paper, without any fault."""
    ids = study.subjects["subject_id"].to_list()
    whos = {table: _numbered(study.table(table)["subject_id"], ids) for table in manners}
    courses = _courses(study, whos)
    tables = {
        table: TableDraft(
            table,
            study.table(table),
            _as_cells(study.table(table), manners[table], who, dates),
            who,
            courses.get(table, np.arange(who.size)),
            np.zeros(who.size, dtype=np.bool_),
        )
        for table, who in whos.items()
    }
    if any(manner.dated for manner in manners.values()):
        tables["subjects"].cells[index_column(study)] = [day.isoformat() for day in dates]
    nobody = np.zeros(len(ids), dtype=np.bool_)
    known = max((int(course.max()) + 1 for course in courses.values()), default=0)
    return Draft(study, manners, dates, rng, share, tables, nobody, nobody.copy(), np.zeros(known, dtype=np.bool_))


def _mask(frame: pl.DataFrame, suits: pl.Expr) -> Mask:
    mask: Mask = frame.select(suits.fill_null(False)).to_series().to_numpy()
    return mask


def _numbered(subject_id: pl.Series, ids: Sequence[str]) -> Numbers:
    numbers: Numbers = subject_id.cast(pl.Enum(ids)).to_physical().to_numpy().astype(np.int64)
    return numbers


def _courses(study: Study, whos: dict[str, Numbers]) -> dict[str, Numbers]:
    """Return the number of each row's treatment, the same in treatments, doses and settings."""
    held = [table for table in _OF_COURSES if table in whos]
    if not held:
        return {}
    pairs = [np.stack([whos[table], study.table(table)["treatment_no"].to_numpy()], axis=1) for table in held]
    numbers = np.unique(np.concatenate(pairs), axis=0, return_inverse=True)[1].reshape(-1)
    ends = np.cumsum([len(pair) for pair in pairs])[:-1]
    return dict(zip(held, np.split(numbers, ends), strict=True))


def _as_cells(frame: pl.DataFrame, manner: Manner, who: Numbers, dates: list[date]) -> dict[str, list[str | None]]:
    names = [name for name in frame.columns if name != "arm" or frame["arm"].null_count() < frame.height]
    start = pl.Series("_start", dates, dtype=pl.Date).gather(who)
    days = frame.with_columns(start)
    written = days.select((pl.col("_start") + pl.duration(days=pl.col(name))).alias(name) for name in manner.dated)
    return {name: in_text(written[name] if name in manner.dated else frame[name]).to_list() for name in names}
