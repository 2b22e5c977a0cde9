"""How long does remission last until relapse?"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cohort.criteria import Relapse
from cohort.outcomes.scores.remission_course import SUBJECT, after_remission
from cohort.outcomes.times.events import Timing, competing
from cohort.outcomes.times.rating import until_reached
from cohort.outcomes.treatments.courses import courses
from cohort.records.study import Study


def time_to_relapse(study: Study, criterion: Relapse, timing: Timing, compete: Sequence[str]) -> pl.DataFrame:
    """Return EVENTS from the day on which the first remission was established to the relapse that ended it."""
    units = _first_remissions(study, criterion)
    return until_reached(study, units, "relapse", _stops_since(study, units, compete), timing)


def _first_remissions(study: Study, criterion: Relapse) -> pl.DataFrame:
    """Return `subject_id, start, reached, last, before` of each subject's first remission.

    The last day at risk is that of recovery or of the last rating; where a gap hides whether a return was a relapse or
    came after recovery, that of the last rating before the gap.
    """
    rows = after_remission(study, criterion).filter("remitted")
    first = rows.filter(pl.col("part") == pl.col("part").first().over(SUBJECT))
    unclear = pl.col("returned") & ~pl.col("recovered") & pl.col("hidden_recovery")
    seen = first.with_columns(unclear=unclear, own=pl.col("stretch") == pl.col("stretch").first().over(SUBJECT))
    seen = seen.filter(~pl.col("unclear").any().over(SUBJECT) | (pl.col("own") & ~pl.col("unclear")))
    # Recovery itself is the last day at risk; what comes after it is recurrence.
    at_risk = seen.filter(
        ~pl.col("recovered") | (pl.col("recovering").cum_sum().over(SUBJECT) == 1) & pl.col("recovering")
    )
    units = at_risk.group_by(SUBJECT, maintain_order=True).agg(
        start=pl.col("day").first(),
        reached=pl.col("day").filter("returned").first(),
        last=pl.col("day").last(),
        before=pl.col("day").filter(~pl.col("returned")).last(),
    )
    return units.with_columns(before=pl.when(pl.col("reached").is_not_null()).then("before"))


def _stops_since(study: Study, units: pl.DataFrame, compete: Sequence[str]) -> pl.DataFrame:
    """Return each subject's first stop after its remission for a competing reason: `subject_id, stop, stop_reason`."""
    stops = courses(study).filter(competing(compete)).select(SUBJECT, "treatment_no", "stop", "stop_reason")
    later = stops.join(units.select(SUBJECT, "start"), on=SUBJECT).filter(pl.col("stop") > pl.col("start"))
    ordered = later.sort(SUBJECT, "stop", "treatment_no").group_by(SUBJECT, maintain_order=True).first()
    return ordered.select(SUBJECT, "stop", "stop_reason")
