"""The wall of times by treatment: EVENTS with one row a subject and treatment in, checked rows out."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from analyses.estimates.competing.causes import require_cause
from analyses.estimates.event_faults import check_columns, refuse_faults
from analyses.estimates.groups import Label, levels, require, text
from cohort.errors import EstimationError, some

SUBJECT, NUMBER = "subject_id", "treatment_no"


@dataclass(frozen=True)
class TreatmentEvents:
    """Rows of EVENTS by treatment, sorted by subject and treatment number.

    Attributes:
        parts: Each cohort's name and rows; the name None for one cohort.
        notes: What was left out, and what hides behind the rows.
    """

    parts: tuple[tuple[Label, pl.DataFrame], ...]
    notes: tuple[str, ...]


def treatment_events(events: pl.DataFrame, *, cause: str, by: str | None) -> TreatmentEvents:
    """Return checked rows of EVENTS, one a subject and treatment, the clock starting with each treatment.

    Raises:
        EstimationError: A column is missing; times cannot be used (see `refuse_faults`); treatments have no number, or
            a subject has a treatment twice; the cause does not occur.
    """
    check_columns(events)
    require(events, [NUMBER], "times by treatment")
    require(events, [by] if by is not None else [], "the column that names the cohort")
    refuse_faults(events)
    require_cause(events, cause)
    _refuse_numbers(events)
    kept = events if by is None else events.filter(pl.col(by).is_not_null())
    if not kept.height:
        raise EstimationError(f"none of {events.height} rows has a value in {by!r}; pass by=None for one cohort")
    kept = kept.sort(SUBJECT, NUMBER)
    names = [None] if by is None else [name for name in levels(kept[by]) if (text(kept[by]) == name).any()]
    parts = [(name, kept if name is None or by is None else kept.filter(text(kept[by]) == name)) for name in names]
    left_out = events.height - kept.height
    notes = [f"{left_out} of {events.height} rows have no value in {by} and belong to no cohort"] if left_out else []
    return TreatmentEvents(tuple(parts), (*notes, *_lacking(kept)))


def of_cause(events: pl.DataFrame, cause: str) -> pl.DataFrame:
    """Return the rows with every other cause as a censoring."""
    own = (pl.col("cause").cast(pl.String) == cause).fill_null(value=False)
    return events.with_columns(right=pl.when(own).then("right"), cause=pl.when(own).then("cause"))


def _refuse_numbers(events: pl.DataFrame) -> None:
    numbers = events[NUMBER]
    if not numbers.dtype.is_integer():
        raise EstimationError(f"{NUMBER} is {numbers.dtype}; expected whole numbers from 1")
    bad = events.filter(pl.col(NUMBER).is_null() | (pl.col(NUMBER) < 1))
    if bad.height:
        raise EstimationError(
            f"{bad.height} of {events.height} rows have no treatment number from 1 on (subjects "
            f"{some(bad[SUBJECT].unique().sort())}); give each row the number of its treatment"
        )
    twice = events.filter(pl.struct(SUBJECT, NUMBER).is_duplicated())
    if twice.height:
        raise EstimationError(
            f"{twice.height} rows are one of several of a subject and treatment (subjects "
            f"{some(twice[SUBJECT].unique().sort())}); times by treatment have one row of each"
        )


def _lacking(rows: pl.DataFrame) -> list[str]:
    """Say how many subjects have a later treatment and not all of those before it."""
    last = rows.group_by(SUBJECT).agg(pl.col(NUMBER).max().alias("last"), pl.len())
    gaps = last.filter(pl.col("last") > pl.col("len")).height
    if not gaps:
        return []
    return [
        f"{gaps} of {last.height} subjects lack a row for a treatment before their last; what they spent on it is not "
        "known"
    ]
