"""Whether subjects entered below the severity that was asked for, and whether scores gather just above it."""

from __future__ import annotations

import polars as pl

from cohort.criteria.soundness import check_number
from cohort.outcomes.scores.ratings import at_entry
from cohort.records.derive import ratings_on
from cohort.records.study import Study


def entry_audit(study: Study, scale: str, at_least: float) -> pl.DataFrame:
    """Return how many subjects entered with each score, beside the score that the protocol asked for.

    Two complaints are checked with it: that subjects below the entry severity are counted all the same, and that
    baselines are raised to the threshold: a pile at it, and a hole below, which later scores do not have. Subjects are
    counted, never named.

    Args:
        study: The study.
        scale: The scale's name.
        at_least: The lowest score that could enter.

    Returns:
        `baseline` (the last score on or before day 0; null for those without one), `subjects`, `points_above` (0 is the
        threshold itself), `eligible` (null without a baseline). Sorted by baseline, null last; the counts add up to
        the study.

    Raises:
        RecordError: The study has no rating on that scale.

    >>> ratings = {"subject_id": ["a", "b", "c"], "day": 0, "visit": None, "scale": "HAMD17", "score": [17, 18, 18]}
    >>> subjects = pl.DataFrame({"subject_id": ["a", "b", "c", "d"]})
    >>> study = Study(name="four", subjects=subjects, ratings=pl.DataFrame(ratings))
    >>> entry_audit(study, "HAMD17", 18).rows()
    [(17.0, 1, -1.0, False), (18.0, 2, 0.0, True), (None, 1, None, None)]
    """
    ratings_on(study, scale)
    check_number(at_least=at_least)
    everyone = study.subjects.select("subject_id").join(at_entry(study, scale), on="subject_id", how="left")
    counted = everyone.group_by("baseline").agg(subjects=pl.len().cast(pl.Int64)).sort("baseline", nulls_last=True)
    return counted.with_columns(points_above=pl.col("baseline") - at_least, eligible=pl.col("baseline") >= at_least)
