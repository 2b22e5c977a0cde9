"""Steps that estimate outcomes: shares that meet a criterion, time to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import polars as pl

import cohort
from analyses.displays.figures import kaplan_meier_figure, shares_figure
from analyses.displays.report import Part
from analyses.estimates.bounds import exactly_at_threshold
from analyses.estimates.describe import describe
from analyses.estimates.proportions import proportions, risk_differences
from analyses.estimates.regression.cox import cox
from analyses.estimates.regression.design import variables
from analyses.estimates.result import Estimates
from analyses.estimates.survival.kaplan_meier import kaplan_meier
from analyses.estimates.survival.log_rank import log_rank
from analyses.estimates.survival.person_time import person_time
from analyses.plan.performed import Performed, Population, about, by_arm, by_arm_and_all, merged, population_of, section
from analyses.plan.plan_file import Plan, SharesStep, TimeStep
from cohort.criteria import Retention
from cohort.errors import CriterionError, EstimationError
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


def time(study: cohort.Study, step: TimeStep, plan: Plan) -> Performed:
    """Time to an outcome: curves, time at risk, log-rank test, Cox models."""
    population = population_of(study, step.population)
    (criterion,) = step.to.criteria()
    events = _events(study, criterion, population)
    by, level = by_arm(study), plan.confidence
    curve = kaplan_meier(events, by=by, times=step.times, probabilities=step.probabilities, confidence=level)
    still = f"Without {criterion.event}"
    figure = kaplan_meier_figure(curve, x_label="Days", y_label=step.y_label or still)
    observed = events.with_columns(pl.coalesce("right", "left").alias("days to event or censoring"))
    comparisons, lost = _comparisons(study, step, events, criterion.event, level)
    curve = replace(curve, notes=(*curve.notes, *_spread_of_the_last_visit(study, criterion), *lost))
    parts = [
        Part(about(curve, criterion.event), figure=figure),
        Part(about(person_time(events, by=by, confidence=level), "time at risk"), title="Time at risk"),
        Part(
            merged(by_arm_and_all(observed, ["days to event or censoring"], by)),
            title="Days from the clock's start to event or censoring",
        ),
        *comparisons,
    ]
    title = step.title or f"Time to {criterion.event}"
    shown = section(title, _clock(study, criterion, events, population), parts, population)
    decided = _decided(criterion, step.times)
    verdicts = tuple(cohort.classify(study, one) for one in decided)
    return Performed(shown, (*population.outcomes, *verdicts), (*population.criteria, criterion, *decided))


def _spread_of_the_last_visit(study: cohort.Study, criterion: Any) -> list[str]:  # noqa: ANN401 - criteria share no base class
    """Say where a curve to the first rating is no longer right: inside the window of the last visit."""
    if not hasattr(criterion, "scale") or not study.visits:
        return []
    last = study.ratings.filter(scale=criterion.scale, visit=study.visits[-1]).drop_nulls("score")["day"]
    if last.n_unique() < 2:
        return []
    first, end = last.quantile(0), last.quantile(1)
    return [
        f"Ratings at {study.visits[-1]} fall on days {first:g} to {end:g}. Who is rated early among them "
        "without the outcome is censored there, before the others are seen: from that day on the curve lies too low."
    ]


def _comparisons(
    study: cohort.Study, step: TimeStep, events: pl.DataFrame, label: str, level: float
) -> tuple[list[Part], list[str]]:
    """Return the tests and models that these data allow, and a note for each that they do not.

    A plan that names a covariate which is not there is at fault; data without events in an arm are a result.
    """
    for formula in step.cox:
        variables(formula, events.columns)
    wanted: list[tuple[str, str, Callable[[], Estimates]]] = []
    if len(study.arms) > 1:
        wanted.append(("Log-rank test", label, partial(log_rank, events)))
    wanted += [
        (f"Cox model: {formula}", formula, partial(cox, events, formula, confidence=level)) for formula in step.cox
    ]
    parts, lost = [], []
    for title, criterion, estimate in wanted:
        try:
            parts.append(Part(about(estimate(), criterion), title=title))
        except EstimationError as error:
            lost.append(f"{title}: not estimable; {error}")
    return parts, lost


def _events(study: cohort.Study, criterion: Any, population: Population) -> pl.DataFrame:  # noqa: ANN401 - criteria share no base class
    """Return the population's EVENTS with covariates, and with the baseline score where a score is waited for."""
    events = population.of(cohort.time_to(study, criterion))
    if not hasattr(criterion, "scale"):
        return events
    scores = cohort.baseline(study, criterion.scale).select("subject_id", "baseline")
    return events.join(scores, on="subject_id", how="left", maintain_order="left")


def _clock(study: cohort.Study, criterion: Any, events: pl.DataFrame, population: Population) -> str:  # noqa: ANN401 - as above
    clock = study.index if hasattr(criterion, "scale") else "the start of the treatment"
    outside = population.subjects.height - events["subject_id"].n_unique()
    lost = f" {outside} subjects without a record after the clock's start, or without the treatment, are not counted."
    lost = lost if outside else ""
    end = "the last rating" if hasattr(criterion, "scale") else "the end of follow-up"
    return f"Days from {clock}; who has no event is censored at {end}.{lost}"


def _decided(criterion: Any, times: tuple[float, ...]) -> list[Any]:  # noqa: ANN401 - criteria share no base class
    """Return the criteria whose verdicts stand behind a time: retention at each asked day, a rating after baseline."""
    if isinstance(criterion, Retention):
        return [criterion.at(int(day)) for day in times if day >= 1]
    return [criterion.ever()]
