"""The course of an epilepsy: remission early or late, fluctuating control, persistent resistance."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from cohort.criteria.resistance import DrugResistance
from cohort.criteria.trajectory import EpilepsyTrajectory
from cohort.outcomes.judgement import Judgement, check, first_reason, judgement, verdict
from cohort.outcomes.seizures.resistance import resistance_of
from cohort.outcomes.seizures.resistance_spans import ResistanceSpans, resistance_spans
from cohort.outcomes.seizures.seizure_records import seizure_records
from cohort.outcomes.seizures.whole_course import longest_unseen, whole_courses, whole_runs
from cohort.outcomes.seizures.windows import lowered_windows
from cohort.records.study import Study

EARLY, FLUCTUATING, PERSISTENT, LATE, UNCLASSIFIED, NOT_CLASSIFIABLE = (
    "early remission",
    "fluctuating control",
    "persistent resistance",
    "late remission",
    "unclassified",
    "not classifiable",
)
TRAJECTORIES = (EARLY, FLUCTUATING, PERSISTENT, LATE, UNCLASSIFIED, NOT_CLASSIFIABLE)


def classify_trajectory(study: Study, criterion: EpilepsyTrajectory) -> Judgement:
    """Return one verdict a subject; the category is the trajectory, the value the days seen since the first drug."""
    units = _units(study, criterion)
    untreated, short = pl.col("start").is_null(), pl.col("seen") < criterion.min_follow_up_days
    early, late = pl.col("early"), pl.col("late_on").is_not_null()
    fluctuating = pl.col("lost").is_not_null() | pl.col("partial")
    unseen = pl.col("transient").is_null() & (pl.col("possible") >= criterion.transient_days)
    decided = early | fluctuating | (late & criterion.remission_first)
    ungraded = ~late & (pl.col("failed") < criterion.failures) & pl.col("unsure")
    unknown = ~untreated & (short | ~pl.col("recorded") | (~decided & (unseen | ~pl.col("baseline_known") | ungraded)))
    order = [(early, EARLY), (fluctuating, FLUCTUATING), (~late & (pl.col("failed") >= criterion.failures), PERSISTENT)]
    order.insert(1 if criterion.remission_first else 3, (late, LATE))
    named = pl.coalesce(*(pl.when(fits).then(pl.lit(name)) for fits, name in order), pl.lit(UNCLASSIFIED))
    category = pl.when(untreated | short).then(pl.lit(NOT_CLASSIFIABLE)).when(~unknown).then(named)
    units = units.with_columns(category=category)
    met = pl.col("category").is_in([EARLY, LATE]).fill_null(False)
    day = {EARLY: "first_free", LATE: "late_on", FLUCTUATING: "lost"}
    units = units.with_columns(
        verdict(met, unknown.fill_null(False)),
        first_reason(
            (untreated, "no treatment"),
            (short, "follow-up too short"),
            (~pl.col("recorded"), "no observed days"),
            (met, ""),
            (unknown & unseen, "too many missing days"),
            (unknown & ~pl.col("baseline_known"), "no baseline"),
            (unknown, "too little known of the treatments"),
            (pl.col("lost").is_not_null(), "lost again"),
            (pl.lit(True), "threshold not reached"),
        ),
        value="seen",
        day=pl.coalesce(*(pl.when(pl.col("category") == name).then(column) for name, column in day.items())),
    )
    return judgement(criterion, units, _evidence(units, criterion))


def _units(study: Study, criterion: EpilepsyTrajectory) -> pl.DataFrame:
    """Return each subject with what the categories ask."""
    control = criterion.control
    records = seizure_records(study, status=control.status_epilepticus == "a seizure")
    whole = whole_courses(study, ("drug",))
    resistance = DrugResistance(criterion.failures, control, source=criterion.source)
    spans = resistance_spans(study, resistance)
    runs = whole_runs(whole, records, replace(control.freedom, min_days=criterion.transient_days, times=0))
    runs = runs.drop_nulls("completed")
    transient = runs.group_by("subject_id").agg(transient=pl.col("completed").min(), lost=pl.col("lost").min())
    failures = resistance_of(study, spans, resistance).select(
        "subject_id", "failed", unsure=pl.col("verdict") == "undetermined"
    )
    windows = lowered_windows(
        whole,
        records,
        runs,
        baseline_days=criterion.baseline_days,
        min_observed=criterion.min_observed,
        reduction=criterion.reduction,
        windows=criterion.windows,
    )
    units = study.subjects.select("subject_id")
    facts = [whole.drop("treatment_no"), _remission(spans, records, whole, criterion), transient, failures, windows]
    for fact in [*facts, longest_unseen(whole, records)]:
        units = units.join(fact, on="subject_id", how="left")
    return units.with_columns(
        pl.col("early", "partial", "recorded", "baseline_known", "unsure").fill_null(False),
        pl.col("failed").fill_null(0),
        seen=pl.col("end") - pl.col("start"),
    ).sort("subject_id")


def _remission(
    spans: ResistanceSpans, records: pl.DataFrame, whole: pl.DataFrame, criterion: EpilepsyTrajectory
) -> pl.DataFrame:
    """Return `subject_id, early, first_free, late_on`: early remission, and freedom that holds at the end."""
    seizures = (
        records.filter(pl.col("known") > 0).group_by("subject_id").agg(last=(pl.col("day") + pl.col("days") - 1).max())
    )
    courses = spans.courses.join(seizures, on="subject_id", how="left").join(
        whole.select("subject_id", began="start"), on="subject_id"
    )
    drugs = pl.col("is_drug").cast(pl.Int64).cum_sum().over("subject_id")
    ordered = courses.sort("subject_id", "start", "treatment_no").with_columns(number=drugs)
    kept = (pl.col("first_since") >= pl.col("last")).fill_null(True)
    soon = pl.col("first_since") - pl.col("began") <= criterion.early_days
    early = pl.col("is_drug") & (pl.col("number") <= criterion.early_drugs) & soon & kept
    free = pl.col("free_on").filter((pl.col("free_on") > pl.col("last")).fill_null(True)).min()
    freed = (
        ordered.drop_nulls("first_free")
        .with_columns(early=early)
        .sort("subject_id", "first_free", "start", "treatment_no")
    )
    return freed.group_by("subject_id", maintain_order=True).agg(pl.col("early", "first_free").first(), late_on=free)


def _evidence(units: pl.DataFrame, criterion: EpilepsyTrajectory) -> list[pl.DataFrame]:
    treated = units.drop_nulls("start")
    seen, least = pl.col("seen"), pl.lit(criterion.min_follow_up_days)
    first, lost = treated.drop_nulls("first_free"), treated.drop_nulls("lost")
    lowered, windows = pl.col("lowered"), pl.lit(criterion.windows)
    failed, failures = pl.col("failed"), pl.lit(criterion.failures)
    known = pl.when("baseline_known").then(lowered)
    return [
        check(
            treated, "seen since the first drug", seen, threshold=least, passed=seen >= least, bound=">=", unit="days"
        ),
        check(first, "first freedom that was long enough", pl.col("first_free"), day=pl.col("first_free"), unit="day"),
        check(lost, "seizure after a run without seizures", pl.col("lost"), day=pl.col("lost"), unit="day"),
        check(
            treated,
            "windows in a row with a lower rate",
            known,
            threshold=windows,
            passed=known >= windows,
            bound=">=",
            unit="windows of 28 days",
        ),
        check(
            treated,
            "schedules of drugs that failed",
            failed,
            threshold=failures,
            passed=failed >= failures,
            bound=">=",
            unit="schedules",
        ),
    ]
