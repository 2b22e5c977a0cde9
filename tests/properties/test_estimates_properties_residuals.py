"""Residuals, risk sets and concordance against their slow definitions, on rows with late entry, strata and ties."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyses.estimates.regression.changing_effects import score_tests, time_function
from analyses.estimates.regression.concordance import concordance
from analyses.estimates.regression.cox_fit import fit
from analyses.estimates.regression.hazard_paths import baseline_paths
from analyses.estimates.regression.residuals import (
    clustered_covariance,
    dfbeta_residuals,
    martingale_residuals,
    schoenfeld_residuals,
    score_residuals,
)
from analyses.estimates.regression.risk_sets import risk_sets
from analyses.estimates.regression.sample import Sample

TIES = ("efron", "breslow")


@st.composite
def samples(draw):
    n = draw(st.integers(2, 14))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    entry = rng.integers(0, 4, n) * rng.integers(0, 2, n)
    event = rng.random(n) < 0.6
    event[0] = True
    x = np.column_stack([rng.integers(0, 3, n), rng.integers(-2, 3, n) / 2]).astype(float)
    kind = draw(st.sampled_from(["plain", "frequency", "case weight"]))
    return Sample(
        x,
        ("a", "b"),
        entry.astype(float),
        (entry + rng.integers(1, 5, n)).astype(float),
        event,
        rng.integers(0, draw(st.integers(1, 3)), n).astype(np.int64),
        rng.integers(1, 4, n).astype(float) if kind == "frequency" else np.zeros(0),
        rng.integers(1, 9, n) / 4 if kind == "case weight" else np.zeros(0),
    )


def expanded(sample):
    """Return the sample with each row as often as its frequency says, and which row each came from."""
    source = np.repeat(np.arange(len(sample.time)), sample.frequency.astype(int) if len(sample.frequency) else 1)
    weight = sample.case_weight[source] if len(sample.case_weight) else np.ones(len(source))
    parts = (sample.entry, sample.time, sample.event, sample.stratum)
    return Sample(sample.matrix[source], sample.names, *(p[source] for p in parts), np.zeros(0), weight), source


def steps(sample, coefficients, ties):
    """Yield, for each event of each day and stratum, its weight, each row's share in it (0: not at risk) and more."""
    risk = np.exp(sample.matrix @ coefficients)
    for stratum in np.unique(sample.stratum):
        for day in np.unique(sample.time[sample.event & (sample.stratum == stratum)]):
            there = (sample.stratum == stratum) & (sample.since < day) & (sample.time >= day)
            dying = there & sample.event & (sample.time == day)
            d = int(dying.sum())
            for k in range(d):
                share = np.where(there, 1.0, 0.0) - (np.where(dying, k / d, 0.0) if ties == "efron" else 0.0)
                total = float((share * sample.case_weight * risk).sum())
                yield sample.case_weight[dying].mean(), share, risk / total, dying, d


@given(samples(), st.sampled_from(TIES))
@settings(max_examples=60, deadline=None)
def test_residuals_are_their_definitions(sample, ties):
    coefficients = np.array([0.4, -0.7])
    whole, source = expanded(sample)
    first = np.searchsorted(source, np.arange(len(sample.time)))
    hazard = np.zeros(len(source))
    felt, means = np.zeros_like(whole.matrix), np.zeros_like(whole.matrix)
    for weight, share, per_total, dying, d in steps(whole, coefficients, ties):
        mean = (share * whole.case_weight * per_total) @ whole.matrix
        hazard += weight * share * per_total
        felt += (weight * share * per_total)[:, None] * (whole.matrix - mean)
        means[dying] += mean / d
    martingale = martingale_residuals(sample, coefficients, ties)
    assert martingale == pytest.approx((whole.event - hazard)[first], abs=1e-12)
    apart = np.where(whole.event[:, None], whole.matrix - means, 0.0)
    assert score_residuals(sample, coefficients, ties) == pytest.approx((apart - felt)[first], abs=1e-12)
    assert schoenfeld_residuals(sample, coefficients, ties) == pytest.approx(apart[first][sample.event], abs=1e-12)
    mass = np.bincount(source, whole.case_weight)
    assert mass @ martingale == pytest.approx(0, abs=1e-11)


@given(samples(), st.sampled_from(TIES))
@settings(max_examples=40, deadline=None)
def test_baseline_is_its_definition(sample, ties):
    coefficients = np.array([0.4, -0.7])
    whole, _ = expanded(sample)
    centre = sample.matrix.mean(axis=0)
    at_mean = math.exp(centre @ coefficients)
    total = sum(
        w * per_total[0] / np.exp(whole.matrix[0] @ coefficients)
        for w, _, per_total, _, _ in steps(whole, coefficients, ties)
    )
    found = sum(path.hazard[-1] for path in baseline_paths(risk_sets(sample, coefficients, ties)) if len(path.hazard))
    assert found == pytest.approx(total * at_mean, rel=1e-11)


@given(samples())
@settings(max_examples=80, deadline=None)
def test_concordance_counts_pairs(sample):
    whole, _ = expanded(sample)
    score = sample.matrix @ np.array([1.0, 2.0])
    each = whole.matrix @ np.array([1.0, 2.0])
    right, pairs = np.zeros(len(each)), np.zeros(len(each))
    for i in np.flatnonzero(whole.event):
        later = (whole.time > whole.time[i]) | ((whole.time == whole.time[i]) & ~whole.event)
        for j in np.flatnonzero(later & (whole.stratum == whole.stratum[i]) & (whole.since < whole.time[i])):
            good = 0.5 if each[i] == each[j] else float(each[i] > each[j])
            for one, other in ((i, j), (j, i)):
                right[one] += good * whole.case_weight[other]
                pairs[one] += whole.case_weight[other]
    total = whole.case_weight @ pairs / 2
    found = concordance(sample, score)
    if not total:
        assert found is None
        return
    value = (whole.case_weight @ right / 2) / total
    assert found.value == pytest.approx(value, rel=1e-12)
    parts = whole.case_weight * (right - value * pairs) / total
    assert found.std_error == pytest.approx(math.sqrt(parts @ parts), rel=1e-9, abs=1e-12)
    assert found.concordant + found.discordant + found.tied == pytest.approx(total, rel=1e-12)
    quick = concordance(sample, score, error=False)
    assert quick == replace(found, std_error=None)


@given(samples(), st.sampled_from(TIES))
@settings(max_examples=40, deadline=None)
def test_frequencies_are_the_expanded_rows(sample, ties):
    coefficients = np.array([0.4, -0.7])
    whole, source = expanded(sample)
    first = np.searchsorted(source, np.arange(len(sample.time)))
    inverse = np.array([[2.0, 0.3], [0.3, 1.0]])
    dfbeta = dfbeta_residuals(whole, coefficients, inverse, ties)[first]
    assert dfbeta_residuals(sample, coefficients, inverse, ties) == pytest.approx(dfbeta, abs=1e-11)
    for clusters in (None, np.arange(len(sample.time)) // 2):
        alike = clustered_covariance(whole, coefficients, inverse, None if clusters is None else clusters[source], ties)
        found = clustered_covariance(sample, coefficients, inverse, clusters, ties)
        assert found == pytest.approx(alike, rel=1e-9, abs=1e-11)
    for transform in ("km", "rank"):
        days = np.unique(sample.time[sample.event])
        there = time_function(whole, days, transform)
        assert time_function(sample, days, transform) == pytest.approx(there, rel=1e-12, abs=1e-14)


def studied(n, seed):
    rng = np.random.default_rng(seed)
    x = np.column_stack([rng.integers(0, 2, n), rng.normal(size=n)])
    time = np.ceil(rng.exponential(np.exp(-0.5 * x[:, 0])) * 20)
    entry = np.where(rng.random(n) < 0.3, np.floor(time / 2), 0.0)
    return Sample(x, ("a", "b"), entry, time, rng.random(n) < 0.8)


def without(sample, row):
    kept = np.arange(len(sample.time)) != row
    parts = (sample.entry, sample.time, sample.event)
    return Sample(sample.matrix[kept], sample.names, *(part[kept] for part in parts))


@pytest.mark.parametrize("ties", TIES)
def test_dfbeta_is_the_slope_in_the_weight_of_a_row(ties):
    sample, step = studied(30, 5), 1e-3
    whole = fit(sample, ties)
    foretold = dfbeta_residuals(sample, whole.coefficients, whole.covariance, ties)

    def weighted(row, weight):
        return fit(replace(sample, case_weight=np.where(np.arange(30) == row, weight, 1.0)), ties).coefficients

    slopes = [(weighted(row, 1 + step) - weighted(row, 1 - step)) / (2 * step) for row in range(30)]
    assert foretold == pytest.approx(np.array(slopes), abs=2e-6)


@pytest.mark.parametrize("ties", TIES)
def test_dfbeta_is_near_what_leaving_a_row_out_does(ties):
    sample = studied(60, 5)
    whole = fit(sample, ties)
    foretold = dfbeta_residuals(sample, whole.coefficients, whole.covariance, ties)
    changes = whole.coefficients - np.array([fit(without(sample, row), ties).coefficients for row in range(60)])
    assert np.abs(foretold - changes).max() < np.abs(changes).max() / 4
    assert np.corrcoef(foretold.ravel(), changes.ravel())[0, 1] > 0.99


@pytest.mark.parametrize("ties", TIES)
def test_the_test_of_proportional_hazards_is_the_score_test_of_products_with_time(ties):
    # The slow way: every row split at the days of events, with the product as a column of its own.
    sample = studied(40, 3)
    fitted = fit(sample, ties)
    days = np.unique(sample.time[sample.event])
    g = time_function(sample, days, "rank")
    rows = [
        (i, k) for k in range(len(days)) for i in np.flatnonzero((sample.since < days[k]) & (sample.time >= days[k]))
    ]
    source, cell = (np.array(part) for part in zip(*rows, strict=True))
    split = np.column_stack([sample.matrix[source], sample.matrix[source] * g[cell][:, None]])
    before = np.where(cell > 0, days[cell - 1], 0.0)
    ended = sample.event[source] & (sample.time[source] == days[cell])
    extended = Sample(split, ("a", "b", "ag", "bg"), before, days[cell], ended)
    start = np.concatenate([fitted.coefficients, np.zeros(2)])
    score = score_residuals(extended, start, ties).sum(axis=0)
    step = 1e-5
    slopes = [
        (score_residuals(extended, start + step * e, ties) - score_residuals(extended, start - step * e, ties)).sum(
            axis=0
        )
        for e in np.eye(4)
    ]
    information = -np.array(slopes) / (2 * step)
    expected = score @ np.linalg.solve(information, score)
    (found,) = score_tests(sample, fitted.coefficients, ties, "rank", [[0, 1]])
    assert found.chi_square == pytest.approx(expected, rel=1e-5)
    assert found.df == 2
