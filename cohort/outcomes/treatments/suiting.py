"""Which treatments suit the subject's epilepsy."""

from __future__ import annotations

import polars as pl

from cohort.criteria.adequacy import Adequacy
from cohort.outcomes.treatments.dosing import covariate
from cohort.records.study import Study

_ASKED = ["drug", "syndrome", "epilepsy_type", "seizure_types"]


def with_suited(study: Study, criterion: Adequacy, drugs: pl.DataFrame) -> pl.DataFrame:
    """Return the drugs with `suited`: true, false, or null where it is not known; true where it is not asked."""
    table = criterion.suitability
    if table is None:
        return drugs.with_columns(suited=pl.lit(True))
    asked = drugs.join(_epilepsies(study, criterion), on="subject_id", how="left", maintain_order="left")
    # The same few answers serve everyone who has the same drug, syndrome and seizures.
    kinds = asked.select(_ASKED).unique()
    answers = [
        table.suits(
            drug, syndrome=name, epilepsy_type=kind, seizure_types=types or (), every=criterion.seizure_types == "every"
        )
        for drug, name, kind, types in kinds.rows()
    ]
    known = kinds.with_columns(suited=pl.Series(answers, dtype=pl.Boolean))
    return asked.join(known, on=_ASKED, how="left", nulls_equal=True, maintain_order="left").select(
        *drugs.columns, "suited"
    )


def _epilepsies(study: Study, criterion: Adequacy) -> pl.DataFrame:
    seen = study.seizures.filter(pl.col("count") > 0).drop_nulls("type").group_by("subject_id")
    types = seen.agg(seizure_types=pl.col("type").unique().sort())
    people = study.subjects.select(
        "subject_id",
        covariate(study, criterion.syndrome, pl.String).alias("syndrome"),
        covariate(study, criterion.epilepsy_type, pl.String).alias("epilepsy_type"),
    )
    return people.join(types, on="subject_id", how="left")
