"""A source's columns, codes, dates, units and wide tables -> candidate records in our columns, each with a verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from cohort.errors import RecordError, some
from cohort.records.cells import Cells, as_written, covariate, in_words, index_date, parse
from cohort.records.column_spec import ColumnSpec, WideColumn
from cohort.records.formats.rows import Rows
from cohort.records.sense import VALUE_COLUMN, defaults
from cohort.records.study_file import TableSpec
from cohort.schemas import RECORD_FRAMES, SUBJECTS

# Columns that every candidate carries beside ours: where it stood and, where it cannot be used, why.
SOURCE_ROW, SOURCE_COLUMN, REASON, DETAIL = "_row", "_column", "_reason", "_detail"


@dataclass(frozen=True, eq=False)
class Source:
    """One source of a table: the file's rows and what study.toml says of them."""

    rows: Rows
    spec: TableSpec


def candidates(table: str, source: Source, dates: Mapping[str, date], arms: tuple[str, ...]) -> pl.DataFrame:
    """Return one candidate record a source row (a wide table: one a cell), in our columns.

    Args:
        table: The frame's name in `cohort.schemas`.
        source: The file's rows, and what study.toml says of them.
        dates: The date of day 0 by subject, where the study counts from dates.
        arms: The study's arms.

    Returns:
        Our columns, typed, with `_row` (see `Rows.number`), `_column` (of a wide table), `_reason` and `_detail` (both
        null where the row could be read).

    Raises:
        RecordError: A source column that study.toml names is not in the file, or no row has the values of `where`.
    """
    spec = source.spec
    rows = _belonging(source)
    parts = [_read(table, rows, spec, wide, dates) for wide in spec.wide or (None,)]
    if table == "subjects":
        parts = [_subject_columns(part, rows.cells, spec, dates, arms) for part in parts]
    return pl.concat(parts).sort(SOURCE_ROW, maintain_order=True)


def index_dates(sources: Sequence[Source]) -> dict[str, date]:
    """Return the date of day 0 by subject; a subject without a date, or with several, is not in it."""
    found = [pl.DataFrame(schema={"subject_id": pl.String, "date": pl.Date})]
    for source in sources:
        if source.spec.index_date is not None:
            cells = _belonging(source).cells
            who = parse(cells, "subject_id", source.spec.columns["subject_id"], source.spec, column=_ID).value
            dates = index_date(cells, source.spec.index_date, source.spec).value
            found.append(pl.DataFrame({"subject_id": who, "date": dates}))
    single = pl.concat(found).drop_nulls().unique().filter(pl.col("subject_id").is_unique())
    return dict(single.iter_rows())


_ID = SUBJECTS.columns["subject_id"]


def _belonging(source: Source) -> Rows:
    """Return the rows that belong to the table; a broken line may be any of them, so that it stays to be refused."""
    rows, spec = source.rows, source.spec
    _require_columns(rows.cells, spec)
    belongs = pl.repeat(value=True, n=rows.cells.height, eager=True)
    for column, value in spec.where.items():
        belongs &= (as_written(rows.cells, ColumnSpec(column=column)) == in_words(value)).fill_null(False)
    if not belongs.any():
        raise RecordError(f"{spec.file}: no row has {spec.where}; mend `where`, or leave the table out of study.toml")
    belongs |= rows.fault.is_not_null()
    return Rows(rows.cells.filter(belongs), rows.number.filter(belongs), rows.fault.filter(belongs))


def _require_columns(cells: pl.DataFrame, spec: TableSpec) -> None:
    specs = [*spec.columns.values(), *spec.covariates.values(), *([spec.index_date] if spec.index_date else [])]
    named = {one.column for one in specs if one.column} | {wide.column for wide in spec.wide} | set(spec.where)
    named |= {other for one in specs for other in one.only_where}
    absent = sorted(named - set(cells.columns))
    if absent:
        there = some(cells.columns, 20)
        raise RecordError(
            f"{spec.file}: {len(absent)} columns are missing: {some(absent, 9)}; the file has {there}. "
            "Mend the names in study.toml, or its `separator`"
        )


def _read(table: str, rows: Rows, spec: TableSpec, wide: WideColumn | None, dates: Mapping[str, date]) -> pl.DataFrame:
    columns = {**defaults(table, spec), **spec.columns, **_wide_columns(table, wide)}
    broken = pl.lit("line has not as many fields as the header")
    result = pl.DataFrame({SOURCE_ROW: rows.number}).with_columns(
        pl.lit(wide.column if wide else None, dtype=pl.String).alias(SOURCE_COLUMN),
        pl.when(rows.fault.is_not_null()).then(broken).alias(REASON),
        rows.fault.alias(DETAIL),
    )
    for name, column in RECORD_FRAMES[table].columns.items():
        one = columns.get(name)
        if one is None:
            result = result.with_columns(pl.lit(None, dtype=column.dtype).alias(name))
        else:
            index = _index_of(result, dates) if one.date else None
            result = _add(result, name, parse(rows.cells, name, one, spec, column=column, index=index))
    return result


def _wide_columns(table: str, wide: WideColumn | None) -> dict[str, ColumnSpec]:
    if wide is None:
        return {}
    constants = {name: ColumnSpec(constant=value) for name, value in wide.constants.items()}
    return {**constants, VALUE_COLUMN[table]: ColumnSpec(column=wide.column)}


def _index_of(result: pl.DataFrame, dates: Mapping[str, date]) -> pl.Series:
    return result["subject_id"].replace_strict(dates, default=None, return_dtype=pl.Date)


def _add(result: pl.DataFrame, name: str, cells: Cells) -> pl.DataFrame:
    """Add a parsed column; the first fault of a row is the one that is told."""
    return _fault(result.with_columns(cells.value.alias(name)), cells.reason, cells.detail(name))


def _fault(result: pl.DataFrame, reason: pl.Series, detail: pl.Series) -> pl.DataFrame:
    first = pl.col(REASON).is_null() & reason.is_not_null()
    return result.with_columns(
        pl.when(first).then(reason).otherwise(REASON).alias(REASON),
        pl.when(first).then(detail).otherwise(DETAIL).alias(DETAIL),
    )


def _subject_columns(
    result: pl.DataFrame, cells: pl.DataFrame, spec: TableSpec, dates: Mapping[str, date], arms: tuple[str, ...]
) -> pl.DataFrame:
    if "arm" in spec.columns:
        unknown = ~result["arm"].is_in(list(arms)).fill_null(False)
        written = as_written(cells, spec.columns["arm"]).fill_null("")
        detail = pl.select(pl.format("arm is '{}', not one of {}", written, pl.lit(some(arms, 9)))).to_series()
        result = _fault(result, _where(unknown, "unknown arm"), detail)
    if spec.index_date is not None:
        own = index_date(cells, spec.index_date, spec)
        result = _fault(result, own.reason, own.detail("index_date"))
        several = _index_of(result, dates).is_null()
        result = _fault(result, _where(several, "the subject has several index dates"), own.detail("index_date"))
    sound = result[REASON].is_null()
    for name, one in spec.covariates.items():
        result = _add(result, name, covariate(cells, one, spec, sound))
    return result


def _where(mask: pl.Series, reason: str) -> pl.Series:
    return pl.select(pl.when(mask).then(pl.lit(reason))).to_series()
