"""Steps that estimate outcomes: shares that meet a criterion, time to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl

import cohort
from analyses.displays.figures import shares_figure
from analyses.displays.report import Part
from analyses.estimates.bounds import exactly_at_threshold
from analyses.estimates.describe import describe
from analyses.estimates.proportions import proportions, risk_differences
from analyses.estimates.result import Estimates
from analyses.plan.performed import Performed, Population, by_arm, merged, population_of, section
from analyses.plan.plan_file import Plan, SharesStep
from cohort.errors import CriterionError
from cohort.outcomes.judgement import Judgement
from cohort.outcomes.registry import categories_of, judge


def shares(study: cohort.Study, step: SharesStep, plan: Plan) -> Performed:
    """Shares that meet each criterion, differences between arms, categories, records on a bound."""
    population = population_of(study, step.population)
    criteria = [criterion for spec in step.criteria for criterion in spec.criteria()]
    judged = [judge(study, criterion) for criterion in criteria]
    by = _grouping(study, step, judged)
    counted = [population.of(judgement.outcomes) for judgement in judged]
    parts = [
        *_share_parts(study, step, counted, by, plan.confidence),
        *_categories(counted, criteria, by),
        *_bounds(population, judged),
    ]
    lead = "Counts, shares and intervals; the denominator is printed with every share. " + _how(step.undetermined)
    return Performed(
        section(step.title or "Outcomes", lead, parts, population),
        (*population.outcomes, *(judgement.outcomes for judgement in judged)),
        (*population.criteria, *criteria),
    )


def _grouping(study: cohort.Study, step: SharesStep, judged: list[Judgement]) -> str | None:
    if step.by == "arm":
        return by_arm(study)
    if any(judgement.outcomes["treatment_no"].null_count() for judgement in judged):
        raise CriterionError('`by = "treatment_no"` needs criteria that judge treatments, such as ILAE_2010_FREEDOM')
    return step.by


def _share_parts(
    study: cohort.Study, step: SharesStep, counted: list[pl.DataFrame], by: str | None, confidence: float
) -> list[Part]:
    """Return the shares with their figure and, where there are arms, the differences; criteria in the plan's order."""
    ways = [(data, how) for data in counted for how in step.undetermined]
    shares = merged([proportions(data, by=by, undetermined=how, confidence=confidence) for data, how in ways])
    parts = [Part(_told_once(shares), figure=shares_figure(shares))]
    if by == "arm" and len(study.arms) > 1:
        differences = [risk_differences(data, by=by, undetermined=how, confidence=confidence) for data, how in ways]
        told = replace(merged(differences), notes=())
        parts.append(Part(told, title=f"Differences from {study.arms[0]}"))
    return parts


def _told_once(shares: Estimates) -> Estimates:
    """Keep one row of how many are undetermined: each way of counting them says the same."""
    return replace(shares, frame=shares.frame.unique(maintain_order=True))


def _categories(counted: list[pl.DataFrame], criteria: list[Any], by: str | None) -> list[Part]:
    """Return how many fall into each class; criteria that class everybody alike are shown once."""
    described: list[Estimates] = []
    shown: list[pl.DataFrame] = []
    for data, criterion in zip(counted, criteria, strict=True):
        classes = data.select("subject_id", "category")
        if data["category"].null_count() == data.height or any(classes.equals(other) for other in shown):
            continue
        shown.append(classes)
        present = [category for category in categories_of(criterion) if category in data["category"]]
        ordered = data.with_columns(pl.col("category").cast(pl.Enum(present)))
        described.append(describe(ordered.rename({"category": criterion.label}), [criterion.label], by=by))
    title = "Classes of those whose records decide"
    return [Part(merged(described), title=title)] if described else []


def _bounds(population: Population, judged: list[Judgement]) -> list[Part]:
    """Return how many records a bound of the other kind would move; nothing where nothing was compared."""
    found = exactly_at_threshold(population.of(pl.concat([judgement.evidence for judgement in judged])))
    title = "How many records lie exactly on a bound"
    return [Part(found, title=title)] if found.frame.height else []


def _how(undetermined: tuple[str, ...]) -> str:
    ways = {
        "excluded": "observed cases leave out subjects whose records cannot decide",
        "not met": "non-responder imputation counts them as not having met the criterion",
    }
    return "; ".join(ways[how] for how in undetermined).capitalize() + "."
