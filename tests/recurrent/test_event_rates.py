"""Regression of counts held against the slow definition of its likelihood, and what it refuses."""

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from analyses.estimates.regression.rates import event_rates
from analyses.estimates.regression.rates_likelihood import CountSample, log_likelihood, slopes
from cohort.errors import EstimationError
from tests.recurrent.histories_drawn import as_events

COUNTED = {"count": "seizures", "exposure": "days"}
NEGATIVE_BINOMIAL = {"family": "negative binomial"} | COUNTED


def drawn(seed, size=40, alpha=0.8, frailty=True):
    rng = np.random.default_rng(seed)
    x, days = rng.normal(size=size), rng.uniform(20, 90, size)
    arm = np.where(np.arange(size) % 2, "drug", "control")
    mean = 0.1 * days * np.exp(0.4 * x - 0.5 * (arm == "drug"))
    gamma = rng.gamma(1 / alpha, alpha, size) if frailty else 1.0
    return pl.DataFrame({"x": x, "arm": arm, "days": days, "seizures": rng.poisson(mean * gamma)})


def slow(frame, rate, effects, alpha):
    """Return the log-likelihood term by term with the gamma function."""
    total, theta = 0.0, 1 / alpha
    for x, arm, days, y in frame.select("x", "arm", "days", "seizures").rows():
        mean = days * math.exp(rate + effects[0] * (arm == "drug") + effects[1] * x)
        total += math.lgamma(y + theta) - math.lgamma(theta) - math.lgamma(y + 1)
        total += theta * math.log(theta / (theta + mean)) + y * math.log(mean / (theta + mean))
    return total


@pytest.mark.parametrize("seed", range(4))
def test_it_is_the_maximum_and_its_curvature(seed):
    frame = drawn(seed)
    found = event_rates(frame, "arm + x", **NEGATIVE_BINOMIAL)
    effects = found.frame.filter(statistic="log rate ratio")["estimate"].to_list()
    at = np.array([found.value("log rate"), *effects, math.log(found.value("dispersion", term="alpha"))])

    def value(theta):
        return slow(frame, theta[0], theta[1:3], math.exp(theta[3]))

    assert found.value("log likelihood", term="fitted") == pytest.approx(value(at), rel=1e-12)
    step = 1e-3 * np.eye(4)
    gradient = [(value(at + one) - value(at - one)) / 2e-3 for one in step]
    assert np.abs(gradient).max() < 1e-3
    curvature = [
        [(value(at + a + b) - value(at + a - b) - value(at - a + b) + value(at - a - b)) / 4e-6 for b in step]
        for a in step
    ]
    errors = np.sqrt(np.diag(np.linalg.inv(-np.array(curvature))))
    reported = found.frame.filter(statistic="log rate ratio")["std_error"].to_list()
    assert reported == pytest.approx(errors[1:3].tolist(), rel=1e-4)
    alpha = found.frame.filter(statistic="dispersion", term="alpha").row(0, named=True)
    assert alpha["std_error"] / alpha["estimate"] == pytest.approx(errors[3], rel=1e-4)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 40), st.floats(0.01, 50), st.floats(1e-7, 20))
def test_derivatives_are_those_of_the_likelihood(y, mean, alpha):
    sample = CountSample(np.ones((1, 1)), np.array([y]), np.ones(1), np.ones(1))
    at, h = slopes(sample, np.array([mean]), alpha), 1e-5

    def value(by_mean=0.0, by_alpha=0.0):
        return log_likelihood(sample, np.array([mean * math.exp(by_mean)]), alpha * math.exp(by_alpha))

    scale = 1e-6 * (1 + y + mean)
    assert at.eta[0] == pytest.approx((value(h) - value(-h)) / (2 * h), rel=1e-5, abs=scale)
    assert at.log_alpha[0] == pytest.approx((value(0, h) - value(0, -h)) / (2 * h), rel=1e-5, abs=scale)
    near, far = (slopes(sample, np.array([mean]), alpha * math.exp(sign * h)) for sign in (-1, 1))
    assert at.log_alpha_twice[0] == pytest.approx((far.log_alpha - near.log_alpha)[0] / (2 * h), rel=1e-5, abs=scale)
    assert at.mixed[0] == pytest.approx((far.eta - near.eta)[0] / (2 * h), rel=1e-5, abs=scale)
    near, far = (slopes(sample, np.array([mean * math.exp(sign * h)]), alpha) for sign in (-1, 1))
    assert at.eta_eta[0] == pytest.approx(-(far.eta - near.eta)[0] / (2 * h), rel=1e-5, abs=scale)


@pytest.mark.parametrize("family", ["Poisson", "negative binomial"])
def test_neither_the_order_of_rows_nor_writing_them_out_matters(family):
    frame = drawn(7)
    options = COUNTED | {"family": family}
    first = event_rates(frame, "arm + x", **options)
    mixed = event_rates(frame.sample(fraction=1, shuffle=True, seed=3), "arm + x", **options)
    assert_frame_equal(first.frame, mixed.frame, check_exact=True)
    twice = event_rates(frame.with_columns(size=2), "arm + x", frequency="size", **options)
    assert_frame_equal(twice.frame, event_rates(pl.concat([frame, frame]), "arm + x", **options).frame, rel_tol=1e-9)


def test_rows_written_out_in_clusters_tell_no_more_than_one():
    frame = drawn(5).with_row_index("who")
    once = event_rates(frame, "arm + x", errors="robust", **NEGATIVE_BINOMIAL)
    twice = event_rates(pl.concat([frame, frame]), "arm + x", cluster="who", **NEGATIVE_BINOMIAL)
    errors = [found.frame.filter(statistic="log rate ratio")["std_error"].to_list() for found in (once, twice)]
    assert errors[0] == pytest.approx(errors[1], rel=1e-8)
    assert any("80 rows lie in 40 clusters" in note for note in twice.notes)


def test_counts_that_vary_less_than_poissons_have_alpha_0():
    frame = pl.DataFrame({"arm": ["a", "a", "b", "b"], "days": 30.0, "seizures": [4, 4, 2, 2]})
    found = event_rates(frame, "arm", **NEGATIVE_BINOMIAL)
    poisson = event_rates(frame, "arm", **COUNTED)
    assert found.value("dispersion", term="alpha") == 0
    assert found.value("dispersion", term="theta") is None
    assert found.frame.filter(statistic="overdispersion chi-square").select("estimate", "p_value").row(0) == (0, 1)
    same = ["log rate ratio", "log rate"]
    assert_frame_equal(
        found.frame.filter(pl.col("statistic").is_in(same)), poisson.frame.filter(pl.col("statistic").is_in(same))
    )
    assert "alpha is 0" in found.notes[0]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 50)), min_size=2, max_size=8))
def test_any_counts_have_an_answer(rows):
    assume(any(count for count, _ in rows))
    frame = pl.DataFrame(rows, schema=["seizures", "days"], orient="row")
    found = event_rates(frame, "1", **NEGATIVE_BINOMIAL)
    assert found.frame.filter(pl.col("estimate").is_nan() | pl.col("estimate").is_infinite()).is_empty()
    assert (
        found.value("log likelihood", term="fitted")
        >= event_rates(frame, "1", **COUNTED).value("log likelihood", term="fitted") - 1e-9
    )


def counts(**columns):
    return pl.DataFrame({"arm": ["a", "a", "b", "b"], "days": [9.0, 9, 9, 9], "seizures": [1, 2, 3, 4]} | columns)


@pytest.mark.parametrize(
    ("frame", "formula", "options", "words"),
    [
        (counts(days=[0.0, 9, -1, 9]), "arm", COUNTED, "2 of 4 rows have no exposure"),
        (counts(seizures=[1.0, 2, 3, 4.5]), "arm", COUNTED, "1 of 4 counts in 'seizures' are not whole numbers"),
        (counts(seizures=[0, 0, 0, 0]), "arm", COUNTED, "0 events among 4 rows"),
        (counts(seizures=[1, 2, 0, 0]), "arm", COUNTED, "arm has 0 events at 'b'"),
        (counts(seizures=[0, 0, 1, 2], x=[1.0, 2, 3, 3]), "x", COUNTED, "has no maximum"),
        (counts(x=[1.0, 1, 1, 1]), "x", COUNTED, "constant"),
        (counts(x=[1.0, 2, 3, 4], z=[2.0, 4, 6, 8]), "x + z", COUNTED, "follow from"),
        (counts(x=[None, None, None, None]), "x", COUNTED, "none is left to fit"),
        (counts(), "arm", {"count": "seizures"}, "name both columns"),
        (counts(), "arm", COUNTED | {"family": "poisson"}, "family='poisson'"),
        (counts(), "arm", COUNTED | {"errors": "naive"}, "errors='naive'"),
        (counts(), "arm", COUNTED | {"errors": "expected", "cluster": "arm"}, "asks for robust errors"),
        (counts(subject_id=["1", "1", "2", "3"]), "arm", COUNTED, "1 subjects have more than one row"),
        (counts(), "age", COUNTED, "names 'age'"),
        (counts(arm=["a", "b", "c", "d"], x=[1.0, 2, 1, 3], z=[1.0, 2, 2, 1]), "arm + x + z", COUNTED, "cannot|follow"),
    ],
)
def test_refused(frame, formula, options, words):
    with pytest.raises(EstimationError, match=words):
        event_rates(frame, formula, **options)


def test_a_covariate_that_changes_within_a_subject_has_no_rate_of_its_own():
    events = as_events([[(0, 2, 1), (2, 5, 0)], [(0, 5, 1)]]).with_columns(dose=pl.Series([1.0, 2.0, 1.0]))
    with pytest.raises(EstimationError, match="'dose' changes from row to row in 1 subjects"):
        event_rates(events, "dose")


def test_who_was_never_observed_is_refused():
    with pytest.raises(EstimationError, match=r"1 of 2 rows have no exposure.*'s000'"):
        event_rates(as_events([[(0, 0, 0)], [(0, 5, 1)]]), "1")


@pytest.mark.parametrize(
    ("seizures", "days"),
    [
        ([0, 2, 0, 0, 0], [32.4, 79.0, 48.2, 31.2, 33.1]),
        ([0, 33628, 0, 0, 0, 0, 0, 0], [27.9, 82.8, 95.3, 74.7, 79.9, 43.7, 8.3, 98.8]),
    ],
)
def test_a_maximum_far_from_the_start_is_found(seizures, days):
    frame = pl.DataFrame({"seizures": seizures, "days": days})
    found = event_rates(frame, "1", **NEGATIVE_BINOMIAL)
    alpha, rate = found.value("dispersion", term="alpha"), found.value("log rate")

    def value(log_rate, size):
        mean, theta = [math.exp(log_rate) * day for day in days], 1 / size
        parts = (
            math.lgamma(y + theta) - math.lgamma(theta) - (y + theta) * math.log1p(size * m) + y * math.log(size * m)
            for y, m in zip(seizures, mean, strict=True)
        )
        return math.fsum(parts)

    best = value(rate, alpha)
    assert all(value(rate + a, alpha * math.exp(b)) < best for a, b in ((1e-2, 0), (-1e-2, 0), (0, 1e-2), (0, -1e-2)))


def test_a_rate_that_would_be_0_is_refused_and_one_that_is_only_small_is_not():
    apart = counts(seizures=[40, 0, 3, 5], x=[0.0, 1.0, 0.0, 0.0])
    with pytest.raises(EstimationError, match="rate ratio would be 0 or infinite"):
        event_rates(apart, "x", **COUNTED)
    steep = event_rates(counts(seizures=[1, 1, 0, 0], x=[0.002, 0.0022, 0.032, 0.097]), "x", **COUNTED)
    assert steep.value("log rate ratio") < -100


def test_clusters_must_be_more_than_coefficients():
    frame = drawn(5).with_columns(site=pl.Series([str(i % 3) for i in range(40)]))
    with pytest.raises(EstimationError, match="40 rows lie in 2 clusters of 'arm'; robust errors of 2 coefficients"):
        event_rates(frame, "arm", cluster="arm", **COUNTED)
    assert event_rates(frame, "arm", cluster="site", **COUNTED).value("Wald chi-square") > 0
