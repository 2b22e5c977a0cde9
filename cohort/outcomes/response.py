"""Has the score fallen enough from baseline?"""

from __future__ import annotations

import polars as pl

from cohort.criteria import Response
from cohort.outcomes.judgement import Judgement, check, first_reason, judgement, verdict
from cohort.outcomes.ratings import at_entry, endpoint_of, lacking_reasons, looked_at, rating_checks, summed_up
from cohort.records.study import Study

_DECIMALS = 9  # a fall of exactly 25 percent, 16.4 to 12.3, is 24.999999999999993 in binary fractions


IMPROVEMENTS = ("response", "partial response", "no response", "worse")


def classify_response(study: Study, criterion: Response) -> Judgement:
    """Return one verdict a subject; the value is the percent improvement, the category its band.

    Value, day and band are those of the rating that decided, see `summed_up`; all are null for "undetermined". The
    bands: response, partial response (25 percent or more), no response (0 or more), worse.
    """
    endpoint = endpoint_of(criterion)
    start, lacking = pl.col("baseline"), pl.col("lacking")
    ratings = _improved(looked_at(study, criterion.scale, endpoint), criterion)
    units = summed_up(study, ratings, endpoint).join(at_entry(study, criterion.scale), on="subject_id", how="left")
    units = units.with_columns(
        verdict(pl.col("met"), lacking),
        first_reason(
            (start.is_null(), "no baseline"),
            *lacking_reasons(endpoint),
            (start == 0, "baseline is zero, percent undefined"),
            (~pl.col("met"), "threshold not reached"),
        ),
        category=_band(pl.col("value"), pl.col("met")),
    )
    known = check(
        units,
        f"{criterion.scale} at baseline is known",
        start,
        passed=start.is_not_null(),
        day=pl.col("baseline_day"),
    )
    what = f"percent improvement of {criterion.scale} {criterion.bound} {criterion.improvement:g}"
    needed = round(criterion.improvement, _DECIMALS)
    return judgement(criterion, units, [known, *rating_checks(ratings, units, endpoint, what, needed)])


def _improved(ratings: pl.DataFrame, criterion: Response) -> pl.DataFrame:
    """Add `value` (percent improvement, null from a baseline of zero) and `passed` (null without baseline or score)."""
    start, score, value = pl.col("baseline"), pl.col("score"), pl.col("value")
    needed = round(criterion.improvement, _DECIMALS)
    enough = value >= needed if criterion.bound == ">=" else value > needed
    compared = ratings.with_columns(value=pl.when(start > 0).then((100 * (start - score) / start).round(_DECIMALS)))
    return compared.with_columns(
        passed=pl.when(start.is_not_null() & score.is_not_null()).then(enough.fill_null(False))
    )


def _band(percent: pl.Expr, met: pl.Expr) -> pl.Expr:
    return (
        pl.when(met)
        .then(pl.lit("response"))
        .when(percent >= 25)
        .then(pl.lit("partial response"))
        .when(percent >= 0)
        .then(pl.lit("no response"))
        .when(percent < 0)
        .then(pl.lit("worse"))
    )
