"""The study file of a messy folder: what a careful data manager would say of the files."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from cohort.records.study import Study
from cohort.records.toml_text import study_section, toml_key, toml_list, toml_text
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
    bound = ["[records]", f"max_refused_share = {_above(refused)}", ""] if refused > 0.1 else []
    parts = [_source(study, file, manners[file.table]) for file in files]
    return "\n".join([study_section(study), *bound, *parts, analysis])


def _above(share: float) -> float:
    """Return a bound with two digits that is not below a share."""
    return min(1.0, int(share * 100 + 1) / 100)


def _source(study: Study, file: File, manner: Manner) -> str:
    ours = RECORD_FRAMES[file.table].columns
    dates = index_column(study)
    lines = [f"[[records.{file.table}]]", f"file = {toml_text(file.name)}", f"missing = {toml_list(manner.missing)}"]
    for name, theirs in file.names.items():
        settings = {"column": toml_text(theirs), **_settings(manner, name)}
        if file.table == "subjects" and name == dates:
            lines.append(f'index_date = {{ column = {toml_text(theirs)}, date = "iso" }}')
        elif name in ours:
            lines.append(f"columns.{name} = {_inline(settings)}")
        else:
            lines.append(f"covariates.{toml_key(name)} = {_inline({**settings, **_type(study.subjects[name])})}")
    return "\n".join([*lines, ""])


def _settings(manner: Manner, name: str) -> dict[str, str]:
    found = {}
    if name in manner.dated:
        found["date"] = '"iso"'
    if manner.missing_in.get(name):
        found["missing"] = "[" + ", ".join(manner.missing_in[name]) + "]"
    if name in manner.codes:
        found["codes"] = _inline({toml_text(code): toml_text(word) for code, word in manner.codes[name].items()})
    return found


def _type(values: pl.Series) -> dict[str, str]:
    if isinstance(values.dtype, pl.Enum):
        return {"levels": toml_list(values.dtype.categories)}
    return {"type": '"number"' if values.dtype.is_numeric() else '"text"'}


def _inline(settings: Mapping[str, str]) -> str:
    return "{ " + ", ".join(f"{key} = {value}" for key, value in settings.items()) + " }"
