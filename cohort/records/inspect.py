"""Reading a study: what was kept, what was refused row by row and why. Rows read = rows kept + rows refused."""

from __future__ import annotations

import hashlib
import html
import warnings
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from cohort.errors import CohortWarning, RecordError, some
from cohort.records.cautions import cautions
from cohort.records.formats import read_source
from cohort.records.formats.rows import Rows
from cohort.records.gather import Gathered, gather
from cohort.records.mapping import Source, index_dates
from cohort.records.study import Study
from cohort.records.study_file import StudyFile, TableSpec, load_study_file
from cohort.schemas import RECORD_FRAMES


@dataclass(frozen=True, eq=False)
class Inspection:
    """What reading a study file found.

    Attributes:
        study: The study made from the sound records.
        counts: `table, file, rows_read, rows_kept, rows_refused, records`, one line a source. A cell of a wide table is
            a row; `records` is smaller than `rows_kept` where several rows state one record.
        refused: `table, file, row, column, subject_id, reason, detail`, one line a refused row. Row 1 is the first
            below the header; in a text file a row begins on line `row + 1`, blank lines counted.
        cautions: What a reader of the results should know about the records.
        inputs: SHA-256 of each file that was read, the study file first.
        analysis: The study file's `[analysis]`, unread.
        max_refused_share: The bound that the study file sets.
    """

    study: Study
    counts: pl.DataFrame
    refused: pl.DataFrame
    cautions: tuple[str, ...]
    inputs: dict[str, str]
    analysis: dict[str, Any]
    max_refused_share: float

    def reasons(self) -> pl.DataFrame:
        """Return how many rows were refused for each reason: `table, reason, rows`."""
        counted = self.refused.group_by("table", "reason").agg(rows=pl.len().cast(pl.Int64))
        return counted.sort("table", "rows", "reason", descending=[False, True, False])

    def check(self) -> None:
        """Raise if more rows were refused than the study file allows.

        Raises:
            RecordError: A table's refused share exceeds `[records] max_refused_share`, or no subject is left.
        """
        by_table = self.counts.group_by("table", maintain_order=True).agg(pl.col("rows_read", "rows_refused").sum())
        for table, read_rows, refused in by_table.iter_rows():
            if read_rows and refused / read_rows > self.max_refused_share:
                raise RecordError(self._too_many(table, read_rows, refused))
        if self.study.subjects.is_empty():
            raise RecordError("no subject is left: the subject table has no sound row")

    def _too_many(self, table: str, read_rows: int, refused: int) -> str:
        top = self.reasons().filter(table=table).head(3)
        why = "; ".join(f"{rows} rows: {reason}" for reason, rows in top.select("reason", "rows").iter_rows())
        told = pl.format("subject {}: {}", pl.col("subject_id").fill_null("?"), "detail")
        examples = some(
            self.refused.filter(table=table).select(told).to_series().drop_nulls().unique(maintain_order=True)
        )
        return (
            f"{table}: {refused} of {read_rows} rows were refused, more than the share of {self.max_refused_share:g} "
            f"that [records] max_refused_share allows. {why}. Examples: {examples}. "
            "`refractory inspect STUDY.toml --refused FILE.csv` lists them all"
        )

    def _repr_html_(self) -> str:
        lines = "".join(f"<li>{html.escape(caution)}</li>" for caution in self.cautions)
        return f"{self.counts._repr_html_()}<p>Refused:</p>{self.reasons()._repr_html_()}<ul>{lines}</ul>"


def inspect(path: str | Path) -> Inspection:
    """Read a study file and its sources, and say what was refused; single bad rows never stop it.

    Args:
        path: The study file.

    Raises:
        RecordError: The study cannot be read at all: no such file, an empty one, a missing column, a wrong encoding.
    """
    if not isinstance(path, str | Path):
        raise RecordError(f"a study file is named by its path, not by a {type(path).__name__}")
    path = Path(path)
    file = load_study_file(path)
    shelf = _Shelf(path.parent, file.study.obtain, {path.name: _sha256(path)})
    sources = {
        table: [
            Source(shelf.rows(part), part)
            for spec in file.records.sources(table)
            for part in spec.files_in(path.parent)
        ]
        for table in RECORD_FRAMES
    }
    gathered = _gather_all(file, sources)
    study = _study(file, {table: found.records for table, found in gathered.items()})
    inspection = Inspection(
        study=study,
        counts=pl.concat([found.counts for found in gathered.values()]),
        refused=pl.concat([found.refused for found in gathered.values()]),
        cautions=cautions(study),
        inputs=shelf.inputs,
        analysis=file.analysis,
        max_refused_share=file.records.max_refused_share,
    )
    return replace(inspection, study=replace(study, inspection=inspection))


def read(path: str | Path) -> Study:
    """Read a study.

    Args:
        path: The study file (study.toml).

    Returns:
        The study, made from the sound records. What was refused is in `study.inspection`.

    Raises:
        RecordError: The study cannot be read, or more rows are refused than its file allows.

    Warns:
        CohortWarning: Subjects without a baseline, visits out of order, subjects without ratings, stops without a day.
    """
    inspection = inspect(path)
    inspection.check()
    for caution in inspection.cautions:
        warnings.warn(caution, CohortWarning, stacklevel=2)
    return inspection.study


@dataclass
class _Shelf:
    """The files of a study, each read and hashed once."""

    folder: Path
    obtain: str
    inputs: dict[str, str]
    read: dict[tuple[str, str | None, str], Rows] = field(default_factory=dict)

    def rows(self, spec: TableSpec) -> Rows:
        """Return a source's rows; raise RecordError where the file is absent, empty or cannot be read."""
        key = (spec.file, spec.encoding, spec.separator)
        if key not in self.read:
            try:
                self.read[key] = self._read(self.folder / spec.file, spec)
            except OSError as error:
                raise RecordError(f"{spec.file} cannot be read: {error.strerror}") from None
        return self.read[key]

    def _read(self, path: Path, spec: TableSpec) -> Rows:
        if path.is_dir():
            raise RecordError(f"{spec.file} is a folder; `file` names one file")
        if not path.is_file():
            how = f" {self.obtain}" if self.obtain else ""
            raise RecordError(f"{spec.file}: the file is not there (looked in {path.parent.resolve()}).{how}")
        self.inputs[spec.file] = _sha256(path)
        rows = read_source(path, encoding=spec.encoding, separator=spec.separator)
        if rows.cells.is_empty():
            raise RecordError(f"{spec.file} has a header and no rows; export it again, or leave it out of study.toml")
        return rows


def _gather_all(file: StudyFile, sources: dict[str, list[Source]]) -> dict[str, Gathered]:
    """Return each table that has a source; subjects first, then treatments, which others refer to."""
    dates = index_dates(sources["subjects"])
    found: dict[str, Gathered] = {}
    for table in dict.fromkeys(("subjects", "treatments", *RECORD_FRAMES)):
        if not sources[table]:
            continue
        found[table] = gather(
            table,
            sources[table],
            dates=dates,
            arms=file.study.arms,
            visits=file.study.visits,
            subjects=_records(found, "subjects"),
            treatments=_records(found, "treatments"),
        )
    return {table: found[table] for table in RECORD_FRAMES if table in found}


def _records(found: dict[str, Gathered], table: str) -> pl.DataFrame:
    return found[table].records if table in found else RECORD_FRAMES[table].empty()


def _study(file: StudyFile, records: dict[str, Any]) -> Study:
    visits = file.study.visits or _visits_in_order(records)
    told = file.study
    return Study(
        name=told.name, title=told.title, index=told.index, source=told.source, arms=told.arms, visits=visits, **records
    )


def _visits_in_order(records: dict[str, pl.DataFrame]) -> tuple[str, ...]:
    """Return the visits by their median day, where the study file does not list them."""
    named = [records[table].select("visit", "day") for table in ("ratings", "items") if table in records]
    if not named:
        return ()
    days = pl.concat(named).drop_nulls("visit").group_by("visit").agg(pl.col("day").median())
    return tuple(days.sort("day", "visit")["visit"])


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
