"""Is the subject still on the treatment?"""

from __future__ import annotations

import polars as pl

from cohort.criteria import Retention
from cohort.errors import CriterionError, some
from cohort.outcomes.judgement import Judgement, check, first_reason, judgement, verdict
from cohort.records.derive import follow_up
from cohort.records.study import Study


def courses(study: Study) -> pl.DataFrame:
    """Return the treatments, a combination in one row: `subject_id, treatment_no, start, stop, stop_reason, end`.

    A combination starts with its first drug and stops with its last. `end` is the last day on which the course was followed:
    the stop, or the end of follow-up where it goes on.
    """
    going_on = pl.col("stop_day").is_null().any()
    combined = study.treatments.sort("stop_day", nulls_last=True).group_by("subject_id", "treatment_no").agg(
        start=pl.col("start_day").min(),
        stop=pl.when(~going_on).then(pl.col("stop_day").max()),
        stop_reason=pl.when(~going_on).then(pl.col("stop_reason").last()),
    )
    followed = combined.join(follow_up(study), on="subject_id", how="left")
    return followed.with_columns(end=pl.coalesce("stop", pl.col("last_day").floor().cast(pl.Int64))).drop("last_day").sort(
        "subject_id", "treatment_no"
    )


def course_of(study: Study, criterion: Retention) -> pl.DataFrame:
    """Return the courses of the criterion's treatment.

    Raises:
        CriterionError: The study has no such treatment.
    """
    found = courses(study)
    chosen = found.filter(treatment_no=criterion.treatment_no)
    if chosen.is_empty():
        numbers = found["treatment_no"].unique().sort()
        raise CriterionError(f"nobody has a treatment {criterion.treatment_no}; treatment numbers are {some(numbers)}")
    return chosen


def classify_retention(study: Study, criterion: Retention) -> Judgement:
    """Return one verdict for each subject with the treatment; the value is the days on it so far.

    Raises:
        CriterionError: The criterion names no day, or the study has no such treatment.
    """
    if criterion.day is None:
        raise CriterionError("retention names no day; choose one, for example RETENTION.at(365)")
    units = course_of(study, criterion).with_columns(on=pl.col("end") - pl.col("start"))
    stopped = pl.col("stop").is_not_null() & (pl.col("on") <= criterion.day)
    short = pl.col("stop").is_null() & (pl.col("on") < criterion.day)
    units = units.with_columns(
        verdict(~stopped, short),
        first_reason((short, "follow-up too short"), (stopped, "stopped before the threshold")),
        category=pl.when(stopped).then(pl.col("stop_reason").cast(pl.String)),
        value=pl.col("on"),
        day=pl.min_horizontal("end", pl.col("start") + criterion.day),
    )
    evidence = check(units, "days on the treatment", pl.col("on"), pl.lit(criterion.day), pl.when(~short).then(~stopped), pl.col("day"))
    return judgement(criterion, units, [evidence])
