"""How many different antidepressants failed in an episode, and when it was known."""

from __future__ import annotations

from typing import Protocol

import polars as pl

from cohort.criteria.antidepressant_result import AntidepressantResult
from cohort.criteria.depressive_episodes import EpisodeRule
from cohort.outcomes.antidepressants.antidepressant_result import antidepressant_results, needs_antidepressants
from cohort.outcomes.antidepressants.depressive_episodes import in_episodes, judged_episodes
from cohort.outcomes.treatments.courses import UNIT
from cohort.records.study import Study

_EPISODE = ["subject_id", "episode_no"]


class _OnResults(Protocol):
    """A criterion that rests on the results of antidepressants."""

    @property
    def result(self) -> AntidepressantResult:
        """How a treatment is judged."""


def needs_results(study: Study, criterion: _OnResults) -> None:
    """Refuse a study that does not hold what the results of treatments ask for."""
    needs_antidepressants(study, criterion.result)


def results_in_episodes(study: Study, result: AntidepressantResult, rule: EpisodeRule) -> pl.DataFrame:
    """Return `antidepressant_results` of the treatments in the episodes judged, with `episode_no`."""
    return in_episodes(antidepressant_results(study, result), judged_episodes(study, rule))


def different(courses: pl.DataFrame, *, by_class: bool) -> pl.DataFrame:
    """Return the courses that bring an antidepressant, or a class, that none before them brought.

    Args:
        courses: Courses of antidepressants with `episode_no, drugs, classes` and `at`, the day each counts from; a null
            day is later than any.
        by_class: Whether classes are told apart, and not drugs. A class that is not known is left out where `certain`
            is true in the course, and counts as one of its own where it is not.
    """
    what = pl.coalesce("class", "drug") if by_class else pl.col("drug")
    listed = courses.select(*_EPISODE, "treatment_no", "at", "certain", drug="drugs", **{"class": "classes"})
    listed = listed.explode("drug", "class")
    if by_class:
        listed = listed.filter(~pl.col("certain") | pl.col("class").is_not_null())
    first = (
        listed.with_columns(what=what)
        .sort(*_EPISODE, "at", "treatment_no", nulls_last=True)
        .unique([*_EPISODE, "what"], keep="first", maintain_order=True)
    )
    return courses.join(first.select(UNIT).unique(), on=UNIT, how="semi").sort(UNIT)


def failed(results: pl.DataFrame, *, by_class: bool = False, which: str = "failed") -> pl.DataFrame:
    """Return the different antidepressants that certainly failed; with `which`, those of another column."""
    chosen = results.filter((pl.col("role") == "antidepressant") & _chosen(which))
    return different(chosen.with_columns(at=pl.col("day"), certain=pl.lit(True)), by_class=by_class)


def possibly_failed(results: pl.DataFrame, *, by_class: bool = False, which: str = "failed") -> pl.DataFrame:
    """Return the different antidepressants that failed or may have: too little is known of them to tell."""
    unknown = (pl.col("category") == "unknown") & (pl.col("verdict") == "undetermined")
    chosen = results.filter((pl.col("role") == "antidepressant") & (_chosen(which) | unknown))
    return different(chosen.with_columns(at=pl.col("day"), certain=pl.lit(False)), by_class=by_class)


def _chosen(which: str) -> pl.Expr:
    return pl.col("verdict") == "met" if which == "failed" else pl.col(which)


def established(counted: pl.DataFrame, failures: int) -> pl.DataFrame:
    """Return of each episode `subject_id, episode_no, n, established`: how many, and the day of the last one needed."""
    return counted.group_by(_EPISODE).agg(
        n=pl.len().cast(pl.Int64), established=pl.col("at").sort().get(failures - 1, null_on_oob=True)
    )
