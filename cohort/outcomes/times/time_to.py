"""Outcomes -> EVENTS: where the clock starts, what ends it, what competes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import polars as pl

from cohort.closed_lists import STOP_REASONS
from cohort.criteria import EVER, Criterion
from cohort.errors import CriterionError, some
from cohort.outcomes.times.clocks import clock_of
from cohort.outcomes.times.events import Timing
from cohort.records.study import Study, check_study


def time_to(
    study: Study,
    criterion: Criterion,
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

    Sustained remission: like remission; the event falls on the rating with which it has lasted long enough.

    Relapse: the clock starts on the day on which the first remission was established; the event is the return that
    ended it, on the day of its confirmation. Without one, time is censored at the last rating, or at recovery; where a
    gap hides whether a return came before recovery, at the last rating before the gap. Who was never in remission is
    not in it.

    The n-th seizure: the clock starts on day 0; the event is a seizure, so that later is better. Totals over several
    days, and missing days that the criterion leaves open, place it between two days. Without it, time is censored at
    the last recorded day that counts.

    Referral: the clock starts on the day on which resistance was first established; the event is the first referral
    from that day on. Who was never referred is censored at the end of follow-up.

    Resistance to drugs: the clock starts with the first treatment; the event falls on the day on which resistance was
    first established, whatever comes later, and never before: who turns out to be resistant is not so from the start.
    Without it, time is censored at the last day followed. Who has no treatment is not in it.

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
        baseline, without the baseline that a response needs, without the treatment, or never resistant; treatments
        without a day in the diary; times that end on or before a late entry.

    Raises:
        CriterionError: A competing reason is not a reason for stopping; retention already takes every reason as a
            cause; the criterion names an endpoint; reasons compete where the study has no treatments; the timing or the
            kind of criterion is unknown.
    """
    _check(study, criterion, timing, compete)
    return clock_of(criterion).tell(study, criterion, timing, compete)


def _check(study: Study, criterion: Criterion, timing: str, compete: Sequence[str]) -> None:
    check_study(study)
    clock_of(criterion)
    if getattr(criterion, "endpoint", None) not in (None, EVER):
        raise CriterionError(
            f"time to an outcome takes no endpoint, and {criterion.label!r} names one: the event is the first rating "
            "that satisfies the rule"
        )
    if timing not in get_args(Timing):
        raise CriterionError(f"timing is {' or '.join(map(repr, get_args(Timing)))}, not {timing!r}")
    listed = isinstance(compete, Sequence) and not isinstance(compete, str)
    reasons = list(compete) if listed else [compete]
    unknown = [reason for reason in reasons if not isinstance(reason, str) or reason not in STOP_REASONS]
    if unknown or not listed:
        raise CriterionError(
            f"`compete` is a list of reasons for stopping, not {some(unknown or reasons)}; "
            f"the reasons are {some(STOP_REASONS, 20)}"
        )
    if reasons and study.treatments.is_empty():
        raise CriterionError(f"{some(reasons)} cannot compete: the study has no treatments that could be stopped")
