"""How severe is the depression, by the bands of a score?"""

from __future__ import annotations

import polars as pl

from cohort.criteria import Severity
from cohort.outcomes.judgement import Judgement, check, first_reason, judgement, verdict
from cohort.outcomes.scores.ratings import at_entry, endpoint_of, lacking_reasons, looked_at, rating_checks, summed_up
from cohort.records.study import Study


def classify_severity(study: Study, criterion: Severity) -> Judgement:
    """Return one verdict a subject; the value is the score, the category its band.

    Value, day and band are those of the rating that decided, see `summed_up`; all are null for "undetermined".
    """
    endpoint = endpoint_of(criterion)
    score = pl.col("score")
    ratings = looked_at(study, criterion.scale, endpoint).with_columns(passed=score >= criterion.threshold, value=score)
    units = summed_up(study, ratings, endpoint).with_columns(
        verdict(pl.col("met"), pl.col("lacking")),
        first_reason(*lacking_reasons(endpoint), (~pl.col("met"), "threshold not reached")),
        category=band_of(pl.col("value"), criterion),
    )
    what = f"{criterion.scale} >= {criterion.threshold:g} ({criterion.at_least})"
    entry = check(
        units.join(at_entry(study, criterion.scale), on="subject_id", how="left"),
        f"{criterion.scale} at baseline",
        pl.col("baseline"),
        day=pl.col("baseline_day"),
        unit="points",
    )
    checks = rating_checks(ratings, units, endpoint, what, criterion.threshold, bound=">=", unit="points")
    return judgement(criterion, units, checks if endpoint.kind == "baseline" else [entry, *checks])


def band_of(score: pl.Expr, criterion: Severity) -> pl.Expr:
    """Return the name of the band in which a score lies, null where the score is."""
    names = [pl.when(score >= lowest).then(pl.lit(name)) for name, lowest in reversed(criterion.bands)]
    return pl.coalesce(*names)
