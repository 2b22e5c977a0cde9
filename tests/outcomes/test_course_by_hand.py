"""Remission that lasts, recovery, relapse and recurrence, worked by hand."""

from dataclasses import replace

import pytest

from cohort.criteria import (
    ACNP_2006_RECOVERY,
    ACNP_2006_RECURRENCE,
    FRANK_1991_RECOVERY,
    FRANK_1991_RECURRENCE,
    FRANK_1991_RELAPSE,
    FRANK_1991_REMISSION,
    HAMD17_RELAPSE,
    HAMD17_SUSTAINED_REMISSION,
    STARD_RELAPSE_QIDS,
)
from cohort.errors import CriterionError
from cohort.outcomes.registry import evidence
from cohort.outcomes.states import states
from cohort.outcomes.times.time_to import time_to
from tests.outcomes.small_studies import rated_study, row, said

SUSTAINED = HAMD17_SUSTAINED_REMISSION


def rated(scores, scale="HAMD17"):
    return rated_study({"a": {0: 24, **scores}}, scale=scale)


def weekly(score, first, last):
    return dict.fromkeys(range(first, last + 1, 7), score)


def verdict(scores, criterion, **asked):
    found = row(rated(scores, criterion.scale), criterion, **asked)
    return found["verdict"], found["reason"], found["day"]


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        pytest.param({7: 7, 28: 7}, ("met", "", 28), id="two visits, 21 days apart"),
        pytest.param({7: 7, 27: 7}, ("undetermined", "follow-up too short", None), id="a day less, and then nothing"),
        pytest.param({7: 7, 27: 7, 34: 8}, ("not met", "not long enough", 34), id="a day less, and then 8"),
        pytest.param({7: 7, 14: 8, 28: 7, 35: 9}, ("not met", "not long enough", 35), id="8 in between"),
        pytest.param({7: 7, 14: None, 28: 7}, ("met", "", 28), id="a missed visit in between"),
        pytest.param({7: 7, 63: 7}, ("met", "", 63), id="56 days apart"),
        pytest.param({7: 7, 64: 7, 71: 9}, ("undetermined", "ratings too far apart", None), id="57 days apart"),
        pytest.param({7: 7, 64: 9}, ("undetermined", "ratings too far apart", None), id="left, nobody knows when"),
        pytest.param({7: 9, 64: 9}, ("not met", "threshold not reached", 64), id="never in remission"),
        pytest.param({}, ("undetermined", "no rating after baseline", None), id="not rated"),
        pytest.param({7.9: 7, 28.1: 7}, ("met", "", 28.1), id="calendar days"),
    ],
)
def test_sustained_remission(scores, expected):
    assert verdict(scores, SUSTAINED) == expected


def test_t1_it_stands_from_the_day_on_which_it_was_complete():
    scores = {7: 7, 14: 5, 28: 6, 35: 6}
    assert verdict(scores, SUSTAINED)[2] == 28
    assert verdict(scores, SUSTAINED, as_of=27)[0] == "undetermined"
    assert verdict(scores, SUSTAINED, as_of=28)[0] == "met"


def test_two_ratings_of_one_day_are_one_visit():
    three = replace(SUSTAINED, visits=3)
    assert verdict({7: 7, 28: 7, 28.5: 7, 30: 9}, three)[0] == "not met"
    assert verdict({7: 7, 20: 7, 28.5: 7, 30: 9}, three)[0] == "met"


def test_sustained_and_lost_again_has_its_span():
    scores = {7: 7, 14: 5, 28: 6, 35.5: 6, 42: 9, 49: 3, 70: 3}
    found = row(rated(scores), SUSTAINED)
    assert (found["category"], found["value"]) == ("sustained, held at the last rating", 28)
    assert row(rated(scores), SUSTAINED, as_of=45)["category"] == "sustained, lost again"
    assert states(rated(scores), SUSTAINED).rows() == [
        ("a", 28, 35, "sustained remission"),
        ("a", 70, 70, "sustained remission"),
    ]


def test_entering_in_remission_is_no_run_before_day_0():
    """Ratings on or before day 0 are baseline: the run begins on day 7."""
    study = rated_study({"a": {-21: 5, 0: 5, 7: 5, 14: 9}})
    assert said(study, SUSTAINED) == ("not met", "not long enough")


WELL = {7: 7, **weekly(5, 14, 147)}


def test_recovery_is_counted_from_the_onset_and_stands_from_the_day_it_is_complete():
    """ACNP: the onset is day 7, 122 days later is day 129, the first rating from then on is day 133."""
    assert verdict(WELL, ACNP_2006_RECOVERY) == ("met", "", 133)
    assert verdict(WELL, ACNP_2006_RECOVERY, as_of=132)[:2] == ("undetermined", "follow-up too short")


def test_a_score_between_remission_and_the_episode_ends_franks_recovery_and_not_the_acnps():
    dip = WELL | {70: 10}
    assert verdict(dip, ACNP_2006_RECOVERY) == ("met", "", 133)
    frank = replace(FRANK_1991_RECOVERY, recovery_days=122)
    assert verdict(WELL, frank)[0] == "met"
    assert verdict(dip | {154: 9}, frank)[:2] == ("not met", "lost again")
    assert verdict(WELL, FRANK_1991_RECOVERY)[:2] == ("undetermined", "follow-up too short")
    assert verdict({7: 7, **weekly(5, 14, 189), 190: 5}, FRANK_1991_RECOVERY) == ("met", "", 190)


def test_a_gap_begins_remission_anew():
    scores = {7: 7, 14: 5, 28: 5, 85: 5, 134: 5}
    assert verdict(scores, ACNP_2006_RECOVERY)[:2] == ("undetermined", "follow-up too short")
    assert verdict(scores | {140: 20, 147: 20}, ACNP_2006_RECOVERY)[:2] == ("undetermined", "ratings too far apart")
    patient = replace(ACNP_2006_RECOVERY, remission=replace(SUSTAINED, max_gap_days=57))
    assert verdict(scores, patient) == ("met", "", 134)


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        pytest.param({42: 14, 49: 14}, ("met", "", 49), id="confirmed at the next visit"),
        pytest.param({42: 14, 90: 14}, ("met", "", 90), id="the next visit may be later than 14 days"),
        pytest.param({42: 14, 49: 9, 56: 14}, ("met", "", 56), id="within 14 days, though not at the next visit"),
        pytest.param({42: 14, 49: 9, 57: 14, 64: 9}, ("not met", "threshold not reached", 64), id="after 15 days"),
        pytest.param({42: 14, 49: 13}, ("not met", "threshold not reached", 49), id="not confirmed"),
        pytest.param({42: 14}, ("undetermined", "not confirmed", None), id="nothing after it"),
        pytest.param({42: 13, 49: 13}, ("not met", "threshold not reached", 49), id="13"),
        pytest.param({42: 14, 99: 20, 106: 20}, ("met", "", 106), id="57 days later is no next visit"),
    ],
)
def test_relapse_after_remission_on_day_28(then, expected):
    assert verdict({7: 7, 28: 7, **then}, HAMD17_RELAPSE) == expected


def test_nobody_relapses_who_was_not_in_remission():
    assert verdict({7: 7, 14: 20, 21: 20}, HAMD17_RELAPSE) == ("not met", "no remission before", 21)
    assert row(rated({7: 7, 14: 20, 21: 20}), HAMD17_RELAPSE)["category"] == "no remission"


def test_after_recovery_it_is_a_recurrence():
    scores = WELL | {154: 20, 161: 22}
    assert verdict(scores, HAMD17_RELAPSE) == ("not met", "threshold not reached", 161)
    assert row(rated(scores), HAMD17_RELAPSE)["category"] == "recovered"
    assert verdict(scores, ACNP_2006_RECURRENCE) == ("met", "", 161)
    assert verdict(scores, ACNP_2006_RECURRENCE, as_of=155)[:2] == ("undetermined", "not confirmed")
    assert verdict(WELL, ACNP_2006_RECURRENCE)[:2] == ("not met", "threshold not reached")
    assert states(rated(scores), ACNP_2006_RECOVERY).rows() == [
        ("a", 28, 132, "remission"),
        ("a", 133, 147, "recovered"),
    ]


def test_before_recovery_it_is_a_relapse_and_no_recurrence():
    scores = weekly(5, 7, 98) | {105: 20, 112: 22}
    assert verdict(scores, HAMD17_RELAPSE) == ("met", "", 112)
    assert verdict(scores, ACNP_2006_RECURRENCE)[:2] == ("not met", "no recovery before")
    assert states(rated(scores), ACNP_2006_RECOVERY).rows() == [("a", 28, 98, "remission")]


def test_a_full_score_just_before_recovery_holds_it_up_until_it_cannot_be_confirmed():
    """Day 126 is full: day 133 lies within 14 days of it, so that only day 147 completes recovery."""
    assert verdict(WELL | {126: 20, 140: None}, ACNP_2006_RECOVERY) == ("met", "", 147)
    assert verdict(WELL | {126: 20, 133: 20}, HAMD17_RELAPSE) == ("met", "", 133)


def test_a_relapse_or_a_recurrence_hidden_in_a_gap():
    """Remission from day 7 on, nothing from day 28 to day 200: recovery may have come first."""
    late = {7: 7, 28: 7, 200: 20, 207: 20}
    assert verdict(late, HAMD17_RELAPSE)[:2] == ("undetermined", "ratings too far apart")
    assert verdict(late, ACNP_2006_RECURRENCE)[:2] == ("undetermined", "ratings too far apart")
    early = {7: 7, 28: 7, 100: 20, 107: 20}
    assert verdict(early, HAMD17_RELAPSE) == ("met", "", 107)


def test_remission_hidden_in_a_gap():
    scores = {7: 7, 100: 20, 107: 20}
    assert verdict(scores, HAMD17_RELAPSE)[:2] == ("undetermined", "ratings too far apart")
    assert verdict(scores, ACNP_2006_RECURRENCE)[:2] == ("not met", "no recovery before")


def test_franks_terms():
    assert verdict({7: 7, 21: 7}, FRANK_1991_REMISSION) == ("met", "", 21)
    assert verdict({7: 7, 21: 7, 28: 14, 35: 14}, FRANK_1991_RELAPSE)[0] == "not met"
    assert verdict({7: 7, 21: 7, 28: 15, 35: 15}, FRANK_1991_RELAPSE) == ("met", "", 35)
    scores = weekly(5, 7, 196) | {203: 15, 210: 15}
    assert verdict(scores, FRANK_1991_RECURRENCE) == ("met", "", 210)


def test_stard_takes_one_self_rating_of_11():
    assert verdict({7: 5, 14: 11}, STARD_RELAPSE_QIDS) == ("met", "", 14)
    assert verdict({7: 5, 14: 10}, STARD_RELAPSE_QIDS)[0] == "not met"
    assert verdict({7: 6, 14: 11}, STARD_RELAPSE_QIDS) == ("not met", "no remission before", 14)


def test_a_second_relapse_is_not_needed_and_the_first_counts():
    scores = {7: 7, 28: 7, 35: 20, 42: 20, 49: 7, 70: 7, 77: 20, 84: 20}
    assert verdict(scores, HAMD17_RELAPSE) == ("met", "", 42)


def test_the_evidence_has_the_days_and_what_they_were_compared_with():
    lines = evidence(rated({7: 7, 21: 7}), SUSTAINED).select("observed", "threshold", "bound", "unit", "passed").rows()
    assert lines == [(14, 21, ">=", "days", False), (2, 2, ">=", "visits", True)]


def test_states_are_told_of_what_is_gained_and_lost():
    with pytest.raises(CriterionError, match="a Relapse is no state that is gained and lost"):
        states(rated(WELL), HAMD17_RELAPSE)


def time(scores, criterion, treatments=(), **asked):
    study = rated_study({"a": {0: 24, **scores}}, scale=criterion.scale, treatments=treatments)
    found = time_to(study, criterion, **asked)
    return found.select("left", "right", "cause").rows()


def test_time_to_sustained_remission_ends_where_it_is_complete():
    assert time({7: 7, 14: 5, 28: 6, 35: 6}, SUSTAINED) == [(28, 28, "sustained remission")]
    assert time({7: 7, 14: 5, 28: 6, 35: 6}, SUSTAINED, timing="interval") == [(14, 28, "sustained remission")]
    assert time({7: 7, 14: 5}, SUSTAINED) == [(14, None, None)]
    stopped = [("a", 1, "x", 0, 20, "intolerance")]
    assert time({7: 7, 28: 6}, SUSTAINED, stopped, compete=["intolerance"]) == [(20, 20, "intolerance")]
    assert time({}, SUSTAINED) == []


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        pytest.param({42: 14, 49: 14}, (21, 21, "relapse"), id="confirmed 21 days after remission was established"),
        pytest.param({42: 9, 49: 9}, (21, None, None), id="no relapse by the last rating"),
        pytest.param(weekly(5, 35, 154) | {161: 20, 168: 20}, (105, None, None), id="recovered on day 133"),
        pytest.param({200: 20, 207: 20}, (0, None, None), id="relapse or recurrence, after a gap"),
        pytest.param({100: 20, 107: 20}, (79, 79, "relapse"), id="a gap too short for recovery"),
    ],
)
def test_time_to_relapse_counts_from_remission_on_day_28(scores, expected):
    assert time({7: 7, 28: 7, **scores}, HAMD17_RELAPSE) == [expected]


def test_time_to_relapse_is_told_of_those_in_remission_and_competes_with_stops_after_it():
    assert time({7: 7, 14: 20, 21: 20}, HAMD17_RELAPSE) == []
    stopped = [("a", 1, "x", 0, 20, "inefficacy"), ("a", 2, "y", 21, 40, "intolerance")]
    relapse = {7: 7, 28: 7, 42: 14, 49: 14}
    assert time(relapse, HAMD17_RELAPSE, stopped, compete=["inefficacy"]) == [(21, 21, "relapse")]
    assert time(relapse, HAMD17_RELAPSE, stopped, compete=["intolerance"]) == [(12, 12, "intolerance")]
    assert time(relapse, HAMD17_RELAPSE, timing="interval") == [(14, 21, "relapse")]
