"""Is the epilepsy resistant to drugs, on the day asked?"""

from __future__ import annotations

import polars as pl

from cohort.closed_lists import STOP_REASONS
from cohort.criteria.resistance import DrugResistance, DrugsGivenUp
from cohort.errors import CriterionError, some
from cohort.outcomes.judgement import Judgement, check, first_reason, judgement, verdict
from cohort.outcomes.seizures.resistance_spans import ResistanceSpans, resistance_spans, schedules
from cohort.outcomes.treatments.courses import UNIT, courses
from cohort.records.study import Study

# Of a treatment that is neither free nor failed: what was not recorded and may hide a failure.
LACKING = (
    "no observed days",
    "too many missing days",
    "not in the dose table",
    "dose not recorded",
    "age not recorded",
    "weight not recorded",
    "no dose rule at this age",
    "adherence not recorded",
    "suitability not known",
)


def classify_resistance(study: Study, criterion: DrugResistance) -> Judgement:
    """Return one verdict a subject; the category is responsive, resistant or undefined.

    The value is the number of schedules that stand as failed. The day of a resistant subject is the one on which the
    last of the failures needed was established; of a responsive one, that on which its freedom was completed; null for
    an undefined one.
    """
    spans = resistance_spans(study, criterion)
    units = resistance_of(study, spans, criterion)
    return judgement(criterion, units, _evidence(units, spans, criterion))


def resistance_of(study: Study, spans: ResistanceSpans, criterion: DrugResistance) -> pl.DataFrame:
    """Return the verdict of each subject, and of how many schedules failures are known or may be hidden."""
    units = study.subjects.select("subject_id").join(_now(spans, criterion), on="subject_id", how="left")
    units = units.with_columns(
        pl.col("failed", "hidden").fill_null(0), category=pl.col("state").fill_null("undefined")
    ).sort("subject_id")
    resistant, responsive = pl.col("category") == "resistant", pl.col("category") == "responsive"
    unknown = ~resistant & ~responsive & (pl.col("failed") + pl.col("hidden") >= criterion.failures)
    day = pl.when(resistant).then("resistant_on").when(responsive).then("free_on")
    return units.with_columns(
        verdict(resistant, unknown),
        first_reason(
            (resistant, ""),
            (pl.col("state").is_null(), "no treatment"),
            (responsive, "seizure-free now"),
            (unknown, "too little known of the treatments"),
            (pl.lit(True), "fewer failures than needed"),
        ),
        value=pl.col("failed"),
        day=day,
    )


def _now(spans: ResistanceSpans, criterion: DrugResistance) -> pl.DataFrame:
    """Return what each treated subject is on its last day, since when, and what may be hidden."""
    last = spans.states.sort("subject_id", "from_day").group_by("subject_id", maintain_order=True).last()
    last = last.select("subject_id", "state", last="to_day")
    standing = _standing(spans.failed, last)
    nth = pl.col("from_day").sort().get(criterion.failures - 1, null_on_oob=True)
    failed = standing.group_by("subject_id").agg(failed=pl.len().cast(pl.Int64), resistant_on=nth)
    free = _standing(spans.free, last).group_by("subject_id").agg(free_on=pl.col("from_day").min())
    lacking = spans.courses.filter(pl.col("is_drug") & pl.col("reason").is_in(LACKING))
    unsure = lacking.select("subject_id", "schedule").unique()
    unsure = unsure.join(standing, on=["subject_id", "schedule"], how="anti")
    hidden = unsure.group_by("subject_id").agg(hidden=pl.len().cast(pl.Int64))
    for fact in (failed, free, hidden):
        last = last.join(fact, on="subject_id", how="left")
    return last


def _standing(spans: pl.DataFrame, last: pl.DataFrame) -> pl.DataFrame:
    """Return the spans that hold on the subject's last day."""
    joined = spans.join(last.select("subject_id", "last"), on="subject_id")
    return joined.filter(pl.col("last").is_between("from_day", "to_day")).drop("last")


def _evidence(units: pl.DataFrame, spans: ResistanceSpans, criterion: DrugResistance) -> list[pl.DataFrame]:
    needed, failed = pl.lit(criterion.failures), pl.col("failed")
    last = spans.states.group_by("subject_id").agg(last=pl.col("to_day").max())
    standing = _standing(spans.failed, last).sort("subject_id", "from_day", "schedule")
    free = pl.col("free_on")
    return [
        check(standing, pl.format("failed: {}", "schedule"), pl.lit(1), day=pl.col("from_day"), unit="schedules"),
        check(
            units,
            "schedules of drugs that failed",
            failed,
            threshold=needed,
            passed=failed >= needed,
            bound=">=",
            unit="schedules",
        ),
        check(units, "schedules of which too little is known", pl.col("hidden"), unit="schedules"),
        check(units.drop_nulls("free_on"), "free from seizures for long enough since", free, day=free, unit="day"),
    ]


def resistance_states(study: Study, criterion: DrugResistance) -> pl.DataFrame:
    """Return over which days each subject was responsive, resistant or undefined, without gaps."""
    return resistance_spans(study, criterion).states


def needs_stops(study: Study, criterion: DrugsGivenUp) -> None:
    """Refuse a study without treatments, and reasons that are none.

    Raises:
        CriterionError: As said.
    """
    if study.treatments.is_empty():
        raise CriterionError(f"{criterion.label!r} is judged by treatments, and the study has none")
    known = [reason for reason in STOP_REASONS if reason != "not recorded"]
    unknown = [reason for reason in criterion.reasons if reason not in known]
    if unknown:
        raise CriterionError(f"no treatment is stopped for {some(unknown)}; the reasons are {some(known, 20)}")


def classify_given_up(study: Study, criterion: DrugsGivenUp) -> Judgement:
    """Return one verdict a subject; the value is the number of schedules given up, the day that of the last needed."""
    drugs = study.treatments.group_by(UNIT).agg(drug=(pl.col("kind").cast(pl.String) == "drug").all())
    stops = courses(study).join(drugs.filter("drug"), on=UNIT).join(schedules(study), on=UNIT).drop_nulls("stop")
    why = pl.col("stop_reason").cast(pl.String).fill_null("not recorded")
    given_up = stops.filter(why.is_in(criterion.reasons))
    first = given_up.group_by("subject_id", "schedule").agg(day=pl.col("stop").min())
    nth = pl.col("day").sort().get(criterion.failures - 1, null_on_oob=True)
    counted = first.group_by("subject_id").agg(value=pl.len().cast(pl.Int64), day=nth)
    unsaid = stops.filter(why == "not recorded").select("subject_id", "schedule").unique()
    unsaid = unsaid.join(first, on=["subject_id", "schedule"], how="anti")
    hidden = unsaid.group_by("subject_id").agg(hidden=pl.len().cast(pl.Int64))
    units = study.subjects.select("subject_id").join(counted, on="subject_id", how="left")
    units = units.join(hidden, on="subject_id", how="left").with_columns(pl.col("value", "hidden").fill_null(0))
    met = pl.col("value") >= criterion.failures
    unknown = ~met & (pl.col("value") + pl.col("hidden") >= criterion.failures)
    units = units.with_columns(
        verdict(met, unknown),
        first_reason(
            (met, ""), (unknown, "too little known of the treatments"), (pl.lit(True), "fewer failures than needed")
        ),
    ).sort("subject_id")
    value, needed = pl.col("value"), pl.lit(criterion.failures)
    checks = [
        check(units, "schedules of drugs given up", value, threshold=needed, passed=met, bound=">=", unit="schedules"),
        check(units, "schedules stopped without a recorded reason", pl.col("hidden"), unit="schedules"),
    ]
    return judgement(criterion, units, checks)
