"""Chances after failures: by hand, against quadrature of another kind, against exact truths; and their maximum."""

import warnings
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import minimize

from analyses.estimates.successive.failure_counts import FailureCounts
from analyses.estimates.successive.fitting import fit, log_likelihood, profile_limits
from analyses.estimates.successive.frailty_course import beta_nodes, history_chances
from analyses.estimates.successive.models import (
    BETA_AND_DEPENDENCE,
    BETA_FRAILTY,
    CONSTANT,
    DEPENDENCE,
    FIVE,
    NORMAL_AND_DEPENDENCE,
    NORMAL_FRAILTY,
    RESPONDERS,
)
from synthetic_data.succession.frailty import Beta, LogitNormal, TwoClasses
from synthetic_data.succession.returns import after_failures
from synthetic_data.succession.shares import step_shares
from synthetic_data.succession.truth import Succession

SIX = np.arange(6)
ALL = (*FIVE, NORMAL_FRAILTY, NORMAL_AND_DEPENDENCE)
CHEN = FailureCounts(SIX, np.array([820, 208, 78, 21, 10, 6]), np.array([975, 534, 252, 119, 61, 37]))


def shapes(a, b, *more):
    return np.array([a / (a + b), 1 / (a + b + 1), *more])


def test_uniform_chances_by_hand():
    """Beta(1, 1): after m failures the own chance is Beta(1, 1 + m), mean 1 / (m + 2)."""
    by_hand = [float(Fraction(1, m + 2)) for m in range(6)]
    assert BETA_FRAILTY.chances(shapes(1, 1), SIX) == pytest.approx(by_hand, rel=1e-14)
    assert history_chances(beta_nodes(0.5, 1 / 3), 0.0, SIX) == pytest.approx(by_hand, rel=1e-12)


def test_two_classes_by_hand():
    """Half respond with chance 1/2: 1/4; then (1/4 * 1/2) / (3/4) = 1/6; then (1/8 * 1/2) / (5/8) = 1/10."""
    found = RESPONDERS.chances(np.array([0.5, 0.5]), np.arange(3))
    assert found == pytest.approx([float(Fraction(1, 4)), float(Fraction(1, 6)), float(Fraction(1, 10))], rel=1e-14)


def test_dependence_of_those_alike_by_hand():
    """Odds 1, halved by each failure: 1/2, 1/3, 1/5, 1/9."""
    by_hand = [1 / 2, 1 / 3, 1 / 5, 1 / 9]
    halved = np.log(2)
    assert DEPENDENCE.chances(np.array([0.0, halved]), np.arange(4)) == pytest.approx(by_hand, rel=1e-12)
    assert BETA_AND_DEPENDENCE.chances(np.array([0.5, 0.0, halved]), np.arange(4)) == pytest.approx(by_hand, rel=1e-12)
    assert NORMAL_AND_DEPENDENCE.chances(np.array([0.0, 0.0, halved]), np.arange(4)) == pytest.approx(
        by_hand, rel=1e-12
    )


@pytest.mark.parametrize("dependence", [-0.7, 0.4, 1.5])
def test_the_second_chance_is_the_integral(dependence):
    """Uniform own chances: p_1 = 2 times the integral of (1 - q) c q / (1 - (1 - c) q), c = exp(-dependence)."""
    c = np.exp(-dependence)
    expected = 2 * quad(lambda q: (1 - q) * c * q / (1 - (1 - c) * q), 0, 1, epsabs=1e-13)[0]
    assert BETA_AND_DEPENDENCE.chances(shapes(1, 1, dependence), np.array([1]))[0] == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize(("a", "b"), [(0.02, 0.05), (0.5, 40), (30, 0.2), (5, 20), (300, 200), (1e5, 1e5), (1e8, 3e8)])
def test_the_nodes_sum_to_the_exact_chances(a, b):
    assert history_chances(beta_nodes(a / (a + b), 1 / (a + b + 1)), 0.0, SIX) == pytest.approx(
        a / (a + b + SIX), rel=1e-11
    )


@pytest.mark.parametrize("dependence", [-0.4, 0.0, 0.3, 1.0])
@pytest.mark.parametrize(("a", "b"), [(0.803, 0.959), (0.1, 0.3), (5, 20), (300, 200)])
def test_beta_frailty_equals_the_exact_shares(a, b, dependence):
    truth = step_shares(Succession(frailty=Beta(a, b), steps=6, dependence=dependence)).of_those_who_tried
    assert BETA_AND_DEPENDENCE.chances(shapes(a, b, dependence), SIX) == pytest.approx(truth, rel=3e-9)


@pytest.mark.parametrize("dependence", [-0.5, 0.0, 0.5])
@pytest.mark.parametrize(("mean", "sd"), [(-0.5, 1.0), (0.0, 3.0), (1.0, 0.1)])
def test_normal_frailty_equals_the_exact_shares(mean, sd, dependence):
    truth = step_shares(Succession(frailty=LogitNormal(mean, sd), steps=6, dependence=dependence)).of_those_who_tried
    assert NORMAL_AND_DEPENDENCE.chances(np.array([mean, sd**2, dependence]), SIX) == pytest.approx(truth, rel=1e-9)


def test_classes_equal_the_exact_shares():
    truth = step_shares(Succession(frailty=TwoClasses(0.7, 0.55, 0.0), steps=6)).of_those_who_tried
    assert RESPONDERS.chances(np.array([0.7, 0.55]), SIX) == pytest.approx(truth, rel=1e-10)


def test_treatments_not_tolerated_change_no_chance():
    """Of those who tolerate, success by number of failures is that of the model, however many do not tolerate."""
    found = after_failures(Succession(frailty=Beta(0.9, 1.3), steps=8, dependence=0.3, intolerance=(0.25,) * 8))
    tolerated = found.of_those_who_tried / 0.75
    assert BETA_AND_DEPENDENCE.chances(shapes(0.9, 1.3, 0.3), np.arange(8)) == pytest.approx(tolerated, rel=1e-9)


@given(st.floats(0.02, 0.98), st.floats(0.0, 0.95), st.floats(0.0, 2.0))
@settings(max_examples=60, deadline=None)
def test_chances_fall_where_failing_does_not_help(mean, correlation, dependence):
    found = BETA_AND_DEPENDENCE.chances(np.array([mean, correlation, dependence]), np.arange(8))
    assert ((found > 0) & (found < 1)).all()
    assert (np.diff(found) <= 1e-12).all()


def test_the_log_likelihood_by_hand():
    """Beta(1, 1), 2 of 3 and then 0 of 1: (1/2)^3 * 2/3 = 1/12."""
    counts = FailureCounts(np.arange(2), np.array([2, 0]), np.array([1, 1]))
    assert log_likelihood(BETA_FRAILTY, shapes(1, 1), counts) == pytest.approx(np.log(1 / 12), rel=1e-13)


def test_two_numbers_of_failures_are_met_exactly():
    """Shares 1/2 and 1/3 of a beta frailty: a / (a + b) = 1/2 and a / (a + b + 1) = 1/3, so a = b = 1."""
    counts = FailureCounts(np.arange(2), np.array([50, 10]), np.array([50, 20]))
    assert BETA_FRAILTY.report(fit(BETA_FRAILTY, counts).theta)[2:] == pytest.approx([1, 1], rel=1e-5)
    assert fit(CONSTANT, counts).theta[0] == pytest.approx(60 / 130, rel=1e-9)


@pytest.mark.parametrize("model", ALL, ids=lambda model: model.name)
def test_the_maximum_is_that_of_another_optimizer(model):
    found = fit(model, CHEN)
    bounds = list(zip(model.low, model.high, strict=True))
    other = minimize(
        lambda theta: -log_likelihood(model, theta, CHEN), found.theta * 0.97 + 0.01, method="L-BFGS-B", bounds=bounds
    )
    assert found.log_likelihood >= -other.fun - 1e-9
    assert found.log_likelihood == pytest.approx(-other.fun, abs=2e-3)


def test_errors_of_the_dependence_are_those_of_a_logistic_regression():
    """Brodie 2012, nine regimens; R 4.2.2, coef(summary(glm(cbind(met, missed) ~ step, binomial)))[2, 1:2]."""
    met, tried = np.array([543, 146, 41, 11, 4, 2, 2, 0, 0]), np.array([1098, 398, 168, 68, 32, 16, 9, 3, 2])
    found = fit(DEPENDENCE, FailureCounts(np.arange(9), met, tried - met))
    error = found.covariance[1, 1] ** 0.5
    assert (found.theta[1], error) == pytest.approx((0.489687936930003, 0.0566792366803182), rel=1e-6)


@pytest.mark.parametrize("upper", [False, True])
def test_profile_limits_are_the_furthest_values_that_lose_little(upper):
    """The limit is the extreme of the function over all parameters whose log-likelihood is high enough."""
    found, sign = fit(BETA_AND_DEPENDENCE, CHEN), -1.0 if upper else 1.0
    enough = found.log_likelihood - 3.841458820694124 / 2

    def target(theta):
        return theta[0] + theta[2] / 3

    ends = []
    for start in ((0.456, 0.4, -0.08), (0.456, 0.5, -0.3), (0.45, 0.3, 0.1)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # older scipy says where it clips to the bounds
            other = minimize(
                lambda theta: sign * target(theta),
                start,
                method="SLSQP",
                bounds=[(0.3, 0.6), (1e-6, 0.9), (-1, 1)],
                constraints=[
                    {"type": "ineq", "fun": lambda at: log_likelihood(BETA_AND_DEPENDENCE, at, CHEN) - enough}
                ],
                options={"ftol": 1e-13, "maxiter": 500},
            )
        if other.success and log_likelihood(BETA_AND_DEPENDENCE, other.x, CHEN) > enough - 1e-6:
            ends.append(other.fun)
    assert ends
    limits = profile_limits(found, target, 0.95, (-5.0, 5.0))
    assert limits[upper] == pytest.approx(sign * min(ends), abs=2e-5)


def test_the_profile_of_a_logistic_slope_is_close_to_its_wald_limits():
    found = fit(DEPENDENCE, CHEN)
    half = 1.959964 * found.covariance[1, 1] ** 0.5
    low, high = profile_limits(found, lambda theta: float(theta[1]), 0.95, (-4.0, 4.0))
    assert (low, high) == pytest.approx((found.theta[1] - half, found.theta[1] + half), abs=0.003)
    lost = [found.log_likelihood - _best_with_slope(slope) for slope in (low, high)]
    assert lost == pytest.approx([1.920729, 1.920729], abs=1e-5)


def _best_with_slope(slope):
    tried = [log_likelihood(DEPENDENCE, np.array([a, slope]), CHEN) for a in np.linspace(-0.4, 0.0, 8001)]
    return max(tried)
