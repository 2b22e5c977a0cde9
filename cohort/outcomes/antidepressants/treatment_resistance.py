"""Is the depressive episode resistant to antidepressants?"""

from __future__ import annotations

import polars as pl

from cohort.criteria.pseudo_resistance import FindingCause
from cohort.criteria.treatment_resistance import TreatmentResistance
from cohort.outcomes.antidepressants.depressive_episodes import judged_episodes
from cohort.outcomes.antidepressants.failed_antidepressants import (
    established,
    failed,
    possibly_failed,
    results_in_episodes,
)
from cohort.outcomes.antidepressants.pseudo_resistance import classify_pseudo_resistance
from cohort.outcomes.findings.causes_shown import shown
from cohort.outcomes.judgement import Judgement, check, first_reason, judgement, verdict
from cohort.records.study import Study

RESISTANCES = ("resistant", "partially responsive", "pseudo-resistant", "not resistant")


def classify_treatment_resistance(study: Study, criterion: TreatmentResistance) -> Judgement:
    """Return one verdict a subject; the value is how many different antidepressants failed in the episode.

    The day of "met" is the one on which the last of the failures needed was established, null otherwise. Partially
    responsive: not resistant, and as many antidepressants brought neither remission nor a fall of half.
    """
    results = results_in_episodes(study, criterion.result, criterion.episodes)
    units = _counted(study, criterion, results)
    enough, possible = pl.col("n") >= criterion.failures, pl.col("possible") >= criterion.failures
    excluded, vetoed = pl.col("bipolar"), pl.col("vetoed")
    met = enough & ~excluded & ~vetoed
    decided = excluded | vetoed | enough
    placed = pl.col("episodes") > 0
    lacking = ~decided & (possible | ~placed)
    units = units.with_columns(
        verdict(met, lacking),
        first_reason(
            (met, ""),
            (excluded, "bipolar disorder"),
            (vetoed, "pseudo-resistance"),
            (~placed, "start of the episode not recorded"),
            (possible, "too little known of the treatments"),
            (pl.lit(True), "fewer failures than needed"),
        ),
        value=pl.when(placed).then("n"),
        day=pl.when(met).then("established"),
        category=pl.when(~lacking).then(
            pl.when(met)
            .then(pl.lit("resistant"))
            .when(vetoed & ~excluded)
            .then(pl.lit("pseudo-resistant"))
            .when(~excluded & (pl.col("short") >= criterion.failures))
            .then(pl.lit("partially responsive"))
            .otherwise(pl.lit("not resistant"))
        ),
    )
    return judgement(criterion, units, _evidence(units, results, criterion))


def _counted(study: Study, criterion: TreatmentResistance, results: pl.DataFrame) -> pl.DataFrame:
    """Return one row a subject: `episodes, n, established, possible, short, bipolar, vetoed`."""
    by_class = criterion.different_class
    certain = established(failed(results, by_class=by_class), criterion.failures)
    possible = established(possibly_failed(results, by_class=by_class), criterion.failures)
    short = established(failed(results, by_class=by_class, which="short_of_response"), criterion.failures)
    counts = certain.group_by("subject_id").agg(pl.col("n").max(), pl.col("established").min())
    maximal = [
        frame.group_by("subject_id").agg(pl.col("n").max().alias(name))
        for name, frame in (("possible", possible), ("short", short))
    ]
    episodes = judged_episodes(study, criterion.episodes).group_by("subject_id").agg(episodes=pl.len())
    units = study.subjects.select("subject_id")
    for part in (episodes, counts, *maximal, _bipolar(study, criterion), _vetoed(study, criterion)):
        units = units.join(part, on="subject_id", how="left")
    return units.with_columns(
        pl.col("episodes", "n", "possible", "short").fill_null(0), pl.col("bipolar", "vetoed").fill_null(False)
    ).sort("subject_id")


def _bipolar(study: Study, criterion: TreatmentResistance) -> pl.DataFrame:
    found = shown(study, FindingCause("bipolar disorder", criterion.diagnosis, word="bipolar"))
    return found.select("subject_id", bipolar=pl.col("present") & criterion.bipolar_excluded)


def _vetoed(study: Study, criterion: TreatmentResistance) -> pl.DataFrame:
    if criterion.veto is None:
        return study.subjects.select("subject_id", vetoed=pl.lit(False))
    found = classify_pseudo_resistance(study, criterion.veto).outcomes
    return found.select("subject_id", vetoed=pl.col("verdict").cast(pl.String) == "met")


def _evidence(units: pl.DataFrame, results: pl.DataFrame, criterion: TreatmentResistance) -> list[pl.DataFrame]:
    courses = results.with_columns(course=pl.col("treatment_no")).drop("treatment_no")
    text = pl.format("treatment {} ({}): {}", "course", pl.col("drugs").list.join(" and "), "category")
    bipolar = check(units, "no bipolar disorder recorded", pl.lit(None), passed=~pl.col("bipolar"))
    different = "antidepressants of different classes" if criterion.different_class else "different antidepressants"
    number = check(
        units,
        f"{different} that failed",
        pl.col("n"),
        threshold=pl.lit(criterion.failures),
        passed=pl.col("n") >= criterion.failures,
        day=pl.col("established"),
        bound=">=",
        unit="antidepressants",
    )
    each = check(courses, text, pl.col("value"), passed=pl.col("verdict") == "met", day=pl.col("day"), unit="percent")
    return [each, number, *([bipolar] if criterion.bipolar_excluded else [])]
