"""Histories of antidepressants small enough to be worked by hand."""

import polars as pl

from cohort.records.study import Study
from cohort.schemas import DOSES, EPISODES, FINDINGS, RATINGS, SUBJECTS, TREATMENTS


def history(courses, scores=(), *, episodes=(), findings=(), doses=(), last_day=None, scale="HAMD17", **covariates):
    """A study of one adult, "a".

    `courses`: (drugs, daily dose, start, stop, reason) or with adherence behind; several drugs as "x + y". `scores`:
    (day, score) or a dict. `episodes`: (from, to). `findings`: (day, finding, value, unit, result). `doses`: (no, drug,
    day, dose).
    """
    treatments = [
        ("a", number, drug.strip(), kind_of(drug), dose, start, stop, reason, taken[0] if taken else None)
        for number, (drugs, dose, start, stop, reason, *taken) in enumerate(courses, 1)
        for drug in drugs.split("+")
    ]
    people = pl.DataFrame([("a", None, None, last_day)], schema=SUBJECTS.schema, orient="row")
    rated = dict(scores).items()
    return Study(
        name="small",
        subjects=people.with_columns(**{"age": pl.lit(40.0)} | {k: pl.lit(v) for k, v in covariates.items()}),
        treatments=framed(TREATMENTS, treatments),
        ratings=framed(RATINGS, [("a", day, None, scale, score) for day, score in rated]),
        episodes=framed(EPISODES, [("a", "depressive episode", *span) for span in episodes]),
        findings=framed(FINDINGS, [("a", *finding) for finding in findings]),
        doses=framed(DOSES, [("a", *row, None) for row in doses]),
    )


def kind_of(drug):
    return "stimulation" if drug.strip() == "ECT" else "drug"


def framed(frame, rows):
    return pl.DataFrame(rows, schema=frame.schema, orient="row", strict=False)
