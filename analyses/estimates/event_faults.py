"""What makes a time in EVENTS unusable, said with a count, examples and advice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from analyses.estimates.groups import require
from cohort.errors import EstimationError, some


@dataclass(frozen=True)
class Fault:
    """A row that no estimator can use: how to find it, what it is, what to do about it."""

    found: pl.Expr
    fact: str
    advice: str


TIMES = ("entry", "left", "right")
_ENTRY, _LEFT, _RIGHT = pl.col("entry"), pl.col("left"), pl.col("right")
_ENDED = _RIGHT.is_not_null()
_FINITE = _ENTRY.is_finite() & _LEFT.is_finite() & _RIGHT.is_finite().fill_null(True)

_ABSENT = Fault(
    _ENTRY.is_null() | _LEFT.is_null(),
    "have no entry or no left end",
    "give `entry` (0 unless it is late) and `left` for every row",
)
_CROSSED = Fault(_ENDED & (_LEFT > _RIGHT), "end before they begin (left > right)", "mend these rows")
_ENDLESS = Fault(~_FINITE, "are not finite", "give days; a censored time has its last observed day as `left`")
_NEGATIVE = Fault((_LEFT < 0) | (_ENTRY < 0), "are negative", "let the clock start at or before the first observed day")
_CAUSES = Fault(
    pl.col("cause").is_not_null() != _ENDED,
    "contradict themselves: an event has a `right` end and a cause, a censored time neither",
    "mend them",
)
_INTERVAL = Fault(
    _ENDED & (_LEFT < _RIGHT),
    "are interval-censored (left < right), and this estimator needs the day of the event",
    "use an estimator for interval-censored times, or say which day stands for the event by setting left = right",
)
_LATE = Fault(
    (_ENTRY > 0) & (_ENTRY >= _LEFT),
    "end on or before the day of a late entry (entry >= time)",
    "nobody was at risk in between: leave these subjects out of the population, or let the clock start earlier",
)
_LATE_INTERVAL = Fault(
    (_ENTRY > _LEFT) | ((_ENTRY > 0) & (pl.coalesce(_RIGHT, _LEFT) <= _ENTRY)),
    "begin before a late entry or end on its day (entry > left, or entry >= right)",
    "nobody was at risk in between: leave these subjects out of the population, or let the clock start earlier",
)


def faults(columns: Sequence[str], *, intervals: bool = False) -> tuple[Fault, ...]:
    """Return what is asked of each row, in this order; a cause is asked for only where there is the column."""
    inside = () if intervals else (_INTERVAL,)
    causes = (_CAUSES,) if "cause" in columns else ()
    return (_ABSENT, _CROSSED, *inside, *causes, _ENDLESS, _NEGATIVE, _LATE_INTERVAL if intervals else _LATE)


def check_columns(events: pl.DataFrame) -> None:
    """Refuse a frame that is not EVENTS, or is empty.

    Raises:
        EstimationError: A column is missing, times are no numbers (dates, say), or there are no rows.
    """
    require(events, ["subject_id", *TIMES], "events")
    if events.height == 0:
        raise EstimationError("there are 0 rows in events; at least one is needed")
    kinds = {name: events.schema[name] for name in TIMES}
    odd = [f"{name} ({kind})" for name, kind in kinds.items() if not _counts_days(kind)]
    if odd:
        raise EstimationError(
            f"{len(odd)} of {len(TIMES)} columns of times are no numbers: {', '.join(odd)}; give days as numbers: "
            "of dates (date - start).dt.total_days(), of text .cast(pl.Float64)"
        )


def _counts_days(kind: pl.DataType) -> bool:
    """Return whether a column's kind can hold days; one of nothing but nulls has no kind of its own."""
    return kind.is_integer() or kind.is_float() or kind == pl.Null


def refuse_faults(events: pl.DataFrame, *, intervals: bool = False) -> None:
    """Refuse rows that cannot be used, naming the first fault, how many rows have it, and three subjects.

    Raises:
        EstimationError: Some row has a fault.
    """
    for fault in faults(events.columns, intervals=intervals):
        bad = events.filter(fault.found.fill_null(False))
        if bad.height:
            subjects = some(bad["subject_id"].unique().sort())
            raise EstimationError(
                f"{bad.height} of {events.height} times {fault.fact} (subjects {subjects}); {fault.advice}"
            )


def has_faults(rows: pl.DataFrame) -> bool:
    """Return whether any row has a fault; rows may be counted ones."""
    found = rows.select(pl.any_horizontal(fault.found.fill_null(False) for fault in faults(rows.columns)).any())
    return bool(found.item())
