"""Outcomes -> EVENTS: where the clock starts, what ends it, what competes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, get_args

import polars as pl

from cohort.closed_lists import STOP_REASONS
from cohort.criteria import EVER, Remission, Response, Retention, SeizureFreedom
from cohort.errors import CriterionError, some
from cohort.outcomes.courses import UNIT, courses
from cohort.outcomes.ratings import after_baseline
from cohort.outcomes.registry import classify
from cohort.outcomes.retention import needs_treatment
from cohort.outcomes.runs import recorded_under
from cohort.records.derive import diary
from cohort.records.study import Study
from cohort.schemas import EVENTS

Timing = Literal["first visit", "interval"]


def time_to(
    study: Study,
    criterion: Remission | Response | SeizureFreedom | Retention,
    *,
    timing: Timing = "first visit",
    compete: Sequence[str] = (),
) -> pl.DataFrame:
    """Return the time to an outcome.

    Retention: the clock starts with the treatment and ends with its stop, whose reason is the cause ("not recorded"
    where it is missing). Without a stop, time is censored at the end of follow-up.

    Sustained freedom: the clock starts with the treatment. The event falls on the day that freedom is completed, not on
    the day its run began. Without it, time is censored at the last day with a seizure record under the treatment, so a
    stop censors unless its reason competes.

    Remission and response: the clock starts on day 0; the event is the first rating after baseline that satisfies the
    rule, so the criterion names no endpoint. Without one, time is censored at the last rating: stopping a
    treatment does not end it unless its reason competes. Where the last visit's ratings fall on different days, who is
    rated early among them without the outcome is censored before the others are seen: from there on a Kaplan-Meier
    curve of "first visit" times lies too low. A subject who enters in remission, or with a baseline of zero,
    is like any other: choose the population.

    Entry is late where the subject comes under observation (`first_day`) after the clock's start.

    Args:
        study: The study.
        criterion: What is waited for.
        timing: For ratings: "first visit" takes the day of the first visit that satisfies the rule as the day of the
            event; "interval" places it between the last visit before (day 0, or the entry, if none) and that visit.
        compete: Reasons for stopping a treatment that are causes of their own, such as "intolerance"; what comes first
            is the event, the visit on a tie. "inefficacy and intolerance" competes if either does, under its full name.
            For ratings the first such stop of any treatment after day 0 counts.

    Returns:
        EVENTS, one row a subject (a treatment, for sustained freedom). Not in it: subjects without a rating after
        baseline, without the baseline that a response needs, or without the treatment; treatments without a day in the
        diary; times that end on or before a late entry.

    Raises:
        CriterionError: A competing reason is not a reason for stopping; retention already takes every reason as a
            cause; the criterion names an endpoint; reasons compete where the study has no treatments; the timing or the
            kind of criterion is unknown.
    """
    _check(study, criterion, timing, compete)
    if isinstance(criterion, Retention):
        return _withdrawals(study, criterion)
    if isinstance(criterion, SeizureFreedom):
        return _freedom(study, criterion, compete)
    return _first_rating(study, criterion, timing, compete)


def _check(study: Study, criterion: object, timing: str, compete: Sequence[str]) -> None:
    if not isinstance(criterion, Remission | Response | SeizureFreedom | Retention):
        raise CriterionError(
            f"there is no time to a {type(criterion).__name__}; "
            "wait for Remission, Response, SeizureFreedom or Retention"
        )
    if getattr(criterion, "endpoint", None) not in (None, EVER):
        raise CriterionError(
            f"time to an outcome takes no endpoint, and {criterion.label!r} names one: the event is the first rating "
            "that satisfies the rule"
        )
    if timing not in get_args(Timing):
        raise CriterionError(f"timing is {' or '.join(map(repr, get_args(Timing)))}, not {timing!r}")
    reasons = [compete] if isinstance(compete, str) else list(compete)
    unknown = [reason for reason in reasons if reason not in STOP_REASONS]
    if unknown or isinstance(compete, str):
        raise CriterionError(
            f"`compete` is a list of reasons for stopping, not {some(unknown or reasons)}; "
            f"the reasons are {some(STOP_REASONS, 20)}"
        )
    if reasons and isinstance(criterion, Retention):
        raise CriterionError("retention takes every reason for stopping as a cause; leave `compete` out")
    if reasons and study.treatments.is_empty():
        raise CriterionError(f"{some(reasons)} cannot compete: the study has no treatments that could be stopped")


def _withdrawals(study: Study, criterion: Retention) -> pl.DataFrame:
    needs_treatment(study, criterion)
    units = courses(study).filter(treatment_no=criterion.treatment_no)
    stopped = pl.col("stop").is_not_null()
    reason = pl.col("stop_reason").cast(pl.String).fill_null("not recorded")
    return _events(study, units.with_columns(until="end", cause=pl.when(stopped).then(reason)))


def _freedom(study: Study, criterion: SeizureFreedom, compete: Sequence[str]) -> pl.DataFrame:
    outcomes = classify(study, criterion).select(*UNIT, reached=pl.when(verdict="met").then("day"))
    units = courses(study).join(outcomes, on=UNIT)
    recorded = recorded_under(units, diary(study)).group_by(UNIT).agg(recorded=pl.col("end").max())
    units = units.join(recorded, on=UNIT)
    free, stopped = pl.col("reached").is_not_null(), _competing(compete)
    until = pl.when(free).then("reached").when(stopped).then("stop").otherwise("recorded")
    cause = pl.when(free).then(pl.lit("sustained freedom")).when(stopped).then(pl.col("stop_reason").cast(pl.String))
    return _events(study, units.with_columns(until=until, cause=cause).drop_nulls("until"))


def _first_rating(
    study: Study, criterion: Remission | Response, timing: Timing, compete: Sequence[str]
) -> pl.DataFrame:
    outcomes = classify(study, replace(criterion, endpoint=EVER)).filter(pl.col("verdict") != "undetermined")
    reached = outcomes.select("subject_id", reached=pl.when(verdict="met").then("day"))
    rated = after_baseline(study, criterion.scale).join(reached, on="subject_id")
    before = pl.col("day").filter((pl.col("day") < pl.col("reached")).fill_null(False)).max()
    units = rated.group_by("subject_id", maintain_order=True).agg(
        pl.col("reached").first(), start=pl.lit(0), last=pl.col("day").max(), before=before
    )
    units = units.join(_first_stop(study, compete), on="subject_id", how="left")
    stopped = pl.col("stop").is_not_null() & (pl.col("stop") < pl.col("reached").fill_null(float("inf")))
    met = pl.col("reached").is_not_null() & ~stopped
    what = "remission" if isinstance(criterion, Remission) else "response"
    units = units.with_columns(
        until=pl.when(stopped).then("stop").when(met).then("reached").otherwise("last"),
        cause=pl.when(stopped).then(pl.col("stop_reason").cast(pl.String)).when(met).then(pl.lit(what)),
        since=pl.when(met).then(pl.col("before").fill_null(0)),
    )
    return _events(study, units if timing == "interval" else units.drop("since"))


def _first_stop(study: Study, compete: Sequence[str]) -> pl.DataFrame:
    """Return each subject's first stop after day 0 for a competing reason: `subject_id, stop, stop_reason`."""
    stops = courses(study).filter(_competing(compete) & (pl.col("stop") > 0)).sort("subject_id", "stop", "treatment_no")
    return stops.group_by("subject_id", maintain_order=True).first().select("subject_id", "stop", "stop_reason")


def _competing(compete: Sequence[str]) -> pl.Expr:
    either = {"inefficacy", "intolerance"} & set(compete)
    reasons = [*compete, *(["inefficacy and intolerance"] if either else [])]
    return pl.col("stop_reason").cast(pl.String).is_in(reasons).fill_null(False)


def _events(study: Study, units: pl.DataFrame) -> pl.DataFrame:
    """Return EVENTS of units with `start, until, cause`, and `since` where the event lies between it and `until`."""
    number = [pl.col("treatment_no")] if "treatment_no" in units.columns else []
    start = pl.col("start")
    late = units.join(study.subjects.select("subject_id", "first_day"), on="subject_id", how="left").with_columns(
        entry=pl.max_horizontal(pl.lit(0), pl.col("first_day") - start).cast(pl.Float64),
        until=(pl.col("until") - start).cast(pl.Float64),
    )
    since = (pl.col("since") - start).cast(pl.Float64) if "since" in units.columns else pl.lit(None, dtype=pl.Float64)
    frame = late.filter((pl.col("entry") == 0) | (pl.col("until") > pl.col("entry"))).select(
        "subject_id",
        *number,
        "entry",
        "cause",
        pl.lit(1, dtype=pl.Int64).alias("event_no"),
        left=pl.when(since.is_not_null()).then(pl.max_horizontal(since, "entry")).otherwise("until"),
        right=pl.when(pl.col("cause").is_not_null()).then("until"),
    )
    return EVENTS.conform(frame)
