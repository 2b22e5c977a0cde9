"""EVENTS read as histories: what happened to each subject in turn, checked to be one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analyses.estimates.event_faults import check_columns, refuse_faults
from analyses.estimates.event_times import causes_note
from analyses.estimates.groups import Label, grouped, text
from analyses.estimates.weighting import weighting
from cohort.errors import EstimationError, some

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
CENSORED, EVENT, TERMINAL = 0, 1, 2


@dataclass(frozen=True, eq=False)
class _Running:
    """Sorted values, and how many subjects there are up to each of them."""

    values: Floats
    total: Counts

    def below(self, days: Floats) -> Counts:
        return np.asarray(self.total[np.searchsorted(self.values, days, side="left")])

    def up_to(self, days: Floats) -> Counts:
        return np.asarray(self.total[np.searchsorted(self.values, days, side="right")])


@dataclass(frozen=True, eq=False)
class Histories:
    """One group's rows, sorted by subject and time; a subject's rows do not overlap.

    Attributes:
        subject: Number of the subject, from 0.
        since: At risk after this day; -1 where at risk on day 0 too, as in the first row of who is there from the
            start.
        time: Day on which the row ends.
        outcome: How it ends: CENSORED, EVENT (one that can come again) or TERMINAL.
        frequency: How many equal subjects the subject stands for.
    """

    subject: Counts
    since: Floats
    time: Floats
    outcome: Counts
    frequency: Counts

    @cached_property
    def _starts(self) -> _Running:
        return _running(self.since, self.frequency)

    @cached_property
    def _ends(self) -> dict[int | None, _Running]:
        ends: dict[int | None, _Running] = {None: _running(self.time, self.frequency)}
        for outcome in (CENSORED, EVENT, TERMINAL):
            of_it = self.outcome == outcome
            ends[outcome] = _running(self.time[of_it], self.frequency[of_it])
        return ends

    @property
    def subjects(self) -> int:
        """How many subjects there are, each as often as its frequency says."""
        first = np.concatenate([[True], self.subject[1:] != self.subject[:-1]])[: len(self.subject)]
        return int(self.frequency[first].sum())

    def at_risk(self, days: Floats) -> Counts:
        """Return how many subjects are under observation just before each day: since < day <= time."""
        return self._starts.below(days) - self._ends[None].below(days)

    def ended(self, days: Floats, outcome: int) -> Counts:
        """Return how many rows end so, up to and including each day."""
        return self._ends[outcome].up_to(days)


@dataclass(frozen=True)
class GroupedHistories:
    """The histories of each group, in the order of the labels; `frame` holds all rows, sorted by subject and time."""

    frame: pl.DataFrame
    labels: tuple[Label, ...]
    groups: tuple[Histories, ...]
    shared: int
    notes: tuple[str, ...]


def histories(
    events: pl.DataFrame, by: str | None, *, terminal: str | None = None, frequency: str | None = None
) -> GroupedHistories:
    """Return EVENTS as one history a subject; `shared` counts the subjects with rows in more than one group.

    Raises:
        EstimationError: Times cannot be used (see `refuse_faults`); a subject's rows overlap, or go on after the
            terminal event; nobody has the terminal event; a subject's rows differ in their frequency.
    """
    weights = weighting(events, frequency, None)
    read = ("subject_id", "entry", "left", "right", "cause", by, frequency)
    groups = grouped(ordered(events.select(name for name in dict.fromkeys(read) if name in events.columns)), by)
    kept = groups.frame if frequency is None else groups.frame.filter(pl.col(frequency) > 0)
    if not kept.height:
        raise EstimationError(f"0 of {events.height} rows have a frequency above 0; at least one is needed")
    size = pl.lit(1) if weights.frequency is None else pl.col(weights.frequency)
    kept = kept.with_columns(_frequency=size.cast(pl.Int64), _outcome=_outcomes(kept, terminal))
    if frequency is not None:
        _refuse_uneven(kept, frequency)
    _refuse_afterwards(kept, terminal)
    parts = tuple(_arrays(kept.filter(_group=number)) for number in range(len(groups.labels)))
    several = kept.group_by("subject_id").agg(pl.col("_group").n_unique()).filter(pl.col("_group") > 1).height
    causes = levels_of(kept.filter(pl.col("_outcome") == EVENT))
    return GroupedHistories(kept, groups.labels, parts, several, (*groups.notes, *causes_note(causes)))


def ordered(events: pl.DataFrame) -> pl.DataFrame:
    """Return the rows sorted by subject and time, with `_since`, `_time` and `_event`, after checking them.

    A subject with an event on day 0 is at risk on that day in its first row alone.

    Raises:
        EstimationError: Times cannot be used, a row names no subject, or a subject's rows overlap.
    """
    check_columns(events)
    if nameless := events["subject_id"].null_count():
        raise EstimationError(
            f"{nameless} of {events.height} rows have no subject_id; rows that follow one another are told by it: "
            "give it, or leave these rows out"
        )
    refuse_faults(events)
    rows = events.with_columns(
        _entry=pl.col("entry").cast(pl.Float64),
        _time=pl.col("left").cast(pl.Float64),
        _event=pl.col("right").is_not_null(),
    ).sort("subject_id", "_entry", "_time", "_event", maintain_order=True)
    again = (pl.col("subject_id") == pl.col("subject_id").shift(1)).fill_null(value=False)
    early = (pl.col("_entry") == 0) & ~again
    rows = rows.with_columns(_since=pl.when(early).then(-1.0).otherwise("_entry"))
    clash = again & ((pl.col("_entry") < pl.col("_time").shift(1)) | (pl.col("_since") >= pl.col("_time")))
    found = rows.filter(clash)
    if found.height:
        who = found["subject_id"].unique().sort()
        raise EstimationError(
            f"{found.height} of {rows.height} rows begin before the subject's row before them has ended ({len(who)} "
            f"subjects: {some(who)}); the rows of a subject follow one another on one clock, each from the event "
            "before it: mend `entry`, or keep one treatment of each subject"
        )
    return rows


def levels_of(rows: pl.DataFrame) -> list[str]:
    """Return the causes that occur, sorted; none where EVENTS has no causes."""
    return text(rows["cause"].drop_nulls()).unique().sort().to_list() if "cause" in rows.columns else []


def _outcomes(rows: pl.DataFrame, terminal: str | None) -> pl.Expr:
    plain = pl.when("_event").then(EVENT).otherwise(CENSORED)
    if terminal is None:
        return plain.cast(pl.Int64)
    found = levels_of(rows)
    if terminal not in found:
        raise EstimationError(
            f"terminal={terminal!r} is not among the causes of {int(rows['_event'].sum())} events ({some(found, 9)}); "
            "name the cause that ends all others, or leave `terminal` out where nobody had it"
        )
    ends = pl.col("cause").cast(pl.String) == terminal
    return pl.when(ends.fill_null(value=False)).then(TERMINAL).otherwise(plain).cast(pl.Int64)


def _refuse_afterwards(rows: pl.DataFrame, terminal: str | None) -> None:
    before = pl.col("_outcome").shift(1).over("subject_id")
    after = rows.filter(before == TERMINAL) if terminal is not None else rows.clear()
    if after.height:
        who = after["subject_id"].unique().sort()
        raise EstimationError(
            f"{len(who)} subjects have rows after {terminal!r}, which ends all others ({some(who)}); mend these rows"
        )


def _refuse_uneven(rows: pl.DataFrame, frequency: str) -> None:
    uneven = rows.group_by("subject_id").agg(pl.col("_frequency").n_unique()).filter(pl.col("_frequency") > 1)
    if uneven.height:
        raise EstimationError(
            f"{uneven.height} subjects have rows that differ in {frequency!r} ({some(uneven['subject_id'].sort())}); "
            "it says for how many equal subjects one stands, so that all its rows have the same"
        )


def _arrays(rows: pl.DataFrame) -> Histories:
    subject = (rows["subject_id"] != rows["subject_id"].shift(1)).fill_null(value=False).cast(pl.Int64).cum_sum()
    columns = (rows[name].to_numpy() for name in ("_since", "_time", "_outcome", "_frequency"))
    return Histories(subject.to_numpy(), *columns)


def _running(values: Floats, sizes: Counts) -> _Running:
    order = np.argsort(values, kind="stable")
    return _Running(values[order], np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(sizes[order])]))
