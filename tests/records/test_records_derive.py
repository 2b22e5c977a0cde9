"""What follows from the records without a clinical rule, worked by hand."""

from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cohort.errors import RecordError
from cohort.records.derive import (
    attendance,
    baseline,
    changes,
    diary,
    follow_up,
    ratings_on,
    seizure_changes,
    seizures_in,
)
from cohort.records.study import Study
from tests.records.tables import counted, rated, rating, ratings, seizures


def test_the_baseline_is_the_last_score_on_or_before_day_0() -> None:
    study = rated(
        ("a", -14, "screening", 30), ("a", -1, "baseline", 28), ("a", 0.25, None, 5),
        ("b", -14, "screening", 31), ("b", 0, "baseline", None),
        ("c", 1, "baseline", 20),
        ("d", 0, None, 12), ("d", 0, "screening", 11), ("d", 0, "baseline", 10),
        ("e", -2, "screening", 9), ("e", 0, None, 8),
    )  # fmt: skip
    assert baseline(study, "MADRS").rows() == [("a", 28, -1), ("b", 31, -14), ("d", 10, 0), ("e", 8, 0)]


def test_a_scale_that_nobody_was_rated_on() -> None:
    study = rated(("a", 0, "baseline", 20))
    with pytest.raises(RecordError, match="no rating on HAMD17; it has 'MADRS'"):
        baseline(study, "HAMD17")
    with pytest.raises(RecordError, match="no rating on MADRS; it has no ratings at all"):
        ratings_on(counted(), "MADRS")


def test_changes_by_hand() -> None:
    study = rated(
        ("a", 0, "baseline", 40), ("a", 14, "week 2", 30), ("a", 28, "week 4", None),
        ("b", 0, "baseline", 0), ("b", 14, "week 2", 3),
        ("c", 15, "week 2", 7),
    )  # fmt: skip
    found = changes(study, "MADRS")
    shown = ("subject_id", "visit", "day", "baseline", "score", "change", "percent_improvement", "age")
    assert found.select(shown).rows() == [
        ("a", "week 2", 14, 40, 30, -10, 25, 40),
        ("a", "week 4", 28, 40, None, None, None, 40),
        ("b", "week 2", 14, 0, 3, 3, None, 41),
        ("c", "week 2", 15, None, 7, None, None, 42),
    ]
    assert found.schema["visit"] == pl.Enum(["week 2", "week 4"])


def test_attendance_by_hand() -> None:
    study = rated(
        *[("a", day, visit, 20) for day, visit in ((0, "baseline"), (14, "week 2"), (28, "week 4"), (42, "week 6"))],
        ("b", 0, "baseline", 20), ("b", 14, "week 2", 20), ("b", 28, "week 4", None),
        ("c", 0, "baseline", 20), ("c", 14, "week 2", 20), ("c", 42, "week 6", 20),
        ("d", 0, "baseline", 20), ("d", 20, None, 20),
    )  # fmt: skip
    assert attendance(study, "MADRS").select("subject_id", "attendance").rows() == [
        ("a", "every visit"),
        ("b", "left early"),
        ("c", "missed in between"),
        ("d", "not rated after baseline"),
        ("e", "not rated after baseline"),
    ]


def test_one_late_baseline_is_no_visit_that_the_others_missed() -> None:
    rows = [(who, day, visit, 20) for who in "abc" for day, visit in ((0, "baseline"), (14, "week 2"))]
    late = rated(*rows, ("d", 1, "baseline", 20), ("d", 14, "week 2", 20), subjects="abcd")
    assert set(attendance(late, "MADRS")["attendance"]) == {"every visit"}


def test_follow_up_is_what_is_stated_and_else_the_last_record() -> None:
    course = {"treatment_no": [1, 1, 1], "drug": ["p"] * 3, "kind": ["drug"] * 3}
    study = Study(
        name="s",
        subjects=pl.DataFrame({"subject_id": list("abcdefghijkl"), "last_day": [99, *[None] * 11]}),
        seizures=seizures(("a", 0, 14, 1, None), ("b", 0, 14, 1, None)),
        ratings=ratings(rating(7.5, None, "c", None)),
        treatments=pl.DataFrame({"subject_id": list("def"), **course, "start_day": 3, "stop_day": [None, 30, None]}),
        doses=pl.DataFrame({"subject_id": ["f"], "treatment_no": [1], "drug": ["p"], "from_day": [8]}),
        adverse_effects=pl.DataFrame({"subject_id": ["g"], "day": [2], "to_day": [12], "effect": ["rash"]}),
        findings=pl.DataFrame({"subject_id": ["h"], "day": [6.25], "finding": ["EEG"]}),
        episodes=pl.DataFrame({"subject_id": ["i"], "episode": ["mania"], "from_day": [5.0], "to_day": [15.5]}),
        observed=pl.DataFrame({"subject_id": ["j"], "from_day": [0], "to_day": [21]}),
        items=pl.DataFrame({"subject_id": ["k"], "day": [4.0], "scale": ["MADRS"], "item": [1], "score": [2.0]}),
    )
    assert follow_up(study).rows() == [
        ("a", 99), ("b", 13), ("c", 7.5), ("d", 3), ("e", 30), ("f", 8), ("g", 12), ("h", 6.25), ("i", 15.5),
        ("j", 21), ("k", 4), ("l", None),
    ]  # fmt: skip


def test_a_diary_has_three_kinds_of_days() -> None:
    """Day 0: none seen; day 1: two; day 2: recorded as missing; day 3: no record at all."""
    study = counted(("a", 0, 1, 0, None), ("a", 1, 1, 2, None), ("a", 2, 1, None, None), ("a", 4, 1, 1, None))
    assert diary(study).drop("known").rows() == [("a", 0, 1, 0), ("a", 1, 1, 2), ("a", 2, 1, None), ("a", 4, 1, 1)]
    assert seizures_in(study, 0, 6).row(0) == ("a", 3, 3, 28.0, 4)


def test_days_between_listed_events_are_zeros_only_under_observation() -> None:
    study = counted(
        ("a", 3, 1, 2, None), ("a", 7, 1, None, None), ("b", 30, 1, 1, None),
        observed=[("a", 0, 9), ("a", 20, 21), ("b", 0, 9)],
    )  # fmt: skip
    assert diary(study).drop("known").rows() == [
        ("a", 0, 3, 0), ("a", 3, 1, 2), ("a", 4, 3, 0), ("a", 7, 1, None), ("a", 8, 2, 0), ("a", 20, 2, 0),
        ("b", 0, 10, 0), ("b", 30, 1, 1),
    ]  # fmt: skip


def test_a_total_that_reaches_into_observation_is_counted_once() -> None:
    study = counted(("a", -4, 7, 5, None), ("a", 8, 7, 1, None), observed=[("a", 0, 9), ("a", 12, 16)])
    assert diary(study).drop("known").rows() == [("a", -4, 7, 5), ("a", 3, 5, 0), ("a", 8, 7, 1), ("a", 15, 2, 0)]


def test_seizure_types_are_added_and_one_missing_type_is_missing() -> None:
    study = counted(
        ("a", 0, 14, 3, "focal"), ("a", 0, 14, 2, "tonic"),
        ("a", 14, 14, 3, "focal"), ("a", 14, 14, None, "tonic"),
    )  # fmt: skip
    assert diary(study).rows() == [("a", 0, 14, 5, 5), ("a", 14, 14, None, 3)]


def test_seizures_of_a_period_by_hand() -> None:
    """A total counts only where it lies wholly in the period, days without seizures as far as they do."""
    study = counted(
        ("a", -14, 14, 4, None), ("a", 0, 14, 6, None), ("a", 14, 14, 9, None),
        ("b", -10, 20, 0, None),
    )  # fmt: skip
    assert seizures_in(study, 0, 20).rows() == [
        ("a", 6, 14, 12.0, 13),
        ("b", 0, 10, 0.0, 9),
        ("c", None, 0, None, None),
    ]
    assert seizures_in(study, -5, -5).rows()[:2] == [("a", None, 0, None, None), ("b", 0, 1, 0.0, -5)]
    with pytest.raises(RecordError, match="from day 5 to day 4 ends before it begins"):
        seizures_in(study, 5, 4)


def test_a_fall_by_half_is_exactly_minus_50_whatever_the_days() -> None:
    """28 * 6 / 29 and 28 * 3 / 29 are no binary fractions; the change must not know."""
    study = counted(("a", -29, 29, 6, None), ("a", 0, 29, 3, None))
    found = seizure_changes(study, (-29, -1), (0, 28)).row(0, named=True)
    assert found["percent_change"] == -50.0
    assert found["response_ratio"] == 100 * (3 - 6) / (3 + 6)
    assert (found["baseline_days"], found["observed_days"]) == (29, 29)


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 500), st.integers(1, 400), st.integers(0, 500), st.integers(1, 400))
def test_the_percent_change_is_the_exact_fraction_rounded_once(before: int, b: int, now: int, t: int) -> None:
    study = counted(("a", -b, b, before, None), ("a", 0, t, now, None))
    exact = 100 * (Fraction(now, t) - Fraction(before, b)) / Fraction(before, b)
    assert seizure_changes(study, (-b, -1), (0, t - 1))["percent_change"][0] == float(exact)


def test_changes_of_seizures_at_the_edges() -> None:
    study = counted(
        ("a", -28, 28, 0, None), ("a", 0, 56, 4, None),
        ("b", -28, 28, 0, None), ("b", 0, 56, 0, None),
        ("c", -28, 28, 5, None),
    )  # fmt: skip
    shown = ("subject_id", "baseline_rate28", "rate28", "percent_change", "response_ratio")
    assert seizure_changes(study, (-28, -1), (0, 55)).select(shown).rows() == [
        ("a", 0, 2, None, 100),
        ("b", 0, 0, None, None),
        ("c", 5, None, None, None),
    ]
