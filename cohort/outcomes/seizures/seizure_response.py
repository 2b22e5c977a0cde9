"""Has the seizure rate fallen enough from baseline?"""

from __future__ import annotations

from fractions import Fraction

import polars as pl

from cohort.criteria import Period, SeizureResponse
from cohort.errors import CriterionError
from cohort.outcomes.judgement import Judgement, check, first_reason, judgement, verdict
from cohort.records.derive import MONTH_DAYS, diary, seizure_changes
from cohort.records.study import Study

RATE_CHANGES = (
    "no seizures",
    "reduced by 75 to <100%",
    "reduced by 50 to <75%",
    "reduced by less than 50%",
    "unchanged",
    "increased",
)


def needs_seizures(study: Study, _: object) -> None:
    """Refuse a study without seizure records.

    Raises:
        CriterionError: It has none.
    """
    if study.seizures.is_empty() and study.observed.is_empty():
        raise CriterionError("a seizure rate needs seizure records, and the study has none")


def classify_seizure_response(study: Study, criterion: SeizureResponse) -> Judgement:
    """Return one verdict a subject; the value is the percent change of the rate per 28 days (negative is better).

    The day is the last observed day of the treatment period, null for "undetermined"; the value is null where the
    baseline holds no seizure or either period no observed day.
    """
    before, after = criterion.baseline, criterion.treatment
    units = seizure_changes(study, (before.from_day, before.to_day), (after.from_day, after.to_day))
    return judged(units.join(_reach(study, after), on="subject_id", how="left"), criterion)


def judged(units: pl.DataFrame, criterion: SeizureResponse) -> Judgement:
    """Return the verdicts on subjects whose periods are known: the columns of `seizure_changes` and of `_reach`."""
    units = _compared(units, criterion)
    lacking = pl.col("lacking")
    units = units.with_columns(
        verdict(pl.col("met"), lacking),
        first_reason(
            (lacking & pl.col("nothing"), "no observed days"),
            (lacking & pl.col("few"), "too few observed days"),
            (lacking & pl.col("ended"), "follow-up ends before the day"),
            (lacking, "seizures reach over the period's edge"),
            (pl.lit(not criterion.freedom) & (pl.col("baseline_seizures") == 0), "baseline is zero, percent undefined"),
            (~pl.col("met"), "threshold not reached"),
        ),
        category=pl.when(~lacking & ~((pl.col("percent_change") == -100) & pl.col("seen"))).then(_rate_band()),
        value=pl.col("percent_change"),
        day=pl.when(~lacking).then("last_observed"),
    )
    return judgement(criterion, units, _evidence(units, criterion))


def _compared(units: pl.DataFrame, criterion: SeizureResponse) -> pl.DataFrame:
    """Return both periods of each subject with `met`, `lacking` and what is lacking.

    `seizure`: one was recorded in the treatment period, which decides where freedom is asked for.
    """
    before, after = criterion.baseline, criterion.treatment
    compared = pl.lit(not criterion.freedom)
    filled = units if criterion.missing_days == "observed rate" else units.with_columns(_filled(criterion))
    units = filled.with_columns(
        nothing=(compared & (pl.col("baseline_days") == 0)) | (pl.col("observed_days") == 0),
        few=(compared & ~_enough("baseline_days", before, criterion)) | ~_enough("observed_days", after, criterion),
        ended=pl.lit(criterion.complete) & (pl.col("recorded_to") < after.to_day).fill_null(True),
        unclear=pl.lit(criterion.freedom) & pl.col("straddles").fill_null(False),
        seen=pl.col("seen").fill_null(False),
        seizure=pl.lit(criterion.freedom) & pl.col("seen").fill_null(False),
    )
    lacking = pl.any_horizontal("nothing", "few", "ended", "unclear") & ~pl.col("seizure")
    fallen = (_fallen(criterion) & (pl.col("baseline_seizures") > 0)).fill_null(False)
    return units.with_columns(lacking=lacking, met=~pl.col("seizure") if criterion.freedom else fallen)


def _enough(days: str, period: Period, criterion: SeizureResponse) -> pl.Expr:
    return 100 * pl.col(days) >= criterion.min_observed * period.days


def _fallen(criterion: SeizureResponse) -> pl.Expr:
    """Whole numbers on both sides: 100 (B/b - T/t) >= r B/b  <=>  100 (B t - T b) >= r B t."""
    start, weight, filled_in = _terms(criterion)
    now = pl.col("seizures") * weight + filled_in
    percent = Fraction(criterion.reduction).limit_denominator(1000)
    fallen, needed = 100 * percent.denominator * (start - now), percent.numerator * start
    return fallen >= needed if criterion.bound == ">=" else fallen > needed


def _terms(criterion: SeizureResponse) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """Return whole numbers that stand as the baseline's rate to that of the treatment: start to T weight + filled in.

    With B seizures on b of b' days and T on t of t': B/b to T/t is B t to T b. Missing days that hold none make it
    B/b' to T/t', that is B t' to T b'; at the baseline's rate, B/b to (T + (t' - t) B/b) / t', that is B t' to
    T b + (t' - t) B.
    """
    before, days = pl.col("baseline_seizures"), pl.col("baseline_days")
    if criterion.missing_days == "observed rate":
        return before * pl.col("observed_days"), days, pl.lit(0)
    start = before * criterion.treatment.days
    if criterion.missing_days == "zero":
        return start, pl.lit(criterion.baseline.days), pl.lit(0)
    return start, days, (criterion.treatment.days - pl.col("observed_days")) * before


def _filled(criterion: SeizureResponse) -> list[pl.Expr]:
    """Return both rates and the change with the missing days filled in."""
    start, weight, filled_in = _terms(criterion)
    now = pl.col("seizures") * weight + filled_in
    known = (pl.col("baseline_days") > 0) & (pl.col("observed_days") > 0)
    whole = weight * criterion.treatment.days
    return [
        pl.when(known & (start > 0)).then(100 * (now - start) / start).alias("percent_change"),
        pl.when(known).then(MONTH_DAYS * start / whole).alias("baseline_rate28"),
        pl.when(known).then(MONTH_DAYS * now / whole).alias("rate28"),
    ]


def _reach(study: Study, period: Period) -> pl.DataFrame:
    """Return the last recorded day of all, and whether seizures lie partly or wholly in the period."""
    end = pl.col("day") + pl.col("days") - 1
    inside = (pl.col("day") >= period.from_day) & (end <= period.to_day)
    touching = (pl.col("day") <= period.to_day) & (end >= period.from_day)
    seizure = pl.col("known") > 0
    return (
        diary(study)
        .group_by("subject_id")
        .agg(
            recorded_to=end.filter(pl.col("count").is_not_null()).max(),
            straddles=(touching & ~inside & seizure).any(),
            seen=(inside & seizure).any(),
        )
    )


def _rate_band() -> pl.Expr:
    """Return the band of the change in words; null where the baseline is zero.

    A known seizure on a day without a full count is in no rate, and then there is no band "no seizures".
    """
    change = pl.col("percent_change")
    return (
        pl.when(change == -100)
        .then(pl.lit("no seizures"))
        .when(change <= -75)
        .then(pl.lit("reduced by 75 to <100%"))
        .when(change <= -50)
        .then(pl.lit("reduced by 50 to <75%"))
        .when(change < 0)
        .then(pl.lit("reduced by less than 50%"))
        .when(change == 0)
        .then(pl.lit("unchanged"))
        .when(change > 0)
        .then(pl.lit("increased"))
    )


def _evidence(units: pl.DataFrame, criterion: SeizureResponse) -> list[pl.DataFrame]:
    before, after = criterion.baseline, criterion.treatment
    start, change = pl.col("baseline_rate28"), pl.col("percent_change")
    sign = "<=" if criterion.bound == ">=" else "<"
    if criterion.freedom:
        return _freedom_evidence(units, criterion)
    lines = [
        _days_check(units, "baseline_days", before, criterion),
        _days_check(units, "observed_days", after, criterion),
        check(units, f"seizures per 28 days in {before.label}", start, threshold=pl.lit(0), passed=start > 0),
        check(units, f"seizures per 28 days in {after.label}", pl.col("rate28")),
        check(units, f"seizures in {after.label}", pl.col("seizures"), unit="seizures"),
        check(units, f"most seizures in {after.label} that would be enough", _most(criterion), unit="seizures"),
        check(
            units,
            f"percent change of the rate {sign} -{criterion.reduction:g}",
            change,
            threshold=pl.lit(-criterion.reduction),
            passed=pl.when(~pl.col("lacking")).then("met"),
            day=pl.col("day"),
            bound=sign,
            unit="percent",
        ),
    ]
    return [*lines[:2], *_reached(units, criterion), *lines[2:]]


def _freedom_evidence(units: pl.DataFrame, criterion: SeizureResponse) -> list[pl.DataFrame]:
    before, after = criterion.baseline, criterion.treatment
    lacking = pl.col("lacking")
    return [
        _days_check(units, "observed_days", after, criterion),
        *_reached(units, criterion),
        check(units, f"seizures per 28 days in {before.label}", pl.col("baseline_rate28")),
        check(
            units,
            f"seizures in {after.label}",
            pl.col("seizures"),
            threshold=pl.lit(0),
            passed=pl.when(~lacking).then("met"),
            day=pl.col("day"),
            bound="=",
            unit="seizures",
        ),
    ]


def _reached(units: pl.DataFrame, criterion: SeizureResponse) -> list[pl.DataFrame]:
    if not criterion.complete:
        return []
    last, passed = pl.lit(criterion.treatment.to_day), ~pl.col("ended")
    day = pl.col("recorded_to")
    return [check(units, "last recorded day", day, threshold=last, passed=passed, bound=">=", unit="days")]


def _most(criterion: SeizureResponse) -> pl.Expr:
    """Return the most seizures in the treatment period that the rule allows, in whole numbers as `_fallen`."""
    percent = Fraction(criterion.reduction).limit_denominator(1000)
    start, weight, filled_in = _terms(criterion)
    left = (100 * percent.denominator - percent.numerator) * start - 100 * percent.denominator * filled_in
    whole = 100 * percent.denominator * weight
    most = left // whole if criterion.bound == ">=" else -(-left // whole) - 1
    return pl.when((pl.col("baseline_seizures") > 0) & (whole > 0) & (most >= 0)).then(most)


def _days_check(units: pl.DataFrame, days: str, period: Period, criterion: SeizureResponse) -> pl.DataFrame:
    return check(
        units,
        f"observed days in {period.label}",
        pl.col(days),
        threshold=pl.lit(criterion.min_observed * period.days / 100),
        passed=_enough(days, period, criterion),
        bound=">=",
        unit="days",
    )
