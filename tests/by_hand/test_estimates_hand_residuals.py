"""Six subjects of whom four have the event, two of them on one day and one entering late; the hazard ratio of x is 2.

Day 1: A (x = 1) and B (0) of A, B, C, D, F. C (1) is censored on day 2. Day 3: D (0) of D, E, F. Day 4: E (1), who came
on day 1, of E, F; F (0) is censored.
"""

from fractions import Fraction

import numpy as np
import pytest

from analyses.estimates.regression.changing_effects import score_tests, time_function
from analyses.estimates.regression.concordance import concordance
from analyses.estimates.regression.hazard_paths import baseline_paths, held_from
from analyses.estimates.regression.residuals import (
    clustered_covariance,
    deviance_residuals,
    dfbeta_residuals,
    martingale_residuals,
    scaled_schoenfeld_residuals,
    schoenfeld_residuals,
    score_residuals,
)
from analyses.estimates.regression.risk_sets import risk_sets
from analyses.estimates.regression.sample import Sample

F = Fraction
SIX = Sample(
    np.array([[1.0], [0.0], [1.0], [0.0], [1.0], [0.0]]),
    ("x",),
    np.array([0.0, 0, 0, 0, 1, 0]),
    np.array([1.0, 1, 2, 3, 4, 4]),
    np.array([True, True, False, True, True, False]),
)
DOUBLE = np.log([2.0])
# Day 1 has 7 at risk in units of x = 0, of whom A and B are 3; the second of them sees half of these gone.
FIRST, SECOND, THIRD, FOURTH = F(1, 7), F(2, 11), F(1, 4), F(1, 3)


def close(found, expected):
    wanted = np.array([[float(v) for v in row] if isinstance(row, tuple) else float(row) for row in expected])
    assert np.asarray(found).reshape(wanted.shape) == pytest.approx(wanted, rel=1e-13, abs=1e-15)


def expected_events(ties):
    if ties == "breslow":
        day1 = 2 * FIRST
        own = day1
    else:
        day1, own = FIRST + SECOND, FIRST + SECOND / 2
    return [2 * own, own, 2 * day1, day1 + THIRD, 2 * (THIRD + FOURTH), day1 + THIRD + FOURTH]


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_martingale(ties):
    found = martingale_residuals(SIX, DOUBLE, ties)
    close(found, [d - e for d, e in zip((1, 1, 0, 1, 1, 0), expected_events(ties), strict=True)])
    assert found.sum() == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_deviance(ties):
    expected = [float(e) for e in expected_events(ties)]
    events = (1, 1, 0, 1, 1, 0)
    inside = [-2 * ((d - e) + d * np.log(e if d else 1)) for d, e in zip(events, expected, strict=True)]
    signs = np.sign([d - e for d, e in zip(events, expected, strict=True)])
    close(deviance_residuals(SIX, DOUBLE, ties), list(signs * np.sqrt(inside)))


MEANS = {"efron": (F(1, 2) * (F(4, 7) + F(6, 11)), F(2, 4), F(2, 3)), "breslow": (F(4, 7), F(2, 4), F(2, 3))}


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_schoenfeld(ties):
    one, three, four = MEANS[ties]
    raw = [1 - one, 0 - one, 0 - three, 1 - four]
    close(schoenfeld_residuals(SIX, DOUBLE, ties), raw)
    # Variance 3 of the coefficient and 4 events: 12 times the residual, and the coefficient.
    scaled = scaled_schoenfeld_residuals(SIX, DOUBLE, np.array([[3.0]]), ties)
    close(scaled, [12 * float(r) + DOUBLE[0] for r in raw])


def test_score_and_what_is_made_of_it():
    # Efron: A feels the second death of day 1 by half; each step weighs x less the mean of that step.
    a = (1 - MEANS["efron"][0]) - 2 * ((1 - F(4, 7)) * FIRST + (1 - F(6, 11)) * SECOND / 2)
    b = (0 - MEANS["efron"][0]) - ((0 - F(4, 7)) * FIRST + (0 - F(6, 11)) * SECOND / 2)
    c = -2 * ((1 - F(4, 7)) * FIRST + (1 - F(6, 11)) * SECOND)
    low = (0 - F(4, 7)) * FIRST + (0 - F(6, 11)) * SECOND + (0 - F(1, 2)) * THIRD
    d = (0 - F(1, 2)) - low
    e = (1 - F(2, 3)) - 2 * ((1 - F(1, 2)) * THIRD + (1 - F(2, 3)) * FOURTH)
    f = -(low + (0 - F(2, 3)) * FOURTH)
    each = [a, b, c, d, e, f]
    close(score_residuals(SIX, DOUBLE), each)
    one, three, four = MEANS["efron"]
    assert sum(each) == 2 - 2 * one - three - four
    variance = np.array([[3.0]])
    close(dfbeta_residuals(SIX, DOUBLE, variance), [3 * r for r in each])
    close(clustered_covariance(SIX, DOUBLE, variance, None), [9 * sum(r**2 for r in each)])
    pairs = np.array([0, 0, 1, 1, 2, 2])
    together = [a + b, c + d, e + f]
    close(clustered_covariance(SIX, DOUBLE, variance, pairs), [9 * sum(r**2 for r in together)])


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_baseline(ties):
    (baseline,) = baseline_paths(risk_sets(SIX, DOUBLE, ties))
    assert baseline.day.tolist() == [1, 3, 4]
    day1, square = (FIRST + SECOND, FIRST**2 + SECOND**2) if ties == "efron" else (2 * FIRST, 2 * FIRST**2)
    hazard = [day1, day1 + THIRD, day1 + THIRD + FOURTH]
    at_zero = baseline.path(np.array([-0.5]), DOUBLE, np.array([[3.0]]))
    close(at_zero.hazard, hazard)
    weighted = F(4, 7) * FIRST + F(6, 11) * SECOND if ties == "efron" else F(4, 7) * 2 * FIRST
    means = [weighted, weighted + F(1, 2) * THIRD, weighted + F(1, 2) * THIRD + F(2, 3) * FOURTH]
    known = [square, square + THIRD**2, square + THIRD**2 + FOURTH**2]
    variances = [k + 3 * m**2 for k, m in zip(known, means, strict=True)]
    close(at_zero.std_error**2, variances)
    close(held_from(at_zero, np.array([0.0, 2.9, 3.0, 10.0]))[0], [0, day1, hazard[1], hazard[2]])


def test_proportional_hazards():
    # Breslow: days less their mean over the four events, 9/4; the variances of x are m (1 - m).
    days, means = (1, 1, 3, 4), (F(4, 7), F(4, 7), F(1, 2), F(2, 3))
    g = [day - F(9, 4) for day in days]
    score = sum(t * (x - m) for t, x, m in zip(g, (1, 0, 0, 1), means, strict=True))
    plain, crossed, squared = (
        sum(t**power * m * (1 - m) for t, m in zip(g, means, strict=True)) for power in (0, 1, 2)
    )
    (test,) = score_tests(SIX, DOUBLE, "breslow", "identity", [[0]])
    close([test.chi_square], [score**2 / (squared - crossed**2 / plain)])
    assert test.df == 1


def test_functions_of_time():
    days = np.array([1.0, 3, 4])
    close(time_function(SIX, days, "rank"), [F(3, 2), 4, F(11, 2)])
    # Five are at risk on day 1, three on day 3, two on day 4; S is taken just before.
    close(time_function(SIX, days, "km"), [0, F(2, 5), 1 - F(3, 5) * F(2, 3)])
    close(time_function(SIX, days, "log"), list(np.log(days)))


def test_concordance():
    # A before C (tied), D, F; B before C (wrong), D, F (tied); D before E (wrong), F (tied); E before F.
    found = concordance(SIX, SIX.matrix[:, 0])
    assert (found.concordant, found.discordant, found.tied) == (3, 2, 4)
    assert found.value == pytest.approx(5 / 9, rel=1e-15)
    # Pairs of each, and those in the right order with ties as halves.
    right, pairs = [F(5, 2), 1, F(1, 2), 2, 1, 3], [3, 3, 2, 4, 2, 4]
    parts = [(r - F(5, 9) * n) / 9 for r, n in zip(right, pairs, strict=True)]
    assert found.std_error**2 == pytest.approx(float(sum(part**2 for part in parts)), rel=1e-13)


def test_nobody_to_compare():
    alone = Sample(np.array([[1.0]]), ("x",), np.zeros(1), np.array([3.0]), np.array([True]))
    assert concordance(alone, np.ones(1)) is None
    tied = Sample(np.ones((2, 1)), ("x",), np.zeros(2), np.array([3.0, 3.0]), np.array([True, True]))
    assert concordance(tied, np.ones(2)) is None
