"""One study under several definitions: who is classed differently, how many, and why."""

from dataclasses import replace

import polars as pl
import pytest

from cohort.criteria import HAMD17_REMISSION, HAMD17_RESPONSE, ILAE_2010_FREEDOM, RETENTION, SEIZURE_RESPONSE_50
from cohort.errors import CriterionError
from cohort.outcomes.compared.comparison import compare_definitions
from cohort.outcomes.registry import classify
from tests.outcomes.drawn_studies import drawn
from tests.outcomes.small_studies import daily, diary_study, rated_study

AT_MOST, BELOW = HAMD17_REMISSION.at("week 6"), replace(HAMD17_REMISSION, bound="<").at("week 6")
RESPONSE = HAMD17_RESPONSE.at("week 6")
# a: both; b: exactly 7, a fall of 42 percent; c: response without remission; d: no rating at week 6; e: no baseline.
HAMD = rated_study(
    {
        "a": {"baseline": 24, "week 6": 5},
        "b": {"baseline": 12, "week 6": 7},
        "c": {"baseline": 24, "week 6": 12},
        "d": {"baseline": 24, "week 4": 5},
        "e": {"week 6": 5},
    }
)
TREATED = diary_study(
    {"a": daily(-50, 500, [-37, -2, 20]), "b": daily(-50, 90, [-37, -2]), "c": daily(-50, 90)},
    [
        ("a", 1, "x", 0, 30, "inefficacy"),
        ("a", 2, "y", 31, None, None),
        ("b", 1, "x", 0, None, None),
    ],
)


def test_counts_by_hand_every_level_of_each():
    compared = compare_definitions(HAMD, [AT_MOST, BELOW, RESPONSE])
    counts = {label: [] for label in compared.labels}
    for label, _, n, units, _ in compared.counts.rows():
        counts[label].append(n)
        assert units == 5
    assert counts == {AT_MOST.label: [3, 1, 1], BELOW.label: [2, 2, 1], RESPONSE.label: [2, 1, 2]}
    assert compared.counts["share"].to_list()[:3] == [0.6, 0.2, 0.2]


def test_a_cross_table_by_hand_from_either_side():
    compared = compare_definitions(HAMD, [AT_MOST, RESPONSE])
    assert compared.cross(AT_MOST, RESPONSE).rows() == [
        ("met", 1, 1, 1),
        ("not met", 1, 0, 0),
        ("undetermined", 0, 0, 1),
    ]
    assert compared.cross(RESPONSE, AT_MOST).rows() == [
        ("met", 1, 1, 0),
        ("not met", 1, 0, 0),
        ("undetermined", 1, 0, 1),
    ]
    assert compared.crosses.height == 9
    assert compared.crosses.columns == ["criterion", "reference", "level", "reference_level", "n"]
    assert compared.agreeing.rows() == [(RESPONSE.label, AT_MOST.label, 5, 2)]


def test_who_and_why_by_hand():
    compared = compare_definitions(HAMD, [AT_MOST, RESPONSE])
    assert compared.differing.rows() == [
        ("b", None, "met", "not met"),
        ("c", None, "not met", "met"),
        ("e", None, "met", "undetermined"),
    ]
    assert compared.why.drop("criterion", "reference").rows() == [
        ("met", "not met", "", "threshold not reached", 1),
        ("not met", "met", "threshold not reached", "", 1),
        ("undetermined", "met", "no baseline", "", 1),
    ]


def test_treatments_are_compared_one_by_one():
    lenient = replace(ILAE_2010_FREEDOM, min_days=80, times=1)
    compared = compare_definitions(TREATED, [ILAE_2010_FREEDOM, lenient])
    assert compared.unit == "treatment"
    assert compared.differing.select("subject_id", "treatment_no").rows() == [("b", 1)]
    assert compared.why["reason"].to_list() == [""]
    assert compared.why["reference_reason"].to_list() == ["follow-up too short"]


def test_as_of_is_that_of_classify():
    lenient = replace(ILAE_2010_FREEDOM, min_days=80, times=1)
    early = compare_definitions(TREATED, [ILAE_2010_FREEDOM, lenient], as_of=20)
    assert early.counts["units"].to_list() == [2] * 6
    assert early.differing.is_empty()


def test_subjects_and_treatments_are_mixed_only_on_demand():
    short = SEIZURE_RESPONSE_50.between((-28, -1), (0, 27))
    with pytest.raises(CriterionError, match=r"judge subjects and .* judge treatments; .* treatments=\"any\""):
        compare_definitions(TREATED, [short, ILAE_2010_FREEDOM])
    compared = compare_definitions(TREATED, [short, ILAE_2010_FREEDOM], treatments="any")
    assert compared.unit == "subject"
    freedom = compared.outcomes.filter(criterion=ILAE_2010_FREEDOM.label)
    assert freedom.select("subject_id", "treatment_no", "verdict", "reason", "day").rows() == [
        ("a", None, "met", "", 396.0),
        ("b", None, "undetermined", "follow-up too short", None),
        ("c", None, "not met", "no treatment", None),
    ]


def test_units_that_one_alone_judges_count_there_and_in_no_cross_table():
    compared = compare_definitions(TREATED, [ILAE_2010_FREEDOM, RETENTION.at(25)])
    assert compared.counts.filter(level="met")["units"].to_list() == [3, 2]
    assert compared.crosses["n"].sum() == 2


def test_categories_are_compared_with_those_without_one_under_their_verdict():
    compared = compare_definitions(HAMD, [RESPONSE, HAMD17_RESPONSE.last_observed()], by="category")
    assert compared.levels == ("response", "partial response", "no response", "worse", "undetermined")
    assert compared.differing.select("subject_id", RESPONSE.label).rows() == [("d", "undetermined")]


def test_in_jupyter_no_subject_is_named():
    page = compare_definitions(HAMD, [AT_MOST, RESPONSE])._repr_html_()
    assert page.count("<table>") == 3
    assert "2 of 5 (40.0%)" in page
    assert "&gt;= 50%" in page
    named = rated_study({f"subject {who}": {"baseline": 20, "week 6": 12} for who in "pq"})
    assert "subject p" not in compare_definitions(named, [AT_MOST, RESPONSE])._repr_html_()


@pytest.mark.parametrize(
    ("criteria", "asked", "message"),
    [
        ([AT_MOST], {}, "1 definitions were given; a comparison needs at least two"),
        ([AT_MOST, AT_MOST], {}, "several of the definitions bear the label"),
        ([AT_MOST, replace(AT_MOST, source="other")], {}, "each may stand once"),
        ([AT_MOST, RESPONSE], {"by": "reason"}, "it is 'verdict' or 'category'"),
        ([AT_MOST, RESPONSE], {"treatments": "all"}, "it is None or 'any'"),
        ([AT_MOST, RESPONSE], {"treatments": "any", "by": "category"}, "do not add up to one"),
    ],
    ids=range(6),
)
def test_what_cannot_be_compared(criteria, asked, message):
    with pytest.raises(CriterionError, match=message):
        compare_definitions(HAMD, criteria, **asked)


def test_categories_that_are_not_told_apart_cannot_be_compared():
    with pytest.raises(CriterionError, match="tells no categories apart"):
        compare_definitions(TREATED, [ILAE_2010_FREEDOM, replace(ILAE_2010_FREEDOM, times=1)], by="category")


def test_a_definition_that_was_not_compared_cannot_be_crossed():
    compared = compare_definitions(HAMD, [AT_MOST, RESPONSE])
    with pytest.raises(CriterionError, match="was not compared; compared were"):
        compared.cross(AT_MOST, BELOW)
    with pytest.raises(CriterionError, match="cannot be crossed with itself"):
        compared.cross(AT_MOST, AT_MOST)


def test_on_drawn_studies_the_parts_agree():
    criteria = [HAMD17_REMISSION.ever(), HAMD17_REMISSION.last_observed(), HAMD17_RESPONSE.ever()]
    for seed in range(4):
        study = drawn(seed)
        compared = compare_definitions(study, criteria)
        apart = compared.agreeing.select(pl.col("n") - pl.col("agreeing")).to_series().to_list()
        why = compared.why["n"].sum()
        assert sum(apart) == why
        words = [dict(classify(study, each).select("subject_id", "verdict").rows()) for each in criteria]
        differing = {who for who in words[0] if len({said[who] for said in words}) > 1}
        assert set(compared.differing["subject_id"]) == differing
