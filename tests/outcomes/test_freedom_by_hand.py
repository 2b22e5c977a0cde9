"""Sustained freedom from seizures, worked by hand (G1, G2 and the examples of the clinical rules, 1.7)."""

from dataclasses import replace

import pytest

from cohort.criteria import ILAE_2010_FREEDOM, SeizureFreedom
from cohort.outcomes.registry import classify, evidence
from cohort.outcomes.states import states
from tests.outcomes.small_studies import ON, after_interval, daily, diary_study, row, said

OPEN = ("undetermined", "follow-up too short")


def test_threshold_is_reached_on_its_day_and_not_before():
    for interval, days in ((35, 365), (122, 366), (183, 549)):
        short, enough = after_interval(interval, days - 1), after_interval(interval, days)
        assert said(short, ILAE_2010_FREEDOM) == OPEN
        found = row(enough, ILAE_2010_FREEDOM)
        assert (found["verdict"], found["reason"], found["value"], found["day"]) == ("met", "", days, days)


# The boy of 8 years: a seizure every 5 weeks, levetiracetam never controls them, oxcarbazepine does for ten months.
EVERY_35_DAYS = [*range(-289, -1, 35)]
BOY = [("a", 1, "levetiracetam", -149, -1, "inefficacy"), ("a", 2, "oxcarbazepine", 0, None, None)]


def boy(last, relapse=()):
    return diary_study({"a": daily(-300, last, [*EVERY_35_DAYS, *relapse])}, BOY)


def test_the_boy_relapses_after_ten_months():
    found = row(boy(320, [304]), ILAE_2010_FREEDOM, treatment_no=2)
    assert (found["verdict"], found["reason"]) == ("not met", "seizure under treatment")
    assert (found["value"], found["day"]) == (303, 304)
    first = row(boy(320, [304]), ILAE_2010_FREEDOM, treatment_no=1)
    assert (first["verdict"], first["day"]) == ("not met", -149), "a seizure on the treatment's first day is under it"


def test_the_boy_is_undetermined_the_day_before_and_at_a_cut_at_month_ten():
    assert said(boy(320, [304]), ILAE_2010_FREEDOM, treatment_no=2, as_of=303) == OPEN
    assert said(boy(303), ILAE_2010_FREEDOM, treatment_no=2) == OPEN
    assert row(boy(303), ILAE_2010_FREEDOM, treatment_no=2)["day"] is None


def test_the_boy_has_a_threshold_of_a_year():
    checks = evidence(boy(303), ILAE_2010_FREEDOM).filter(treatment_no=2).rows_by_key("check", named=True)
    assert checks["longest interval between seizures before the treatment, days"][0]["observed"] == 35
    assert checks["longest run without seizures, days"][0]["threshold"] == 365


def test_a_gap_of_six_months_needs_549_days():
    assert said(after_interval(183, 426), ILAE_2010_FREEDOM) == OPEN
    assert row(after_interval(183, 560), ILAE_2010_FREEDOM)["day"] == 549


def test_freedom_once_completed_stays_and_states_say_how_long():
    study = after_interval(35, 800, seizures=[10, 400, 790])
    found = row(study, ILAE_2010_FREEDOM)
    assert (found["verdict"], found["day"], found["value"]) == ("met", 375, 389)
    assert said(study, ILAE_2010_FREEDOM, as_of=374) == ("not met", "seizure under treatment")
    held = states(study, ILAE_2010_FREEDOM)
    assert held.rows() == [("a", 375, 399, "sustained freedom"), ("a", 765, 789, "sustained freedom")]
    assert states(study, ILAE_2010_FREEDOM, as_of=380).rows() == [("a", 375, 380, "sustained freedom")]
    assert states(study, ILAE_2010_FREEDOM, as_of=374).is_empty()


def test_ninety_percent_of_the_run_must_be_recorded():
    """Of the 365 days after day 0, 36 may be missing; with 37 missing 370 days are needed."""
    spread = range(10, 370, 9)
    assert row(after_interval(35, 365, missing=spread[:36]), ILAE_2010_FREEDOM)["day"] == 365
    assert said(after_interval(35, 365, missing=spread[:37]), ILAE_2010_FREEDOM) == (
        "undetermined",
        "too many missing days",
    )
    assert row(after_interval(35, 380, missing=spread[:37]), ILAE_2010_FREEDOM)["day"] == 370


def test_every_day_of_the_run_can_be_asked_for():
    strict = replace(ILAE_2010_FREEDOM, min_observed=100)
    assert row(after_interval(35, 365), strict)["day"] == 365
    assert said(after_interval(35, 400, missing=[100]), strict) == ("undetermined", "too many missing days")
    assert said(after_interval(35, 400, missing=[365]), strict) == ("undetermined", "too many missing days")
    assert row(after_interval(35, 400, missing=[366]), strict)["day"] == 365
    assert row(after_interval(35, 400, missing=[0]), strict)["day"] == 365, "day 0 is where the run is counted from"


@pytest.mark.parametrize(("gap", "day"), [(14, 365), (15, 100 + 15 + 365)])
def test_a_gap_of_fourteen_days_stands_and_one_of_fifteen_starts_anew(gap, day):
    study = after_interval(35, 600, missing=range(100, 100 + gap))
    assert row(study, ILAE_2010_FREEDOM)["day"] == day


@pytest.mark.parametrize(("gap", "day"), [(14, 365), (15, 15 + 365)])
def test_a_gap_at_the_start_counts_alike(gap, day):
    assert row(after_interval(35, 600, missing=range(gap)), ILAE_2010_FREEDOM)["day"] == day


@pytest.mark.parametrize(("gap", "day"), [(14, 50 + 365), (15, 51 + 15 + 365)])
def test_a_gap_after_a_seizure_counts_alike(gap, day):
    study = after_interval(35, 600, seizures=[50], missing=range(51, 51 + gap))
    assert row(study, ILAE_2010_FREEDOM)["day"] == day


def test_days_recorded_as_missing_are_missing():
    diary = [(day, days, None if day == 100 else count) for day, days, count in daily(-50, 99, [-40, -5])]
    for gap, day in ((14, 365), (15, 480)):
        spans = [*diary, (100, gap, None), (100 + gap, 500, 0)]
        assert row(diary_study({"a": spans}, ON), ILAE_2010_FREEDOM)["day"] == day


def stopped(reason, stop=200, last=800):
    return [("a", 1, "valproate", 0, stop, reason)], last


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("intolerance", "stopped for intolerance"),
        ("inefficacy and intolerance", "stopped for intolerance"),
        ("lost to follow-up", "stopped before the threshold"),
        ("inefficacy", "stopped before the threshold"),
        (None, "stopped before the threshold"),
    ],
)
def test_a_stop_before_the_threshold_is_undetermined(reason, expected):
    treatments, last = stopped(reason)
    study = after_interval(35, last, treatments=treatments)
    assert said(study, ILAE_2010_FREEDOM) == ("undetermined", expected)
    assert row(study, ILAE_2010_FREEDOM)["value"] == 200, "freedom after the stop belongs to no treatment"


def test_a_stop_on_the_day_of_the_threshold_is_in_time():
    assert said(after_interval(35, 800, treatments=stopped("preference", 365)[0]), ILAE_2010_FREEDOM)[0] == "met"
    assert said(after_interval(35, 800, treatments=stopped("preference", 364)[0]), ILAE_2010_FREEDOM) == (
        "undetermined",
        "stopped before the threshold",
    )


def test_a_treatment_long_enough_but_badly_recorded_was_not_stopped_too_early():
    study = after_interval(35, 800, missing=range(0, 600, 2), treatments=stopped("intolerance", 600)[0])
    assert said(study, ILAE_2010_FREEDOM) == ("undetermined", "too many missing days")


def test_a_seizure_comes_before_every_other_reason():
    study = after_interval(35, 800, seizures=[200], treatments=stopped("intolerance")[0])
    found = row(study, ILAE_2010_FREEDOM)
    assert (found["verdict"], found["reason"], found["day"]) == ("not met", "seizure under treatment", 200)


def test_no_day_recorded_under_the_treatment():
    study = diary_study({"a": daily(-50, -1, [-40, -5]), "b": daily(0, 10)}, ON, last_days={"a": 500})
    found = row(study, ILAE_2010_FREEDOM)
    assert (found["verdict"], found["reason"], found["value"]) == ("undetermined", "no observed days", None)


def test_a_seizure_on_the_first_day_is_under_the_treatment():
    study = after_interval(35, 400, seizures=[0])
    assert row(study, ILAE_2010_FREEDOM)["day"] == 365, "the run begins after it"
    early = row(study, ILAE_2010_FREEDOM, as_of=0)
    assert (early["verdict"], early["value"], early["day"]) == ("not met", 0, 0)


def test_a_total_with_seizures_decides_on_its_last_day():
    study = diary_study({"a": [(-56, 56, 4), (0, 14, 2), (14, 14, 0)]}, ON)
    found = row(study, ILAE_2010_FREEDOM)
    assert (found["verdict"], found["day"], found["value"]) == ("not met", 13, 14)
    assert said(study, ILAE_2010_FREEDOM, as_of=12) == ("undetermined", "no observed days")


def test_no_run_reaches_over_a_total_with_seizures_that_straddles_the_start():
    study = diary_study({"a": [(-10, 20, 1), (10, 365, 0)]}, ON)
    assert said(study, ILAE_2010_FREEDOM) == ("met", "")
    assert row(study, ILAE_2010_FREEDOM)["day"] == 9 + 365
    short = diary_study({"a": [(-10, 20, 1), (10, 364, 0)]}, ON)
    assert said(short, ILAE_2010_FREEDOM) == OPEN


def test_a_quiet_total_that_straddles_the_start_is_cut():
    assert row(diary_study({"a": [(-10, 500, 0)]}, ON), ILAE_2010_FREEDOM)["day"] == 365


def test_each_treatment_has_its_own_interval():
    """Of the first treatment's seizures, 160 days apart, the second has to make up for three times as many."""
    seizures = [-40, -5, 100, 260]
    treatments = [("a", 1, "valproate", 0, 269, "inefficacy"), ("a", 2, "lamotrigine", 270, None, None)]
    study = diary_study({"a": daily(-50, 900, seizures)}, treatments)
    longest = evidence(study, ILAE_2010_FREEDOM).filter(check="longest run without seizures, days")
    assert longest["threshold"].to_list() == [365, 480]
    assert row(study, ILAE_2010_FREEDOM, treatment_no=2)["day"] == 270 + 480


def test_a_relapse_under_a_later_treatment_leaves_the_first_as_it_was():
    treatments = [("a", 1, "valproate", 0, 400, "remission"), ("a", 2, "lamotrigine", 401, None, None)]
    study = after_interval(35, 600, seizures=[500], treatments=treatments)
    assert said(study, ILAE_2010_FREEDOM, treatment_no=1) == ("met", "")
    assert said(study, ILAE_2010_FREEDOM, treatment_no=2) == ("not met", "seizure under treatment")
    assert states(study, ILAE_2010_FREEDOM).rows() == [("a", 365, 400, "sustained freedom")]


def test_a_combination_is_one_treatment_from_its_first_drug_to_its_last():
    treatments = [
        ("a", 1, "valproate", 0, 100, "intolerance"),
        ("a", 1, "lamotrigine", 30, 380, "preference"),
    ]
    found = row(after_interval(35, 800, treatments=treatments), ILAE_2010_FREEDOM)
    assert (found["verdict"], found["day"]) == ("met", 365)
    going_on = [treatments[0], ("a", 1, "lamotrigine", 30, None, None)]
    assert said(after_interval(35, 300, treatments=going_on), ILAE_2010_FREEDOM) == OPEN


@pytest.mark.parametrize("reasons", [("inefficacy", "intolerance"), ("intolerance", "inefficacy")])
def test_two_drugs_stopped_on_one_day_for_two_reasons(reasons):
    treatments = [("a", 1, drug, 0, 100, reason) for drug, reason in zip(["b", "c"], reasons, strict=True)]
    study = after_interval(35, 800, treatments=treatments)
    assert said(study, ILAE_2010_FREEDOM) == ("undetermined", "stopped for intolerance")


def test_event_lists_are_quiet_where_they_were_observed():
    spans = {"a": [(-40, 1, 1), (-5, 1, 2)]}
    whole = diary_study(spans, ON, observed=[("a", -100, 400)])
    assert row(whole, ILAE_2010_FREEDOM)["day"] == 365
    assert said(whole, ILAE_2010_FREEDOM, as_of=364) == OPEN
    torn = diary_study(spans, ON, observed=[("a", -100, 99), ("a", 115, 500)])
    assert row(torn, ILAE_2010_FREEDOM)["day"] == 115 + 365
    lost = diary_study(spans, ON, observed=[("a", -100, 300)], last_days={"a": 400})
    assert said(lost, ILAE_2010_FREEDOM) == ("undetermined", "too many missing days")


def test_an_early_cut_finds_no_treatment_and_is_no_error():
    study = after_interval(35, 400)
    assert classify(study, ILAE_2010_FREEDOM, as_of=-1).is_empty()
    assert states(study, ILAE_2010_FREEDOM, as_of=-1).is_empty()


def test_a_shorter_rule_is_a_value():
    criterion = SeizureFreedom(min_days=84, times=0, source="by hand")
    assert row(after_interval(35, 100), criterion)["day"] == 84
