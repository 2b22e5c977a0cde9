"""How long until sustained freedom from seizures is completed?"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cohort.criteria import SeizureFreedom
from cohort.outcomes.registry import classify
from cohort.outcomes.seizures.runs import recorded_under
from cohort.outcomes.times.events import Timing, competing, events
from cohort.outcomes.treatments.courses import UNIT, courses
from cohort.records.derive import diary
from cohort.records.study import Study


def time_to_freedom(study: Study, criterion: SeizureFreedom, _: Timing, compete: Sequence[str]) -> pl.DataFrame:
    """Return EVENTS from each treatment's start to the day that freedom was completed."""
    outcomes = classify(study, criterion).select(*UNIT, reached=pl.when(verdict="met").then("day"))
    units = courses(study).join(outcomes, on=UNIT)
    recorded = recorded_under(units, diary(study)).group_by(UNIT).agg(recorded=pl.col("end").max())
    units = units.join(recorded, on=UNIT)
    free, stopped = pl.col("reached").is_not_null(), competing(compete)
    until = pl.when(free).then("reached").when(stopped).then("stop").otherwise("recorded")
    cause = pl.when(free).then(pl.lit("sustained freedom")).when(stopped).then(pl.col("stop_reason").cast(pl.String))
    return events(study, units.with_columns(until=until, cause=cause).drop_nulls("until"))
