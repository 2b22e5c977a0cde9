"""Is the subject in remission?"""

from __future__ import annotations

import polars as pl

from cohort.criteria import Endpoint, Remission
from cohort.errors import CriterionError
from cohort.outcomes.judgement import Judgement, check, first_reason, judgement, verdict
from cohort.outcomes.ratings import lacking_reason, looked_at, rated, summed_up
from cohort.records.derive import baseline
from cohort.records.study import Study


def classify_remission(study: Study, criterion: Remission) -> Judgement:
    """Return one verdict a subject; the value is the score, the category whether the subject entered in remission."""
    endpoint = required_endpoint(criterion.endpoint, "HAMD17_REMISSION")
    ratings = looked_at(study, rated(study, criterion.scale), endpoint)
    ratings = ratings.with_columns(passed=in_remission(pl.col("score"), criterion), value=pl.col("score"))
    units = summed_up(study, ratings, endpoint).join(baseline(study, criterion.scale), on="subject_id", how="left")
    entered = in_remission(pl.col("baseline"), criterion)
    units = units.with_columns(
        verdict(pl.col("met"), pl.col("lacking")),
        first_reason((pl.col("lacking"), lacking_reason(endpoint)), (~pl.col("met"), "threshold not reached")),
        category=pl.when(entered).then(pl.lit("entered in remission")).when(~entered).then(pl.lit("entered above the threshold")),
    )
    threshold = pl.lit(criterion.threshold)
    evidence = [
        check(units, f"{criterion.scale} at baseline is above the threshold", pl.col("baseline"), threshold, ~entered, pl.col("baseline_day")),
        check(ratings, f"{criterion.scale} {criterion.bound} {criterion.threshold:g}", pl.col("score"), threshold, pl.col("passed"), pl.col("day")),
    ]
    return judgement(criterion, units, evidence)


def in_remission(score: pl.Expr, criterion: Remission) -> pl.Expr:
    """Return whether a score satisfies the criterion's bound."""
    return score <= criterion.threshold if criterion.bound == "<=" else score < criterion.threshold


def required_endpoint(endpoint: Endpoint | None, example: str) -> Endpoint:
    """Return the endpoint, or say how to name one: the choice changes the number, so there is no default."""
    if endpoint is None:
        raise CriterionError(
            f"this criterion names no endpoint; choose one, for example {example}.at('week 6'), .last_observed(), .ever() or .by_day(42)"
        )
    return endpoint
