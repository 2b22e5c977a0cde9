"""Steps that describe records: subjects at entry, scores by visit, seizure rates."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

import cohort
from analyses.displays.report import Part
from analyses.estimates.result import Estimates
from analyses.plan.performed import Performed, Population, by_arm, by_arm_and_all, merged, population_of, section
from analyses.plan.plan_file import BaselineStep, Plan, RatesStep, VisitsStep
from cohort.errors import CriterionError, some
from cohort.records.derive import planned_visits


def baseline(study: cohort.Study, step: BaselineStep, plan: Plan) -> Performed:
    """The subjects at entry, by arm and together: covariates, baseline score, baseline seizure rate."""
    population = population_of(study, step.population)
    data = population.subjects
    names = list(step.covariates if step.covariates is not None else study.covariates)
    unknown = [name for name in names if name not in study.covariates]
    if unknown:
        raise CriterionError(f"the study has no covariate {some(unknown)}; it has {some(study.covariates, 20)}")
    if step.scale:
        names.append(f"{step.scale} at baseline")
        scores = cohort.baseline(study, step.scale).select("subject_id", pl.col("baseline").alias(names[-1]))
        data = data.join(scores, on="subject_id", how="left", maintain_order="left")
    if step.baseline_days:
        _needs_seizures(study)
        names.append("seizures per 28 days at baseline")
        rates = cohort.seizures_in(study, *step.baseline_days).select("subject_id", pl.col("rate28").alias(names[-1]))
        data = data.join(rates, on="subject_id", how="left", maintain_order="left")
    if not names:
        raise CriterionError(
            "there is nothing to describe: the study has no covariates, and no scale or baseline_days is named"
        )
    data = data.rename({name: _in_words(name) for name in names})
    table = merged(by_arm_and_all(data, [_in_words(name) for name in names], by_arm(study)))
    title = step.title or "Subjects at entry"
    lead = f"{data.height} subjects" + (
        f" in {len(study.arms)} arms; the control is {study.arms[0]}." if study.arms else "."
    )
    return Performed(section(title, lead, [Part(table)], population), population.outcomes, population.criteria)


def _in_words(name: str) -> str:
    return name.replace("_", " ")


def visits(study: cohort.Study, step: VisitsStep, plan: Plan) -> Performed:
    """Scores and changes at each visit, and who came to them."""
    population = population_of(study, step.population)
    changes = _with_missed_visits(population, cohort.changes(study, step.scale), planned_visits(study, step.scale))
    attended = population.of(cohort.attendance(study, step.scale))
    by = by_arm(study)
    parts = [
        Part(
            merged(by_arm_and_all(changes, ["score", "change"], by, within="visit")),
            title=f"{step.scale} and its change from baseline",
        ),
        Part(merged(by_arm_and_all(attended, ["attendance"], by)), title="Attendance"),
    ]
    lead = (
        f"{step.scale} at each visit as observed; a visit without a rating is missing and nothing is carried forward. "
        "A negative change is an improvement."
    )
    return Performed(
        section(step.title or f"{step.scale} by visit", lead, parts, population),
        population.outcomes,
        population.criteria,
    )


def _quartiles_alone(estimates: Estimates) -> Estimates:
    """Leave out the counts, which stand beside the other convention's quartiles."""
    return replace(estimates, frame=estimates.frame.filter(pl.col("statistic") != "n"))


def _with_missed_visits(population: Population, changes: pl.DataFrame, visits: list[str]) -> pl.DataFrame:
    """Return a row for each subject and planned visit, so that a visit without a rating counts as missing."""
    scores = changes.select("subject_id", pl.col("visit").cast(pl.String), "score", "change")
    planned = population.subjects.select("subject_id", "arm").join(pl.DataFrame({"visit": visits}), how="cross")
    found = planned.join(scores, on=["subject_id", "visit"], how="left", maintain_order="left")
    return found.with_columns(pl.col("visit").cast(pl.Enum(visits)))


def _needs_seizures(study: cohort.Study) -> None:
    if study.seizures.is_empty() and study.observed.is_empty():
        raise CriterionError("seizure rates need seizure records, and the study has none")


# How the columns of `cohort.diary_measures` are called in a report.
_SAID = {
    "baseline_seizures": "seizures at baseline",
    "seizures": "seizures under treatment",
    "baseline_rate28": "seizures per 28 days at baseline",
    "rate28": "seizures per 28 days under treatment",
    "percent_change": "percent change of the rate",
    "response_ratio": "response ratio",
    "baseline_free_days28": "seizure-free days per 28 days at baseline",
    "free_days28": "seizure-free days per 28 days under treatment",
    "baseline_longest_free": "longest stretch without a seizure at baseline, days",
    "longest_free": "longest stretch without a seizure under treatment, days",
}
_RATES = [_SAID[name] for name in ("baseline_seizures", "seizures", "baseline_rate28", "rate28")]
_CHANGES = [_SAID[name] for name in ("percent_change", "response_ratio")]
_FREE = [_SAID[name] for name in ("baseline_free_days28", "free_days28", "baseline_longest_free", "longest_free")]


def rates(study: cohort.Study, step: RatesStep, plan: Plan) -> Performed:
    """Seizures and rates of two periods, and how they changed, with quartiles by two conventions.

    Days without a seizure are told where the diary tells them: totals over several days do not.
    """
    population = population_of(study, step.population)
    _needs_seizures(study)
    data = population.of(cohort.diary_measures(study, step.baseline_days, step.treatment_days))
    by_days = data["free_days28"].null_count() == data["rate28"].null_count()
    by = by_arm(study)
    data = data.rename({column: said for column, said in _SAID.items() if column in data.columns})
    parts = [
        Part(merged(by_arm_and_all(data, _RATES, by)), title="Seizures and rates per 28 observed days"),
        Part(merged(by_arm_and_all(data, _CHANGES, by)), title="Change between the periods"),
        Part(
            _quartiles_alone(merged(by_arm_and_all(data, _CHANGES, by, quantile_type=2))),
            title="Quartiles by the SAS convention",
        ),
        *([Part(merged(by_arm_and_all(data, _FREE, by)), title="Days without a seizure")] if by_days else []),
    ]
    first, second = (f"days {begin} to {end}" for begin, end in (step.baseline_days, step.treatment_days))
    lead = (
        f"Baseline is {first}, treatment {second}. Percent change is 100 (T - B) / B of the rates; negative is fewer "
        "seizures. The response ratio is 100 (T - B) / (T + B). Days without a record are missing, never zero."
    )
    if by_days:
        lead += " A stretch without a seizure has at least 90 percent of its days recorded, and no gap above 14 days."
    return Performed(
        section(step.title or "Seizure rates", lead, parts, population),
        population.outcomes,
        population.criteria,
    )
