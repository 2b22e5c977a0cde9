"""Criteria: frozen, checked when they are made, told apart by their labels, each with someone who answers for it."""

import ast
import inspect
from dataclasses import FrozenInstanceError, fields, is_dataclass, replace
from pathlib import Path

import pytest

import cohort.criteria
from cohort.criteria import (
    EVER,
    HAMD17_ABOVE_REMISSION,
    HAMD17_REMISSION,
    HAMD17_RESPONSE,
    ILAE_2010_FREEDOM,
    LAST_OBSERVED,
    PUBLISHED,
    RETENTION,
    SEIZURE_RESPONSE_50,
    SEIZURE_RESPONSE_100,
    AboveAtEntry,
    Endpoint,
    Period,
    Remission,
    Response,
    Retention,
    SeizureFreedom,
    SeizureResponse,
)
from cohort.errors import CriterionError
from cohort.outcomes.registry import CLASSIFIERS, classify
from tests.outcomes.small_studies import diary_study

CLASSES = [AboveAtEntry, Remission, Response, Retention, SeizureFreedom, SeizureResponse]
FOLDER = Path(inspect.getfile(cohort.criteria)).parent


def defined_classes():
    """Every public class of the room: the criteria, and the parts that they are made of."""
    names = set()
    for path in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                names.add(node.name)
    return names - {"Criterion"}


def test_every_criterion_class_has_a_classifier():
    assert defined_classes() == {each.__name__ for each in CLASSES} | {"Endpoint", "Period"}
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


VARIANTS = {
    "HAMD17_REMISSION": {"scale": "MADRS", "threshold": 10, "bound": "<", "endpoint": EVER},
    "HAMD17_RESPONSE": {"scale": "MADRS", "improvement": 25, "bound": ">", "endpoint": LAST_OBSERVED},
    "HAMD17_ABOVE_REMISSION": {"scale": "MADRS", "above": 10},
    "RETENTION": {"day": 90, "treatment_no": 2},
    "SEIZURE_RESPONSE_50": {
        "reduction": 40,
        "bound": ">",
        "baseline": Period(-28, -1),
        "treatment": Period(0, 55),
        "min_observed": 90,
        "complete": True,
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
    assert known - set(changed) <= {"reduction", "bound"}


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
    "at no visit": (HAMD17_REMISSION.at, "names at least one visit"),
    "visits without at": (lambda: Endpoint("ever", ("week 6",)), "no other kind does"),
    "a visit twice": (lambda: HAMD17_REMISSION.at("week 6", "week 6"), "names a visit once"),
    "by no day": (lambda: Endpoint("by day"), "names a day"),
    "a day without by day": (lambda: Endpoint("ever", day=4), "no other kind does"),
    "by day 0": (lambda: HAMD17_REMISSION.by_day(0), "needs a day after baseline, not 0"),
    "by no number": (lambda: HAMD17_REMISSION.by_day(float("nan")), "needs a day after baseline"),
    "by the end of time": (lambda: HAMD17_REMISSION.by_day(float("inf")), "needs a day after baseline"),
    "another endpoint": (lambda: Endpoint("sometimes"), "not 'sometimes'"),
}


@pytest.mark.parametrize(("make", "message"), FAULTS.values(), ids=FAULTS)
def test_a_criterion_that_contradicts_itself_cannot_be_made(make, message):
    with pytest.raises(CriterionError, match=message):
        make()


def test_nothing_classifies_what_is_no_criterion():
    with pytest.raises(CriterionError, match="nothing classifies a Period"):
        classify(diary_study({"a": [(0, 1, 0)]}), Period(0, 1))
