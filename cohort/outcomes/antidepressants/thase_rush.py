"""At which stage of Thase and Rush is the depression?"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cohort.criteria.depression_staging import ThaseRush
from cohort.outcomes.antidepressants.failed_antidepressants import failed, possibly_failed
from cohort.outcomes.antidepressants.staged import Staged, staged
from cohort.outcomes.judgement import Judgement, check, first_reason, judgement, verdict
from cohort.records.study import Study

STAGES = ("stage 0", "stage I", "stage II", "stage III", "stage IV", "stage V")


def classify_thase_rush(study: Study, criterion: ThaseRush) -> Judgement:
    """Return one verdict a subject; the value is the stage, its day the one on which `at_least` was reached.

    Value and category are null where the verdict is undetermined.
    """
    found = staged(study, criterion)
    sure, possible = _reached(found, criterion, certain=True), _reached(found, criterion, certain=False)
    units = study.subjects.select("subject_id").join(sure, on="subject_id", how="left")
    most = possible.select("subject_id", most=pl.sum_horizontal(pl.col(_DAYS).is_not_null()))
    units = units.join(most, on="subject_id", how="left").with_columns(pl.col("most").fill_null(0))
    units = units.with_columns(stage=pl.sum_horizontal(pl.col(_DAYS).is_not_null())).sort("subject_id")
    met = pl.col("stage") >= criterion.at_least
    lacking = ~met & (pl.col("most") >= criterion.at_least)
    units = units.with_columns(
        verdict(met, lacking),
        first_reason((met, ""), (lacking, _UNKNOWN), (pl.lit(True), "threshold not reached")),
        value=pl.when(~lacking).then("stage"),
        category=pl.when(~lacking).then(pl.lit(list(STAGES)).list.get(pl.col("stage"))),
        day=pl.when(met).then(_DAYS[criterion.at_least - 1]),
    )
    return judgement(criterion, units, _evidence(units, found, criterion))


_UNKNOWN = "too little known of the treatments"
_DAYS = ["I", "II", "III", "IV", "V"]


def _reached(found: Staged, criterion: ThaseRush, *, certain: bool) -> pl.DataFrame:
    """Return the day on which each subject reached each stage, null for those not reached.

    A course counts for one class, however many it combines.
    """
    count = failed if certain else possibly_failed
    courses = count(found.results, by_class=True).with_columns(pl.col("at").fill_null(float("inf")))
    days = courses.group_by("subject_id").agg(
        *(pl.col("at").sort().get(number, null_on_oob=True).alias(f"class {number + 1}") for number in range(3)),
        tricyclic=_first_of(criterion.tricyclic),
        monoamine=_first_of(criterion.monoamine),
    )
    shocked = _shocked(found, certain=certain)
    third = "class 3" if criterion.third_class else "class 2"
    return days.join(shocked, on="subject_id", how="left").select(
        "subject_id",
        I="class 1",
        II="class 2",
        III=_all_of(third, "tricyclic"),
        IV=_all_of(third, "tricyclic", "monoamine"),
        V=_all_of(third, "tricyclic", "monoamine", "shocked"),
    )


def _all_of(*days: str) -> pl.Expr:
    return pl.when(pl.all_horizontal(pl.col(day).is_not_null() for day in days)).then(pl.max_horizontal(*days))


def _first_of(classes: Sequence[str]) -> pl.Expr:
    held = pl.any_horizontal(pl.col("classes").list.contains(each) for each in classes)
    return pl.col("at").filter(held).min()


def _shocked(found: Staged, *, certain: bool) -> pl.DataFrame:
    """Return `subject_id, shocked`: the first day on which electroconvulsive therapy had failed, or may have."""
    inefficacious = pl.col("stop_reason").cast(pl.String).str.contains("inefficacy").fill_null(False)
    without = ~pl.col("succeeded") & pl.col("stop").is_not_null()
    shown = pl.col("score").is_not_null() | inefficacious
    courses = found.shocks.filter(without & shown if certain else without)
    return courses.group_by("subject_id").agg(shocked=pl.col("stop").min().cast(pl.Float64))


def _evidence(units: pl.DataFrame, found: Staged, criterion: ThaseRush) -> list[pl.DataFrame]:
    courses = failed(found.results, by_class=True).sort("subject_id", "at", "treatment_no").drop("treatment_no")
    named = pl.format("{} failed", pl.col("classes").list.join(" and ", ignore_nulls=True))
    classes = check(courses, named, pl.lit(None), passed=pl.lit(True), day=pl.col("at"))
    shocks = _shocked(found, certain=True).sort("subject_id")
    ect = check(shocks, "electroconvulsive therapy failed", pl.lit(None), passed=pl.lit(True), day=pl.col("shocked"))
    stage = check(
        units,
        "stage",
        pl.col("stage"),
        threshold=pl.lit(criterion.at_least),
        passed=pl.col("stage") >= criterion.at_least,
        day=pl.col("day"),
        bound=">=",
        unit="stages",
    )
    return [classes, ect, stage]
