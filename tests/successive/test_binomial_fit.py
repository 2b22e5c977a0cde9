import math
from fractions import Fraction

import numpy as np
import pytest

from analyses.estimates.regression.binomial_fit import (
    chance,
    clustered_covariance,
    fit_binomial,
    linear_predictor,
    saturated,
    score_test,
    separated,
)
from cohort.errors import EstimationError

LINKS = ("logit", "cloglog")


def patterns(seed, cells=24, columns=4):
    rng = np.random.default_rng(seed)
    matrix = np.column_stack([np.ones(cells), rng.normal(size=(cells, columns - 1))])
    tried = rng.integers(5, 200, cells).astype(float)
    chances = 1 / (1 + np.exp(-(matrix @ rng.normal(0, 0.7, columns))))
    return matrix, rng.binomial(tried.astype(int), chances).astype(float), tried


def statsmodels_fit(matrix, met, tried, link, offset=None):
    import statsmodels.api as sm

    links = sm.families.links
    family = sm.families.Binomial(link=links.Logit() if link == "logit" else links.CLogLog())
    return sm.GLM(np.column_stack([met, tried - met]), matrix, family, offset=offset).fit(tol=1e-14, maxiter=200)


def test_two_patterns_by_hand():
    """30 of 60 and 10 of 40: odds 1 and 1/3; the variance of a log odds ratio is the sum of the inverse counts."""
    fit = fit_binomial(np.array([[1.0, 0], [1, 1]]), np.array([30.0, 10]), np.array([60.0, 40]))
    variance = sum(Fraction(1, count) for count in (30, 30, 10, 30))
    assert fit.coefficients == pytest.approx([0.0, math.log(1 / 3)], abs=1e-12)
    assert fit.covariance[1, 1] == pytest.approx(float(variance), rel=1e-12)
    assert fit.covariance[0, 1] == pytest.approx(-float(Fraction(2, 30)), rel=1e-12)
    assert (fit.df, fit.deviance) == (0, pytest.approx(0, abs=1e-10))


def test_two_patterns_by_hand_with_the_other_link():
    """log(-log(1 - p)) has variance p / (n (1 - p) log(1 - p)^2), the delta method's."""
    fit = fit_binomial(np.array([[1.0, 0], [1, 1]]), np.array([30.0, 10]), np.array([60.0, 40]), link="cloglog")
    first, second = (p / (n * (1 - p) * math.log(1 - p) ** 2) for p, n in ((0.5, 60), (0.25, 40)))
    assert np.exp(fit.coefficients) == pytest.approx([math.log(2), math.log(4 / 3) / math.log(2)], rel=1e-12)
    assert fit.covariance == pytest.approx(np.array([[first, -first], [-first, first + second]]), rel=1e-12)


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("seed", range(4))
def test_coefficients_errors_and_fit_are_those_of_statsmodels(link, seed):
    matrix, met, tried = patterns(seed)
    offset = np.linspace(-0.3, 0.4, len(met)) if seed % 2 else None
    ours, theirs = (
        fit_binomial(matrix, met, tried, link=link, offset=offset),
        statsmodels_fit(matrix, met, tried, link, offset),
    )
    assert ours.coefficients == pytest.approx(theirs.params, rel=1e-8, abs=1e-9)
    assert np.sqrt(np.diag(ours.covariance)) == pytest.approx(theirs.bse, rel=1e-8)
    assert ours.deviance == pytest.approx(theirs.deviance, rel=1e-9)
    assert ours.pearson == pytest.approx(theirs.pearson_chi2, rel=1e-8)
    assert ours.df == theirs.df_resid


@pytest.mark.parametrize("link", LINKS)
def test_the_score_is_zero_and_the_information_is_its_slope(link):
    matrix, met, tried = patterns(9)
    fit = fit_binomial(matrix, met, tried, link=link)
    assert np.abs(matrix.T @ fit.scores).max() < 1e-8
    if link == "logit":
        weights = tried * fit.chances * (1 - fit.chances)
        assert np.linalg.inv((matrix * weights[:, None]).T @ matrix) == pytest.approx(fit.covariance, rel=1e-9)


@pytest.mark.parametrize("link", LINKS)
def test_counts_and_single_rows_are_the_same_fit(link):
    matrix, met, tried = patterns(3, cells=8, columns=3)
    rows = np.repeat(matrix, tried.astype(int), axis=0)
    verdicts = np.concatenate([np.arange(n) < m for m, n in zip(met, tried, strict=True)]).astype(float)
    counts, single = (
        fit_binomial(matrix, met, tried, link=link),
        fit_binomial(rows, verdicts, np.ones(len(rows)), link=link),
    )
    assert single.coefficients == pytest.approx(counts.coefficients, rel=1e-10)
    assert single.covariance == pytest.approx(counts.covariance, rel=1e-9)
    assert single.log_likelihood == pytest.approx(counts.log_likelihood, rel=1e-12)
    assert single.saturated == 0  # each verdict has a chance of its own: 0 or 1
    assert single.deviance == pytest.approx(-2 * counts.log_likelihood, rel=1e-12)


@pytest.mark.parametrize("link", LINKS)
def test_robust_errors_are_those_of_statsmodels_without_its_small_sample_factor(link):
    import statsmodels.api as sm

    rng = np.random.default_rng(5)
    groups = np.repeat(np.arange(60), 4)
    shared = rng.normal(size=60)[groups]
    matrix = np.column_stack([np.ones(240), rng.normal(size=240), shared > 0])
    met = (rng.random(240) < 1 / (1 + np.exp(-shared))).astype(float)
    fit = fit_binomial(matrix, met, np.ones(240), link=link)
    sums = np.stack([np.bincount(groups, weights=matrix[:, j] * fit.scores) for j in range(3)], axis=1)
    family = sm.families.Binomial(link=sm.families.links.Logit() if link == "logit" else sm.families.links.CLogLog())
    theirs = sm.GLM(met, matrix, family).fit(tol=1e-14, maxiter=200)
    slow = np.zeros((3, 3))
    for group in range(60):
        own = (matrix[groups == group] * fit.scores[groups == group][:, None]).sum(axis=0)
        slow += np.outer(own, own)
    assert clustered_covariance(fit, sums) == pytest.approx(fit.covariance @ slow @ fit.covariance, rel=1e-10)
    robust = sm.GLM(met, matrix, family).fit(
        tol=1e-14, cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False}
    )
    # statsmodels' bread is the observed information, R's and ours the expected one; with the logit they are the same.
    bread = np.linalg.inv(-theirs.model.hessian(theirs.params, observed=True))
    assert np.sqrt(np.diag(bread @ slow @ bread)) == pytest.approx(robust.bse, rel=1e-8)
    if link == "logit":
        assert np.sqrt(np.diag(clustered_covariance(fit, sums))) == pytest.approx(robust.bse, rel=1e-8)
    assert fit.coefficients == pytest.approx(theirs.params, rel=1e-8)


def test_the_score_test_of_a_line_is_cochran_and_armitages():
    """By its formula: T = sum x (m - n p), V = p (1 - p) (sum n x^2 - (sum n x)^2 / N)."""
    x, met, tried = np.array([1.0, 2, 3]), np.array([40.0, 20, 5]), np.array([80.0, 60, 30])
    null = fit_binomial(np.ones((3, 1)), met, tried)
    p = met.sum() / tried.sum()
    spread = p * (1 - p) * (tried @ x**2 - (tried @ x) ** 2 / tried.sum())
    expected = (x @ (met - tried * p)) ** 2 / spread
    assert score_test(null, np.column_stack([np.ones(3), x]), tried) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("met", [(0, 5), (5, 10), (0, 10), (0, 0)])
def test_separation_is_told_and_not_reported_as_a_large_number(link, met):
    matrix = np.array([[1.0, 0], [1, 1]])
    assert separated(matrix, np.array(met, dtype=float), np.array([10.0, 10]))
    with pytest.raises(EstimationError, match="no maximum: nobody or everybody"):
        fit_binomial(matrix, np.array(met, dtype=float), np.array([10.0, 10]), link=link)


@pytest.mark.parametrize("link", LINKS)
def test_a_pattern_that_nobody_met_is_no_separation_where_a_line_goes_through(link):
    matrix, met, tried = np.array([[1.0, 0], [1, 1], [1, 2]]), np.array([20.0, 8, 0]), np.array([40.0, 30, 12])
    assert not separated(matrix, met, tried)
    assert fit_binomial(matrix, met, tried, link=link).coefficients[1] < 0


def test_columns_that_follow_from_one_another_are_refused():
    with pytest.raises(EstimationError, match="3 coefficients were asked for and the 3 patterns of the data carry 2"):
        fit_binomial(np.array([[1.0, 0, 0], [1, 1, 2], [1, 2, 4]]), np.array([5.0, 4, 3]), np.full(3, 10.0))


@pytest.mark.parametrize("link", LINKS)
def test_rows_that_nobody_tried_weigh_nothing(link):
    matrix, met, tried = patterns(2, cells=6, columns=2)
    more = np.vstack([matrix, [1.0, 50.0]])
    with_empty = fit_binomial(more, np.append(met, 0), np.append(tried, 0), link=link)
    without = fit_binomial(matrix, met, tried, link=link)
    assert with_empty.coefficients == pytest.approx(without.coefficients, rel=1e-12)
    assert (with_empty.df, with_empty.pearson) == (without.df, pytest.approx(without.pearson))


@pytest.mark.parametrize("link", LINKS)
def test_the_link_undoes_the_chance(link):
    eta = np.linspace(-6, 1.5, 31)
    chances, others, slopes = chance(eta, link)
    assert linear_predictor(chances, link) == pytest.approx(eta, abs=1e-12)
    assert chances + others == pytest.approx(np.ones(31), abs=1e-15)
    step = 1e-6
    assert slopes == pytest.approx((chance(eta + step, link)[0] - chance(eta - step, link)[0]) / (2 * step), rel=1e-7)


def test_a_chance_of_its_own_for_each_row_by_hand():
    """1 of 2, 0 of 3, 4 of 4: log(1/2) twice, and nothing for what is certain."""
    assert saturated(np.array([1.0, 0, 4]), np.array([2.0, 3, 4])) == pytest.approx(2 * math.log(0.5))
