"""Writing a study as a folder that can be read again: files for each table, and the study file that maps them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import polars as pl

from cohort.errors import RecordError, some
from cohort.records.formats.written import source_names, write_source
from cohort.records.study import Study, check_study
from cohort.records.toml_text import study_section, toml_key, toml_list, toml_text
from cohort.schemas import RECORD_FRAMES

Form = Literal["csv", "parquet", "xpt"]

Names = dict[str, str]


def write(study: Study, folder: str | Path, *, analysis: str = "", form: Form = "csv") -> Path:
    """Write a study as files, one a table, with a study.toml that reads them back.

    Args:
        study: The study.
        folder: Where to; made where it is not there, and refused where it already holds something.
        analysis: The `[analysis]` part of the study file, as TOML text.
        form: "csv", "parquet", or "xpt" (SAS transport files, version 8).

    Returns:
        The path of the study file.

    Raises:
        RecordError: The folder is a file or not empty, the study has no subjects, or a text would not come back as it
            is.
    """
    check_study(study)
    folder = Path(folder)
    require_readable(study)
    make_new(folder)
    tables = _tables(study, f".{form}")
    for table, names in tables.items():
        write_source(study.table(table).select(names.keys()).rename(names), folder / f"{table}.{form}")
    return _write_study_file(study, folder, tables, f"{{table}}.{form}", analysis)


def write_blocks(studies: Iterable[Study], folder: str | Path, *, analysis: str = "") -> Path:
    """Write a study that comes in blocks of subjects, as Parquet: a folder for each table, a file for each block.

    Only one block is in memory at a time. The study file reads all files of a table (`file = "seizures/*.parquet"`);
    `polars.scan_parquet` reads them as one.

    Args:
        studies: The blocks, of different subjects, with the same arms, visits and covariates.
        folder: Where to; made where it is not there, and refused where it already holds something.
        analysis: The `[analysis]` part of the study file, as TOML text.

    Returns:
        The path of the study file.

    Raises:
        RecordError: As in `write`, or there is no block.
    """
    folder, tables = Path(folder), dict[str, Names]()
    first: Study | None = None
    for number, study in enumerate(studies):
        require_readable(study)
        if first is None:
            make_new(folder)
            first = study
        for table, names in _tables(study, ".parquet").items():
            (folder / table).mkdir(exist_ok=True)
            write_source(study.table(table).select(names.keys()), folder / table / f"block_{number:05}.parquet")
            tables.setdefault(table, names)
    if first is None:
        raise RecordError("there are 0 blocks of subjects to write")
    in_order = {table: tables[table] for table in RECORD_FRAMES if table in tables}
    return _write_study_file(first, folder, in_order, "{table}/*.parquet", analysis)


def _tables(study: Study, suffix: str) -> dict[str, Names]:
    """Return the tables that hold something, with our columns and the names that they bear in the file."""
    return {
        table: source_names((name for name in study.table(table).columns if name != "arm" or study.arms), suffix)
        for table in RECORD_FRAMES
        if study.table(table).height
    }


def make_new(folder: Path) -> None:
    """Make a folder.

    Raises:
        RecordError: It is a file, or holds something.
    """
    require_new(folder)
    folder.mkdir(parents=True, exist_ok=True)


def require_new(folder: Path) -> None:
    """Refuse a file, and a folder that holds something.

    Raises:
        RecordError: It is one.
    """
    if folder.exists() and not folder.is_dir():
        raise RecordError(f"{folder} is a file; name a new folder")
    if folder.exists() and any(folder.iterdir()):
        raise RecordError(f"{folder} is not empty; name a new folder, so that nothing is overwritten")


def _write_study_file(study: Study, folder: Path, tables: dict[str, Names], file: str, analysis: str) -> Path:
    parts = [study_section(study)]
    parts += [
        _table_part(table, names, study.table(table), file.format(table=table)) for table, names in tables.items()
    ]
    path = folder / "study.toml"
    path.write_text("\n".join([*parts, analysis]), encoding="utf-8")
    return path


def require_readable(study: Study) -> None:
    """Refuse what a reader would take for something else: text that is empty or has spaces around it is trimmed.

    Raises:
        RecordError: There is such a text, or there are no subjects.
    """
    if study.subjects.is_empty():
        raise RecordError("the study has no subjects; there is nothing to write")
    for table in RECORD_FRAMES:
        for column in study.table(table).select(pl.col(pl.String)):
            trimmed = column.drop_nulls().str.strip_chars()
            changed = column.drop_nulls().filter((trimmed != column.drop_nulls()) | (trimmed == ""))
            if changed.len():
                raise RecordError(
                    f"{table}.{column.name}: {changed.len()} texts are empty or have spaces around them, for example "
                    f"{some(changed)}; they would not be read back as they are, so trim them first"
                )


def _table_part(table: str, names: Names, frame: pl.DataFrame, file: str) -> str:
    ours = RECORD_FRAMES[table].columns
    lines = [f"[records.{table}]", f'file = "{file}"', "missing = []"]
    lines += [f"columns.{name} = {toml_text(source)}" for name, source in names.items() if name in ours]
    lines += [
        f"covariates.{toml_key(name)} = {_covariate(source, frame[name])}"
        for name, source in names.items()
        if name not in ours
    ]
    return "\n".join([*lines, ""])


def _covariate(name: str, values: pl.Series) -> str:
    if isinstance(values.dtype, pl.Enum):
        return f"{{ column = {toml_text(name)}, levels = {toml_list(tuple(values.dtype.categories))} }}"
    return f'{{ column = {toml_text(name)}, type = "{"number" if values.dtype.is_numeric() else "text"}" }}'
