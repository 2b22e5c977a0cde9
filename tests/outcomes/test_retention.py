"""Staying on a treatment, worked by hand."""

from dataclasses import replace

import pytest

from cohort.criteria import RETENTION
from cohort.errors import RecordError
from cohort.outcomes.registry import classify
from cohort.outcomes.treatments.courses import courses
from tests.outcomes.small_studies import made, row, said

YEAR = RETENTION.at(365)


def study_of(start, stop, reason=None, last=None):
    return made(["a"], treatments=[("a", 1, "x", start, stop, reason)], last_days={"a": last})


@pytest.mark.parametrize(
    ("stop", "last", "verdict", "reason", "day"),
    [
        (364, 900, "not met", "stopped before the threshold", 374),
        (365, 900, "not met", "stopped before the threshold", 375),
        (366, 900, "met", "", 375),
        (None, 375, "met", "", 375),
        (None, 374, "undetermined", "follow-up too short", None),
    ],
)
def test_a_stop_on_the_day_is_too_early_and_follow_up_to_the_day_suffices(stop, last, verdict, reason, day):
    stopped = None if stop is None else 10 + stop
    found = row(study_of(10, stopped, last=last), YEAR)
    assert (found["verdict"], found["reason"], found["day"]) == (verdict, reason, day)
    assert found["value"] == (last - 10 if stop is None else stop)


def test_the_category_is_the_reason_of_the_stop():
    assert row(study_of(0, 20, "intolerance"), YEAR)["category"] == "intolerance"
    assert row(study_of(0, 20), YEAR)["category"] == "not recorded"
    assert row(study_of(0, 900, "intolerance"), YEAR)["category"] is None


def test_as_of_knows_neither_the_stop_nor_what_came_after_it():
    study = study_of(0, 100, "inefficacy", last=700)
    assert said(study, YEAR, as_of=99) == ("undetermined", "follow-up too short")
    assert said(study, YEAR, as_of=100) == ("not met", "stopped before the threshold")
    assert said(study, RETENTION.at(50), as_of=50) == ("met", "")


def test_only_subjects_with_the_treatment_are_units():
    study = made(
        ["a", "b"], treatments=[("a", 1, "x", 0, 9, None), ("a", 2, "y", 10, 90, None), ("b", 1, "x", 0, 5, None)]
    )
    second = replace(RETENTION, treatment_no=2).at(30)
    assert classify(study, second).select("subject_id", "treatment_no", "verdict").rows() == [("a", 2, "met")]
    assert classify(study, second, as_of=9).is_empty()


def test_a_combination_stops_with_its_last_drug():
    rows = [("a", 1, "x", 0, 100, "intolerance"), ("a", 1, "y", 20, 400, "cost")]
    assert courses(made(["a"], treatments=rows)).rows() == [("a", 1, 0, 400, "cost", 400)]
    going_on = [rows[0], ("a", 1, "y", 20, None, None)]
    assert courses(made(["a"], treatments=going_on, last_days={"a": 500})).rows() == [("a", 1, 0, None, None, 500)]


@pytest.mark.parametrize(
    ("reasons", "together"),
    [
        (("inefficacy", "intolerance"), "inefficacy and intolerance"),
        (("cost", "inefficacy"), "inefficacy"),
        (("cost", "preference"), "preference"),
        (("cost", None), "cost"),
        ((None, None), None),
    ],
)
def test_drugs_stopped_together_for_several_reasons(reasons, together):
    for first, second in (reasons, reasons[::-1]):
        study = made(["a"], treatments=[("a", 1, "x", 0, 100, first), ("a", 1, "y", 0, 100, second)])
        assert courses(study)["stop_reason"].to_list() == [together]


def test_a_course_cannot_begin_after_the_last_day():
    with pytest.raises(RecordError, match="after the subject's last day of observation"):
        study_of(50, None, last=20)
