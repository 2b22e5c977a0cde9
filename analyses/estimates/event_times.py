"""Times taken out of EVENTS row by row, where covariates belong to the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from analyses.estimates.event_faults import check_columns, refuse_faults
from analyses.estimates.groups import Label, grouped


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


def exact_times(events: pl.DataFrame, by: str | None) -> EventTimes:
    """Return the rows of EVENTS with their entry, time and event, after checking that each is exact or right-censored.

    Raises:
        EstimationError: A column is missing; times are interval-censored, negative, not finite or contradict
            themselves; or a subject enters late, on or after the day on which its time ends. Who is there from the
            start may have an event on day 0.
    """
    check_columns(events)
    refuse_faults(events)
    times = events.with_columns(
        _entry=pl.col("entry").cast(pl.Float64),
        _time=pl.col("left").cast(pl.Float64),
        _event=pl.col("right").is_not_null(),
    )
    groups = grouped(times, by)
    causes = times["cause"].drop_nulls().unique().sort().to_list() if "cause" in times.columns else []
    return EventTimes(
        groups.frame, groups.labels, (*groups.notes, *repeats_note(groups.frame, by), *causes_note(causes))
    )


def repeats_note(events: pl.DataFrame, by: str | None) -> tuple[str, ...]:
    """Say how many subjects have several rows in a group."""
    subjects = events["subject_id"]
    if (subjects.shift(1) < subjects).all() or subjects.n_unique() == len(subjects):
        return ()
    keys = ["subject_id"] if by is None else ["subject_id", by]
    rows = events.select(keys).drop_nulls().group_by(keys).len()
    several = rows.filter(pl.col("len") > 1)["subject_id"].n_unique()
    if not several:
        return ()
    return (f"{several} subjects have more than one row in a group; errors and p values take all rows as independent",)


def causes_note(causes: Sequence[str]) -> tuple[str, ...]:
    """Say which causes are taken together."""
    if len(causes) < 2:
        return ()
    return (f"{len(causes)} causes are taken together as the one event: {', '.join(map(str, causes))}",)
