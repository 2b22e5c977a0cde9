"""Exact and right-censored times taken out of EVENTS, and counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from analyses.estimates.groups import Label, grouped, require
from cohort.errors import EstimationError, some

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class EventTimes:
    """Checked rows of EVENTS.

    Attributes:
        frame: The rows, with `_group` (number of the label), `_entry`, `_time` (days) and `_event`.
        labels: The groups in reporting order.
        notes: What was left out, and what is not independent.
    """

    frame: pl.DataFrame
    labels: tuple[Label, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Tally:
    """One group's rows counted by entry, time and event, sorted; all that a rank method needs of them."""

    entry: Floats
    time: Floats
    event: NDArray[np.bool_]
    count: Counts

    def at_risk(self, times: ArrayLike) -> Counts:
        """Return how many are under observation just before each time: entry < t <= time (at 0: entry = 0)."""
        at = np.asarray(times, dtype=float)
        began = np.where(
            at <= 0, _below(self.entry, self.count, at, "right"), _below(self.entry, self.count, at, "left")
        )
        return began - _below(self.time, self.count, at, "left")

    def events_at(self, times: Floats) -> Counts:
        """Return how many events fall on each of the times."""
        return _on(self.time[self.event], self.count[self.event], times)

    def censored_at(self, times: Floats) -> Counts:
        """Return how many are censored on each of the times."""
        return _on(self.time[~self.event], self.count[~self.event], times)


def exact_times(events: pl.DataFrame, by: str | None) -> EventTimes:
    """Return the rows of EVENTS with their entry, time and event, after checking that each is exact or right-censored.

    Raises:
        EstimationError: A column is missing; times are interval-censored, negative, not finite or contradict
            themselves; or a subject enters late, on or after the day on which its time ends. Who is there from the
            start may have an event on day 0.
    """
    require(events, ["subject_id", "entry", "left", "right"], "events")
    if events.height == 0:
        raise EstimationError("there are 0 rows in events; at least one is needed")
    _refuse_contradictions(events)
    times = events.with_columns(
        _entry=pl.col("entry").cast(pl.Float64),
        _time=pl.col("left").cast(pl.Float64),
        _event=pl.col("right").is_not_null(),
    )
    _refuse_impossible(times)
    groups = grouped(times, by)
    return EventTimes(
        groups.frame, groups.labels, (*groups.notes, *_repeats_note(groups.frame), *_causes_note(groups.frame))
    )


def tallies(times: EventTimes) -> list[Tally]:
    """Return each group's counts, in the order of the labels.

    Counts do not depend on the order of the rows, so nothing computed from them does.
    """
    keys = ["_group", "_entry", "_time", "_event"]
    counted = times.frame.group_by(keys).len("_count").sort(keys)
    return [_tally(counted.filter(_group=number)) for number in range(len(times.labels))]


def _tally(counted: pl.DataFrame) -> Tally:
    return Tally(
        counted["_entry"].to_numpy(),
        counted["_time"].to_numpy(),
        counted["_event"].to_numpy(),
        counted["_count"].cast(pl.Int64).to_numpy(),
    )


def _below(values: Floats, count: Counts, at: Floats, side: str) -> Counts:
    order = np.argsort(values, kind="stable")
    total = np.concatenate([[0], np.cumsum(count[order])])
    where = np.searchsorted(values[order], at, side="right" if side == "right" else "left")
    return np.asarray(total[where], dtype=np.int64)


def _on(values: Floats, count: Counts, at: Floats) -> Counts:
    return _below(values, count, at, "right") - _below(values, count, at, "left")


def _refuse_contradictions(events: pl.DataFrame) -> None:
    unknown = events.filter(pl.any_horizontal(pl.col("entry", "left").is_null()))
    _refuse(
        unknown, events, "have no entry or no left end", "give `entry` (0 unless it is late) and `left` for every row"
    )
    ended = pl.col("right").is_not_null()
    crossed = events.filter(ended & (pl.col("left") > pl.col("right")))
    _refuse(crossed, events, "end before they begin (left > right)", "mend these rows")
    interval = events.filter(ended & (pl.col("left") < pl.col("right")))
    advice = (
        "use an estimator for interval-censored times, or say which day stands for the event by setting left = right"
    )
    _refuse(
        interval, events, "are interval-censored (left < right), and this estimator needs the day of the event", advice
    )
    if "cause" not in events.columns:
        return
    silent = events.filter(ended != pl.col("cause").is_not_null())
    _refuse(
        silent,
        events,
        "contradict themselves: an event has a `right` end and a cause, a censored time neither",
        "mend them",
    )


def _refuse_impossible(times: pl.DataFrame) -> None:
    endless = times.filter(~pl.all_horizontal(pl.col("_entry", "_time").is_finite()))
    _refuse(endless, times, "are not finite", "give days; a censored time has its last observed day as `left`")
    negative = times.filter((pl.col("_time") < 0) | (pl.col("_entry") < 0))
    _refuse(negative, times, "are negative", "let the clock start at or before the first observed day")
    late = times.filter((pl.col("_entry") > 0) & (pl.col("_entry") >= pl.col("_time")))
    advice = "nobody was at risk in between: leave these subjects out of the population, or let the clock start earlier"
    _refuse(late, times, "end on or before the day of a late entry (entry >= time)", advice)


def _refuse(bad: pl.DataFrame, all_rows: pl.DataFrame, fact: str, advice: str) -> None:
    if bad.height:
        subjects = some(bad["subject_id"].unique().sort())
        raise EstimationError(f"{bad.height} of {all_rows.height} times {fact} (subjects {subjects}); {advice}")


def _repeats_note(frame: pl.DataFrame) -> tuple[str, ...]:
    rows = frame.group_by("subject_id", "_group").len()
    several = rows.filter(pl.col("len") > 1)["subject_id"].n_unique()
    if not several:
        return ()
    return (f"{several} subjects have more than one row in a group; errors and p values take all rows as independent",)


def _causes_note(frame: pl.DataFrame) -> tuple[str, ...]:
    causes = frame["cause"].drop_nulls().unique().sort().to_list() if "cause" in frame.columns else []
    if len(causes) < 2:
        return ()
    return (f"{len(causes)} causes are taken together as the one event: {', '.join(causes)}",)
