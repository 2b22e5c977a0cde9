"""Agreement of definitions: by hand, against printed values, against statsmodels."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.inter_rater import cohens_kappa as reference_kappa

from analyses.estimates.agreement import agreement, cohens_kappa
from cohort.errors import EstimationError

# Rows of three definitions of six subjects.
SAID = {
    "a": ["met", "met", "met", "not met", "not met", "undetermined"],
    "b": ["met", "met", "not met", "not met", "undetermined", "undetermined"],
    "c": ["met"] * 6,
}


def outcomes(said=SAID, column="verdict"):
    rows = [(name, f"s{i}", word) for name, words in said.items() for i, word in enumerate(words)]
    frame = pl.DataFrame(rows, schema=["criterion", "subject_id", column], orient="row")
    return frame if column == "verdict" else frame.with_columns(verdict=pl.lit("met"))


def test_shares_are_of_all_units():
    found = agreement(outcomes(), undetermined="excluded")
    share = found.frame.filter(statistic="share", criterion="b").select("term", "events", "n").rows()
    assert share == [("met", 2, 6), ("not met", 2, 6), ("undetermined", 2, 6)]


def test_the_cross_table_by_hand():
    found = agreement(outcomes(), undetermined="excluded").frame.filter(statistic="units", criterion="b", reference="a")
    cells = {(term, group): n for term, group, n in found.select("term", "group", "events").rows() if n}
    assert cells == {
        ("met", "met"): 2,
        ("not met", "met"): 1,
        ("not met", "not met"): 1,
        ("undetermined", "not met"): 1,
        ("undetermined", "undetermined"): 1,
    }
    assert set(found["n"]) == {6}


def test_agreement_and_kappa_without_the_undetermined():
    """Four units that both decide: 2 met, 1 not met, 1 apart; p_o = 3/4, p_e = (2 * 3 + 2 * 1) / 16 = 1/2."""
    found = agreement(outcomes(), undetermined="excluded")
    pair = {"criterion": "b", "reference": "a"}
    assert found.value("agreement", **pair) == 0.75
    assert found.value("kappa", **pair) == pytest.approx(0.5)
    assert "b against a: 2 of 6 left out" in found.notes


def test_agreement_and_kappa_with_undetermined_as_a_level():
    """Six units, four alike; p_e = (3 * 2 + 2 * 2 + 1 * 2) / 36 = 1/3, kappa = (2/3 - 1/3) / (2/3)."""
    found = agreement(outcomes(), undetermined="own level")
    pair = {"criterion": "b", "reference": "a"}
    assert found.value("agreement", **pair) == pytest.approx(4 / 6)
    assert found.value("kappa", **pair) == pytest.approx(0.5)
    assert found.notes == ()


def test_two_definitions_that_put_everybody_in_one_level_have_no_kappa():
    same = {"a": ["met"] * 4, "b": ["met"] * 4}
    found = agreement(outcomes(same), undetermined="excluded")
    assert found.value("agreement") == 1
    assert found.value("kappa") is None
    none = agreement(outcomes({"a": ["undetermined"], "b": ["met"]}), undetermined="excluded")
    assert none.value("agreement") is None
    assert none.value("kappa") is None


def test_categories_are_compared_too():
    found = agreement(
        outcomes({"a": ["A", "B", None], "b": ["A", "A", "B"]}, "category"), undetermined="excluded", of="category"
    )
    assert found.frame.filter(statistic="share", criterion="a")["term"].to_list() == ["A", "B", "no category"]
    assert found.value("agreement") == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("table", "kappa", "error"),
    [
        # Fleiss, Cohen and Everitt 1969, unweighted: 0.429, variance 0.002885 (printed values, from memory).
        ([[106, 10, 4], [22, 28, 10], [2, 12, 6]], 0.429, 0.0537),
        # Fleiss JL. Statistical Methods for Rates and Proportions: 0.68, 0.087 (printed values, from memory).
        ([[75, 1, 4], [5, 4, 1], [0, 0, 10]], 0.676, 0.0877),
    ],
)
def test_published_examples(table, kappa, error):
    found = cohens_kappa(np.array(table))
    assert found == pytest.approx((kappa, error), abs=5e-4)


@given(st.lists(st.lists(st.integers(0, 30), min_size=3, max_size=3), min_size=3, max_size=3))
def test_another_implementation(table):
    counts = np.array(table, dtype=float)
    kappa, error = cohens_kappa(counts)
    if kappa is None:
        return
    with np.errstate(invalid="ignore"):  # it takes the root of a variance that rounding made negative
        expected = reference_kappa(counts)
    assert kappa == pytest.approx(expected.kappa, abs=1e-12)
    assert error == pytest.approx(np.sqrt(max(expected.var_kappa, 0)), abs=1e-7)


@pytest.mark.parametrize(
    ("frame", "asked", "message"),
    [
        (outcomes(), {"undetermined": "not met"}, "it is 'excluded' or 'own level'"),
        (outcomes({"a": ["met"]}), {"undetermined": "excluded"}, "1 definitions were given"),
        (pl.concat([outcomes(), outcomes()]), {"undetermined": "excluded"}, "36 outcomes stand for the same unit"),
        (outcomes().drop("verdict"), {"undetermined": "excluded"}, "'verdict' is not among the columns"),
    ],
    ids=range(4),
)
def test_what_cannot_be_compared(frame, asked, message):
    with pytest.raises(EstimationError, match=message):
        agreement(frame, **asked)
