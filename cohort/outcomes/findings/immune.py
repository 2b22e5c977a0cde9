"""Are antibodies worth looking for: the score, and the clinical pattern that comes before it."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from cohort.criteria.candidacy import NotRecorded
from cohort.criteria.immune import REFRACTORY, AntibodyScore, ImmuneWorkup
from cohort.outcomes.findings.findings import answers, refuse_other_words
from cohort.outcomes.judgement import Judgement, check, first_reason, judgement, verdict
from cohort.outcomes.nested import established, needs_nested
from cohort.records.study import Study

_NEVER, _ALWAYS = float("inf"), float("-inf")


def needs_score(study: Study, criterion: AntibodyScore) -> None:
    """Refuse results that are neither yes nor no, and a study that cannot answer resistance where that is asked.

    Raises:
        CriterionError: There is such a result, or it cannot.
    """
    refuse_other_words(study, (item.finding for item in criterion.items))
    if criterion.resistance is not None:
        needs_nested(study, criterion.resistance)


def needs_workup(study: Study, criterion: ImmuneWorkup) -> None:
    """Refuse what the score refuses, and other results of the pattern that are neither yes nor no.

    Raises:
        CriterionError: There is something to be refused.
    """
    refuse_other_words(study, (criterion.seizures, *criterion.signs))
    needs_score(study, criterion.score)


def classify_score(study: Study, criterion: AntibodyScore) -> Judgement:
    """Return one verdict a subject; the value is the points of the items known to be present.

    The day of "met" is the first with enough points, that of "not met" the first on which no missing item could bring
    enough any more, null where nothing recorded decided it.
    """
    items = _items(study, criterion)
    units = study.subjects.select("subject_id").join(_points(items, criterion), on="subject_id").sort("subject_id")
    met, possible = pl.col("met_on") < _NEVER, pl.col("most") >= criterion.at_least
    units = units.with_columns(
        verdict(met, ~met & possible),
        first_reason((met, ""), (possible, "finding not recorded"), (pl.lit(True), "threshold not reached")),
        value=pl.col("points"),
        day=_finite(pl.when(met).then("met_on").when(~possible).then("lost_on")),
    )
    return judgement(criterion, units, _evidence(units, items, criterion))


def _finite(day: pl.Expr) -> pl.Expr:
    return pl.when(day.is_finite()).then(day)


def _items(study: Study, criterion: AntibodyScore) -> pl.DataFrame:
    """Return one row a subject and item: `finding, points, group, present_on, absent_on`, infinite where never."""
    listed = pl.DataFrame(
        [(place, item.finding, item.points, item.group or item.finding) for place, item in enumerate(criterion.items)],
        schema={"place": pl.Int64, "finding": pl.String, "points": pl.Int64, "group": pl.String},
        orient="row",
    )
    asked = study.subjects.select("subject_id").join(listed, how="cross")
    told = since(study, listed["finding"], criterion.not_recorded)
    if criterion.resistance is not None:
        told = pl.concat([told.filter(pl.col("finding") != REFRACTORY), _refractory(study, criterion)])
    return asked.join(told, on=["subject_id", "finding"], how="left").sort("subject_id", "place")


def since(study: Study, findings: Iterable[str], not_recorded: NotRecorded) -> pl.DataFrame:
    """Return one row a subject and finding: `present_on, absent_on`, the first day of each, infinite where never.

    What was once present is not absent; what nobody recorded has always been absent, where that is asked for.
    """
    names = list(findings)
    told = (
        answers(study, names)
        .group_by("subject_id", "finding")
        .agg(present_on=pl.col("day").filter("answer").min(), absent_on=pl.col("day").filter(~pl.col("answer")).min())
    )
    everyone = study.subjects.select("subject_id").join(pl.DataFrame({"finding": names}), how="cross")
    joined = everyone.join(told, on=["subject_id", "finding"], how="left")
    unknown = _ALWAYS if not_recorded == "absent" else _NEVER
    present = pl.col("present_on").is_not_null()
    return joined.with_columns(
        pl.col("present_on").fill_null(_NEVER),
        absent_on=pl.when(present).then(_NEVER).otherwise(pl.col("absent_on").fill_null(unknown)),
    )


def _refractory(study: Study, criterion: AntibodyScore) -> pl.DataFrame:
    """Return what resistance says of its item; undetermined is missing, however missing items count."""
    assert criterion.resistance is not None
    found, no = established(study, criterion.resistance), pl.col("resistance") == "not met"
    return found.select(
        "subject_id",
        finding=pl.lit(REFRACTORY),
        present_on=pl.when(resistance="met").then("since").fill_null(_NEVER),
        absent_on=pl.when(no).then(pl.col("since").fill_null(_ALWAYS)).otherwise(_NEVER),
    )


def _points(items: pl.DataFrame, criterion: AntibodyScore) -> pl.DataFrame:
    """Return `subject_id, points, most, met_on, lost_on`: points now, and how many are still possible."""
    at_day = _at_days(items)
    enough, impossible = pl.col("held") >= criterion.at_least, pl.col("possible") < criterion.at_least
    totals = at_day.group_by("subject_id", "at").agg(pl.col("held", "possible").sum())
    return totals.group_by("subject_id").agg(
        points=pl.col("held").max(),
        most=pl.col("possible").min(),
        met_on=pl.col("at").filter(enough).min().fill_null(_NEVER),
        lost_on=pl.col("at").filter(impossible).min().fill_null(_NEVER),
    )


def _at_days(items: pl.DataFrame) -> pl.DataFrame:
    """Return, for each day on which an answer came, the points of each group held and possible by then."""
    days = pl.concat([items.select("subject_id", at=day) for day in ("present_on", "absent_on")])
    days = pl.concat([days.filter(pl.col("at") < _NEVER), items.select("subject_id", at=pl.lit(_ALWAYS))]).unique()
    held = pl.col("points").filter(pl.col("present_on") <= pl.col("at")).max().fill_null(0)
    possible = pl.col("points").filter(pl.col("absent_on") > pl.col("at")).max().fill_null(0)
    both = days.join(items, on="subject_id")
    return both.group_by("subject_id", "at", "group").agg(held=held, possible=possible)


def _evidence(units: pl.DataFrame, items: pl.DataFrame, criterion: AntibodyScore) -> list[pl.DataFrame]:
    present, absent = pl.col("present_on") < _NEVER, pl.col("absent_on") < _NEVER
    answer = pl.when(present).then(True).when(absent).then(False)
    counted = check(
        items,
        pl.format("{} ({} points)", "finding", "points"),
        pl.when(present).then("points").when(absent).then(0),
        passed=answer,
        day=_finite(pl.when(present).then("present_on").otherwise("absent_on")),
    )
    total = check(
        units,
        f"points of {criterion.name}",
        pl.col("points"),
        threshold=pl.lit(criterion.at_least),
        passed=pl.when(pl.col("verdict") != "undetermined").then(pl.col("verdict") == "met"),
        day=pl.col("day"),
        bound=">=",
        unit="points",
    )
    return [counted, total]


def classify_workup(study: Study, criterion: ImmuneWorkup) -> Judgement:
    """Return one verdict a subject: pattern and score; the day is the first on which the last answer needed came."""
    units = _pattern(study, criterion).join(_scored(study, criterion), on="subject_id").sort("subject_id")
    yes = pl.max_horizontal("seizures_on", "sign_on", "score_on")
    no = pl.min_horizontal("no_seizures_on", "no_sign_on", "no_score_on")
    met, fails = yes < _NEVER, no < _NEVER
    units = units.with_columns(
        verdict(met, ~met & ~fails),
        first_reason((met, ""), (fails, "threshold not reached"), (pl.lit(True), "finding not recorded")),
        value=pl.col("score"),
        day=_finite(pl.when(met).then(yes).when(fails).then(no)),
    )
    return judgement(criterion, units, _workup_evidence(units, criterion))


def _pattern(study: Study, criterion: ImmuneWorkup) -> pl.DataFrame:
    told = since(study, (criterion.seizures, *criterion.signs), criterion.not_recorded)
    seizures = told.filter(finding=criterion.seizures)
    signs = told.filter(pl.col("finding").is_in(criterion.signs)).group_by("subject_id")
    any_sign = signs.agg(sign_on=pl.col("present_on").min(), no_sign_on=pl.col("absent_on").max())
    return seizures.select("subject_id", seizures_on="present_on", no_seizures_on="absent_on").join(
        any_sign, on="subject_id"
    )


def _scored(study: Study, criterion: ImmuneWorkup) -> pl.DataFrame:
    found = classify_score(study, criterion.score).outcomes
    day = pl.col("day").fill_null(_ALWAYS)
    return found.select(
        "subject_id",
        score="value",
        score_on=pl.when(verdict="met").then(day).otherwise(_NEVER),
        no_score_on=pl.when(verdict="not met").then(day).otherwise(_NEVER),
    )


def _workup_evidence(units: pl.DataFrame, criterion: ImmuneWorkup) -> list[pl.DataFrame]:
    questions = (
        (criterion.seizures, "seizures"),
        ("a sign of an immune cause", "sign"),
        (criterion.score.label, "score"),
    )
    checks = []
    for words, name in questions:
        present, absent = pl.col(f"{name}_on") < _NEVER, pl.col(f"no_{name}_on") < _NEVER
        answer = pl.when(present).then(True).when(absent).then(False)
        day = _finite(pl.when(present).then(f"{name}_on").otherwise(f"no_{name}_on"))
        checks.append(check(units, words, answer.cast(pl.Int64), passed=answer, day=day))
    return checks
