"""The certificate works, tells right methods from wrong ones, and its exact values are exact."""

from dataclasses import dataclass, replace
from math import exp, sqrt

import numpy as np
import polars as pl
import pytest

from analyses.plan.replication.replicates import REPLICATES
from tests.certify import draws, exact, hazards
from tests.certify.design import Design, Wanted
from tests.certify.page import certificate, designs, page
from tests.certify.verdict import verdicts

N = 4000
SIZE = 25
T = 2.0639  # of 24 degrees of freedom


@dataclass(frozen=True)
class NormalMeans:
    """Means with t limits and the test of their true value: right, unless errors are shrunk or means shifted."""

    shrunk: float = 1.0
    shifted: float = 0.0
    failing: float = 0.0
    seed: int = 1
    size: int = N

    def rows(self, first, last):
        rng = np.random.default_rng(self.seed)
        values = rng.normal(0.0, 1.0, (last - first, SIZE))
        mean, error = values.mean(axis=1) + self.shifted, self.shrunk * values.std(axis=1, ddof=1) / sqrt(SIZE)
        mean = np.where(rng.random(last - first) < self.failing, np.nan, mean)
        numbers = {"estimate": mean, "std_error": error, "conf_low": mean - T * error, "conf_high": mean + T * error}
        labels = {
            "replicate": np.arange(first, last),
            "analysis": "",
            "population": "all",
            "statistic": "mean difference",
        }
        absent = dict.fromkeys(set(REPLICATES) - labels.keys() - numbers.keys())
        frame = pl.DataFrame(labels | numbers | absent, schema_overrides=REPLICATES).select(REPLICATES.names())
        return frame.with_columns(pl.col("estimate", "conf_low", "conf_high").fill_nan(None))


WANTED = Wanted(labels={"statistic": "mean difference"}, true=0.0, level=0.05)


def line_of(wanted=WANTED, **wrong):
    design = Design(estimator="mean", design="normal", task=NormalMeans(**wrong), wanted=(wanted,))
    (line,) = certificate([design], N, workers=1)
    return line


def test_a_right_method_passes():
    line = line_of()
    assert line.verdict == "passes"
    assert [check.kind for check in line.checks] == ["bias", "ratio", "coverage", "level"]


@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        ({"shrunk": 0.9}, ["ratio", "coverage", "level"]),
        ({"shrunk": 1.1}, ["ratio"]),
        ({"shifted": 0.05}, ["bias"]),
        ({"failing": 0.02}, ["estimates lacking"]),
    ],
)
def test_a_wrong_method_is_caught(wrong, found):
    line = line_of(**wrong)
    assert not line.sound
    assert set(found) <= set(line.wrong)
    assert line.verdict.startswith("FAILS: ")


def test_a_wrong_method_that_must_fail_is_sound_where_it_does_and_only_there():
    wrong = replace(WANTED, must_fail=("ratio",))
    assert line_of(wrong, shrunk=0.9).sound
    assert line_of(wrong).verdict == "NOT CAUGHT"


def test_what_is_allowed_is_allowed_and_no_more():
    assert line_of(replace(WANTED, allowed={"bias": 0.05}), shifted=0.05).sound
    assert not line_of(replace(WANTED, allowed={"bias": 0.01}), shifted=0.05).sound


def test_the_whole_table_can_be_made():
    asked = list(designs())
    lines = certificate(asked, 2, workers=1)
    text = page(lines, verdicts(asked))
    assert len(lines) == sum(len(design.wanted) for design in asked) == text.count("\n| ") - 1
    assert {line.design.estimator for line in lines} >= {
        "proportions (Wilson)", "risk_differences (Newcombe)", "describe", "person_time (Garwood)", "kaplan_meier",
        "log_rank", "cox",
    }  # fmt: skip
    assert all(line.measures["replicates"]["n"] >= 2 for line in lines)


def test_the_streams_of_the_designs_differ():
    # the same data may be analysed rightly and wrongly; different designs never share a seed
    seeds = {}
    for design in designs():
        seeds.setdefault(design.task.seed, set()).add(design.design.split(",")[0])
    assert all(len(drawn) == 1 for drawn in seeds.values())


class TestExactValues:
    """Each against a simulation of its own, by other formulas."""

    def test_wilson_by_hand(self):
        # n = 2, p = 1/2: the limits of 0, 1, 2 are (0, .658), (.095, .905), (.342, 1); all hold 1/2
        assert exact.wilson_coverage(2, 0.5) == pytest.approx(1.0)
        # p = 0.7: those of 0 do not
        assert exact.wilson_coverage(2, 0.7) == pytest.approx(1 - 0.3**2)

    def test_newcombe_of_two_single_subjects(self):
        # Wilson of 0 in 1: (0, .793); 1 in 1: (.207, 1); the limits of 1 - 0: 1 - hypot(.793, .793) = -.1221 to 1
        low = 1 - sqrt(2) * exact._score_roots(0, 1)[1]
        assert low == pytest.approx(-0.1221, abs=1e-4)
        assert exact.newcombe_coverage(1, 0.5, 1, 0.5) == pytest.approx(1.0)

    def test_rates(self):
        rng = np.random.default_rng(1)
        law = exact.CensoredRate(15, 0.02, 0.01)
        end = rng.exponential(1 / 0.03, (200_000, 15)).sum(axis=1)
        count = rng.binomial(15, 2 / 3, 200_000)
        rate, error = count / end, np.sqrt(count) / end
        assert rate.mean() == pytest.approx(law.mean(), abs=4.5 * rate.std() / sqrt(200_000))
        assert np.sqrt(np.mean(error**2)) / rate.std() == pytest.approx(law.ratio(), rel=0.01)
        low, high = exact.garwood(count)
        assert np.mean((low / end <= 0.02) & (high / end >= 0.02)) == pytest.approx(law.coverage(), abs=0.003)

    def test_poisson_counts(self):
        rng = np.random.default_rng(2)
        low, high = exact.garwood(rng.poisson(3.0, 200_000))
        assert np.mean((low <= 3) & (high >= 3)) == pytest.approx(exact.garwood_coverage(3.0), abs=0.003)

    def test_medians(self):
        rng = np.random.default_rng(3)
        times = np.sort(rng.exponential(size=(100_000, 21)), axis=1)
        law = exact.ExponentialMedian(21)
        assert times[:, 10].mean() == pytest.approx(law.mean(), abs=4.5 * times[:, 10].std() / sqrt(100_000))

    def test_the_sd_of_two_normal_values(self):
        # the mean of |x - y| / sqrt(2) is sqrt(2 / pi)
        assert exact.sd_bias(2) == pytest.approx(sqrt(2 / np.pi) - 1)


def test_a_positive_stable_frailty_has_the_law_that_it_should():
    drawn = draws.positive_stable(0.7, 200_000, np.random.default_rng(4))
    for s in (0.5, 2.0):
        found = np.exp(-s * drawn)
        assert found.mean() == pytest.approx(exp(-(s**0.7)), abs=4.5 * found.std() / sqrt(200_000))


def test_subjects_with_several_times_are_drawn_as_said():
    frame = hazards.frail(np.random.default_rng(5))
    assert frame["person"].n_unique() == hazards.SUBJECTS
    assert frame.group_by("person").len()["len"].unique().to_list() == [hazards.TIMES]
    assert frame.group_by("arm").len().sort("arm")["len"].to_list() == [225, 225]


def test_a_method_that_gives_no_number_fails_and_does_not_crash():
    asked = Wanted(labels={"statistic": "no such number"}, true=0.0)
    design = Design(estimator="none", design="none", task=NormalMeans(size=10), wanted=(asked,))
    (line,) = certificate([design], 10, workers=1)
    assert not line.sound
    assert "estimates lacking" in line.wrong
