"""Has the score, or the seizure rate, fallen enough from baseline?"""

from __future__ import annotations

import polars as pl

from cohort.criteria import Response, SeizureResponse
from cohort.outcomes.judgement import Judgement, check, first_reason, judgement, verdict
from cohort.outcomes.ratings import lacking_reason, looked_at, rated, summed_up
from cohort.outcomes.remission import required_endpoint
from cohort.records.derive import baseline, seizure_changes
from cohort.records.study import Study


def classify_response(study: Study, criterion: Response) -> Judgement:
    """Return one verdict a subject; the value is the percent improvement, the category its band."""
    endpoint = required_endpoint(criterion.endpoint, "HAMD17_RESPONSE")
    start, score = pl.col("baseline"), pl.col("score")
    fallen, needed = 100 * (start - score), criterion.improvement * start
    ratings = looked_at(study, rated(study, criterion.scale), endpoint).with_columns(
        passed=((start > 0) & (fallen >= needed if criterion.bound == ">=" else fallen > needed)).fill_null(False),
        value=pl.when(start > 0).then(fallen / start),
    )
    units = summed_up(study, ratings, endpoint).join(baseline(study, criterion.scale), on="subject_id", how="left")
    no_baseline = start.is_null()
    units = units.with_columns(
        verdict(pl.col("met"), pl.col("lacking") | no_baseline),
        first_reason(
            (no_baseline, "no baseline"),
            (pl.col("lacking"), lacking_reason(endpoint)),
            (start == 0, "baseline is zero, percent undefined"),
            (~pl.col("met"), "threshold not reached"),
        ),
        category=_improvement_band(pl.col("value"), pl.col("met"), pl.col("lacking") | no_baseline),
    )
    what = f"percent improvement of {criterion.scale} {criterion.bound} {criterion.improvement:g}"
    evidence = [
        check(units, f"{criterion.scale} at baseline is known", start, pl.lit(None), start.is_not_null(), pl.col("baseline_day")),
        check(ratings, what, pl.col("value"), pl.lit(criterion.improvement), pl.col("passed"), pl.col("day")),
    ]
    return judgement(criterion, units, evidence)


def _improvement_band(percent: pl.Expr, met: pl.Expr, undetermined: pl.Expr) -> pl.Expr:
    band = pl.when(met).then(pl.lit("response")).when(percent >= 25).then(pl.lit("partial response"))
    return pl.when(~undetermined).then(band.when(percent >= 0).then(pl.lit("no response")).when(percent < 0).then(pl.lit("worse")))


def classify_seizure_response(study: Study, criterion: SeizureResponse) -> Judgement:
    """Return one verdict a subject; the value is the percent change of the rate per 28 observed days (negative is better)."""
    before, after = criterion.baseline, criterion.treatment
    units = seizure_changes(study, (before.from_day, before.to_day), (after.from_day, after.to_day))
    # Whole numbers on both sides: 100 (B/b - T/t) >= r B/b  <=>  100 (B t - T b) >= r B t.
    scaled = pl.col("baseline_seizures") * pl.col("observed_days")
    fallen = 100 * (scaled - pl.col("seizures") * pl.col("baseline_days"))
    reached = fallen >= criterion.reduction * scaled if criterion.bound == ">=" else fallen > criterion.reduction * scaled
    units = units.with_columns(
        nothing=(pl.col("baseline_days") == 0) | (pl.col("observed_days") == 0),
        few=(100 * pl.col("baseline_days") < criterion.min_observed * before.days)
        | (100 * pl.col("observed_days") < criterion.min_observed * after.days),
        ended=pl.lit(criterion.complete) & (pl.col("last_observed") < after.to_day).fill_null(True),
        no_start=pl.col("baseline_seizures") == 0,
    )
    units = units.with_columns(met=reached & ~pl.col("no_start"), lacking=pl.col("nothing") | pl.col("few") | pl.col("ended"))
    units = units.with_columns(
        verdict(pl.col("met"), pl.col("lacking")),
        first_reason(
            (pl.col("nothing"), "no observed days"),
            (pl.col("few"), "too few observed days"),
            (pl.col("ended"), "follow-up ends before the day"),
            (pl.col("no_start"), "baseline is zero, percent undefined"),
            (~pl.col("met"), "threshold not reached"),
        ),
        category=pl.when(~pl.col("lacking")).then(_rate_band()),
        value=pl.col("percent_change"),
        day=pl.when(~pl.col("lacking")).then(pl.col("last_observed").cast(pl.Float64)),
    )
    return judgement(criterion, units, _rate_evidence(units, criterion))


def _rate_band() -> pl.Expr:
    """Return the band of the change in words; null where the baseline is zero."""
    change = pl.col("percent_change")
    return (
        pl.when(change == -100)
        .then(pl.lit("no seizures"))
        .when(change <= -75)
        .then(pl.lit("reduced by at least 75%"))
        .when(change <= -50)
        .then(pl.lit("reduced by at least 50%"))
        .when(change <= 0)
        .then(pl.lit("reduced by less than 50%"))
        .when(change > 0)
        .then(pl.lit("increased"))
    )


def _rate_evidence(units: pl.DataFrame, criterion: SeizureResponse) -> list[pl.DataFrame]:
    share = criterion.min_observed / 100
    before, after = criterion.baseline, criterion.treatment
    enough = 100 * pl.col("baseline_days") >= criterion.min_observed * before.days
    enough_after = 100 * pl.col("observed_days") >= criterion.min_observed * after.days
    return [
        check(units, f"observed days in {before.label}", pl.col("baseline_days"), pl.lit(share * before.days), enough),
        check(units, f"observed days in {after.label}", pl.col("observed_days"), pl.lit(share * after.days), enough_after),
        check(units, f"seizures per 28 days in {before.label}", pl.col("baseline_rate28"), pl.lit(0), pl.col("baseline_rate28") > 0),
        check(units, f"seizures per 28 days in {after.label}", pl.col("rate28"), pl.lit(None), pl.lit(None, dtype=pl.Boolean)),
        check(
            units,
            f"percent change of the rate {'<=' if criterion.bound == '>=' else '<'} -{criterion.reduction:g}",
            pl.col("percent_change"),
            pl.lit(-criterion.reduction),
            pl.when(~pl.col("lacking")).then(pl.col("met")),
            pl.col("day"),
        ),
    ]
