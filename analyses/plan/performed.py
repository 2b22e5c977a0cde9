"""What every step of a plan needs and gives: who is analysed, and a section of the report."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import polars as pl

import cohort
from analyses.displays.report import Part, Section
from analyses.estimates.describe import describe
from analyses.estimates.result import Estimates
from analyses.plan.criterion_spec import OneCriterion
from cohort.errors import CriterionError

EVERYONE = "all subjects"


@dataclass(frozen=True)
class Performed:
    """One step done: the section to show, the verdicts that it rests on, the criteria that gave them."""

    section: Section
    outcomes: tuple[pl.DataFrame, ...] = ()
    criteria: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Population:
    """Who is analysed: a label, the subjects, and the criterion and verdicts that chose them (none for everyone)."""

    label: str
    subjects: pl.DataFrame
    outcomes: tuple[pl.DataFrame, ...] = ()
    criteria: tuple[Any, ...] = ()

    def of(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the rows of the population's subjects, with arm and covariates beside them."""
        beside = self.subjects.select(
            "subject_id", *(name for name in self.subjects.columns if name not in frame.columns)
        )
        return frame.join(beside, on="subject_id", how="inner", maintain_order="left")


def population_of(study: cohort.Study, spec: OneCriterion | None) -> Population:
    """Return who a step analyses: everyone, or those who meet a criterion.

    Raises:
        CriterionError: Nobody meets it, or the study cannot answer it.
    """
    if spec is None:
        return Population(EVERYONE, study.subjects)
    (criterion,) = spec.criteria()
    outcomes = cohort.classify(study, criterion)
    inside = outcomes.filter(verdict="met").select("subject_id").unique()
    chosen = study.subjects.join(inside, on="subject_id", how="semi", maintain_order="left")
    if chosen.is_empty():
        raise CriterionError(f"nobody belongs to the population {criterion.label!r}")
    return Population(criterion.label, chosen, (outcomes,), (criterion,))


def section(title: str, lead: str, parts: list[Part], population: Population) -> Section:
    """Return a section whose numbers carry its title as their analysis and the population's label."""
    named = [replace(part, estimates=part.estimates.labelled(title, population.label)) for part in parts]
    who = "" if population.label == EVERYONE else f" Population: {population.label}."
    return Section(title, lead + who, tuple(named))


def about(estimates: Estimates, criterion: str) -> Estimates:
    """Return the same numbers, saying what they are about."""
    return replace(estimates, frame=estimates.frame.with_columns(criterion=pl.lit(criterion)))


def by_arm(study: cohort.Study) -> str | None:
    """Return the column that groups subjects: the arm where the study has arms."""
    return "arm" if study.arms else None


def by_arm_and_all(
    data: pl.DataFrame, columns: list[str], by: str | None, *, within: str | None = None, quantile_type: int = 7
) -> list[Estimates]:
    """Return a description by arm and of everyone together."""
    return [
        describe(data, columns, by=group, within=within, quantile_type=quantile_type)
        for group in dict.fromkeys((by, None))
    ]


def merged(parts: list[Estimates]) -> Estimates:
    """Return estimates of one kind as one, so that they stand in one table."""
    notes = tuple(dict.fromkeys(note for part in parts for note in part.notes))
    method = ". ".join(dict.fromkeys(part.method.rstrip(".") for part in parts))
    return Estimates(pl.concat([part.frame for part in parts]), method, notes, parts[0].confidence, parts[0].model)
