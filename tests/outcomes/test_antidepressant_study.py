"""The antidepressant study: the choice of the endpoint changes the number."""

from dataclasses import replace

import polars as pl
import pytest

from cohort.criteria import HAMD17_ABOVE_REMISSION, HAMD17_REMISSION, HAMD17_RESPONSE
from cohort.outcomes.registry import classify
from cohort.outcomes.time_to import time_to
from cohort.records.inspect import read
from tests.outcomes.small_studies import REFERENCE, ROOT

pytestmark = pytest.mark.skipif(not REFERENCE.is_dir(), reason="reference data are not beside this checkout")


@pytest.fixture(scope="module")
def study():
    return read(ROOT / "examples/antidepressant/study.toml")


def counted(study, criterion, verdict="met"):
    """How many of each arm, placebo first."""
    found = classify(study, criterion).join(study.subjects.select("subject_id", "arm"), on="subject_id")
    return tuple(found.filter(pl.col("arm") == arm, verdict=verdict).height for arm in study.arms)


def test_remission_at_week_6_at_the_last_visit_and_ever(study):
    assert study.subjects["arm"].value_counts().sort("arm")["count"].to_list() == [88, 84]
    assert counted(study, HAMD17_REMISSION.at("week 6"))[1] == 20
    assert counted(study, HAMD17_REMISSION.last_observed())[1] == 23
    assert counted(study, HAMD17_REMISSION.ever())[1] == 29


def test_who_left_is_undetermined_at_week_6_and_has_a_last_visit(study):
    assert counted(study, HAMD17_REMISSION.at("week 6"), "undetermined") == (88 - 65, 84 - 64)
    assert counted(study, HAMD17_REMISSION.last_observed(), "undetermined") == (0, 0)


def test_five_last_scores_are_exactly_7(study):
    at_most = counted(study, HAMD17_REMISSION.last_observed())
    below = counted(study, replace(HAMD17_REMISSION, bound="<").last_observed())
    assert sum(at_most) - sum(below) == 5


def test_those_who_enter_in_remission(study):
    assert counted(study, HAMD17_ABOVE_REMISSION, "not met") == (2, 3)
    found = classify(study, HAMD17_REMISSION.ever())
    assert found.filter(category="entered in remission").height == 5


def test_response_and_remission_differ(study):
    both = [classify(study, rule.at("week 6"))["verdict"].to_list() for rule in (HAMD17_RESPONSE, HAMD17_REMISSION)]
    pairs = set(zip(*both, strict=True))
    assert {("met", "not met"), ("met", "met"), ("not met", "not met"), ("undetermined", "undetermined")} <= pairs


def test_ever_and_the_time_to_remission_are_the_same_people(study):
    events = time_to(study, HAMD17_REMISSION)
    assert events.height == 172
    assert events["cause"].drop_nulls().len() == sum(counted(study, HAMD17_REMISSION.ever()))
