"""Rank tests against their slow definitions, other libraries, and the order of the rows."""

from __future__ import annotations

import math
import warnings
from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analyses.estimates.competing.gray import gray
from analyses.estimates.survival.log_rank import log_rank
from analyses.estimates.survival.pairwise_log_rank import adjusted_p, pairwise_log_rank
from analyses.estimates.survival.rank_weights import FlemingHarrington
from cohort.errors import EstimationError
from tests.properties.slow_ranks import ARMS, LATE, START, events, quadratic, slow_gray, slow_log_rank

WEIGHTS = {
    "gehan-breslow": lambda n, d, before, shrunk: n,
    "peto-peto": lambda n, d, before, shrunk: shrunk * (1 - Fraction(d, n + 1)),
    "modified peto-peto": lambda n, d, before, shrunk: shrunk * (1 - Fraction(d, n + 1)) * Fraction(n, n + 1),
    FlemingHarrington(1, 0): lambda n, d, before, shrunk: before,
    FlemingHarrington(2, 1): lambda n, d, before, shrunk: before**2 * (1 - before),
}


@settings(deadline=None, max_examples=80)
@given(LATE, st.sampled_from(list(WEIGHTS)), st.booleans())
def test_weighted_and_stratified_tests_are_their_definition(rows, weights, strata):
    difference, covariance = slow_log_rank(rows, WEIGHTS[weights], strata)
    chi_square = quadratic(difference, covariance)
    found = log_rank(events(rows), weights=weights, strata="sex" if strata else None, trend=True)
    frames = [found.frame.filter(statistic=name)["estimate"].to_numpy() for name in ("observed", "expected")]
    assert frames[0] - frames[1] == pytest.approx(difference, rel=1e-10, abs=1e-10)
    assert found.value("log-rank chi-square") == pytest.approx(chi_square, rel=1e-8, abs=1e-10)
    scores = np.arange(1, 4)
    trend = (scores @ difference) ** 2 / (scores @ covariance @ scores)
    assert found.value("log-rank trend chi-square") == pytest.approx(trend, rel=1e-8, abs=1e-10)
    # A trend is one of the directions of the whole.
    assert trend <= chi_square + 1e-9


@settings(deadline=None, max_examples=25)
@given(LATE, st.booleans(), st.booleans())
def test_equal_to_statsmodels(rows, late, strata):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what statsmodels' import says of pandas is not ours
        from statsmodels.duration.survfunc import survdiff

    data = events(rows) if late else events([(row[0], 0, *row[2:]) for row in rows])
    quadratic(*slow_log_rank([(r[0], r[1] if late else 0, *r[2:]) for r in rows], lambda *_: 1, strata))
    time, status, arm = data["left"].to_numpy(), data["right"].is_not_null().to_numpy(), data["arm"].to_physical()
    options = {"entry": data["entry"].to_numpy()} if late else {}
    if strata and not late:
        options["strata"] = data["sex"].to_numpy()
    for weights, theirs in (
        (None, {}),
        ("gehan-breslow", {"weight_type": "gb"}),
        ("tarone-ware", {"weight_type": "tw"}),
    ):
        with np.errstate(all="ignore"):
            chi_square, _ = survdiff(time, status.astype(int), arm.to_numpy(), **theirs, **options)
        ours = log_rank(data, weights=weights, strata="sex" if "strata" in options else None)
        found = ours.frame.filter(statistic="log-rank chi-square").row(0, named=True)
        if found["df"] == 2:
            assert found["estimate"] == pytest.approx(chi_square, rel=1e-6, abs=1e-8)


@settings(deadline=None, max_examples=12)
@given(START.map(lambda rows: [(row[0], 0, row[2] + 1, *row[3:]) for row in rows]))
def test_equal_to_lifelines(rows):
    from lifelines.statistics import multivariate_logrank_test

    quadratic(*slow_log_rank(rows, lambda *_: 1, strata=False))
    data = events(rows)
    columns = (data["left"].to_numpy(), data["arm"].cast(pl.String).to_numpy(), data["right"].is_not_null().to_numpy())
    for weights, theirs in (
        ("gehan-breslow", {"weightings": "wilcoxon"}),
        ("tarone-ware", {"weightings": "tarone-ware"}),
        ("peto-peto", {"weightings": "peto"}),
        (FlemingHarrington(0.5, 1), {"weightings": "fleming-harrington", "p": 0.5, "q": 1}),
    ):
        try:
            found = log_rank(data, weights=weights).frame.filter(statistic="log-rank chi-square").row(0, named=True)
        except EstimationError:  # all events on the first day, where late weights are 0
            continue
        if found["df"] == 2:
            # lifelines turns numpy's warnings off for the whole process.
            with np.errstate(all="ignore"):
                chi_square = multivariate_logrank_test(*columns, **theirs).test_statistic
            assert found["estimate"] == pytest.approx(chi_square, rel=1e-6, abs=1e-8)


@settings(deadline=None, max_examples=80)
@given(START, st.sampled_from([0, 1, 2]))
def test_gray_is_its_definition(rows, rho):
    assume(any(row[3] == "relapse" for row in rows))
    slow = slow_gray(rows, "relapse", rho)
    assume(slow is not None)
    difference, covariance = np.array(slow[0], dtype=float), np.array(slow[1], dtype=float)
    try:
        found = gray(events(rows), cause="relapse", rho=rho)
    except EstimationError:
        assert np.all(np.abs(covariance) < 1e-9) or len({row[0] for row in rows}) < 2
        return
    sums = [found.frame.filter(statistic=name)["estimate"].to_numpy() for name in ("observed", "expected")]
    assert sums[0] - sums[1] == pytest.approx(difference, rel=1e-10, abs=1e-10)
    chi_square = quadratic(difference, covariance)
    assert found.value("Gray chi-square") == pytest.approx(chi_square, rel=1e-7, abs=1e-9)


@settings(deadline=None, max_examples=40)
@given(START)
def test_grays_differences_add_up_to_nothing(rows):
    try:
        found = gray(events(rows)).frame
    except EstimationError:
        return
    sums = (
        found.filter(pl.col("statistic").is_in(["observed", "expected"]))
        .group_by("term", "statistic")
        .agg(pl.col("estimate").sum())
    )
    for _, values in sums.group_by("term"):
        assert values["estimate"][0] == pytest.approx(values["estimate"][1], rel=1e-12)
    tests = found.filter(statistic="Gray chi-square")["estimate"].drop_nulls()
    assert tests.is_finite().all()
    assert (tests >= 0).all()


def test_gray_is_close_to_the_log_rank_test_where_nothing_competes():
    rng = np.random.default_rng(4)
    for size, near in ((200, 0.1), (20_000, 0.01)):
        time, end = np.ceil(rng.exponential(200, size)), rng.uniform(50, 600, size)
        rows = zip(rng.integers(0, 3, size), np.minimum(time, np.ceil(end)), time <= end, strict=True)
        data = events([(ARMS[g], 0, int(t), "x" if seen else None, "f") for g, t, seen in rows])
        plain = log_rank(data).value("log-rank chi-square")
        assert gray(data).value("Gray chi-square") == pytest.approx(plain, rel=near)


@settings(deadline=None, max_examples=30)
@given(LATE, START, st.randoms(use_true_random=False))
def test_nothing_depends_on_the_order_of_the_rows(late, start, random):
    for rows, asked in (
        (late, lambda data: log_rank(data, weights="tarone-ware", strata="sex", trend=True)),
        (late, lambda data: pairwise_log_rank(data, weights=FlemingHarrington(1, 1), adjust="holm")),
        (start, lambda data: gray(data, rho=1, strata="sex")),
    ):
        shuffled = list(range(len(rows)))
        random.shuffle(shuffled)
        data = events(rows).with_columns(pl.col("entry", "left", "right") / 7)
        assert answer(asked, data[shuffled]) == answer(asked, data)


def answer(estimate, data):
    """All numbers of an estimate, or the words with which it was refused."""
    try:
        return estimate(data).frame.rows()
    except EstimationError as error:
        return str(error)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_adjusted_p_values(p_values):
    holm, bonferroni = adjusted_p(p_values, "holm"), adjusted_p(p_values, "bonferroni")
    for p, less, more in zip(p_values, holm, bonferroni, strict=True):
        assert p <= less <= more <= 1
    # Step by step: the k-th smallest is rejected at a level if each of the k smallest passes its own.
    for level in (0.05, 0.2):
        ordered = sorted(p_values)
        passed = 0
        while passed < len(ordered) and ordered[passed] * (len(ordered) - passed) <= level:
            passed += 1
        assert sum(one <= level for one in holm) == passed
    assert math.isclose(min(holm), min(1, len(p_values) * min(p_values)))
