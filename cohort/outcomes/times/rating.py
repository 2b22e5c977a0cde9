"""How long until the ratings satisfy the rule?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from cohort.criteria import EVER, Remission, Response, SustainedRemission
from cohort.outcomes.registry import classify
from cohort.outcomes.scores.ratings import after_baseline
from cohort.outcomes.times.events import Timing, events, first_stop
from cohort.records.study import Study


def time_to_rating(
    study: Study, criterion: Remission | Response, timing: Timing, compete: Sequence[str]
) -> pl.DataFrame:
    """Return EVENTS from day 0 to the first rating after baseline that satisfies the rule."""
    outcomes = classify(study, replace(criterion, endpoint=EVER)).filter(pl.col("verdict") != "undetermined")
    what = "remission" if isinstance(criterion, Remission) else criterion.kind
    return until_reached(
        study, _since_day_0(study, criterion.scale, outcomes), what, first_stop(study, compete), timing
    )


def time_to_sustained(
    study: Study, criterion: SustainedRemission, timing: Timing, compete: Sequence[str]
) -> pl.DataFrame:
    """Return EVENTS from day 0 to the first rating with which remission has lasted long enough."""
    units = _since_day_0(study, criterion.scale, classify(study, criterion))
    return until_reached(study, units, "sustained remission", first_stop(study, compete), timing)


def _since_day_0(study: Study, scale: str, outcomes: pl.DataFrame) -> pl.DataFrame:
    """Return the rated subjects of `outcomes` as units of `until_reached`: what is reached is "met"."""
    reached = outcomes.select("subject_id", reached=pl.when(verdict="met").then("day"))
    rated = after_baseline(study, scale).join(reached, on="subject_id", maintain_order="left")
    before = pl.col("day").filter((pl.col("day") < pl.col("reached")).fill_null(False)).max()
    return rated.group_by("subject_id", maintain_order=True).agg(
        pl.col("reached").first(), start=pl.lit(0), last=pl.col("day").max(), before=before
    )


def until_reached(study: Study, units: pl.DataFrame, what: str, stops: pl.DataFrame, timing: Timing) -> pl.DataFrame:
    """Return EVENTS of units that are rated until something is reached.

    Args:
        study: The study.
        units: `subject_id, start, last` (the last rating), `reached` (null where it never was), `before` (the last
            rating before that).
        what: What is reached, in words.
        stops: `subject_id, stop, stop_reason` of stops that compete.
        timing: As in `time_to`.
    """
    units = units.join(stops, on="subject_id", how="left")
    stopped = pl.col("stop").is_not_null() & (pl.col("stop") < pl.col("reached").fill_null(float("inf")))
    met = pl.col("reached").is_not_null() & ~stopped
    units = units.with_columns(
        until=pl.when(stopped).then("stop").when(met).then("reached").otherwise("last"),
        cause=pl.when(stopped).then(pl.col("stop_reason").cast(pl.String)).when(met).then(pl.lit(what)),
        since=pl.when(met).then(pl.col("before").fill_null(pl.col("start"))),
    )
    return events(study, units if timing == "interval" else units.drop("since"))
