"""What `refractory inspect` shows: counts on the screen, subjects only in the file that was asked for."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from cohort.errors import RecordError
from cohort.records.inspect import inspect


def inspected(study_file: Path, refused: Path | None) -> tuple[str, bool]:
    """Return what reading a study file found, as text, and whether `refractory run` would accept its records.

    Args:
        study_file: The study.toml.
        refused: A new file for the refused rows; None writes nothing.

    Raises:
        RecordError: The study cannot be read at all, or the file for the refused rows exists.
    """
    if refused is not None and refused.exists():
        raise RecordError(f"{refused} exists; name a new file with --refused, so that nothing is overwritten")
    found = inspect(study_file)
    if refused is not None:
        found.refused.write_csv(refused)
    counts = found.counts.with_columns(pl.col("file").str.split("/").list.last())
    parts = [f"{found.study.name}: {found.study.subjects.height} subjects", _plain(counts)]
    if found.refused.height:
        parts += ["Refused:", _plain(found.reasons())]
        parts += [f"listed in {refused}" if refused else "list them with --refused FILE.csv"]
    parts += [f"note: {caution}" for caution in found.cautions]
    try:
        found.check()
    except RecordError as error:
        return "\n".join([*parts, f"`refractory run` would refuse this study: {error}"]), False
    return "\n".join(parts), True


def _plain(frame: pl.DataFrame) -> str:
    with pl.Config(
        tbl_formatting="ASCII_FULL_CONDENSED",
        tbl_rows=-1,
        tbl_cols=-1,
        tbl_hide_column_data_types=True,
        tbl_hide_dataframe_shape=True,
        fmt_str_lengths=200,
        tbl_width_chars=200,
    ):
        return str(frame)
