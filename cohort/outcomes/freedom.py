"""Did the treatment bring sustained freedom from seizures, and how long did it last?"""

from __future__ import annotations

import polars as pl

from cohort.criteria import SeizureFreedom
from cohort.errors import CriterionError
from cohort.outcomes.judgement import Judgement, check, first_reason, judgement, verdict
from cohort.outcomes.runs import UNIT, free_runs, with_threshold
from cohort.records.derive import diary
from cohort.records.study import Study
from cohort.schemas import STATES


def classify_freedom(study: Study, criterion: SeizureFreedom) -> Judgement:
    """Return one verdict a treatment; the value is the longest free run in days, the day the one on which it first sufficed.

    Raises:
        CriterionError: The study has no treatments, or no seizure records.
    """
    units = _units(study, criterion)
    met = pl.col("completed").is_not_null()
    seizure = pl.col("first_seizure").is_not_null()
    undetermined = ~met & ~seizure
    units = units.with_columns(
        verdict(met, undetermined),
        first_reason(
            (met, ""),
            (seizure, "seizure under treatment"),
            (pl.col("longest").is_null(), "no observed days"),
            (pl.col("stop_reason").cast(pl.String).str.contains("intolerance"), "stopped for intolerance"),
            (pl.col("stop").is_not_null(), "stopped before the threshold"),
            (pl.col("end") - pl.col("start") >= pl.col("threshold"), "too many missing days"),
            (pl.lit(True), "follow-up too short"),
        ),
        value=pl.col("longest").fill_null(0),
        day=pl.coalesce("completed", "first_seizure"),
    )
    return judgement(criterion, units, _evidence(units))


def _units(study: Study, criterion: SeizureFreedom) -> pl.DataFrame:
    if study.treatments.is_empty():
        raise CriterionError("sustained freedom is judged for each treatment, and the study has no treatments")
    records = diary(study)
    if records.is_empty():
        raise CriterionError("sustained freedom needs seizure records, and the study has none")
    units = with_threshold(study, criterion)
    runs = free_runs(units, records, criterion)
    longest = runs.group_by(UNIT).agg(longest=(pl.col("until") - pl.col("since")).max(), completed=pl.col("completed").min())
    seizures = (
        units.select(*UNIT, "start", "end")
        .join(records.filter(pl.col("count") > 0), on="subject_id")
        .filter((pl.col("day") >= pl.col("start")) & (pl.col("day") + pl.col("days") - 1 <= pl.col("end")))
        .group_by(UNIT)
        .agg(first_seizure=pl.col("day").min(), seizures=pl.col("count").sum())
    )
    return units.join(longest, on=UNIT, how="left").join(seizures, on=UNIT, how="left").sort(UNIT)


def _evidence(units: pl.DataFrame) -> list[pl.DataFrame]:
    none = pl.lit(None, dtype=pl.Boolean)
    seizures = pl.col("seizures").fill_null(0)
    return [
        check(units, "longest interval between seizures before the treatment, days", pl.col("interval"), pl.lit(None), none, pl.col("start")),
        check(units, "seizures under the treatment", seizures, pl.lit(0), seizures == 0, pl.col("first_seizure")),
        check(
            units,
            "longest run without seizures, days",
            pl.col("longest").fill_null(0),
            pl.col("threshold"),
            pl.col("completed").is_not_null(),
            pl.col("completed"),
        ),
    ]


def states(study: Study, criterion: SeizureFreedom, as_of: float | None = None) -> pl.DataFrame:
    """Return when sustained freedom was held: it is gained on the day it is completed and lost with the next seizure.

    Args:
        study: The study.
        criterion: The rule.
        as_of: Only what was known at the end of this day; None is everything.

    Returns:
        STATES with state "sustained freedom": from the day of completion to the last free day, one row a run that sufficed.
    """
    known = study if as_of is None else study.known_at(as_of)
    runs = free_runs(with_threshold(known, criterion), diary(known), criterion).drop_nulls("completed")
    held = runs.select("subject_id", from_day="completed", to_day="until", state=pl.lit("sustained freedom"))
    return STATES.conform(held.unique())
