"""Stages of resistance of a depressive episode, worked by hand, and against the arithmetic of one subject."""

from dataclasses import replace

import pytest

from cohort.criteria import MAUDSLEY, MGH_STAGING, THASE_RUSH, EpisodeRule
from cohort.errors import CriterionError
from cohort.outcomes.antidepressants.stage_arithmetic import (
    maudsley_band,
    maudsley_points,
    mgh_points,
    thase_rush_stage,
)
from cohort.outcomes.registry import classify, evidence
from tests.outcomes.depressed import history

DRUGS = {
    "SSRI": ("citalopram", 20),
    "SNRI": ("venlafaxine", 150),
    "TCA": ("nortriptyline", 75),
    "MAOI": ("phenelzine", 45),
    "NaSSA": ("mirtazapine", 30),
    "RIMA": ("moclobemide", 300),
}
G18 = {
    ("SSRI",): 1,
    ("SSRI", "SNRI"): 2,
    ("SSRI", "SNRI", "TCA"): 3,
    ("SSRI", "SNRI", "TCA", "MAOI"): 4,
    ("SSRI", "SNRI", "TCA", "MAOI", "ECT"): 5,
}
OTHERS = {
    (): 0,
    ("ECT",): 0,  # no stage is skipped
    ("SSRI", "MAOI"): 2,  # G19
    ("SSRI", "TCA"): 2,  # the tricyclic is one of the two classes of stage II
    ("SSRI", "TCA", "NaSSA"): 3,
    ("SSRI", "TCA", "MAOI"): 4,
    ("SSRI", "SNRI", "TCA", "RIMA"): 3,
    ("SSRI", "SNRI", "ECT"): 2,
    ("TCA", "MAOI", "ECT"): 2,
}


def failing(names, **more):
    """Treatments of these classes, eight weeks each, one after the other, none of them of any use."""
    courses, scores = [("citalopram", 20, -60, -58, "intolerance")], {-61: 24, -58: 24, 0: 24}
    for number, name in enumerate(names):
        start = 57 * number
        drug, dose = DRUGS.get(name, (name, None))
        courses.append((drug, dose, start, start + 56, "inefficacy"))
        scores[start + 56] = 24
    return history(courses, scores, **more)


def staged(study, criterion, **asked):
    return classify(study, criterion, **asked).select("verdict", "value", "category", "day").row(0)


@pytest.mark.parametrize(("names", "stage"), [*G18.items(), *OTHERS.items()])
def test_g18_g19_stages_of_thase_and_rush(names, stage):
    roman = ("0", "I", "II", "III", "IV", "V")[stage]
    verdict, value, category, day = staged(failing(names), replace(THASE_RUSH, at_least=max(stage, 1)))
    assert (value, category) == (stage, f"stage {roman}")
    assert verdict == ("met" if stage else "not met")
    if names in G18:
        assert day == 57 * (stage - 1) + 56
    assert thase_rush_stage(set(names) - {"ECT"}, ect_failed="ECT" in names) == stage


def test_the_tricyclic_may_be_the_second_class_by_the_letter():
    letter = replace(THASE_RUSH, third_class=False)
    assert staged(failing(("SSRI", "TCA")), letter)[1] == 3
    assert thase_rush_stage({"SSRI", "TCA"}, third_class=False) == 3


def test_a_combination_counts_for_one_class():
    study = history([("venlafaxine + mirtazapine", 150, 0, 56, "inefficacy")], [(0, 24), (56, 24)])
    assert staged(study, THASE_RUSH)[:3] == ("not met", 1, "stage I")


def test_electroconvulsive_therapy_that_helped_is_no_stage():
    study = failing(("SSRI", "SNRI", "TCA", "MAOI"))
    better = history(
        [("ECT", None, 0, 20, "remission"), *[(*DRUGS[name], 0, 56, "inefficacy") for name in ("SSRI", "SNRI")]],
        [(0, 24), (20, 5)],
    )
    assert staged(study, THASE_RUSH)[1] == 4
    assert staged(better, THASE_RUSH)[1] == 0


def test_a_treatment_that_is_not_known_leaves_the_stage_open_where_it_could_matter():
    study = history(
        [("citalopram", 20, 0, 56, "inefficacy"), ("venlafaxine", None, 57, 113, "inefficacy")],
        [(0, 24), (56, 24), (113, 24)],
    )
    assert staged(study, THASE_RUSH) == ("undetermined", None, None, None)
    assert staged(study, replace(THASE_RUSH, at_least=3))[:2] == ("not met", 1)


@pytest.mark.parametrize(
    ("case", "points", "band"),
    [
        ({"months": 10, "severity": "moderate", "failures": 3, "augmentation": True, "ect": False}, 7, "moderate"),
        ({"months": 30, "severity": "severe", "failures": 11, "augmentation": True, "ect": True, "psychotic": True},
         15, "severe"),
        ({"months": 0, "severity": "none", "failures": 1, "augmentation": False, "ect": False}, 3, "mild"),
        ({"months": 12.0, "severity": "mild", "failures": 2, "augmentation": False, "ect": False}, 4, "mild"),
        ({"months": 12.1, "severity": "mild", "failures": 2, "augmentation": False, "ect": False}, 5, "mild"),
        ({"months": 24.0, "severity": "severe", "failures": 4, "augmentation": False, "ect": False}, 8, "moderate"),
        ({"months": 24.1, "severity": "severe", "failures": 5, "augmentation": True, "ect": False}, 11, "severe"),
        ({"months": 6, "severity": "mild", "failures": 7, "augmentation": False, "ect": False, "psychotic": True},
         7, "moderate"),
    ],
)  # fmt: skip
def test_g14_g15_maudsley_points(case, points, band):
    assert maudsley_points(**case) == points
    assert maudsley_band(points) == band


def test_without_a_failure_there_are_no_maudsley_points():
    assert maudsley_points(10, "severe", 0, augmentation=True, ect=True) is None
    study = history([("citalopram", 20, 0, 56, "remission")], [(0, 24), (56, 4)], episodes=[(-100, None)])
    assert staged(study, MAUDSLEY) == ("not met", None, None, None)


def g14(**more):
    """Ten months, moderate, three antidepressants, an augmentation, no electroconvulsive therapy."""
    courses = [(*DRUGS[name], 57 * n, 57 * n + 56, "inefficacy") for n, name in enumerate(("SSRI", "SNRI", "NaSSA"))]
    courses.append(("mirtazapine + lithium", 30, 171, 200, "inefficacy"))
    asked = {"episodes": [(-104, None)], "last_day": 200} | more
    return history(courses, {0: 20, 56: 20, 113: 20, 170: 20, 200: 20}, **asked)


def test_g14_in_a_study():
    study = g14()
    assert staged(study, MAUDSLEY) == ("met", 7, "moderate", 56), "5 points with the first failure"
    assert staged(study, replace(MAUDSLEY, at_least=7)) == ("met", 7, "moderate", 191), "the augmentation's third week"
    assert staged(study, replace(MAUDSLEY, at_least=8))[0] == "not met"
    for day in (169, 170, 190, 191):
        known = staged(study, replace(MAUDSLEY, at_least=7), as_of=day)
        assert known[0] == ("met" if day >= 191 else "not met")


def test_the_points_grow_with_the_months():
    """Day 262 is the first more than twelve months of 30.4375 days after day -104."""
    study = g14(last_day=300)
    assert staged(study, replace(MAUDSLEY, at_least=8)) == ("met", 8, "moderate", 262)
    assert staged(study, replace(MAUDSLEY, at_least=8), as_of=261)[0] == "not met"
    assert staged(study, replace(MAUDSLEY, at_least=8), as_of=262)[0] == "met"
    assert staged(g14(episodes=[(-104, 250)], last_day=300), replace(MAUDSLEY, at_least=8))[0] == "not met"


def test_psychotic_features_count_where_the_severity_is_severe():
    severe = {0: 26, 56: 26}
    courses, spans = [("citalopram", 20, 0, 56, "inefficacy")], {"episodes": [(-50, None)]}
    told = [(0, "psychotic features", None, None, "Yes")]
    assert staged(history(courses, severe, **spans), MAUDSLEY)[1] == 6
    assert staged(history(courses, severe, findings=told, **spans), MAUDSLEY)[1] == 7
    assert staged(history(courses, severe, **spans, **{"psychotic features": "yes"}), MAUDSLEY)[1] == 7
    open_end = replace(MAUDSLEY, missing_psychotic="undetermined", at_least=7)
    assert staged(history(courses, severe, **spans), open_end)[:2] == ("undetermined", None)


@pytest.mark.parametrize(
    ("lacking", "reason"),
    [
        ({"episodes": []}, "start of the episode not recorded"),
        ({"scores": {56: 20, 1: 20}}, "severity not recorded"),
    ],
)
def test_what_is_not_known_leaves_the_points_open_where_it_could_matter(lacking, reason):
    asked = {"scores": {0: 20, 56: 20}, "episodes": [(-50, None)]} | lacking
    study = history([("citalopram", 20, 0, 56, "inefficacy")], asked.pop("scores"), **asked)
    found = classify(study, replace(MAUDSLEY, at_least=6)).select("verdict", "reason", "value").row(0)
    assert found == ("undetermined", reason, None)
    assert staged(study, replace(MAUDSLEY, at_least=3))[0] == "met"
    assert staged(study, replace(MAUDSLEY, at_least=12))[0] == "not met"


def test_mgh_points_add_up():
    """Two failures, one of them optimised, an augmentation, electroconvulsive therapy: 2 + 0.5 + 0.5 + 3."""
    assert mgh_points(2, optimisations=1, augmentations=1, ect=True) == 6
    courses = [
        ("citalopram", None, 0, 56, "inefficacy"),
        ("venlafaxine", 150, 57, 113, "inefficacy"),
        ("venlafaxine + aripiprazole", 150, 114, 140, "inefficacy"),
        ("ECT", None, 150, 170, "inefficacy"),
    ]
    doses = [(1, "citalopram", 0, 20.0), (1, "citalopram", 20, 40.0)]
    study = history(courses, {0: 24, 56: 24, 113: 24, 140: 24, 170: 24}, doses=doses)
    assert staged(study, MGH_STAGING) == ("met", 6, None, 150)
    assert staged(study, replace(MGH_STAGING, at_least=2.5))[3] == 113
    assert staged(study, replace(MGH_STAGING, at_least=3))[3] == 134, "21 days of the augmentation"
    assert staged(study, replace(MGH_STAGING, augmentation_days=28))[1] == 5.5
    assert staged(study, MGH_STAGING, as_of=149)[:2] == ("not met", 3)


def test_a_titration_is_no_optimisation():
    doses = [(1, "citalopram", 0, 10.0), (1, "citalopram", 10, 20.0)]
    study = history([("citalopram", None, 0, 56, "inefficacy")], {0: 24, 56: 24}, doses=doses)
    assert staged(study, MGH_STAGING)[1] == 1


def test_the_evidence_of_stages():
    study = failing(("SSRI", "SNRI"))
    assert evidence(study, THASE_RUSH)["check"].to_list() == ["SSRI failed", "SNRI failed", "stage"]
    months = evidence(g14(), MAUDSLEY).filter(check="months of the episode")["observed"].item()
    assert months == pytest.approx(304 / 30.4375)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: replace(THASE_RUSH, at_least=6), "between 1 and 5, not 6"),
        (lambda: replace(THASE_RUSH, at_least=1.5), "must be whole"),
        (lambda: replace(THASE_RUSH, source=""), "where it comes from"),
        (lambda: replace(MAUDSLEY, at_least=16), "between 3 and 15"),
        (lambda: replace(MAUDSLEY, missing_psychotic="no"), "missing_psychotic is"),
        (lambda: replace(MAUDSLEY, month_days=12), "between 28 and 31"),
        (lambda: replace(MAUDSLEY, episodes=EpisodeRule("any")), "current episode"),
        (lambda: replace(MGH_STAGING, at_least=0), "between 0.5 and 100"),
        (lambda: replace(MGH_STAGING, augmentation_days=0), "at least 1"),
    ],
)
def test_a_rule_that_contradicts_itself_cannot_be_made(make, message):
    with pytest.raises(CriterionError, match=message):
        make()
