"""Interval-censored EVENTS counted by group and ends: all that the maximum likelihood estimate needs of the rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analyses.estimates.event_faults import check_columns, faults, refuse_faults
from analyses.estimates.event_times import causes_note, repeats_note
from analyses.estimates.groups import Label, levels, require, text
from analyses.estimates.weighting import weighting
from cohort.errors import EstimationError

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Intervals:
    """One group's distinct times, and how many rows have each.

    Attributes:
        entry: Day of coming under observation; 0 from the start.
        left: The event lies after this day, or on it where `right` is the same.
        right: The event lies on or before this day; inf where right-censored.
        count: How many rows.
    """

    entry: Floats
    left: Floats
    right: Floats
    count: Counts

    @property
    def size(self) -> int:
        """How many rows there are."""
        return int(self.count.sum())

    @property
    def events(self) -> int:
        """How many of them had the event."""
        return int(self.count[np.isfinite(self.right)].sum())

    @property
    def known(self) -> bool:
        """Whether each time is exact or right-censored."""
        return bool(np.all((self.left == self.right) | np.isinf(self.right)))

    @property
    def late(self) -> int:
        """How many rows enter late."""
        return int(self.count[self.entry > 0].sum())


@dataclass(frozen=True, eq=False)
class IntervalCounts:
    """Checked EVENTS, counted.

    Attributes:
        groups: One a label, in the same order.
        labels: The groups in reporting order; (None,) for everyone together.
        notes: What was left out, what is not independent.
    """

    groups: tuple[Intervals, ...]
    labels: tuple[Label, ...]
    notes: tuple[str, ...]


def count_intervals(events: pl.DataFrame, by: str | None, *, frequency: str | None = None) -> IntervalCounts:
    """Return exact, right-, left- and interval-censored times counted, whatever the order of the rows.

    Raises:
        EstimationError: A column is missing; times are negative, not finite or contradict themselves; a late entry
            lies after the left end, or on or after the day on which the time ends; no row has a group; a frequency is
            no whole number from 0 up.
    """
    check_columns(events)
    if by is not None:
        require(events, [by], "the column to group by")
    counted = _counted(events, by, frequency)
    rules = faults(counted.columns, intervals=True)
    if counted.select(pl.any_horizontal(rule.found.fill_null(False) for rule in rules).any()).item():
        refuse_faults(events, intervals=True)
    kept, notes = _with_group(counted, by)
    labels: tuple[Label, ...] = (None,) if by is None else tuple(levels(kept[by]))
    causes = levels(kept["cause"]) if "cause" in kept.columns else []
    notes += (*repeats_note(events, by), *causes_note(causes))
    if frequency is not None:
        notes += (f"{frequency} says how many rows each row stands for",)
    named = kept.with_columns(_group=pl.lit(None, pl.String) if by is None else text(kept[by]))
    return IntervalCounts(tuple(_group(named, label) for label in labels), labels, notes)


def _counted(events: pl.DataFrame, by: str | None, frequency: str | None) -> pl.DataFrame:
    column = weighting(events, frequency, None).column
    names = ["entry", "left", "right", *(["cause"] if "cause" in events.columns else [])]
    keys = list(dict.fromkeys([*([] if by is None else [by]), *names]))
    size = pl.len() if column is None else pl.col(column).cast(pl.Int64).sum()
    counted = events.lazy().group_by(keys).agg(size.cast(pl.Int64).alias("_count")).collect()
    return counted.with_columns(pl.col("entry", "left", "right").cast(pl.Float64)).filter(pl.col("_count") > 0)


def _with_group(counted: pl.DataFrame, by: str | None) -> tuple[pl.DataFrame, tuple[str, ...]]:
    if by is None or not counted[by].null_count():
        return counted, ()
    total = int(counted["_count"].sum())
    kept = counted.filter(pl.col(by).is_not_null())
    if not kept.height:
        raise EstimationError(f"none of {total} rows has a value in {by!r}; pass by=None to take everyone together")
    left_out = total - int(kept["_count"].sum())
    return kept, (f"{left_out} of {total} rows have no value in {by} and belong to no group",)


def _group(named: pl.DataFrame, label: Label) -> Intervals:
    keys = ["entry", "left", "right"]
    own = named.filter(pl.col("_group").eq_missing(pl.lit(label, pl.String)))
    own = own.with_columns(pl.col("right").fill_null(float("inf"))).group_by(keys).agg(pl.col("_count").sum())
    own = own.sort(keys)
    entry, left, right = (own[name].to_numpy() for name in keys)
    return Intervals(entry, left, right, own["_count"].to_numpy())


def recounted(left: Floats, right: Floats, count: Counts) -> Intervals:
    """Return times seen from the start, each distinct one once, in an order that does not depend on that of rows."""
    ends, place = np.unique(np.stack([left, right], axis=1), axis=0, return_inverse=True)
    counted = np.zeros(len(ends), dtype=np.int64)
    np.add.at(counted, place.ravel(), count)
    return Intervals(np.zeros(len(ends)), ends[:, 0].copy(), ends[:, 1].copy(), counted)
