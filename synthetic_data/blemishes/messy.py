"""The door: a sound study in, a folder of records as they arrive out, and the log of every fault in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl

from cohort.errors import RecordError, some
from cohort.records.study import Study
from cohort.records.write import make_new, require_readable
from synthetic_data.blemishes.draft import Draft, drafted
from synthetic_data.blemishes.files import File, arranged, write_file
from synthetic_data.blemishes.kinds import KINDS
from synthetic_data.blemishes.log import BLEMISHES, LOG
from synthetic_data.blemishes.manner import index_dates, manners
from synthetic_data.blemishes.study_toml import study_toml

MessyForm = Literal["csv", "parquet", "xpt", "mixed"]
_FORMS = {"csv": ("csv",), "parquet": ("parquet",), "xpt": ("xpt",), "mixed": ("csv", "parquet", "xpt")}
_Places = dict[tuple[str, int], tuple[str, int]]


def write_messy(
    study: Study,
    folder: str | Path,
    *,
    seed: int,
    analysis: str = "",
    kinds: Sequence[str] | None = None,
    share: float = 0.01,
    form: MessyForm = "mixed",
) -> pl.DataFrame:
    """Write a study as it might arrive: with faults, each of them logged with what a right loader does about it.

    The folder holds the files, a study.toml that maps them (codes for missing values, spellings, dates, several files
    of one table) and `blemishes.csv`. `analyses.catch` scores a loader against it. A row carries at most one fault;
    a subject whose every record a fault concerns carries no other. What is refused in consequence (the records of a
    refused subject, the doses and settings of a refused treatment) is logged with its cause. Treatments, or ratings
    where there are none, hold dates; all else counts days.

    Args:
        study: A sound study.
        folder: Where to; made where it is not there, and refused where it already holds something.
        seed: 0 or more. The same study and seed give the same bytes.
        analysis: The `[analysis]` part of the study file, as TOML text.
        kinds: Which kinds of faults (see `kinds.KINDS`); None for all. A kind for which the study holds no record
            does not occur.
        share: To which share of each table's rows (or of the subjects) each kind happens, 0 to 1; at least to one
            where one fits. Faults of whole subjects never concern more than half of them.
        form: "csv", "parquet", "xpt" (SAS transport files), or "mixed": the three in turn.

    Returns:
        The log, a frame of schema BLEMISHES, in the order in which the faults were made.

    Raises:
        RecordError: The folder is a file or not empty, the study has no subjects, there is no such kind or form, the
            share or the seed is out of range, or a text is empty or has spaces around it.
    """
    folder = Path(folder)
    _require(kinds, share, seed, form)
    require_readable(study)
    rng = np.random.default_rng([seed, len(KINDS)])
    draft = drafted(study, manners(study), index_dates(study, rng), rng, share)
    for kind in (kind for kind in KINDS if kinds is None or kind in kinds):
        draft.kind = kind
        KINDS[kind](draft)
    files = arranged(draft, _FORMS[form])
    make_new(folder)
    places: _Places = {}
    for file in files:
        places |= {(file.table, row): (file.name, line) for row, line in write_file(draft, file, folder).items()}
    log = _log(draft, files, places)
    log.write_csv(folder / LOG)
    text = study_toml(study, files, draft.manners, _refused_share(log, files), analysis)
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return log


def _require(kinds: Sequence[str] | None, share: float, seed: int, form: str) -> None:
    unknown = [kind for kind in kinds or () if kind not in KINDS]
    if unknown:
        there = ", ".join(KINDS)
        raise RecordError(f"{len(unknown)} kinds of blemishes are not known: {some(unknown)}; there are {there}")
    if form not in _FORMS:
        raise RecordError(f"form is {form!r}; expected one of {some(_FORMS, 9)}")
    if not 0 <= share <= 1:
        raise RecordError(f"share is {share}; expected 0 to 1")
    if seed < 0:
        raise RecordError(f"seed is {seed}; expected 0 or more")


def _log(draft: Draft, files: list[File], places: _Places) -> pl.DataFrame:
    xpt = {file.name for file in files if file.suffix == ".xpt"}
    first = {file.table: file.name for file in reversed(files)}
    rows: list[tuple[str | int | None, ...]] = []
    for number, (kind, lines) in enumerate(draft.log, start=1):
        for line in lines:
            file, row = places[line.table, line.row] if line.row is not None else (first.get(line.table), None)
            after = line.after.rstrip(" ") if line.after and file in xpt else line.after
            told = (line.column, line.subject_id, line.before, after, line.fate, line.rule, line.record)
            rows.append((number, kind, line.table, file, row, *told))
    for number, table in enumerate(sorted(draft.several), start=len(draft.log) + 1):
        rows += [(number, *_part(file)) for file in files if file.table == table]
    return pl.DataFrame(rows, schema=BLEMISHES, orient="row")


def _part(file: File) -> tuple[str | None, ...]:
    rule = "several sources feed one table"
    return (
        "table in several files", file.table, file.name, None, None, None, str(len(file.rows)), str(len(file.rows)),
        "repaired", rule, None,
    )  # fmt: skip


def _refused_share(log: pl.DataFrame, files: list[File]) -> float:
    """Return the largest share of a table's rows that a right loader refuses, copies among them."""
    falls = log.filter((pl.col("fate") == "refused") | (pl.col("kind") == "exact copy")).drop_nulls("row")
    refused = dict(falls.group_by("table").agg(pl.struct("file", "row").n_unique()).iter_rows())
    rows: dict[str, int] = {}
    for file in files:
        rows[file.table] = rows.get(file.table, 0) + len(file.rows)
    return max((refused.get(table, 0) / read for table, read in rows.items() if read), default=0.0)
