"""Accelerated failure times of a few subjects, whose likelihoods are solved by hand."""

import math
from fractions import Fraction

import numpy as np
import polars as pl
import pytest

from analyses.estimates.regression.accelerated_failure import accelerated_failure
from analyses.estimates.regression.parametric_curves import parametric_survival, predicted_times
from tests.parametric.small_intervals import exact, intervals, row_of

TIMES, SEEN = [2, 5, 7, 11, 3, 4, 9], [True, True, False, True, True, False, True]
ARMS = pl.Series(["control"] * 4 + ["drug"] * 3, dtype=pl.Enum(["control", "drug"]))
TWO_PARAMETERS = ("Weibull", "lognormal", "loglogistic")


def test_exponential_times_are_events_over_days():
    # Control: 3 events in 25 days; drug: 2 in 16. The variance of a log rate is one over its events.
    found = accelerated_failure(exact(TIMES, SEEN, arm=ARMS), "arm", distribution="exponential")
    rates = Fraction(3, 25), Fraction(2, 16)
    intercept, ratio = row_of(found, "log time"), row_of(found, "log time ratio")
    assert intercept["estimate"] == pytest.approx(-math.log(rates[0]), rel=1e-12)
    assert intercept["std_error"] == pytest.approx(math.sqrt(Fraction(1, 3)), rel=1e-12)
    assert (ratio["term"], ratio["group"], ratio["reference"]) == ("arm", "drug", "control")
    assert found.value("time ratio") == pytest.approx(float(rates[0] / rates[1]), rel=1e-12)
    assert ratio["std_error"] == pytest.approx(math.sqrt(Fraction(1, 3) + Fraction(1, 2)), rel=1e-12)
    assert found.value("hazard ratio") == pytest.approx(float(rates[1] / rates[0]), rel=1e-12)
    assert row_of(found, "log hazard ratio")["std_error"] == pytest.approx(ratio["std_error"], rel=1e-12)
    fitted = 3 * math.log(rates[0]) - 3 + 2 * math.log(rates[1]) - 2
    null = 5 * math.log(Fraction(5, 41)) - 5
    assert found.value("log likelihood", term="fitted") == pytest.approx(fitted, rel=1e-12)
    assert found.value("log likelihood", term="null") == pytest.approx(null, rel=1e-12)
    assert found.value("likelihood ratio chi-square") == pytest.approx(2 * (fitted - null), rel=1e-9)
    assert found.value("AIC") == pytest.approx(2 * 2 - 2 * fitted, rel=1e-12)
    assert found.value("scale") == 1
    assert found.frame.filter(statistic="log scale").height == 0
    assert (ratio["n"], ratio["events"]) == (7, 5)
    assert found.notes == ("of 7 times: 5 an exact time, 2 right-censored",)


def test_late_entry_takes_its_days_off():
    entry = [0, 3, 0, 5, 1, 0, 4]
    found = accelerated_failure(exact(TIMES, SEEN, entry), "1", distribution="exponential")
    assert found.value("log time") == pytest.approx(math.log(Fraction(41 - 13, 5)), rel=1e-12)
    median = predicted_times(found).frame.row(0, named=True)
    assert median["estimate"] == pytest.approx(math.log(2) * 28 / 5, rel=1e-12)
    assert median["std_error"] == pytest.approx(math.log(2) * 28 / 5 / math.sqrt(5), rel=1e-12)


def test_exponential_times_seen_at_visits():
    # Seen on days 1 and 2: 3 events, then 2, and 5 free. With q = exp(-rate) the likelihood is (1-q)^5 q^(2 + 2 * 5).
    found = accelerated_failure(
        intervals([(0, 1)] * 3 + [(1, 2)] * 2 + [(2, None)] * 5), "1", distribution="exponential"
    )
    q = Fraction(12, 17)
    assert found.value("log time") == pytest.approx(-math.log(-math.log(q)), rel=1e-12)
    error = math.sqrt(q * (1 - q) / 17) / (float(q) * abs(math.log(q)))
    assert row_of(found, "log time")["std_error"] == pytest.approx(error, rel=1e-12)
    fitted = 5 * math.log(1 - q) + 12 * math.log(q)
    assert found.value("log likelihood", term="fitted") == pytest.approx(fitted, rel=1e-12)
    assert found.value("log likelihood", term="null") == found.value("log likelihood", term="fitted")
    assert found.notes == ("of 10 times: 5 right-censored, 3 left-censored, 2 interval-censored",)


def test_lognormal_times_that_are_all_dated_are_means_of_logs():
    found = accelerated_failure(exact(TIMES, [True] * 7, arm=ARMS), "arm", distribution="lognormal")
    logs = np.log(TIMES)
    means = logs[:4].mean(), logs[4:].mean()
    scale = math.sqrt((((logs[:4] - means[0]) ** 2).sum() + ((logs[4:] - means[1]) ** 2).sum()) / 7)
    assert found.value("log time") == pytest.approx(means[0], rel=1e-12)
    assert found.value("log time ratio") == pytest.approx(means[1] - means[0], rel=1e-12)
    assert found.value("scale") == pytest.approx(scale, rel=1e-12)
    assert row_of(found, "log time")["std_error"] == pytest.approx(scale / 2, rel=1e-12)
    error = scale * math.sqrt(Fraction(1, 4) + Fraction(1, 3))
    assert row_of(found, "log time ratio")["std_error"] == pytest.approx(error, rel=1e-12)
    assert row_of(found, "log scale")["std_error"] == pytest.approx(1 / math.sqrt(14), rel=1e-12)
    fitted = -7 * math.log(scale * math.sqrt(2 * math.pi)) - 3.5 - logs.sum()
    assert found.value("log likelihood", term="fitted") == pytest.approx(fitted, rel=1e-12)
    assert found.frame.filter(statistic="hazard ratio").height == 0


def test_weibull_times_solve_their_score_equations():
    found = accelerated_failure(exact(TIMES, SEEN), "1")
    shape, level = 1 / found.value("scale"), math.exp(found.value("log time"))
    times, seen = np.array(TIMES), np.array(SEEN)
    powers = times**shape
    assert powers.sum() == pytest.approx(5 * level**shape, rel=1e-11)
    mean = np.log(times[seen]).mean()
    assert 1 / shape == pytest.approx((powers * np.log(times)).sum() / powers.sum() - mean, rel=1e-11)


@pytest.mark.parametrize("distribution", TWO_PARAMETERS)
def test_two_visits_and_two_parameters_give_the_shares_themselves(distribution):
    # 4 of 10 by day 3, 3 more by day 8: as many shares as parameters, so that survival and its error are binomial.
    rows = intervals([(0, 3)] * 4 + [(3, 8)] * 3 + [(8, None)] * 3)
    found = accelerated_failure(rows, "1", distribution=distribution)
    curve = parametric_survival(found, times=[0, 3, 8]).frame
    assert curve["estimate"].to_list() == pytest.approx([1, 0.6, 0.3], rel=1e-12)
    assert curve["std_error"].to_list() == pytest.approx(
        [0, *(math.sqrt(s * (1 - s) / 10) for s in (0.6, 0.3))], rel=1e-10
    )
    fitted = 4 * math.log(0.4) + 6 * math.log(0.3)
    assert found.value("log likelihood", term="fitted") == pytest.approx(fitted, rel=1e-12)
    times = predicted_times(found, probabilities=[0.4, 0.7]).frame
    assert times["estimate"].to_list() == pytest.approx([3, 8], rel=1e-12)
    assert (times["conf_low"] > 0).all()


def test_loglogistic_shares_have_their_known_form():
    found = accelerated_failure(
        intervals([(0, 3)] * 4 + [(3, 8)] * 3 + [(8, None)] * 3), "1", distribution="loglogistic"
    )
    odds = math.log(Fraction(4, 6)), math.log(Fraction(7, 3))
    scale = math.log(8 / 3) / (odds[1] - odds[0])
    assert found.value("scale") == pytest.approx(scale, rel=1e-12)
    assert found.value("log time") == pytest.approx(math.log(3) - scale * odds[0], rel=1e-12)


def test_clusters_sum_their_scores():
    # Of the log rate the score of a row is event - rate * days; the information is the events.
    ward = ["a", "a", "b", "b", "c", "c", "c"]
    found = accelerated_failure(exact(TIMES, SEEN, ward=ward), "1", distribution="exponential", cluster="ward")
    rate = Fraction(5, 41)
    scores = [Fraction(int(seen)) - rate * time for time, seen in zip(TIMES, SEEN, strict=True)]
    sums = [scores[0] + scores[1], scores[2] + scores[3], sum(scores[4:])]
    assert row_of(found, "log time")["std_error"] == pytest.approx(math.sqrt(sum(s * s for s in sums)) / 5, rel=1e-12)
    assert "7 rows lie in 3 clusters of ward" in found.notes
    assert "robust to dependence within ward" in found.method


def test_with_clusters_the_test_is_walds():
    ward = ["a", "b", "c", "d", "e", "f", "g"]
    found = accelerated_failure(
        exact(TIMES, SEEN, arm=ARMS, ward=ward), "arm", distribution="exponential", cluster="ward"
    )
    ratio, test = row_of(found, "log time ratio"), row_of(found, "Wald chi-square")
    assert test["estimate"] == pytest.approx((ratio["estimate"] / ratio["std_error"]) ** 2, rel=1e-10)
    assert test["p_value"] == pytest.approx(ratio["p_value"], rel=1e-9)
    assert found.frame.filter(statistic="likelihood ratio chi-square").height == 0


def test_who_is_censored_on_day_0_is_left_out():
    more = accelerated_failure(exact([*TIMES, 0], [*SEEN, False]), "1")
    assert more.frame.equals(accelerated_failure(exact(TIMES, SEEN), "1").frame)
    assert more.notes[0] == "1 of 8 rows are censored on day 0, tell nothing and are left out"
