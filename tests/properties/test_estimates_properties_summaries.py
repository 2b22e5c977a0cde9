"""Shares and summaries: other libraries, symmetries, and the order of the rows."""

from __future__ import annotations

import math
import warnings

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyses.estimates.describe import describe, quantile
from analyses.estimates.distributions import chi_square_p, normal_quantile, two_sided_p
from analyses.estimates.proportions import newcombe, proportions, risk_differences, wilson

Z = normal_quantile(0.95)
TABLE = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
NUMBERS = st.lists(st.floats(-1e6, 1e6, allow_nan=False), min_size=1, max_size=40)


@pytest.fixture(scope="module")
def intervals():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what statsmodels' import says of pandas is not ours
        from statsmodels.stats import proportion
    return proportion


@settings(deadline=None, max_examples=100)
@given(table=TABLE)
def test_wilson_equals_statsmodels(intervals, table):
    theirs = intervals.proportion_confint(*table, method="wilson")
    assert wilson(*table, Z) == pytest.approx(theirs, abs=1e-12)


@settings(deadline=None, max_examples=100)
@given(table=TABLE, other=TABLE)
def test_newcombe_equals_statsmodels(intervals, table, other):
    theirs = intervals.confint_proportions_2indep(*table, *other, method="newcomb", compare="diff", correction=False)
    assert newcombe(*table, *other, Z) == pytest.approx(theirs, abs=1e-9)


@given(TABLE, TABLE)
def test_newcombe_changes_sign_with_the_groups_and_holds_the_difference(table, other):
    low, high = newcombe(*table, *other, Z)
    assert (-high, -low) == pytest.approx(newcombe(*other, *table, Z), abs=1e-14)
    assert -1 <= low <= table[0] / table[1] - other[0] / other[1] <= high <= 1


@given(TABLE)
def test_wilson_mirrors_and_solves_its_equation(table):
    met, n = table
    low, high = wilson(met, n, Z)
    assert (1 - high, 1 - low) == pytest.approx(wilson(n - met, n, Z), abs=1e-14)
    for limit in (low, high):
        assert abs(met / n - limit) == pytest.approx(Z * math.sqrt(limit * (1 - limit) / n), abs=1e-9)


@given(NUMBERS, st.floats(0, 1))
def test_quantiles_equal_numpy(values, p):
    ordered = np.sort(values)
    assert quantile(ordered, p, 7) == pytest.approx(np.quantile(ordered, p, method="linear"), rel=1e-9, abs=1e-6)


@given(NUMBERS, st.sampled_from([0.25, 0.5, 0.75]))
def test_quantiles_of_type_2_equal_numpy(values, p):
    ordered = np.sort(values)
    assert quantile(ordered, p, 2) == pytest.approx(np.quantile(ordered, p, method="averaged_inverted_cdf"), rel=1e-15)


@given(NUMBERS)
def test_moments_equal_numpy(values):
    found = describe(pl.DataFrame({"x": values}), ["x"], by=None)
    assert found.value("mean") == pytest.approx(np.mean(values), rel=1e-9, abs=1e-9)
    if len(values) > 1:
        assert found.value("sd") == pytest.approx(np.std(values, ddof=1), rel=1e-7, abs=1e-7)
    assert (found.value("min"), found.value("max")) == (min(values), max(values))


@settings(deadline=None, max_examples=50)
@given(NUMBERS, st.randoms(use_true_random=False))
def test_summaries_do_not_depend_on_the_order_of_the_rows(values, random):
    data = pl.DataFrame({"x": [v / 3 for v in values], "arm": [("a", "b")[i % 2] for i in range(len(values))]})
    data = data.with_columns(word=pl.col("x").round(0).cast(pl.Int64).cast(pl.String))
    shuffled = list(range(len(values)))
    random.shuffle(shuffled)
    for options in ({}, {"by": None}, {"within": "word"}):
        assert describe(data[shuffled], ["x", "word"], **options).frame.equals(
            describe(data, ["x", "word"], **options).frame
        )


VERDICT = st.sampled_from(["met", "not met", "undetermined"])


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(VERDICT, st.sampled_from(["a", "b"])), min_size=1, max_size=40),
    st.randoms(use_true_random=False),
)
def test_every_unit_is_counted_once_in_any_order(units, random):
    data = pl.DataFrame(units, schema={"verdict": pl.String, "arm": pl.Enum(["a", "b"])}, orient="row").with_columns(
        subject_id=pl.int_range(pl.len()).cast(pl.String), criterion=pl.lit("c")
    )
    shuffled = list(range(len(units)))
    random.shuffle(shuffled)
    for undetermined in ("excluded", "not met"):
        found = proportions(data, undetermined=undetermined)
        assert proportions(data[shuffled], undetermined=undetermined).frame.equals(found.frame)
        for arm in "ab":
            share = found.frame.filter(statistic="share", group=arm).row(0, named=True)
            unknown = found.frame.filter(statistic="undetermined", group=arm).row(0, named=True)
            assert unknown["n"] == sum(unit[1] == arm for unit in units)
            assert share["n"] + (unknown["estimate"] if undetermined == "excluded" else 0) == unknown["n"]
            assert share["events"] == units.count(("met", arm))
        there = risk_differences(data, undetermined=undetermined).frame["estimate"][0]
        back = risk_differences(data, undetermined=undetermined, reference="b").frame["estimate"][0]
        assert (there is None) == (back is None)
        assert there is None or there == -back


@given(st.floats(0, 60), st.integers(1, 12))
def test_chi_square_tail_equals_scipy(statistic, df):
    from scipy.stats import chi2

    assert chi_square_p(statistic, df) == pytest.approx(chi2.sf(statistic, df), rel=1e-10)
    assert two_sided_p(math.sqrt(statistic)) == pytest.approx(chi2.sf(statistic, 1), rel=1e-10)
