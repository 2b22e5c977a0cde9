"""Scores for antibodies, the pattern that comes before them, bands of markers: by hand and by a slow definition."""

from dataclasses import replace
from itertools import product

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cohort import marker_bands
from cohort.criteria import (
    APE,
    APE2,
    CRP_ABOVE_5,
    CRP_BANDS,
    CRP_BELOW_1,
    DEXAMETHASONE_SUPPRESSION,
    IMMUNE_WORKUP,
    RITE2,
    TWO_DRUGS_FAILED_ANY_REASON,
    Antibody,
    AntibodyScore,
    ImmuneWorkup,
    MarkerBands,
    ScoreItem,
)
from cohort.errors import CriterionError
from cohort.outcomes.registry import classify, evidence
from cohort.records.study import Study
from cohort.schemas import FINDINGS, TREATMENTS

SCORE = ("verdict", "value", "day", "reason")


def study(findings, subjects=("a",), treatments=(), **covariates):
    """`findings`: (subject, day, finding, word or number, unit)."""
    rows = [
        (
            who,
            day,
            finding,
            None if isinstance(told, str) else told,
            unit[0] if unit else None,
            told if isinstance(told, str) else None,
        )
        for who, day, finding, told, *unit in findings
    ]
    return Study(
        name="clinic",
        subjects=pl.DataFrame({"subject_id": list(subjects), **covariates}),
        findings=pl.DataFrame(rows, schema=FINDINGS.schema, orient="row", strict=False),
        treatments=pl.DataFrame(list(treatments), schema=TREATMENTS.schema, orient="row"),
    )


def scored(made, rule=APE2, **asked):
    return classify(made, rule, **asked).select(SCORE).row(0)


def answered(present, day=0, rule=APE2):
    """All items of the score answered on one day, those of `present` with yes."""
    return [("a", day, item.finding, "yes" if item.finding in present else "no") for item in rule.items]


def test_ape2_points_by_hand():
    points = {item.finding: item.points for item in APE2.items}
    assert points == {
        "onset within a year or rapidly progressive": 1,
        "neuropsychiatric change": 1,
        "autonomic dysfunction": 1,
        "viral prodrome": 2,
        "faciobrachial dystonic seizures": 3,
        "facial dyskinesia": 2,
        "refractory to two drugs": 2,
        "inflammatory CSF": 2,
        "encephalitis on MRI": 2,
        "cancer within five years": 2,
    }
    assert (APE2.most, APE2.at_least, APE.at_least, RITE2.at_least) == (16, 4, 4, 7)


def test_four_points_are_enough_and_three_are_not():
    assert scored(study(answered({"viral prodrome", "inflammatory CSF"}))) == ("met", 4, 0, "")
    three = {"neuropsychiatric change", "viral prodrome"}
    assert scored(study(answered(three))) == ("not met", 3, 0, "threshold not reached")


def test_faciobrachial_seizures_and_facial_dyskinesia_count_once():
    both = {"faciobrachial dystonic seizures", "facial dyskinesia"}
    assert scored(study(answered(both)))[:2] == ("not met", 3)
    assert scored(study(answered({"facial dyskinesia"})))[1] == 2
    assert scored(study(answered(both, rule=APE)), APE)[1] == 2


def test_a_missing_item_decides_only_where_it_could():
    known = {"neuropsychiatric change", "viral prodrome"}
    short = [row for row in answered(known) if row[2] != "autonomic dysfunction"]
    assert scored(study(short)) == ("undetermined", 3, None, "finding not recorded")
    assert scored(study(short), replace(APE2, not_recorded="absent"))[:2] == ("not met", 3)
    two = [row for row in answered({"viral prodrome"}) if row[2] != "autonomic dysfunction"]
    assert scored(study(two))[:2] == ("not met", 2)
    enough = [("a", 3, "viral prodrome", "yes"), ("a", 7, "inflammatory CSF", 12.0)]
    assert scored(study(enough)) == ("met", 4, 7, "")


def test_the_day_is_the_one_on_which_the_answer_came():
    rows = [("a", 3, "viral prodrome", "yes"), ("a", 9, "inflammatory CSF", "no"), ("a", 30, "inflammatory CSF", "yes")]
    made = study(rows)
    assert scored(made, as_of=29)[0] == "undetermined"
    assert scored(made, as_of=30) == ("met", 4, 30, "")
    nothing = study([*answered(set(), day=5)[:-1], ("a", 40, "cancer within five years", "no")])
    # Three items of 2 points each remain possible until their answer came on day 5; the last one cannot bring 4.
    assert scored(nothing) == ("not met", 0, 5, "threshold not reached")


def test_a_covariate_answers_as_a_finding_does():
    made = study(
        [("a", 5, "inflammatory CSF", "yes")], **{"viral prodrome": ["Yes"], "cancer within five years": [0.0]}
    )
    assert scored(made) == ("met", 4, 5, "")


def test_resistance_may_answer_its_item():
    """APE2 contains that two drugs failed: a score that is high because of it says nothing about resistance."""
    drugs = [
        ("a", no, drug, "drug", None, 0, day, "inefficacy", None) for no, drug, day in ((1, "x", 10), (2, "y", 20))
    ]
    made = study([("a", 5, "viral prodrome", "yes")], treatments=drugs)
    rule = replace(APE2, resistance=TWO_DRUGS_FAILED_ANY_REASON)
    assert scored(made)[0] == "undetermined"
    assert scored(made, rule) == ("met", 4, 20, "")
    assert scored(made, rule, as_of=19)[0] == "undetermined"


def test_the_evidence_lists_each_item():
    lines = evidence(study(answered({"viral prodrome", "inflammatory CSF"})), APE2)
    assert lines.height == len(APE2.items) + 1
    assert lines.row(-1, named=True)["observed"] == 4
    assert lines.filter(pl.col("check").str.starts_with("viral"))["observed"].item() == 2


def test_results_that_are_neither_yes_nor_no_are_told():
    with pytest.raises(CriterionError, match="'viral prodrome is perhaps'"):
        classify(study([("a", 0, "viral prodrome", "perhaps")]), APE2)


item_answers = st.lists(
    st.tuples(st.sampled_from([item.finding for item in RITE2.items]), st.integers(0, 30), st.booleans()),
    max_size=25,
    unique_by=lambda row: row[:2],
)


@settings(max_examples=60, deadline=None)
@given(
    item_answers, st.sampled_from([APE2, APE, RITE2, replace(APE2, not_recorded="absent"), replace(APE2, at_least=1)])
)
def test_scores_against_a_slow_definition(told, rule):
    found = scored(study([("a", day, finding, "yes" if yes else "no") for finding, day, yes in told]), rule)
    assert found[:2] == slow_score(told, rule)
    if found[0] != "undetermined" and found[2] is not None:
        known = [row for row in told if row[1] <= found[2]]
        assert slow_score(known, rule)[0] == found[0]
    if found[0] == "met":
        assert slow_score([row for row in told if row[1] < found[2]], rule)[0] != "met"


def slow_score(told, rule):
    held, possible = {}, {}
    for item in rule.items:
        own = [yes for finding, _, yes in told if finding == item.finding]
        group = item.group or item.finding
        if any(own):
            held[group] = max(held.get(group, 0), item.points)
        if any(own) or (not own and rule.not_recorded == "undetermined"):
            possible[group] = max(possible.get(group, 0), item.points)
    points = sum(held.values())
    if points >= rule.at_least:
        return "met", points
    return ("undetermined" if sum(possible.values()) >= rule.at_least else "not met"), points


# The pattern first (trap T23)

PATTERN = [
    ("a", 1, "new focal seizures", "yes"),
    ("a", 2, "inflammatory CSF", "yes"),
    ("a", 3, "viral prodrome", "yes"),
]


def worked(made, rule=IMMUNE_WORKUP, **asked):
    return classify(made, rule, **asked).select("verdict", "value", "day").row(0)


def test_t23_an_antibody_alone_never_makes_an_autoimmune_epilepsy():
    positive = [("a", 0, "LGI1 antibody", "positive"), ("a", 0, "antibody against the cell surface", "yes")]
    absent = replace(APE2, not_recorded="absent")
    for rule in (APE2, absent, APE, IMMUNE_WORKUP, replace(IMMUNE_WORKUP, not_recorded="absent", score=absent)):
        assert classify(study(positive), rule)["verdict"].item() != "met"
    assert not any("antibod" in item.finding for item in (*APE2.items, *APE.items))


def test_t22_and_t23_markers_and_antibodies_are_no_criteria():
    for marker in (CRP_BANDS, CRP_ABOVE_5, Antibody("LGI1 antibody")):
        with pytest.raises(CriterionError, match="nothing classifies"):
            classify(study([]), marker)


def test_pattern_and_score_together():
    assert worked(study(PATTERN)) == ("met", 4, 3)
    assert worked(study(PATTERN), as_of=2)[0] == "undetermined"
    assert worked(study([*PATTERN[1:], ("a", 8, "new focal seizures", "no")])) == ("not met", 4, 8)
    assert worked(study(PATTERN[1:]))[0] == "undetermined"
    assert worked(study(PATTERN[1:]), replace(IMMUNE_WORKUP, not_recorded="absent"))[0] == "not met"


def test_pattern_in_three_valued_logic():
    """Every combination of new seizures, one sign and a score that is or is not reached."""
    rule = ImmuneWorkup(signs=("systemic autoimmunity",), score=replace(APE2, at_least=2), source="here")
    for new, sign, points in product(("yes", "no", None), repeat=3):
        rows = [("a", 0, "new focal seizures", new), ("a", 0, "systemic autoimmunity", sign)]
        rows += answered({"viral prodrome"} if points == "yes" else set()) if points else []
        told = worked(study([row for row in rows if row[3] is not None]), rule)[0]
        answers = {new, sign, points}
        assert told == ("not met" if "no" in answers else "undetermined" if None in answers else "met")


# Bands


def bands(rows, *markers, **how):
    found = marker_bands(study(rows, subjects=sorted({row[0] for row in rows})), *markers, **how)
    return found.select(pl.exclude("subject_id")).to_series().to_list()


def test_a_marker_is_found_in_any_case_and_one_that_nobody_has_is_refused():
    assert bands([("a", 0, "HS-crp", 0.5, "mg/L")], CRP_BANDS) == ["below 1"]
    with pytest.raises(CriterionError, match=r"nobody has a finding called 'hs-CRP'; the study's findings are 'CRP'"):
        bands([("a", 0, "CRP", 0.5, "mg/L")], CRP_BANDS)


def test_bands_of_crp_at_their_edges():
    values = (0.99, 1, 3, 3.01, 10, 10.01)
    rows = [(f"s{place}", 0, "hs-CRP", value, "mg/L") for place, value in enumerate(values)]
    expected = ["below 1", "1 to 3", "1 to 3", "above 3", "above 3", "above 10, to be repeated"]
    assert bands(rows, CRP_BANDS) == expected
    in_dl = [(who, day, finding, round(value / 10, 4), "mg/dL") for who, day, finding, value, _ in rows]
    assert bands(in_dl, CRP_BANDS) == expected
    assert bands(rows, CRP_BELOW_1) == ["below 1"] + ["1 or more"] * 5
    assert bands([("a", 0, "hs-CRP", 5, "mg/L"), ("b", 0, "hs-CRP", 5.1, "mg/L")], CRP_ABOVE_5) == [
        "up to 5",
        "above 5",
    ]


def test_dexamethasone_is_not_suppressed_where_either_sample_is_above_5():
    name = DEXAMETHASONE_SUPPRESSION.finding
    rows = [
        ("a", -0.3, name, 138.0, "nmol/L"),
        ("a", 0.0, name, 5.0, "ug/dL"),
        ("b", -0.3, name, 5.01, None),
        ("b", 0, name, 1.0),
    ]
    assert bands(rows, DEXAMETHASONE_SUPPRESSION) == ["suppression", "non-suppression"]


def test_a_baseline_covariate_sees_nothing_later_than_day_0():
    rows = [("a", -9, "hs-CRP", 0.5), ("a", 0, "hs-CRP", 2.0), ("a", 1, "hs-CRP", 20.0)]
    assert bands(rows, CRP_BANDS) == ["1 to 3"]
    assert bands(rows, CRP_BANDS, by_day=1) == ["above 10, to be repeated"]
    assert bands(rows, replace(CRP_BANDS, take="first"), by_day=1) == ["below 1"]
    assert bands(rows, replace(CRP_BANDS, take="lowest"), by_day=1) == ["below 1"]
    assert bands(rows[2:], CRP_BANDS) == [None]


def test_a_low_titre_is_a_band_of_its_own():
    antibody = Antibody("GAD65 antibody", min_titre=1000)
    rows = [
        ("a", 0, "GAD65 antibody", 20.0),
        ("b", 0, "GAD65 antibody", 1000.0),
        ("c", 0, "GAD65 antibody", "negative"),
        ("d", 0, "GAD65 antibody", "positive"),
    ]
    assert bands(rows, antibody) == ["low titre", "positive", "negative", None]
    assert bands(rows, Antibody("GAD65 antibody")) == ["positive", "positive", "negative", "positive"]


def test_bands_become_covariates():
    made = study([("a", 0, "hs-CRP", 2.0)], subjects=("a", "b"))
    with_bands = replace(made, subjects=made.subjects.join(marker_bands(made, CRP_BANDS), on="subject_id"))
    assert with_bands.subjects["hs-CRP"].dtype == pl.Enum(list(CRP_BANDS.bands))
    assert with_bands.covariates == ("hs-CRP",)


FAULTS = {
    "unit": (lambda: bands([("a", 0, "hs-CRP", 2.0, "ng/mL")], CRP_BANDS), "1 values of hs-CRP are in 'ng/mL'"),
    "marker twice": (lambda: bands([("a", 0, "hs-CRP", 2.0)], CRP_BANDS, CRP_ABOVE_5), "named twice"),
    "bands": (lambda: MarkerBands("x", ("low",), (("<", 1),), "mg", source="s"), "so one band more"),
    "edges": (lambda: MarkerBands("x", ("a", "b", "c"), (("<", 3), ("<", 1)), "mg", source="s"), "give rising numbers"),
    "edge's bound": (lambda: MarkerBands("x", ("a", "b"), ((">", 3),), "mg", source="s"), "bound is '<' or '<='"),
    "titre": (lambda: Antibody("x", min_titre=0), "min_titre is a titre above 0"),
    "points": (lambda: ScoreItem("x", 0), "at least 1 point"),
    "too many points": (lambda: replace(APE2, at_least=17), "reaches 16 points"),
    "an item twice": (lambda: AntibodyScore(items=(ScoreItem("x", 4), ScoreItem("x", 1)), source="s"), "stands twice"),
    "no such item": (
        lambda: AntibodyScore(items=(ScoreItem("x", 4),), resistance=TWO_DRUGS_FAILED_ANY_REASON, source="s"),
        "no item 'refractory to two drugs'",
    ),
    "no score": (lambda: replace(IMMUNE_WORKUP, score=4), "score is an AntibodyScore"),
    "no signs": (lambda: replace(IMMUNE_WORKUP, signs=()), "signs are findings in a tuple"),
}  # fmt: skip


@pytest.mark.parametrize(("make", "message"), FAULTS.values(), ids=FAULTS)
def test_what_cannot_be_is_refused(make, message):
    with pytest.raises(CriterionError, match=message):
        make()
