"""Counting outcomes of successive treatments: by hand, against the slow definition, and what is refused."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyses.estimates.successive.counts import PATTERNS, counting_notes, patterns, step_counts
from cohort.closed_lists import REASON, VERDICT
from cohort.errors import EstimationError
from synthetic_data.succession.histories import INTOLERANCE, OTHER, REMISSION, draw_histories

INTOLERANT = "stopped for intolerance"


def outcomes(*rows):
    """Return outcomes of (subject, treatment number, verdict[, reason])."""
    full = [(*row, "")[:4] for row in rows]
    schema = {"subject_id": pl.String(), "treatment_no": pl.Int64(), "verdict": VERDICT, "reason": REASON}
    return pl.DataFrame(full, schema=schema, orient="row")


def table(tried, met, **more):
    return pl.DataFrame({"treatment_no": range(1, len(tried) + 1), "tried": tried, "met": met, **more})


def drawn_outcomes(succession, subjects, seed):
    """Return outcomes of drawn histories; who leaves during a treatment is undetermined."""
    drawn = draw_histories(succession, subjects, np.random.default_rng(seed))
    who, step = np.nonzero(drawn.taken)
    result = drawn.result[who, step]
    words = np.where(result == REMISSION, "met", np.where(result == OTHER, "undetermined", "not met"))
    reason = np.where(result == INTOLERANCE, INTOLERANT, "")
    frame = {"subject_id": who.astype(str), "treatment_no": step + 1, "verdict": words, "reason": reason}
    return pl.DataFrame(frame)


SMALL = outcomes(
    ("a", 1, "not met"),
    ("a", 2, "undetermined"),
    ("a", 3, "met"),
    ("b", 2, "met"),
    ("b", 1, "not met", INTOLERANT),
    ("c", 1, "met"),
    ("d", 1, "undetermined", INTOLERANT),
)


def test_patterns_of_four_subjects_by_hand():
    assert patterns(SMALL).columns == list(PATTERNS)
    assert patterns(SMALL).rows() == [
        # treatment, failures, previous; tried, met, not met, undetermined, intolerance
        (1, 0, "none", 4, 1, 1, 0, 2),
        (2, 0, "intolerance", 1, 1, 0, 0, 0),
        (2, 1, "inefficacy", 1, 0, 0, 1, 0),
        (3, 1, "undetermined", 1, 1, 0, 0, 0),
    ]


def test_steps_of_four_subjects_by_hand():
    (steps,) = step_counts(SMALL)
    assert (steps.label, steps.cohort) == (None, 4)
    assert steps.tried.tolist() == [4, 2, 1]
    assert steps.met.tolist() == [1, 1, 1]
    assert steps.not_met.tolist() == [1, 0, 0]
    assert steps.undetermined.tolist() == [0, 1, 0]
    assert steps.intolerance.tolist() == [2, 0, 0]


def test_an_undetermined_verdict_after_intolerance_is_told():
    assert counting_notes(SMALL) == (
        "1 treatments that were stopped for intolerance have an undetermined verdict; they count as tried and stopped "
        "for intolerance",
    )
    assert counting_notes(table([10], [1])) == ()


def test_the_stop_reason_tells_intolerance_but_not_where_the_drug_failed_as_well():
    rows = outcomes(("a", 1, "not met"), ("b", 1, "not met"), ("c", 1, "met"), ("d", 1, "not met"))
    stops = ["intolerance", "inefficacy and intolerance", "intolerance", None]
    (steps,) = step_counts(rows.with_columns(stop_reason=pl.Series(stops)))
    assert (steps.met.tolist(), steps.not_met.tolist(), steps.intolerance.tolist()) == ([1], [2], [1])


def test_what_comes_after_a_met_treatment_is_no_step():
    rows = outcomes(("a", 1, "met"), ("a", 2, "not met"), ("b", 1, "not met"), ("b", 2, "met"), ("b", 3, "met"))
    (steps,) = step_counts(rows)
    assert steps.tried.tolist() == [2, 1]
    (note,) = counting_notes(rows)
    assert note.startswith("2 of 5 treatments came after one that met")


def test_covariates_are_taken_from_the_outcomes_or_from_the_subjects():
    sex = pl.DataFrame({"subject_id": ["a", "b", "c", "d"], "sex": ["f", "f", "m", "m"]})
    apart = patterns(SMALL, covariates=["sex"], subjects=sex)
    assert apart.equals(patterns(SMALL.join(sex, on="subject_id"), covariates=["sex"]))
    assert apart.filter(treatment_no=1).select("sex", "tried", "met").rows() == [("f", 2, 0), ("m", 2, 1)]
    with pytest.raises(EstimationError, match="1 outcomes belong to subjects without covariates, as 'd'"):
        patterns(SMALL, covariates=["sex"], subjects=sex.head(3))
    with pytest.raises(EstimationError, match="several rows"):
        patterns(SMALL, covariates=["sex"], subjects=pl.concat([sex, sex]))
    with pytest.raises(EstimationError, match="'sex'"):
        patterns(SMALL, covariates=["sex"])


def test_a_published_table_takes_every_earlier_treatment_as_failed():
    found = patterns(table([10, 6], [3, 1]))
    assert found.select(PATTERNS[:3]).rows() == [(1, 0, "none"), (2, 1, None)]
    assert found["not_met"].to_list() == [7, 5]


def test_counts_that_are_not_given_are_none_and_the_rest_is_not_met():
    found = patterns(table([10, 6], [3, 1], intolerance=[2, None], undetermined=[None, 1], not_met=[None, 4]))
    assert found["not_met"].to_list() == [5, 4]
    assert found["intolerance"].to_list() == [2, 0]


def test_treatments_that_nobody_started_are_dropped():
    (steps,) = step_counts(table([10, 6, 0, 0], [3, 6, 0, 0]))
    assert steps.tried.tolist() == [10, 6]


def test_cohorts_come_in_the_order_of_the_levels():
    levels = pl.Enum(["late", "early", "never"])
    rows = pl.DataFrame(
        {"when": ["early", "late", "early", None], "treatment_no": [1, 1, 2, 1], "tried": [5, 9, 2, 7], "met": 1},
        schema_overrides={"when": levels},
    )
    found = step_counts(rows, by="when")
    assert [(steps.label, steps.cohort) for steps in found] == [("late", 9), ("early", 5)]
    same = pl.concat([SMALL.with_columns(site=pl.lit("x")), SMALL.with_columns(site=pl.lit("y"))])
    assert [steps.cohort for steps in step_counts(same, by="site")] == [4, 4]  # a subject_id may repeat over cohorts
    assert len(counting_notes(same, by="site")) == 1


@st.composite
def histories(draw):
    """Return outcomes of subjects in any order, with the kind of each row."""
    kinds = st.sampled_from(["met", "not met", "undetermined", "intolerance"])
    told = draw(st.lists(st.lists(kinds, min_size=1, max_size=5), min_size=1, max_size=12))
    rows = [(f"s{who}", k, kind) for who, row in enumerate(told) for k, kind in enumerate(row, start=1)]
    return draw(st.permutations(rows))


def as_outcomes(rows):
    named = [(*row[:2], "not met", INTOLERANT) if row[2] == "intolerance" else row for row in rows]
    return outcomes(*named)


def slow(rows):
    """Count by going through each subject's treatments, one by one."""
    names = {"met": "met", "not met": "not_met", "undetermined": "undetermined", "intolerance": "intolerance"}
    ended = {"not met": "inefficacy", "intolerance": "intolerance", "undetermined": "undetermined"}
    found: dict[tuple[int, int, str], dict[str, int]] = {}
    for who in {row[0] for row in rows}:
        failures, previous = 0, "none"
        for _, number, kind in sorted(row for row in rows if row[0] == who):
            counts = found.setdefault((number, failures, previous), dict.fromkeys(PATTERNS[3:], 0))
            counts["tried"] += 1
            counts[names[kind]] += 1
            if kind == "met":
                break
            failures += kind == "not met"
            previous = ended[kind]
    return {key: tuple(counts.values()) for key, counts in found.items()}


@settings(max_examples=60, deadline=None)
@given(histories())
def test_fast_counts_equal_the_slow_definition_and_count_again_to_themselves(rows):
    counted = patterns(as_outcomes(rows))
    assert {row[:3]: row[3:] for row in counted.rows()} == slow(rows)
    assert patterns(counted).equals(counted)
    (steps,) = step_counts(as_outcomes(rows))
    (again,) = step_counts(counted)
    assert steps.tried.tolist() == again.tried.tolist()
    assert (steps.tried == steps.met + steps.not_met + steps.undetermined + steps.intolerance).all()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (outcomes(("a", 1, "met"), ("a", 1, "met")), "1 subjects, as 'a', have treatment numbers"),
        (outcomes(("a", 2, "met"), ("b", 1, "met")), "not 1, 2 .. without a gap"),
        (outcomes(("a", None, "met")), "1 of 1 outcomes have no treatment_no"),
        (outcomes(("a", 1, None)), "have no verdict"),
        (outcomes(("a", 1, "met")).with_columns(verdict=pl.lit("yes")), "1 verdicts are unknown: 'yes'"),
        (
            pl.concat([SMALL.with_columns(criterion=pl.lit(name)) for name in ("x", "y")]),
            "rows of 2 criterion values were given",
        ),
        (table([5], [6]), "more met"),
        (table([5, 5], [1, 1]), "5 started treatment 2, and 4 were left"),
        (table([5], [1], not_met=[3]), "do not add up"),
        (table([5.5], [1]), "1 values of tried are no counts"),
        (table([-5], [1]), "1 values of tried are no counts"),
        (table([None], [1]), "1 of 1 rows have no tried"),
        (table(["many"], [1]), "tried is String"),
        (table([0], [0]), "0 subjects started treatment 1"),
        (table([5], [1], failures=[1]), "as many failures as treatments"),
        (table([5, 2], [1, 1], previous=["none", "boredom"]), "'boredom'"),
        (table([5, 2], [1, 1], previous=["none", "none"]), "it is for treatment 1 alone"),
        (table([5, 2], [1, 1]).tail(1), "treatment numbers are 2; expected 1, 2"),
        (table([5, 2], [1, 1], study=["x", "y"]), "rows of 2 study values"),
        (table([5], [1]).drop("met"), "'met' is not among the columns"),
        (table([5], [1]).clear(), "there are 0 rows"),
        (outcomes(), "there are 0 rows"),
    ],
)
def test_what_cannot_be_counted_is_refused_with_the_reason(data, said):
    with pytest.raises(EstimationError, match=said):
        step_counts(data)
