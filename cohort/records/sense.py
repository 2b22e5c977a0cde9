"""Whether what study.toml says of a source makes sense: nothing missing, nothing that would be read by nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cohort.records.column_spec import ColumnSpec
from cohort.records.covariates import misnamed
from cohort.schemas import RECORD_FRAMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cohort.records.study_file import TableSpec

VALUE_COLUMN = {"ratings": "score", "items": "score", "seizures": "count", "findings": "value", "settings": "value"}
# Columns without which a table says nothing, though a null may stand in them.
_NEEDED = {"ratings": ("score",), "items": ("score",), "seizures": ("count",)}
_TIMES = ("minutes", "hours", "days", "weeks")
_MASSES = ("g", "mg", "ug")


def defaults(table: str, spec: TableSpec) -> dict[str, ColumnSpec]:
    """Return what holds where the file says nothing: a seizure record covers one day, an event is one seizure."""
    if table != "seizures":
        return {}
    one = ColumnSpec(constant=1)
    return {"days": one, "count": one} if spec.events else {"days": one}


def fault_in(table: str, spec: TableSpec) -> str | None:
    """Return the first thing that makes no sense, in words, or None."""
    return next(_faults(table, spec), None)


def _faults(table: str, spec: TableSpec) -> Iterator[str]:
    ours = RECORD_FRAMES[table].columns
    wide = {name for column in spec.wide for name in column.constants}
    unknown = sorted({*spec.columns, *wide} - set(ours))
    yield from (f"there is no column {name!r}; there are {', '.join(ours)}" for name in unknown)
    if table != "subjects" and (spec.covariates or spec.index_date):
        yield "`covariates` and `index_date` belong to subjects"
    if table != "seizures" and spec.events:
        yield "`events` belongs to seizures"
    if spec.events and spec.repeated:
        yield "`events` and `repeated` exclude each other: two events of one day may look the same"
    yield from misnamed(spec.covariates)
    yield from _wide_faults(table, spec)
    for name, one in spec.columns.items():
        yield from (f"{name}: {fault}" for fault in _setting_faults(name, one))
    for name, one in spec.covariates.items():
        yield from (f"{name}: {fault}" for fault in _setting_faults("", one, covariate=True))
    if spec.index_date is not None:
        yield from (f"index_date: {fault}" for fault in _setting_faults("day", spec.index_date))
        if spec.index_date.unit or spec.index_date.study_day:
            yield "index_date: it is a date, so that `unit` and `study_day` are read by nothing"


def _wide_faults(table: str, spec: TableSpec) -> Iterator[str]:
    """Yield what is wrong with a wide table, and columns that no source column stands for."""
    if spec.wide and table not in VALUE_COLUMN:
        yield "it cannot be read from a wide table"
        return
    if spec.wide and VALUE_COLUMN[table] in spec.columns:
        yield f"`{VALUE_COLUMN[table]}` comes from the columns listed in `wide`; leave it out of `columns`"
    needed = [name for name, column in RECORD_FRAMES[table].columns.items() if not column.nullable]
    told = {*spec.columns, *defaults(table, spec)}
    for cell in [{*column.constants, VALUE_COLUMN[table]} for column in spec.wide] or [set[str]()]:
        absent = [name for name in (*needed, *_NEEDED.get(table, ())) if name not in told | cell]
        yield from (f"study.toml does not say where `{name}` comes from; add columns.{name}" for name in absent)


def _setting_faults(name: str, spec: ColumnSpec, *, covariate: bool = False) -> Iterator[str]:
    """Yield settings that nobody reads on such a column."""
    is_day = name == "day" or name.endswith("_day")
    if not covariate and (spec.levels or spec.type):
        yield "`levels` and `type` belong to covariates"
    if not is_day and (spec.date is not None or spec.study_day):
        yield "`date` and `study_day` belong to columns that hold a day"
    units = _TIMES if is_day or name == "days" else _MASSES if name == "daily_dose" else ()
    if spec.unit is not None and spec.unit not in units:
        yield f"`unit` {spec.unit!r} does not belong to this column" + (f"; {', '.join(units)} do" if units else "")
