"""Competing risks by fast code and by their definitions, on small data full of ties."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analyses.estimates.competing.censoring import censoring
from analyses.estimates.competing.fine_gray import fine_gray
from analyses.estimates.competing.incidence import incidence
from analyses.estimates.competing.subdistribution_errors import hazard_scores
from analyses.estimates.competing.subdistribution_fit import fit_subdistribution
from analyses.estimates.competing.subdistribution_sample import SubdistributionSample
from cohort.errors import EstimationError
from tests.properties import slow_competing as slow

CAUSES = ("a", "b")


@st.composite
def times(draw, late=True):
    """Rows of entry, time and cause."""
    rows = []
    for _ in range(draw(st.integers(1, 12))):
        time = draw(st.integers(0, 6))
        entry = draw(st.integers(0, max(time - 1, 0))) if late else 0
        rows.append((entry, time, draw(st.sampled_from([None, *CAUSES]))))
    return rows


def frame(rows):
    schema = {"entry": pl.Float64, "left": pl.Float64, "cause": pl.String}
    columns = pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        subject_id=pl.int_range(len(rows)).cast(pl.String)
    )
    return columns.with_columns(right=pl.when(pl.col("cause").is_not_null()).then("left"))


@settings(max_examples=25, deadline=None)
@given(times())
def test_incidence_and_its_errors_equal_their_definitions(rows):
    assume({cause for _, _, cause in rows} >= set(CAUSES))
    found = {error: incidence(frame(rows), by=None, error=error) for error in ("robust", "Aalen")}
    for robust, aalen in zip(found["robust"].model, found["Aalen"].model, strict=True):
        for i, day in enumerate(robust.time):
            assert robust.incidence[i] == pytest.approx(float(slow.incidence(rows, robust.cause, day)), abs=1e-14)
            variance = sum(one**2 for one in slow.influences(rows, robust.cause, day))
            assert robust.std_error[i] == pytest.approx(math.sqrt(variance), abs=1e-9)
            variance = slow.aalen_variance(rows, robust.cause, day)
            assert aalen.std_error[i] == pytest.approx(math.sqrt(variance), abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(times())
def test_incidences_and_the_share_free_of_events_add_up_to_1(rows):
    curves = incidence(frame(rows), by=None).model
    total = sum(curve.incidence for curve in curves) + curves[0].survival
    assert total == pytest.approx(np.ones(len(total)), abs=1e-14)
    for curve in curves:
        assert (np.diff(curve.incidence) >= 0).all()
        seen = ~np.isnan(curve.conf_low)
        assert (curve.conf_low <= curve.incidence + 1e-12)[seen].all()
        assert (curve.conf_high >= curve.incidence - 1e-12)[seen].all()


@settings(max_examples=30, deadline=None)
@given(times(), st.integers(1, 6))
def test_the_time_lost_weighs_influences_by_days(rows, until):
    found = incidence(frame(rows), by=None, until=until)
    for (*_, estimate, error), curve in zip(
        found.frame.filter(statistic="restricted mean time lost").select("estimate", "std_error").rows(),
        found.model,
        strict=True,
    ):
        if estimate is None:
            assert until > curve.time[-1]
            continue
        of_days = [slow.influences(rows, curve.cause, day) for day in range(until)]
        variance = sum(sum(one) ** 2 for one in zip(*of_days, strict=True))
        assert estimate == pytest.approx(sum(float(slow.incidence(rows, curve.cause, d)) for d in range(until)))
        assert error == pytest.approx(math.sqrt(variance), abs=1e-9)


@settings(max_examples=20, deadline=None)
@given(times(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(rows, random):
    shuffled = rows.copy()
    random.shuffle(shuffled)
    assert incidence(frame(rows), by=None, until=3).frame.equals(incidence(frame(shuffled), by=None, until=3).frame)


def drawn(seed, n=24, days=8):
    rng = np.random.default_rng(seed)
    time, kind = np.sort(rng.integers(1, days, n)), rng.integers(0, 3, n)
    return time.astype(float), kind, np.column_stack([rng.normal(size=n).round(1), rng.integers(0, 2, n)])


@pytest.mark.parametrize("seed", [0, 2, 3, 4, 5])
@pytest.mark.parametrize("after_events", [False, True])
def test_fine_gray_equals_its_definition(seed, after_events):
    time, kind, z = drawn(seed)
    n = len(time)
    sample = SubdistributionSample(z, ("x", "g"), time, kind, np.ones(n), np.zeros(n, dtype=int))
    fit = fit_subdistribution(sample, "breslow", after_events=after_events)
    by_definition = slow.SlowFineGray(time, kind, z, after_events=after_events)
    beta = fit.coefficients
    assert fit.point.value == pytest.approx(by_definition.log_likelihood(beta), rel=1e-12)
    for step in np.vstack([np.eye(2), -np.eye(2)]) * 1e-3:
        assert by_definition.log_likelihood(beta + step) < fit.point.value
    eta, psi = by_definition.scores(beta)
    assert fit.scores(known_weights=True) == pytest.approx(eta, abs=1e-11)
    assert fit.scores(known_weights=False) == pytest.approx(eta + psi, abs=1e-11)
    day = len(sample.days) // 2
    own, through = by_definition.hazard_scores(beta, sample.days[day])
    at_the_means = np.exp(fit.centre @ beta)
    for known, wanted in ((True, own), (False, own + through)):
        found = hazard_scores(fit.likelihood, beta, fit.point, day + 1, known_weights=known)
        assert found == pytest.approx(at_the_means * wanted, abs=1e-12)
    (chance,) = censoring(sample, after_events=after_events)
    assert chance.before(time) == pytest.approx([by_definition.under_observation(t) for t in time], abs=1e-14)


@pytest.mark.parametrize("seed", [0, 2, 3])
def test_scores_add_up_to_0_whatever_the_ties(seed):
    time, kind, z = drawn(seed)
    sample = SubdistributionSample(z, ("x", "g"), time, kind, np.ones(24), np.arange(24) % 2)
    for ties in ("breslow", "efron"):
        fit = fit_subdistribution(sample, ties, after_events=False)
        assert fit.scores(known_weights=False).sum(axis=0) == pytest.approx([0, 0], abs=1e-9)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("ties", ["breslow", "efron"])
def test_frequencies_are_rows_and_order_is_nothing(seed, ties):
    time, kind, z = drawn(seed, 40)
    names = {0: None, 1: "a", 2: "b"}
    rows = [(0, t, names[k]) for t, k in zip(time, kind, strict=True)]
    data = frame(rows).with_columns(x=z[:, 0], g=z[:, 1], f=pl.Series(np.arange(40) % 3))
    whole = data[np.repeat(np.arange(40), data["f"].to_numpy())].with_columns(
        subject_id=pl.int_range(pl.len()).cast(pl.String)
    )
    short = fine_gray(data, "x + g", cause="a", ties=ties, frequency="f").frame
    assert short.equals(fine_gray(whole.sample(fraction=1, shuffle=True, seed=1), "x + g", cause="a", ties=ties).frame)


def test_a_likelihood_without_a_maximum_is_an_error_and_no_number():
    refused = 0
    for seed in range(40):
        time, kind, z = drawn(seed, 6, 4)
        names = {0: None, 1: "a", 2: "b"}
        data = frame([(0, t, names[k]) for t, k in zip(time, kind, strict=True)]).with_columns(x=z[:, 0], g=z[:, 1])
        try:
            found = fine_gray(data, "x + g", cause="a")
        except EstimationError:
            refused += 1
        else:
            assert found.frame["estimate"].is_finite().all()
    assert 0 < refused < 40
