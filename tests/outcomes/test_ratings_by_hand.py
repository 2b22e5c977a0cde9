"""Response and remission on a scale, worked by hand (G6 to G9 are golden vectors of the clinical rules)."""

from dataclasses import replace

import polars as pl
import pytest

from cohort.criteria import HAMD17_ABOVE_REMISSION, HAMD17_REMISSION, HAMD17_RESPONSE, AboveAtEntry, Remission, Response
from cohort.outcomes.registry import classify
from tests.outcomes.small_studies import rated_study, row, said

MET = ("met", "")
MISSED = ("not met", "threshold not reached")


def two(before, after):
    return rated_study({"a": {"baseline": before, "week 6": after}})


@pytest.mark.parametrize(
    ("before", "after", "percent", "response", "remission", "below_7"),
    [
        pytest.param(24, 12, 50.0, "met", "not met", "not met", id="G6"),
        pytest.param(24, 13, 45.833333333, "not met", "not met", "not met", id="G7"),
        pytest.param(15, 7, 53.333333333, "met", "met", "not met", id="G8"),
        pytest.param(12, 7, 41.666666667, "not met", "met", "not met", id="G9"),
        pytest.param(12, 6, 50.0, "met", "met", "met", id="below 7 too"),
        pytest.param(10, 12, -20.0, "not met", "not met", "not met", id="worse"),
    ],
)
def test_golden_vectors(before, after, percent, response, remission, below_7):
    study = two(before, after)
    answered = row(study, HAMD17_RESPONSE.at("week 6"))
    assert (answered["verdict"], answered["value"], answered["day"]) == (response, percent, 42)
    remitted = row(study, HAMD17_REMISSION.at("week 6"))
    assert (remitted["verdict"], remitted["value"], remitted["day"]) == (remission, after, 42)
    assert row(study, replace(HAMD17_REMISSION, bound="<").at("week 6"))["verdict"] == below_7


@pytest.mark.parametrize(
    ("after", "band"),
    [(12, "response"), (18, "partial response"), (19, "no response"), (24, "no response"), (25, "worse")],
)
def test_bands_of_improvement_from_24(after, band):
    assert row(two(24, after), HAMD17_RESPONSE.at("week 6"))["category"] == band


def test_exactly_half_counts_with_at_least_and_not_with_more_than():
    more = replace(HAMD17_RESPONSE, bound=">").at("week 6")
    assert said(two(24, 12), HAMD17_RESPONSE.at("week 6")) == MET
    assert said(two(24, 12), more) == MISSED
    assert said(two(24, 11), more) == MET


def test_prorated_scores_are_compared_as_decimals():
    """16.4 to 12.3 is a fall of 25 percent, though 16.4 - 12.3 is 4.099999999999998 in binary fractions."""
    quarter = replace(HAMD17_RESPONSE, improvement=25).at("week 6")
    assert said(two(16.4, 12.3), quarter) == MET
    assert said(two(16.4, 12.3), replace(quarter, bound=">")) == MISSED
    assert row(two(16.4, 12.3), HAMD17_RESPONSE.at("week 6"))["category"] == "partial response"
    assert said(two(15, 10), replace(quarter, improvement=100 / 3)) == MET
    assert said(two(16.4, 12.4), quarter) == MISSED


def test_a_baseline_of_zero_is_not_met_and_has_no_percentage():
    found = row(two(0, 3), HAMD17_RESPONSE.at("week 6"))
    assert (found["verdict"], found["reason"]) == ("not met", "baseline is zero, percent undefined")
    assert found["value"] is None
    assert found["category"] is None


@pytest.mark.parametrize("chosen", ["at", "last_observed", "ever", "by_day"])
def test_without_a_baseline_response_is_undetermined_and_remission_is_not(chosen):
    study = rated_study({"a": {"week 6": 5}})
    asked = {"at": ["week 6"], "by_day": [42]}.get(chosen, [])
    answered = row(study, getattr(HAMD17_RESPONSE, chosen)(*asked))
    assert (answered["verdict"], answered["reason"]) == ("undetermined", "no baseline")
    assert answered["value"] is answered["day"] is answered["category"] is None
    remitted = row(study, getattr(HAMD17_REMISSION, chosen)(*asked))
    assert (remitted["verdict"], remitted["category"]) == ("met", None)


def test_a_missing_rating_at_the_visit_is_undetermined_with_no_record_and_with_a_null():
    study = rated_study({"a": {"baseline": 24, "week 4": 3}, "b": {"baseline": 24, "week 4": 3, "week 6": None}})
    for criterion in (HAMD17_RESPONSE.at("week 6"), HAMD17_REMISSION.at("week 6")):
        for subject in "ab":
            found = row(study, criterion, subject)
            assert (found["verdict"], found["reason"]) == ("undetermined", "no rating at the visit")
            assert found["value"] is found["day"] is None


def test_several_visits_must_all_satisfy_and_one_failure_decides():
    study = rated_study(
        {
            "both": {"baseline": 20, "week 4": 7, "week 6": 6},
            "relapsed": {"baseline": 20, "week 4": 7, "week 6": 8},
            "failed, then gone": {"baseline": 20, "week 4": 8},
            "remitted, then gone": {"baseline": 20, "week 4": 7},
            "failed both": {"baseline": 20, "week 4": 9, "week 6": 8},
        }
    )
    criterion = HAMD17_REMISSION.at("week 4", "week 6")
    found = (
        classify(study, criterion).select("subject_id", "verdict", "reason", "value", "day").rows_by_key("subject_id")
    )
    assert found == {
        "both": [("met", "", 6, 42)],
        "relapsed": [("not met", "threshold not reached", 8, 42)],
        "failed, then gone": [("not met", "threshold not reached", 8, 28)],
        "remitted, then gone": [("undetermined", "no rating at the visit", None, None)],
        "failed both": [("not met", "threshold not reached", 9, 28)],
    }


def test_last_observed_and_ever():
    study = rated_study({"a": {"baseline": 20, "week 1": 7, "week 2": 15}, "b": {"baseline": 20}})
    assert said(study, HAMD17_REMISSION.last_observed()) == MISSED
    ever = row(study, HAMD17_REMISSION.ever())
    assert (ever["verdict"], ever["value"], ever["day"]) == ("met", 7, 7)
    for criterion in (HAMD17_REMISSION.last_observed(), HAMD17_REMISSION.ever(), HAMD17_RESPONSE.ever()):
        assert said(study, criterion, "b") == ("undetermined", "no rating after baseline")


def test_last_observed_and_ever_take_unscheduled_ratings():
    study = rated_study({"a": {"baseline": 20, "week 1": 15, 10: 6, "week 2": 12, 20: 5}})
    assert row(study, HAMD17_REMISSION.ever())["day"] == 10
    last = row(study, HAMD17_REMISSION.last_observed())
    assert (last["verdict"], last["day"]) == ("met", 20)
    assert said(study, HAMD17_REMISSION.at("week 2")) == MISSED


def test_of_two_ratings_on_one_day_the_scheduled_one_is_the_later():
    study = rated_study({"a": {"baseline": 20, "week 2": 12, 14: 5}})
    last = row(study, HAMD17_REMISSION.last_observed())
    assert (last["verdict"], last["value"]) == ("not met", 12)
    assert row(study, HAMD17_REMISSION.ever())["value"] == 5


def test_of_two_visits_on_one_day_the_later_in_the_study_is_the_later():
    study = rated_study({"a": {"baseline": 20, "week 4": 12, "week 6": 5}})
    same_day = study.ratings.with_columns(day=pl.when(pl.col("day") > 0).then(28.0).otherwise("day"))
    for order in (("baseline", "week 4", "week 6"), ("baseline", "week 6", "week 4")):
        last = row(replace(study, ratings=same_day, visits=order), HAMD17_REMISSION.last_observed())
        assert last["value"] == {"week 6": 5, "week 4": 12}[order[-1]]


def test_day_0_is_baseline_and_some_hours_later_is_not():
    study = rated_study({"a": {-3: 30, 0: 20, 0.25: 7}})
    found = row(study, HAMD17_RESPONSE.ever())
    assert (found["verdict"], found["value"], found["day"]) == ("met", 65, 0.25)
    assert said(rated_study({"a": {-3: 30, 0: 7}}), HAMD17_REMISSION.ever()) == (
        "undetermined",
        "no rating after baseline",
    )


def test_at_goes_by_the_name_of_the_visit():
    study = rated_study({"a": {"baseline": 6, "week 1": 20}})
    assert said(study, HAMD17_REMISSION.at("baseline")) == MET


def test_by_day():
    study = rated_study(
        {
            "on the day": {"baseline": 20, 42: 7},
            "some hours late": {"baseline": 20, "week 1": 20, 42.5: 7},
            "followed": {"baseline": 20, "week 1": 12},
            "left": {"baseline": 20, "week 1": 12},
            "remitted and left": {"baseline": 20, "week 1": 6},
            "never rated": {"baseline": 20},
        },
        last_days={"followed": 42, "left": 41, "remitted and left": 7, "never rated": 60},
    )
    criterion = HAMD17_REMISSION.by_day(42)
    assert said(study, criterion, "on the day") == MET
    assert said(study, criterion, "some hours late") == MISSED
    assert said(study, criterion, "followed") == MISSED
    assert said(study, criterion, "left") == ("undetermined", "follow-up ends before the day")
    assert said(study, criterion, "remitted and left") == MET
    assert said(study, criterion, "never rated") == ("undetermined", "no rating after baseline")
    assert row(study, criterion, "remitted and left")["day"] == 7


def test_whoever_enters_in_remission_carries_the_category():
    study = rated_study({"a": {"baseline": 7, "week 6": 3}, "b": {"baseline": 8, "week 6": 3}, "c": {"week 6": 3}})
    found = classify(study, HAMD17_REMISSION.at("week 6"))
    assert found["verdict"].to_list() == ["met", "met", "met"]
    assert found["category"].to_list() == ["entered in remission", "entered out of remission", None]


def test_the_population_above_remission_at_entry():
    study = rated_study({"a": {"baseline": 7}, "b": {"baseline": 8}, "c": {"week 6": 3}, "d": {"baseline": None}})
    assert said(study, HAMD17_ABOVE_REMISSION, "a") == MISSED
    assert said(study, HAMD17_ABOVE_REMISSION, "b") == MET
    assert said(study, HAMD17_ABOVE_REMISSION, "c") == ("undetermined", "no baseline")
    assert said(study, HAMD17_ABOVE_REMISSION, "d") == ("undetermined", "no baseline")
    assert row(study, HAMD17_ABOVE_REMISSION, "b")["value"] == 8


def test_another_scale_is_a_frozen_value():
    remission = Remission("MADRS", None, "many", threshold=10).at("week 6")
    response = Response("MADRS", None, "many").at("week 6")
    study = rated_study({"a": {"baseline": 30, "week 6": 10}, "b": {"baseline": 30, "week 6": 11}}, scale="MADRS")
    assert [said(study, remission, who) for who in "ab"] == [MET, MISSED]
    assert [said(study, response, who) for who in "ab"] == [MET, MET]
    assert said(study, AboveAtEntry("MADRS", above=10)) == MET


def test_scales_of_one_study_are_kept_apart():
    madrs = rated_study({"a": {"baseline": 30, "week 6": 12}}, scale="MADRS")
    both = replace(madrs, ratings=pl.concat([madrs.ratings, two(20, 6).ratings]))
    assert said(both, HAMD17_REMISSION.at("week 6")) == MET
    assert said(both, Remission("MADRS", None, "many", threshold=10).at("week 6")) == MISSED
