"""Is the epilepsy controlled under the treatment: free, failed, or not yet to be told?"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from cohort.criteria.control import SeizureControl
from cohort.errors import CriterionError
from cohort.outcomes.judgement import Judgement, check, judgement, verdict
from cohort.outcomes.seizures.control_courses import control_courses
from cohort.outcomes.seizures.seizure_records import seizure_records
from cohort.outcomes.treatments.adequacy import share_checks
from cohort.outcomes.treatments.courses import UNIT
from cohort.records.study import Study

CONTROL = tuple(f"{category}{effects}" for category in "123" for effects in "ABC")
FAILED = "seizure under treatment"


def needs_treatments_and_diary(study: Study, criterion: object) -> None:
    """Refuse a study without treatments or without seizure records.

    Raises:
        CriterionError: One of them is absent.
    """
    if study.treatments.is_empty():
        raise CriterionError(f"{criterion.label!r} is judged by treatments, and the study has none")  # type: ignore[attr-defined]
    if study.seizures.is_empty() and study.observed.is_empty():
        raise CriterionError(f"{criterion.label!r} needs seizure records, and the study has none")  # type: ignore[attr-defined]


def classify_control(study: Study, criterion: SeizureControl) -> Judgement:
    """Return one verdict a treatment; the category is one of 1A to 3C, the value the present free run in days.

    The day of category 1 is the one since which the present freedom has been long enough; of 2, the one on which the
    failure was established; null for 3.
    """
    records = seizure_records(study, status=criterion.status_epilepticus == "a seizure")
    units = judged_courses(study, criterion, records)
    units = units.join(_effects(study, criterion, units), on=UNIT, how="left").sort(UNIT)
    number = pl.col("verdict").replace_strict({"met": "1", "not met": "2", "undetermined": "3"})
    units = units.with_columns(category=number + pl.col("effects"), value="run")
    return judgement(criterion, units, _evidence(units, criterion))


def as_in(study: Study, criterion: SeizureControl, as_of: float | None) -> SeizureControl:
    """Return the rule for a part of a study, with what it asks of the whole: whether adverse effects were recorded."""
    if criterion.effects_asked != "where any is recorded":
        return criterion
    known = study.adverse_effects if as_of is None else study.adverse_effects.filter(pl.col("day") <= as_of)
    return replace(criterion, effects_asked="never" if known.is_empty() else "always")


def judged_courses(study: Study, criterion: SeizureControl, records: pl.DataFrame) -> pl.DataFrame:
    """Return the courses with the facts of `control_courses`, and `verdict, reason, day` by the steps of the rule.

    `without_freedom` is the reason that steps 3 to 8 give, had the treatment never brought freedom.
    """
    units = control_courses(study, criterion, records).with_columns(without_freedom=_reason(criterion))
    free, relapse = pl.col("free_on").is_not_null(), pl.col("first_free").is_not_null()
    fails = relapse if criterion.after_relapse == "failure" else pl.lit(False)
    reason = pl.when(relapse).then(pl.lit("relapse after sustained freedom")).otherwise("without_freedom")
    failed = ~free & (fails | (~relapse & (pl.col("without_freedom") == FAILED)))
    day = pl.when(free).then("free_on").when(relapse).then("relapsed_on").otherwise("failed_on")
    return units.with_columns(
        verdict(free, ~free & ~failed),
        reason=pl.when(free).then(pl.lit("")).otherwise(reason),
        day=pl.when(free | failed).then(day),
    )


def _reason(criterion: SeizureControl) -> pl.Expr:
    """Return the reason of steps 3 to 8, the first that applies."""
    drug, intolerance = pl.col("is_drug"), pl.col("stop_reason").cast(pl.String).str.contains("intolerance")
    asked = criterion.adequacy.missing_adherence == "undetermined"
    aside = pl.col("set_aside").is_not_null()
    steps: list[tuple[pl.Expr, str | pl.Expr]] = [
        (~pl.col("recorded"), "no observed days"),
        (drug & ~pl.col("known"), pl.col("why_unknown").cast(pl.String)),
        (drug & pl.col("suited").is_null(), "suitability not known"),
        (drug & ~pl.col("suited"), "not suited"),
        (drug & pl.col("adequate_from").is_null() & intolerance, "stopped for intolerance"),
        (drug & pl.col("adequate_from").is_null() & pl.col("dosed"), "too short"),
        (drug & pl.col("adequate_from").is_null(), "dose too low"),
        (drug & ~pl.col("adherent"), "not adherent"),
        (drug & pl.col("adherent").is_null() & asked, "adherence not recorded"),
        (aside & (criterion.missed_doses == "no test"), "seizure in a span of missed doses"),
        (pl.col("failed_on").is_not_null(), FAILED),
        (pl.col("evidence").is_not_null(), "too short"),
        (aside & (criterion.missed_doses == "set aside"), "seizure in a span of missed doses"),
        (pl.col("end") - pl.col("clear_from") >= pl.col("threshold"), "too many missing days"),
        (intolerance, "stopped for intolerance"),
        (pl.col("stop").is_not_null(), "stopped before the threshold"),
    ]
    said = [pl.when(applies).then(pl.lit(text) if isinstance(text, str) else text) for applies, text in steps]
    return pl.coalesce(*said, pl.lit("follow-up too short"))


def _effects(study: Study, criterion: SeizureControl, units: pl.DataFrame) -> pl.DataFrame:
    """Return B where a course had an adverse effect, A where none was recorded though asked for, else C."""
    effects = study.adverse_effects
    numbered = effects.drop_nulls("treatment_no").select(UNIT)
    days = effects.filter(pl.col("treatment_no").is_null()).select("subject_id", "day")
    on_days = units.select(*UNIT, "start", "end").join(days, on="subject_id")
    on_days = on_days.filter(pl.col("day").is_between("start", "end")).select(UNIT)
    with_effect = pl.concat([numbered, on_days]).unique().with_columns(effect=pl.lit(True))
    asked = {"always": True, "never": False}.get(criterion.effects_asked, not effects.is_empty())
    had = pl.col("effect") | pl.col("stop_reason").cast(pl.String).str.contains("intolerance")
    letter = pl.when(had).then(pl.lit("B")).otherwise(pl.lit("A" if asked else "C"))
    return units.select(*UNIT, "stop_reason").join(with_effect, on=UNIT, how="left").select(*UNIT, effects=letter)


def _evidence(units: pl.DataFrame, criterion: SeizureControl) -> list[pl.DataFrame]:
    recorded, before = pl.col("recorded"), "longest interval between seizures before the treatment"
    seizures = pl.when(recorded).then(pl.col("seizures"))
    return [
        check(units, before, pl.col("interval"), day=pl.col("before"), unit="days"),
        *_run_checks(units),
        check(units, "seizures under the treatment", seizures, day=pl.col("last_seizure"), unit="seizures"),
        *_drug_checks(units.filter("is_drug"), criterion),
        *(
            check(units.drop_nulls(name), what, pl.col(name), unit="day")
            for name, what in (
                ("evidence", "first seizure at an adequate dose"),
                ("set_aside", "first seizure at an adequate dose on days of missed doses"),
            )
        ),
    ]


def _run_checks(units: pl.DataFrame) -> list[pl.DataFrame]:
    """Return the present run, with its bound where it may still grow: not in a failure that was stopped."""
    recorded, free = pl.col("recorded"), pl.col("free_on")
    run, reached = pl.when(recorded).then(pl.col("run")), pl.when(recorded).then(free.is_not_null())
    over = pl.col("stop").is_not_null() & (pl.col("verdict") == "not met")
    what, threshold = "present run without seizures", pl.col("threshold")
    return [
        check(units.filter(~over), what, run, threshold=threshold, passed=reached, day=free, bound=">=", unit="days"),
        check(units.filter(over), what, run, threshold=threshold, passed=reached, day=free, unit="days"),
    ]


def _drug_checks(drugs: pl.DataFrame, criterion: SeizureControl) -> list[pl.DataFrame]:
    days, needed = pl.col("adequate_days"), pl.col("needed")
    return [
        check(
            drugs, "the drug suits the subject's epilepsy", pl.lit(None), passed=pl.col("suited"), day=pl.col("start")
        ),
        check(
            drugs,
            "highest daily dose",
            pl.col("highest_dose"),
            threshold=pl.col("minimum_dose"),
            passed=pl.when("known").then(pl.col("adequate_from").is_not_null() | pl.col("dosed")),
            day=pl.col("adequate_from"),
            bound=criterion.adequacy.bound,
            unit="mg a day",
        ),
        *share_checks(drugs, criterion.adequacy),
        check(
            drugs,
            "days at an adequate dose",
            days,
            threshold=needed,
            passed=days >= needed,
            day=pl.col("adequate_from"),
            bound=">=",
            unit="days",
        ),
    ]
