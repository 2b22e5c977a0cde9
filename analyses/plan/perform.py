"""A plan, step by step: each kind of step and who carries it out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import cohort
from analyses.plan.definition_steps import definitions
from analyses.plan.describing_steps import baseline, rates, visits
from analyses.plan.outcome_steps import shares
from analyses.plan.performed import Performed
from analyses.plan.plan_file import (
    BaselineStep,
    DefinitionsStep,
    Plan,
    RatesStep,
    SharesStep,
    SuccessiveStep,
    TimeStep,
    VisitsStep,
)
from analyses.plan.successive_steps import successive_treatments
from analyses.plan.time_steps import time

PERFORMERS: dict[type, Callable[[cohort.Study, Any, Plan], Performed]] = {
    BaselineStep: baseline,
    VisitsStep: visits,
    SharesStep: shares,
    RatesStep: rates,
    TimeStep: time,
    DefinitionsStep: definitions,
    SuccessiveStep: successive_treatments,
}


def perform(study: cohort.Study, plan: Plan) -> Iterator[Performed]:
    """Carry out a plan step by step, in its order.

    Raises:
        CohortError: A step asks for what the study does not hold, or an estimate does not exist for these data.
    """
    for number, step in enumerate(plan.step, start=1):
        try:
            yield PERFORMERS[type(step)](study, step, plan)
        except cohort.CohortError as error:
            raise type(error)(f"[[analysis.step]] {number} (what = {step.what!r}): {error}") from error
