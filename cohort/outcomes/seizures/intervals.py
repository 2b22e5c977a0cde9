"""How long a subject went between seizures before a treatment: the public view of what a freedom rule counts with."""

from __future__ import annotations

import polars as pl

from cohort.criteria import ILAE_2010_FREEDOM, SeizureFreedom
from cohort.criteria.soundness import check_part
from cohort.outcomes.seizures.freedom import needs_diary
from cohort.outcomes.seizures.runs import with_threshold
from cohort.records.derive import diary
from cohort.records.study import Study, check_study


def interseizure_intervals(study: Study, criterion: SeizureFreedom = ILAE_2010_FREEDOM) -> pl.DataFrame:
    """Return the longest interval between seizures before each treatment, and how long freedom must last for it.

    Seizures on one day are one. The rule of some centres, that seizures within 24 hours are one cluster, has nothing
    to do here: the interval is a maximum, so that short ones never count, and a diary by days does not tell the hours.

    Args:
        study: The study.
        criterion: Whose look-back, multiple and `interval_before` are used.

    Returns:
        One row a treatment: `subject_id, treatment_no`; `before`, the day before which was looked (the start of the
        treatment, or of the subject's first); `interval` in days, null where fewer than two seizures are known;
        `threshold`, the days that freedom must last; `interval_undefined`, the interval is null and the threshold
        `min_days` alone; `lookback_short`, the records begin within the look-back or later, so that a longer interval
        may have gone unseen. A day without a record is missing; missing days are taken to hold no seizure here.

    Raises:
        CriterionError: The study has no treatments, or no seizure records.

    >>> days = {"day": [-240, -57, -10], "days": 1, "count": 1}
    >>> seizures = pl.DataFrame({"subject_id": ["a", "a", "a"], **days})
    >>> drug = {"subject_id": ["a"], "treatment_no": 1, "drug": "valproate", "kind": "drug", "start_day": 0}
    >>> subjects = pl.DataFrame({"subject_id": ["a"]})
    >>> study = Study(name="one", subjects=subjects, seizures=seizures, treatments=pl.DataFrame(drug))
    >>> interseizure_intervals(study).select("interval", "threshold", "lookback_short").rows()
    [(183, 549, True)]
    """
    check_study(study)
    check_part("criterion", criterion, SeizureFreedom)
    needs_diary(study, criterion)
    known = pl.col("count").is_not_null() | (pl.col("known") > 0)
    begun = diary(study).filter(known).group_by("subject_id").agg(begun=pl.col("day").min())
    short = (pl.col("begun") > pl.col("before") - criterion.lookback_days).fill_null(True)
    found = with_threshold(study, criterion).join(begun, on="subject_id", how="left")
    return found.select(
        "subject_id",
        "treatment_no",
        "before",
        "interval",
        "threshold",
        interval_undefined=pl.col("interval").is_null(),
        lookback_short=short,
    ).sort("subject_id", "treatment_no")
