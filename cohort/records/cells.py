"""One source column -> values of one of our columns, with the reason where a cell cannot be used."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from cohort.errors import some
from cohort.records.study_file import ColumnSpec, TableSpec
from cohort.schemas import Column

_DAYS_PER = {"minutes": 1 / 1440, "hours": 1 / 24, "days": 1.0, "weeks": 7.0}
_MG_PER = {"g": 1000.0, "mg": 1.0, "ug": 0.001}
_EPOCHS = {"sas": pl.date(1960, 1, 1), "excel": pl.date(1899, 12, 30)}
_TRUE, _FALSE = ("true", "yes", "y", "1"), ("false", "no", "n", "0")


@dataclass(frozen=True)
class Cells:
    """A column as it was written (`text`), as we understand it (`value`), and what is wrong with it (`reason`, null if nothing)."""

    text: pl.Series
    value: pl.Series
    reason: pl.Series

    def detail(self, name: str) -> pl.Series:
        """Return the offending cell in words."""
        written = pl.Series("text", self.text).fill_null("")
        return pl.select(pl.format("{} is '{}'", pl.lit(name), written)).to_series()


def parse(
    rows: pl.DataFrame, name: str, spec: ColumnSpec, column: Column, table: TableSpec, index: pl.Series | None = None
) -> Cells:
    """Return one of our columns from a source.

    Args:
        rows: The source's rows.
        name: Our column's name.
        spec: Where it comes from.
        column: What it must be.
        table: The source's settings (missing values, decimal mark).
        index: The date of day 0 of each row's subject; needed where the column holds dates.
    """
    text = as_written(rows, spec)
    content = _content(rows, text, spec, table)
    decoded, reason = _decode(content, spec)
    if spec.date is not None:
        value, reason = _days_from_dates(decoded, reason, spec.date, index)
    elif column.dtype.is_numeric():
        value, reason = _numbers(decoded, reason, name, spec, table)
    else:
        value, reason = _words(decoded, reason, column.dtype)
    if column.dtype.is_integer():
        fractional = (value != value.floor()).fill_null(False) & reason.is_null()
        reason = _put(reason, fractional, "fractional count" if name == "count" else "not a whole number")
    if not column.nullable:
        reason = _put(reason, value.is_null() & reason.is_null(), f"missing {name}")
    value = pl.select(pl.when(reason.is_null()).then(value)).to_series()
    return Cells(text, value.cast(column.dtype), reason)


def covariate(rows: pl.DataFrame, spec: ColumnSpec, table: TableSpec) -> Cells:
    """Return a covariate: an Enum where its levels are given, a number where every cell is one, else text."""
    text = as_written(rows, spec)
    decoded, reason = _decode(_content(rows, text, spec, table), spec)
    if spec.levels:
        value, reason = _words(decoded, reason, pl.Enum(list(spec.levels)))
        return Cells(text, value, reason)
    number, number_reason = _numbers(decoded, reason, "covariate", spec, table)
    if spec.type == "number" or (spec.type is None and number_reason.null_count() == number_reason.len()):
        return Cells(text, number, number_reason)
    return Cells(text, decoded, reason)


def as_written(rows: pl.DataFrame, spec: ColumnSpec) -> pl.Series:
    """Return a source column as trimmed text; whole numbers that a format stores as floats are written without a fraction."""
    if spec.column is None:
        return pl.Series("constant", [str(spec.constant)] * rows.height, dtype=pl.String)
    series = rows[spec.column]
    if series.dtype.is_float():
        series = series.fill_nan(None)
        whole = bool((series.drop_nulls() == series.drop_nulls().floor()).all()) and bool((series.drop_nulls().abs() < 2**53).all())
        series = series.cast(pl.Int64) if whole else series
    elif isinstance(series.dtype, pl.Datetime):
        series = series.dt.date()
    return series.cast(pl.String).str.strip_chars()


def _content(rows: pl.DataFrame, text: pl.Series, spec: ColumnSpec, table: TableSpec) -> pl.Series:
    """Return the text with everything that stands for missing as null."""
    missing = text.is_in([*table.missing, *(str(value) for value in spec.missing)]).fill_null(True)
    for other, wanted in spec.only_where.items():
        missing = missing | (as_written(rows, ColumnSpec(column=other)) != str(wanted)).fill_null(True)
    return pl.select(pl.when(~missing).then(text)).to_series()


def _decode(content: pl.Series, spec: ColumnSpec) -> tuple[pl.Series, pl.Series]:
    nothing = pl.Series("reason", [None] * content.len(), dtype=pl.String)
    if spec.codes is None:
        return content, nothing
    names = {code: str(value) for code, value in spec.codes.items()}
    decoded = content.replace_strict(names, default=None, return_dtype=pl.String)
    return decoded, _put(nothing, decoded.is_null() & content.is_not_null(), "code is not listed in study.toml")


def _days_from_dates(
    content: pl.Series, reason: pl.Series, pattern: str, index: pl.Series | None
) -> tuple[pl.Series, pl.Series]:
    dates = parse_dates(content, pattern)
    reason = _put(reason, dates.is_null() & content.is_not_null(), "not a date, or no such day")
    if index is None:
        index = pl.Series([None] * content.len(), dtype=pl.Date)
    reason = _put(reason, dates.is_not_null() & index.is_null() & reason.is_null(), "the subject has no index date")
    return (dates - index).dt.total_days().cast(pl.Float64), reason


def parse_dates(content: pl.Series, pattern: str) -> pl.Series:
    """Return dates, null where the text is not a possible date between 1900 and 2100."""
    if pattern in _EPOCHS:
        days = content.cast(pl.Float64, strict=False).cast(pl.Int64, strict=False)
        dates = pl.select(_EPOCHS[pattern] + pl.duration(days=days)).to_series()
    else:
        dates = content.str.to_date("%Y-%m-%d" if pattern == "iso" else pattern, strict=False)
    possible = dates.dt.year().is_between(1900, 2100)
    return pl.select(pl.when(possible).then(dates)).to_series().cast(pl.Date)


def _numbers(
    content: pl.Series, reason: pl.Series, name: str, spec: ColumnSpec, table: TableSpec
) -> tuple[pl.Series, pl.Series]:
    plain = content.str.replace(",", ".", literal=True) if table.decimal == "," else content
    value = plain.cast(pl.Float64, strict=False)
    value = pl.select(pl.when(value.is_finite()).then(value)).to_series()
    reason = _put(reason, value.is_null() & content.is_not_null() & reason.is_null(), "not a number")
    if spec.study_day:
        reason = _put(reason, (value == 0).fill_null(False) & reason.is_null(), "CDISC study days have no day 0")
        value = value - (value > 0).cast(pl.Float64)
    factor = {**_DAYS_PER, **_MG_PER}[spec.unit] if spec.unit else 1.0
    return (value if factor == 1.0 else value * factor), reason


def _words(content: pl.Series, reason: pl.Series, dtype: pl.DataType) -> tuple[pl.Series, pl.Series]:
    if isinstance(dtype, pl.Boolean):
        known = {**dict.fromkeys(_TRUE, True), **dict.fromkeys(_FALSE, False)}
        value = content.str.to_lowercase().replace_strict(known, default=None, return_dtype=pl.Boolean)
        return value, _put(reason, value.is_null() & content.is_not_null(), "neither yes nor no")
    if isinstance(dtype, pl.Enum):
        words = dtype.categories.to_list()
        value = content.cast(dtype, strict=False)
        return value, _put(reason, value.is_null() & content.is_not_null(), f"not one of {some(words, 20)}")
    return content, reason


def _put(reason: pl.Series, where: pl.Series, text: str) -> pl.Series:
    """Return the reasons with `text` where the condition holds and nothing was wrong before."""
    return pl.select(pl.when(reason.is_null() & where).then(pl.lit(text)).otherwise(reason)).to_series()
