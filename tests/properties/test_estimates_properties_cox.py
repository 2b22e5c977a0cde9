"""Cox regression against the slow definitions of its likelihoods, and what must not change its answers."""

from __future__ import annotations

import itertools
import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyses.estimates.regression import alike_covariates
from analyses.estimates.regression.concordance import concordance
from analyses.estimates.regression.cox import cox
from analyses.estimates.regression.cox_ties import Ties
from analyses.estimates.regression.design import design
from analyses.estimates.regression.pairs_in_order import share_in_order
from cohort.errors import EstimationError

# entry, span, event, x, stratum, frequency
ROW = st.tuples(
    st.sampled_from([0, 0, 1, 3]),
    st.integers(1, 5),
    st.booleans(),
    st.integers(-2, 2),
    st.integers(0, 1),
    st.integers(0, 3),
)
ROWS = st.lists(ROW, min_size=8, max_size=14)
TIES = ("efron", "breslow", "exact")


def events(rows):
    frame = pl.DataFrame(
        [
            (str(i), float(e), float(e + s), e + s if d else None, "died" if d else None, x / 3, g, f)
            for i, (e, s, d, x, g, f) in enumerate(rows)
        ],
        schema=dict(
            zip(
                ("subject_id", "entry", "left", "right", "cause", "x", "g", "f"),
                (pl.String, pl.Float64, pl.Float64, pl.Float64, pl.String, pl.Float64, pl.Int64, pl.Int64),
                strict=True,
            )
        ),
        orient="row",
    )
    return frame.with_columns(z=(pl.col("subject_id").cast(pl.Int64) * 7 % 5) / 7)


def numbers(frame, column):
    return frame[column].fill_null(-1).to_list()


def log_likelihood(rows, beta, ties):
    """The logarithm of one stratum's partial likelihood of x, by its definition."""
    total = 0.0
    for t in sorted({e + s for e, s, d, *_ in rows if d}):
        risk = [math.exp(beta * x / 3) for e, s, _, x, *_ in rows if e < t <= e + s]
        dead = [math.exp(beta * x / 3) for e, s, d, x, *_ in rows if d and e + s == t]
        total += sum(map(math.log, dead))
        if ties == "exact":
            total -= math.log(sum(map(math.prod, itertools.combinations(risk, len(dead)))))
        else:
            share = sum(dead) / len(dead) if ties == "efron" else 0
            total -= sum(math.log(sum(risk) - k * share) for k in range(len(dead)))
    return total


@settings(deadline=None, max_examples=40)
@given(ROWS, st.sampled_from(TIES))
def test_the_fit_is_at_the_maximum_of_the_sum_over_strata(rows, ties):
    try:
        found = cox(events(rows), "x", strata="g", ties=ties)
    except EstimationError:
        return
    parts = [[row for row in rows if row[4] == g] for g in (0, 1)]
    beta, step = found.value("log hazard ratio"), 1e-3
    below, top, above = (
        sum(log_likelihood(part, at, ties) for part in parts) for at in (beta - step, beta, beta + step)
    )
    assert found.value("log likelihood", term="fitted") == pytest.approx(top, abs=1e-9)
    null = sum(log_likelihood(part, 0.0, ties) for part in parts)
    assert found.value("log likelihood", term="null") == pytest.approx(null, abs=1e-9)
    assert top >= max(below, above)
    assert found.frame["std_error"][0] ** -2 == pytest.approx((2 * top - below - above) / step**2, rel=1e-4, abs=1e-6)


@settings(deadline=None, max_examples=40)
@given(ROWS, st.sampled_from(TIES), st.booleans())
def test_frequencies_give_the_numbers_of_the_expanded_data(rows, ties, stratified):
    counted = events(rows)
    expanded = counted[np.repeat(np.arange(len(rows)), counted["f"].to_numpy())]
    expanded = expanded.with_columns(subject_id=pl.int_range(pl.len()).cast(pl.String))
    how = {"strata": "g" if stratified else None, "ties": ties}
    try:
        found = cox(counted, "x", frequency="f", **how).frame
    except EstimationError as refused:
        if "frequencies" not in str(refused):
            with pytest.raises(EstimationError):
                cox(expanded, "x", **how)
        return
    wanted = cox(expanded, "x", **how).frame
    for column in ("estimate", "std_error", "conf_low", "conf_high", "p_value", "n", "events"):
        assert numbers(found, column) == pytest.approx(numbers(wanted, column), rel=1e-10, abs=1e-12)


@settings(deadline=None, max_examples=12)
@given(ROWS, st.randoms(use_true_random=False), st.sampled_from(TIES))
def test_nothing_depends_on_the_order_of_the_rows(rows, random, ties):
    data = events(rows).with_columns(pl.col("entry", "left", "right") / 7, w=(pl.col("f") + 1) / 3)
    order = list(range(len(rows)))
    random.shuffle(order)
    ways = [{"strata": "g"}, {"frequency": "f"}]
    ways += [] if ties == "exact" else [{"case_weights": "w"}, {"cluster": "g"}]
    for way in ways:
        assert answer(data[order], ties, way) == answer(data, ties, way)


def answer(data, ties, way):
    try:
        return cox(data, "x + I(z**2)", ties=ties, **way).frame.rows()
    except EstimationError as error:
        return str(error)


@pytest.mark.parametrize("formula", ["x + word", "x * word", "center(x) + word"])
@pytest.mark.parametrize("frequency", [None, "f"])
def test_alike_rows_taken_together_change_nothing(formula, frequency, monkeypatch):
    draw = np.random.default_rng(5)
    rows = list(zip(*draw.integers([0, 1, 0, -2, 0, 1], [1, 6, 2, 3, 2, 4], (400, 6)).T.tolist(), strict=True))
    data = events([(e, s, bool(d), x, g, f) for e, s, d, x, g, f in rows])
    data = data.with_columns(word=pl.when(pl.col("z") > 0.3).then(pl.lit("high")).otherwise(pl.lit("low")))
    plain = cox(data, formula, strata="g", frequency=frequency)
    monkeypatch.setattr(alike_covariates, "MANY", 10)
    monkeypatch.setattr(alike_covariates, "SHARE", 1.0)
    together = cox(data, formula, strata="g", frequency=frequency)
    for column in ("estimate", "std_error", "p_value", "n", "events"):
        assert numbers(together.frame, column) == pytest.approx(numbers(plain.frame, column), rel=1e-11, abs=1e-13)
    assert together.notes == plain.notes
    assert (together.model.order == plain.model.order).all()
    assert (together.model.sample.matrix == plain.model.sample.matrix).all()


def test_plain_sums_have_the_columns_of_a_formula():
    data = events([(0, 1, True, i * i, 0, i % 5) for i in range(12)]).with_columns(
        word=pl.Series(["b", "a", "c"] * 4, dtype=pl.Enum(["c", "a", "b"])), yes=pl.Series([True, False] * 6)
    )
    factors = {"word": ["c", "a", "b"], "yes": ["false", "true"]}
    plain, parsed = (design(data, formula, factors) for formula in ("word + x + yes + f", "(word + x + yes + f)"))
    assert plain.spec is None
    assert parsed.spec is not None
    assert (plain.matrix == parsed.matrix).all()
    assert plain.coefficients == parsed.coefficients


def test_many_tied_deaths_by_their_series():
    deaths = np.array([64, 3, 100, 5000, 70, 64])
    total, dying = np.array([900.0, 5, 2e3, 1e6, 71, 6400]), np.array([89.0, 2, 1e-3, 1e5, 70, 6000])
    found = Ties(deaths, efron=True).sums(total, dying)
    for cell, d in enumerate(deaths):
        shares = [k / d for k in range(d)]
        seen = [total[cell] - a * dying[cell] for a in shares]
        wanted = [math.fsum(map(math.log, seen))]
        wanted += [
            math.fsum(a**p / s**q for a, s in zip(shares, seen, strict=True))
            for p, q in ((0, 1), (1, 1), (0, 2), (1, 2), (2, 2))
        ]
        names = ("log", "one", "diluted", "square", "diluted_square", "square_diluted")
        assert [getattr(found, name)[cell] for name in names] == pytest.approx(wanted, rel=1e-13)


@settings(deadline=None, max_examples=40)
@given(ROWS)
def test_pairs_counted_by_bits_are_the_pairs(rows):
    data = events([(0, *row[1:]) for row in rows])
    try:
        model = cox(data, "x", strata="g").model
    except EstimationError:
        return
    predicted = model.sample.matrix[:, 0]
    wanted = concordance(model.sample, predicted)
    found = share_in_order(model.sample, predicted)
    assert (found is None) == (wanted is None)
    assert wanted is None or found == pytest.approx(wanted.value, rel=1e-14)
