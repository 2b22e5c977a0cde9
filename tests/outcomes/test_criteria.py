"""Criteria: frozen, checked when they are made, told apart by their labels, each with someone who answers for it."""

import ast
import inspect
from dataclasses import FrozenInstanceError, fields, is_dataclass, replace
from pathlib import Path

import pytest

import cohort.criteria
from cohort.criteria import (
    ACNP_2006_RECOVERY,
    ACNP_2006_RECURRENCE,
    ANTIDEPRESSANT_ADEQUACY,
    ANTIDEPRESSANT_FAILURE,
    ANTISEIZURE_ADEQUACY,
    APE2,
    AT_BASELINE,
    ATRQ_ADEQUACY,
    AUGMENTATION_ADEQUACY,
    BIPOLAR,
    CENOBAMATE_C017_ELIGIBILITY,
    EVER,
    FRANK_1991_REMISSION,
    HAMD17_ABOVE_REMISSION,
    HAMD17_RELAPSE,
    HAMD17_REMISSION,
    HAMD17_RESPONSE,
    HAMD17_SEVERITY_APA,
    HAMD17_SEVERITY_QIDS,
    ILAE_2010_CONTROL,
    ILAE_2010_FREEDOM,
    LAST_OBSERVED,
    PSEUDO_RESISTANCE,
    PUBLISHED,
    RETENTION,
    SEIZURE_RESPONSE_50,
    SEIZURE_RESPONSE_100,
    STATUS_EPILEPTICUS,
    TWO_DRUGS_FAILED_ANY_REASON,
    AboveAtEntry,
    Adequacy,
    AntibodyScore,
    AntidepressantResult,
    AntidepressantSwitches,
    BrodieCourse,
    Candidacy,
    ClusterDays,
    DepressionTrajectory,
    DiaryEligibility,
    DrugResistance,
    DrugsGivenUp,
    Endpoint,
    EpilepsyTrajectory,
    EpisodeRule,
    ImmuneWorkup,
    Maudsley,
    MGHStaging,
    NthSeizure,
    Period,
    PseudoResistance,
    Recovery,
    Recurrence,
    Referral,
    Relapse,
    Remission,
    Response,
    Retention,
    ScoreItem,
    SeizureControl,
    SeizureFreedom,
    SeizureResponse,
    Severity,
    StatusEpilepticus,
    SustainedRemission,
    ThaseRush,
    TherapyResponse,
    TreatmentResistance,
)
from cohort.errors import CriterionError
from cohort.outcomes.registry import CLASSIFIERS, classify
from tests.outcomes.small_studies import diary_study

CLASSES = [
    AntidepressantResult,
    AntidepressantSwitches,
    DepressionTrajectory,
    Maudsley,
    MGHStaging,
    PseudoResistance,
    ThaseRush,
    TreatmentResistance,
    AntibodyScore,
    Candidacy,
    ImmuneWorkup,
    Referral,
    TherapyResponse,
    AboveAtEntry,
    Adequacy,
    BrodieCourse,
    ClusterDays,
    DiaryEligibility,
    DrugResistance,
    DrugsGivenUp,
    EpilepsyTrajectory,
    NthSeizure,
    Recovery,
    Recurrence,
    Relapse,
    Remission,
    Response,
    Retention,
    SeizureControl,
    SeizureFreedom,
    SeizureResponse,
    Severity,
    StatusEpilepticus,
    SustainedRemission,
]
FOLDER = Path(inspect.getfile(cohort.criteria)).parent


def defined_classes():
    """Every public class of the room: the criteria, and the parts that they are made of."""
    names = set()
    for path in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                names.add(node.name)
    return names - {"Criterion", "OnScale", "AfterRemission", "Prorating"}


def test_every_criterion_class_has_a_classifier():
    assert defined_classes() == {each.__name__ for each in CLASSES} | {
        "Endpoint",
        "EpisodeRule",
        "FindingCause",
        "Period",
        "Antibody",
        "MarkerBands",
        "ScoreItem",
    }
    assert set(CLASSIFIERS) == set(CLASSES)
    assert {type(criterion) for criterion in PUBLISHED.values()} == set(CLASSES)


def test_every_published_constant_is_in_the_list_under_its_name():
    constants = {name: value for name, value in vars(cohort.criteria).items() if type(value) in CLASSES}
    assert constants == PUBLISHED
    assert set(cohort.criteria.__all__) >= set(PUBLISHED)


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_criterion_says_what_it_is(name):
    criterion = PUBLISHED[name]
    assert criterion.source.strip()
    assert criterion.label.strip()
    assert criterion.definition.endswith(".")


def test_published_labels_are_unique():
    assert len({criterion.label for criterion in PUBLISHED.values()}) == len(PUBLISHED)


@pytest.mark.parametrize("criterion", CLASSES)
def test_a_docstring_says_what_missing_records_do_and_explains_every_field(criterion):
    text = inspect.getdoc(criterion)
    assert "missing" in text.lower()
    assert "undetermined" in text
    explained = text.split("Attributes:")[1]
    assert all(f"{field.name}:" in explained for field in fields(criterion))


@pytest.mark.parametrize("criterion", PUBLISHED.values(), ids=PUBLISHED)
def test_a_criterion_is_frozen_and_can_be_a_key(criterion):
    assert is_dataclass(criterion)
    with pytest.raises(FrozenInstanceError):
        criterion.source = "mine"
    assert {criterion: 1}[replace(criterion)] == 1


BY_HALF = replace(ANTIDEPRESSANT_FAILURE, failure="improvement below 50")
VARIANTS = {
    "ANTIDEPRESSANT_FAILURE": {
        "adequacy": ATRQ_ADEQUACY,
        "remission": replace(HAMD17_REMISSION, bound="<"),
        "failure": "improvement below 25",
        "lost": "failure",
        "intolerance_counts": True,
        "augmentation": AUGMENTATION_ADEQUACY,
        "unrated": "stop reason",
        "baseline_days": 7,
        "grace_days": 0,
    },
    "TRD_FDA": {
        "failures": 3,
        "different_class": True,
        "result": replace(ANTIDEPRESSANT_FAILURE, grace_days=3),
        "episodes": EpisodeRule(well_days=30),
        "veto": PSEUDO_RESISTANCE,
        "bipolar_excluded": False,
        "diagnosis": "disorder",
    },
    "TRD_REGISTER_SECOND_SWITCH": {"switches": 1, "within_days": 730, "doses": ATRQ_ADEQUACY.doses},
    "PSEUDO_RESISTANCE": {
        "failures": 3,
        "result": BY_HALF,
        "episodes": EpisodeRule("any"),
        "findings": (BIPOLAR,),
        "of_treatments": (),
        "missing": "absent",
    },
    "THASE_RUSH": {
        "at_least": 3,
        "result": BY_HALF,
        "episodes": EpisodeRule(missing="undetermined"),
        "third_class": False,
        "tricyclic": ("TCA", "TeCA"),
        "monoamine": ("MAOI", "RIMA"),
        "ect": ("convulsion",),
    },
    "MAUDSLEY": {
        "at_least": 7,
        "result": BY_HALF,
        "episodes": EpisodeRule(name="mood"),
        "severity": HAMD17_SEVERITY_APA,
        "psychotic": "delusions",
        "missing_psychotic": "undetermined",
        "augmentation_days": 28,
        "month_days": 30,
        "ect": ("convulsion",),
    },
    "MGH_STAGING": {
        "at_least": 3.5,
        "result": BY_HALF,
        "episodes": EpisodeRule(well_days=30),
        "augmentation_days": 28,
        "ect": ("convulsion",),
    },
    "DEPRESSION_TRAJECTORY": {
        "result": BY_HALF,
        "early_treatments": 1,
        "early_days": 42,
        "relapse_score": 15,
        "persistent": "improvement below 50",
        "adequate": 3,
    },
    "ILAE_2010_CONTROL": {
        "freedom": replace(ILAE_2010_FREEDOM, min_days=180),
        "adequacy": replace(ANTISEIZURE_ADEQUACY, half_lives=0),
        "min_exposure_days": 90,
        "after_relapse": "failure",
        "judge_after_optimisation": True,
        "missed_doses": "counted",
        "status_epilepticus": "left out",
        "effects_asked": "always",
        "settling_days": 30,
    },
    "ILAE_2010_RESISTANCE": {
        "failures": 3,
        "control": replace(ILAE_2010_CONTROL, min_exposure_days=90),
        "freedom_by": "drugs",
        "after_stop": "lost",
    },
    "TWO_DRUGS_FAILED_ANY_REASON": {"failures": 3, "reasons": ("inefficacy",)},
    "EPILEPSY_TRAJECTORY": {
        "control": replace(ILAE_2010_CONTROL, min_exposure_days=90),
        "early_drugs": 1,
        "early_days": 183,
        "transient_days": 60,
        "reduction": 75,
        "windows": 6,
        "baseline_days": 84,
        "min_observed": 90,
        "failures": 3,
        "remission_first": True,
        "min_follow_up_days": 1000,
    },
    "BRODIE_2012_COURSE": {
        "freedom": replace(ILAE_2010_FREEDOM, min_days=180, times=0),
        "early_days": 90,
        "min_follow_up_days": 730,
    },
    "TIME_TO_BASELINE_COUNT": {
        "number": 3,
        "to_day": 118,
        "from_day": 1,
        "baseline": Period(-28, -1),
        "rounding": "nearest",
        "missing_days": "left open",
        "min_observed": 90,
    },
    "CENOBAMATE_C017_ELIGIBILITY": {
        "baseline": Period(-84, -1),
        "min_seizures": 4,
        "min_per_28_days": 1,
        "max_free_days": 30,
        "min_observed": 90,
        "thin_diary": "undetermined",
        "run_observed": 80,
        "max_gap_days": 7,
    },
    "SEIZURE_CLUSTERS": {"seizures": 4, "days": 2, "period": Period(-56, -1), "min_observed": 90},
    "STATUS_EPILEPTICUS": {
        "convulsive": ("grand mal status",),
        "focal": (),
        "other": ("status",),
        "refractory": ("rse",),
        "super_refractory": ("srse",),
        "t1_convulsive": 10,
        "t1_focal": 5,
        "t2_convulsive": 60,
        "t2_focal": 30,
    },
    "ANTISEIZURE_ADEQUACY": {
        "doses": ANTIDEPRESSANT_ADEQUACY.doses,
        "children": None,
        "suitability": None,
        "min_days": 90,
        "min_adherence": 90,
        "missing_adherence": "undetermined",
        "missing_age": "adult",
        "half_lives": 0,
        "bound": ">",
        "clock": "first dose",
        "reduction": "pauses",
        "combination": "any drug",
        "seizure_types": "every",
        "adult_from": 16,
        "age": "years",
        "weight": "kg",
        "syndrome": "diagnosis",
        "epilepsy_type": "kind",
    },
    "HAMD17_REMISSION": {"scale": "MADRS", "threshold": 10, "bound": "<", "endpoint": EVER},
    "HAMD17_RESPONSE": {"scale": "MADRS", "improvement": 25, "bound": ">", "endpoint": LAST_OBSERVED, "under": 75},
    "HAMD17_SUSTAINED_REMISSION": {
        "scale": "MADRS",
        "threshold": 10,
        "bound": "<",
        "visits": 3,
        "days": 28,
        "max_gap_days": 30,
    },
    **{
        name: {
            "remission": FRANK_1991_REMISSION,
            "full_score": 15,
            "recovery_days": 183,
            "kept": "in remission",
            "confirm_days": None,
        }
        for name in ("ACNP_2006_RECOVERY", "HAMD17_RELAPSE", "ACNP_2006_RECURRENCE")
    },
    "HAMD17_SEVERITY_APA": {
        "scale": "MADRS",
        "endpoint": AT_BASELINE,
        "bands": HAMD17_SEVERITY_QIDS.bands,
        "at_least": "severe",
    },
    "HAMD17_ABOVE_REMISSION": {"scale": "MADRS", "above": 10},
    "RETENTION": {"day": 90, "treatment_no": 2},
    "SEIZURE_RESPONSE_50": {
        "reduction": 40,
        "bound": ">",
        "baseline": Period(-28, -1),
        "treatment": Period(0, 55),
        "min_observed": 90,
        "complete": True,
        "missing_days": "zero",
    },
    "SEIZURE_RESPONSE_100": {
        "baseline": Period(-28, -1),
        "treatment": Period(0, 55),
        "min_observed": 80,
        "complete": False,
    },
    "ILAE_2010_FREEDOM": {
        "min_days": 180,
        "times": 2,
        "lookback_days": 180,
        "min_observed": 80,
        "max_gap_days": 7,
        "interval_before": "first treatment",
    },
    "CANDIDACY": {
        "resistance": TWO_DRUGS_FAILED_ANY_REASON,
        "network": "EEG",
        "resectable": ("focal concordant lesion",),
        "other_networks": ("multifocal",),
        "unknown_networks": (),
        "hemisphere": "hemisphere",
        "hemispheric_syndromes": (),
        "drops": "falls",
        "encephalopathies": ("West syndrome",),
        "not_recorded": "undetermined",
        "syndrome": "diagnosis",
        "epilepsy_type": "type",
    },
    "REFERRAL": {
        "days": 90,
        "resistance": TWO_DRUGS_FAILED_ANY_REASON,
        "finding": "surgery centre",
        "earlier": "counts",
    },
    "APE2": {
        "name": "APE two",
        "at_least": 5,
        "items": (ScoreItem("viral prodrome", 4),),
        "resistance": TWO_DRUGS_FAILED_ANY_REASON,
        "not_recorded": "absent",
    },
    "IMMUNE_WORKUP": {
        "seizures": "seizures",
        "signs": ("inflammatory CSF",),
        "score": replace(APE2, at_least=5),
        "not_recorded": "absent",
    },
    "THERAPY_RESPONSE_50": {
        "reduction": 40,
        "bound": ">",
        "before": Period(-28, -1),
        "after": Period(0, 55),
        "min_observed": 90,
        "complete": True,
        "kinds": ("diet",),
    },
}


@pytest.mark.parametrize("name", VARIANTS)
def test_what_changes_the_answer_changes_the_label(name):
    """Two rules under one label would be added up as one in a table."""
    usual = PUBLISHED[name]
    changed = VARIANTS[name]
    labels = {field: replace(usual, **{field: value}).label for field, value in changed.items()}
    if name == "SEIZURE_RESPONSE_100":
        assert labels.pop("baseline") == usual.label, "freedom asks nothing of the baseline"
    assert len({usual.label, *labels.values()}) == 1 + len(labels)
    assert replace(usual, source="another").label == usual.label
    known = {field.name for field in fields(usual)} - {"source"}
    assert known - set(changed) <= {"reduction", "bound", "missing_days"}


def test_labels_in_words():
    assert HAMD17_REMISSION.at("week 4", "week 6").label == "HAMD17 remission (<= 7) at week 4 and week 6"
    assert HAMD17_RESPONSE.last_observed().label == "HAMD17 response (>= 50%) at the last rating"
    assert HAMD17_RESPONSE.ever().label == "HAMD17 response (>= 50%) at any rating after baseline"
    assert HAMD17_REMISSION.by_day(42).label == "HAMD17 remission (<= 7) by day 42"
    assert HAMD17_ABOVE_REMISSION.label == "HAMD17 above 7 at entry"
    assert RETENTION.label == "still on treatment 1"
    assert RETENTION.at(365).label == "still on treatment 1 after 365 days"
    assert SEIZURE_RESPONSE_50.label == "seizure rate reduced by >= 50%, days 0 to 83"
    assert SEIZURE_RESPONSE_100.label == "no seizures, days 0 to 83"
    assert ILAE_2010_FREEDOM.label == "sustained seizure freedom (ILAE 2010)"
    assert replace(ILAE_2010_FREEDOM, min_days=180).label == (
        "seizure freedom for 180 days or 3 times the longest earlier interval"
    )


def test_the_defaults_are_those_of_the_clinical_rules():
    assert (HAMD17_REMISSION.threshold, HAMD17_REMISSION.bound) == (7, "<=")
    assert (HAMD17_RESPONSE.improvement, HAMD17_RESPONSE.bound) == (50, ">=")
    rule = ILAE_2010_FREEDOM
    assert (rule.min_days, rule.times, rule.lookback_days, rule.min_observed, rule.max_gap_days) == (
        365,
        3,
        365,
        90,
        14,
    )
    assert (SEIZURE_RESPONSE_50.min_observed, SEIZURE_RESPONSE_100.min_observed) == (80, 90)
    assert SEIZURE_RESPONSE_100.complete
    assert Period(-56, -1).days == 56


FAULTS = {
    "no source, adequacy": (lambda: replace(ANTISEIZURE_ADEQUACY, source=""), "where it comes from"),
    "doses as a file": (lambda: replace(ANTISEIZURE_ADEQUACY, doses="mine.csv"), r"is a DoseTable \(read your own"),
    "no doses": (lambda: replace(ANTISEIZURE_ADEQUACY, doses=None), "doses is a DoseTable"),
    "half a day at the dose": (lambda: replace(ANTISEIZURE_ADEQUACY, min_days=2.5), "'min_days' must be whole"),
    "fewer than no half-lives": (lambda: replace(ANTISEIZURE_ADEQUACY, half_lives=-1), "at least 0"),
    "adherence as a share": (lambda: replace(ANTISEIZURE_ADEQUACY, min_adherence=0.8), "must be whole"),
    "adherence beyond all": (lambda: replace(ANTISEIZURE_ADEQUACY, min_adherence=101), "up to 100, not 101"),
    "another combination": (
        lambda: replace(ANTISEIZURE_ADEQUACY, combination="both"),
        "combination is one of .* not 'both'",
    ),
    "no source, remission": (lambda: Remission("HAMD17", None, " "), "where it comes from"),
    "no source, response": (lambda: Response("HAMD17", None, ""), "where it comes from"),
    "no source, entry": (lambda: AboveAtEntry("HAMD17", source=""), "where it comes from"),
    "no source, retention": (lambda: Retention(source=""), "where it comes from"),
    "no source, rate": (lambda: SeizureResponse(50), "where it comes from"),
    "no source, freedom": (SeizureFreedom, "where it comes from"),
    "unknown scale, remission": (lambda: Remission("HAMD", None, "x"), "no scale is called 'HAMD'; known are 'HAMD17'"),
    "unknown scale, response": (lambda: Response("HAMD", None, "x"), "no scale is called"),
    "unknown scale, entry": (lambda: AboveAtEntry("HAMD"), "no scale is called"),
    "threshold too high": (lambda: replace(HAMD17_REMISSION, threshold=53), r"53 lies outside HAMD17 \(0 to 52\)"),
    "threshold too low": (lambda: replace(HAMD17_REMISSION, threshold=-1), "-1 lies outside HAMD17"),
    "threshold not a number": (lambda: replace(HAMD17_REMISSION, threshold=float("nan")), "nan lies outside"),
    "threshold that nobody is below": (
        lambda: replace(HAMD17_REMISSION, threshold=0, bound="<"),
        "no HAMD17 total is below 0",
    ),
    "bound of remission": (lambda: replace(HAMD17_REMISSION, bound=">="), "bound is '<=' or '<', not '>='"),
    "an endpoint as text": (
        lambda: replace(HAMD17_REMISSION, endpoint="week 6"),
        r"'week 6' is not an endpoint; use \.at",
    ),
    "improvement of nothing": (lambda: replace(HAMD17_RESPONSE, improvement=0), "above 0 and up to 100, not 0"),
    "improvement of more than all": (lambda: replace(HAMD17_RESPONSE, improvement=101), "up to 100, not 101"),
    "bound of response": (lambda: replace(HAMD17_RESPONSE, bound="<="), "bound is '>=' or '>', not '<='"),
    "improvement by more than all": (lambda: replace(HAMD17_RESPONSE, improvement=100, bound=">"), "by more than 100"),
    "entry above the highest score": (lambda: AboveAtEntry("HAMD17", above=52), "52 lies outside HAMD17"),
    "retention on day 0": (lambda: RETENTION.at(0), "at least 1"),
    "treatment 0": (lambda: Retention(treatment_no=0), "at least 1"),
    "half a day of retention": (lambda: RETENTION.at(90.5), "'day' must be whole, not 90.5"),
    "a period backwards": (lambda: Period(5, 4), "from day 5 cannot end on day 4"),
    "a period of half days": (lambda: Period(0, 4.5), "'to_day' must be whole"),
    "reduction of nothing": (lambda: replace(SEIZURE_RESPONSE_50, reduction=0), "reduction is a percentage above 0"),
    "reduction of more than all": (lambda: replace(SEIZURE_RESPONSE_50, reduction=150), "up to 100, not 150"),
    "bound of a rate": (lambda: replace(SEIZURE_RESPONSE_50, bound="="), "bound is '>=' or '>', not '='"),
    "a rate reduced by more than all": (lambda: replace(SEIZURE_RESPONSE_100, bound=">"), "by more than 100"),
    "no day observed": (lambda: replace(SEIZURE_RESPONSE_50, min_observed=0), "min_observed is a percentage above 0"),
    "a share of days": (lambda: replace(SEIZURE_RESPONSE_50, min_observed=0.8), "'min_observed' must be whole"),
    "periods that overlap": (lambda: SEIZURE_RESPONSE_50.between(Period(-28, 0), Period(0, 27)), "must end before"),
    "freedom of no day": (lambda: replace(ILAE_2010_FREEDOM, min_days=0), "at least 1"),
    "no look-back": (lambda: replace(ILAE_2010_FREEDOM, lookback_days=0), "at least 1"),
    "fewer than no times": (lambda: replace(ILAE_2010_FREEDOM, times=-1), "at least 0"),
    "gaps below none": (lambda: replace(ILAE_2010_FREEDOM, max_gap_days=-1), "at least 0"),
    "half a time": (lambda: replace(ILAE_2010_FREEDOM, times=2.5), "'times' must be whole, not 2.5"),
    "a run recorded beyond all": (lambda: replace(ILAE_2010_FREEDOM, min_observed=101), "up to 100, not 101"),
    "an interval before another treatment": (
        lambda: replace(ILAE_2010_FREEDOM, interval_before="last treatment"),
        "interval_before is 'each treatment' or 'first treatment', not 'last treatment'",
    ),
    "no source, n-th seizure": (NthSeizure, "where it comes from"),
    "no seizure waited for": (lambda: NthSeizure(0, source="x"), "at least 1, not 0"),
    "half a seizure": (lambda: NthSeizure(1.5, source="x"), "'number' must be whole"),
    "seizures up to a day before": (lambda: NthSeizure(1, to_day=3, from_day=4, source="x"), "up to a later one"),
    "seizures before day 0": (lambda: NthSeizure(1, from_day=-1, source="x"), "from a day, 0 or later"),
    "a baseline that goes on": (lambda: NthSeizure(baseline=Period(-28, 0), source="x"), "must end before"),
    "another rounding": (lambda: NthSeizure(rounding="down", source="x"), "rounding is 'up' or 'nearest', not 'down'"),
    "no source, eligibility": (DiaryEligibility, "where it comes from"),
    "a baseline of no months": (
        lambda: replace(CENOBAMATE_C017_ELIGIBILITY, baseline=Period(-60, -1)),
        "60 days cannot be told in stretches of 28 days",
    ),
    "fewer than no seizures": (lambda: replace(CENOBAMATE_C017_ELIGIBILITY, min_seizures=-1), "at least 0"),
    "fewer than no free days": (lambda: replace(CENOBAMATE_C017_ELIGIBILITY, max_free_days=-1), "at least 0"),
    "another thin diary": (lambda: replace(CENOBAMATE_C017_ELIGIBILITY, thin_diary="met"), "thin_diary is 'not met'"),
    "no source, clusters": (ClusterDays, "where it comes from"),
    "a cluster of one": (lambda: ClusterDays(1, source="x"), "at least 2 seizures"),
    "a cluster within no day": (lambda: ClusterDays(days=0, source="x"), "at least 1 day"),
    "no source, status epilepticus": (StatusEpilepticus, "where it comes from"),
    "t1 after t2": (lambda: replace(STATUS_EPILEPTICUS, t1_convulsive=31), "at or before t2, not 31 and 30 minutes"),
    "a status at once": (lambda: replace(STATUS_EPILEPTICUS, t1_focal=0), "t1 lies above 0"),
    "a name twice": (
        lambda: replace(STATUS_EPILEPTICUS, focal=("Status epilepticus",)),
        "stands for one kind of status epilepticus only",
    ),
    "missing days of freedom": (
        lambda: replace(SEIZURE_RESPONSE_100, missing_days="zero"),
        "judged on recorded days alone",
    ),
    "another missing day": (
        lambda: replace(SEIZURE_RESPONSE_50, missing_days="none"),
        "missing_days is 'observed rate' or 'zero' or 'baseline rate', not 'none'",
    ),
    "at no visit": (HAMD17_REMISSION.at, "names at least one visit"),
    "visits without at": (lambda: Endpoint("ever", ("week 6",)), "no other kind does"),
    "a visit twice": (lambda: HAMD17_REMISSION.at("week 6", "week 6"), "names a visit once"),
    "by no day": (lambda: Endpoint("by day"), "names a day"),
    "a day without by day": (lambda: Endpoint("ever", day=4), "no other kind does"),
    "by day 0": (lambda: HAMD17_REMISSION.by_day(0), "needs a day after baseline, not 0"),
    "by no number": (lambda: HAMD17_REMISSION.by_day(float("nan")), "needs a day after baseline"),
    "by the end of time": (lambda: HAMD17_REMISSION.by_day(float("inf")), "needs a day after baseline"),
    "a response at baseline": (HAMD17_RESPONSE.at_baseline, "cannot be asked for at baseline"),
    "no fall between": (lambda: replace(HAMD17_RESPONSE, under=50), "no fall is >= 50 and below 50 percent"),
    "bands of no scale": (lambda: Severity("HAMD17", None, "x"), "bands are some of"),
    "bands that fall": (
        lambda: Severity("HAMD17", None, "x", (("none", 0), ("mild", 8), ("severe", 8)), "mild"),
        "begin at 0 and rise",
    ),
    "bands out of order": (
        lambda: replace(HAMD17_SEVERITY_QIDS, bands=(("mild", 0), ("none", 8))),
        r"each once and in that order, not \['mild', 'none'\]",
    ),
    "bands beyond the scale": (
        lambda: replace(HAMD17_SEVERITY_QIDS, scale="PHQ-9", bands=(("none", 0), ("mild", 28))),
        "27 at most",
    ),
    "a band that is not there": (
        lambda: replace(HAMD17_SEVERITY_QIDS, at_least="moderately severe"),
        "names one of the bands",
    ),
    "remission that lasts for no visit": (lambda: replace(FRANK_1991_REMISSION, visits=0), "at least 1"),
    "remission that lasts half a day": (lambda: replace(FRANK_1991_REMISSION, days=0.5), "'days' must be whole"),
    "remission out of range": (lambda: replace(FRANK_1991_REMISSION, threshold=60), "60 lies outside HAMD17"),
    "remission under an odd bound": (lambda: replace(FRANK_1991_REMISSION, bound=">"), "bound is '<=' or '<'"),
    "no source, lasting": (lambda: replace(FRANK_1991_REMISSION, source=""), "where it comes from"),
    "no source, relapse": (lambda: replace(HAMD17_RELAPSE, source=""), "where it comes from"),
    "a relapse into remission": (lambda: replace(HAMD17_RELAPSE, full_score=7), r"above remission \(7\) and up to 52"),
    "a relapse from another criterion": (
        lambda: replace(HAMD17_RELAPSE, remission=HAMD17_REMISSION),
        "remission is a SustainedRemission",
    ),
    "a recovery without days": (lambda: replace(ACNP_2006_RECOVERY, recovery_days=None), "names its recovery_days"),
    "a recurrence without recovery": (lambda: replace(ACNP_2006_RECURRENCE, recovery_days=None), "follows a recovery"),
    "a recovery at once": (lambda: replace(ACNP_2006_RECOVERY, recovery_days=0), "at least 1"),
    "a recovery kept oddly": (
        lambda: replace(ACNP_2006_RECOVERY, kept="somehow"),
        "'without return' or 'in remission'",
    ),
    "another endpoint": (lambda: Endpoint("sometimes"), "not 'sometimes'"),
}


@pytest.mark.parametrize(("make", "message"), FAULTS.values(), ids=FAULTS)
def test_a_criterion_that_contradicts_itself_cannot_be_made(make, message):
    with pytest.raises(CriterionError, match=message):
        make()


def test_nothing_classifies_what_is_no_criterion():
    with pytest.raises(CriterionError, match="nothing classifies a Period"):
        classify(diary_study({"a": [(0, 1, 0)]}), Period(0, 1))
