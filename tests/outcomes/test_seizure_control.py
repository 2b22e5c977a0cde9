"""Categories 1 to 3 of a treatment, worked by hand."""

from dataclasses import replace
from math import exp

import polars as pl
import pytest

from cohort.criteria import (
    ANTISEIZURE_ADEQUACY,
    ILAE_2010_CONTROL,
    ILAE_2010_FREEDOM,
    DrugResistance,
    SeizureControl,
)
from cohort.errors import CriterionError
from cohort.outcomes.explain import explain
from cohort.outcomes.registry import classify, evidence
from cohort.records.study import Study
from tests.outcomes.small_epilepsies import CONTROL, epilepsy, judged, the_boy
from tests.outcomes.small_studies import daily, diary_study

FAILED = "seizure under treatment"
LEV = (1, "levetiracetam", 1500.0, 0, None, None, None)
BEFORE = daily(-60, -1, [-40, -20])  # an interval of 20 days: the threshold is 365


def lev(stop=None, why=None, adherence=None, dose=1500.0, number=1, start=0):
    return (number, "levetiracetam", dose, start, stop, why, adherence)


# The worked examples of the definition.


def test_g20_the_boy_day_by_day():
    """The first drug fails with the first seizure at an adequate dose, the second with the relapse and not before."""
    boy = the_boy()
    settling, waiting = ("3C", "too short", None), ("3C", "follow-up too short", None)
    for day, first, second in (
        (0, settling, None),
        (26, waiting, None),
        (35, ("2C", FAILED, 35), None),
        (150, ("2C", FAILED, 35), settling),
        (152, ("2C", FAILED, 35), waiting),
        (453, ("2C", FAILED, 35), waiting),
        (454, ("2C", FAILED, 35), ("2C", FAILED, 454)),
        (599, ("2C", FAILED, 35), ("2C", FAILED, 454)),
    ):
        assert judged(boy, ILAE_2010_CONTROL, as_of=day) == first
        if second:
            assert judged(boy, ILAE_2010_CONTROL, number=2, as_of=day) == second


def test_the_boy_cut_at_month_10_is_undetermined_and_not_free():
    """304 days are more than three times 35 and less than a year (T4)."""
    assert judged(the_boy(cut=453), ILAE_2010_CONTROL, number=2) == ("3C", "follow-up too short", None)


@pytest.mark.parametrize(
    ("interval", "threshold"), [(35, 365), (183, 549), (121, 365), (122, 366)], ids=["G1", "G2", "121 d", "122 d"]
)
def test_g1_g2_free_exactly_when_the_threshold_is_reached(interval, threshold):
    diary = daily(-2 - interval, threshold, [-2 - interval, -2])
    study = epilepsy(diary, [lev()])
    assert judged(study, as_of=threshold - 1) == ("3C", "follow-up too short", None)
    assert judged(study) == ("1C", "", threshold)


def test_free_for_14_months_after_a_gap_of_6_months_is_undetermined():
    study = epilepsy(daily(-185, 426, [-185, -2]), [lev()])
    assert judged(study) == ("3C", "follow-up too short", None)


def test_t3_a_rash_in_week_3_at_a_dose_below_target_is_no_failure():
    study = epilepsy([*BEFORE, *daily(0, 60, [5, 12])], [lev(20, "intolerance", dose=500.0)], effects=[(18, 1)])
    assert judged(study) == ("3B", "stopped for intolerance", None)


def test_g23_carbamazepine_in_juvenile_myoclonic_epilepsy_is_no_failure():
    drug = (1, "CBZ", 800.0, 0, None, None, None)
    study = epilepsy([*BEFORE, *daily(0, 100, range(10, 90))], [drug], syndrome="JME", epilepsy_type="generalized")
    assert judged(study) == ("3C", "not suited", None)


def test_g25_three_times_the_mean_gap_is_free_by_chance_in_5_percent():
    """If seizures are Poisson with mean gap I, no seizure in 3 I has the probability e^-3."""
    assert round(exp(-3), 4) == 0.0498
    assert ILAE_2010_FREEDOM.times == 3


# The order of the steps.


def test_a_success_is_denied_neither_for_dose_nor_adherence_nor_suitability():
    low = lev(400, "remission", 0.3, dose=250.0)
    study = epilepsy([*BEFORE, *daily(0, 400)], [low], syndrome="JME", epilepsy_type="generalized")
    assert judged(study)[:2] == ("1C", "")


def test_a_seizure_at_a_low_dose_or_without_a_dose_is_no_failure():
    diary = [*BEFORE, *daily(0, 100, [50, 80])]
    assert judged(epilepsy(diary, [lev(dose=500.0)]))[:2] == ("3C", "dose too low")
    assert judged(epilepsy(diary, [lev(dose=749.0)]))[:2] == ("3C", "dose too low")
    assert judged(epilepsy(diary, [lev(dose=750.0)]))[:2] == ("2C", FAILED)
    assert judged(epilepsy(diary, [lev(dose=None)]))[:2] == ("3C", "dose not recorded")
    assert judged(epilepsy(diary, [(1, "unheard-of", 5.0, 0, None, None, None)]))[:2] == ("3C", "not in the dose table")


def test_doses_not_taken_are_known_at_the_stop():
    study = epilepsy([*BEFORE, *daily(0, 100, [50, 80])], [lev(90, "inefficacy", 0.79)])
    assert judged(study, as_of=89)[:2] == ("2C", FAILED)
    assert judged(study)[:2] == ("3C", "not adherent")
    taken = epilepsy([*BEFORE, *daily(0, 100, [50, 80])], [lev(90, "inefficacy", 0.8)])
    assert judged(taken)[:2] == ("2C", FAILED)


def test_t15_seizures_while_the_dose_is_raised_are_no_evidence():
    rises = [(1, "levetiracetam", day, dose, None) for day, dose in ((0, 250.0), (14, 500.0), (28, 750.0))]
    quiet = epilepsy([*BEFORE, *daily(0, 100, [5, 20, 27])], [lev(dose=None)], doses=rises)
    assert judged(quiet) == ("3C", "follow-up too short", None)
    on_the_day = epilepsy([*BEFORE, *daily(0, 100, [5, 28])], [lev(dose=None)], doses=rises)
    assert judged(on_the_day, as_of=54) == ("3C", "too short", None)
    assert judged(on_the_day) == ("2C", FAILED, 55), "28 days from day 28 are reached on day 55"


@pytest.mark.parametrize(("least", "category", "day"), [(0, "2C", 10), (28, "2C", 27), (90, "3C", None)])
def test_how_long_a_dose_must_have_been_adequate_is_a_parameter(least, category, day):
    study = epilepsy([*BEFORE, *daily(0, 60, [10])], [lev()])
    found = judged(study, replace(CONTROL, min_exposure_days=least))
    assert (found[0], found[2]) == (category, day)
    assert found[1] == ("too short" if least == 90 else FAILED)


def test_a_reduction_of_seizures_by_90_percent_does_not_rescue_a_failure():
    often = daily(-60, -1, range(-60, 0))
    assert judged(epilepsy([*often, *daily(0, 100, [30, 60])], [lev()]))[:2] == ("2C", FAILED)


def test_a_raised_dose_forgives_nothing_but_late_freedom_turns_2_into_1():
    raises = [(1, "levetiracetam", 0, 750.0, None), (1, "levetiracetam", 100, 1500.0, None)]
    study = epilepsy([*BEFORE, *daily(0, 500, [30, 60, 110])], [lev(dose=None)], doses=raises)
    assert judged(study, as_of=99) == ("2C", FAILED, 30)
    assert judged(study, as_of=474) == ("2C", FAILED, 30)
    assert judged(study, as_of=475) == ("1C", "", 475)
    later = replace(CONTROL, judge_after_optimisation=True)
    assert judged(study, later, as_of=109) == ("3C", "follow-up too short", None)
    assert judged(study, later, as_of=110) == ("2C", FAILED, 110)


def test_a_relapse_after_three_years_is_re_evaluated_or_a_failure():
    study = epilepsy([*BEFORE, *daily(0, 1300, [1095])], [lev()])
    assert judged(study, as_of=1094) == ("1C", "", 365)
    assert judged(study) == ("3C", "relapse after sustained freedom", None)
    assert judged(study, replace(CONTROL, after_relapse="failure")) == ("2C", "relapse after sustained freedom", 1095)


def test_freedom_after_a_relapse_is_freedom_again():
    study = epilepsy([*BEFORE, *daily(0, 900, [500])], [lev()])
    assert judged(study, as_of=864)[1] == "relapse after sustained freedom"
    assert judged(study) == ("1C", "", 865)


def test_a_reduction_for_an_adverse_effect_begins_the_exposure_anew():
    """20 days at 1500, 30 at 500, 20 at 1500: a seizure in each part, and never 28 days at an adequate dose."""
    doses = [(1, "levetiracetam", day, dose, None) for day, dose in ((0, 1500.0), (20, 500.0), (50, 1500.0))]
    short = epilepsy([*BEFORE, *daily(0, 69, [10, 30, 60])], [lev(69, "intolerance", dose=None)], doses=doses)
    assert judged(short) == ("3B", "too short", None)
    paused = replace(CONTROL, adequacy=replace(CONTROL.adequacy, reduction="pauses"))
    assert judged(short, paused) == ("2B", FAILED, 57), "20 days and 8 of the second span"


def test_a_dose_tapered_before_the_stop_leaves_the_failure_as_it_was():
    doses = [(1, "levetiracetam", 0, 1500.0, None), (1, "levetiracetam", 90, 500.0, None)]
    study = epilepsy([*BEFORE, *daily(0, 110, [40, 95])], [lev(110, "inefficacy", dose=None)], doses=doses)
    assert judged(study) == ("2C", FAILED, 40)


def test_t12_missing_days_are_neither_seizures_nor_freedom():
    full = epilepsy([*BEFORE, *daily(0, 370)], [lev()])
    assert judged(full)[0] == "1C"
    holes = epilepsy([*BEFORE, *daily(0, 370, missing=range(100, 140))], [lev()])
    assert judged(holes) == ("3C", "too many missing days", None)
    unseen = epilepsy(BEFORE, [lev()], last_day=400)
    assert judged(unseen) == ("3C", "no observed days", None)


def test_stopped_at_an_adequate_dose_without_a_seizure():
    diary = [*BEFORE, *daily(0, 100, [150])]
    assert judged(epilepsy(diary, [lev(90, "intolerance")]))[:2] == ("3B", "stopped for intolerance")
    assert judged(epilepsy(diary, [lev(90, "preference")]))[:2] == ("3C", "stopped before the threshold")


# Seizures on days of missed doses.


def missed(seizures):
    doses = [(1, "levetiracetam", day, 1500.0, share) for day, share in ((0, 1.0), (60, 0.2), (70, 1.0), (200, 1.0))]
    return epilepsy([*BEFORE, *daily(0, 250, seizures)], [lev(dose=None)], doses=doses)


def test_a_seizure_in_a_span_of_missed_doses_is_no_failure():
    assert judged(missed([65])) == ("3C", "seizure in a span of missed doses", None)
    assert judged(missed([65]), replace(CONTROL, missed_doses="counted")) == ("2C", FAILED, 65)
    assert judged(missed([59]))[:2] == ("2C", FAILED)


def test_beside_another_seizure_it_is_set_aside_unless_it_makes_the_treatment_no_test():
    assert judged(missed([65, 120])) == ("2C", FAILED, 120)
    strict = replace(CONTROL, missed_doses="no test")
    assert judged(missed([65, 120]), strict) == ("3C", "seizure in a span of missed doses", None)
    assert judged(missed([120]), strict)[0] == "2C"


def test_missed_doses_are_known_once_the_next_period_has_begun():
    assert judged(missed([65]), as_of=69) == ("2C", FAILED, 65)
    assert judged(missed([65]), as_of=70)[1] == "seizure in a span of missed doses"


# Status epilepticus, adverse effects, other therapies, totals.


def test_status_epilepticus_is_one_seizure_and_not_twice_where_the_diary_has_it():
    episode = [("status epilepticus", 50.25, 52.0)]
    quiet = epilepsy([*BEFORE, *daily(0, 100)], [lev()], episodes=episode)
    assert judged(quiet) == ("2C", FAILED, 50)
    assert judged(quiet, replace(CONTROL, status_epilepticus="left out"))[0] == "3C"
    noted = epilepsy([*BEFORE, *daily(0, 100, [50])], [lev()], episodes=episode)
    seizures = evidence(noted, CONTROL).filter(check="seizures under the treatment")
    assert seizures["observed"].to_list() == [1]


def test_status_epilepticus_inside_a_quiet_total_and_on_a_day_without_a_record():
    total = epilepsy([*BEFORE, (0, 56, 0), (56, 56, 0)], [lev()], episodes=[("focal status epilepticus", 60.0, None)])
    assert judged(total) == ("2C", FAILED, 60)
    hole = epilepsy([*BEFORE, *daily(0, 100, missing=[60])], [lev()], episodes=[("status epilepticus", 60.9, 61.0)])
    assert judged(hole) == ("2C", FAILED, 60)


def test_letters_of_adverse_effects():
    diary = [*BEFORE, *daily(0, 100)]
    two = [lev(49, "preference"), lev(start=50, number=2)]
    told = epilepsy(diary, two, effects=[(20, 1)])
    assert [judged(told, number=number)[0] for number in (1, 2)] == ["3B", "3A"]
    by_day = epilepsy(diary, two, effects=[(60, None)])
    assert [judged(by_day, number=number)[0] for number in (1, 2)] == ["3A", "3B"]
    unasked = epilepsy(diary, two)
    assert [judged(unasked, number=number)[0] for number in (1, 2)] == ["3C", "3C"]
    assert judged(unasked, replace(CONTROL, effects_asked="always"))[0] == "3A"
    assert judged(by_day, replace(CONTROL, effects_asked="never"))[0] == "3C"


def test_an_explanation_knows_that_adverse_effects_were_asked_for_in_others():
    told = epilepsy([*BEFORE, *daily(0, 90, [40])], [LEV], effects=[(20, 1)])
    two = replace(
        told,
        subjects=pl.concat([told.subjects, told.subjects.with_columns(subject_id=pl.lit("b"))]),
        seizures=pl.concat([told.seizures, told.seizures.with_columns(subject_id=pl.lit("b"))]),
        treatments=pl.concat([told.treatments, told.treatments.with_columns(subject_id=pl.lit("b"))]),
    )
    for day, letter in ((19, "C"), (20, "A"), (None, "A")):
        category = classify(two, CONTROL, as_of=day).filter(subject_id="b")["category"].item()
        assert category[1] == letter
        assert f"; {category}." in explain(two, CONTROL, "b", as_of=day)


def test_a_dose_that_nobody_recorded_is_the_record_that_would_decide():
    study = epilepsy([*BEFORE, *daily(0, 90, [40])], [lev(dose=None)])
    for criterion in (CONTROL, CONTROL.adequacy):
        said = "Nearest change: a record (highest daily dose), and treatment 1 could be decided."
        assert said in explain(study, criterion, "a", parts=False)


def test_surgery_has_a_category_without_a_dose():
    surgery = (1, "temporal resection", None, 0, None, None, None, "surgery")
    assert judged(epilepsy([*BEFORE, *daily(0, 400)], [surgery]))[:2] == ("1C", "")
    again = epilepsy([*BEFORE, *daily(0, 100, [40])], [surgery])
    assert judged(again) == ("2C", FAILED, 40)
    assert judged(again, replace(CONTROL, settling_days=60))[0] == "3C"


def test_a_total_is_evidence_only_where_it_lies_wholly_at_an_adequate_dose():
    doses = [(1, "levetiracetam", 0, 500.0, None), (1, "levetiracetam", 30, 1500.0, None)]
    totals = [*BEFORE, (0, 28, 0), (28, 28, 2), (56, 28, 0)]
    assert judged(epilepsy(totals, [lev(dose=None)], doses=doses))[0] == "3C"
    later = [*BEFORE, (0, 28, 0), (28, 28, 0), (56, 28, 2)]
    assert judged(epilepsy(later, [lev(dose=None)], doses=doses)) == ("2C", FAILED, 83)


# What is said and refused.


def test_the_explanation_tells_the_days_and_the_nearest_change():
    text = explain(epilepsy([*BEFORE, *daily(0, 20, [10])], [lev()]), CONTROL, "a")
    assert "days at an adequate dose: 21" in text
    assert "28" in text


def test_studies_without_treatments_or_diary_are_refused():
    with pytest.raises(CriterionError, match="the study has none"):
        classify(diary_study({"a": daily(0, 10)}), ILAE_2010_CONTROL)
    full = the_boy()
    with pytest.raises(CriterionError, match="needs seizure records"):
        classify(Study(name="bare", subjects=full.subjects, treatments=full.treatments), ILAE_2010_CONTROL)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"source": " "}, "where it comes from"),
        ({"freedom": ANTISEIZURE_ADEQUACY}, "made of a SeizureFreedom and an Adequacy"),
        ({"min_exposure_days": -1}, "at least 0"),
        ({"min_exposure_days": 1.5}, "must be whole"),
        ({"after_relapse": "success"}, "after_relapse is 'undetermined' or 'failure'"),
        ({"missed_doses": "ignored"}, "missed_doses is"),
        ({"status_epilepticus": "many"}, "status_epilepticus is"),
        ({"effects_asked": "sometimes"}, "effects_asked is"),
    ],
)
def test_a_control_that_contradicts_itself_cannot_be_made(changes, message):
    with pytest.raises(CriterionError, match=message):
        SeizureControl(**{"source": "x", **changes})


def test_resistance_is_made_of_a_control():
    with pytest.raises(CriterionError, match="judged by a SeizureControl"):
        DrugResistance(control=ILAE_2010_FREEDOM, source="x")
