"""Time and order together: how soon each successive treatment brought the outcome, and days spent without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import cohort
from analyses.displays.figures import treatment_times_figure
from analyses.displays.report import Part
from analyses.estimates.result import Estimates
from analyses.estimates.successive.hazard_by_treatment import hazard_by_treatment
from analyses.estimates.successive.treatment_times import treatment_times
from analyses.plan.performed import Population, about
from cohort.closed_lists import STOP_REASONS
from cohort.criteria import SeizureFreedom
from cohort.errors import EstimationError
from cohort.outcomes.times.clocks import cause_of, event_in_words

_NO_END_OF_THE_TREATMENT = ("inefficacy and intolerance", "lost to follow-up", "administrative", "not recorded")
COMPETING = tuple(reason for reason in STOP_REASONS if reason not in _NO_END_OF_THE_TREATMENT)
_MOST_CURVES = 6
_ENDS = (
    "whoever stopped a treatment without the outcome, for a reason that is known, does not reach it later on that "
    "treatment; those lost to follow-up, and whose records end, are censored"
)


def time_parts(
    study: cohort.Study,
    criterion: Any,  # noqa: ANN401 - criteria share no base class
    population: Population,
    times: Sequence[float],
    confidence: float,
) -> tuple[list[Part], list[str]]:
    """Return the parts on times, and why one is lost; none where the criterion has no clock for each treatment."""
    if not isinstance(criterion, SeizureFreedom):
        return [], []
    events = population.of(cohort.time_to(study, criterion, compete=COMPETING))
    cause, event = cause_of(criterion), event_in_words(criterion)
    if cause is None or events.is_empty():
        return [], []
    parts: list[Part] = []
    lost: list[str] = []
    soon, ratio = f"How soon each treatment brought {event}", f"Hazard of {event} by treatment"
    try:
        found = treatment_times(events, cause=cause, times=times, confidence=confidence)
        figure = treatment_times_figure(found, last=_MOST_CURVES)
        parts.append(Part(_noted(about(found, f"time to {event}"), _ENDS), figure, title=soon))
    except EstimationError as error:
        lost.append(f"{soon}: not estimable; {error}")
    try:
        found = hazard_by_treatment(events, cause=cause, number="line", stopped="at risk", confidence=confidence)
        parts.append(Part(about(found, f"time to {event}"), title=ratio))
    except EstimationError as error:
        lost.append(f"{ratio}: not estimable; {error}")
    return parts, lost


def _noted(estimates: Estimates, note: str) -> Estimates:
    return replace(estimates, notes=(note, *estimates.notes))
