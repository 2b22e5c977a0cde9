"""EVENTS counted by group, stratum, time and cause: all that a curve or a rank test needs of the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analyses.estimates.event_faults import check_columns, has_faults, refuse_faults
from analyses.estimates.event_times import causes_note, repeats_note
from analyses.estimates.groups import Label, has_value, levels, require, text
from analyses.estimates.tally import Tally
from analyses.estimates.weighting import Weighting, weighting
from cohort.errors import EstimationError

# Whole days up to here are counted without sorting.
_LONGEST = 1_000_000
# More numbers than this are not worth an array of their own.
_CODES = 50_000_000
# So many causes are told apart one by one.
_FEW = 12
_KEYS = ("_stratum", "_group", "_entry", "_time", "_cause", "_weight")


@dataclass(frozen=True)
class EventCounts:
    """Checked EVENTS, counted.

    Attributes:
        cells: One row for each distinct `_stratum, _group, _entry, _time, _cause, _weight` with its `_count`, sorted.
            `_stratum` and `_group` number `strata` and `labels` from 0; `_cause` is 0 where the time is censored, else
            the number of the cause from 1; `_weight` is 1 unless rows have case weights.
        labels: The groups in reporting order; (None,) for everyone together.
        strata: The strata that have rows, sorted; (None,) without strata.
        causes: The causes that occur, sorted; ("event",) where EVENTS names none.
        rows: How many rows (with frequencies: subjects) belong to a group.
        notes: What was left out, what is not independent.
    """

    cells: pl.DataFrame
    labels: tuple[Label, ...]
    strata: tuple[Label, ...]
    causes: tuple[str, ...]
    rows: int
    notes: tuple[str, ...]

    def tally(self, group: int, stratum: int = 0) -> Tally:
        """Return the counts of one group in one stratum."""
        return tally_of(self.cells.filter(_group=group, _stratum=stratum))

    def tallies(self) -> list[Tally]:
        """Return each group's counts, strata taken together, in the order of the labels."""
        return [tally_of(self.cells.filter(_group=number)) for number in range(len(self.labels))]


def tally_of(cells: pl.DataFrame) -> Tally:
    """Return counted rows as arrays."""
    return Tally(*(cells[name].to_numpy() for name in ("_entry", "_time", "_cause", "_count", "_weight")))


def count_events(
    events: pl.DataFrame,
    by: str | None,
    *,
    strata: str | Sequence[str] | None = None,
    frequency: str | None = None,
    case_weights: str | None = None,
) -> EventCounts:
    """Return exact and right-censored times counted; one pass over the rows.

    The counts do not depend on the order of the rows, so nothing computed from them does.

    Raises:
        EstimationError: A column is missing; times are interval-censored, negative, not finite or contradict
            themselves; a subject enters late, on or after the day on which its time ends (who is there from the start
            may have an event on day 0); no row has a group or a stratum; weights cannot be used (see `weighting`).
    """
    check_columns(events)
    within = [strata] if isinstance(strata, str) else list(strata or ())
    require(events, [name for name in (by, *within) if name is not None], "the columns to group by")
    weights = weighting(events, frequency, case_weights)
    if not within and weights.column is None and (by is None or isinstance(events.schema[by], pl.Enum)):
        counts = _whole_days(events, by)
        if counts is not None:
            return counts
    counted = _counted(events, by, within, weights)
    if has_faults(counted):
        refuse_faults(events)
    return _arranged(events, counted, by, within, weights)


def _whole_days(events: pl.DataFrame, by: str | None) -> EventCounts | None:
    """Return counts by adding up alone: whole days, few causes, seen from the start; None where rows are otherwise."""
    causes = _few_causes(events)
    codes = None if causes is None else _day_codes(events, by, causes)
    if causes is None or codes is None:
        return None
    code, span = codes
    counts, size = np.bincount(code), len(causes) + 1
    held = np.flatnonzero(counts)
    columns = (held * 0, held // (size * span), np.zeros(len(held)), (held // size % span).astype(float), held % size)
    cells = pl.DataFrame(dict(zip(_KEYS, (*columns, np.ones(len(held))), strict=True)))
    labels = (None,) if by is None else tuple(levels(events[by]))
    cells = cells.with_columns(_count=pl.Series(counts[held], dtype=pl.Int64))
    notes = (*repeats_note(events, by), *causes_note(causes))
    return EventCounts(cells, labels, (None,), causes, events.height, notes)


def _day_codes(events: pl.DataFrame, by: str | None, causes: tuple[str, ...]) -> tuple[NDArray[np.int32], int] | None:
    """Return a number for each row's group, day and cause, and how many days there are; None where it cannot be."""
    entry, left, right = events["entry"], events["left"], events["right"]
    if any(values.null_count() for values in (entry, left, *([] if by is None else [events[by]]))):
        return None
    if not (left.min() >= 0 and left.max() < _LONGEST and (entry == 0).all() and (right == left).all()):  # type: ignore[operator]
        return None
    if "cause" in events.columns and not (right.is_null() == events["cause"].is_null()).all():
        return None
    time = left.to_numpy()
    day = time.astype(np.int32)
    if not np.array_equal(day, time):
        return None
    span = int(day.max()) + 1
    if span * (1 if by is None else len(levels(events[by]))) * (len(causes) + 1) > _CODES:
        return None
    if by is not None:
        day += events[by].to_physical().to_numpy() * np.int32(span)
    return day * np.int32(len(causes) + 1) + _cause_codes(events, causes), span


def _few_causes(events: pl.DataFrame) -> tuple[str, ...] | None:
    """Return the causes, sorted ("event" where none is named); None where there are many."""
    if "cause" not in events.columns or events["cause"].null_count() == events.height:
        return ("event",)
    cause = events["cause"]
    first = cause[cause.is_not_null().arg_max() or 0]
    if (cause == first).all():
        return (str(first),)
    found = levels(text(cause))
    return tuple(found) if len(found) <= _FEW else None


def _cause_codes(events: pl.DataFrame, causes: tuple[str, ...]) -> NDArray[np.int32]:
    """Return 0 for a censored time, else the number of its cause."""
    if len(causes) == 1:
        return events["right"].is_not_null().to_numpy().astype(np.int32)
    cause = text(events["cause"])
    codes = [number * (cause == name).fill_null(False).to_numpy() for number, name in enumerate(causes, start=1)]
    return np.asarray(sum(codes), dtype=np.int32)


def _counted(events: pl.DataFrame, by: str | None, within: list[str], weights: Weighting) -> pl.DataFrame:
    names = ["entry", "left", "right", *(["cause"] if "cause" in events.columns else [])]
    keys = list(dict.fromkeys([*([] if by is None else [by]), *within, *names]))
    weight = pl.lit(1.0) if weights.case_weights is None else pl.col(weights.case_weights).cast(pl.Float64)
    size = pl.len() if weights.frequency is None else pl.col(weights.frequency).cast(pl.Int64).sum()
    counted = (
        events.lazy().group_by([*keys, weight.alias("_weight")]).agg(size.cast(pl.Int64).alias("_count")).collect()
    )
    return counted.with_columns(pl.col("entry", "left", "right").cast(pl.Float64)).filter(pl.col("_count") > 0)


def _arranged(
    events: pl.DataFrame, counted: pl.DataFrame, by: str | None, within: list[str], weights: Weighting
) -> EventCounts:
    kept, notes = _with_values(counted, by, within)
    labels = (None,) if by is None else tuple(levels(kept[by]))
    strata, stratum = _strata(kept, within)
    ended = pl.col("right").is_not_null()
    named = "cause" in kept.columns
    causes = (tuple(levels(text(kept["cause"]))) if named else ()) or ("event",)
    code = _numbered(text(kept["cause"]), causes) + 1 if named else pl.lit(1)
    cells = kept.with_columns(
        (pl.lit(0) if by is None else _numbered(text(kept[by]), labels)).cast(pl.Int64).alias("_group"),
        stratum.alias("_stratum"),
        pl.col("entry").alias("_entry"),
        pl.col("left").alias("_time"),
        pl.when(ended).then(code).otherwise(0).cast(pl.Int64).alias("_cause"),
    )
    cells = cells.group_by(_KEYS).agg(pl.col("_count").sum()).sort(_KEYS)
    notes += (*repeats_note(events, by), *causes_note(causes))
    if weights.frequency is not None:
        notes += (f"{weights.frequency} says how many rows each row stands for",)
    return EventCounts(cells, labels, strata, causes, int(cells["_count"].sum()), notes)


def _with_values(counted: pl.DataFrame, by: str | None, within: list[str]) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Return the rows that have a group and strata, and a note on the others."""
    notes: list[str] = []
    total = int(counted["_count"].sum())
    for name, what in ((by, "group"), *((one, "stratum") for one in within)):
        if name is None:
            continue
        empty = int(counted.filter(~has_value(counted, name))["_count"].sum())
        if empty == int(counted["_count"].sum()):
            raise EstimationError(
                f"none of {total} rows has a value in {name!r}; pass by=None to take everyone together"
            )
        if empty:
            counted = counted.filter(has_value(counted, name))
            notes.append(f"{empty} of {total} rows have no value in {name} and belong to no {what}")
    return counted, tuple(notes)


def _strata(kept: pl.DataFrame, within: list[str]) -> tuple[tuple[Label, ...], pl.Series]:
    if not within:
        return (None,), pl.Series([0] * kept.height, dtype=pl.Int64)
    found = kept.select(within).unique().sort(within)
    names = tuple(", ".join(str(value) for value in row) for row in found.rows())
    place = kept.select(within).join(found.with_row_index("_stratum"), on=within, how="left", maintain_order="left")
    return names, place["_stratum"].cast(pl.Int64)


def _numbered(values: pl.Series, names: Sequence[Label]) -> pl.Series:
    numbers = pl.Series(range(len(names)), dtype=pl.Int64)
    return values.replace_strict(pl.Series(names, dtype=pl.String), numbers, return_dtype=pl.Int64)
