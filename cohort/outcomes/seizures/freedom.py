"""Did the treatment bring sustained freedom from seizures, and how long did it last?"""

from __future__ import annotations

import polars as pl

from cohort.criteria import SeizureFreedom
from cohort.errors import CriterionError
from cohort.outcomes.judgement import Judgement, check, first_reason, judgement, verdict
from cohort.outcomes.seizures.runs import free_runs, recorded_under, with_threshold
from cohort.outcomes.treatments.courses import UNIT
from cohort.records.derive import diary
from cohort.records.study import Study


def needs_diary(study: Study, _: SeizureFreedom) -> None:
    """Refuse a study without treatments or without seizure records.

    Raises:
        CriterionError: One of them is absent.
    """
    if study.treatments.is_empty():
        raise CriterionError("sustained freedom is judged for each treatment, and the study has no treatments")
    if study.seizures.is_empty() and study.observed.is_empty():
        raise CriterionError("sustained freedom needs seizure records, and the study has none")


def classify_freedom(study: Study, criterion: SeizureFreedom) -> Judgement:
    """Return one verdict a treatment; the value is the longest free run in days, null where no day was recorded.

    The day of "met" is the one on which a run first sufficed; the day of "not met" is the first by which a seizure had
    certainly occurred (the last day of a total); it is null for "undetermined".
    """
    return judged(_units(study, criterion), criterion)


def judged(units: pl.DataFrame, criterion: SeizureFreedom) -> Judgement:
    """Return the verdicts on courses whose runs, seizures and threshold are known, see `_units`."""
    met, seizure = pl.col("completed").is_not_null(), pl.col("first_seizure").is_not_null()
    stopped_for = pl.col("stop_reason").cast(pl.String)
    units = units.with_columns(
        verdict(met, ~met & ~seizure),
        first_reason(
            (met, ""),
            (seizure, "seizure under treatment"),
            (pl.col("longest").is_null(), "no observed days"),
            (pl.col("end") - pl.col("clear_from") >= pl.col("threshold"), "too many missing days"),
            (stopped_for.str.contains("intolerance"), "stopped for intolerance"),
            (pl.col("stop").is_not_null(), "stopped before the threshold"),
            (pl.lit(True), "follow-up too short"),
        ),
        value=pl.col("longest"),
        day=pl.coalesce("completed", "first_seizure"),
    )
    return judgement(criterion, units, _evidence(units, criterion))


def _units(study: Study, criterion: SeizureFreedom) -> pl.DataFrame:
    """Return the courses with their threshold, longest run, first sufficient day and seizures.

    `clear_from` is the first day from which a run could be counted if no day were missing: the start, or the last day
    of a total with seizures that reaches over it.
    """
    records = diary(study)
    units = with_threshold(study, criterion)
    runs = free_runs(units, records, criterion).group_by(UNIT)
    longest = runs.agg(longest=(pl.col("until") - pl.col("since")).max(), completed=pl.col("completed").min())
    seizures = recorded_under(units, records).filter(pl.col("seizure")).group_by(UNIT)
    counted = seizures.agg(
        first_seizure=pl.col("end").filter("wholly").min(),
        seizures=pl.col("known").filter("wholly").sum(),
        straddled=pl.col("end").filter(pl.col("from_before")).max(),
    )
    joined = units.join(longest, on=UNIT, how="left").join(counted, on=UNIT, how="left")
    joined = joined.with_columns(
        clear_from=pl.coalesce("straddled", "start"),
        longest=pl.when(pl.col("first_seizure").is_null()).then("longest").otherwise(pl.col("longest").fill_null(0)),
    )
    return joined.sort(UNIT)


def _evidence(units: pl.DataFrame, criterion: SeizureFreedom) -> list[pl.DataFrame]:
    recorded, completed = pl.col("longest").is_not_null(), pl.col("completed")
    seizures = pl.when(recorded).then(pl.col("seizures").fill_null(0))
    first = "" if criterion.interval_before == "each treatment" else "first "
    before = f"longest interval between seizures before the {first}treatment, days"
    return [
        check(units, before, pl.col("interval"), day=pl.col("before"), unit="days"),
        check(
            units,
            "seizures under the treatment",
            seizures,
            threshold=pl.lit(0),
            passed=seizures == 0,
            day=pl.col("first_seizure"),
            unit="seizures",  # no bound: a run after the last seizure may still suffice
        ),
        check(
            units,
            "longest run without seizures, days",
            pl.col("longest"),
            threshold=pl.col("threshold"),
            passed=pl.when(recorded).then(completed.is_not_null()),
            day=completed,
            bound=">=",
            unit="days",
        ),
    ]


def free_states(study: Study, criterion: SeizureFreedom) -> pl.DataFrame:
    """Return `subject_id, from_day, to_day, state`: when sustained freedom was held, one row a run that sufficed."""
    runs = free_runs(with_threshold(study, criterion), diary(study), criterion).drop_nulls("completed")
    return runs.select("subject_id", from_day="completed", to_day="until", state=pl.lit("sustained freedom"))
