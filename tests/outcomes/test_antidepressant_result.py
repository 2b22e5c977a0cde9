"""What came of an antidepressant, worked by hand."""

from dataclasses import replace

import pytest

from cohort.criteria import (
    ANTIDEPRESSANT_FAILURE,
    ATRQ_FAILURE,
    HAMD17_REMISSION,
    QIDS_SR16_REMISSION,
    STARD_FAILURE,
    AntidepressantResult,
)
from cohort.errors import CriterionError, RecordError
from cohort.outcomes.registry import classify, evidence
from tests.outcomes.depressed import history

BELOW_50 = replace(ANTIDEPRESSANT_FAILURE, failure="improvement below 50")
BELOW_25 = replace(ANTIDEPRESSANT_FAILURE, failure="improvement below 25")


def result(study, criterion=ANTIDEPRESSANT_FAILURE, treatment_no=1, **asked):
    found = classify(study, criterion, **asked).filter(treatment_no=treatment_no)
    return found.select("verdict", "category", "day").row(0)


def course(scores, *, drug="sertraline", dose=50, stop=56, reason="inefficacy", adherence=1.0, **more):
    return history([(drug, dose, 0, stop, reason, adherence)], scores, **more)


def test_24_to_12_fails_without_remission_and_under_no_other_rule():
    """The responder of the founding document, G6: a fall of exactly half."""
    study = course([(0, 24), (56, 12)])
    assert result(study) == ("met", "failed", 56)
    assert result(study, BELOW_50) == ("not met", "responded not remitted", 56)
    assert result(study, BELOW_25) == ("not met", "responded not remitted", 56)


@pytest.mark.parametrize(
    ("score", "no_remission", "below_50", "below_25"),
    [
        (7, "remitted", "remitted", "remitted"),
        (8, "failed", "responded not remitted", "responded not remitted"),
        (13, "failed", "failed", "partly responded"),  # 45.8 percent, G7
        (18, "failed", "failed", "partly responded"),  # exactly 25 percent
        (19, "failed", "failed", "failed"),  # 20.8 percent
        (30, "failed", "failed", "failed"),
    ],
)
def test_each_rule_of_failure_at_its_bounds(score, no_remission, below_50, below_25):
    study = course([(0, 24), (56, score)])
    found = [result(study, rule)[1] for rule in (ANTIDEPRESSANT_FAILURE, BELOW_50, BELOW_25)]
    assert found == [no_remission, below_50, below_25]


def test_remission_is_a_success_though_the_fall_is_small():
    """G9: 12 to 7 is remission and a fall of 42 percent."""
    assert result(course([(0, 12), (56, 7)]), BELOW_50)[1] == "remitted"


def test_t11_the_bound_of_remission_decides_at_seven():
    strict = replace(ANTIDEPRESSANT_FAILURE, remission=replace(HAMD17_REMISSION, bound="<"))
    assert result(course([(0, 24), (56, 7)]), strict)[1] == "failed"


def test_t3_intolerance_is_no_failure_but_in_star_d():
    study = course([(0, 24), (14, 23)], stop=14, reason="intolerance")
    assert result(study) == ("not met", "intolerance", 14)
    assert result(study, STARD_FAILURE) == ("met", "intolerance", 14)


def test_intolerance_after_an_adequate_treatment_leaves_its_failure():
    assert result(course([(0, 24), (56, 20)], reason="intolerance")) == ("met", "failed", 56)


@pytest.mark.parametrize(
    ("change", "category"),
    [
        ({"stop": 40}, "inadequate duration"),  # days 0 to 40 are 41
        ({"stop": 41, "scores": [(0, 24), (41, 20)]}, "failed"),  # and 42 are enough
        ({"dose": 25}, "inadequate dose"),
        ({"adherence": 0.79}, "nonadherence"),
        ({"adherence": 0.8}, "failed"),
        ({"adherence": None}, "failed"),
        ({"dose": None}, "unknown"),
        ({"scores": [(0, 24)]}, "unknown"),
        ({"scores": [(0, 24), (64, 20)]}, "unknown"),  # eight days after the stop
        ({"scores": [(0, 24), (63, 20)]}, "failed"),
        ({"scores": [(0, 24), (30, 20)]}, "unknown"),  # before it had been adequate for long enough
        ({"drug": "levetiracetam", "dose": 1000}, "no antidepressant"),
        ({"drug": "mystery"}, "unknown"),
        ({"stop": None, "reason": None, "adherence": None, "last_day": 20, "scores": [(0, 24), (20, 22)]}, "ongoing"),
        ({"stop": None, "reason": None, "adherence": None, "last_day": 90, "scores": [(0, 24), (50, 22)]}, "failed"),
    ],
)
def test_what_is_no_fair_test_is_no_failure(change, category):
    assert result(course(**{"scores": [(0, 24), (56, 20)]} | change))[1] == category


def test_a_success_is_never_denied():
    """Not for a low dose, a short time, or doses not taken."""
    for change in ({"dose": 25}, {"stop": 20}, {"adherence": 0.1}, {"dose": None}):
        assert result(course(**{"scores": [(0, 24), (18, 5)]} | change))[:2] == ("not met", "remitted")


def test_tachyphylaxis_is_a_response_unless_the_last_score_decides():
    study = course([(0, 24), (28, 5), (56, 22)])
    assert result(study) == ("not met", "remitted", 28)
    assert result(study, replace(ANTIDEPRESSANT_FAILURE, lost="failure")) == ("met", "failed", 56)
    halved = course([(0, 24), (28, 11), (56, 22)])
    assert result(halved, BELOW_25) == ("not met", "responded not remitted", 28)
    assert result(halved) == ("met", "failed", 56), "where only remission counts, a response that was lost is none"


def test_t15_titration_never_counts():
    doses = [(1, "sertraline", 0, 25.0), (1, "sertraline", 21, 50.0)]
    study = course([(0, 24), (42, 20), (63, 20)], stop=63, doses=doses)
    assert result(study) == ("met", "failed", 63), "day 62 is the 42nd at the dose"
    assert result(course([(0, 24), (42, 20), (60, 20)], stop=60, doses=doses))[1] == "inadequate duration"


def test_t25_scores_of_another_scale_are_never_looked_at():
    study = course([(0, 20), (56, 6)], scale="QIDS-SR16")
    with pytest.raises(RecordError, match="no rating on HAMD17"):
        classify(study, ANTIDEPRESSANT_FAILURE)
    on_qids = replace(ANTIDEPRESSANT_FAILURE, remission=QIDS_SR16_REMISSION)
    assert result(study, on_qids)[1] == "failed", "5 is in remission, 6 is not"


def test_a_baseline_is_needed_where_an_improvement_is_asked_for():
    study = course([(-40, 24), (56, 20)])
    assert result(study, BELOW_50)[:2] == ("undetermined", "unknown")
    assert result(study)[1] == "failed", "remission needs none"
    assert result(study, replace(BELOW_50, baseline_days=40))[1] == "failed"
    zero = classify(course([(0, 0), (56, 20)]), BELOW_50)
    assert zero.select("verdict", "reason").row(0) == ("not met", "baseline is zero, percent undefined")


def test_a_rating_after_the_next_treatment_began_belongs_to_it():
    courses = [("sertraline", 50, 0, 56, "inefficacy"), ("venlafaxine", 150, 57, None, None)]
    assert result(history(courses, [(0, 24), (60, 20)]))[1] == "unknown"
    assert result(history(courses, [(0, 24), (57, 20)]))[1] == "failed"


def test_the_same_day_some_hours_later_is_after_the_start():
    assert result(course([(0, 24), (0.2, 5)]))[1] == "remitted"


def test_the_reason_of_the_stop_decides_where_nothing_was_rated_if_asked_to():
    by_reason = replace(ANTIDEPRESSANT_FAILURE, unrated="stop reason")
    assert result(course([]), by_reason) == ("met", "failed", 56)
    assert result(course([], reason="remission"), by_reason)[1] == "remitted"
    assert result(course([], reason="preference"), by_reason)[1] == "unknown"


def test_what_was_known_on_a_day():
    study = course([(0, 24), (42, 20), (56, 6)], stop=60)
    assert result(study, as_of=30)[:2] == ("undetermined", "ongoing")
    assert result(study, as_of=42) == ("met", "failed", 42)
    assert result(study, as_of=56)[1] == "remitted", "a failure is reversible"


def test_an_augmentation_is_judged_by_its_own_adequacy_or_cannot_fail():
    added = history(
        [("citalopram", 20, 0, 56, "inefficacy"), ("citalopram + aripiprazole", 20, 57, 90, "inefficacy")],
        [(0, 24), (56, 20), (90, 20)],
    )
    assert result(added, treatment_no=2)[:2] == ("not met", "augmentation")
    assert result(added, ATRQ_FAILURE, treatment_no=2)[:2] == ("met", "failed")
    assert result(added, replace(ATRQ_FAILURE, augmentation=None), treatment_no=2)[1] == "augmentation"


def test_g16_the_case_of_the_atrq_has_two_failures_of_five():
    """Current Psychiatry 2012: too short, too low, failed, a response that was lost, an augmentation that failed."""
    study = history(
        [
            ("citalopram", 20, 0, 29, "inefficacy"),
            ("venlafaxine", 75, 30, 78, "inefficacy"),
            ("sertraline", 100, 79, 169, "inefficacy"),
            ("duloxetine", 90, 170, 299, "inefficacy"),
            ("duloxetine + aripiprazole", 10, 300, 328, "inefficacy"),
        ],
        {0: 25, 29: 24, 78: 24, 169: 23, 220: 5, 299: 22, 328: 21},
        doses=[(5, "duloxetine", 300, 90.0)],
    )
    found = classify(study, ATRQ_FAILURE)
    assert found["category"].to_list() == [
        "inadequate duration",
        "inadequate dose",
        "failed",
        "remitted",
        "failed",
    ]
    assert found["verdict"].to_list().count("met") == 2


def test_the_evidence_has_dose_days_adherence_and_scores():
    found = evidence(course([(0, 24), (56, 20)], dose=40), BELOW_50)
    rows = {row[0]: row[1:] for row in found.select("check", "observed", "threshold", "bound", "unit", "passed").rows()}
    assert rows["highest dose"] == (40, 50, ">=", "mg a day", False)
    assert rows["days at an adequate dose"] == (0, 42, ">=", "days", False)
    assert rows["share of the doses taken"] == (100, 80, ">=", "percent", True)
    assert rows["HAMD17 at the treatment's last rating, out of remission"] == (20, 7, ">", "points", True)
    assert rows["percent improvement of HAMD17 at the last rating"][:2] == (pytest.approx(100 / 6), 50)


FAULTS = {
    "no source": (lambda: AntidepressantResult(source=" "), "where it comes from"),
    "another failure": (lambda: AntidepressantResult(failure="bad"), "failure is 'no remission'"),
    "another loss": (lambda: AntidepressantResult(lost="gone"), "lost is 'success' or 'failure'"),
    "another decision": (lambda: AntidepressantResult(unrated="guess"), "unrated is 'unknown' or 'stop reason'"),
    "an endpoint": (lambda: AntidepressantResult(remission=HAMD17_REMISSION.ever()), "without an endpoint"),
    "days before": (lambda: AntidepressantResult(baseline_days=-1), "at least 0"),
    "half a day": (lambda: AntidepressantResult(grace_days=0.5), "must be whole"),
}


@pytest.mark.parametrize(("make", "message"), FAULTS.values(), ids=FAULTS)
def test_a_rule_that_contradicts_itself_cannot_be_made(make, message):
    with pytest.raises(CriterionError, match=message):
        make()


def test_a_study_without_treatments_is_refused():
    with pytest.raises(CriterionError, match="the study has none"):
        classify(history([], [(0, 24)]), ANTIDEPRESSANT_FAILURE)
