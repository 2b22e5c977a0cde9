"""Was the treatment a fair test?"""

from __future__ import annotations

import polars as pl

from cohort.criteria.adequacy import Adequacy
from cohort.errors import CriterionError
from cohort.outcomes.judgement import Judgement, check, first_reason, judgement, verdict
from cohort.outcomes.treatments.exposure import exposures
from cohort.records.study import Study


def needs_treatments(study: Study, _: Adequacy) -> None:
    """Refuse a study without treatments.

    Raises:
        CriterionError: It has none.
    """
    if study.treatments.is_empty():
        raise CriterionError("adequacy is judged for each treatment, and the study has no treatments")


def classify_adequacy(study: Study, criterion: Adequacy) -> Judgement:
    """Return one verdict a treatment; the value is the days at or above the minimum dose.

    The day of "met" is the one on which there were enough of them (and adherence was recorded, where it must be). The
    day of "not met" is the start where the treatment is no drug or does not suit, else the stop; of a course that goes
    on, the day by which it could have been adequate or on which its dose fell below the minimum.
    """
    units = exposures(study, criterion).with_columns(stopped_for=pl.col("stop_reason").cast(pl.String))
    units = units.with_columns(_exposed())
    unsuited, missed = ~pl.col("suited"), ~pl.col("adherent")
    not_met = ~pl.col("is_drug") | unsuited.fill_null(False) | ~pl.col("exposed") | missed.fill_null(False)
    not_met = not_met.fill_null(False)
    met = pl.col("suited") & pl.col("exposed") & pl.col("adherent") & pl.col("is_drug")
    units = units.with_columns(met=met.fill_null(False), not_met=not_met)
    units = units.with_columns(
        verdict(pl.col("met"), ~pl.col("met") & ~pl.col("not_met")),
        pl.when("not_met").then(_why_not()).otherwise(_what_lacks()).alias("reason"),
        value=pl.col("adequate_days"),
        day=_day(criterion),
    )
    return judgement(criterion, units, _evidence(units, criterion))


def _exposed() -> pl.Expr:
    """Return whether the dose was enough for long enough; null where that is not known or may still come."""
    young = pl.col("end") - pl.col("start") + 1 < pl.col("needed")
    coming = pl.col("stop").is_null() & (young | pl.col("holding"))
    possible = pl.col("possible_day").is_not_null() | coming
    return pl.when(pl.col("adequate_day").is_not_null()).then(True).when(~possible).then(False).alias("exposed")


def _why_not() -> pl.Expr:
    short, intolerance = ~pl.col("exposed"), pl.col("stopped_for").str.contains("intolerance")
    return first_reason(
        (~pl.col("is_drug"), "not a drug"),
        (~pl.col("suited"), "not suited"),
        (short & intolerance, "stopped for intolerance"),
        (short & ~pl.col("dosed"), "dose too low"),
        (~pl.col("adherent"), "not adherent"),
        (short, "too short"),
    )


def _what_lacks() -> pl.Expr:
    """Return what is missing for a verdict; empty where nothing is."""
    unknown = pl.col("exposed").is_null() & ~pl.col("known") & ~pl.col("met")
    found = first_reason(
        (pl.col("met"), ""),
        (pl.col("suited").is_null(), "suitability not known"),
        (pl.col("exposed").is_null(), "still going on"),
        (pl.col("adherent").is_null(), "adherence not recorded"),
    )
    return pl.when(unknown).then(pl.col("why_unknown").cast(pl.String)).otherwise(found)


def _day(criterion: Adequacy) -> pl.Expr:
    known = pl.col("adherence_day") if criterion.missing_adherence == "undetermined" else pl.lit(None, pl.Int64)
    at_once = ~pl.col("is_drug") | ~pl.col("suited")
    could_be = pl.max_horizontal(pl.col("start") + pl.col("needed") - 1, pl.col("left") + 1)
    late = pl.coalesce("stop", pl.when(~pl.col("exposed")).then(could_be), "adherence_day")
    return (
        pl.when("met")
        .then(pl.max_horizontal("adequate_day", known))
        .when(pl.col("not_met") & at_once.fill_null(False))
        .then("start")
        .when("not_met")
        .then(late)
    )


def _evidence(units: pl.DataFrame, criterion: Adequacy) -> list[pl.DataFrame]:
    start, minimum = pl.col("start"), pl.col("minimum_dose")
    reaches = pl.col("highest_dose") >= minimum if criterion.bound == ">=" else pl.col("highest_dose") > minimum
    return [
        check(units, "the treatment is a drug", pl.lit(None), passed=pl.col("is_drug"), day=start),
        check(units, "the drug suits the subject's epilepsy", pl.lit(None), passed=pl.col("suited"), day=start)
        if criterion.suitability
        else units.clear().pipe(check, "", pl.lit(None)),
        check(
            units,
            "highest daily dose",
            pl.col("highest_dose"),
            threshold=minimum,
            passed=reaches,
            bound=criterion.bound,
            unit="mg a day",
        ),
        check(
            units,
            "days at or above the minimum dose",
            pl.col("adequate_days"),
            threshold=pl.col("needed"),
            passed=pl.col("exposed"),
            day=pl.col("adequate_from"),
            bound=">=",
            unit="days",
        ),
        *share_checks(units, criterion),
    ]


def share_checks(units: pl.DataFrame, criterion: Adequacy) -> list[pl.DataFrame]:
    """Return the share of the doses taken; one that nobody recorded bears no bound where it counts as taken."""
    share, what = (100 * pl.col("adherence")).round(9), "share of the doses taken"
    hangs = pl.col("adherence").is_not_null() | (criterion.missing_adherence == "undetermined")
    taken, day = pl.when(share.is_not_null()).then("adherent"), pl.col("adherence_day")
    least = pl.lit(criterion.min_adherence)
    return [
        check(units.filter(hangs), what, share, threshold=least, passed=taken, day=day, bound=">=", unit="percent"),
        check(units.filter(~hangs), what, share, unit="percent"),
    ]
