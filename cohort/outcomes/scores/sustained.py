"""Did remission last?"""

from __future__ import annotations

import polars as pl

from cohort.criteria.sustained import SustainedRemission
from cohort.outcomes.judgement import Judgement, check, first_reason, judgement, verdict
from cohort.outcomes.scores.remission_course import SUBJECT, remission_runs
from cohort.records.study import Study

LASTING = ("sustained, held at the last rating", "sustained, lost again", "remission, not sustained", "no remission")


def classify_sustained(study: Study, criterion: SustainedRemission) -> Judgement:
    """Return one verdict a subject; the value is how many days the longest run in remission lasted.

    The day of "met" is the one on which a run was first long enough, that of "not met" the last rating's.
    """
    units = study.subjects.select(SUBJECT).join(_summed_up(study, criterion), on=SUBJECT, how="left")
    rated, met = pl.col("last_day").is_not_null(), pl.col("reached").is_not_null()
    unseen = pl.col("unseen").fill_null(False)
    units = units.with_columns(
        verdict(met, ~rated | (~met & unseen)),
        first_reason(
            (~rated, "no rating after baseline"),
            (met, ""),
            (pl.col("open"), "follow-up too short"),
            (unseen, "ratings too far apart"),
            (pl.col("value").is_null(), "threshold not reached"),
            (pl.lit(True), "not long enough"),
        ),
        day=pl.when(met).then("reached").when(~unseen).then("last_day"),
        category=_category(met, unseen),
    )
    return judgement(criterion, units, _evidence(units, criterion))


def _summed_up(study: Study, criterion: SustainedRemission) -> pl.DataFrame:
    """Return one row a rated subject.

    `last_day, reached` (the first day on which a run was long enough), `unseen` (a run was not seen to end), `open`
    (the last one), `held` (the last rating lies in a run that was long enough), and the longest run's `value` in days,
    with its `visits`: the longest of those with enough visits, if there is one.
    """
    rows = remission_runs(study, criterion)
    ordered = rows.filter("low").sort(SUBJECT, "established", "lasted", "visits")
    best = ordered.group_by(SUBJECT).agg(value=pl.col("lasted").last(), visits=pl.col("visits").last())
    return (
        rows.group_by(SUBJECT, maintain_order=True)
        .agg(
            last_day=pl.col("day").last(),
            reached=pl.col("day").filter("established").first(),
            unseen=(pl.col("low") & pl.col("unseen")).any(),
            open=pl.col("low").last(),
            held=pl.col("established").last(),
        )
        .join(best, on=SUBJECT, how="left")
    )


def _category(met: pl.Expr, unseen: pl.Expr) -> pl.Expr:
    rated = pl.col("last_day").is_not_null()
    return (
        pl.when(met & pl.col("held"))
        .then(pl.lit(LASTING[0]))
        .when(met)
        .then(pl.lit(LASTING[1]))
        .when(rated & ~unseen & pl.col("value").is_not_null())
        .then(pl.lit(LASTING[2]))
        .when(rated & ~unseen)
        .then(pl.lit(LASTING[3]))
    )


def _evidence(units: pl.DataFrame, criterion: SustainedRemission) -> list[pl.DataFrame]:
    what = f"{criterion.scale} {criterion.bound} {criterion.threshold:g} without interruption"
    days, visits = pl.col("value"), pl.col("visits")
    return [
        check(
            units,
            f"days with {what}",
            days,
            threshold=pl.lit(criterion.days),
            passed=days >= criterion.days,
            day=pl.col("reached"),
            bound=">=",
            unit="days",
        ),
        check(
            units,
            f"visits with {what}",
            visits,
            threshold=pl.lit(criterion.visits),
            passed=visits >= criterion.visits,
            day=pl.col("reached"),
            bound=">=",
            unit="visits",
        ),
    ]


def sustained_states(study: Study, criterion: SustainedRemission) -> pl.DataFrame:
    """Return `subject_id, from_day, to_day, state`: each run from the day it was long enough to its last rating.

    States are told by the day: the day on which a run is lost is not its own, even where it was kept that morning.
    """
    runs = remission_runs(study, criterion)
    lost = pl.when(~pl.col("low")).then("date").fill_null(strategy="backward").over(SUBJECT)
    kept = runs.with_columns(lost=lost).filter("established", (pl.col("date") < pl.col("lost")).fill_null(True))
    spans = kept.group_by(SUBJECT, "run").agg(from_day=pl.col("date").min(), to_day=pl.col("date").max())
    return spans.select(SUBJECT, "from_day", "to_day", state=pl.lit("sustained remission"))
