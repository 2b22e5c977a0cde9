"""Has the score fallen enough from baseline?"""

from __future__ import annotations

import polars as pl

from cohort.criteria import Response
from cohort.outcomes.judgement import Judgement, check, first_reason, judgement, verdict
from cohort.outcomes.scores.ratings import at_entry, endpoint_of, lacking_reasons, looked_at, rating_checks, summed_up
from cohort.records.study import Study

_DECIMALS = 9  # a fall of exactly 25 percent, 16.4 to 12.3, is 24.999999999999993 in binary fractions


_NEEDS = {">=": "at most", ">": "below"}

IMPROVEMENTS = ("response", "partial response", "no response", "worse")


def classify_response(study: Study, criterion: Response) -> Judgement:
    """Return one verdict a subject; the value is the percent improvement, the category its band.

    Value, day and band are those of the rating that decided, see `summed_up`; all are null for "undetermined". The
    bands: response, partial response (25 percent or more, or what a criterion with `under` asks for), no response (0 or
    more), worse.
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
        category=_band(pl.col("value"), pl.col("met"), criterion),
    )
    known = check(
        units,
        f"{criterion.scale} at baseline is known",
        start,
        passed=start.is_not_null(),
        day=pl.col("baseline_day"),
        unit="points",
    )
    enough = check(
        units,
        f"{criterion.scale} total that is enough from this baseline ({_NEEDS[criterion.bound]})",
        (start * (100 - criterion.improvement) / 100).round(_DECIMALS),
        unit="points",
    )
    needed = round(criterion.improvement, _DECIMALS)
    beyond = _beyond(criterion).fill_null(False)
    what = f"percent improvement of {criterion.scale}"
    checks = rating_checks(
        ratings.filter(~beyond),
        units,
        endpoint,
        f"{what} {criterion.bound} {criterion.improvement:g}",
        needed,
        bound=criterion.bound,
        unit="percent",
    )
    if criterion.under is not None:
        below, limit = f"{what} < {criterion.under:g}", round(criterion.under, _DECIMALS)
        over = rating_checks(ratings.filter(beyond), units, endpoint, below, limit, bound="<", unit="percent")
        checks.insert(1, over[0])
    return judgement(criterion, units, [known, enough, *checks])


def _improved(ratings: pl.DataFrame, criterion: Response) -> pl.DataFrame:
    """Add `value` (percent improvement, null from a baseline of zero) and `passed` (null without baseline or score)."""
    start, score, value = pl.col("baseline"), pl.col("score"), pl.col("value")
    needed = round(criterion.improvement, _DECIMALS)
    enough = value >= needed if criterion.bound == ">=" else value > needed
    enough &= ~_beyond(criterion)
    compared = ratings.with_columns(value=pl.when(start > 0).then((100 * (start - score) / start).round(_DECIMALS)))
    return compared.with_columns(
        passed=pl.when(start.is_not_null() & score.is_not_null()).then(enough.fill_null(False))
    )


def _beyond(criterion: Response) -> pl.Expr:
    """Return whether the fall is too large for a partial response; never so where the criterion sets no limit."""
    return pl.col("value") >= (float("inf") if criterion.under is None else round(criterion.under, _DECIMALS))


def _band(percent: pl.Expr, met: pl.Expr, criterion: Response) -> pl.Expr:
    responded = met if criterion.under is None else _beyond(criterion)
    return (
        pl.when(responded)
        .then(pl.lit("response"))
        .when(met | (percent >= 25))
        .then(pl.lit("partial response"))
        .when(percent >= 0)
        .then(pl.lit("no response"))
        .when(percent < 0)
        .then(pl.lit("worse"))
    )
