"""Has the seizure rate fallen enough since a therapy that is no drug began?"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from cohort.closed_lists import TREATMENT_KINDS
from cohort.criteria.therapy_response import TherapyResponse
from cohort.errors import CriterionError, some
from cohort.outcomes.judgement import Judgement, judgement
from cohort.outcomes.seizures.seizure_response import classify_seizure_response, needs_seizures
from cohort.outcomes.treatments.courses import UNIT
from cohort.records.study import Study


def needs_therapies(study: Study, criterion: TherapyResponse) -> None:
    """Refuse a study without such a therapy, or without seizure records.

    Raises:
        CriterionError: One of them is absent, or a kind is none.
    """
    needs_seizures(study, criterion)
    if unknown := [kind for kind in criterion.kinds if kind not in TREATMENT_KINDS]:
        raise CriterionError(f"{some(unknown)} are no kinds of treatment; there are {some(TREATMENT_KINDS, 20)}")
    if _starts(study, criterion).is_empty():
        raise CriterionError(f"nobody has a treatment of the kinds {some(criterion.kinds, 20)}")


def classify_therapy_response(study: Study, criterion: TherapyResponse) -> Judgement:
    """Return one verdict a therapy: the days of value and verdict as in `classify_seizure_response`."""
    starts = _starts(study, criterion)
    shifted = _from_start(study, starts)
    found = classify_seizure_response(shifted, criterion.response)
    outcomes, evidence = (_back(frame, starts) for frame in (found.outcomes, found.evidence))
    return judgement(criterion, outcomes.sort(UNIT), [evidence])


def _starts(study: Study, criterion: TherapyResponse) -> pl.DataFrame:
    """Return the therapies: `subject_id, treatment_no, start`, and a name for the unit."""
    ours = pl.col("kind").cast(pl.String).is_in(criterion.kinds).any()
    units = study.treatments.group_by(UNIT).agg(start=pl.col("start_day").min(), ours=ours).filter("ours").drop("ours")
    return units.sort(UNIT).with_row_index("therapy").with_columns(pl.col("therapy").cast(pl.String))


def _from_start(study: Study, starts: pl.DataFrame) -> Study:
    """Return the diary of each unit, as if it were a subject of its own and its therapy began on day 0."""
    seizures = _own(study.seizures, starts).with_columns(day=pl.col("day") - pl.col("start"))
    observed = _own(study.observed, starts).with_columns(
        from_day=pl.col("from_day") - pl.col("start"), to_day=pl.col("to_day") - pl.col("start")
    )
    return replace(
        Study(name=study.name, subjects=starts.select(subject_id="therapy")),
        seizures=seizures.drop("start"),
        observed=observed.drop("start"),
    )


def _own(records: pl.DataFrame, starts: pl.DataFrame) -> pl.DataFrame:
    joined = records.join(starts.drop("treatment_no"), on="subject_id")
    return joined.with_columns(subject_id="therapy").drop("therapy")


def _back(frame: pl.DataFrame, starts: pl.DataFrame) -> pl.DataFrame:
    """Return the rows under the subjects' own names and days."""
    named = (
        frame.drop("treatment_no").rename({"subject_id": "therapy"}).join(starts, on="therapy", maintain_order="left")
    )
    return named.with_columns(pl.col("day") + pl.col("start")).drop("therapy", "start")
