"""The step that asks what each further treatment is worth: verdicts on treatments, counted in their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import polars as pl

import cohort
from analyses.plan.performed import Performed, Population, population_of, section
from analyses.plan.plan_file import Plan, SuccessiveStep
from analyses.plan.successive_parts import Asked, successive_parts
from analyses.plan.successive_section import about_criterion
from analyses.plan.successive_times import time_parts
from cohort.criteria import AntidepressantResult
from cohort.errors import CriterionError, some
from cohort.outcomes.treatments.courses import UNIT, courses

_OF_PATTERNS = ("previous", "failures")
_WAYS = {
    "excluded": "treatments that could not be judged are left out of those who tried it",
    "not met": "treatments that could not be judged count as not having met it",
}


def successive_treatments(study: cohort.Study, step: SuccessiveStep, plan: Plan) -> Performed:
    """Who tried, met, stopped and left; cumulative success; trend; selection or dependence; the next treatment."""
    population = population_of(study, step.population)
    criteria = step.criterion.criteria()
    _check(study, step, criteria)
    outcomes = [cohort.classify(study, criterion) for criterion in criteria]
    data = population.of(_by_treatment(study, step, criteria, outcomes))
    if data.is_empty():
        raise CriterionError(f"nobody of {population.label} has a treatment that {criteria[0].label!r} judges")
    asked = Asked(
        step.undetermined, step.below, step.horizon, step.models, step.covariates, step.leavers, plan.confidence
    )
    timed, lost = time_parts(study, criteria[0], population, step.times, plan.confidence)
    parts = about_criterion([*successive_parts(data, asked, lost), *timed], data)
    title = step.title or "What each further treatment is worth"
    lead = _lead(step, str(data["criterion"][0]), population)
    return Performed(
        section(title, lead, parts, population),
        (*population.outcomes, *outcomes),
        (*population.criteria, *criteria),
    )


def _check(study: cohort.Study, step: SuccessiveStep, criteria: Sequence[Any]) -> None:
    unknown = [name for name in step.covariates if name not in (*study.covariates, *_OF_PATTERNS)]
    if unknown:
        raise CriterionError(
            f"the study has no covariate {some(unknown)}; it has {some(study.covariates, 20)}, and a trend may also "
            f"take {some(_OF_PATTERNS)}"
        )
    if isinstance(criteria[0], AntidepressantResult):
        raise CriterionError(
            f"{criteria[0].label!r} is met by treatments that fail; name what a successful treatment meets, as "
            'HAMD17_REMISSION with at_each = ["step 1 exit", "step 2 exit"]'
        )
    if study.treatments.is_empty():
        raise CriterionError("successive treatments are counted, and the study has no treatments")


def _by_treatment(
    study: cohort.Study, step: SuccessiveStep, criteria: Sequence[Any], outcomes: Sequence[pl.DataFrame]
) -> pl.DataFrame:
    """Return one verdict a treatment, with the reason for which it was stopped.

    A criterion that judges subjects at visits speaks of treatment 1 at the first visit, of treatment 2 at the second,
    of those who started them.
    """
    verdicts = outcomes[0]
    if step.criterion.at_each:
        named = f"{replace(criteria[0], endpoint=None).label}, one visit a treatment"
        numbered = [
            frame.with_columns(criterion=pl.lit(named), treatment_no=pl.lit(number, pl.Int64))
            for number, frame in enumerate(outcomes, start=1)
        ]
        verdicts = pl.concat(numbered)
    elif verdicts["treatment_no"].null_count():
        raise CriterionError(
            f"{criteria[0].label!r} judges subjects, and successive treatments need a verdict each: name a criterion "
            "that judges treatments, as ILAE_2010_FREEDOM, or one visit a treatment: at_each = "
            '["step 1 exit", "step 2 exit"]'
        )
    stopped = courses(study).select(*UNIT, "stop_reason")
    return verdicts.join(stopped, on=UNIT, how="inner", maintain_order="left")


def _lead(step: SuccessiveStep, criterion: str, population: Population) -> str:
    visits = step.criterion.at_each
    when = f" The visits, treatment by treatment, are {some(visits, len(visits))}." if visits else ""
    return (
        f"Of those who tried each treatment: {criterion}; {_WAYS[step.undetermined]}.{when} The whole cohort are those "
        "who started treatment 1. Who stopped a treatment for intolerance before having met the criterion is counted "
        "apart: the drug was tried, and it did not fail. What comes after a treatment that met it is no further step."
    )
