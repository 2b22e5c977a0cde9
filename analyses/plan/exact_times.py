"""Parts of a report on times whose day is known: curves, incidences, means, tests, regressions."""

from __future__ import annotations

from functools import partial

import polars as pl

from analyses.displays.figures import incidence_figure, kaplan_meier_figure
from analyses.displays.report import Part
from analyses.estimates.competing.cause_specific import cause_specific
from analyses.estimates.competing.fine_gray import fine_gray
from analyses.estimates.competing.gray import gray
from analyses.estimates.competing.incidence import incidence
from analyses.estimates.describe import describe
from analyses.estimates.regression.cox import cox
from analyses.estimates.regression.proportional import proportional_hazards_test
from analyses.estimates.result import Estimates
from analyses.estimates.survival.kaplan_meier import kaplan_meier
from analyses.estimates.survival.log_rank import log_rank
from analyses.estimates.survival.person_time import person_time
from analyses.estimates.survival.restricted_mean import restricted_mean
from analyses.plan.performed import about, merged
from analyses.plan.plan_file import TimeStep
from analyses.plan.waiting import Waiting, Wanted, noted, parts_of

_OBSERVED = "days to event or censoring"
_NAMES = {
    "log-rank": "Log-rank",
    "gehan-breslow": "Gehan-Breslow",
    "tarone-ware": "Tarone-Ware",
    "peto-peto": "Peto-Peto",
    "modified peto-peto": "Modified Peto-Peto",
}


def exact_parts(step: TimeStep, wait: Waiting, notes: list[str]) -> list[Part]:
    """Return the curve with its figure, incidences where causes compete, time at risk, and comparisons.

    Where one of several causes is waited for, its incidence comes before the curve of whatever comes first.
    """
    further, lost = parts_of([*_means(step, wait), *_tests(step, wait), *_regressions(step, wait)])
    shown = [_curve(step, wait, [*notes, *_shared(wait), *lost]), *_incidences(step, wait)]
    return [
        *(shown if wait.cause is None else reversed(shown)),
        Part(_at_risk(wait), title="Time at risk"),
        Part(_observed(wait), title="Days from the clock's start to event or censoring"),
        *further,
    ]


def _shared(wait: Waiting) -> list[str]:
    if not wait.shared:
        return []
    return [
        f"{wait.shared} subjects stand in several columns; tests and differences between these take all as independent"
    ]


def _curve(step: TimeStep, wait: Waiting, notes: list[str]) -> Part:
    found = kaplan_meier(
        wait.events,
        by=wait.by,
        times=step.times,
        probabilities=step.probabilities,
        limits=step.limits,
        confidence=wait.confidence,
    )
    figure = kaplan_meier_figure(found, below=step.below, y_label=step.y_label or f"Without {wait.first}")
    title = "Whatever comes first" if wait.first != wait.event else None
    return Part(noted(about(found, wait.first), notes), title=title, figure=figure)


def _incidences(step: TimeStep, wait: Waiting) -> list[Part]:
    """Return cumulative incidences and their figure where causes compete."""
    if len(wait.causes) < 2:
        return []
    found = incidence(
        wait.events, by=wait.by, times=step.times, until=step.until, limits=step.limits, confidence=wait.confidence
    )
    below = [kind for kind in step.below if kind != "censored"]
    figure = incidence_figure(found, below=below)
    return [Part(about(found, wait.by_cause), title="Cumulative incidence of causes that compete", figure=figure)]


def _at_risk(wait: Waiting) -> Estimates:
    return about(person_time(wait.events, by=wait.by, confidence=wait.confidence), "time at risk")


def _observed(wait: Waiting) -> Estimates:
    observed = wait.events.with_columns(pl.coalesce("right", "left").alias(_OBSERVED))
    return merged([describe(observed, [_OBSERVED], by=group) for group in dict.fromkeys((wait.by, None))])


def _means(step: TimeStep, wait: Waiting) -> list[Wanted]:
    if step.until is None:
        return []
    estimate = partial(restricted_mean, wait.events, until=step.until, by=wait.by, confidence=wait.confidence)
    return [Wanted(f"Mean days without the event up to day {step.until:g}", wait.first, estimate)]


def _tests(step: TimeStep, wait: Waiting) -> list[Wanted]:
    if wait.by is None or wait.groups < 2:
        return []
    strata = list(step.strata) or None
    within = f", stratified by {', '.join(step.strata)}" if strata else ""
    found = [
        Wanted(
            f"{_NAMES[name]} test{within}",
            wait.first,
            partial(log_rank, wait.events, by=wait.by, strata=strata, weights=None if name == "log-rank" else name),
        )
        for name in step.tests
    ]
    if len(wait.causes) > 1:
        estimate = partial(gray, wait.events, by=wait.by, strata=strata)
        found.append(Wanted(f"Gray's test of cumulative incidences{within}", wait.by_cause, estimate))
    return found


def _regressions(step: TimeStep, wait: Waiting) -> list[Wanted]:
    found: list[Wanted] = []
    for formula in step.cox:
        model, title = f"Cox model: {formula}", f"Proportional hazards in the Cox model: {formula}"
        found.append(Wanted(model, formula, partial(_cox, step, wait, formula)))
        found.append(Wanted(title, formula, partial(_proportional, step, wait, formula), rests_on=model))
    causes = [wait.cause] if wait.cause else wait.causes
    for formula in step.fine_gray:
        for cause in causes:
            estimate = partial(fine_gray, wait.events, formula, cause=cause, confidence=wait.confidence)
            found.append(Wanted(f"Fine-Gray model of {cause}: {formula}", f"{cause}: {formula}", estimate))
    return found


def _cox(step: TimeStep, wait: Waiting, formula: str) -> Estimates:
    """Return the model of the outcome's own cause, others censored; of all causes where each is a way of its ending."""
    strata, cluster = list(step.strata) or None, wait.cluster
    if wait.cause is None or len(wait.causes) < 2:
        return cox(wait.events, formula, strata=strata, cluster=cluster, confidence=wait.confidence)
    return cause_specific(
        wait.events, formula, cause=wait.cause, strata=strata, cluster=cluster, confidence=wait.confidence
    )


def _proportional(step: TimeStep, wait: Waiting, formula: str) -> Estimates:
    return proportional_hazards_test(_cox(step, wait, formula))
