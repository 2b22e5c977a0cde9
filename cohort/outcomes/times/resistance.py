"""How long until an epilepsy is resistant to drugs?"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cohort.criteria import DrugResistance
from cohort.outcomes.seizures.resistance_spans import resistance_spans
from cohort.outcomes.times.events import Timing, events, first_stop
from cohort.records.study import Study


def time_to_resistance(study: Study, criterion: DrugResistance, _: Timing, compete: Sequence[str]) -> pl.DataFrame:
    """Return EVENTS from each subject's first treatment to the day on which resistance was first established."""
    states = resistance_spans(study, criterion).states
    reached = pl.col("from_day").filter(pl.col("state") == "resistant").min()
    units = states.group_by("subject_id").agg(
        start=pl.col("from_day").min(), reached=reached, last=pl.col("to_day").max()
    )
    units = units.join(first_stop(study, compete), on="subject_id", how="left").sort("subject_id")
    resistant = pl.col("reached").is_not_null() & (pl.col("reached") <= pl.col("stop").fill_null(pl.col("reached")))
    stopped = pl.col("stop").is_not_null() & ~resistant
    until = pl.when(resistant).then("reached").when(stopped).then("stop").otherwise("last")
    cause = pl.when(resistant).then(pl.lit("resistance")).when(stopped).then(pl.col("stop_reason").cast(pl.String))
    return events(study, units.with_columns(until=until, cause=cause))
