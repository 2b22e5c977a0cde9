"""What each treatment changed, worked by hand."""

import polars as pl
import pytest

from cohort import steps
from cohort.errors import CriterionError
from cohort.records.study import Study
from cohort.schemas import TREATMENTS


def clinic(*rows):
    """`rows`: (treatment_no, drug, start, stop)."""
    courses = [
        ("a", no, drug, "stimulation" if drug == "VNS device" else "drug", None, start, stop, None, None)
        for no, drug, start, stop in rows
    ]
    return Study(
        name="one",
        subjects=pl.DataFrame({"subject_id": ["a"]}),
        treatments=pl.DataFrame(courses, schema=TREATMENTS.schema, orient="row"),
    )


def told(*rows, column="step", **asked):
    return steps(clinic(*rows), **asked)[column].to_list()


def test_the_first_treatment_is_no_step():
    assert told((1, "CBZ", 0, 99)) == []
    assert steps(clinic()).height == 0


STEPS = {
    "one drug for another": ([(1, "CBZ", 0, 99), (2, "LEV", 100, None)], "substitution"),
    "a second drug beside the first": ([(1, "CBZ", 0, 99), (2, "CBZ", 100, None), (2, "LEV", 100, None)], "add-on"),
    "the first goes on as a course of its own": ([(1, "CBZ", 0, None), (2, "LEV", 100, None)], "add-on"),
    "the first is tapered off under the second": ([(1, "CBZ", 0, 128), (2, "LEV", 100, None)], "substitution"),
    "the first goes on for longer than a taper": ([(1, "CBZ", 0, 129), (2, "LEV", 100, None)], "add-on"),
    "two drugs, then one of them": ([(1, "CBZ", 0, 99), (1, "LEV", 0, 99), (2, "LEV", 100, None)], "removal"),
    "the same drug under another name": ([(1, "CBZ", 0, 99), (2, "Tegretol", 100, None)], "dose change"),
    "one of two exchanged": (
        [(1, "CBZ", 0, 99), (1, "LEV", 0, 99), (2, "LEV", 100, None), (2, "VPA", 100, None)],
        "substitution",
    ),
    "a device beside the drugs": ([(1, "CBZ", 0, None), (2, "VNS device", 100, None)], "add-on"),
}


@pytest.mark.parametrize(("rows", "step"), STEPS.values(), ids=STEPS)
def test_steps(rows, step):
    assert told(*rows) == [step]


def test_an_overlap_is_a_parameter():
    assert told((1, "CBZ", 0, 128), (2, "LEV", 100, None), overlap_days=27) == ["add-on"]
    assert told((1, "CBZ", 0, 100), (2, "LEV", 100, None), overlap_days=0) == ["substitution"]


def test_what_was_taken_added_and_dropped():
    rows = (1, "CBZ", 0, 99), (1, "LEV", 0, 99), (2, "LEV", 100, None), (2, "VPA", 100, None)
    found = steps(clinic(*rows)).row(0, named=True)
    assert (found["before"], found["added"], found["dropped"], found["start"]) == (
        ["carbamazepine", "levetiracetam"],
        ["valproate"],
        ["carbamazepine"],
        100,
    )


MECHANISMS = {
    "fast after fast": (("CBZ", "OXC"), True),
    "slow after fast": (("CBZ", "LCM"), False),
    "another target": (("CBZ", "LEV"), False),
    "the same drug again after another": (("CBZ", "LEV", "CBZ"), True),
    "any earlier counts, not the last alone": (("CBZ", "LEV", "OXC"), True),
    "a drug of several mechanisms": (("CBZ", "VPA"), False),
    "two drugs of several mechanisms": (("VPA", "TPM"), True),
    "a drug that is not known": (("CBZ", "something"), None),
    "antidepressants": (("citalopram", "sertraline"), True),
}


@pytest.mark.parametrize(("drugs", "answer"), MECHANISMS.values(), ids=MECHANISMS)
def test_the_mechanism_is_that_of_an_earlier_drug_or_another(drugs, answer):
    rows = [(no, drug, 100 * no, 100 * no + 99) for no, drug in enumerate(drugs, 1)]
    assert told(*rows, column="same_mechanism")[-1] is answer


SEVERAL = {
    "after one mechanism": (("CBZ", "VPA"), None),
    "after another": (("VPA", "TPM"), None),
    "one mechanism after it": (("VPA", "CBZ"), None),
    "after it, the same as an earlier one": (("CBZ", "VPA", "PHT"), True),
}


@pytest.mark.parametrize(("drugs", "answer"), SEVERAL.values(), ids=SEVERAL)
def test_what_a_drug_of_several_mechanisms_shares_can_be_left_open(drugs, answer):
    rows = [(no, drug, 100 * no, 100 * no + 99) for no, drug in enumerate(drugs, 1)]
    assert told(*rows, column="same_mechanism", several="not told")[-1] is answer


def test_classes_are_broader_than_mechanisms():
    rows = (1, "CBZ", 0, 99), (2, "LCM", 100, None)
    assert told(*rows, column="same_mechanism", by="drug_class") == [True]


def test_where_nothing_is_added_no_mechanism_is_compared():
    assert told((1, "CBZ", 0, 99), (2, "CBZ", 100, None), column="same_mechanism") == [None]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"several": "alike"}, "'own class' or 'not told', not 'alike'"),
        ({"by": "target"}, "by 'mechanism' or 'drug_class', not 'target'"),
        ({"overlap_days": -1}, "from 0 up, not -1"),
    ],
)
def test_steps_that_cannot_be_told(asked, message):
    with pytest.raises(CriterionError, match=message):
        steps(clinic((1, "CBZ", 0, 99)), **asked)


def test_subjects_are_told_apart():
    one, other = clinic((1, "CBZ", 0, None)), clinic((2, "OXC", 100, None))
    both = pl.concat([one.treatments, other.treatments.with_columns(subject_id=pl.lit("b"))])
    study = Study(name="two", subjects=pl.DataFrame({"subject_id": ["a", "b"]}), treatments=both)
    assert steps(study).is_empty()
