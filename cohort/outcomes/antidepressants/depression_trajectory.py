"""Which course did the depression take?"""

from __future__ import annotations

import polars as pl

from cohort.criteria.depression_trajectory import DepressionTrajectory
from cohort.outcomes.antidepressants.antidepressant_result import antidepressant_results, needs_antidepressants
from cohort.outcomes.antidepressants.failed_antidepressants import different
from cohort.outcomes.antidepressants.rated_courses import percent_improvement
from cohort.outcomes.judgement import Judgement, check, first_reason, judgement, verdict
from cohort.outcomes.scores.ratings import after_baseline, at_entry, needs_scale
from cohort.records.study import Study

TRAJECTORIES = ("early remission", "fluctuating", "persistent", "other")


def needs_scores(study: Study, criterion: DepressionTrajectory) -> None:
    """Refuse a study without treatments or without ratings on the scale.

    Raises:
        CriterionError: There are no treatments.
        RecordError: There is no rating on the scale.
    """
    needs_antidepressants(study, criterion.result)
    needs_scale(study, criterion.result.remission)


def classify_depression_trajectory(study: Study, criterion: DepressionTrajectory) -> Judgement:
    """Return one verdict a subject; the category is the trajectory, the value the best improvement from baseline."""
    units = _units(study, criterion)
    early, lost = pl.col("early"), pl.col("lost_day").is_not_null()
    flat = ~lost & pl.col("flat")
    persistent = flat & (pl.col("adequate") >= criterion.adequate)
    hidden = flat & (pl.col("possible") >= criterion.adequate)
    unrated = pl.col("baseline").is_null() | pl.col("last_day").is_null()
    lacking = unrated | (~early & ~persistent & hidden)
    units = units.with_columns(
        verdict(early, lacking),
        first_reason(
            (pl.col("baseline").is_null(), "no baseline"),
            (unrated, "no rating after baseline"),
            (early, ""),
            (lacking, "too little known of the treatments"),
            (lost, "lost again"),
            (pl.lit(True), "threshold not reached"),
        ),
        category=pl.when(~lacking).then(
            pl.when(early)
            .then(pl.lit("early remission"))
            .when(lost)
            .then(pl.lit("fluctuating"))
            .when(persistent)
            .then(pl.lit("persistent"))
            .otherwise(pl.lit("other"))
        ),
        value=pl.col("best"),
        day=pl.when(~lacking).then(pl.when(early).then("remission_day").otherwise(pl.coalesce("lost_day", "last_day"))),
    )
    return judgement(criterion, units, _evidence(units, criterion))


def _units(study: Study, criterion: DepressionTrajectory) -> pl.DataFrame:
    scale = criterion.result.remission.scale
    results = antidepressant_results(study, criterion.result).filter(role="antidepressant")
    scores = _scores(after_baseline(study, scale), criterion)
    units = study.subjects.select("subject_id")
    for part in (
        at_entry(study, scale),
        scores,
        _early_remission(results, scores, criterion),
        _adequate(results),
    ):
        units = units.join(part, on="subject_id", how="left")
    return units.with_columns(
        pl.col("adequate", "possible").fill_null(0),
        pl.col("flat").fill_null(False),
        early=pl.col("remission_day").is_not_null(),
    ).sort("subject_id")


def _early_remission(results: pl.DataFrame, scores: pl.DataFrame, criterion: DepressionTrajectory) -> pl.DataFrame:
    """Return `subject_id, remission_day`: the first early remission after which no score was a relapse."""
    place = pl.struct("start", "treatment_no").rank("ordinal").over("subject_id")
    early = results.filter(
        (place <= criterion.early_treatments)
        & (pl.col("remission_day") > 0)
        & (pl.col("remission_day") <= pl.col("start") + criterion.early_days)
    )
    relapsed = early.join(scores.select("subject_id", "relapse_day"), on="subject_id", how="left")
    held = relapsed.filter(pl.col("relapse_day").is_null() | (pl.col("relapse_day") < pl.col("remission_day")))
    return held.group_by("subject_id").agg(pl.col("remission_day").min())


def _scores(scores: pl.DataFrame, criterion: DepressionTrajectory) -> pl.DataFrame:
    """Return of each subject `best, flat, lost_day, relapse_day, last_day`.

    `best` is the greatest improvement, `flat` whether none reaches what a persistent course may not, `lost_day` the
    first loss of a response, `relapse_day` the last rating at the relapse score.
    """
    needed = 25 if criterion.persistent == "improvement below 25" else 50
    improved = scores.with_columns(improvement=percent_improvement(pl.col("baseline"), pl.col("score")))
    before = (pl.col("improvement") >= 50).fill_null(False).cum_max().shift(1, fill_value=False).over("subject_id")
    relapse = pl.col("score") >= criterion.relapse_score
    lost = before & (relapse | (2 * pl.col("score") > pl.col("baseline")))
    return (
        improved.with_columns(lost=lost)
        .group_by("subject_id", maintain_order=True)
        .agg(
            best=pl.col("improvement").max(),
            flat=(pl.col("improvement") < needed).all(ignore_nulls=False),
            lost_day=pl.col("day").filter("lost").min(),
            relapse_day=pl.col("day").filter(relapse).max(),
            last_day=pl.col("day").max(),
        )
    )


def _adequate(results: pl.DataFrame) -> pl.DataFrame:
    """Return `subject_id, adequate, possible`: how many different antidepressants were adequate, or may have been."""
    certain = pl.col("adequate") & (pl.col("category") != "nonadherence")
    placed = results.with_columns(episode_no=pl.lit(1), at=pl.col("start"), certain=pl.lit(True))
    sure = different(placed.filter(certain), by_class=False)
    possible = different(placed.filter(certain | (pl.col("category") == "unknown")), by_class=False)
    counts = [
        frame.group_by("subject_id").agg(pl.len().cast(pl.Int64).alias(name))
        for name, frame in (("adequate", sure), ("possible", possible))
    ]
    return counts[1].join(counts[0], on="subject_id", how="left")


def _evidence(units: pl.DataFrame, criterion: DepressionTrajectory) -> list[pl.DataFrame]:
    scale = criterion.result.remission.scale
    return [
        check(units, f"{scale} at baseline", pl.col("baseline"), day=pl.col("baseline_day"), unit="points"),
        check(
            units,
            "early remission under one of the first antidepressants, and no relapse since",
            pl.lit(None),
            passed=pl.col("remission_day").is_not_null(),
            day=pl.col("remission_day"),
        ),
        check(
            units,
            f"last {scale} of {criterion.relapse_score:g} or more",
            pl.lit(None),
            day=pl.col("relapse_day"),
        ),
        check(units, "best percent improvement from baseline", pl.col("best"), unit="percent"),
        check(units, "a fall of half was lost again", pl.lit(None), day=pl.col("lost_day")),
        check(
            units,
            "different antidepressants that were adequate",
            pl.col("adequate"),
            unit="antidepressants",
        ),
    ]
