"""Responsive, resistant, undefined: worked by hand, as of any day."""

from dataclasses import replace

import polars as pl
import pytest

from cohort.criteria import (
    ILAE_2010_RESISTANCE,
    ILAE_2010_RESISTANCE_RELAPSE_COUNTS,
    TWO_DRUGS_FAILED_ANY_REASON,
    DrugResistance,
    DrugsGivenUp,
)
from cohort.errors import CriterionError
from cohort.outcomes.registry import classify, evidence
from cohort.outcomes.states import states
from cohort.outcomes.times.time_to import time_to
from cohort.records.study import Study
from tests.outcomes.small_epilepsies import RESISTANCE, epilepsy, status, the_boy
from tests.outcomes.small_studies import daily, row, said

BEFORE = daily(-60, -1, [-40, -20])


def two_drugs(diary, first=(0, 99, "inefficacy"), second=(100, None, None), drugs=("levetiracetam", "lamotrigine")):
    doses = {"levetiracetam": 1500.0, "lamotrigine": 200.0, "Keppra": 2000.0, "x": 5.0}
    courses = [
        (no, drug, doses[drug], *when, None)
        for no, (drug, when) in enumerate(zip(drugs, (first, second), strict=True), 1)
    ]
    return epilepsy([*BEFORE, *diary], courses)


def spans(study, criterion=RESISTANCE, **asked):
    return states(study, criterion, **asked).select("from_day", "to_day", "state").rows()


def test_g20_the_boy_is_resistant_from_the_day_of_the_relapse():
    boy = the_boy()
    assert said(boy, ILAE_2010_RESISTANCE, as_of=453) == ("not met", "fewer failures than needed")
    assert status(boy, ILAE_2010_RESISTANCE, as_of=453) == ("undefined", None)
    assert status(boy, ILAE_2010_RESISTANCE, as_of=454) == ("resistant", 454)
    assert row(boy, ILAE_2010_RESISTANCE)["value"] == 2
    assert spans(boy, ILAE_2010_RESISTANCE) == [(0, 453, "undefined"), (454, 599, "resistant")]


def test_t1_nobody_is_resistant_before_the_second_failure_is_established():
    """The clock of `time_to` runs from the first treatment to that day, not to the start or stop of the drug."""
    (event,) = time_to(the_boy(), ILAE_2010_RESISTANCE).select("entry", "left", "right", "cause").rows()
    assert event == (0.0, 454.0, 454.0, "resistance")
    (waiting,) = time_to(the_boy(cut=453), ILAE_2010_RESISTANCE).select("left", "right", "cause").rows()
    assert waiting == (453.0, None, None)


def test_the_day_is_that_of_the_exposure_where_the_seizure_came_sooner():
    """Lamotrigine from day 100, a seizure on day 105: a failure once 28 days are full, on day 127."""
    study = two_drugs(daily(0, 200, [50, 105]))
    assert status(study, as_of=126) == ("undefined", None)
    assert status(study) == ("resistant", 127)


def test_t18_resistance_is_not_for_good():
    """Two failures, free for a year on the second drug, a relapse: the failures of both no longer stand as they did."""
    study = two_drugs(daily(0, 800, [50, 140, 700]))
    assert spans(study) == [
        (0, 139, "undefined"),
        (140, 504, "resistant"),
        (505, 699, "responsive"),
        (700, 800, "undefined"),
    ]
    assert status(study, as_of=504) == ("resistant", 140)
    assert said(study, RESISTANCE, as_of=505) == ("not met", "seizure-free now")
    assert status(study, as_of=505) == ("responsive", 505)
    literal = replace(RESISTANCE, control=replace(RESISTANCE.control, after_relapse="failure"))
    assert spans(study, literal)[-1] == (700, 800, "resistant")
    assert status(study, literal) == ("resistant", 700)


def test_a_third_drug_that_frees_a_resistant_subject_and_fails_leaves_it_resistant():
    diary = [*BEFORE, *daily(0, 800, [50, 140, 700])]
    drugs = [
        (1, "levetiracetam", 1500.0, 0, 99, "inefficacy", None),
        (2, "lamotrigine", 200.0, 100, 199, "inefficacy", None),
        (3, "valproate", 1000.0, 200, None, None, None),
    ]
    assert spans(epilepsy(diary, drugs)) == [
        (0, 139, "undefined"),
        (140, 564, "resistant"),
        (565, 699, "responsive"),
        (700, 800, "resistant"),
    ]
    assert status(epilepsy(diary, drugs)) == ("resistant", 140), "the day on which it was established stays"


def test_t3_one_failure_and_one_intolerance_are_not_resistance():
    study = two_drugs(daily(0, 120, [50]), second=(100, 110, "intolerance"))
    assert status(study) == ("undefined", None)
    assert said(study, TWO_DRUGS_FAILED_ANY_REASON) == ("met", "")
    assert row(study, TWO_DRUGS_FAILED_ANY_REASON)["day"] == 110


def test_intolerance_alone_is_undefined():
    study = two_drugs(daily(0, 200, [5, 103]), first=(0, 20, "intolerance"), second=(100, 115, "intolerance"))
    assert status(study) == ("undefined", None)


def test_t17_the_same_drug_again_is_the_same_schedule():
    study = two_drugs(daily(0, 200, [50, 140]), drugs=("levetiracetam", "Keppra"))
    assert status(study) == ("undefined", None)
    assert row(study, RESISTANCE)["value"] == 1
    stopped = two_drugs(daily(0, 200), second=(100, 180, "inefficacy"), drugs=("levetiracetam", "Keppra"))
    assert said(stopped, TWO_DRUGS_FAILED_ANY_REASON)[0] == "not met"


def test_t17_a_combination_counts_once_and_an_add_on_is_a_schedule_of_its_own():
    both = [(1, drug, dose, 0, None, None, None) for drug, dose in (("levetiracetam", 1500.0), ("lamotrigine", 200.0))]
    assert row(epilepsy([*BEFORE, *daily(0, 200, [50, 140])], both), RESISTANCE)["value"] == 1
    added = [
        (1, "levetiracetam", 1500.0, 0, 99, "inefficacy", None),
        (2, "levetiracetam", 1500.0, 100, None, None, None),
        (2, "lamotrigine", 200.0, 100, None, None, None),
    ]
    assert status(epilepsy([*BEFORE, *daily(0, 200, [50, 140])], added)) == ("resistant", 140)


def test_surgery_never_counts_among_the_failures_but_its_freedom_ends_resistance():
    courses = [
        (1, "levetiracetam", 1500.0, 0, 99, "inefficacy", None),
        (2, "temporal resection", None, 100, None, None, None, "surgery"),
    ]
    assert status(epilepsy([*BEFORE, *daily(0, 200, [50, 140])], courses)) == ("undefined", None)
    drugs = [
        *courses[:1],
        (2, "lamotrigine", 200.0, 100, 199, "inefficacy", None),
        (3, *courses[1][1:3], 200, *courses[1][4:]),
    ]
    free = epilepsy([*BEFORE, *daily(0, 700, [50, 140])], drugs)
    assert status(free) == ("responsive", 565)
    assert status(free, replace(RESISTANCE, freedom_by="drugs")) == ("resistant", 140)


def test_freedom_after_the_stop_is_kept_until_a_seizure_or_another_treatment():
    once = epilepsy([*BEFORE, *daily(0, 700, [600])], [(1, "levetiracetam", 1500.0, 0, 400, "remission", None)])
    assert spans(once) == [(0, 364, "undefined"), (365, 599, "responsive"), (600, 700, "undefined")]
    lost = replace(RESISTANCE, after_stop="lost")
    assert spans(once, lost) == [(0, 364, "undefined"), (365, 400, "responsive"), (401, 700, "undefined")]
    switched = two_drugs(daily(0, 700), first=(0, 400, "psychosocial"), second=(450, None, None))
    assert spans(switched) == [(0, 364, "undefined"), (365, 449, "responsive"), (450, 700, "undefined")]


def test_what_is_not_known_matters_only_where_it_may_hide_a_failure():
    hidden = two_drugs(daily(0, 200, [50, 140]), drugs=("levetiracetam", "x"))
    assert said(hidden, RESISTANCE) == ("undetermined", "too little known of the treatments")
    assert row(hidden, RESISTANCE)["category"] == "undefined"
    three = replace(RESISTANCE, failures=3)
    assert said(hidden, three) == ("not met", "fewer failures than needed")
    one = replace(RESISTANCE, failures=1)
    assert said(hidden, one) == ("met", "")


def test_subjects_without_a_treatment_are_undefined_and_not_unknown():
    boy = the_boy()
    people = pl.concat([boy.subjects, boy.subjects.with_columns(subject_id=pl.lit("b"))])
    study = replace(boy, subjects=people)
    assert said(study, ILAE_2010_RESISTANCE, "b") == ("not met", "no treatment")
    assert said(study, TWO_DRUGS_FAILED_ANY_REASON, "b")[0] == "not met"
    assert set(states(study, ILAE_2010_RESISTANCE)["subject_id"]) == {"a"}


def test_evidence_names_each_schedule_that_failed():
    found = evidence(the_boy(), ILAE_2010_RESISTANCE).select("check", "day", "observed", "threshold").rows()
    assert found[:3] == [
        ("failed: levetiracetam", 35.0, 1.0, None),
        ("failed: oxcarbazepine", 454.0, 1.0, None),
        ("schedules of drugs that failed", None, 2.0, 2.0),
    ]


def test_stops_without_a_reason_leave_what_was_given_up_open():
    study = two_drugs(daily(0, 200), second=(100, 180, None))
    assert said(study, TWO_DRUGS_FAILED_ANY_REASON) == ("undetermined", "too little known of the treatments")
    assert said(study, replace(TWO_DRUGS_FAILED_ANY_REASON, failures=1)) == ("met", "")
    assert said(study, replace(TWO_DRUGS_FAILED_ANY_REASON, failures=3))[0] == "not met"


def test_definitions_differ_in_one_relapse():
    study = two_drugs(daily(0, 800, [50, 700]))
    assert said(study, RESISTANCE)[0] == "not met"
    literal = replace(ILAE_2010_RESISTANCE_RELAPSE_COUNTS, control=replace(RESISTANCE.control, after_relapse="failure"))
    assert status(study, literal) == ("resistant", 700)


def test_states_as_of_a_day_are_those_known_then():
    boy = the_boy()
    assert spans(boy, ILAE_2010_RESISTANCE, as_of=300) == [(0, 300, "undefined")]
    assert spans(boy, ILAE_2010_RESISTANCE, as_of=500) == [(0, 453, "undefined"), (454, 500, "resistant")]


def test_the_state_of_each_day_is_the_category_as_of_that_day():
    """Nothing here becomes known late: what was said then is what is said now."""
    study = two_drugs(daily(0, 800, [50, 140, 700]))
    told = spans(study)
    for day in range(0, 801, 37):
        assert [state for start, end, state in told if start <= day <= end] == [status(study, as_of=day)[0]]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (DrugResistance, "where it comes from"),
        (lambda: replace(ILAE_2010_RESISTANCE, failures=0), "at least 1"),
        (lambda: replace(ILAE_2010_RESISTANCE, freedom_by="luck"), "freedom_by is"),
        (lambda: replace(ILAE_2010_RESISTANCE, after_stop="gone"), "after_stop is"),
        (lambda: DrugsGivenUp(source=" "), "where it comes from"),
        (lambda: DrugsGivenUp(failures=0, source="x"), "at least 1"),
        (lambda: DrugsGivenUp(reasons=(), source="x"), "names one or more reasons"),
        (lambda: DrugsGivenUp(reasons="inefficacy", source="x"), "in a tuple"),
    ],
)
def test_a_resistance_that_contradicts_itself_cannot_be_made(make, message):
    with pytest.raises(CriterionError, match=message):
        make()


def test_reasons_that_are_none_and_studies_without_treatments_are_refused():
    with pytest.raises(CriterionError, match="no treatment is stopped for 'boredom'"):
        classify(the_boy(), replace(TWO_DRUGS_FAILED_ANY_REASON, reasons=("boredom",)))
    bare = Study(name="bare", subjects=the_boy().subjects, seizures=the_boy().seizures)
    for criterion in (TWO_DRUGS_FAILED_ANY_REASON, ILAE_2010_RESISTANCE):
        with pytest.raises(CriterionError, match="the study has none"):
            classify(bare, criterion)
