"""Histories laid out for the regressions of events that repeat: who is at risk of which event, on which clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl

from analyses.estimates.recurrent.histories import ordered
from cohort.errors import EstimationError, some

Model = Literal[
    "Andersen-Gill",
    "Prentice-Williams-Peterson total time",
    "Prentice-Williams-Peterson gap time",
    "Wei-Lin-Weissfeld",
]
# Below this many subjects at risk an event number tells little, and a note says so.
_FEW = 10


@dataclass(frozen=True)
class Layout:
    """EVENTS as a model reads them.

    Attributes:
        rows: EVENTS with their covariates; `event_no` is the number of the event that a row is at risk of.
        numbers: The event numbers that have rows, ascending.
        pooled: Whether the last of them stands for all later ones too.
        notes: What was left out or pooled, what rests on few.
    """

    rows: pl.DataFrame
    numbers: tuple[int, ...]
    pooled: bool
    notes: tuple[str, ...]

    def name(self, number: int) -> str:
        """Return how an event number is reported."""
        return f"event {number} or later" if self.pooled and number == self.numbers[-1] else f"event {number}"


def lay_out(
    events: pl.DataFrame, model: Model, *, fixed: list[str], max_events: int | None = None, last: int | None = None
) -> Layout:
    """Return the rows of a model.

    Andersen-Gill and Prentice-Williams-Peterson in total time take the rows as they are. In gap time each row's clock
    starts with the subject's event before it (with day 0 before the first). Wei-Lin-Weissfeld has one row a subject and
    event number: from the start to that event, or to the end of observation; its numbers go up to the most events that
    a subject has, or to `max_events`.

    Args:
        events: EVENTS with covariates, (entry, time].
        model: The model.
        fixed: Covariates and clusters, which Wei-Lin-Weissfeld takes from a subject's first row.
        max_events: A subject is at risk until its event of this number.
        last: Event numbers from this one on are one stratum.

    Raises:
        EstimationError: Rows overlap; event numbers do not follow one another; for Wei-Lin-Weissfeld, a covariate
            changes within a subject, or a subject is not observed all the time from its first event on.
    """
    for name, value in (("max_events", max_events), ("last", last)):
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
            raise EstimationError(f"{name}={value!r} was given; it is a whole number from 1 up")
    rows = _numbered(ordered(events))
    notes: list[str] = []
    if max_events is not None:
        within = rows.filter(pl.col("event_no") <= max_events)
        if model != "Wei-Lin-Weissfeld" and within.height < rows.height:
            notes.append(
                f"{rows.height - within.height} of {rows.height} rows follow a subject's event {max_events} and were "
                "left out (max_events)"
            )
    if model == "Wei-Lin-Weissfeld":
        rows = _marginal(rows, fixed, max_events if last is None else min(last, max_events or last))
        last = None
    else:
        rows = rows if max_events is None else within
        rows = _reset(rows) if model.endswith("gap time") else rows
    pooled = last is not None and bool((rows["event_no"] > last).any())
    if last is not None and pooled:
        rows = rows.with_columns(pl.col("event_no").clip(upper_bound=last))
        notes.append(f"event numbers from {last} on are taken together as one stratum")
    notes += _few(rows) if model.startswith("Prentice") else []
    return Layout(rows, tuple(rows["event_no"].unique().sort().to_list()), pooled, tuple(notes))


def _numbered(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with checked event numbers, counted where EVENTS has none, and the day of the event before."""
    same = (pl.col("subject_id") == pl.col("subject_id").shift(1)).fill_null(value=False)
    before = pl.col("_event").cast(pl.Int64).cum_sum().over("subject_id") - pl.col("_event").cast(pl.Int64)
    if "event_no" not in rows.columns:
        rows = rows.with_columns(event_no=before + 1)
    number = pl.col("event_no")
    follows = number == number.shift(1) + pl.col("_event").shift(1).cast(pl.Int64)
    bad = rows.filter(~pl.when(same).then(follows).otherwise(number >= 1).fill_null(value=False))
    if bad.height:
        who = bad["subject_id"].unique().sort()
        raise EstimationError(
            f"{bad.height} of {rows.height} rows have an event_no that does not follow from the row before ({len(who)} "
            f"subjects: {some(who)}); it is the number of the event that the row is at risk of: 1 up to the first "
            "event, then 2; mend it, or leave the column out to have events counted"
        )
    ended = pl.when("_event").then("_time").shift(1).over("subject_id").forward_fill().over("subject_id")
    unseen = pl.when(pl.col("event_no").first() > 1).then(pl.col("_entry").first()).otherwise(0.0).over("subject_id")
    return rows.with_columns(pl.col("event_no").cast(pl.Int64), _before=ended.fill_null(unseen))


def _reset(rows: pl.DataFrame) -> pl.DataFrame:
    since = pl.col("_before")
    day = pl.col("_time") - since
    return rows.with_columns(
        entry=pl.col("_entry") - since, left=day, right=pl.when("_event").then(day), _entry=pl.col("_entry") - since
    )


def _marginal(rows: pl.DataFrame, fixed: list[str], most: int | None) -> pl.DataFrame:
    _refuse_changing(rows, fixed)
    _refuse_unseen(rows)
    if most is None:
        most = max([1, *rows.filter("_event")["event_no"].to_list()])
    last = pl.col("_time").max().over("subject_id")
    each = rows.with_columns(_last=last).unique("subject_id", keep="first", maintain_order=True)
    numbers = pl.DataFrame({"event_no": range(1, most + 1)}, schema={"event_no": pl.Int64})
    wide = each.drop("event_no").join(numbers, how="cross").sort("subject_id", "event_no", maintain_order=True)
    named = rows if "cause" in rows.columns else rows.with_columns(cause=pl.lit(None, dtype=pl.String))
    of_number = named.filter("_event").select("subject_id", "event_no", _own=pl.col("_time"), _cause=pl.col("cause"))
    joined = wide.join(of_number, on=["subject_id", "event_no"], how="left", maintain_order="left")
    day = pl.coalesce("_own", "_last")
    return joined.with_columns(
        left=day, right=pl.col("_own"), cause=pl.col("_cause"), _time=day, _event=pl.col("_own").is_not_null()
    ).drop("_last", "_own", "_cause")


def _refuse_changing(rows: pl.DataFrame, fixed: list[str]) -> None:
    names = [name for name in fixed if name != "subject_id"]
    uneven = rows.group_by("subject_id").agg(pl.col(name).n_unique() for name in names)
    changing = [name for name in names if (uneven[name] > 1).any()]
    if changing:
        who = uneven.filter(pl.any_horizontal(pl.col(name) > 1 for name in changing))["subject_id"].sort()
        raise EstimationError(
            f"{some(changing)} changes from row to row in {len(who)} subjects ({some(who)}); the Wei-Lin-Weissfeld "
            "model follows each subject from the start to each of its events: use the value at the start, or another "
            "model"
        )


def _refuse_unseen(rows: pl.DataFrame) -> None:
    gap = (pl.col("_entry") > pl.col("_time").shift(1)).over("subject_id").fill_null(value=False)
    late = (pl.col("event_no") > 1) & pl.col("subject_id").is_first_distinct()
    unseen = rows.filter(gap | late)
    if unseen.height:
        who = unseen["subject_id"].unique().sort()
        raise EstimationError(
            f"{len(who)} subjects are not observed from their first event on without a gap ({some(who)}); the "
            "Wei-Lin-Weissfeld model counts events from the start: leave them out, or use another model"
        )


def _few(rows: pl.DataFrame) -> list[str]:
    counted = rows.group_by("event_no").agg(pl.col("subject_id").n_unique().cast(pl.Int64).alias("n"))
    small = counted.filter(pl.col("n") < _FEW).sort("event_no")
    if not small.height:
        return []
    first, n = small.row(0)
    advice = f"; last={max(first - 1, 1)} would take them together with those before" if first > 1 else ""
    return [f"from event {first} on fewer than {_FEW} subjects are at risk ({n} of event {first}){advice}"]
