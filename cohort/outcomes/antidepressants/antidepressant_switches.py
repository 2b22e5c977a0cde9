"""How often was the antidepressant switched?"""

from __future__ import annotations

import polars as pl

from cohort.criteria.antidepressant_switches import AntidepressantSwitches
from cohort.errors import CriterionError
from cohort.outcomes.antidepressants.antidepressant_courses import antidepressant_courses
from cohort.outcomes.antidepressants.failed_antidepressants import different
from cohort.outcomes.judgement import Judgement, check, first_reason, judgement, verdict
from cohort.outcomes.treatments.courses import UNIT, courses
from cohort.records.derive import follow_up
from cohort.records.study import Study


def needs_prescriptions(study: Study, _: AntidepressantSwitches) -> None:
    """Refuse a study without treatments.

    Raises:
        CriterionError: There are none.
    """
    if study.treatments.is_empty():
        raise CriterionError("switches are counted among treatments, and the study has none")


def classify_antidepressant_switches(study: Study, criterion: AntidepressantSwitches) -> Judgement:
    """Return one verdict a subject; the value is the switches within the time, the day that of the last one needed."""
    units = _units(study, criterion)
    met = pl.col("switches") >= criterion.switches
    treated = pl.col("first").is_not_null()
    followed = pl.col("last_day") >= pl.col("first") + criterion.within_days
    short = treated & ~met & ~followed.fill_null(False)
    units = units.with_columns(
        verdict(met, short),
        first_reason(
            (met, ""),
            (short, "follow-up too short"),
            (treated, "threshold not reached"),
            (pl.lit(True), "no treatment"),
        ),
        value=pl.when(treated).then("switches"),
        day=pl.when(met).then("reached"),
    )
    starts = check(units, "start of the first antidepressant", pl.lit(None), day=pl.col("first"))
    number = check(
        units,
        f"switches within {criterion.within_days} days",
        pl.col("switches"),
        threshold=pl.lit(criterion.switches),
        passed=met,
        day=pl.col("reached"),
        bound=">=",
        unit="switches",
    )
    return judgement(criterion, units, [starts, number])


def _units(study: Study, criterion: AntidepressantSwitches) -> pl.DataFrame:
    """Return one row a subject: `first` start, `switches` in time, `reached`, the day of the last one needed."""
    roles = antidepressant_courses(study, criterion.doses).filter(role="antidepressant")
    begun = roles.join(courses(study).select(*UNIT, at="start"), on=UNIT)
    new = different(begun.with_columns(episode_no=pl.lit(1), certain=pl.lit(True)), by_class=False)
    within = pl.col("at") <= pl.col("at").min() + criterion.within_days
    counted = new.group_by("subject_id").agg(
        first=pl.col("at").min(),
        switches=within.sum().cast(pl.Int64) - 1,
        reached=pl.col("at").filter(within).sort().get(criterion.switches, null_on_oob=True),
    )
    joined = study.subjects.select("subject_id").join(counted, on="subject_id", how="left")
    return (
        joined.join(follow_up(study), on="subject_id", how="left")
        .with_columns(pl.col("switches").fill_null(0))
        .sort("subject_id")
    )
