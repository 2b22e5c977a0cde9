"""Courses of a depression, worked by hand."""

from dataclasses import replace

import pytest

from cohort.criteria import DEPRESSION_TRAJECTORY
from cohort.errors import CriterionError
from cohort.outcomes.registry import classify
from tests.outcomes.depressed import history

THREE = [
    ("citalopram", 20, 0, 60, "inefficacy"),
    ("venlafaxine", 150, 61, 120, "inefficacy"),
    ("mirtazapine", 30, 121, 180, "inefficacy"),
]
LENIENT = replace(DEPRESSION_TRAJECTORY, persistent="improvement below 50")


def course(scores, criterion=DEPRESSION_TRAJECTORY, courses=THREE, **asked):
    return classify(history(courses, scores), criterion, **asked).select("verdict", "category", "day").row(0)


def test_the_four_courses():
    assert course({0: 24, 56: 7, 120: 13}) == ("met", "early remission", 56)
    assert course({0: 24, 56: 7, 120: 14}) == ("not met", "fluctuating", 120)
    assert course({0: 24, 56: 12, 120: 13}) == ("not met", "fluctuating", 120), "above half of the baseline again"
    assert course({0: 24, 56: 20, 120: 19}) == ("not met", "persistent", 120)
    assert course({0: 24, 56: 18, 120: 19})[1] == "other", "a quarter less once"
    assert course({0: 24, 57: 7})[1] == "other", "in the ninth week"


def test_the_lenient_rule_takes_partial_response_for_persistent():
    assert course({0: 24, 56: 18, 120: 19}, LENIENT)[1] == "persistent"
    assert course({0: 24, 56: 12, 120: 12}, LENIENT)[1] == "other"


def test_remission_is_early_under_the_first_two_treatments():
    assert course({0: 24, 60: 24, 117: 5})[:2] == ("met", "early remission")
    assert course({0: 24, 60: 24, 118: 5})[1] == "other"
    third = {0: 24, 60: 24, 120: 24, 150: 5}
    assert course(third)[1] == "other"
    assert course(third, replace(DEPRESSION_TRAJECTORY, early_treatments=3))[1] == "early remission"


def test_remission_may_come_early_after_a_first_one_was_lost():
    assert course({0: 24, 40: 6, 60: 20, 100: 5})[:2] == ("met", "early remission")


def test_persistence_needs_two_adequate_antidepressants():
    short = [("citalopram", 20, 0, 20, "inefficacy"), ("venlafaxine", 150, 21, 120, "inefficacy")]
    assert course({0: 24, 20: 24, 120: 24}, courses=short)[1] == "other"
    unknown = [("citalopram", None, 0, 60, "inefficacy"), ("venlafaxine", 150, 61, 120, "inefficacy")]
    assert course({0: 24, 60: 24, 120: 24}, courses=unknown)[:2] == ("undetermined", None)


def test_missing_scores_leave_it_undetermined():
    assert course({0: 24})[0] == "undetermined"
    assert course({56: 7, 120: 10})[0] == "undetermined"


def test_what_was_known_on_a_day():
    scores = {0: 24, 56: 7, 120: 14}
    assert course(scores, as_of=55)[0] == "undetermined"
    assert course(scores, as_of=56)[1] == "early remission"
    assert course(scores, as_of=120)[1] == "fluctuating"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: replace(DEPRESSION_TRAJECTORY, relapse_score=7), "above remission"),
        (lambda: replace(DEPRESSION_TRAJECTORY, early_days=0), "at least 1"),
        (lambda: replace(DEPRESSION_TRAJECTORY, persistent="never"), "persistent is"),
        (lambda: replace(DEPRESSION_TRAJECTORY, source=""), "where it comes from"),
    ],
)
def test_a_rule_that_contradicts_itself_cannot_be_made(make, message):
    with pytest.raises(CriterionError, match=message):
        make()
