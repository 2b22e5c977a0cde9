"""The step that estimates the time to an outcome: its clock, who is waited for, and in which way times are known."""

from __future__ import annotations

from typing import Any

import polars as pl

import cohort
from analyses.estimates.groups import require
from analyses.estimates.regression.design import variables
from analyses.plan.exact_times import exact_parts
from analyses.plan.performed import Performed, Population, by_arm, population_of, section
from analyses.plan.plan_file import Plan, TimeStep
from analyses.plan.visit_times import visit_parts
from analyses.plan.waiting import Waiting
from cohort.criteria import NthSeizure, Retention
from cohort.errors import CriterionError
from cohort.outcomes.times.clocks import (
    cause_of,
    clock_in_words,
    event_in_words,
    left_out_in_words,
    starts_with_the_study,
)


def time(study: cohort.Study, step: TimeStep, plan: Plan) -> Performed:
    """Time to an outcome: curves, incidences of competing causes, restricted means, tests, regressions."""
    population = population_of(study, step.population)
    (criterion,) = step.to.criteria()
    events = _events(study, step, criterion, population)
    for formula in (*step.cox, *step.fine_gray):
        variables(formula, events.columns)
    require(events, step.strata, "the covariates in `strata`")
    events, by = _grouped(study, step, events)
    wait = Waiting(events, event_in_words(criterion), cause_of(criterion), by, plan.confidence)
    if step.timing == "interval":
        parts = visit_parts(step, wait)
    else:
        parts = exact_parts(step, wait, _spread_of_the_last_visit(study, criterion))
    title = step.title or f"Time to {wait.event}"
    shown = section(title, _clock(study, criterion, events, population), parts, population)
    decided = _decided(criterion, step.times)
    verdicts = tuple(cohort.classify(study, one) for one in decided)
    return Performed(shown, (*population.outcomes, *verdicts), (*population.criteria, criterion, *decided))


def _events(study: cohort.Study, step: TimeStep, criterion: Any, population: Population) -> pl.DataFrame:  # noqa: ANN401 - criteria share no base class
    """Return the population's EVENTS with covariates, and with the baseline score where a score is waited for."""
    events = population.of(cohort.time_to(study, criterion, timing=step.timing, compete=step.compete))
    if events.is_empty():
        raise CriterionError(f"nobody of {population.label} has a time to {event_in_words(criterion)}")
    between = events.filter(pl.col("left") < pl.col("right")).height
    if between and step.timing != "interval":
        raise CriterionError(
            f"{between} of {events.height} times to {event_in_words(criterion)} are known only to lie between two "
            'days, as where totals are kept over several; say `timing = "interval"`'
        )
    if not hasattr(criterion, "scale"):
        return events
    scores = cohort.baseline(study, criterion.scale).select("subject_id", "baseline")
    return events.join(scores, on="subject_id", how="left", maintain_order="left")


def _grouped(study: cohort.Study, step: TimeStep, events: pl.DataFrame) -> tuple[pl.DataFrame, str | None]:
    """Return the events and the column that groups them: arms, or treatments by number in words."""
    if step.by == "arm":
        return events, by_arm(study)
    if events["treatment_no"].null_count():
        raise CriterionError('`by = "treatment_no"` needs a time that is told of treatments, as to ILAE_2010_FREEDOM')
    numbers = events["treatment_no"].unique().sort()
    named = pl.format("treatment {}", "treatment_no").cast(pl.Enum([f"treatment {number}" for number in numbers]))
    return events.with_columns(_by_treatment=named), "_by_treatment"


def _clock(study: cohort.Study, criterion: Any, events: pl.DataFrame, population: Population) -> str:  # noqa: ANN401 - as above
    outside = population.subjects.height - events["subject_id"].n_unique()
    lost = f" {left_out_in_words(criterion, outside)}" if outside else ""
    return clock_in_words(study, criterion) + lost


def _spread_of_the_last_visit(study: cohort.Study, criterion: Any) -> list[str]:  # noqa: ANN401 - as above
    """Say where a curve to the first rating is no longer right: inside the window of the last visit."""
    if not hasattr(criterion, "scale") or not study.visits or not starts_with_the_study(criterion):
        return []
    last = study.ratings.filter(scale=criterion.scale, visit=study.visits[-1]).drop_nulls("score")["day"]
    if last.n_unique() < 2:
        return []
    first, end = last.quantile(0), last.quantile(1)
    return [
        f"Ratings at {study.visits[-1]} fall on days {first:g} to {end:g}. Who is rated early among them "
        "without the outcome is censored there, before the others are seen: from that day on the curve lies too low."
    ]


def _decided(criterion: Any, times: tuple[float, ...]) -> list[Any]:  # noqa: ANN401 - criteria share no base class
    """Return the criteria whose verdicts stand behind a time: retention at each asked day, a rating after baseline."""
    if isinstance(criterion, Retention):
        return [criterion.at(int(day)) for day in times if day >= 1]
    if isinstance(criterion, NthSeizure) and criterion.to_day is None:
        return []
    return [criterion.ever()] if hasattr(criterion, "ever") else [criterion]
