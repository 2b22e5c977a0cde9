"""Responses to therapies that are no drugs, counted from their own start; and that none of them counts as a drug."""

from dataclasses import replace

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from cohort.closed_lists import TREATMENT_KINDS
from cohort.criteria import (
    ILAE_2010_RESISTANCE,
    SEIZURE_RESPONSE_50,
    THERAPY_RESPONSE_50,
    TWO_DRUGS_FAILED_ANY_REASON,
    Period,
    TherapyResponse,
)
from cohort.errors import CriterionError
from cohort.outcomes.explain import explain
from cohort.outcomes.registry import classify
from cohort.records.study import Study
from cohort.schemas import SEIZURES, SUBJECTS, TREATMENTS
from tests.outcomes.small_studies import daily

WHAT = ("subject_id", "treatment_no", "verdict", "value", "day")


def study(diary, treatments, last=None):
    """`diary`: (subject, days with seizures, first, last day); `treatments`: (subject, no, name, kind, start, stop)."""
    rows = [(who, *row, None) for who, on, first, end in diary for row in daily(first, end, on)]
    courses = [(*row[:4], None, *row[4:], None if row[5] is None else "inefficacy", None) for row in treatments]
    subjects = [(who, None, None, last) for who in sorted({who for who, *_ in diary})]
    return Study(
        name="therapies",
        subjects=pl.DataFrame(subjects, schema=SUBJECTS.schema, orient="row"),
        seizures=pl.DataFrame(rows, schema=SEIZURES.schema, orient="row"),
        treatments=pl.DataFrame(courses, schema=TREATMENTS.schema, orient="row"),
    )


def test_half_of_the_seizures_gone_after_the_start_of_a_diet():
    """8 seizures in 56 days, then 6 in 84 days: 4 and 2 per 28 days."""
    before, after = range(144, 200, 7), range(200, 284, 14)
    made = study(
        [("a", {*before, *after}, 0, 400)],
        [("a", 1, "valproate", "drug", 0, None), ("a", 2, "ketogenic diet", "diet", 200, None)],
    )
    assert classify(made, THERAPY_RESPONSE_50).select(WHAT).rows() == [("a", 2, "met", -50, 283)]
    strictly = replace(THERAPY_RESPONSE_50, bound=">")
    assert classify(made, strictly)["verdict"].item() == "not met"
    assert classify(made, THERAPY_RESPONSE_50, as_of=250)["verdict"].item() == "undetermined"
    assert classify(made, THERAPY_RESPONSE_50, as_of=199).is_empty()
    assert "Treatment 2: met on day 283" in explain(made, THERAPY_RESPONSE_50, "a")


def test_a_therapy_from_day_0_is_judged_as_a_seizure_response():
    made = study(
        [("a", {*range(-56, 0, 5), *range(0, 84, 20)}, -56, 83), ("b", {-3, 4, 5, 6}, -56, 83), ("c", {1}, -56, 83)],
        [(who, 1, "VNS", "stimulation", 0, None) for who in "abc"],
    )
    ours = ["subject_id", "verdict", "category", "value", "day", "reason"]
    expected = classify(made, SEIZURE_RESPONSE_50).select(ours)
    assert_frame_equal(classify(made, THERAPY_RESPONSE_50).select(ours), expected)


def test_two_therapies_of_one_subject_are_judged_each_from_its_start():
    made = study(
        [("a", {*range(0, 100, 4), *range(200, 300, 4)}, 0, 400)],
        [("a", 1, "resection", "surgery", 100, None), ("a", 2, "VNS", "stimulation", 300, None)],
    )
    rule = THERAPY_RESPONSE_50
    assert classify(made, rule).select(WHAT).rows() == [("a", 1, "met", -100, 183), ("a", 2, "met", -100, 383)]
    later = replace(rule, after=Period(84, 200))
    assert classify(made, later)["verdict"].to_list() == ["not met", "undetermined"]
    assert classify(made, replace(rule, kinds=("surgery",)))["treatment_no"].to_list() == [1]


def test_without_such_a_therapy_there_is_nothing_to_judge():
    made = study([("a", {1}, -56, 100)], [("a", 1, "valproate", "drug", 0, None)])
    with pytest.raises(CriterionError, match="nobody has a treatment of the kinds 'diet'"):
        classify(made, THERAPY_RESPONSE_50)
    with pytest.raises(CriterionError, match="'device' are no kinds of treatment"):
        classify(made, replace(THERAPY_RESPONSE_50, kinds=("device",)))
    with pytest.raises(CriterionError, match="in a tuple"):
        TherapyResponse(kinds="diet", source="here")
    with pytest.raises(CriterionError, match="end before day 0"):
        replace(THERAPY_RESPONSE_50, after=Period(-1, 20))
    with pytest.raises(CriterionError, match="up to 100"):
        replace(THERAPY_RESPONSE_50, reduction=0)


@pytest.mark.parametrize("kind", [kind for kind in TREATMENT_KINDS if kind != "drug"])
def test_a_therapy_is_never_counted_among_the_two_drugs(kind):
    """One adequate failure of a drug and failed therapies do not make resistance; a second drug does."""
    seizures = range(-50, 700, 10)
    drugs = [("a", 1, "levetiracetam", "drug", 0, 199), ("a", 3, "lamotrigine", "drug", 400, 599)]
    therapy = ("a", 2, "therapy", kind, 200, 399)
    one = _adults(study([("a", set(seizures), -60, 700)], [drugs[0], therapy]))
    two = _adults(study([("a", set(seizures), -60, 700)], [drugs[0], therapy, drugs[1]]))
    for rule in (ILAE_2010_RESISTANCE, TWO_DRUGS_FAILED_ANY_REASON):
        assert classify(one, rule)["verdict"].item() == "not met", rule.label
        assert classify(two, rule)["verdict"].item() == "met", rule.label


def _adults(made):
    covariates = {"age": 40.0, "epilepsy_type": "focal"}
    return replace(
        made,
        subjects=made.subjects.with_columns(**{name: pl.lit(told) for name, told in covariates.items()}),
        treatments=made.treatments.with_columns(daily_dose=pl.when(kind="drug").then(2000.0), adherence=pl.lit(1.0)),
    )
