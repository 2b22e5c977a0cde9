"""Freedom from seizures over years: early, delayed, lost again, never."""

from __future__ import annotations

import polars as pl

from cohort.criteria.trajectory import BrodieCourse
from cohort.outcomes.judgement import Judgement, check, first_reason, judgement, verdict
from cohort.outcomes.seizures.seizure_records import seizure_records
from cohort.outcomes.seizures.whole_course import longest_unseen, whole_courses, whole_runs
from cohort.records.study import Study

COURSES = ("A", "B", "C", "D")


def classify_brodie_course(study: Study, criterion: BrodieCourse) -> Judgement:
    """Return one verdict a subject; the category is A to D, the value the days seen since the first treatment."""
    units = _units(study, criterion)
    free, lost = pl.col("completed").is_not_null(), pl.col("lost").is_not_null()
    early = pl.col("since") <= pl.col("start") + criterion.early_days
    untreated, short = pl.col("start").is_null(), pl.col("seen") < criterion.min_follow_up_days
    gap = pl.col("end") - pl.col("until") > criterion.freedom.max_gap_days
    hidden = pl.when(free).then(~lost & gap).otherwise(pl.col("possible") >= pl.col("threshold"))
    unknown = ~untreated & (short | ~pl.col("recorded") | hidden)
    kept = pl.when(early).then(pl.lit("A")).otherwise(pl.lit("B"))
    course = pl.when(~free).then(pl.lit("D")).when(lost).then(pl.lit("C")).otherwise(kept)
    met = free & ~lost
    units = units.with_columns(
        verdict((met & ~unknown).fill_null(False), unknown.fill_null(False)),
        first_reason(
            (untreated, "no treatment"),
            (short, "follow-up too short"),
            (~pl.col("recorded"), "no observed days"),
            (hidden, "too many missing days"),
            (met, ""),
            (lost, "relapse after sustained freedom"),
            (pl.lit(True), "threshold not reached"),
        ),
        category=pl.when(~untreated & ~unknown).then(course),
        value="seen",
        day=pl.when(~unknown & ~untreated).then(pl.when(lost).then("lost").otherwise("completed")),
    )
    return judgement(criterion, units, _evidence(units, criterion))


def _units(study: Study, criterion: BrodieCourse) -> pl.DataFrame:
    """Return each subject with its whole course, the first sufficient run of those that were lost, else the first."""
    records = seizure_records(study, status=True)
    whole = whole_courses(study)
    runs = whole_runs(whole, records, criterion.freedom).drop_nulls("completed")
    first = runs.sort("subject_id", pl.col("lost").is_null(), "completed")
    first = first.group_by("subject_id", maintain_order=True).first()
    last = runs.group_by("subject_id").agg(until=pl.col("until").max())
    units = study.subjects.select("subject_id").join(whole, on="subject_id", how="left")
    units = units.join(first.select("subject_id", "since", "completed", "lost"), on="subject_id", how="left")
    units = units.join(last, on="subject_id", how="left")
    units = units.join(longest_unseen(whole, records), on="subject_id", how="left")
    return (
        units.with_columns(seen=pl.col("end") - pl.col("start"), threshold=pl.lit(criterion.freedom.min_days))
        .drop("treatment_no")
        .sort("subject_id")
    )


def _evidence(units: pl.DataFrame, criterion: BrodieCourse) -> list[pl.DataFrame]:
    treated = units.drop_nulls("start")
    seen, since = pl.col("seen"), pl.col("since") - pl.col("start")
    least = pl.lit(criterion.min_follow_up_days)
    free = treated.drop_nulls("completed")
    early = pl.lit(criterion.early_days)
    return [
        check(
            treated,
            "seen since the first treatment",
            seen,
            threshold=least,
            passed=seen >= least,
            bound=">=",
            unit="days",
        ),
        check(
            free,
            "sufficient freedom began after the first treatment",
            since,
            threshold=early,
            passed=since <= early,
            day=pl.col("since"),
            bound="<=",
            unit="days",
        ),
        check(
            free.drop_nulls("lost"), "seizure after sufficient freedom", pl.lit(1), day=pl.col("lost"), unit="seizures"
        ),
    ]
