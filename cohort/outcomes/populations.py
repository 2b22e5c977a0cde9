"""Does the subject belong to the analysis?"""

from __future__ import annotations

import polars as pl

from cohort.criteria import AboveAtEntry
from cohort.outcomes.judgement import Judgement, check, first_reason, judgement, verdict
from cohort.outcomes.ratings import rated
from cohort.records.derive import baseline
from cohort.records.study import Study


def classify_above_at_entry(study: Study, criterion: AboveAtEntry) -> Judgement:
    """Return one verdict a subject: met where the baseline lies above the bound."""
    rated(study, criterion.scale)
    units = study.subjects.select("subject_id").join(baseline(study, criterion.scale), on="subject_id", how="left")
    above, unknown = pl.col("baseline") > criterion.above, pl.col("baseline").is_null()
    units = units.with_columns(
        verdict(above, unknown),
        first_reason((unknown, "no baseline"), (~above, "threshold not reached")),
        value=pl.col("baseline"),
        day=pl.col("baseline_day"),
    )
    what = f"{criterion.scale} at baseline > {criterion.above:g}"
    return judgement(criterion, units, [check(units, what, pl.col("baseline"), pl.lit(criterion.above), above, pl.col("day"))])
