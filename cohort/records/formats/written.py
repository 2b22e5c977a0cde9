"""Frames to bytes: one writer for each kind of file, such that `read_source` hands the same cells back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

import polars as pl

from cohort.errors import RecordError, some

# A SAS name; a SAS number, whose exponent is narrower than that of IEEE 754; the longest text of a SAS variable.
_SAS_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,31}")
_SAS_LEAST, _SAS_MOST = 16.0**-65, 16.0**63
_SAS_TEXT = 32_767
# Where a transport file says when it was made; such a file lists its variables only behind these bytes.
_STAMPS, _STAMP = 640, re.compile(rb"\d\d[A-Z]{3}\d\d:\d\d:\d\d:\d\d")


def write_source(frame: pl.DataFrame, path: Path) -> None:
    """Write a frame as the kind of file that its suffix names: .csv, .parquet or .xpt.

    Enums become text. CSV and XPT hold nulls as empty cells, so that an empty text and a null are the same there;
    booleans are true and false in CSV and 1 and 0 in XPT. Numbers come back to the last bit. XPT is a SAS transport
    file of version 8, the first to hold names above 8 and texts above 200 characters; its time of creation is set to
    1 January 1960, so that the same frame makes the same bytes.

    Args:
        frame: What to write; text, numbers, booleans and dates.
        path: The file; one that is there is overwritten.

    Raises:
        RecordError: No such kind of file is written; or a name, a number or a text cannot stand in a transport file
            (names: `source_names`; numbers: 0 and about 5e-79 to 7e75; texts: 32,767 bytes, without NUL).
    """
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        raise RecordError(f"{path.name}: files ending in {path.suffix!r} are not written; these are: {some(WRITERS)}")
    writer(frame.with_columns(pl.col(pl.Enum, pl.Categorical, pl.Null).cast(pl.String)), path)


def source_names(names: Iterable[str], suffix: str) -> dict[str, str]:
    """Return under which name each column can stand in a file of that kind, no two the same.

    CSV and Parquet take any name. SAS takes 32 letters, digits and underscores and tells no capitals apart; not every
    writer lets anything but a letter stand first. What it does not take becomes an underscore, a name that is taken
    gets a number.

    >>> source_names(["age", "Age", "age at onset", "1st"], ".xpt")
    {'age': 'age', 'Age': 'Age_2', 'age at onset': 'age_at_onset', '1st': 'v1st'}
    """
    if suffix.lower() != ".xpt":
        return {name: name for name in names}
    found: dict[str, str] = {}
    for name in names:
        plain = re.sub("[^A-Za-z0-9_]", "_", name)
        plain = plain if plain[:1].isalpha() else f"v{plain}"
        found[name] = _free(plain[:32], {taken.lower() for taken in found.values()})
    return found


def _free(name: str, taken: set[str]) -> str:
    free, number = name, 1
    while free.lower() in taken:
        number += 1
        free = f"{name[: 31 - len(str(number))]}_{number}"
    return free


def _write_csv(frame: pl.DataFrame, path: Path) -> None:
    frame.write_csv(path)


def _write_parquet(frame: pl.DataFrame, path: Path) -> None:
    frame.write_parquet(path)


def _write_xpt(frame: pl.DataFrame, path: Path) -> None:
    import pyreadstat

    _require_sas_names(path.name, frame.columns)
    for series in frame:
        _require_sas_values(path.name, series)
    numbers = frame.with_columns(pl.col(pl.Boolean).cast(pl.Float64))
    pyreadstat.write_xport(numbers, str(path), file_format_version=8)
    written = path.read_bytes()
    path.write_bytes(_STAMP.sub(b"01JAN60:00:00:00", written[:_STAMPS]) + written[_STAMPS:])


def _require_sas_names(file: str, names: list[str]) -> None:
    strange = [name for name in names if not _SAS_NAME.fullmatch(name)]
    lower = [name.lower() for name in names]
    strange += [name for name in names if name not in strange and lower.count(name.lower()) > 1]
    if strange:
        raise RecordError(
            f"{file}: {len(strange)} column names cannot stand in a SAS transport file: {some(strange)}; a name has at "
            "most 32 letters, digits and underscores, begins with no digit, and differs from the others not only in "
            "capitals. Rename them, or write .csv or .parquet"
        )


def _require_sas_values(file: str, series: pl.Series) -> None:
    held = series.drop_nulls()
    if series.dtype.is_float():
        size = held.abs()
        bad = held.filter(~((size == 0) | ((size >= _SAS_LEAST) & (size < _SAS_MOST))))
        expected = "numbers of 0 or about 5e-79 to 7e75"
    elif series.dtype.is_integer():
        bad = held.filter((held > 2**53) | (held < -(2**53)))
        expected = "whole numbers up to 2^53"
    elif series.dtype == pl.String:
        bad = held.filter((held.str.len_bytes() > _SAS_TEXT) | held.str.contains("\0", literal=True))
        bad = bad.str.slice(0, 20)
        expected = f"texts of at most {_SAS_TEXT:,} bytes without NUL"
    else:
        return
    if bad.len():
        raise RecordError(
            f"{file}: {bad.len()} values of {series.name!r} cannot stand in a SAS transport file, for example "
            f"{some(bad)}; it holds {expected}. Write .csv or .parquet"
        )


WRITERS: dict[str, Callable[[pl.DataFrame, Path], None]] = {
    ".csv": _write_csv,
    ".parquet": _write_parquet,
    ".xpt": _write_xpt,
}
"""The writer of each kind of file, by its suffix."""
