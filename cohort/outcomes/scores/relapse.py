"""Did the episode return: before recovery (relapse) or after it (recurrence)?"""

from __future__ import annotations

import polars as pl

from cohort.criteria.recovery import Recurrence, Relapse
from cohort.outcomes.judgement import Judgement, check, first_reason, judgement, verdict
from cohort.outcomes.scores.remission_course import SUBJECT, after_remission
from cohort.records.study import Study

RELAPSES = ("relapsed", "recovered", "in remission", "no remission")
RECURRENCES = ("recurred", "recovered", "not recovered")


def classify_relapse(study: Study, criterion: Relapse) -> Judgement:
    """Return one verdict a subject; the value is the highest score since remission was first established.

    The day of "met" is the confirming rating's, that of "not met" the last rating's.
    """
    returned, recovered = pl.col("returned"), pl.col("recovered")
    relapsed = returned & pl.col("remitted") & ~recovered & ~pl.col("hidden_recovery")
    maybe = returned & ~recovered & ((pl.col("remitted") & pl.col("hidden_recovery")) | _hidden_remission())
    waiting = pl.col("remitted") & ~recovered
    units = _summed_up(study, criterion, met=relapsed, maybe=maybe, waiting=waiting)
    category = (
        pl.when(verdict="met")
        .then(pl.lit("relapsed"))
        .when(pl.col("recovery_day").is_not_null())
        .then(pl.lit("recovered"))
        .when(pl.col("remission_day").is_not_null())
        .then(pl.lit("in remission"))
        .otherwise(pl.lit("no remission"))
    )
    judged = _judged(units, pl.col("remission_day"), "no remission before", category)
    return judgement(criterion, judged, _evidence(judged, criterion))


def classify_recurrence(study: Study, criterion: Recurrence) -> Judgement:
    """Return one verdict a subject; the value is the highest score since remission was first established.

    The day of "met" is the confirming rating's, that of "not met" the last rating's.
    """
    returned, recovered = pl.col("returned"), pl.col("recovered")
    maybe = returned & ~recovered & pl.col("hidden_recovery")
    units = _summed_up(study, criterion, met=returned & recovered, maybe=maybe, waiting=recovered)
    category = (
        pl.when(verdict="met")
        .then(pl.lit("recurred"))
        .when(pl.col("recovery_day").is_not_null())
        .then(pl.lit("recovered"))
        .otherwise(pl.lit("not recovered"))
    )
    judged = _judged(units, pl.col("recovery_day"), "no recovery before", category)
    return judgement(criterion, judged, _evidence(judged, criterion))


def _hidden_remission() -> pl.Expr:
    return ~pl.col("remitted") & pl.col("hidden")


def _summed_up(
    study: Study, criterion: Relapse | Recurrence, *, met: pl.Expr, maybe: pl.Expr, waiting: pl.Expr
) -> pl.DataFrame:
    """Return one row a subject, from what is true of each of its ratings.

    Args:
        study: The study.
        criterion: The rule.
        met: The rating completes what the rule looks for.
        maybe: It would, but for what a gap hides.
        waiting: A full score on this rating, once confirmed, would complete it.

    Returns:
        `last_day, reached, maybe, pending` (the last rating is a full score that nothing confirms yet),
        `remission_day, recovery_day, highest, highest_day` (since remission was established).
    """
    rows = after_remission(study, criterion).with_columns(met=met, maybe=maybe, waiting=waiting)
    since = rows.filter(pl.col("established").cum_sum().over(SUBJECT) > 0)
    worst = since.sort(SUBJECT, pl.col("score"), descending=[False, True], maintain_order=True)
    highest = worst.group_by(SUBJECT, maintain_order=True).agg(
        highest=pl.col("score").first(), highest_day=pl.col("day").first()
    )
    found = rows.group_by(SUBJECT, maintain_order=True).agg(
        last_day=pl.col("day").last(),
        reached=pl.col("day").filter("met").first(),
        maybe=pl.col("maybe").any(),
        pending=(pl.col("high") & ~pl.col("returned") & pl.col("waiting")).last(),
        remission_day=pl.col("day").filter("established").first(),
        recovery_day=pl.col("day").filter("recovering").first(),
    )
    everyone = study.subjects.select(SUBJECT).join(found, on=SUBJECT, how="left")
    return everyone.join(highest, on=SUBJECT, how="left")


def _judged(units: pl.DataFrame, at_risk: pl.Expr, never: str, category: pl.Expr) -> pl.DataFrame:
    rated, met = pl.col("last_day").is_not_null(), pl.col("reached").is_not_null()
    maybe, pending = pl.col("maybe").fill_null(False), pl.col("pending").fill_null(False)
    lacking = ~rated | (~met & (maybe | pending))
    decided = units.with_columns(
        verdict(met, lacking),
        first_reason(
            (~rated, "no rating after baseline"),
            (met, ""),
            (maybe, "ratings too far apart"),
            (pending, "not confirmed"),
            (at_risk.is_null(), never),
            (pl.lit(True), "threshold not reached"),
        ),
        value="highest",
        day=pl.when(met).then("reached").when(~lacking).then("last_day"),
    )
    return decided.with_columns(category=pl.when(pl.col("verdict") != "undetermined").then(category))


def _evidence(units: pl.DataFrame, criterion: Relapse | Recurrence) -> list[pl.DataFrame]:
    rated, established = pl.col("last_day").is_not_null(), pl.col("remission_day")
    recovery, reached = pl.col("recovery_day"), pl.col("reached")
    after = isinstance(criterion, Recurrence)
    checks = [
        check(
            units,
            f"remission is established: {criterion.remission.run}",
            pl.lit(None),
            passed=pl.when(rated).then(established.is_not_null()),
            day=established,
        ),
        check(
            units,
            f"{criterion.scale} >= {criterion.full_score:g} since then",
            pl.col("highest"),
            threshold=pl.lit(criterion.full_score),
            passed=pl.col("highest") >= criterion.full_score,
            day=pl.col("highest_day"),
            bound=">=",
            unit="points",
        ),
        check(
            units,
            f"that is a {'recurrence' if after else 'relapse'}: {criterion.returned}",
            pl.lit(None),
            passed=pl.when(rated).then(reached.is_not_null()),
            day=reached,
        ),
    ]
    if criterion.recovery_days is not None:
        seen = check(
            units,
            f"recovery: {criterion.recovered}",
            pl.lit(None),
            passed=pl.when(rated & pl.lit(after)).then(recovery.is_not_null()),
            day=recovery,
        )
        checks.insert(1, seen)
    return checks
