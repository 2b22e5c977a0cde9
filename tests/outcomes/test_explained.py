"""Why a verdict is what it is: evidence in rows, and in sentences; and what cannot be asked."""

import pytest

from cohort.criteria import (
    ANTIDEPRESSANT_FAILURE,
    HAMD17_ABOVE_REMISSION,
    HAMD17_REMISSION,
    HAMD17_RESPONSE,
    ILAE_2010_FREEDOM,
    RETENTION,
    SEIZURE_RESPONSE_50,
    SEIZURE_RESPONSE_100,
    Remission,
)
from cohort.errors import CriterionError, RecordError
from cohort.outcomes.explain import explain
from cohort.outcomes.registry import classify, evidence
from cohort.outcomes.states import states
from cohort.schemas import EVIDENCE, STATES
from tests.outcomes.depressed import history
from tests.outcomes.drawn_studies import ON_RATINGS, drawn
from tests.outcomes.small_studies import daily, diary_study, made, rated_study

HAMD = rated_study(
    {
        "a": {"baseline": 24, "week 4": 10, "week 6": 12},
        "b": {"baseline": 7, "week 6": 7},
        "c": {"week 4": 9, "week 6": None},
        "z": {"baseline": 0, "week 4": 1, "week 6": 2},
    }
)
CLINIC = diary_study({"a": daily(-50, 400, [-37, -2, 20])}, [("a", 1, "x", 0, None, None)])


def test_a_response_explained():
    assert explain(HAMD, HAMD17_RESPONSE.at("week 6"), "a").splitlines() == [
        "Subject a, HAMD17 response (>= 50%) at week 6.",
        "met on day 42 (6 weeks); response.",
        "  - day 0: HAMD17 at baseline is known: 24 points: passed",
        "  - HAMD17 total that is enough from this baseline (at most): 12 points",
        "  - day 42: percent improvement of HAMD17 >= 50: 50%: passed",
        f"Rule: {HAMD17_RESPONSE.at('week 6').definition} Source: {HAMD17_RESPONSE.source}.",
    ]


def test_the_record_that_is_lacking_is_named_where_no_check_has_it():
    course = [("sertraline", 100, 0, 55, "inefficacy")]
    unknown = history(course, {0: 24, 55: 22}, age=None)
    said_of = explain(unknown, ANTIDEPRESSANT_FAILURE, "a", parts=False)
    assert "Nearest change: the subject's age, and treatment 1 could be decided." in said_of
    augmented = history([("lithium", 900, 0, 55, "inefficacy")], {0: 24, 55: 22})
    assert "No further record turns it: not an antidepressant." in explain(augmented, ANTIDEPRESSANT_FAILURE, "a")


def test_a_missing_rating_explained_says_which():
    lines = explain(HAMD, HAMD17_REMISSION.at("week 4", "week 6"), "b").splitlines()
    assert lines[1:-1] == [
        "undetermined (no rating at the visit); entered in remission.",
        "  - day 0: HAMD17 at baseline is out of remission: 7 points, compared with 7 points: not passed",
        "  - HAMD17 <= 7 at week 4: not known",
        "  - day 42: HAMD17 <= 7 at week 6: 7 points: passed",
        "  Nearest change: a record (HAMD17 <= 7 at week 4), and the verdict would turn.",
    ]


def test_a_baseline_of_zero_explained():
    lines = explain(HAMD, HAMD17_RESPONSE.at("week 6"), "z").splitlines()
    assert lines[1] == "not met on day 42 (6 weeks) (baseline is zero, percent undefined)."
    assert lines[4] == "  - day 42: percent improvement of HAMD17 >= 50: not known: not passed"
    assert lines[5] == "  No further record turns it: baseline is zero, percent undefined."


def test_follow_up_explained():
    lines = explain(HAMD, HAMD17_REMISSION.by_day(60), "a").splitlines()
    assert lines[1] == "undetermined (follow-up ends before the day); entered out of remission."
    assert lines[-3] == "  - follow-up reaches day 60: not passed"
    assert lines[-2] == "  Nearest change: 3 points less (HAMD17 <= 7), and the verdict would turn."


def test_freedom_explained_treatment_by_treatment():
    treatments = [("a", 1, "x", 0, 30, "inefficacy"), ("a", 2, "y", 31, None, None)]
    study = diary_study({"a": daily(-50, 400, [-37, -2, 20])}, treatments)
    lines = explain(study, ILAE_2010_FREEDOM, "a").splitlines()
    assert lines[1:7] == [
        "Treatment 1: not met on day 20 (2.9 weeks) (seizure under treatment).",
        "  - day 0: longest interval between seizures before the treatment: 35 days (5 weeks)",
        "  - day 20: seizures under the treatment: 1 seizure, compared with 0 seizures: not passed",
        "  - longest run without seizures: 19 days (2.7 weeks) (at least 365 days (12 months) asked): not passed",
        "  Nearest change: 346 more days (11.4 months) (longest run without seizures), and treatment 1 would count.",
        "Treatment 2: met on day 396 (13 months).",
    ]
    assert "Kwan P et al." in lines[-1]
    early = explain(study, ILAE_2010_FREEDOM, "a", as_of=40)
    assert "Treatment 2: undetermined (follow-up too short)." in early


def test_a_subject_that_is_not_there():
    with pytest.raises(CriterionError, match=r"'nobody' in small; its 4 subjects are named like 'a', 'b', 'c'$"):
        explain(HAMD, HAMD17_RESPONSE.at("week 6"), "nobody")


def test_a_subject_without_anything_to_judge():
    study = made(["a", "b"], treatments=[("a", 1, "x", 0, 10, None)])
    with pytest.raises(CriterionError, match="'b' has nothing that this criterion judges: still on treatment 1"):
        explain(study, RETENTION.at(5), "b")


@pytest.mark.parametrize(
    ("study", "criterion"),
    [
        (HAMD, HAMD17_REMISSION.ever()),
        (HAMD, HAMD17_RESPONSE.by_day(30)),
        (HAMD, HAMD17_ABOVE_REMISSION),
        (CLINIC, SEIZURE_RESPONSE_50),
        (CLINIC, SEIZURE_RESPONSE_100),
        (CLINIC, ILAE_2010_FREEDOM),
        (CLINIC, RETENTION.at(90)),
    ],
    ids=lambda value: getattr(value, "label", ""),
)
def test_evidence_has_its_shape_and_a_line_for_everyone(study, criterion):
    found = evidence(study, criterion)
    assert found.schema == EVIDENCE.schema
    assert set(found["subject_id"]) == set(study.subjects["subject_id"])
    assert set(found["criterion"]) == {criterion.label}


def told_by(lines, endpoint):
    """The verdict of a HAM-D criterion, from its lines of evidence alone."""
    known = {line["check"]: line["passed"] for line in lines}
    if known.get("HAMD17 at baseline is known") is False:
        return "undetermined"
    passed = [line["passed"] for line in lines if "baseline" not in line["check"] and "follow-up" not in line["check"]]
    followed = known.get(f"follow-up reaches day {endpoint.day:g}", True) if endpoint.day else True
    if endpoint.kind in ("ever", "by day"):
        return "met" if True in passed else "not met" if followed and passed else "undetermined"
    if False in passed:
        return "not met"
    return "undetermined" if None in passed or not passed else "met"


AFTER_BASELINE = [criterion for criterion in ON_RATINGS if criterion.endpoint.kind != "baseline"]
HOLDS = {">=": "ge", ">": "gt", "<=": "le", "<": "lt", "=": "eq"}


@pytest.mark.parametrize("criterion", AFTER_BASELINE, ids=lambda criterion: criterion.label)
def test_the_verdict_can_be_told_from_the_evidence(criterion):
    for seed in range(4):
        study = drawn(seed)
        lines = evidence(study, criterion).partition_by("subject_id", as_dict=True)
        said = dict(classify(study, criterion).select("subject_id", "verdict").rows())
        assert said == {
            who: told_by(list(own.iter_rows(named=True)), criterion.endpoint) for (who,), own in lines.items()
        }


@pytest.mark.parametrize("criterion", ON_RATINGS, ids=lambda criterion: criterion.label)
def test_observed_against_threshold_gives_what_passed(criterion):
    lines = evidence(drawn(1), criterion).drop_nulls(["observed", "threshold"])
    compared = lines.drop_nulls("bound")
    assert compared.height >= 4
    if getattr(criterion, "under", None) is not None:  # the line stands for a band with two ends
        return
    for (bound,), own in compared.partition_by("bound", as_dict=True).items():
        assert (getattr(own["observed"], HOLDS[bound])(own["threshold"]) == own["passed"]).all()


def test_states_have_their_shape():
    held = states(CLINIC, ILAE_2010_FREEDOM)
    assert held.schema == STATES.schema
    assert held.rows() == [("a", 385, 400, "sustained freedom")]


@pytest.mark.parametrize("criterion", [HAMD17_REMISSION, HAMD17_RESPONSE])
def test_without_an_endpoint_it_says_how_to_name_one(criterion):
    how = r"names no endpoint; choose one: .at\('week 6'\), .last_observed\(\), .ever\(\)"
    with pytest.raises(CriterionError, match=how):
        classify(HAMD, criterion)


def test_without_a_day_retention_says_how_to_name_one():
    with pytest.raises(CriterionError, match=r"retention names no day; choose one, for example RETENTION\.at\(365\)"):
        classify(CLINIC, RETENTION)


@pytest.mark.parametrize(
    ("study", "criterion", "message"),
    [
        (HAMD, HAMD17_REMISSION.at("week 8"), "no visit 'week 8'; its visits are 'baseline', 'week 1'"),
        (HAMD, Remission("MADRS", None, "x").ever(), "no rating on MADRS; it has 'HAMD17'"),
        (CLINIC, HAMD17_REMISSION.ever(), "no rating on HAMD17; it has no ratings at all"),
        (CLINIC, HAMD17_ABOVE_REMISSION, "no rating on HAMD17"),
        (HAMD, ILAE_2010_FREEDOM, "judged for each treatment, and the study has no treatments"),
        (HAMD, RETENTION.at(90), "judged for a treatment, and the study has no treatments"),
        (HAMD, SEIZURE_RESPONSE_50, "needs seizure records, and the study has none"),
        (made(["a"], treatments=[("a", 1, "x", 0, None, None)]), ILAE_2010_FREEDOM, "needs seizure records"),
        (made(["a"], treatments=[("a", 2, "x", 0, None, None)]), RETENTION.at(90), "nobody has a treatment 1"),
    ],
    ids=range(9),
)
def test_what_the_study_does_not_hold(study, criterion, message):
    with pytest.raises((CriterionError, RecordError), match=message):
        classify(study, criterion)


def test_states_need_what_freedom_needs():
    with pytest.raises(CriterionError, match="the study has no treatments"):
        states(HAMD, ILAE_2010_FREEDOM)


def test_before_anything_was_recorded_everyone_is_undetermined_and_nothing_is_an_error():
    for criterion in ON_RATINGS:
        if criterion.scale != "HAMD17":
            continue
        assert set(classify(HAMD, criterion, as_of=-1)["verdict"]) == {"undetermined"}
    assert set(classify(CLINIC, SEIZURE_RESPONSE_50, as_of=-99)["reason"]) == {"no observed days"}
