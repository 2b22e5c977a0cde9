"""Adequacy of treatments, worked by hand: each reason, doses that change, children, combinations, what is missing."""

from dataclasses import replace

import polars as pl
import pytest

from cohort.criteria import ANTIDEPRESSANT_ADEQUACY, ANTISEIZURE_ADEQUACY, ATRQ_ADEQUACY, AUGMENTATION_ADEQUACY
from cohort.drugs import DoseTable, MinimumDose
from cohort.errors import CohortWarning, CriterionError
from cohort.outcomes.registry import classify, evidence
from cohort.outcomes.treatments.exposure import adequate_spans, exposures, missed_dose_spans
from cohort.records.study import Study
from cohort.schemas import DOSES, TREATMENTS
from tests.outcomes.small_studies import said

ADULT = {"age": 40, "syndrome": "focal epilepsy"}
UNSETTLED = replace(ANTISEIZURE_ADEQUACY, half_lives=0)


def taken(*courses, doses=(), last_day=400, seizures=None, **person):
    """One subject; `courses`: what `course` returns; `doses`: (no, drug, day, dose, share)."""
    rows = [("a", no, drug, "drug", dose, *rest) for no, drug, dose, *rest in courses]
    records = [("a", no, drug, day, dose, *(rest or [None])) for no, drug, day, dose, *rest in doses]
    known = {name: [value] for name, value in person.items() if value is not None}
    return Study(
        name="one",
        subjects=pl.DataFrame({"subject_id": ["a"], "last_day": [last_day], **known}),
        treatments=pl.DataFrame(rows, schema=TREATMENTS.schema, orient="row", strict=False),
        doses=pl.DataFrame(records, schema=DOSES.schema, orient="row", strict=False),
        **({} if seizures is None else {"seizures": seizures}),
    )


def course(drug, dose, days=100, reason="inefficacy", adherence=None, no=1, start=0):
    return (
        no,
        drug,
        dose,
        start,
        None if days is None else start + days - 1,
        None if days is None else reason,
        adherence,
    )


def shown(study, criterion, treatment_no=1, *columns):
    found = exposures(study, criterion).filter(treatment_no=treatment_no).row(0, named=True)
    return tuple(found[name] for name in columns)


def test_g22_half_of_the_ddd():
    enough, short = (taken(course("LEV", dose, adherence=1.0), **ADULT) for dose in (750, 500))
    assert said(enough, ANTISEIZURE_ADEQUACY) == ("met", "")
    assert said(short, ANTISEIZURE_ADEQUACY) == ("not met", "dose too low")
    assert said(enough, replace(ANTISEIZURE_ADEQUACY, bound=">")) == ("not met", "dose too low")


def test_g23_carbamazepine_in_juvenile_myoclonic_epilepsy():
    study = taken(course("CBZ", 800), age=20, syndrome="juvenile myoclonic epilepsy")
    assert said(study, ANTISEIZURE_ADEQUACY) == ("not met", "not suited")
    assert said(study, replace(ANTISEIZURE_ADEQUACY, suitability=None)) == ("met", "")
    assert shown(study, ANTISEIZURE_ADEQUACY, 1, "suited") == (False,)


REASONS = {
    "rash in week 3 below the target dose": (course("LEV", 500, 21, "intolerance"), "stopped for intolerance"),
    "rash in week 3 at the target dose": (course("LEV", 1000, 21, "intolerance"), "stopped for intolerance"),
    "inefficacy and intolerance": (course("LEV", 500, 21, "inefficacy and intolerance"), "stopped for intolerance"),
    "three weeks": (course("LEV", 1000, 21), "too short"),
    "a low dose": (course("LEV", 500), "dose too low"),
    "a low dose for a week": (course("LEV", 500, 7), "dose too low"),
    "not taken": (course("LEV", 1000, adherence=0.79), "not adherent"),
    "not taken, for three weeks": (course("LEV", 1000, 21, adherence=0.5), "not adherent"),
    "not taken, at a low dose": (course("LEV", 500, adherence=0.5), "dose too low"),
}


@pytest.mark.parametrize(("one", "reason"), REASONS.values(), ids=REASONS)
def test_no_failure_and_why(one, reason):
    assert said(taken(one, **ADULT), ANTISEIZURE_ADEQUACY) == ("not met", reason)


def test_intolerance_after_an_adequate_course_does_not_unmake_it():
    assert said(taken(course("LEV", 1000, 60, "intolerance"), **ADULT), ANTISEIZURE_ADEQUACY) == ("met", "")


def test_a_device_is_no_drug():
    study = taken(course("vagus nerve stimulation", None), **ADULT)
    study = replace(study, treatments=study.treatments.with_columns(kind=pl.lit("stimulation")))
    assert said(study, ANTISEIZURE_ADEQUACY) == ("not met", "not a drug")
    assert shown(study, ANTISEIZURE_ADEQUACY, 1, "is_drug", "drug", "adequate_days") == (False, None, 0)


def test_days_include_both_ends():
    assert [said(taken(course("LEV", 750, days), **ADULT), UNSETTLED)[0] for days in (27, 28)] == ["not met", "met"]
    found = classify(taken(course("LEV", 750, 100), **ADULT), UNSETTLED).row(0, named=True)
    assert (found["value"], found["day"]) == (100, 27)


def test_five_half_lives_settle():
    """Levetiracetam 5 x 7 h = 1.46 days, phenobarbital 5 x 100 h = 20.8 days, both rounded up."""
    for drug, dose, first in (("LEV", 750, 2), ("PB", 50, 21)):
        study = taken(course(drug, dose), **ADULT)
        assert shown(study, ANTISEIZURE_ADEQUACY, 1, "adequate_from", "adequate_days") == (first, 100 - first)
        assert classify(study, ANTISEIZURE_ADEQUACY)["day"].item() == first + 27


def test_t15_titration_never_counts():
    rises = [(1, "LEV", 0, 250), (1, "LEV", 14, 500), (1, "LEV", 28, 750), (1, "LEV", 60, 1500)]
    study = taken(course("LEV", None, 80), doses=rises, **ADULT)
    columns = "adequate_from", "adequate_to", "adequate_days", "adequate_day", "last_raise", "highest_dose"
    assert shown(study, UNSETTLED, 1, *columns) == (28, 79, 52, 55, 60, 1500)
    assert said(taken(course("LEV", None, 55), doses=rises, **ADULT), UNSETTLED) == ("not met", "too short")


def test_the_clock_may_start_with_the_first_dose_where_the_minimum_is_reached():
    since_first = replace(UNSETTLED, clock="first dose")
    rises = [(1, "LEV", 0, 250), (1, "LEV", 20, 750)]
    assert said(taken(course("LEV", None, 28), doses=rises, **ADULT), UNSETTLED) == ("not met", "too short")
    study = taken(course("LEV", None, 28), doses=rises, **ADULT)
    assert said(study, since_first) == ("met", "")
    assert shown(study, since_first, 1, "adequate_from", "adequate_days", "adequate_day") == (20, 28, 27)
    assert said(taken(course("LEV", 500), **ADULT), since_first) == ("not met", "dose too low")


def test_a_reduction_below_the_minimum_starts_anew_or_pauses():
    falls = [(1, "LEV", 0, 750), (1, "LEV", 20, 500), (1, "LEV", 40, 1000), (1, "LEV", 60, 250)]
    study = taken(course("LEV", None, 100), doses=falls, **ADULT)
    assert said(study, UNSETTLED) == ("not met", "too short")
    assert shown(study, UNSETTLED, 1, "adequate_from", "adequate_days") == (0, 20)
    assert adequate_spans(study, UNSETTLED).rows() == [("a", 1, 0, 19), ("a", 1, 40, 59)]
    pausing = replace(UNSETTLED, reduction="pauses")
    assert said(study, pausing) == ("met", "")
    assert shown(study, pausing, 1, "adequate_from", "adequate_to", "adequate_days", "adequate_day") == (0, 59, 40, 47)


def test_a_taper_at_the_end_unmakes_nothing():
    taper = [(1, "LEV", 0, 1000), (1, "LEV", 90, 500), (1, "LEV", 95, 250)]
    study = taken(course("LEV", None, 100), doses=taper, **ADULT)
    assert said(study, UNSETTLED) == ("met", "")
    assert shown(study, UNSETTLED, 1, "adequate_from", "adequate_to", "left", "holding") == (0, 89, 89, False)


def test_the_first_span_that_is_long_enough_counts_else_the_longest():
    def spans(*lengths):
        day, rows = 0, []
        for length in lengths:
            rows += [(1, "LEV", day, 1000), (1, "LEV", day + length, 0)]
            day += length + 5
        return taken(course("LEV", None, day), doses=rows, **ADULT)

    assert shown(spans(10, 30, 90), UNSETTLED, 1, "adequate_from", "adequate_days") == (15, 30)
    assert shown(spans(10, 20, 15), UNSETTLED, 1, "adequate_from", "adequate_days") == (15, 20)
    assert shown(spans(20, 20), UNSETTLED, 1, "adequate_from", "adequate_days") == (0, 20)


def test_doses_before_a_record_are_the_constant_one_and_before_the_start_hold_on():
    early = taken(course("LEV", 750, 40), doses=[(1, "keppra", 30, 250)], **ADULT)
    assert adequate_spans(early, UNSETTLED).rows() == [("a", 1, 0, 29)]
    carried = taken(course("LEV", 250, 40), doses=[(1, "LEV", -9, 500), (1, "LEV", -5, 750)], **ADULT)
    assert adequate_spans(carried, UNSETTLED).rows() == [("a", 1, 0, 39)]


def test_a_dose_that_is_not_recorded_matters_only_where_it_could_turn_the_verdict():
    def partly(*doses, days=60, constant=None):
        return taken(course("LEV", constant, days), doses=[(1, "LEV", *each) for each in doses], **ADULT)

    assert said(partly(), UNSETTLED) == ("undetermined", "dose not recorded")
    assert said(partly((0, 750), (30, None)), UNSETTLED) == ("met", "")
    assert said(partly((0, 500), (40, None)), UNSETTLED) == ("not met", "too short")
    assert said(partly((0, 500), (20, None)), UNSETTLED) == ("undetermined", "dose not recorded")
    assert said(partly((0, 750), (10, None), (12, 750), (30, 0)), UNSETTLED) == ("undetermined", "dose not recorded")
    assert said(partly(days=20), UNSETTLED) == ("not met", "too short")


def test_a_dose_of_a_drug_that_the_treatment_does_not_hold_counts_for_nothing_and_is_told():
    study = taken(course("LEV", 1500), doses=[(1, "valproate", 0, 250)])
    with pytest.warns(CohortWarning, match=r"1 records of doses name a drug .* \('valproate'\)"):
        assert classify(study, ANTISEIZURE_ADEQUACY)["verdict"].item() == "met"


def test_a_drug_that_is_not_in_the_table():
    assert said(taken(course("something", 5), **ADULT), UNSETTLED) == ("undetermined", "not in the dose table")


CHILDREN = {
    "20 mg per kg": (600, {"age": 10, "weight": 30}, ("met", "")),
    "less than 20 mg per kg": (599, {"age": 10, "weight": 30}, ("not met", "dose too low")),
    "up to half of the adult DDD": (750, {"age": 10, "weight": 50}, ("met", "")),
    "weight not recorded, a low dose": (700, {"age": 10}, ("undetermined", "weight not recorded")),
    "weight not recorded, an adult's dose": (750, {"age": 10}, ("met", "")),
    "a weight of 0 is none, a low dose": (1, {"age": 10, "weight": 0}, ("undetermined", "weight not recorded")),
    "a weight below 0 is none": (700, {"age": 10, "weight": -30}, ("undetermined", "weight not recorded")),
    "an age below 0 is none": (700, {"age": -1, "weight": 30}, ("undetermined", "age not recorded")),
    "age not recorded, a low dose": (700, {"weight": 30}, ("undetermined", "age not recorded")),
    "age not recorded, an adult's dose": (750, {"weight": 30}, ("met", "")),
}


@pytest.mark.parametrize(("dose", "person", "verdict"), CHILDREN.values(), ids=CHILDREN)
def test_t16_children(dose, person, verdict):
    study = taken(course("LEV", dose), syndrome="focal epilepsy", **person)
    assert said(study, ANTISEIZURE_ADEQUACY) == verdict


def test_t16_adult_doses_are_not_applied_to_children():
    depressed = taken(course("sertraline", 100), age=15)
    assert said(depressed, ANTIDEPRESSANT_ADEQUACY) == ("undetermined", "no dose rule at this age")
    assert said(depressed, replace(ANTIDEPRESSANT_ADEQUACY, adult_from=15)) == ("met", "")
    assert said(taken(course("primidone", 700), age=15), ANTISEIZURE_ADEQUACY)[1] == "no dose rule at this age"


def test_age_is_that_at_the_start_of_the_treatment():
    study = taken(
        course("sertraline", 100, start=0), course("sertraline", 100, no=2, start=200), age=17.5, last_day=600
    )
    assert [said(study, ANTIDEPRESSANT_ADEQUACY, treatment_no=no)[0] for no in (1, 2)] == ["undetermined", "met"]


def test_a_study_without_ages_can_be_said_to_be_of_adults():
    study = taken(course("sertraline", 100))
    assert said(study, ANTIDEPRESSANT_ADEQUACY) == ("undetermined", "age not recorded")
    adults = replace(ANTIDEPRESSANT_ADEQUACY, missing_age="adult")
    assert said(study, adults) == ("met", "")
    assert "adults where no age is recorded" in adults.label


def test_rules_by_age_in_a_table_of_ones_own():
    rows = (MinimumDose("LEV", 1000, to_age=65, source="us"), MinimumDose("LEV", 500, from_age=65, source="us"))
    ours = replace(UNSETTLED, doses=DoseTable("ours", "Ours", rows, "us"))
    assert [said(taken(course("LEV", 750), **ADULT | {"age": age}), ours)[0] for age in (64, 65)] == ["not met", "met"]
    assert said(taken(course("LEV", 750), **ADULT | {"age": None}), ours) == ("undetermined", "age not recorded")


def test_adherence_by_period_is_weighted_by_days():
    periods = [(1, "LEV", 0, 1000, 1.0), (1, "LEV", 60, 1000, 0.5), (1, "LEV", 90, 1000, None)]
    study = taken(course("LEV", None, 120, adherence=0.2), doses=periods, **ADULT)
    assert shown(study, UNSETTLED, 1, "adherence", "adherent", "adherence_day") == (75 / 90, True, 60)
    assert missed_dose_spans(study, UNSETTLED).rows() == [("a", 1, 60, 89)]
    assert said(study, replace(UNSETTLED, min_adherence=84)) == ("not met", "not adherent")


def test_exactly_80_percent_is_enough():
    """In binary fractions 100 x (0.7 x 10 + 0.9 x 10) / 20 is 79.99999999999999."""
    periods = [(1, "LEV", 0, 1000, 0.7), (1, "LEV", 10, 1000, 0.9), (1, "LEV", 20, 1000, None)]
    assert said(taken(course("LEV", None, 60), doses=periods, **ADULT), UNSETTLED) == ("met", "")


def test_adherence_that_is_not_recorded():
    study = taken(course("LEV", 1000), **ADULT)
    strict = replace(UNSETTLED, missing_adherence="undetermined")
    assert said(study, UNSETTLED) == ("met", "")
    assert said(study, strict) == ("undetermined", "adherence not recorded")
    recorded = taken(course("LEV", 1000, adherence=0.8), **ADULT)
    assert classify(recorded, strict).select("verdict", "day").row(0) == ("met", 99)
    assert said(recorded, strict, as_of=98) == ("undetermined", "adherence not recorded")


def test_a_course_that_goes_on():
    study = taken(course("LEV", 1000, None), **ADULT)
    assert said(study, UNSETTLED, as_of=26) == ("undetermined", "still going on")
    assert said(study, UNSETTLED, as_of=27) == ("met", "")
    low = taken(course("LEV", 500, None), **ADULT)
    assert said(low, UNSETTLED, as_of=26) == ("undetermined", "still going on")
    assert classify(low, UNSETTLED).select("verdict", "reason", "day").row(0) == ("not met", "dose too low", 27)
    fallen = taken(course("LEV", None, None), doses=[(1, "LEV", 10, 1000), (1, "LEV", 30, 500)], **ADULT)
    fallen = replace(fallen, treatments=fallen.treatments.with_columns(daily_dose=pl.lit(500.0)))
    assert said(fallen, UNSETTLED, as_of=29) == ("undetermined", "still going on")
    assert classify(fallen, UNSETTLED).select("verdict", "reason", "day").row(0) == ("not met", "too short", 30)


def add_on(second_dose=1000, **person):
    return taken(
        course("LEV", 500, 100),
        course("LEV", 500, 100, no=2, start=100),
        course("VPA", second_dose, 100, no=2, start=100),
        **ADULT | person,
    )


def test_t17_of_a_combination_the_new_drugs_are_judged():
    assert said(add_on(), ANTISEIZURE_ADEQUACY, treatment_no=2) == ("met", "")
    assert said(add_on(500), ANTISEIZURE_ADEQUACY, treatment_no=2) == ("not met", "dose too low")
    assert shown(add_on(), ANTISEIZURE_ADEQUACY, 2, "drug", "minimum_dose") == ("valproate", 750)


def test_t17_every_drug_or_any_drug_of_a_combination():
    every = replace(ANTISEIZURE_ADEQUACY, combination="every drug")
    assert said(add_on(), every, treatment_no=2) == ("not met", "dose too low")
    assert shown(add_on(), every, 2, "drug") == ("levetiracetam",)
    any_drug = replace(ANTISEIZURE_ADEQUACY, combination="any drug")
    first = taken(course("LEV", 500, 100), course("VPA", 1000, 100), **ADULT)
    assert said(first, any_drug) == ("met", "")
    assert said(first, ANTISEIZURE_ADEQUACY) == ("not met", "dose too low")


def test_any_drug_must_itself_suit():
    study = taken(course("CBZ", 1000), course("LEV", 500), age=30, syndrome="JME")
    assert said(study, replace(ANTISEIZURE_ADEQUACY, combination="any drug")) == ("not met", "dose too low")


def test_t17_the_same_drug_again_at_a_higher_dose_is_judged_by_all_its_drugs():
    study = taken(course("LEV", 500), course("keppra", 1500, no=2, start=100), **ADULT)
    assert [said(study, ANTISEIZURE_ADEQUACY, treatment_no=no)[0] for no in (1, 2)] == ["not met", "met"]


def test_days_of_a_combination_are_those_on_which_all_are_adequate():
    both = taken(course("LEV", 1000, 60), course("VPA", None, 80, no=1, start=20), doses=[(1, "VPA", 40, 750)], **ADULT)
    assert adequate_spans(both, UNSETTLED).rows() == [("a", 1, 40, 59)]
    assert shown(both, UNSETTLED, 1, "adequate_days", "end") == (20, 99)


def test_two_formulations_of_a_drug_are_added_up():
    study = taken(course("carbamazepine", 300), course("carbamazepine cr", 200), **ADULT)
    assert shown(study, UNSETTLED, 1, "highest_dose", "adequate_days") == (500, 100)


def test_the_seizures_recorded_say_which_type_is_treated():
    def with_type(kind):
        seizures = pl.DataFrame({"subject_id": ["a"], "day": [-5], "days": [1], "count": [1], "type": [kind]})
        return taken(course("ESM", 1000), age=30, seizures=seizures)

    assert said(with_type("typical absence"), UNSETTLED) == ("met", "")
    assert said(with_type("focal aware"), UNSETTLED) == ("not met", "not suited")
    assert said(with_type(None), UNSETTLED) == ("undetermined", "suitability not known")


ATRQ_CASE = taken(
    course("citalopram", 20, 30),
    course("venlafaxine", 75, 49, no=2, start=40),
    course("sertraline", 100, 90, no=3, start=100),
    course("duloxetine", 90, 90, no=4, start=200),
    course("duloxetine", 90, 28, no=5, start=290),
    course("aripiprazole", 10, 28, no=5, start=290),
    age=45,
)


def test_the_case_of_the_questionnaire():
    """Current Psychiatry 2012: a month is too short, 75 mg too low, 100 and 90 mg for three months adequate."""
    found = [said(ATRQ_CASE, ATRQ_ADEQUACY, treatment_no=no) for no in (1, 2, 3, 4)]
    assert found == [("not met", "too short"), ("not met", "dose too low"), ("met", ""), ("met", "")]
    assert said(ATRQ_CASE, AUGMENTATION_ADEQUACY, treatment_no=5) == ("met", "")
    values = classify(ATRQ_CASE, ATRQ_ADEQUACY)["value"].to_list()[:4]
    assert values == [30, 0, 90, 90]


def test_a_drug_with_its_own_number_of_days():
    assert said(taken(course("esketamine", 16, 28), age=50), ANTIDEPRESSANT_ADEQUACY) == ("met", "")
    assert said(taken(course("sertraline", 50, 28), age=50), ANTIDEPRESSANT_ADEQUACY) == ("not met", "too short")


def test_any_dose_of_an_agent_without_a_minimum_counts_but_none_does_not():
    assert said(taken(course("lithium", None, 28), age=50), AUGMENTATION_ADEQUACY) == ("met", "")
    assert said(taken(course("lithium", 0, 28), age=50), AUGMENTATION_ADEQUACY) == ("not met", "dose too low")


def test_evidence_says_how_far_each_check_was():
    found = evidence(taken(course("LEV", 1000, 21, adherence=0.75), **ADULT), UNSETTLED)
    lines = found.select("check", "observed", "threshold", "bound", "unit", "passed").rows()
    assert lines == [
        ("the treatment is a drug", None, None, None, None, True),
        ("the drug suits the subject's epilepsy", None, None, None, None, True),
        ("highest daily dose", 1000, 750, ">=", "mg a day", True),
        ("days at or above the minimum dose", 21, 28, ">=", "days", False),
        ("share of the doses taken", 75, 80, ">=", "percent", False),
    ]


def test_a_share_that_nobody_recorded_is_asked_for_only_where_the_verdict_hangs_on_it():
    study = taken(course("LEV", 500), **ADULT)
    for missing, bound in (("taken", None), ("undetermined", ">=")):
        rows = evidence(study, replace(UNSETTLED, missing_adherence=missing)).filter(check="share of the doses taken")
        assert rows.select("observed", "bound").rows() == [(None, bound)]


def test_a_study_without_treatments_is_refused():
    study = Study(name="none", subjects=pl.DataFrame({"subject_id": ["a"]}))
    with pytest.raises(CriterionError, match="the study has no treatments"):
        classify(study, ANTISEIZURE_ADEQUACY)


def test_a_covariate_that_is_no_number_is_not_known():
    study = taken(course("LEV", 700), syndrome="focal epilepsy", age="about ten")
    assert said(study, ANTISEIZURE_ADEQUACY) == ("undetermined", "age not recorded")
    bands = study.subjects.with_columns(pl.lit("old").cast(pl.Enum(["young", "old"])).alias("age"))
    assert said(replace(study, subjects=bands), ANTISEIZURE_ADEQUACY) == ("undetermined", "age not recorded")
