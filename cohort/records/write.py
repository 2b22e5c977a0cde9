"""Writing a study as a folder that can be read again: one CSV a table and the study file that maps them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import polars as pl

from cohort.errors import RecordError, some
from cohort.records.study import Study
from cohort.schemas import RECORD_FRAMES


def write(study: Study, folder: str | Path, *, analysis: str = "") -> Path:
    """Write a study as CSV files with a study.toml that reads them back.

    Args:
        study: The study.
        folder: Where to; made where it is not there, and refused where it already holds something.
        analysis: The `[analysis]` part of the study file, as TOML text.

    Returns:
        The path of the study file.

    Raises:
        RecordError: The folder is a file or not empty, the study has no subjects, or a text would not come back as it
            is.
    """
    folder = Path(folder)
    _require_readable(study)
    _require_new(folder)
    folder.mkdir(parents=True, exist_ok=True)
    parts = [_study_part(study)]
    for table in RECORD_FRAMES:
        frame = study.table(table)
        used = [name for name in frame.columns if name != "arm" or study.arms]
        if frame.height:
            frame.select(used).write_csv(folder / f"{table}.csv")
            parts.append(_table_part(table, used, frame))
    path = folder / "study.toml"
    path.write_text("\n".join([*parts, analysis]), encoding="utf-8")
    return path


def _require_new(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise RecordError(f"{folder} is a file; name a new folder")
    if folder.exists() and any(folder.iterdir()):
        raise RecordError(f"{folder} is not empty; name a new folder, so that nothing is overwritten")


def _require_readable(study: Study) -> None:
    """Refuse what a reader would take for something else: text that is empty or has spaces around it is trimmed."""
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


def _study_part(study: Study) -> str:
    lines = ["[study]", f"name = {_text(study.name)}"]
    lines += [f"{key} = {_text(value)}" for key in ("title", "index", "source") if (value := getattr(study, key))]
    lines += [f"{key} = {_list(value)}" for key in ("arms", "visits") if (value := getattr(study, key))]
    return "\n".join([*lines, ""])


def _table_part(table: str, used: list[str], frame: pl.DataFrame) -> str:
    ours = RECORD_FRAMES[table].columns
    lines = [f"[records.{table}]", f'file = "{table}.csv"', "missing = []"]
    lines += [f'columns.{name} = "{name}"' for name in used if name in ours]
    lines += [f"covariates.{_key(name)} = {_covariate(name, frame[name])}" for name in used if name not in ours]
    return "\n".join([*lines, ""])


def _covariate(name: str, values: pl.Series) -> str:
    if isinstance(values.dtype, pl.Enum):
        return f"{{ column = {_text(name)}, levels = {_list(tuple(values.dtype.categories))} }}"
    return f'{{ column = {_text(name)}, type = "{"number" if values.dtype.is_numeric() else "text"}" }}'


def _key(name: str) -> str:
    return name if re.fullmatch("[A-Za-z0-9_-]+", name) else _text(name)


def _text(value: str) -> str:
    """Return a TOML string; TOML's escapes are JSON's, save that it wants DEL escaped as well."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _list(values: tuple[str, ...]) -> str:
    return "[" + ", ".join(_text(value) for value in values) + "]"
