"""How long until the first rating that satisfies the rule?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from cohort.criteria import EVER, Remission, Response
from cohort.outcomes.events import Timing, events, first_stop
from cohort.outcomes.ratings import after_baseline
from cohort.outcomes.registry import classify
from cohort.records.study import Study


def time_to_rating(
    study: Study, criterion: Remission | Response, timing: Timing, compete: Sequence[str]
) -> pl.DataFrame:
    """Return EVENTS from day 0 to the first rating after baseline that satisfies the rule."""
    outcomes = classify(study, replace(criterion, endpoint=EVER)).filter(pl.col("verdict") != "undetermined")
    reached = outcomes.select("subject_id", reached=pl.when(verdict="met").then("day"))
    rated = after_baseline(study, criterion.scale).join(reached, on="subject_id")
    before = pl.col("day").filter((pl.col("day") < pl.col("reached")).fill_null(False)).max()
    units = rated.group_by("subject_id", maintain_order=True).agg(
        pl.col("reached").first(), start=pl.lit(0), last=pl.col("day").max(), before=before
    )
    units = units.join(first_stop(study, compete), on="subject_id", how="left")
    stopped = pl.col("stop").is_not_null() & (pl.col("stop") < pl.col("reached").fill_null(float("inf")))
    met = pl.col("reached").is_not_null() & ~stopped
    what = "remission" if isinstance(criterion, Remission) else "response"
    units = units.with_columns(
        until=pl.when(stopped).then("stop").when(met).then("reached").otherwise("last"),
        cause=pl.when(stopped).then(pl.col("stop_reason").cast(pl.String)).when(met).then(pl.lit(what)),
        since=pl.when(met).then(pl.col("before").fill_null(0)),
    )
    return events(study, units if timing == "interval" else units.drop("since"))
