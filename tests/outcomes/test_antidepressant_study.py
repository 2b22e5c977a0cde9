"""The antidepressant study: the choice of the endpoint changes the number."""

from dataclasses import replace
from itertools import combinations, pairwise

import polars as pl
import pytest

from cohort.criteria import (
    ACNP_2006_RECOVERY,
    FRANK_1991_REMISSION,
    HAMD17_ABOVE_REMISSION,
    HAMD17_RELAPSE,
    HAMD17_REMISSION,
    HAMD17_RESPONSE,
    HAMD17_SEVERITY_APA,
    HAMD17_SUSTAINED_REMISSION,
)
from cohort.outcomes.registry import classify
from cohort.outcomes.scores.entry_audit import entry_audit
from cohort.outcomes.times.time_to import time_to
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


def plain_courses(study):
    """Every subject's scores after baseline in the order of their days, from the rows themselves."""
    scores = {who: [] for who in study.subjects["subject_id"]}
    for who, day, _, _, score in study.ratings.rows():
        if day > 0 and score is not None:
            scores[who].append((day, score))
    return {who: sorted(rows) for who, rows in scores.items()}


def plainly_sustained(rows):
    """What the rule says of one subject: from any two ratings 21 days apart, none above 7 from one to the other."""
    for first, last in combinations(range(len(rows)), 2):
        between = rows[first : last + 1]
        gaps = [later - earlier for (earlier, _), (later, _) in pairwise(between)]
        if all(score <= 7 for _, score in between) and rows[last][0] - rows[first][0] >= 21 and max(gaps) <= 56:
            return "met"
    return "undetermined" if rows and rows[-1][1] <= 7 else "not met"


def test_sustained_remission_and_how_much_of_it_six_weeks_can_show(study):
    """58 are ever in remission: 21 sustain it for three weeks, 24 more are in it at their last rating, 13 lost it."""
    plain = {who: plainly_sustained(rows) for who, rows in plain_courses(study).items()}
    said = dict(classify(study, HAMD17_SUSTAINED_REMISSION).select("subject_id", "verdict").rows())
    assert said == plain
    assert counted(study, HAMD17_REMISSION.ever()) == (29, 29)
    assert counted(study, HAMD17_SUSTAINED_REMISSION) == (10, 11)
    assert counted(study, HAMD17_SUSTAINED_REMISSION, "undetermined") == (12, 12)


def test_two_weeks_more_than_three_and_below_7_less_than_at_most_7(study):
    met = [
        sum(counted(study, rule))
        for rule in (
            FRANK_1991_REMISSION,
            HAMD17_SUSTAINED_REMISSION,
            replace(HAMD17_SUSTAINED_REMISSION, bound="<"),
            replace(HAMD17_SUSTAINED_REMISSION, visits=3),
        )
    ]
    assert met == [33, 21, 18, 21]


def test_six_weeks_show_no_recovery_and_no_relapse_but_for_single_scores(study):
    assert sum(counted(study, ACNP_2006_RECOVERY)) == 0
    assert sum(counted(study, HAMD17_RELAPSE)) == 0
    quick = replace(HAMD17_RELAPSE, remission=replace(HAMD17_SUSTAINED_REMISSION, visits=1, days=0), confirm_days=None)
    again = {
        who
        for who, rows in plain_courses(study).items()
        if any(low <= 7 and high >= 14 for (_, low), (_, high) in combinations(rows, 2))
    }
    assert set(classify(study, quick).filter(verdict="met")["subject_id"]) == again
    assert len(again) == 3


def test_t10_t26_entry_scores(study):
    """The protocol's threshold is not in the file; below 14 are the mild and those who were well."""
    audit = entry_audit(study, "HAMD17", 14)
    assert audit["subjects"].sum() == 172
    assert audit.filter(pl.col("eligible").not_())["subjects"].sum() == 36
    severe = counted(study, HAMD17_SEVERITY_APA.at_baseline())
    assert sum(severe) == audit.filter("eligible")["subjects"].sum()
    bands = classify(study, HAMD17_SEVERITY_APA.at_baseline())["category"].value_counts()
    assert dict(bands.rows()) == {"none": 5, "mild": 31, "moderate": 58, "severe": 45, "very severe": 33}
