"""Does the subject belong to the analysis?"""

from __future__ import annotations

import polars as pl

from cohort.criteria import AboveAtEntry
from cohort.outcomes.judgement import Judgement, check, first_reason, judgement, verdict
from cohort.outcomes.scores.ratings import at_entry
from cohort.records.study import Study


def classify_above_at_entry(study: Study, criterion: AboveAtEntry) -> Judgement:
    """Return one verdict a subject: met where the baseline lies above the bound; value and day are the baseline's."""
    start, day = pl.col("baseline"), pl.col("baseline_day")
    units = study.subjects.select("subject_id").join(at_entry(study, criterion.scale), on="subject_id", how="left")
    above, unknown = start > criterion.above, start.is_null()
    units = units.with_columns(
        verdict(above, unknown),
        first_reason((unknown, "no baseline"), (~above, "threshold not reached")),
        value=start,
        day=day,
    )
    what = f"{criterion.scale} at baseline > {criterion.above:g}"
    found = check(
        units, what, start, threshold=pl.lit(criterion.above), passed=above, day=day, bound=">", unit="points"
    )
    return judgement(criterion, units, [found])
