"""The closed form against hand work, another quadrature, and brute force."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest

from synthetic_data.hamd.expected import halved, joint_distribution, score_distribution

HIGH = 52


def halved_share(means, covariance, high):
    return joint_distribution(means, covariance, high)[halved(high)].sum()


def phi(x: float) -> float:
    return NormalDist().cdf(x)


def chance_of_score(k: int, mean: float, sd: float) -> float:
    low = 0.0 if k == 0 else phi((k - 0.5 - mean) / sd)
    high = 1.0 if k == HIGH else phi((k + 0.5 - mean) / sd)
    return high - low


def matrix(sd_first: float, sd_later: float, correlation: float) -> np.ndarray:
    between = correlation * sd_first * sd_later
    return np.array([[sd_first**2, between], [between, sd_later**2]])


def test_scores_below_and_above_the_scale_are_held_at_its_ends():
    # mean 0: half a point below and above 0 round to 0, and everything below is held there
    chances = score_distribution(mean=0.0, sd=1.0, high=HIGH)
    assert chances[0] == pytest.approx(phi(0.5), abs=1e-15)
    assert chances[1] == pytest.approx(phi(1.5) - phi(0.5), abs=1e-15)
    top = score_distribution(mean=60.0, sd=5.0, high=HIGH)
    assert top[HIGH] == pytest.approx(1 - phi((51.5 - 60) / 5), abs=1e-15)
    assert top.sum() == pytest.approx(1.0, abs=1e-15)


@pytest.mark.parametrize(("mean", "score"), [(17.0, 17), (17.49, 17), (17.5, 18), (-3.0, 0), (99.0, 52)])
def test_without_spread_everybody_has_the_rounded_mean(mean, score):
    chances = score_distribution(mean=mean, sd=0.0, high=HIGH)
    assert chances[score] == 1.0
    assert chances.sum() == 1.0


def test_mean_far_from_the_ends_is_the_latent_mean():
    # Rounding of a wide normal moves its mean by less than 1e-10; truncation at 10 SD not at all.
    assert score_distribution(20.25, 2.0, HIGH) @ np.arange(HIGH + 1) == pytest.approx(20.25, abs=1e-10)


def test_response_where_everybody_enters_at_20_is_the_chance_of_10_or_less():
    covariance = np.array([[0.0, 0.0], [0.0, 49.0]])
    by_hand = phi((10.5 - 12) / 7)
    assert halved_share((20.0, 12.0), covariance, HIGH) == pytest.approx(by_hand, abs=1e-12)


def test_response_where_everybody_falls_by_10_points():
    # S = max(B - 10, 0) and 2 S <= B exactly where 1 <= B <= 20; nobody responds from a baseline of 0.
    by_hand = phi((20.5 - 20) / 4) - phi((0.5 - 20) / 4)
    assert halved_share((20.0, 10.0), matrix(4, 4, 1.0), HIGH) == pytest.approx(by_hand, abs=1e-12)


def test_response_where_the_baseline_decides_all():
    # Both scores are lines in one normal deviate: each baseline's piece of it is cut where the later score is half.
    pieces = []
    for b in range(1, HIGH + 1):
        low, high = (b - 0.5 - 17.2) / 5.45, math.inf if b == HIGH else (b + 0.5 - 17.2) / 5.45
        cut = min(high, (b // 2 + 0.5 - 10.6) / 8.17)
        pieces.append(max(phi(cut) - phi(low), 0.0))
    assert halved_share((17.2, 10.6), matrix(5.45, 8.17, 1.0), HIGH) == pytest.approx(math.fsum(pieces), abs=1e-10)


def test_response_where_the_scores_have_nothing_to_do_with_each_other():
    by_hand = math.fsum(
        chance_of_score(b, 17.2, 5.5) * math.fsum(chance_of_score(s, 12.0, 7.5) for s in range(b // 2 + 1))
        for b in range(1, HIGH + 1)
    )
    assert halved_share((17.2, 12.0), matrix(5.5, 7.5, 0.0), HIGH) == pytest.approx(by_hand, abs=1e-12)


def test_nobody_responds_without_spread_unless_the_score_is_halved():
    none = np.zeros((2, 2))
    assert halved_share((20.0, 10.4), none, HIGH) == pytest.approx(1.0, abs=1e-12)
    assert halved_share((20.0, 10.5), none, HIGH) == 0.0
    assert halved_share((0.2, 0.0), none, HIGH) == 0.0  # a baseline of 0 cannot improve


@pytest.mark.parametrize("correlation", [-0.6, 0.48, 0.95, 0.9999])
@pytest.mark.parametrize("sds", [(5.45, 8.17), (0.3, 4.0)])
def test_response_equals_an_adaptive_quadrature_cell_by_cell(correlation, sds):
    from scipy.integrate import quad

    mean_first, mean_later = 17.21, 10.63
    slope = correlation * sds[1] / sds[0]
    rest = sds[1] * math.sqrt(1 - correlation**2)

    def chance(x: float, half: int) -> float:
        density = math.exp(-(((x - mean_first) / sds[0]) ** 2) / 2) / (sds[0] * math.sqrt(2 * math.pi))
        return density * phi((half + 0.5 - mean_later - slope * (x - mean_first)) / rest)

    total = 0.0
    for b in range(1, HIGH + 1):
        turn = mean_first + (b // 2 + 0.5 - mean_later) / slope
        inside = [turn] if b - 0.5 < turn < b + 0.5 else None
        total += quad(chance, b - 0.5, b + 0.5, args=(b // 2,), points=inside, epsabs=1e-14, epsrel=1e-12, limit=400)[0]
    found = halved_share((mean_first, mean_later), matrix(*sds, correlation), HIGH)
    assert found == pytest.approx(total, abs=1e-10)


def test_response_equals_brute_force():
    n = 2_000_000
    covariance = matrix(5.45, 8.17, 0.48)
    latent = np.random.default_rng(5).multivariate_normal([17.21, 12.37], covariance, size=n)
    first, later = np.clip(np.floor(latent + 0.5), 0, HIGH).T
    found = np.mean((2 * later <= first) & (first > 0))
    exact = halved_share((17.21, 12.37), covariance, HIGH)
    assert found == pytest.approx(exact, abs=4 * math.sqrt(exact * (1 - exact) / n))
