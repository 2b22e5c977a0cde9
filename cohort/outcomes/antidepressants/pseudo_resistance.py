"""Does something other than resistance explain that antidepressants did not help?"""

from __future__ import annotations

import polars as pl

from cohort.criteria.pseudo_resistance import FindingCause, PseudoResistance
from cohort.outcomes.antidepressants.failed_antidepressants import different, established, failed, results_in_episodes
from cohort.outcomes.findings.causes_shown import shown
from cohort.outcomes.judgement import Judgement, check, first_reason, judgement, verdict
from cohort.records.study import Study

CAUSES = (
    "bipolar disorder",
    "untreated hypothyroidism",
    "untreated sleep apnoea",
    "pharmacokinetic barrier",
    "intolerance",
    "nonadherence",
    "inadequate dose",
    "inadequate duration",
    "another cause",
)


def classify_pseudo_resistance(study: Study, criterion: PseudoResistance) -> Judgement:
    """Return one verdict a subject; the value is how many different antidepressants were without success.

    The category is the first cause found; one that the criterion adds under a name of its own is "another cause". The
    day of "met" is the one on which the antidepressants without success became as many as needed, or a later one on
    which the finding was made.
    """
    units, causes = _units(study, criterion)
    apparent = (pl.col("apparent") >= criterion.failures).fill_null(False)
    found = pl.any_horizontal(pl.col(name).fill_null(False) for name in causes)
    unknown = pl.any_horizontal(pl.lit(False), *(pl.col(each.cause).is_null() for each in criterion.findings))
    lacking = apparent & ~found & unknown & (criterion.missing == "undetermined")
    met = apparent & found
    units = units.with_columns(
        verdict(met, lacking),
        first_reason(
            (met, ""),
            (~apparent, "fewer failures than needed"),
            (lacking, "finding not recorded"),
            (pl.lit(True), "no other cause"),
        ),
        value=pl.col("apparent"),
        category=pl.when(met).then(
            pl.coalesce(
                *(pl.when(pl.col(name)).then(pl.lit(name if name in CAUSES else CAUSES[-1])) for name in causes)
            )
        ),
        day=pl.when(met).then(pl.max_horizontal("established", _day_of_cause(causes, criterion))),
    )
    return judgement(criterion, units, _evidence(units, criterion))


def _day_of_cause(causes: list[str], criterion: PseudoResistance) -> pl.Expr:
    """Return the day of the finding that is the category; null where it is no finding."""
    findings = {each.cause for each in criterion.findings}
    days = [
        pl.when(pl.col(name)).then(
            pl.col(f"{name} day").fill_null(float("-inf")) if name in findings else float("-inf")
        )
        for name in causes
    ]
    return pl.coalesce(*days)


def _units(study: Study, criterion: PseudoResistance) -> tuple[pl.DataFrame, list[str]]:
    """Return the subjects with a column for each cause (null where nothing tells), and the causes in their order."""
    units = study.subjects.select("subject_id").join(_apparent(study, criterion), on="subject_id", how="left")
    for cause in criterion.findings:
        named = {"day": f"{cause.cause} day", "value": f"{cause.cause} value", "present": cause.cause}
        units = units.join(shown(study, cause).rename(named), on="subject_id", how="left")
    causes = [*(cause.cause for cause in criterion.findings), *criterion.of_treatments]
    return units.with_columns(pl.col("apparent").fill_null(0)).sort("subject_id"), causes


def _apparent(study: Study, criterion: PseudoResistance) -> pl.DataFrame:
    """Return `subject_id, apparent, established`, and of each cause of treatments whether and how often it is one."""
    results = results_in_episodes(study, criterion.result, criterion.episodes)
    adequate = established(failed(results), criterion.failures).select("subject_id", "episode_no", adequate="n")
    without = results.filter(
        (pl.col("role") == "antidepressant") & pl.col("category").is_in(["failed", *criterion.of_treatments])
    )
    counted = different(without.with_columns(at=pl.col("day"), certain=pl.lit(True)), by_class=False)
    episodes = established(counted, criterion.failures).join(adequate, on=["subject_id", "episode_no"], how="left")
    few = (pl.col("n") >= criterion.failures) & (pl.col("adequate").fill_null(0) < criterion.failures)
    ended = without.group_by("subject_id", "episode_no").agg(
        (pl.col("category") == name).sum().cast(pl.Int64).alias(f"{name} times") for name in criterion.of_treatments
    )
    joined = episodes.join(ended, on=["subject_id", "episode_no"], how="left")
    return joined.group_by("subject_id").agg(
        pl.col("n").max().alias("apparent"),
        pl.col("established").min(),
        *((few & (pl.col(f"{name} times") > 0)).any().alias(name) for name in criterion.of_treatments),
        *(pl.col(f"{name} times").sum() for name in criterion.of_treatments),
    )


def _evidence(units: pl.DataFrame, criterion: PseudoResistance) -> list[pl.DataFrame]:
    number = check(
        units,
        "different antidepressants without success",
        pl.col("apparent"),
        threshold=pl.lit(criterion.failures),
        passed=pl.col("apparent") >= criterion.failures,
        day=pl.col("established"),
        bound=">=",
        unit="antidepressants",
    )
    of_treatments = [
        check(
            units,
            f"treatments without success for {name}",
            pl.col(f"{name} times").fill_null(0),
            passed=pl.col(name).fill_null(False),
            unit="treatments",
        )
        for name in criterion.of_treatments
    ]
    return [number, *(_finding(units, cause) for cause in criterion.findings), *of_treatments]


def _finding(units: pl.DataFrame, cause: FindingCause) -> pl.DataFrame:
    return check(
        units,
        cause.label,
        pl.col(f"{cause.cause} value"),
        threshold=pl.lit(cause.threshold, pl.Float64),
        passed=pl.col(cause.cause),
        day=pl.col(f"{cause.cause} day"),
        unit=cause.units[0] if cause.units else None,  # no bound: any one of the causes is enough
    )
