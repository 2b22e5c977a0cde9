"""Operating characteristics worked by hand, and their Monte Carlo errors seen in repeated simulations."""

from math import inf, nan, sqrt

import numpy as np
import pytest

from analyses.plan.replication.measures import Runs, Target, measures

NAMES = ("estimate", "std_error", "conf_low", "conf_high", "p_value")


def of(target=None, alpha=0.05, **columns):
    length = len(next(iter(columns.values())))
    runs = Runs(*(np.array(columns.get(name, [nan] * length), dtype=float) for name in NAMES))
    return {measure.name: measure for measure in measures(runs, target or Target(), alpha)}


FOUR = {
    "estimate": [1.0, 2.0, 4.0, 5.0],
    "std_error": [1.0, 2.0, 2.0, 1.0],
    "conf_low": [-1.0, 0.5, 2.5, 3.0],
    "conf_high": [3.0, 4.0, 5.5, 7.0],
}


def test_four_replicates_by_hand():
    # mean 3, sum of squares 4 + 1 + 1 + 4 = 10; the truth is 2.5
    found = of(Target(true=2.5, null=0.0), **FOUR)
    value = {name: (measure.value, measure.error) for name, measure in found.items()}
    sd = sqrt(10 / 3)
    assert value["bias"] == pytest.approx((0.5, sd / 2))
    assert value["empirical standard error"] == pytest.approx((sd, sd / sqrt(6)))
    # variances 1, 4, 4, 1: mean 2.5, sample variance 3; Morris: sqrt(3 / (4 n ModSE^2))
    assert value["mean standard error"] == pytest.approx((sqrt(2.5), sqrt(3 / (4 * 4 * 2.5))))
    ratio = sqrt(2.5) / sd
    # Morris's error of the relative error: ratio sqrt(Var(variances) / (4 n ModSE^4) + 1 / (2 (n - 1)))
    assert value["standard error ratio"] == pytest.approx((ratio, ratio * sqrt(3 / (4 * 4 * 2.5**2) + 1 / 6)))
    # squared errors 2.25, .25, 2.25, 6.25: mean 2.75, sum of squared deviations 19
    assert value["mean squared error"] == pytest.approx((2.75, sqrt(19 / 12)))
    # limits that hold 2.5: the first three (2.5 itself is held); limits without 0: the last three
    assert value["coverage"] == pytest.approx((0.75, sqrt(0.75 * 0.25 / 4)))
    assert (found["power"].events, found["power"].n) == (3, 4)
    assert found["coverage"].limits() == pytest.approx((0.3006, 0.9544), abs=1e-4)  # Wilson's, of 3 in 4


def test_the_error_of_a_simulated_truth_adds_to_that_of_the_bias():
    found = of(Target(true=2.5, true_error=2.0), **FOUR)
    assert found["bias"].error == pytest.approx(sqrt(10 / 12 + 4))


def test_a_p_value_goes_before_limits_and_equality_is_no_rejection():
    p = [0.049, 0.05, nan, 0.2]
    found = of(Target(true=0.0, null=0.0, no_effect=True), p_value=p, **FOUR)
    # rejected: the first by its p value, the third (limits 2.5 to 5.5) for lack of one
    assert (found["type I error"].events, found["type I error"].n) == (2, 4)
    assert "power" not in found


def test_limits_that_are_missing_on_one_side_are_infinite():
    found = of(Target(true=10.0), estimate=[1.0, nan, nan], conf_low=[0.0, 12.0, nan], conf_high=[nan, nan, nan])
    assert (found["coverage"].events, found["coverage"].n) == (1, 2)
    assert found["replicates"].value == 1
    assert found["replicates"].n == 3


def test_what_is_infinite_is_not_averaged():
    found = of(estimate=[1.0, inf, 3.0], std_error=[1.0, 1.0, nan])
    assert found["mean estimate"].value == 2
    assert found["mean estimate"].n == 2
    assert "mean standard error" not in found  # one replicate has both


def test_one_replicate_has_no_monte_carlo_error():
    found = of(Target(true=1.0), estimate=[2.0], std_error=[0.5])
    assert found["bias"].error is None
    assert found["bias"].limits() == (None, None)
    assert "empirical standard error" not in found


def test_monte_carlo_errors_are_the_spread_of_the_characteristics():
    # 2,000 simulations of 200 replicates each: a normal mean of 12 with its own error and t limits cut short to 2
    rng = np.random.default_rng(8)
    drawn = rng.standard_normal((2000, 200, 12))
    estimate, error = drawn.mean(axis=2), drawn.std(axis=2, ddof=1) / sqrt(12)
    found = [
        of(Target(true=0.0, null=0.0), estimate=e, std_error=s, conf_low=e - 2 * s, conf_high=e + 2 * s)
        for e, s in zip(estimate, error, strict=True)
    ]
    for name in found[0].keys() - {"replicates", "true value", "power"}:
        values, errors = np.array([(one[name].value, one[name].error) for one in found]).T
        # a standard deviation of 2,000 has an error of 1.6 percent; 4.5 of them
        assert values.std(ddof=1) == pytest.approx(sqrt(np.mean(errors**2)), rel=0.075), name
