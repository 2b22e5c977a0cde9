"""What the staging methods count in the current episode of each subject."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from cohort.criteria.depression_staging import Maudsley, MGHStaging, ThaseRush
from cohort.drugs import canonical
from cohort.outcomes.antidepressants.failed_antidepressants import failed, possibly_failed, results_in_episodes
from cohort.outcomes.treatments.courses import UNIT
from cohort.records.study import Study


@dataclass(frozen=True)
class Staged:
    """The treatments of the current episodes, as the staging methods see them.

    Attributes:
        results: Results of all treatments in the episodes.
        failed: Those that are different antidepressants that failed, `at` the day on which that was established.
        possible: The same with those of which too little is known.
        shocks: Courses of electroconvulsive therapy.
    """

    results: pl.DataFrame
    failed: pl.DataFrame
    possible: pl.DataFrame
    shocks: pl.DataFrame


def staged(study: Study, criterion: ThaseRush | Maudsley | MGHStaging) -> Staged:
    """Return what a staging method counts."""
    results = results_in_episodes(study, criterion.result, criterion.episodes)
    return Staged(results, failed(results), possibly_failed(results), _shocks(study, results, criterion.ect))


def _shocks(study: Study, results: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    named = study.treatments.filter(canonical(pl.col("drug")).is_in([name.lower() for name in names]))
    return results.join(named.select(UNIT).unique(), on=UNIT, how="semi")


def augmentations(found: Staged, days: int) -> pl.DataFrame:
    """Return the courses with an augmenting agent that have lasted for so many days, `at` the day on which they had."""
    used = found.results.filter((pl.col("role") == "augmentation") | pl.col("augmented"))
    lasting = used.filter(pl.col("end") - pl.col("start") + 1 >= days)
    return lasting.with_columns(at=(pl.col("start") + days - 1).cast(pl.Float64))


def first_day_at(events: pl.DataFrame, at_least: float) -> pl.DataFrame:
    """Return `subject_id, day`: when the points of `events` (`subject_id, at, points`) first add up to so many."""
    daily = events.group_by("subject_id", "at").agg(pl.col("points").sum()).sort("subject_id", "at")
    total = pl.col("points").cum_sum().over("subject_id")
    return daily.filter(total >= at_least).group_by("subject_id").agg(day=pl.col("at").min())


def counted(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return how many rows each subject has: `subject_id` and a column of that name."""
    return frame.group_by("subject_id").agg(pl.len().cast(pl.Int64).alias(name))
