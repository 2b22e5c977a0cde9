"""Resistance of a depressive episode under each published definition, worked by hand."""

from dataclasses import replace

import polars as pl
import pytest

from cohort.criteria import (
    PHARMACOKINETIC_BARRIER,
    PSEUDO_RESISTANCE,
    TRD_EMA_2013,
    TRD_FDA,
    TRD_NO_REMISSION_TWO_CLASSES,
    TRD_REGISTER_SECOND_SWITCH,
    TRD_RYBAK_2021,
    TRD_SFORZINI_2021,
    EpisodeRule,
    FindingCause,
    PseudoResistance,
    TreatmentResistance,
)
from cohort.errors import CriterionError
from cohort.outcomes.registry import classify, evidence
from tests.outcomes.depressed import history

DEFINITIONS = (TRD_NO_REMISSION_TWO_CLASSES, TRD_EMA_2013, TRD_FDA, TRD_RYBAK_2021, TRD_SFORZINI_2021)
SSRI, OTHER_SSRI, SNRI = ("citalopram", 20), ("sertraline", 50), ("venlafaxine", 150)


def status(study, criterion, **asked):
    return classify(study, criterion, **asked).select("verdict", "category", "day").row(0)


def two(scores, *, first=SSRI, second=SNRI, days=56, **more):
    """Two treatments, one after the other; `scores`: at the start, at the end of the first, of the second."""
    courses = [(*first, 0, days, "inefficacy"), (*second, days + 1, 2 * days + 1, "inefficacy")]
    return history(courses, zip((0, days, 2 * days + 1), scores, strict=True), **more)


# Who is resistant: without remission in two classes, EMA (25%, 6 weeks), FDA (50%, 6 weeks), Rybak (50%, 4 weeks),
# Sforzini (25%, 4 weeks). Percentages are of each treatment's own start.
TABLE = {
    "24 to 23 to 22, SSRI and SNRI, eight weeks each": (two((24, 23, 22)), (1, 1, 1, 1, 1)),
    "the same with two SSRI": (two((24, 23, 22), second=OTHER_SSRI), (0, 1, 1, 1, 1)),
    "the same after five weeks each": (two((24, 23, 22), days=35), (0, 0, 0, 1, 1)),
    "the same after three weeks each": (two((24, 23, 22), days=21), (0, 0, 0, 0, 0)),
    "a third less each time: 30 to 20 to 13": (two((30, 20, 13)), (1, 0, 1, 1, 0)),
    "half each time: 40 to 20 to 10": (two((40, 20, 10)), (1, 0, 0, 0, 0)),
    "the second brings remission": (two((24, 23, 6)), (0, 0, 0, 0, 0)),
    "bipolar disorder": (
        two((24, 23, 22), findings=[(0, "diagnosis", None, None, "Bipolar disorder II")]),
        (0, 0, 0, 0, 0),
    ),
}


@pytest.mark.parametrize("case", TABLE)
def test_who_is_resistant_under_which_definition(case):
    study, expected = TABLE[case]
    assert tuple(int(status(study, each)[0] == "met") for each in DEFINITIONS) == expected


def test_the_day_is_that_of_the_second_failure_and_not_before():
    study = two((24, 23, 22))
    assert status(study, TRD_FDA) == ("met", "resistant", 113)
    assert status(study, TRD_FDA, as_of=112) == ("not met", "not resistant", None)
    assert status(study, TRD_FDA, as_of=113) == ("met", "resistant", 113)


def test_25_to_49_percent_is_partial_response_and_not_resistance():
    assert status(two((30, 20, 13)), TRD_SFORZINI_2021) == ("not met", "partially responsive", None)
    assert status(two((40, 20, 10)), TRD_SFORZINI_2021)[1] == "not resistant"


def test_t17_the_same_drug_again_counts_once():
    assert status(two((24, 23, 22), second=SSRI), TRD_FDA)[0] == "not met"
    again = history(
        [(*SSRI, 0, 56, "inefficacy"), ("CITALOPRAM ", 40, 57, 113, "inefficacy"), (*SNRI, 114, 170, "inefficacy")],
        [(0, 24), (56, 24), (113, 24), (170, 24)],
    )
    assert status(again, TRD_FDA) == ("met", "resistant", 170)


def test_t17_a_combination_counts_once_and_only_where_it_brings_a_drug():
    both = ("venlafaxine + mirtazapine", 150)
    assert status(history([(*both, 0, 56, "inefficacy")], [(0, 24), (56, 24)]), TRD_FDA)[0] == "not met"
    assert status(two((24, 24, 24), first=both, second=("mirtazapine", 30)), TRD_FDA)[0] == "not met"
    assert status(two((24, 24, 24), second=("citalopram + mirtazapine", 30)), TRD_FDA)[0] == "met"


def test_an_augmentation_is_no_second_antidepressant():
    study = two((24, 24, 24), second=("citalopram + lithium", 600))
    assert [status(study, each)[0] for each in DEFINITIONS] == ["not met"] * 5


def test_treatments_of_an_earlier_episode_do_not_count():
    spans = [(-30, 57), (117, None)]
    courses = [(*SSRI, 0, 56, "inefficacy"), (*SNRI, 120, 180, "inefficacy")]
    scores = [(0, 24), (56, 24), (120, 24), (180, 24)]
    assert status(history(courses, scores, episodes=spans), TRD_FDA)[0] == "not met"
    one_day_less = [(-30, 58), (117, None)]
    assert status(history(courses, scores, episodes=one_day_less), TRD_FDA)[0] == "met", "59 days well part nothing"
    two_in_it = [*courses, ("mirtazapine", 30, 181, 240, "inefficacy")]
    study = history(two_in_it, [*scores, (240, 24)], episodes=spans)
    assert status(study, TRD_FDA) == ("met", "resistant", 240)


def test_an_episode_is_known_by_its_name_in_any_case():
    study = two((26, 24, 22), episodes=[(-200, 60), (200, None)])
    capitals = replace(study, episodes=study.episodes.with_columns(episode=pl.lit(" Depressive Episode")))
    assert status(capitals, TRD_FDA) == status(study, TRD_FDA) == ("not met", "not resistant", None)


def test_resistance_in_an_earlier_episode_counts_where_any_is_asked_for():
    study = two((24, 23, 22), episodes=[(-30, 120), (300, None)])
    assert status(study, TRD_FDA)[0] == "not met"
    assert status(study, replace(TRD_FDA, episodes=EpisodeRule("any"))) == ("met", "resistant", 113)


def test_a_subject_without_a_recorded_episode_has_one_or_is_undetermined():
    asked = replace(TRD_FDA, episodes=EpisodeRule(missing="undetermined"))
    found = classify(two((24, 23, 22)), asked).select("verdict", "reason").row(0)
    assert found == ("undetermined", "start of the episode not recorded")


def test_what_is_not_known_of_a_treatment_leaves_it_open_only_where_it_matters():
    unknown = two((24, 23, 22), second=("venlafaxine", None))
    assert classify(unknown, TRD_FDA).select("verdict", "reason").row(0) == (
        "undetermined",
        "too little known of the treatments",
    )
    assert status(unknown, replace(TRD_FDA, failures=1))[0] == "met"
    assert status(unknown, replace(TRD_FDA, failures=3))[0] == "not met"


def test_a_treatment_that_goes_on_is_not_missing():
    study = history([(*SSRI, 0, 56, "inefficacy"), (*SNRI, 57, None, None)], [(0, 24), (56, 24), (70, 24)])
    assert status(study, TRD_FDA)[0] == "not met"


def test_remission_later_leaves_the_episode_resistant():
    courses = [(*SSRI, 0, 56, "inefficacy"), (*SNRI, 57, 113, "inefficacy"), ("mirtazapine", 30, 114, None, None)]
    study = history(courses, [(0, 24), (56, 24), (113, 24), (170, 3)])
    assert status(study, TRD_FDA) == ("met", "resistant", 113)


def test_the_second_switch_within_a_year():
    """Whatever the reason: intolerance after two weeks counts as much as lack of effect."""
    third = ("mirtazapine", 30, 365, None, None)
    courses = [(*SSRI, 0, 14, "intolerance"), (*SSRI, 15, 40, "inefficacy"), (*SNRI, 41, 364, "preference")]
    study = history([*courses, third], last_day=400)
    assert status(study, TRD_REGISTER_SECOND_SWITCH) == ("met", None, 365)
    assert status(study, replace(TRD_REGISTER_SECOND_SWITCH, within_days=364))[0] == "not met"
    assert status(study, TRD_REGISTER_SECOND_SWITCH, as_of=364)[0] == "undetermined"
    assert status(history(courses, last_day=365), TRD_REGISTER_SECOND_SWITCH)[0] == "not met"
    assert status(history(courses, last_day=364), TRD_REGISTER_SECOND_SWITCH)[0] == "undetermined"
    both = history([(*SSRI, 0, 14, None), ("venlafaxine + mirtazapine", 150, 15, 400, "inefficacy")])
    assert status(both, TRD_REGISTER_SECOND_SWITCH)[0] == "not met", "a combination is one switch"
    assert status(history([("lithium", 600, 0, 400, None)]), TRD_REGISTER_SECOND_SWITCH)[0] == "not met"


TSH = (10, "TSH", 14.0, "mIU/L", None)
NORMAL = [(0, "diagnosis", None, None, "major depression"), (0, "TSH", 2.0, "mIU/L", None), (0, "AHI", 3.0, None, None)]


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ([TSH], ("met", "untreated hypothyroidism")),
        ([(10, "TSH", 10.0, "mIU/L", None), *NORMAL[:1], NORMAL[2]], ("not met", None)),  # above 10, not 10
        ([*NORMAL[:2], (5, "AHI", 15.0, "events/h", None)], ("met", "untreated sleep apnoea")),
        ([*NORMAL[:2], (5, "AHI", 14.9, "events/h", None)], ("not met", None)),
        ([TSH, (20, "TSH", 4.0, "mIU/L", None), NORMAL[0], NORMAL[2]], ("not met", None)),  # the last one decides
        (
            [(10, "TSH", 14.0, "pg/mL", None), NORMAL[0], NORMAL[2]],
            ("undetermined", None),
        ),  # another unit
        ([TSH, (0, "diagnosis", None, None, "bipolar disorder")], ("met", "bipolar disorder")),
        ([*NORMAL[1:], (0, "Diagnosis", None, None, "not bipolar")], ("not met", None)),
        ([*NORMAL[1:], (0, "diagnosis", None, None, "bipolar disorder excluded")], ("not met", None)),
        (NORMAL[:2], ("undetermined", None)),
        (NORMAL, ("not met", None)),
    ],
)
def test_findings_that_explain_apparent_resistance(findings, expected):
    assert status(two((24, 23, 22), findings=findings), PSEUDO_RESISTANCE)[:2] == expected


def test_a_missing_finding_counts_as_normal_where_that_is_asked_for():
    absent = replace(PSEUDO_RESISTANCE, missing="absent")
    assert status(two((24, 23, 22)), absent)[0] == "not met"
    assert status(two((24, 23, 22)), PSEUDO_RESISTANCE)[0] == "undetermined"


def test_a_treated_cause_is_none():
    courses = [(*SSRI, 0, 56, "inefficacy"), (*SNRI, 57, 113, "inefficacy"), ("levothyroxine", 0.1, 20, None, None)]
    study = history(courses, [(0, 24), (56, 24), (113, 24)], findings=[TSH, NORMAL[0], NORMAL[2]])
    assert status(study, PSEUDO_RESISTANCE)[0] == "not met"


def test_ways_of_treatment_explain_it_where_adequate_failures_alone_do_not():
    courses = [(*SSRI, 0, 56, "inefficacy", 0.5), (*SNRI, 57, 113, "inefficacy", 1.0)]
    study = history(courses, [(0, 24), (56, 24), (113, 24)], findings=NORMAL)
    assert status(study, PSEUDO_RESISTANCE)[:2] == ("met", "nonadherence")
    third = [*courses, ("mirtazapine", 30, 114, 170, "inefficacy", 1.0)]
    study = history(third, [(0, 24), (56, 24), (113, 24), (170, 24)], findings=NORMAL)
    assert status(study, PSEUDO_RESISTANCE)[0] == "not met", "two failed adequately, the third excuses nobody"


def test_one_treatment_without_success_is_not_even_apparent_resistance():
    study = history([(*SSRI, 0, 14, "intolerance")], [(0, 24), (14, 24)], findings=[TSH])
    assert classify(study, PSEUDO_RESISTANCE).select("verdict", "reason").row(0) == (
        "not met",
        "fewer failures than needed",
    )


def test_the_words_of_pseudo_resistance_follow_its_causes():
    assert (
        "intolerance only where the adequate failures"
        in replace(PSEUDO_RESISTANCE, of_treatments=("intolerance",)).definition
    )
    assert "only where" not in replace(PSEUDO_RESISTANCE, of_treatments=()).definition


def test_pseudo_resistance_vetoes_resistance_where_asked_to():
    study = two((24, 23, 22), findings=[TSH])
    assert status(study, TRD_FDA)[0] == "met"
    vetoed = replace(TRD_FDA, veto=PSEUDO_RESISTANCE)
    assert status(study, vetoed) == ("not met", "pseudo-resistant", None)
    assert status(study, vetoed, as_of=5)[1] == "not resistant"
    assert status(two((24, 23, 22)), vetoed)[0] == "met", "one that is undetermined vetoes nothing"


def test_the_pharmacokinetic_barrier_is_a_switch_that_is_off():
    study = two((24, 23, 22), findings=[*NORMAL, (0, "ABCB1", None, None, "barrier genotype")])
    assert status(study, PSEUDO_RESISTANCE)[0] == "not met"
    switched = replace(PSEUDO_RESISTANCE, findings=(*PSEUDO_RESISTANCE.findings, PHARMACOKINETIC_BARRIER))
    assert status(study, switched)[:2] == ("met", "pharmacokinetic barrier")


def test_the_evidence_lists_every_cause_and_every_treatment():
    study = two((24, 23, 22), findings=[TSH, (0, "AHI", 20.0, None, None)])
    found = evidence(study, PSEUDO_RESISTANCE)
    passed = {row[0]: row[1] for row in found.select("check", "passed").rows()}
    assert passed["untreated hypothyroidism (TSH > 10)"]
    assert passed["untreated sleep apnoea (AHI >= 15)"]
    assert passed["bipolar disorder (diagnosis bipolar)"] is None
    each = evidence(study, TRD_FDA)["check"].to_list()
    assert "treatment 1 (citalopram): failed" in each
    assert "treatment 2 (venlafaxine): failed" in each


FAULTS = {
    "no switches": (lambda: replace(TRD_REGISTER_SECOND_SWITCH, switches=0), "at least 1"),
    "no failures": (lambda: TreatmentResistance(failures=0), "at least 1 failure, not 0"),
    "no source": (lambda: TreatmentResistance(source=""), "where it comes from"),
    "half a failure": (lambda: PseudoResistance(failures=1.5), "must be whole"),
    "no failures, pseudo": (lambda: PseudoResistance(failures=0), "at least 1 failure"),
    "another cause": (lambda: PseudoResistance(of_treatments=("luck",)), "are no causes"),
    "another missing": (lambda: PseudoResistance(missing="normal"), "missing is"),
    "a cause without sign": (lambda: FindingCause("x", "y"), "a threshold or a word"),
    "another bound": (lambda: FindingCause("x", "y", 3, "<"), "bound is"),
    "another episode": (lambda: EpisodeRule("last"), "which is"),
    "another without": (lambda: EpisodeRule(missing="two"), "missing is"),
    "fewer well days": (lambda: EpisodeRule(well_days=-1), "at least 0"),
}


@pytest.mark.parametrize(("make", "message"), FAULTS.values(), ids=FAULTS)
def test_a_rule_that_contradicts_itself_cannot_be_made(make, message):
    with pytest.raises(CriterionError, match=message):
        make()
