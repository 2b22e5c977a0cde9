"""Is the subject in remission?"""

from __future__ import annotations

import polars as pl

from cohort.criteria import Remission, SustainedRemission
from cohort.outcomes.judgement import Judgement, check, first_reason, judgement, verdict
from cohort.outcomes.scores.ratings import at_entry, endpoint_of, lacking_reasons, looked_at, rating_checks, summed_up
from cohort.records.study import Study

ENTRIES = ("entered out of remission", "entered in remission")


def classify_remission(study: Study, criterion: Remission) -> Judgement:
    """Return one verdict a subject; the value is the score, the category whether the subject entered in remission.

    Value and day are those of the rating that decided, see `summed_up`; both are null for "undetermined".
    """
    endpoint = endpoint_of(criterion)
    score, start = pl.col("score"), pl.col("baseline")
    ratings = looked_at(study, criterion.scale, endpoint).with_columns(
        passed=in_remission(score, criterion), value=score
    )
    units = summed_up(study, ratings, endpoint).join(at_entry(study, criterion.scale), on="subject_id", how="left")
    entered = in_remission(start, criterion)
    units = units.with_columns(
        verdict(pl.col("met"), pl.col("lacking")),
        first_reason(*lacking_reasons(endpoint), (~pl.col("met"), "threshold not reached")),
        category=pl.when(entered)
        .then(pl.lit("entered in remission"))
        .when(~entered)
        .then(pl.lit("entered out of remission")),
    )
    threshold = criterion.threshold
    entry = check(
        units,
        f"{criterion.scale} at baseline is out of remission",
        start,
        threshold=pl.lit(threshold),
        passed=~entered,
        day=pl.col("baseline_day"),
        unit="points",  # no bound: the verdict does not hang on it
    )
    what = f"{criterion.scale} {criterion.bound} {threshold:g}"
    checks = rating_checks(ratings, units, endpoint, what, threshold, bound=criterion.bound, unit="points")
    return judgement(criterion, units, [entry, *checks])


def in_remission(score: pl.Expr, criterion: Remission | SustainedRemission) -> pl.Expr:
    """Return whether a score satisfies the criterion's bound; null where the score is."""
    return score <= criterion.threshold if criterion.bound == "<=" else score < criterion.threshold
