"""Counts by treatment number: the one form in which every analysis of successive treatments takes its data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analyses.estimates.groups import Label, grouped
from analyses.estimates.successive.pattern_rows import (
    COUNTS,
    PREVIOUS,
    is_outcomes,
    kinds,
    of_outcomes,
    of_table,
    with_covariates,
)
from cohort.errors import EstimationError, some

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

PATTERNS = ("treatment_no", "failures", "previous", *COUNTS)


@dataclass(frozen=True, eq=False)
class StepCounts:
    """What became of a cohort at each treatment number; arrays by treatment.

    Attributes:
        label: The cohort's name; None where there is one.
        treatment_no: 1, 2 .. k.
        tried: How many started it; at least one.
        met: How many of them met the criterion on it.
        not_met: How many did not, for a reason other than intolerance.
        undetermined: How many could not be decided.
        intolerance: How many did not, because they stopped for intolerance.
        cohort: How many started treatment 1.
    """

    label: Label
    treatment_no: Ints
    tried: Ints
    met: Ints
    not_met: Ints
    undetermined: Ints
    intolerance: Ints
    cohort: int


def patterns(
    data: pl.DataFrame, *, covariates: Sequence[str] = (), subjects: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Return how many tried and met a treatment, by what came before it and by covariates.

    Args:
        data: Outcomes of successive treatments (one row a subject and treatment number: `subject_id`, `treatment_no`,
            `verdict`, and `reason` or `stop_reason` where intolerance is to be told apart), or counts (`treatment_no`,
            `tried`, `met`, and where known `not_met`, `undetermined`, `intolerance`, `failures`, `previous`).
        covariates: Columns of `data`, or of `subjects`, to keep apart.
        subjects: SUBJECTS with covariates, for outcomes.

    Returns:
        One row a pattern, sorted: `treatment_no`; `failures`, how many earlier treatments were not met for a reason
        other than intolerance; `previous`, how the one before ended ("none", "inefficacy", "intolerance",
        "undetermined"); the covariates; and the counts `tried` = `met` + `not_met` + `undetermined` + `intolerance`.
        Counts that say nothing of earlier failures are taken as published tables mean them (every earlier treatment
        failed: `failures` = `treatment_no` - 1), and their `previous` is null from treatment 2 on.

        Whoever stopped for intolerance without having met the criterion counts under `intolerance`, whether the
        verdict is "not met" or "undetermined": the treatment was tried, and the drug did not fail. A `stop_reason`
        "inefficacy and intolerance" is inefficacy. What comes after a met treatment is no further step of the
        succession and is left out.

    Raises:
        EstimationError: A column is missing, a verdict is unknown, a subject's treatment numbers are not 1, 2 ..
            without a gap, or counts are negative, fractional or contradict each other.
    """
    covariates = [name for name in covariates if name not in PATTERNS]
    if is_outcomes(data):
        found = of_outcomes(with_covariates(data, covariates, subjects), covariates)
    else:
        found = of_table(data, covariates)
    keys = ["treatment_no", "failures", "previous", *covariates]
    summed = found.group_by(keys).agg(pl.col(COUNTS).sum().cast(pl.Int64))
    return summed.sort(pl.col("treatment_no", "failures"), pl.col("previous").cast(pl.Enum(PREVIOUS)), *covariates)


def step_counts(data: pl.DataFrame, *, by: str | None = None) -> tuple[StepCounts, ...]:
    """Return the counts by treatment number, one cohort a level of `by`, in the order of the levels.

    Later treatments that nobody started are dropped; so is a level without rows. Rows without a level belong to none.

    Args:
        data: As for `patterns`.
        by: The column that names the cohort; None for one. A subject belongs to one cohort.

    Raises:
        EstimationError: As `patterns`; or treatment numbers are not 1, 2 .. without a gap; or more started a treatment
            than were left without the criterion after the one before.
    """
    return tuple(counts for counts, _ in cohort_patterns(data, by=by))


def cohort_patterns(data: pl.DataFrame, *, by: str | None = None) -> tuple[tuple[StepCounts, pl.DataFrame], ...]:
    """Return the counts by treatment number, as `step_counts`, each cohort with its patterns beside them.

    Raises:
        EstimationError: As `step_counts`.
    """
    if data.is_empty():
        raise EstimationError("there are 0 rows; expected outcomes or counts of at least one treatment")
    groups = grouped(data, by)
    found = []
    for number, label in enumerate(groups.labels):
        part = groups.frame.filter(_group=number) if by is not None else data
        if part.height:
            counted = patterns(part)
            found.append((_steps(label, counted), counted))
    return tuple(found)


def counting_notes(data: pl.DataFrame, *, by: str | None = None) -> tuple[str, ...]:
    """Return what a reader must know of how the rows were counted: rows after a met treatment, intolerance."""
    if not is_outcomes(data):
        return ()
    frame = grouped(data, by).frame
    parts = [kinds(part, []) for _, part in frame.group_by("_group")] if by is not None else [kinds(data, [])]
    loose = pl.col("undecided") & (pl.col("kind") == "intolerance") & ~pl.col("late")
    late = sum(int(part["late"].sum()) for part in parts)
    stopped = sum(part.filter(loose).height for part in parts)
    notes = []
    if late:
        notes.append(f"{late} of {data.height} treatments came after one that met the criterion and are left out")
    if stopped:
        notes.append(
            f"{stopped} treatments that were stopped for intolerance have an undetermined verdict; they count as tried "
            "and stopped for intolerance"
        )
    return tuple(notes)


def _steps(label: Label, counted: pl.DataFrame) -> StepCounts:
    whole = counted.group_by("treatment_no").agg(pl.col(COUNTS).sum()).sort("treatment_no")
    numbers = whole["treatment_no"].to_list()
    named = "" if label is None else f"{label}: "
    if numbers != list(range(1, len(numbers) + 1)):
        raise EstimationError(f"{named}treatment numbers are {some(numbers, 9)}; expected 1, 2 .. without a gap")
    tried, left = whole["tried"].to_numpy(), (whole["tried"] - whole["met"]).to_numpy()
    more = np.flatnonzero(tried[1:] > left[:-1])
    if more.size:
        k = int(more[0])
        raise EstimationError(
            f"{named}{tried[k + 1]} started treatment {k + 2}, and {left[k]} were left without the criterion after "
            f"treatment {k + 1}; expected no more than those: check the counts"
        )
    kept = whole.filter(pl.col("tried") > 0)
    if kept.is_empty():
        raise EstimationError(f"{named}0 subjects started treatment 1; expected at least one")
    arrays = {name: kept[name].to_numpy().astype(np.int64) for name in ("treatment_no", *COUNTS)}
    return StepCounts(label=label, cohort=int(tried[0]), **arrays)
