"""Parts of a report on times that are known only to lie between two visits."""

from __future__ import annotations

from functools import partial

from analyses.displays.figures import turnbull_figure
from analyses.displays.report import Part
from analyses.estimates.interval.interval_log_rank import interval_log_rank
from analyses.estimates.interval.turnbull import turnbull
from analyses.estimates.regression.interval_hazards import interval_cox
from analyses.plan.performed import about
from analyses.plan.plan_file import TimeStep
from analyses.plan.waiting import Waiting, Wanted, noted, parts_of


def visit_parts(step: TimeStep, wait: Waiting) -> list[Part]:
    """Return Turnbull's curve with its figure, the test between groups, and regressions."""
    wanted = [
        Wanted(
            f"Proportional hazards model: {formula}",
            formula,
            partial(interval_cox, wait.events, formula, confidence=wait.confidence),
        )
        for formula in step.cox
    ]
    if wait.by is not None and wait.groups > 1:
        test = partial(interval_log_rank, wait.events, by=wait.by)
        wanted.insert(0, Wanted("Log-rank test of interval-censored times", wait.event, test))
    further, lost = parts_of(wanted)
    found = turnbull(
        wait.events,
        by=wait.by,
        times=step.times,
        probabilities=step.probabilities,
        grid=step.grid or None,
        confidence=wait.confidence,
    )
    figure = turnbull_figure(found, y_label=step.y_label or f"Without {wait.event}")
    return [Part(noted(about(found, wait.event), lost), figure=figure), *further]
