"""Outcomes as times: clock, event, censoring, competing causes, late entry."""

from dataclasses import replace

import pytest

from cohort.criteria import (
    HAMD17_ABOVE_REMISSION,
    HAMD17_REMISSION,
    HAMD17_RESPONSE,
    ILAE_2010_FREEDOM,
    RETENTION,
    SEIZURE_RESPONSE_50,
)
from cohort.errors import CriterionError
from cohort.outcomes.times.time_to import time_to
from cohort.records.inspect import read
from cohort.schemas import EVENTS
from tests.outcomes.small_studies import REFERENCE, ROOT, daily, diary_study, made, rated_study

SCORES = {
    "late": {"baseline": 20, "week 1": 15, "week 2": None, "week 4": 6, "week 6": 20},
    "first": {"baseline": 20, "week 1": 5},
    "never": {"baseline": 20, "week 1": 15, 40: 16},
    "baseline only": {"baseline": 20},
    "no baseline": {"week 1": 9, "week 2": 3},
}


def times(study, criterion, **how):
    found = time_to(study, criterion, **how)
    assert found.schema == EVENTS.schema
    assert (found["event_no"] == 1).all()
    key = ["subject_id"] if found["treatment_no"].null_count() else ["subject_id", "treatment_no"]
    return {
        row[:-4] if len(key) > 1 else row[0]: row[-4:]
        for row in found.select(*key, "entry", "left", "right", "cause").rows()
    }


def test_first_visit_takes_the_day_of_the_first_rating_that_satisfies():
    assert times(rated_study(SCORES), HAMD17_REMISSION) == {
        "late": (0, 28, 28, "remission"),
        "first": (0, 7, 7, "remission"),
        "never": (0, 40, None, None),
        "no baseline": (0, 14, 14, "remission"),
    }


def test_interval_lies_between_the_rating_before_and_it():
    found = times(rated_study(SCORES), HAMD17_REMISSION, timing="interval")
    assert found == {
        "late": (0, 7, 28, "remission"),
        "first": (0, 0, 7, "remission"),
        "never": (0, 40, None, None),
        "no baseline": (0, 7, 14, "remission"),
    }


def test_response_needs_a_baseline():
    assert times(rated_study(SCORES), HAMD17_RESPONSE) == {
        "late": (0, 28, 28, "response"),
        "first": (0, 7, 7, "response"),
        "never": (0, 40, None, None),
    }


def test_an_endpoint_is_refused_and_ever_is_what_is_meant():
    study = rated_study(SCORES)
    with pytest.raises(CriterionError, match="takes no endpoint"):
        time_to(study, HAMD17_REMISSION.at("week 6"))
    assert times(study, HAMD17_REMISSION.ever()) == times(study, HAMD17_REMISSION)


def treated(*treatments):
    return rated_study(
        {"a": {"baseline": 20, "week 1": 15, "week 4": 6}, "b": {"baseline": 20, "week 1": 15}},
        treatments=[(who, number, "x", start, stop, reason) for who, number, start, stop, reason in treatments],
    )


@pytest.mark.parametrize(
    ("stop", "expected"),
    [
        (20, (0, 20, 20, "intolerance")),
        (28, (0, 28, 28, "remission")),
        (35, (0, 28, 28, "remission")),
    ],
)
def test_what_comes_first_is_the_event_and_the_visit_on_a_tie(stop, expected):
    study = treated(("a", 1, 0, stop, "intolerance"), ("b", 1, 0, 30, "intolerance"))
    for timing in ("first visit", "interval"):
        found = times(study, HAMD17_REMISSION, compete=["intolerance"], timing=timing)
        assert found["a"][2:] == expected[2:]
        assert found["a"][1] == (7 if timing == "interval" and stop >= 28 else expected[1])
        assert found["b"] == (0, 30, 30, "intolerance"), "a stop after the last rating is known too"
    assert times(study, HAMD17_REMISSION) == {"a": (0, 28, 28, "remission"), "b": (0, 7, None, None)}


def test_stops_that_do_not_compete_end_no_time_on_ratings():
    study = treated(("a", 1, 0, 20, "cost"), ("b", 1, 0, 3, "cost"))
    assert times(study, HAMD17_REMISSION, compete=["intolerance"]) == times(study, HAMD17_REMISSION)


def test_the_first_competing_stop_after_day_0_counts():
    study = treated(
        ("a", 1, -90, -5, "intolerance"),
        ("a", 2, -4, 0, "intolerance"),
        ("a", 3, 0, 10, "cost"),
        ("a", 4, 10, 12, "inefficacy and intolerance"),
        ("a", 5, 12, 15, "intolerance"),
    )
    for compete in (["intolerance"], ["inefficacy"], ["inefficacy and intolerance"]):
        assert times(study, HAMD17_REMISSION, compete=compete)["a"] == (0, 12, 12, "inefficacy and intolerance")
    assert times(study, HAMD17_REMISSION, compete=["cost", "intolerance"])["a"] == (0, 10, 10, "cost")


def test_entry_is_late_where_observation_begins_after_day_0():
    scores = {
        "late": {12: 15, 30: 6},
        "later": {12: 6},
        "on its day": {10: 15},
        "early": {"baseline": 20, 12: 15, 30: 6},
    }
    study = rated_study(scores, first_days={"late": 10, "later": 10, "on its day": 10, "early": -5})
    late = {"late": (10, 30, 30, "remission"), "later": (10, 12, 12, "remission")}
    assert times(study, HAMD17_REMISSION) == late | {"early": (0, 30, 30, "remission")}
    between = {"late": (10, 12, 30, "remission"), "later": (10, 10, 12, "remission")}
    assert times(study, HAMD17_REMISSION, timing="interval") == between | {"early": (0, 12, 30, "remission")}


def test_retention_ends_with_the_stop_and_enters_late():
    study = made(
        ["early", "late", "before", "goes on"],
        treatments=[
            ("early", 1, "x", 5, 105, "cost"),
            ("late", 1, "x", -50, 60, None),
            ("before", 1, "x", -90, -10, "inefficacy"),
            ("goes on", 1, "x", 0, None, None),
        ],
        first_days={"early": 0, "late": 0, "before": 0, "goes on": 0},
        last_days=dict.fromkeys(["early", "late", "before", "goes on"], 200),
    )
    assert times(study, RETENTION) == {
        ("early", 1): (0, 100, 100, "cost"),
        ("late", 1): (50, 110, 110, "not recorded"),
        ("goes on", 1): (0, 200, None, None),
    }


def test_freedom_happens_on_the_day_it_is_completed():
    diary = daily(-50, 800, [-37, -2, 100])
    study = diary_study({"a": diary}, [("a", 1, "x", 10, None, None)])
    assert times(study, ILAE_2010_FREEDOM) == {("a", 1): (0, 455, 455, "sustained freedom")}


def test_freedom_is_censored_at_the_last_day_recorded_under_the_treatment():
    stops = {"a": (200, "cost"), "b": (200, "intolerance"), "c": (None, None), "d": (200, "intolerance")}
    diaries = dict.fromkeys("abc", daily(-50, 150, [-37, -2, 100])) | {"d": daily(-50, 500, [-37, -2])}
    study = diary_study(
        diaries,
        [(who, 1, "x", 0, stop, reason) for who, (stop, reason) in stops.items()],
        last_days=dict.fromkeys(diaries, 600),
    )
    assert times(study, ILAE_2010_FREEDOM, compete=["intolerance"]) == {
        ("a", 1): (0, 150, None, None),
        ("b", 1): (0, 200, 200, "intolerance"),
        ("c", 1): (0, 150, None, None),
        ("d", 1): (0, 200, 200, "intolerance"),
    }
    assert times(study, ILAE_2010_FREEDOM)["d", 1] == (0, 200, None, None)


def test_a_treatment_without_a_day_in_the_diary_has_no_time_of_freedom():
    study = diary_study(
        {"a": daily(-50, -1), "b": daily(0, 9)}, [("a", 1, "x", 0, None, None), ("b", 1, "x", 0, None, None)]
    )
    assert times(study, ILAE_2010_FREEDOM) == {("b", 1): (0, 9, None, None)}


def test_freedom_completed_comes_before_a_later_stop():
    study = diary_study({"a": daily(0, 800)}, [("a", 1, "x", 0, 500, "intolerance")])
    assert times(study, ILAE_2010_FREEDOM, compete=["intolerance"]) == {("a", 1): (0, 365, 365, "sustained freedom")}


@pytest.mark.parametrize(
    ("criterion", "how", "message"),
    [
        (
            HAMD17_REMISSION,
            {"compete": ["side effects"]},
            "reasons for stopping, not 'side effects'; the reasons are 'inefficacy'",
        ),
        (HAMD17_REMISSION, {"compete": "intolerance"}, "a list of reasons for stopping, not 'intolerance'"),
        (HAMD17_REMISSION, {"timing": "midpoint"}, "timing is 'first visit' or 'interval', not 'midpoint'"),
        (RETENTION, {"compete": ["intolerance"]}, "every reason for stopping as a cause"),
        (replace(RETENTION, treatment_no=3), {}, "nobody has a treatment 3; treatment numbers are 1"),
        (SEIZURE_RESPONSE_50, {}, "no time to a SeizureResponse; wait for Remission"),
        (HAMD17_ABOVE_REMISSION, {}, "no time to a AboveAtEntry"),
    ],
)
def test_what_cannot_be_waited_for(criterion, how, message):
    with pytest.raises(CriterionError, match=message):
        time_to(treated(("a", 1, 0, 20, "cost")), criterion, **how)


def test_nothing_competes_where_nothing_can_be_stopped():
    with pytest.raises(CriterionError, match="cannot compete: the study has no treatments"):
        time_to(rated_study(SCORES), HAMD17_REMISSION, compete=["intolerance"])


@pytest.mark.skipif(not REFERENCE.is_dir(), reason="reference data are not beside this checkout")
def test_withdrawal_in_sanad():
    study = read(ROOT / "examples/sanad/study.toml")
    events = time_to(study, RETENTION).join(study.subjects.select("subject_id", "arm", "last_day"), on="subject_id")
    assert events.height == 605
    causes = dict(events["cause"].value_counts().rows())
    assert causes == {"inefficacy": 120, "intolerance": 94, "not recorded": 7, None: 384}
    by_arm = dict(events.drop_nulls("right")["arm"].cast(str).value_counts().rows())
    assert by_arm == {"CBZ": 116, "LTG": 105}
    assert (events["left"] == events["last_day"]).all()
    assert (events["entry"] == 0).all()
