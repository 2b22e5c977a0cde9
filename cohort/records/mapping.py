"""A source's columns, codes, dates, units and wide tables -> candidate records in our columns, each with a verdict."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from cohort.errors import RecordError, some
from cohort.records.cells import Cells, as_written, covariate, parse, parse_dates
from cohort.records.formats.csv import FIELD_COUNT
from cohort.records.study_file import VALUE_COLUMN, ColumnSpec, TableSpec, WideColumn
from cohort.schemas import RECORD_FRAMES

# Columns that every candidate carries beside ours: where it stood and, where it cannot be used, why.
SOURCE_ROW, SOURCE_COLUMN, REASON, DETAIL = "_row", "_column", "_reason", "_detail"

# Nullable columns without which a table says nothing.
_NEEDED = {"ratings": ("score",), "items": ("score",), "seizures": ("count",)}


def candidates(
    table: str, source: pl.DataFrame, spec: TableSpec, dates: Mapping[str, object], arms: tuple[str, ...]
) -> pl.DataFrame:
    """Return one candidate record a source row (a wide table: one a cell), in our columns.

    Args:
        table: The frame's name in `cohort.schemas`.
        source: The file's rows.
        spec: What study.toml says of this source.
        dates: The date of day 0 by subject, where the study counts from dates.
        arms: The study's arms.

    Returns:
        Our columns, typed, with `_row` (1 is the first data row), `_column` (of a wide table), `_reason` and `_detail`
        (both null where the row could be read).

    Raises:
        RecordError: A source column that study.toml names is not in the file.
    """
    _require_columns(source, spec)
    rows = _belonging(source.with_row_index(SOURCE_ROW, offset=1), spec)
    parts = [_read(table, rows, spec, wide, dates, arms) for wide in spec.wide or (None,)]
    return pl.concat(parts).sort(SOURCE_ROW, maintain_order=True)


def _require_columns(source: pl.DataFrame, spec: TableSpec) -> None:
    specs = [*spec.columns.values(), *spec.covariates.values(), *([spec.index_date] if spec.index_date else [])]
    named = {one.column for one in specs if one.column} | {wide.column for wide in spec.wide} | set(spec.where)
    named |= {other for one in specs for other in one.only_where}
    absent = sorted(named - set(source.columns))
    if absent:
        present = [name for name in source.columns if name != FIELD_COUNT]
        raise RecordError(f"{spec.file}: {len(absent)} columns are missing: {some(absent, 9)}; the file has {some(present, 20)}")


def _belonging(rows: pl.DataFrame, spec: TableSpec) -> pl.DataFrame:
    for column, value in spec.where.items():
        rows = rows.filter((as_written(rows, ColumnSpec(column=column)) == str(value)).fill_null(False))
    return rows


def _read(
    table: str,
    rows: pl.DataFrame,
    spec: TableSpec,
    wide: WideColumn | None,
    dates: Mapping[str, object],
    arms: tuple[str, ...],
) -> pl.DataFrame:
    columns = {**_defaults(table, spec), **spec.columns, **_wide_columns(table, wide)}
    result = rows.select(
        SOURCE_ROW,
        pl.lit(wide.column if wide else None, dtype=pl.String).alias(SOURCE_COLUMN),
        reason := _field_count(rows),
        pl.when(reason.is_not_null()).then(pl.lit("")).alias(DETAIL),
    )
    for name, column in RECORD_FRAMES[table].columns.items():
        one = columns.get(name)
        if one is not None:
            result = _add(result, name, parse(rows, name, one, column, spec, _dates(result, dates) if one.date else None))
        elif column.nullable and name not in _NEEDED.get(table, ()):
            result = result.with_columns(pl.lit(None, dtype=column.dtype).alias(name))
        else:
            raise RecordError(f"{spec.file}: study.toml does not say where `{name}` of {table} comes from")
    if table == "subjects":
        result = _subject_columns(result, rows, spec, dates, arms)
    return result


def _defaults(table: str, spec: TableSpec) -> dict[str, ColumnSpec]:
    """A seizure record covers one day, and an event is one seizure, unless the file says otherwise."""
    if table != "seizures":
        return {}
    one = ColumnSpec(constant=1)
    return {"days": one, "count": one} if spec.events else {"days": one}


def _wide_columns(table: str, wide: WideColumn | None) -> dict[str, ColumnSpec]:
    if wide is None:
        return {}
    constants = {name: ColumnSpec(constant=value) for name, value in wide.constants.items()}
    return {**constants, VALUE_COLUMN[table]: ColumnSpec(column=wide.column)}


def _field_count(rows: pl.DataFrame) -> pl.Expr:
    if FIELD_COUNT not in rows.columns:
        return pl.lit(None, dtype=pl.String).alias(REASON)
    return pl.when(pl.col(FIELD_COUNT).is_not_null()).then(pl.lit("line has not as many fields as the header")).alias(REASON)


def index_dates(source: pl.DataFrame, spec: TableSpec) -> dict[str, object]:
    """Return the date of day 0 by subject; a subject whose date cannot be read is not in it."""
    if spec.index_date is None:
        return {}
    _require_columns(source, spec)
    who = as_written(source, spec.columns["subject_id"])
    dates = parse_dates(as_written(source, spec.index_date), spec.index_date.date or "iso")
    return {subject: date for subject, date in zip(who, dates, strict=True) if date is not None}


def _dates(result: pl.DataFrame, dates: Mapping[str, object]) -> pl.Series:
    return result["subject_id"].replace_strict(dates, default=None, return_dtype=pl.Date)


def _add(result: pl.DataFrame, name: str, cells: Cells) -> pl.DataFrame:
    """Add a parsed column; the first fault of a row is the one that is told."""
    first = pl.col(REASON).is_null()
    return result.with_columns(
        cells.value.alias(name),
        pl.when(first).then(cells.reason).otherwise(REASON).alias(REASON),
        pl.when(first).then(cells.detail(name)).otherwise(DETAIL).alias(DETAIL),
    )


def _subject_columns(
    result: pl.DataFrame, rows: pl.DataFrame, spec: TableSpec, dates: Mapping[str, object], arms: tuple[str, ...]
) -> pl.DataFrame:
    for name, one in spec.covariates.items():
        result = _add(result, name, covariate(rows, one, spec))
    if "arm" in spec.columns:
        unknown = ~result["arm"].is_in(list(arms)).fill_null(True)
        result = _fault(result, "arm", as_written(rows, spec.columns["arm"]), unknown, "unknown arm")
    if spec.index_date is not None:
        undated = _dates(result, dates).is_null()
        result = _fault(result, "index_date", as_written(rows, spec.index_date), undated, "index date is not a date, or no such day")
    return result


def _fault(result: pl.DataFrame, name: str, text: pl.Series, where: pl.Series, reason: str) -> pl.DataFrame:
    first = pl.col(REASON).is_null() & where
    detail = Cells(text, text, text).detail(name)
    return result.with_columns(
        pl.when(first).then(pl.lit(reason)).otherwise(REASON).alias(REASON),
        pl.when(first).then(detail).otherwise(DETAIL).alias(DETAIL),
    )
