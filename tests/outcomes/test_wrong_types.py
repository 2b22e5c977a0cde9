"""What is no study, no rule or no number is refused in a sentence, by every verb and every rule of depression."""

from dataclasses import replace

import pytest

import cohort
from cohort.criteria import (
    ANTIDEPRESSANT_ADEQUACY,
    ANTIDEPRESSANT_FAILURE,
    CRP_BANDS,
    DEPRESSION_TRAJECTORY,
    HAMD17_RELAPSE,
    HAMD17_REMISSION,
    HAMD17_SUSTAINED_REMISSION,
    MAUDSLEY,
    PRORATING,
    PSEUDO_RESISTANCE,
    STARD_FAILURE,
    THASE_RUSH,
    TRD_FDA,
    Remission,
)
from cohort.errors import CohortError
from cohort.scales import Scale, crosswalk, register
from tests.outcomes.depressed import history

STUDY = history([("sertraline", 100, 0, 55, "inefficacy")], {0: 24, 55: 22})
REMITTED = HAMD17_REMISSION.last_observed()
VERBS = {
    "attendance": lambda study: cohort.attendance(study, "HAMD17"),
    "baseline": lambda study: cohort.baseline(study, "HAMD17"),
    "changes": lambda study: cohort.changes(study, "HAMD17"),
    "classify": lambda study: cohort.classify(study, REMITTED),
    "compare_definitions": lambda study: cohort.compare_definitions(study, [REMITTED, TRD_FDA]),
    "entry_audit": lambda study: cohort.entry_audit(study, "HAMD17", 14),
    "explain": lambda study: cohort.explain(study, REMITTED, "a"),
    "exposures": lambda study: cohort.exposures(study, ANTIDEPRESSANT_ADEQUACY),
    "marker_bands": lambda study: cohort.marker_bands(study, CRP_BANDS),
    "steps": cohort.steps,
    "totals": lambda study: cohort.totals(study, "HAMD17", PRORATING),
    "with_totals": lambda study: cohort.with_totals(study, PRORATING),
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    "given", [STUDY.ratings, "study.toml", None, cohort.Study, 3], ids=lambda given: str(type(given))
)
def test_what_is_no_study_is_refused(verb, given):
    with pytest.raises(CohortError, match="Study"):
        VERBS[verb](given)


@pytest.mark.parametrize("given", [REMITTED, "TRD_FDA", None, 3, [REMITTED, "TRD_FDA"], [REMITTED, Remission], STUDY])
def test_what_is_no_list_of_rules_is_not_compared(given):
    with pytest.raises(CohortError, match=r"definitions were given|a list of rules"):
        cohort.compare_definitions(STUDY, given)


@pytest.mark.parametrize("day", ["365", [1], float("nan"), float("inf"), 10**30])
def test_a_day_that_is_none_is_refused(day):
    with pytest.raises(CohortError, match="name a day"):
        cohort.classify(STUDY, REMITTED, as_of=day)


@pytest.mark.parametrize("given", ["x", None, [1], Remission, REMITTED])
def test_what_a_verb_asks_for_is_of_its_kind(given):
    with pytest.raises(CohortError, match="at_least is a number"):
        cohort.entry_audit(STUDY, "HAMD17", given)
    with pytest.raises(CohortError, match="criterion is of the class Adequacy"):
        cohort.exposures(STUDY, given)
    with pytest.raises(CohortError, match="a marker is a MarkerBands"):
        cohort.marker_bands(STUDY, given)
    with pytest.raises(CohortError, match="overlap_days is a"):
        cohort.steps(STUDY, overlap_days=given)


@pytest.mark.parametrize("who", [1, None, ["a"]])
def test_a_subject_is_named_by_a_text(who):
    with pytest.raises(CohortError, match="no subject is called"):
        cohort.explain(STUDY, REMITTED, who)


@pytest.mark.parametrize("scale", [None, 17, ["HAMD17"], Scale])
def test_a_scale_is_named_by_a_text(scale):
    with pytest.raises(CohortError, match="a scale is named by a text"):
        cohort.baseline(STUDY, scale)
    with pytest.raises(CohortError, match="no scale is called"):
        Remission(scale, None, "a source")


@pytest.mark.parametrize(
    ("rule", "field", "value", "told"),
    [
        (TRD_FDA, "result", "STARD_FAILURE", "result is of the class AntidepressantResult"),
        (TRD_FDA, "result", MAUDSLEY, "result is of the class AntidepressantResult"),
        (TRD_FDA, "episodes", "current", "episodes is of the class EpisodeRule"),
        (TRD_FDA, "veto", "yes", "veto is of the class PseudoResistance"),
        (TRD_FDA, "failures", "3", "failures is a number"),
        (TRD_FDA, "failures", True, "failures is a number"),
        (TRD_FDA, "source", None, "says where it comes from"),
        (ANTIDEPRESSANT_FAILURE, "adequacy", 42, "adequacy is of the class Adequacy"),
        (ANTIDEPRESSANT_FAILURE, "remission", "HAMD17", "remission is of the class Remission"),
        (ANTIDEPRESSANT_FAILURE, "augmentation", STARD_FAILURE, "augmentation is of the class Adequacy"),
        (MAUDSLEY, "severity", "severe", "severity is of the class Severity"),
        (MAUDSLEY, "at_least", None, "at_least is a number"),
        (MAUDSLEY, "month_days", "30", "month_days is a number"),
        (PSEUDO_RESISTANCE, "findings", ("TSH",), "each of findings is of the class FindingCause"),
        (PSEUDO_RESISTANCE, "of_treatments", "intolerance", "of_treatments is a tuple of texts"),
        (THASE_RUSH, "tricyclic", "TCA", "tricyclic is a tuple of texts"),
        (THASE_RUSH, "ect", ("ect", None), "ect is a tuple of texts"),
        (DEPRESSION_TRAJECTORY, "result", None, "result is of the class AntidepressantResult"),
        (DEPRESSION_TRAJECTORY, "relapse_score", "14", "relapse_score is a number"),
        (HAMD17_RELAPSE, "full_score", "14", "full_score is a number"),
        (HAMD17_SUSTAINED_REMISSION, "threshold", "7", "threshold is a number"),
        (HAMD17_REMISSION, "threshold", None, "threshold is a number"),
    ],
)
def test_a_rule_refuses_what_its_field_cannot_be(rule, field, value, told):
    with pytest.raises(CohortError, match=told):
        replace(rule, **{field: value})


def test_scales_of_ones_own_and_crosswalks_refuse_what_they_cannot_be():
    with pytest.raises(CohortError, match="a Scale is registered"):
        register("BDI")
    with pytest.raises(CohortError, match="rises from low to high"):
        Scale("BDI", "Beck", 63, 0, "a source")
    for score in (5.0, True, "5", None):
        with pytest.raises(CohortError, match="whole numbers"):
            crosswalk(score, "QIDS-SR16", "HAMD17")
    with pytest.raises(CohortError, match="no crosswalk"):
        crosswalk(5, ["QIDS-SR16"], "HAMD17")
