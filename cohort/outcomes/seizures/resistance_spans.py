"""Over which days a subject is responsive, resistant, or neither yet."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from cohort.criteria.resistance import DrugResistance
from cohort.drugs import canonical
from cohort.outcomes.seizures.control import FAILED, judged_courses
from cohort.outcomes.seizures.runs import free_runs
from cohort.outcomes.seizures.seizure_records import seizure_records
from cohort.outcomes.treatments.courses import UNIT
from cohort.outcomes.treatments.spans import joined_spans
from cohort.records.derive import follow_up
from cohort.records.remembered import remembered
from cohort.records.study import Study

STATUSES = ("responsive", "resistant", "undefined")
_NEVER = 2**60


@dataclass(frozen=True)
class ResistanceSpans:
    """What resistance is made of.

    Attributes:
        courses: The judged courses with their `schedule`.
        failed: `subject_id, schedule, from_day, to_day`: when a schedule stood as failed; to_day may lie beyond sight.
        free: `subject_id, from_day, to_day`: when the subject was free for long enough under the current treatment.
        states: `subject_id, from_day, to_day, state`, from the first treatment to the last day followed.
    """

    courses: pl.DataFrame
    failed: pl.DataFrame
    free: pl.DataFrame
    states: pl.DataFrame


@remembered
def resistance_spans(study: Study, criterion: DrugResistance) -> ResistanceSpans:
    """Return when each subject's schedules stood as failed, when it was free, and what it was."""
    records = seizure_records(study, status=criterion.control.status_epilepticus == "a seizure")
    courses = judged_courses(study, criterion.control, records).join(schedules(study), on=UNIT)
    runs = free_runs(courses, records, criterion.control.freedom).drop_nulls("completed")
    seizures = records.filter(pl.col("known") > 0).select("subject_id", end=pl.col("day") + pl.col("days") - 1)
    held = _until_seizure(runs, seizures).join(courses.select(*UNIT, "start", "stop", "is_drug", "schedule"), on=UNIT)
    failed = _failed(courses, held, criterion)
    free = _free(held, courses, criterion)
    return ResistanceSpans(courses, failed, free, _states(study, courses, failed, free, criterion.failures))


def schedules(study: Study) -> pl.DataFrame:
    """Return `subject_id, treatment_no, schedule`: the drugs of each treatment under their one name, in order."""
    named = study.treatments.select(*UNIT, canonical(pl.col("drug"))).unique().sort(*UNIT, "drug")
    return named.group_by(UNIT, maintain_order=True).agg(schedule=pl.col("drug").str.join(" + "))


def _until_seizure(runs: pl.DataFrame, seizures: pl.DataFrame) -> pl.DataFrame:
    """Return each sufficient run with `lost`, the subject's next seizure; null where none was recorded."""
    runs = runs.select(*UNIT, "completed").sort("completed")
    lost = seizures.sort("end").select("subject_id", "end", lost="end")
    return runs.join_asof(
        lost, left_on="completed", right_on="end", by="subject_id", strategy="forward", check_sortedness=False
    ).drop("end")


def _failed(courses: pl.DataFrame, held: pl.DataFrame, criterion: DrugResistance) -> pl.DataFrame:
    """Return when each schedule of drugs stood as failed: from its failure, or a relapse that counts, to freedom."""
    drugs = courses.filter("is_drug")
    plain = drugs.filter(without_freedom=FAILED)
    until = pl.col("first_free").fill_null(_NEVER) - 1
    spans = [plain.select("subject_id", "schedule", from_day="failed_on", to_day=until)]
    if criterion.control.after_relapse == "failure":
        spans.append(_relapses(drugs, held))
    every = pl.concat(spans).filter(pl.col("from_day") <= pl.col("to_day"))
    return joined_spans(every, ["subject_id", "schedule"])


def _relapses(drugs: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """Return the spans from a relapse under the treatment to its next sufficient freedom."""
    under = held.join(drugs.select(*UNIT, "end"), on=UNIT).filter(pl.col("lost") <= pl.col("end"))
    following = held.select(*UNIT, "completed", again="completed").sort("completed")
    matched = (
        under.select(*UNIT, "schedule", "lost")
        .sort("lost")
        .join_asof(following, left_on="lost", right_on="completed", by=UNIT, strategy="forward", check_sortedness=False)
    )
    again = pl.col("again").fill_null(_NEVER) - 1
    return matched.select("subject_id", "schedule", from_day="lost", to_day=again).unique()


def _free(held: pl.DataFrame, courses: pl.DataFrame, criterion: DrugResistance) -> pl.DataFrame:
    """Return when the subject was free under the current treatment, or since it was stopped and nothing else begun."""
    counted = held.filter("is_drug") if criterion.freedom_by == "drugs" else held
    begun = courses.select("subject_id", "start", next="start").sort("start")
    stops = counted.with_columns(after=pl.col("stop").fill_null(_NEVER) + 1).sort("after")
    later = stops.join_asof(
        begun, left_on="after", right_on="start", by="subject_id", strategy="forward", check_sortedness=False
    )
    ends = [pl.col("lost").fill_null(_NEVER) - 1, pl.col("next").fill_null(_NEVER) - 1]
    ends += [pl.col("stop").fill_null(_NEVER)] if criterion.after_stop == "lost" else []
    spans = later.select("subject_id", from_day="completed", to_day=pl.min_horizontal(ends))
    return joined_spans(spans.filter(pl.col("from_day") <= pl.col("to_day")), ["subject_id"])


def _states(
    study: Study, courses: pl.DataFrame, failed: pl.DataFrame, free: pl.DataFrame, failures: int
) -> pl.DataFrame:
    """Return the states in order, by counting on each day what has begun and what has ended."""
    followed = follow_up(study).select("subject_id", last=pl.col("last_day").floor().cast(pl.Int64))
    first = courses.group_by("subject_id").agg(day=pl.col("start").min(), end=pl.col("end").max())
    first = first.join(followed, on="subject_id", how="left")
    first = first.with_columns(last=pl.max_horizontal("last", "day"))
    changes = [first.select("subject_id", "day", failed=pl.lit(0), free=pl.lit(0))]
    for spans, failed_step, free_step in ((failed, 1, 0), (free, 0, 1)):
        for day, sign in ((pl.col("from_day"), 1), (pl.col("to_day") + 1, -1)):
            changes.append(
                spans.select("subject_id", day=day, failed=pl.lit(sign * failed_step), free=pl.lit(sign * free_step))
            )
    steps = pl.concat(changes).group_by("subject_id", "day").agg(pl.col("failed", "free").sum())
    steps = steps.sort("subject_id", "day").with_columns(pl.col("failed", "free").cum_sum().over("subject_id"))
    state = (
        pl.when(pl.col("free") > 0)
        .then(pl.lit("responsive"))
        .when(pl.col("failed") >= failures)
        .then(pl.lit("resistant"))
        .otherwise(pl.lit("undefined"))
    )
    told = steps.with_columns(state=state).join(first.select("subject_id", "last"), on="subject_id")
    told = told.filter(pl.col("day") <= pl.col("last"))
    same = pl.col("state") == pl.col("state").shift(1).over("subject_id", order_by="day")
    changed = told.filter(~same.fill_null(False)).sort("subject_id", "day")
    until = pl.coalesce(pl.col("day").shift(-1).over("subject_id") - 1, "last")
    return changed.select("subject_id", from_day="day", to_day=until, state="state")
