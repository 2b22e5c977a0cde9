"""Proportional hazards and odds of interval-censored times: tables by hand, the slow likelihood, what is refused."""

import math
from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analyses.estimates.interval.support import support, support_range
from analyses.estimates.regression.interval_hazards import interval_cox
from cohort.errors import EstimationError
from tests.parametric.slow_likelihoods import grouped
from tests.parametric.small_intervals import exact, intervals, row_of

MODELS = ("proportional hazards", "proportional odds")
NAMES = dict(zip(MODELS, ("hazard ratio", "odds ratio"), strict=True))
TABLE = intervals([(0, 7)] * 6 + [(7, None)] * 4 + [(0, 7)] * 3 + [(7, None)] * 9, arm=["a"] * 10 + ["b"] * 12)


def test_one_visit_is_a_table_of_two_by_two():
    hazards, odds = (interval_cox(TABLE, "arm", model=model) for model in MODELS)
    wanted = math.log(Fraction(9, 12)) / math.log(Fraction(4, 10))
    assert hazards.value("hazard ratio") == pytest.approx(wanted, rel=1e-10)
    assert odds.value("odds ratio") == pytest.approx(float(Fraction(3, 9) / Fraction(6, 4)), rel=1e-10)
    fitted = 6 * math.log(0.6) + 4 * math.log(0.4) + 3 * math.log(0.25) + 9 * math.log(0.75)
    null = 9 * math.log(9 / 22) + 13 * math.log(13 / 22)
    for found in (hazards, odds):
        assert found.value("log likelihood", term="fitted") == pytest.approx(fitted, rel=1e-12)
        assert found.value("log likelihood", term="null") == pytest.approx(null, rel=1e-12)
        assert found.value("likelihood ratio chi-square") == pytest.approx(2 * (fitted - null), rel=1e-9)
        # The reference's own share is fitted exactly.
        assert found.model.survival == pytest.approx([0.4, 0.0], rel=1e-10)
        assert found.model.right.tolist() == [7, math.inf]
    row = row_of(odds, "log odds ratio")
    assert (row["term"], row["group"], row["reference"], row["n"], row["events"]) == ("arm", "b", "a", 22, 9)


def test_errors_are_from_the_profile_one_error_to_either_side():
    # Of a log odds ratio in a table of two by two the profile is known: margins b and c of chance p0 and p1.
    found = interval_cox(TABLE, "arm", model="proportional odds")
    value, step = found.value("log odds ratio"), math.sqrt(sum(Fraction(1, n) for n in (6, 4, 3, 9)))

    def profile(ratio):
        best = -math.inf
        low, high = -10.0, 10.0
        for _ in range(200):  # the score of the intercept falls
            middle = (low + high) / 2
            chances = [1 / (1 + math.exp(-middle)), 1 / (1 + math.exp(-middle - ratio))]
            low, high = (middle, high) if 10 * chances[0] + 12 * chances[1] < 9 else (low, middle)
            best = sum(
                d * math.log(p) + (n - d) * math.log(1 - p) for d, n, p in zip((6, 3), (10, 12), chances, strict=True)
            )
        return best

    fall = 2 * profile(value) - profile(value + step) - profile(value - step)
    assert row_of(found, "log odds ratio")["std_error"] == pytest.approx(step / math.sqrt(fall), rel=1e-8)


DAYS = st.integers(0, 9)
ROW = st.tuples(DAYS, st.integers(1, 4), st.booleans(), st.booleans(), st.integers(0, 3))


def drawn(rows):
    """Return EVENTS of intervals, right-censored and dated rows with x, and (left, right) as numbers."""
    ends = [
        (a if not dated else a + 1, a + 1 if dated else (a + width if seen else None))
        for a, width, seen, dated, _ in rows
    ]
    return intervals(ends, x=[row[4] for row in rows])


@settings(deadline=None, max_examples=20)
@given(st.lists(ROW, min_size=8, max_size=25), st.sampled_from(MODELS))
def test_the_slow_likelihood_is_reached_and_nowhere_higher(rows, model):
    data = drawn(rows)
    try:
        found = interval_cox(data, "x", model=model)
    except EstimationError:
        assume(False)
    left, right = data["left"].to_numpy(), data["right"].fill_null(math.inf).to_numpy()
    begin, end = support(left, right)
    first, after = support_range(left, right, begin, end)
    odds, x = model == "proportional odds", data["x"].to_numpy()
    kept = np.isin(begin, found.model.left) & np.isin(end, found.model.right)
    assert kept.sum() == len(found.model.left)
    fitted = found.model.survival[np.cumsum(kept) - 1]
    link = (lambda s: np.log((1 - s) / s)) if odds else (lambda s: np.log(-np.log(s)))
    levels, beta = link(fitted[:-1]), found.model.coefficients[0]
    reached = grouped(first, after, levels, x * beta, odds)
    assert found.value("log likelihood", term="fitted") == pytest.approx(reached, rel=1e-9)
    rng = np.random.default_rng(len(rows))
    for _ in range(20):
        near = np.sort(levels + rng.normal(0, 0.01, len(levels)))
        with np.errstate(all="ignore"):
            try:
                other = grouped(first, after, near, x * (beta + rng.normal(0, 0.01)), odds)
            except ValueError:  # a row lost its probability
                continue
        assert other <= reached + 1e-9


@pytest.mark.parametrize("model", MODELS)
def test_the_likelihood_found_by_another_optimiser(model):
    from scipy.optimize import minimize

    rng = np.random.default_rng(11)
    x = rng.integers(0, 2, 40).astype(float)
    time = rng.exponential(5 * np.exp(-0.7 * x))
    visits = np.sort(rng.integers(1, 12, (40, 3)), axis=1).astype(float)
    ends = [(max([0.0, *v[v < t]]), min([*v[v >= t], math.inf])) for v, t in zip(visits, time, strict=True)]
    data = intervals([(a, None if math.isinf(b) else b) for a, b in ends], x=x)
    found = interval_cox(data, "x", model=model)
    left, right = np.array(ends).T
    first, after = support_range(left, right, *support(left, right))
    size = len(support(left, right)[0])

    def loss(theta):
        levels = theta[0] + np.append(0.0, np.cumsum(theta[1 : size - 1]))
        try:
            return -grouped(first, after, levels, x * theta[-1], model == "proportional odds")
        except (ValueError, OverflowError):
            return 1e6

    start = np.array([-2.0, *[0.3] * (size - 2), 0.0])
    bounds = [(-9, 4), *[(1e-12, 5)] * (size - 2), (-4, 4)]
    best = minimize(
        loss, start, method="L-BFGS-B", bounds=bounds, options={"maxiter": 5000, "ftol": 1e-14, "maxfun": 10**6}
    )
    reached = found.value("log likelihood", term="fitted")
    assert reached >= -best.fun - 1e-9
    assert reached == pytest.approx(-best.fun, abs=1e-4)
    assert found.model.coefficients[0] == pytest.approx(best.x[-1], abs=1e-2)


@settings(deadline=None, max_examples=8)
@given(st.lists(ROW, min_size=10, max_size=20), st.randoms(), st.sampled_from(MODELS))
def test_frequencies_and_order(rows, random, model):
    data = drawn(rows).with_columns(many=pl.Series([1 + row[1] % 3 for row in rows]))
    each = data.with_columns(pl.int_ranges("many").alias("copy")).explode("copy")
    each = each.with_columns(subject_id=pl.int_range(pl.len()).cast(pl.String))
    order = list(range(each.height))
    random.shuffle(order)
    try:
        found = interval_cox(data, "x", model=model, frequency="many")
    except EstimationError:
        assume(False)
    assert found.frame.equals(interval_cox(each[order], "x", model=model).frame)


def test_a_hazard_ratio_of_intervals_is_recovered():
    rng = np.random.default_rng(3)
    x = np.repeat([0.0, 1.0], 400)
    time = rng.exponential(10 * np.exp(-0.8 * x))
    visits = np.cumsum(rng.exponential(4, (800, 6)), axis=1)
    ends = [(max([0.0, *v[v < t]]), min([*v[v >= t], math.inf])) for v, t in zip(visits, time, strict=True)]
    found = interval_cox(intervals([(a, None if math.isinf(b) else b) for a, b in ends], x=x), "x")
    row = row_of(found, "log hazard ratio")
    assert abs(row["estimate"] - 0.8) < 3 * row["std_error"]
    assert 0.06 < row["std_error"] < 0.13


def refused(words, data, formula="arm", **more):
    with pytest.raises(EstimationError, match=words):
        interval_cox(data, formula, **more)


def test_what_cannot_be_fitted():
    refused("model='additive hazards'", TABLE, model="additive hazards")
    refused("has no covariate", TABLE, "1")
    refused("0 events among 2 rows", intervals([(3, None), (4, None)], arm=["a", "b"]))
    refused(r"all 3 times can lie in \(3, 5\]", intervals([(0, 5), (3, 6), (2, None)], arm=["a", "b", "b"]))
    refused("4 of 4 rows enter late", exact([3, 4, 5, 6], [True] * 4, [1, 1, 1, 1], arm=["a", "b"] * 2))
    refused(
        "2 of 22 rows are of subjects with more than one row",
        TABLE.with_columns(
            subject_id=pl.when(pl.col("subject_id") == "001").then(pl.lit("000")).otherwise("subject_id")
        ),
    )


@pytest.mark.parametrize("model", MODELS)
def test_a_level_without_events(model):
    rows = intervals([(0, 7)] * 3 + [(7, None)] + [(7, None)] * 3, arm=["a"] * 4 + ["b"] * 3)
    refused(r"the coefficient of 'arm\[T.b\]' grows without bound", rows, model=model)
