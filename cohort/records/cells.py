"""One source column -> values of one of our columns, with the reason where a cell cannot be used."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from cohort.errors import RecordError, some
from cohort.frame import Column
from cohort.records.column_spec import EPOCHS, Code, ColumnSpec
from cohort.records.study_file import TableSpec

# Multiply by the first, divide by the second.
_UNITS = {"minutes": (1, 1440), "hours": (1, 24), "weeks": (7, 1), "g": (1000, 1), "ug": (1, 1000)}
# No study has a day, a count or an item number beyond this; products of such numbers still fit into 64 bits.
_MOST = 10_000_000
_TRUE, _FALSE = ("true", "yes", "y", "1"), ("false", "no", "n", "0")


@dataclass(frozen=True, eq=False)
class Cells:
    """A column as it was written (`text`), as understood (`value`), and what is wrong (`reason`, null if nothing)."""

    text: pl.Series
    value: pl.Series
    reason: pl.Series

    def detail(self, name: str) -> pl.Series:
        """Return the offending cell in words."""
        return pl.select(pl.format("{} is '{}'", pl.lit(name), self.text.fill_null(""))).to_series()


def parse(
    rows: pl.DataFrame, name: str, spec: ColumnSpec, table: TableSpec, *, column: Column, index: pl.Series | None = None
) -> Cells:
    """Return one of our columns from a source.

    Args:
        rows: The source's rows.
        name: Our column's name.
        spec: Where it comes from.
        table: The source's settings (missing values, decimal mark).
        column: What it must be.
        index: The date of day 0 of each row's subject; needed where the column holds dates.
    """
    text, decoded, reason = _decoded(rows, spec, table)
    if spec.date is not None:
        value, reason = _days_from_dates(decoded, reason, _pattern(rows, spec), index)
    elif column.dtype.is_numeric():
        value, reason = _numbers(decoded, reason, spec, comma=_has_comma(rows, spec, table))
    else:
        value, reason = _words(decoded, reason, column.dtype)
    if column.dtype.is_integer():
        fractional = (value != value.floor()).fill_null(False)
        reason = _put(reason, fractional, "fractional count" if name == "count" else "not a whole number")
        reason = _put(reason, (value.abs() > _MOST).fill_null(False), "number too large")
    if not column.nullable:
        reason = _put(reason, value.is_null(), f"missing {name}")
    value = pl.select(pl.when(reason.is_null()).then(value)).to_series()
    return Cells(text, value.cast(column.dtype), reason)


def covariate(rows: pl.DataFrame, spec: ColumnSpec, table: TableSpec, sound: pl.Series) -> Cells:
    """Return a covariate: an Enum where levels are given, a number where each sound row has one, else text."""
    text, decoded, reason = _decoded(rows, spec, table)
    if spec.levels:
        value, reason = _words(decoded, reason, pl.Enum(list(spec.levels)))
        return Cells(text, value, reason)
    number, not_number = _numbers(decoded, reason, spec, comma=_has_comma(rows, spec, table))
    has_words = (not_number.is_not_null() & reason.is_null() & sound).any()
    if spec.type == "number" or (spec.type is None and not has_words):
        return Cells(text, number, not_number)
    return Cells(text, decoded, reason)


def index_date(rows: pl.DataFrame, spec: ColumnSpec, table: TableSpec) -> Cells:
    """Return the dates of day 0; a row without one cannot be used."""
    text, decoded, reason = _decoded(rows, spec, table)
    dates = _dates(decoded, _pattern(rows, spec))
    return Cells(text, dates, _put(reason, dates.is_null(), "index date is not a date, or no such day"))


def as_written(rows: pl.DataFrame, spec: ColumnSpec) -> pl.Series:
    """Return a column as trimmed text; a whole number that a format stores as a float is written without a fraction."""
    if spec.constant is not None or spec.column is None:
        return pl.Series("constant", [in_words(spec.constant)] * rows.height, dtype=pl.String)
    series = rows[spec.column]
    try:
        if series.dtype.is_float() or series.dtype.is_decimal():
            return _plain_numbers(series.cast(pl.Float64) if series.dtype.is_decimal() else series)
        if isinstance(series.dtype, pl.Datetime):
            series = series.dt.date()
        return series.cast(pl.String).str.strip_chars()
    except pl.exceptions.PolarsError as error:
        raise RecordError(f"column {spec.column!r} is of type {series.dtype} and cannot be read: {error}") from error


def in_words(value: Code | None) -> str:
    """Return a value of study.toml as it would stand in a file."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _plain_numbers(series: pl.Series) -> pl.Series:
    number = series.fill_nan(None)
    whole = (number == number.floor()) & (number.abs() < 2**53)
    return pl.select(
        pl.when(whole).then(number.cast(pl.Int64, strict=False).cast(pl.String)).otherwise(number.cast(pl.String))
    ).to_series()


def _decoded(rows: pl.DataFrame, spec: ColumnSpec, table: TableSpec) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Return the cells as written, the same with codes replaced and missing as null, and what is wrong with them."""
    text = as_written(rows, spec)
    missing = text.is_in(["", *(in_words(value) for value in (*table.missing, *spec.missing))]).fill_null(True)
    for other, wanted in spec.only_where.items():
        missing = missing | (as_written(rows, ColumnSpec(column=other)) != in_words(wanted)).fill_null(True)
    content = pl.select(pl.when(~missing).then(text)).to_series()
    nothing = pl.Series("reason", [None] * rows.height, dtype=pl.String)
    if spec.codes is None:
        return text, content, nothing
    meanings = {code: in_words(value) for code, value in spec.codes.items()}
    decoded = content.replace_strict(meanings, default=None, return_dtype=pl.String)
    unlisted = decoded.is_null() & content.is_not_null()
    return text, decoded, _put(nothing, unlisted, "code is not listed in study.toml")


def _pattern(rows: pl.DataFrame, spec: ColumnSpec) -> str:
    """Return how the dates are written; what a file stores as dates has been written out as ISO dates."""
    stored = spec.column is not None and rows.schema[spec.column].is_temporal()
    return "iso" if stored else spec.date or "iso"


def _days_from_dates(
    content: pl.Series, reason: pl.Series, pattern: str, index: pl.Series | None
) -> tuple[pl.Series, pl.Series]:
    dates = _dates(content, pattern)
    reason = _put(reason, dates.is_null() & content.is_not_null(), "not a date, or no such day")
    if index is None:
        index = pl.Series([None] * content.len(), dtype=pl.Date)
    reason = _put(reason, dates.is_not_null() & index.is_null(), "the subject has no index date")
    return (dates - index).dt.total_days().cast(pl.Float64), reason


def _dates(content: pl.Series, pattern: str) -> pl.Series:
    """Return dates, null where the text is not a possible date between 1900 and 2100."""
    if pattern in EPOCHS:
        days = content.cast(pl.Float64, strict=False).floor()
        near = pl.select(pl.when(days.abs() < 100_000).then(days)).to_series().cast(pl.Int64)
        dates = pl.select(pl.lit(EPOCHS[pattern]) + pl.duration(days=pl.lit(near))).to_series()
    else:
        dates = content.str.to_date("%Y-%m-%d" if pattern == "iso" else pattern, strict=False)
    possible = dates.dt.year().is_between(1900, 2100)
    return pl.select(pl.when(possible).then(dates)).to_series().cast(pl.Date)


def _has_comma(rows: pl.DataFrame, spec: ColumnSpec, table: TableSpec) -> bool:
    """Tell whether numbers are written with a decimal comma: in a text file's own cells, not in codes or constants."""
    written = spec.column is not None and spec.codes is None and rows.schema[spec.column] == pl.String
    return table.decimal == "," and written


def _numbers(content: pl.Series, reason: pl.Series, spec: ColumnSpec, *, comma: bool) -> tuple[pl.Series, pl.Series]:
    plain = content
    if comma:
        grouped = content.str.contains(".", literal=True)
        plain = pl.select(pl.when(~grouped).then(content.str.replace(",", ".", literal=True))).to_series()
    value = plain.cast(pl.Float64, strict=False)
    if spec.study_day:
        reason = _put(reason, (value.abs() < 1).fill_null(False), "CDISC study days have no day 0")
        value = value - (value > 0).cast(pl.Float64)
    times, over = _UNITS.get(spec.unit or "", (1, 1))
    # By a column, because polars divides by one number as if it multiplied by the reciprocal: 9 / 1000 is not 0.009.
    value = value * times / pl.repeat(float(over), value.len(), eager=True)
    value = pl.select(pl.when(value.is_finite()).then(value)).to_series()
    return value, _put(reason, value.is_null() & content.is_not_null(), "not a number")


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
