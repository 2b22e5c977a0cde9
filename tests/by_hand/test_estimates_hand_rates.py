"""Rates that have a closed form: two groups, whose rates are events over time."""

import math
from fractions import Fraction

import polars as pl
import pytest

from analyses.estimates.distributions import chi_square_p, normal_quantile
from analyses.estimates.regression.rates import event_rates
from tests.recurrent.histories_drawn import as_events

COUNTS = pl.DataFrame(
    {"arm": ["a", "a", "a", "b", "b"], "seizures": [4, 8, 0, 1, 2], "days": [60, 60, 30, 30, 60]},
    schema_overrides={"arm": pl.Enum(["a", "b"])},
)
RATE = {"a": Fraction(12, 150), "b": Fraction(3, 90)}


def row(found, statistic, **where):
    return found.frame.filter(statistic=statistic, **where).row(0, named=True)


def test_poisson_is_events_over_time():
    found = event_rates(COUNTS, "arm", count="seizures", exposure="days")
    log = row(found, "log rate ratio")
    assert (log["term"], log["group"], log["reference"], log["n"], log["events"]) == ("arm", "b", "a", 5, 15)
    assert log["estimate"] == pytest.approx(math.log(RATE["b"] / RATE["a"]), rel=1e-12)
    error = math.sqrt(Fraction(1, 12) + Fraction(1, 3))
    assert log["std_error"] == pytest.approx(error, rel=1e-12)
    ratio, reach = row(found, "rate ratio"), math.exp(normal_quantile(0.95) * error)
    assert ratio["std_error"] is None
    numbers = [ratio[name] for name in ("estimate", "conf_low", "conf_high")]
    assert numbers == pytest.approx([5 / 12, 5 / 12 / reach, 5 / 12 * reach], rel=1e-12)
    assert row(found, "rate")["estimate"] == pytest.approx(float(RATE["a"]), rel=1e-12)
    assert row(found, "log rate")["std_error"] == pytest.approx(math.sqrt(Fraction(1, 12)), rel=1e-12)


def test_poisson_likelihood_and_its_tests():
    found = event_rates(COUNTS, "arm", count="seizures", exposure="days")
    means = [float(RATE[arm] * days) for arm, days in COUNTS.select("arm", "days").rows()]
    counts = COUNTS["seizures"].to_list()
    fitted = sum(y * math.log(m) - m - math.lgamma(y + 1) for y, m in zip(counts, means, strict=True))
    together = [float(Fraction(15, 240) * days) for days in COUNTS["days"]]
    null = sum(y * math.log(m) - m - math.lgamma(y + 1) for y, m in zip(counts, together, strict=True))
    assert row(found, "log likelihood", term="fitted")["estimate"] == pytest.approx(fitted, rel=1e-13)
    assert row(found, "log likelihood", term="null")["estimate"] == pytest.approx(null, rel=1e-13)
    assert row(found, "likelihood ratio chi-square")["estimate"] == pytest.approx(2 * (fitted - null), rel=1e-11)
    pearson = sum((y - m) ** 2 / m for y, m in zip(counts, means, strict=True))
    assert (row(found, "Pearson chi-square")["estimate"], row(found, "Pearson chi-square")["df"]) == (
        pytest.approx(pearson),
        3,
    )


def test_robust_errors_add_up_squared_misses():
    found = event_rates(COUNTS, "arm", count="seizures", exposure="days", errors="robust")
    # Misses of each subject from rate times days, over the events of its arm.
    misses = {"a": [Fraction(-8, 10), Fraction(32, 10), Fraction(-24, 10)], "b": [0, 0]}
    variance = sum((miss / 12) ** 2 for miss in misses["a"]) + sum((Fraction(miss) / 3) ** 2 for miss in misses["b"])
    assert row(found, "log rate ratio")["std_error"] == pytest.approx(math.sqrt(variance), rel=1e-11)


def test_events_are_added_up_by_subject():
    histories = [[(0, 3, 1), (3, 9, 1), (9, 20, 0)], [(5, 25, 1)], [(0, 10, 1)], [(0, 20, 0)]]
    found = event_rates(as_events(histories, list("AABB")), "arm")
    assert row(found, "rate ratio")["estimate"] == pytest.approx(float(Fraction(1, 30) / Fraction(3, 40)), rel=1e-12)
    assert (row(found, "rate ratio")["n"], row(found, "rate ratio")["events"]) == (4, 4)


def test_one_mean_and_its_dispersion():
    """With one time for all the rate is the mean count, and alpha is where the derivative of the likelihood is 0."""
    counts = [0, 0, 1, 3, 7]
    frame = pl.DataFrame({"seizures": counts, "days": 10.0})
    found = event_rates(frame, "1", family="negative binomial", count="seizures", exposure="days")
    mean = Fraction(sum(counts), len(counts))
    assert row(found, "rate")["estimate"] == pytest.approx(float(mean / 10), rel=1e-11)

    def slope(theta):
        grown = sum(1 / (theta + k) for y in counts for k in range(y))
        return grown - len(counts) * math.log1p(float(mean) / theta)

    low, high = 1e-3, 1e3
    for _ in range(200):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if slope(middle) > 0 else (low, middle)
    theta = row(found, "dispersion", term="theta")
    assert theta["estimate"] == pytest.approx(low, rel=1e-9)
    assert row(found, "dispersion", term="alpha")["estimate"] == pytest.approx(1 / low, rel=1e-9)
    # Mean and theta are orthogonal, so that the error of theta is from its own second derivative.
    m, k = float(mean), len(counts)
    second = k / low - k / (low + m) - sum(1 / (low + j) ** 2 for y in counts for j in range(y))
    assert theta["std_error"] == pytest.approx(1 / math.sqrt(-second), rel=1e-8)
    variance = (1 / m + 1 / low) / k
    assert row(found, "log rate")["std_error"] == pytest.approx(math.sqrt(variance), rel=1e-8)
    test = row(found, "overdispersion chi-square")
    assert test["p_value"] == pytest.approx(chi_square_p(test["estimate"], 1) / 2)
