"""Of which criterion a time is told, by whom, and what its clock means: one registry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from cohort.criteria import (
    Criterion,
    DrugResistance,
    NthSeizure,
    Referral,
    Relapse,
    Remission,
    Response,
    Retention,
    SeizureFreedom,
    SustainedRemission,
)
from cohort.errors import CriterionError
from cohort.outcomes.findings.referral import time_to_referral
from cohort.outcomes.seizures.nth_seizure import time_to_nth_seizure
from cohort.outcomes.times.events import Timing
from cohort.outcomes.times.freedom import time_to_freedom
from cohort.outcomes.times.rating import time_to_rating, time_to_sustained
from cohort.outcomes.times.relapse import time_to_relapse
from cohort.outcomes.times.resistance import time_to_resistance
from cohort.outcomes.times.withdrawal import time_to_withdrawal
from cohort.records.study import Study


@dataclass(frozen=True)
class Clock:
    """How a time is told.

    Attributes:
        tell: From study, criterion, timing and competing reasons to EVENTS.
        starts: What happened on day 0 of the clock, in words; null where it is the study's index.
        ends: Where time is censored without the event, in words.
        absent: Who has no time, in words: "without the treatment".
        cause: How EVENTS calls the event; null where each reason for stopping is a cause, or the criterion says it.
    """

    tell: Callable[[Study, Any, Timing, Sequence[str]], pl.DataFrame]
    starts: str | None
    ends: str
    absent: str
    cause: str | None


_LAST_RATING, _UNRATED = "the last rating", "without a rating after baseline"
CLOCKS: dict[type, Clock] = {
    Remission: Clock(time_to_rating, None, _LAST_RATING, _UNRATED, "remission"),
    Response: Clock(time_to_rating, None, _LAST_RATING, "without a baseline or a rating after it", None),
    SustainedRemission: Clock(time_to_sustained, None, _LAST_RATING, _UNRATED, "sustained remission"),
    Relapse: Clock(
        time_to_relapse,
        "the day on which the first remission was established",
        "the last rating, recovery, or the last rating before a gap that hides which came first",
        "who were never seen in remission",
        "relapse",
    ),
    SeizureFreedom: Clock(
        time_to_freedom,
        "the start of the treatment",
        "the treatment's last recorded day",
        "without a treatment, or without a recorded day under one",
        "sustained freedom",
    ),
    Retention: Clock(
        time_to_withdrawal, "the start of the treatment", "the end of follow-up", "without the treatment", None
    ),
    NthSeizure: Clock(
        time_to_nth_seizure, None, "the last recorded day that counts", "without a recorded day", "seizures"
    ),
    Referral: Clock(
        time_to_referral,
        "the day on which resistance was established",
        "the end of follow-up",
        "who were never resistant",
        "referral",
    ),
    DrugResistance: Clock(
        time_to_resistance,
        "the start of the first treatment",
        "the last day followed",
        "without a treatment",
        "resistance",
    ),
}


def clock_of(criterion: Criterion) -> Clock:
    """Return the clock of a criterion.

    Raises:
        CriterionError: There is no time to it.
    """
    if type(criterion) not in CLOCKS:
        *names, last = (kind.__name__ for kind in CLOCKS)
        raise CriterionError(f"there is no time to a {type(criterion).__name__}; wait for {', '.join(names)} or {last}")
    return CLOCKS[type(criterion)]


def event_in_words(criterion: Criterion) -> str:
    """Return what is waited for, in a few words."""
    return str(getattr(criterion, "event", None) or clock_of(criterion).cause or criterion.label)


def cause_of(criterion: Criterion) -> str | None:
    """Return how EVENTS calls the event; None where every cause is a way of its ending."""
    clock = clock_of(criterion)
    return criterion.kind if isinstance(criterion, Response) else clock.cause


def clock_in_words(study: Study, criterion: Criterion) -> str:
    """Return where the clock starts and where it is censored, as a sentence."""
    clock = clock_of(criterion)
    return f"Days from {clock.starts or study.index}; without the event, time is censored at {clock.ends}."


def left_out_in_words(criterion: Criterion, number: int) -> str:
    """Return who has no time to the event, and how many they are, as a sentence."""
    subjects = "1 subject" if number == 1 else f"{number} subjects"
    return f"Left out: {subjects} {clock_of(criterion).absent}, or whose time ends by a late entry."


def starts_with_the_study(criterion: Criterion) -> bool:
    """Return whether day 0 of the clock is that of the study."""
    return clock_of(criterion).starts is None
