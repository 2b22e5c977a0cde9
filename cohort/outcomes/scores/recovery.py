"""Has the subject recovered: did remission last until the episode was over?"""

from __future__ import annotations

import polars as pl

from cohort.criteria.recovery import Recovery
from cohort.outcomes.judgement import Judgement, check, first_reason, judgement, verdict
from cohort.outcomes.scores.remission_course import SUBJECT, after_remission
from cohort.records.study import Study

RECOVERIES = ("recovered", "remission lost", "no remission")


def classify_recovery(study: Study, criterion: Recovery) -> Judgement:
    """Return one verdict a subject; the value is how many days its longest remission was seen to last, from its onset.

    The day of "met" is the one on which the days were complete, that of "not met" the last rating's.
    """
    units = study.subjects.select(SUBJECT).join(_summed_up(study, criterion), on=SUBJECT, how="left")
    rated, met = pl.col("last_day").is_not_null(), pl.col("reached").is_not_null()
    unseen, remitted = pl.col("unseen").fill_null(False), pl.col("remission_day").is_not_null()
    lacking = ~rated | (~met & unseen)
    units = units.with_columns(
        verdict(met, lacking),
        first_reason(
            (~rated, "no rating after baseline"),
            (met, ""),
            (pl.col("open"), "follow-up too short"),
            (unseen, "ratings too far apart"),
            (remitted, "lost again"),
            (pl.lit(True), "no remission before"),
        ),
        day=pl.when(met).then("reached").when(~unseen).then("last_day"),
        category=pl.when(met)
        .then(pl.lit(RECOVERIES[0]))
        .when(~lacking & remitted)
        .then(pl.lit(RECOVERIES[1]))
        .when(~lacking)
        .then(pl.lit(RECOVERIES[2])),
    )
    return judgement(criterion, units, _evidence(units, criterion))


def _summed_up(study: Study, criterion: Recovery) -> pl.DataFrame:
    """Return one row a rated subject.

    `last_day, remission_day` (when remission was first established), `reached`, `value` (days), `unseen` (a spell that
    may become recovery was not seen to end), `open` (the last one).
    """
    going_on = pl.col("low")
    if criterion.kept == "without return":
        going_on |= pl.col("stretched") & ~pl.col("returned")
    rows = after_remission(study, criterion).with_columns(going_on=going_on)
    return rows.group_by(SUBJECT, maintain_order=True).agg(
        last_day=pl.col("day").last(),
        remission_day=pl.col("day").filter("established").first(),
        reached=pl.col("day").filter("recovering").first(),
        value=pl.col("spell").filter(~pl.col("returned")).max(),
        unseen=(pl.col("going_on") & pl.col("unseen")).any(),
        open=pl.col("going_on").last(),
    )


def _evidence(units: pl.DataFrame, criterion: Recovery) -> list[pl.DataFrame]:
    established, days = pl.col("remission_day"), pl.col("value")
    remission = check(
        units,
        f"remission is established: {criterion.remission.run}",
        pl.lit(None),
        passed=pl.when(pl.col("last_day").is_not_null()).then(established.is_not_null()),
        day=established,
    )
    lasted = check(
        units,
        f"days from the onset of remission, {criterion.kept}",
        days,
        threshold=pl.lit(criterion.recovery_days),
        passed=pl.when(days.is_not_null()).then(pl.col("reached").is_not_null()),
        day=pl.col("reached"),
        bound=">=",
        unit="days",
    )
    return [remission, lasted]


def recovery_states(study: Study, criterion: Recovery) -> pl.DataFrame:
    """Return `subject_id, from_day, to_day, state`: "remission" once established, "recovered" once that is complete.

    They last until the last rating before the full score that was later confirmed, or, where every rating must be in
    remission, until the last one that was. States are told by the day: one lost on the day it began is not shown.
    """
    rows = after_remission(study, criterion).drop_nulls("spell")
    ends = "run" if criterion.kept == "in remission" else "stretch"
    lost = pl.col("since").filter("returned").first().over(SUBJECT, "stretch")
    kept = rows.with_columns(lost=lost).filter(pl.col("lost").is_null() | (pl.col("date") < pl.col("lost")))
    spells = kept.group_by(SUBJECT, ends).agg(
        from_day=pl.col("date").min(),
        recovered=pl.col("date").filter("recovering").min(),
        to_day=pl.col("date").max(),
    )
    until = pl.coalesce(pl.col("recovered") - 1, "to_day")
    remission = spells.select(SUBJECT, "from_day", to_day=until, state=pl.lit("remission"))
    recovered = spells.drop_nulls("recovered")
    recovered = recovered.select(SUBJECT, from_day="recovered", to_day="to_day", state=pl.lit("recovered"))
    return pl.concat([remission.filter(pl.col("from_day") <= pl.col("to_day")), recovered])
