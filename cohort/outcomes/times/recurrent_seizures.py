"""Days with seizures as events that repeat."""

from __future__ import annotations

import polars as pl

from cohort.errors import CriterionError, some
from cohort.records.derive import diary
from cohort.records.study import Study, check_study
from cohort.schemas import EVENTS

SUBJECT = "subject_id"


def recurrent_seizures(study: Study, *, from_day: int = 1, to_day: int | None = None) -> pl.DataFrame:
    """Return each day with a seizure as an event, and each stretch of recorded days between them as time at risk.

    The clock starts on the day before `from_day` and does not start again. A row covers recorded days without a gap: it
    ends with the next day that has a seizure (the event, cause "seizure", however many seizures that day had), or where
    the records stop (censored). Days that are missing are not at risk: after them a new row enters late, under the same
    `event_no`. So the rows of a subject do not overlap, as estimators of recurrent events need it.

    Args:
        study: The study.
        from_day: The first day that counts; 1 is the day after the index.
        to_day: The last day that counts; None is the end of the records.

    Returns:
        EVENTS; `event_no` is the number of earlier seizure days plus 1. Not in it: subjects without a recorded day.

    Raises:
        CriterionError: The study has no seizure records; totals over several days hold seizures, so that their days are
            not known; no day lies between `from_day` and `to_day`.

    >>> records = {"day": [1, 2, 3, 6, 7], "days": 1, "count": [0, 2, 0, 0, 1]}
    >>> seizures = pl.DataFrame({"subject_id": ["a"] * 5, **records})
    >>> study = Study(name="one", subjects=pl.DataFrame({"subject_id": ["a"]}), seizures=seizures)
    >>> recurrent_seizures(study).select("event_no", "entry", "left", "right").rows()
    [(1, 0.0, 2.0, 2.0), (2, 2.0, 3.0, None), (2, 5.0, 7.0, 7.0)]
    """
    check_study(study)
    if study.seizures.is_empty():
        raise CriterionError("the study has no seizure records; events that repeat are taken from a diary")
    if from_day < 1 or (to_day is not None and to_day < from_day):
        raise CriterionError(
            f"from_day={from_day} and to_day={to_day}: count from day 1 or later, up to that day or after"
        )
    spans = _recorded(study, from_day, to_day)
    _refuse_totals(spans)
    begins = (pl.col("day") > pl.col("end").shift(1) + 1).over(SUBJECT).fill_null(False)
    event = pl.col("count") > 0
    numbered = spans.with_columns(
        run=begins.cum_sum().over(SUBJECT), event_no=(event.cum_sum().over(SUBJECT) - event + 1).cast(pl.Int64)
    )
    rows = numbered.group_by(SUBJECT, "run", "event_no", maintain_order=True).agg(
        entry=(pl.col("day").first() - from_day).cast(pl.Float64),
        left=(pl.col("end").last() - from_day + 1).cast(pl.Float64),
        seizure=event.last(),
    )
    ended = pl.when("seizure")
    named = rows.with_columns(right=ended.then("left"), cause=ended.then(pl.lit("seizure")))
    return EVENTS.conform(named.drop("run", "seizure"))


def _recorded(study: Study, from_day: int, to_day: int | None) -> pl.DataFrame:
    """Return the recorded spans from the first day on: `subject_id, day, end, days, count`, in order."""
    spans = diary(study).filter(pl.col("count").is_not_null()).with_columns(end=pl.col("day") + pl.col("days") - 1)
    inside = spans.filter(pl.col("end") >= from_day, pl.col("day") <= (to_day if to_day is not None else pl.col("day")))
    last = pl.col("end") if to_day is None else pl.min_horizontal("end", pl.lit(to_day))
    return inside.with_columns(day=pl.max_horizontal("day", pl.lit(from_day)), end=last).sort(SUBJECT, "day")


def _refuse_totals(spans: pl.DataFrame) -> None:
    totals = spans.filter(pl.col("days") > 1, pl.col("count") > 0)
    if totals.height:
        raise CriterionError(
            f"{totals.height} records are totals over several days with seizures (subjects "
            f"{some(totals[SUBJECT].unique().sort())}); on which days they fell is not known: compare rates instead"
        )
