"""Outcomes -> EVENTS: where the clock starts, what ends it, what competes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import polars as pl

from cohort.criteria import EVER, Remission, Response, Retention, SeizureFreedom
from cohort.errors import CriterionError, some
from cohort.outcomes.registry import classify
from cohort.outcomes.ratings import rated
from cohort.outcomes.retention import course_of, courses
from cohort.records.study import Study
from cohort.schemas import EVENTS, STOP_REASONS

Timing = Literal["first visit", "interval"]


def time_to(
    study: Study,
    criterion: Remission | Response | SeizureFreedom | Retention,
    *,
    timing: Timing = "first visit",
    compete: Sequence[str] = (),
) -> pl.DataFrame:
    """Return the time to an outcome.

    The clock starts with the treatment for `Retention` and `SeizureFreedom`, and on day 0 for `Remission` and `Response`, whose
    endpoint is not used: the event is the first rating after baseline that satisfies the rule. Retention ends in a withdrawal,
    whose cause is the reason; sustained freedom happens on the day that it is completed, not on the day its run began.
    Without an event, time is censored at the last rating, the stop of the treatment, or the end of the records.

    Args:
        study: The study.
        criterion: What is waited for.
        timing: For ratings: "first visit" takes the day of the first visit that satisfies the rule as the day of the event;
            "interval" places it between the last visit before (day 0 if none) and that visit.
        compete: Reasons for stopping a treatment that are causes of their own, such as "intolerance". Every other stop
            censors, which assumes that it says nothing about what would have followed.

    Returns:
        EVENTS, one row a subject (a treatment, for sustained freedom). Subjects without a rating after baseline, or without the
        treatment, are not in it.

    Raises:
        CriterionError: A competing reason is not a reason for stopping; retention already takes every reason as a cause.
    """
    unknown = [reason for reason in compete if reason not in STOP_REASONS]
    if unknown:
        raise CriterionError(f"{some(unknown)} are not reasons for stopping; these are: {some(STOP_REASONS, 20)}")
    if isinstance(criterion, Retention):
        if compete:
            raise CriterionError("retention takes every reason for stopping as a cause; leave `compete` out")
        return _withdrawals(study, criterion)
    if isinstance(criterion, SeizureFreedom):
        return _freedom(study, criterion, compete)
    return _first_rating(study, criterion, timing, compete)


def _withdrawals(study: Study, criterion: Retention) -> pl.DataFrame:
    stopped = pl.col("stop").is_not_null()
    reason = pl.col("stop_reason").cast(pl.String).fill_null("not recorded")
    on = (pl.col("end") - pl.col("start")).cast(pl.Float64)
    return _events(course_of(study, criterion), on, pl.when(stopped).then(on), pl.when(stopped).then(reason))


def _freedom(study: Study, criterion: SeizureFreedom, compete: Sequence[str]) -> pl.DataFrame:
    outcomes = classify(study, criterion).select("subject_id", "treatment_no", "verdict", reached="day")
    units = courses(study).join(outcomes, on=["subject_id", "treatment_no"])
    free = pl.col("verdict") == "met"
    until = pl.when(free).then("reached").otherwise("end") - pl.col("start")
    cause = pl.when(free).then(pl.lit("sustained freedom")).when(_competing(compete)).then(pl.col("stop_reason").cast(pl.String))
    return _events(units, until, pl.when(cause.is_not_null()).then(until), cause)


def _first_rating(study: Study, criterion: Remission | Response, timing: Timing, compete: Sequence[str]) -> pl.DataFrame:
    after = rated(study, criterion.scale).filter(pl.col("day") > 0)
    outcomes = classify(study, replace(criterion, endpoint=EVER)).select("subject_id", "verdict", reached="day")
    units = after.group_by("subject_id").agg(last=pl.col("day").max()).join(outcomes, on="subject_id")
    previous = after.join(outcomes, on="subject_id").filter(pl.col("day") < pl.col("reached"))
    units = units.join(previous.group_by("subject_id").agg(previous=pl.col("day").max()), on="subject_id", how="left")
    first_stop = courses(study).drop_nulls("stop").sort("stop").group_by("subject_id", maintain_order=True).first()
    units = units.join(first_stop.select("subject_id", "stop", "stop_reason"), on="subject_id", how="left")
    met = pl.col("verdict") == "met"
    left_early = ~met & _competing(compete)
    end = pl.when(met).then("reached").when(left_early).then("stop").otherwise("last").cast(pl.Float64)
    begin = pl.when(met).then(pl.col("previous").fill_null(0.0)).otherwise(end) if timing == "interval" else end
    what = "remission" if isinstance(criterion, Remission) else "response"
    cause = pl.when(met).then(pl.lit(what)).when(left_early).then(pl.col("stop_reason").cast(pl.String))
    return _events(units, begin, pl.when(cause.is_not_null()).then(end), cause)


def _competing(compete: Sequence[str]) -> pl.Expr:
    return pl.col("stop_reason").cast(pl.String).is_in(list(compete)).fill_null(False)


def _events(units: pl.DataFrame, left: pl.Expr, right: pl.Expr, cause: pl.Expr) -> pl.DataFrame:
    number = [pl.col("treatment_no")] if "treatment_no" in units.columns else []
    frame = units.select(
        "subject_id",
        *number,
        pl.lit(1, dtype=pl.Int64).alias("event_no"),
        pl.lit(0.0).alias("entry"),
        left.cast(pl.Float64).alias("left"),
        right.cast(pl.Float64).alias("right"),
        cause.alias("cause"),
    )
    return EVENTS.conform(frame)
