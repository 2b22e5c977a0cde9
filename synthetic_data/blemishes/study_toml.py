"""The study file of a messy folder: what a careful data manager would say of the files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

import polars as pl

from cohort.records.study import Study
from cohort.schemas import RECORD_FRAMES
from synthetic_data.blemishes.files import File
from synthetic_data.blemishes.manner import Manner, index_column


def study_toml(study: Study, files: list[File], manners: Mapping[str, Manner], refused: float, analysis: str) -> str:
    """Return the text of a study.toml.

    Args:
        study: The study.
        files: Its files.
        manners: How each table is written.
        refused: The largest share of a table's rows that has to be refused; the default bound is kept where it holds.
        analysis: The `[analysis]` part.
    """
    told = [f"{key} = {_text(value)}" for key in ("title", "index", "source") if (value := getattr(study, key))]
    told += [f"{key} = {_list(value)}" for key in ("arms", "visits") if (value := getattr(study, key))]
    head = ["[study]", f"name = {_text(study.name)}", *told, ""]
    bound = ["[records]", f"max_refused_share = {_above(refused)}", ""] if refused > 0.1 else []
    parts = [_source(study, file, manners[file.table]) for file in files]
    return "\n".join([*head, *bound, *parts, analysis])


def _above(share: float) -> float:
    """Return a bound with two digits that is not below a share."""
    return min(1.0, int(share * 100 + 1) / 100)


def _source(study: Study, file: File, manner: Manner) -> str:
    ours = RECORD_FRAMES[file.table].columns
    dates = index_column(study)
    lines = [f"[[records.{file.table}]]", f"file = {_text(file.name)}", f"missing = {_list(manner.missing)}"]
    for name, theirs in file.names.items():
        settings = {"column": _text(theirs), **_settings(manner, name)}
        if file.table == "subjects" and name == dates:
            lines.append(f'index_date = {{ column = {_text(theirs)}, date = "iso" }}')
        elif name in ours:
            lines.append(f"columns.{name} = {_inline(settings)}")
        else:
            lines.append(f"covariates.{_key(name)} = {_inline({**settings, **_type(study.subjects[name])})}")
    return "\n".join([*lines, ""])


def _settings(manner: Manner, name: str) -> dict[str, str]:
    found = {}
    if name in manner.dated:
        found["date"] = '"iso"'
    if manner.missing_in.get(name):
        found["missing"] = "[" + ", ".join(manner.missing_in[name]) + "]"
    if name in manner.codes:
        found["codes"] = _inline({_text(code): _text(word) for code, word in manner.codes[name].items()})
    return found


def _type(values: pl.Series) -> dict[str, str]:
    if isinstance(values.dtype, pl.Enum):
        return {"levels": _list(values.dtype.categories)}
    return {"type": '"number"' if values.dtype.is_numeric() else '"text"'}


def _inline(settings: Mapping[str, str]) -> str:
    return "{ " + ", ".join(f"{key} = {value}" for key, value in settings.items()) + " }"


def _key(name: str) -> str:
    return name if re.fullmatch("[A-Za-z0-9_-]+", name) else _text(name)


def _text(value: str) -> str:
    """Return a TOML string; TOML's escapes are JSON's, save that it wants DEL escaped as well."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _list(values: Iterable[str]) -> str:
    return "[" + ", ".join(_text(value) for value in values) + "]"
