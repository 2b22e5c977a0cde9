"""Bands of severity, worked by hand: published sets disagree on the same score."""

from dataclasses import replace

import polars as pl
import pytest

from cohort.criteria import (
    HAMD17_PARTIAL_RESPONSE,
    HAMD17_REMISSION,
    HAMD17_RESPONSE,
    HAMD17_SEVERITY_APA,
    HAMD17_SEVERITY_QIDS,
    HAMD17_SEVERITY_ZIMMERMAN,
    MADRS_REMISSION,
    MADRS_REMISSION_TRANSFORM,
    MADRS_SEVERITY,
    PHQ9_REMISSION,
    PHQ9_SEVERITY,
    QIDS_SR16_REMISSION,
    QIDS_SR16_SEVERITY,
)
from cohort.outcomes.explain import explain
from cohort.outcomes.registry import classify, evidence
from cohort.outcomes.scores.severity import band_of
from tests.outcomes.small_studies import rated_study, row, said

APA, ZIMMERMAN, QIDS_LINKED = HAMD17_SEVERITY_APA, HAMD17_SEVERITY_ZIMMERMAN, HAMD17_SEVERITY_QIDS


def bands(criterion, scores):
    frame = pl.DataFrame({"score": scores}, schema={"score": pl.Float64})
    return frame.select(band=band_of(pl.col("score"), criterion))["band"].to_list()


def test_24_is_severe_or_very_severe_and_12_is_mild():
    assert [bands(rule, [24, 12]) for rule in (APA, ZIMMERMAN, QIDS_LINKED)] == [
        ["very severe", "mild"],
        ["severe", "mild"],
        ["severe", "mild"],
    ]


@pytest.mark.parametrize(
    ("criterion", "edges"),
    [
        (APA, [(0, 7), (8, 13), (14, 18), (19, 22), (23, 52)]),
        (ZIMMERMAN, [(0, 7), (8, 16), (17, 23), (24, 52)]),
        (QIDS_LINKED, [(0, 7), (8, 13), (14, 19), (20, 25), (26, 52)]),
        (MADRS_SEVERITY, [(0, 6), (7, 19), (20, 34), (35, 60)]),
        (QIDS_SR16_SEVERITY, [(0, 5), (6, 10), (11, 15), (16, 20), (21, 27)]),
        (PHQ9_SEVERITY, [(0, 4), (5, 9), (10, 14), (15, 19), (20, 27)]),
    ],
    ids=lambda value: getattr(value, "label", ""),
)
def test_every_band_from_its_first_score_to_its_last(criterion, edges):
    names = [name for name, _ in criterion.bands]
    for name, (low, high) in zip(names, edges, strict=True):
        assert bands(criterion, [low, high]) == [name, name]
    assert bands(criterion, [None]) == [None]


def test_between_two_bands_the_lower_one_holds():
    assert bands(APA, [18.4, 18.99, 19]) == ["moderate", "moderate", "severe"]


STUDY = rated_study({"a": {"baseline": 24, "week 6": 12}, "b": {-3: 19, "week 6": None}, "c": {"week 6": 30}})


def test_severity_at_entry():
    severe = replace(APA, at_least="severe").at_baseline()
    found = classify(STUDY, severe).select("subject_id", "verdict", "category", "value", "day", "reason").rows()
    assert found == [
        ("a", "met", "very severe", 24, 0, ""),
        ("b", "met", "severe", 19, -3, ""),
        ("c", "undetermined", None, None, None, "no baseline"),
    ]
    assert evidence(STUDY, severe).height == 2
    assert set(classify(STUDY, severe, as_of=-4)["verdict"]) == {"undetermined"}
    assert said(STUDY, replace(APA, at_least="very severe").at_baseline(), "b") == ("not met", "threshold not reached")


def test_severity_at_a_visit_and_ever():
    assert row(STUDY, APA.at("week 6"))["category"] == "mild"
    assert said(STUDY, APA.at("week 6"), "b") == ("undetermined", "no rating at the visit")
    assert row(STUDY, APA.ever(), "c")["category"] == "very severe"
    assert "day 42: HAMD17 >= 14 (moderate): 12" in explain(STUDY, APA.at("week 6"), "a")


def test_remission_at_entry_may_be_asked_for():
    study = rated_study({"a": {"baseline": 7}, "b": {"baseline": 8}})
    assert [said(study, HAMD17_REMISSION.at_baseline(), who)[0] for who in "ab"] == ["met", "not met"]


@pytest.mark.parametrize(
    ("after", "partial", "band"),
    [
        pytest.param(12, "not met", "response", id="half"),
        pytest.param(13, "met", "partial response", id="G7"),
        pytest.param(18, "met", "partial response", id="a quarter"),
        pytest.param(19, "not met", "no response", id="less than a quarter"),
        pytest.param(25, "not met", "worse", id="worse"),
    ],
)
def test_a_partial_response_ends_where_a_response_begins(after, partial, band):
    study = rated_study({"a": {"baseline": 24, "week 6": after}})
    found = row(study, HAMD17_PARTIAL_RESPONSE.at("week 6"))
    assert (found["verdict"], found["category"]) == (partial, band)
    assert row(study, HAMD17_RESPONSE.at("week 6"))["category"] == band


def test_what_stands_against_a_partial_response_is_the_limit_that_it_passed():
    study = rated_study({"a": {"baseline": 24, "week 6": 10}})
    line = evidence(study, HAMD17_PARTIAL_RESPONSE.at("week 6")).filter(bound="<").row(0, named=True)
    assert (line["check"], line["threshold"], line["passed"]) == ("percent improvement of HAMD17 < 50", 50, False)


@pytest.mark.parametrize(
    ("criterion", "highest"),
    [(MADRS_REMISSION, 10), (MADRS_REMISSION_TRANSFORM, 12), (QIDS_SR16_REMISSION, 5), (PHQ9_REMISSION, 4)],
    ids=lambda value: getattr(value, "label", ""),
)
def test_t11_remission_on_other_scales_includes_its_threshold(criterion, highest):
    study = rated_study({"a": {"week 6": highest}, "b": {"week 6": highest + 1}}, scale=criterion.scale)
    assert [said(study, criterion.at("week 6"), who)[0] for who in "ab"] == ["met", "not met"]


def test_t25_each_criterion_reads_its_own_scale():
    one, other = (rated_study({"a": {"week 6": score}}, scale=scale) for scale, score in (("MADRS", 9), ("HAMD17", 9)))
    both = replace(one, ratings=pl.concat([one.ratings, other.ratings]))
    assert said(both, MADRS_REMISSION.at("week 6"))[0] == "met"
    assert said(both, HAMD17_REMISSION.at("week 6"))[0] == "not met"


def test_two_hours_and_a_day_after_a_dose_are_told_apart():
    """A rapid-acting drug: 24 before the dose, 10 two hours later, 20 the next morning."""
    study = rated_study({"a": {0: 24, 2 / 24: 10, 1.0: 20}})
    assert said(study, HAMD17_RESPONSE.by_day(2 / 24))[0] == "met"
    assert row(study, HAMD17_RESPONSE.ever())["day"] == 2 / 24
    assert said(study, HAMD17_RESPONSE.last_observed())[0] == "not met"
    assert said(study, HAMD17_RESPONSE.ever(), as_of=0)[0] == "undetermined"
