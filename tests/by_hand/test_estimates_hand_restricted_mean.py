"""Restricted means of eight subjects, worked by hand as fractions."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import polars as pl
import pytest

from analyses.estimates.distributions import two_sided_p
from analyses.estimates.survival.adjusted_restricted_mean import adjusted_restricted_mean
from analyses.estimates.survival.restricted_mean import restricted_mean
from cohort.errors import EstimationError
from tests.by_hand.eight_subjects import EIGHT, ROWS, Z, events

# To day 6. A: 2 + 3 * 3/4 + 1 * 1/2 = 19/4; after day 2 the area is 11/4, after day 5 it is 1/2.
MEANS = {"A": Fraction(19, 4), "B": Fraction(9, 2)}
SQUARES = {
    "A": Fraction(11, 4) ** 2 / 12 + Fraction(1, 2) ** 2 / 6,
    "B": Fraction(5, 2) ** 2 / 12 + Fraction(1) ** 2 / 6,
}


class TestRestrictedMean:
    def test_means(self):
        found = restricted_mean(EIGHT, until=6)
        for arm in "AB":
            row = found.frame.filter(statistic="restricted mean", group=arm).row(0, named=True)
            error = math.sqrt(SQUARES[arm])
            wanted = [float(MEANS[arm]), error, float(MEANS[arm]) - Z * error, float(MEANS[arm]) + Z * error]
            numbers = [row[name] for name in ("estimate", "std_error", "conf_low", "conf_high")]
            assert numbers == pytest.approx(wanted, rel=1e-14)
            assert (row["at"], row["n"], row["events"]) == (6, 4, 2)
            assert found.value("restricted mean time lost", group=arm) == float(6 - MEANS[arm])

    def test_comparisons(self):
        found = restricted_mean(EIGHT, until=6).frame.filter(pl.col("reference").is_not_null())
        difference, ratio, lost = found.iter_rows(named=True)
        error = math.sqrt(SQUARES["A"] + SQUARES["B"])
        assert (difference["group"], difference["reference"]) == ("B", "A")
        assert (difference["estimate"], difference["std_error"]) == pytest.approx((-0.25, error))
        assert difference["p_value"] == pytest.approx(two_sided_p(0.25 / error))
        for row, up, down in ((ratio, Fraction(9, 2), Fraction(19, 4)), (lost, Fraction(3, 2), Fraction(5, 4))):
            log = math.log(up / down)
            spread = math.sqrt(SQUARES["B"] / up**2 + SQUARES["A"] / down**2)
            wanted = [
                float(up / down),
                math.exp(log - Z * spread),
                math.exp(log + Z * spread),
                two_sided_p(log / spread),
            ]
            assert [row[n] for n in ("estimate", "conf_low", "conf_high", "p_value")] == pytest.approx(wanted)
            assert row["std_error"] is None

    def test_the_error_is_not_that_of_a_single_time(self):
        """Without censoring the error is that of a mean: the standard deviation of min(T, until) over root n."""
        four = events([("A", 1, 1), ("A", 2, 1), ("A", 4, 1), ("A", 8, 1)])
        error = restricted_mean(four, by=None, until=5).frame["std_error"][0]
        assert error == pytest.approx(np.std([1, 2, 4, 5]) / 2, rel=1e-14)

    def test_the_horizon_ends_with_what_is_known(self):
        assert restricted_mean(EIGHT, until=7).value("restricted mean", group="A") == 5.25
        with pytest.raises(EstimationError, match=r"until=7.5 lies beyond day 7, the last day of 'A'.*pass until=7 or"):
            restricted_mean(EIGHT, until=7.5)
        # B has fallen to 0 on day 9: nothing is unknown after it, as in R's summary(survfit, rmean = 10).
        alone = events(ROWS[4:])
        for until in (9, 10):
            assert restricted_mean(alone, until=until, by=None).value("restricted mean") == 6
        # A longer curve may carry on beyond the day on which a shorter one fell to 0.
        both = events([("A", 2, 1), ("B", 4, 1), ("B", 8, 0)])
        assert restricted_mean(both, until=8).value("restricted mean", group="A") == 2

    @pytest.mark.parametrize("until", [0, -1, math.inf, math.nan, "365", None, True])
    def test_what_is_no_horizon_is_refused(self, until):
        with pytest.raises(EstimationError, match="expected a day after 0, such as 365"):
            restricted_mean(EIGHT, until=until)

    def test_without_events_there_is_no_error_and_no_test(self):
        censored = EIGHT.with_columns(right=pl.lit(None, dtype=pl.Float64))
        found = restricted_mean(censored, until=5).frame
        assert found.filter(statistic="restricted mean").select("estimate", "std_error").rows() == [(5, 0), (5, 0)]
        assert found.filter(statistic="restricted mean difference").select("estimate", "p_value").rows() == [(0, None)]
        assert found.filter(statistic="restricted mean time lost ratio")["estimate"].to_list() == [None]

    def test_an_arm_without_rows_is_shown_empty(self):
        found = restricted_mean(events(ROWS[:4]), until=5).frame
        assert found.filter(group="B")["estimate"].to_list() == [None] * 5
        assert found.filter(group="B")["n"].to_list() == [0, 0, 4, 4, 4]


class TestAdjusted:
    def test_with_the_arm_alone_it_is_the_difference_of_the_areas(self):
        for measure, name in (
            ("difference", "restricted mean difference"),
            ("ratio", "restricted mean ratio"),
            ("time lost ratio", "restricted mean time lost ratio"),
        ):
            columns = [
                "estimate",
                "conf_low",
                "conf_high",
                "p_value",
                *(["std_error"] if measure == "difference" else []),
            ]
            ours = adjusted_restricted_mean(EIGHT, "arm", until=6, measure=measure).frame.filter(statistic=name)
            wanted = restricted_mean(EIGHT, until=6).frame.filter(statistic=name)
            for column in columns:
                assert ours[column].item() == pytest.approx(wanted[column].item(), rel=1e-9), (measure, column)
        intercept = adjusted_restricted_mean(EIGHT, "arm", until=6).value("restricted mean", term="intercept")
        assert intercept == pytest.approx(4.75)

    def test_without_censoring_it_is_least_squares(self):
        four = events([("A", 1, 1), ("A", 2, 1), ("A", 4, 1), ("A", 8, 1)], x=[0.0, 1.0, 0.0, 1.0])
        found = adjusted_restricted_mean(four, "x", until=5, by=None)
        assert found.value("restricted mean", term="intercept") == pytest.approx(2.5)
        assert found.value("restricted mean difference") == pytest.approx(1.0)
        # Residuals -3/2, -3/2, 3/2, 3/2: each mean has the variance 2 * 9/4 / 4.
        assert found.frame["std_error"].to_list() == pytest.approx([math.sqrt(9 / 8), 1.5])

    def test_what_cannot_be_used_is_refused(self):
        with pytest.raises(EstimationError, match="by='arm' is not a variable of the formula 'x'"):
            adjusted_restricted_mean(EIGHT.with_columns(x=pl.int_range(8)), "x", until=6)
        with pytest.raises(EstimationError, match="8 of 8 rows enter late"):
            adjusted_restricted_mean(EIGHT.with_columns(entry=1.0), "arm", until=6)
        with pytest.raises(EstimationError, match="lies beyond day 7"):
            adjusted_restricted_mean(EIGHT, "arm", until=8)
        with pytest.raises(EstimationError, match="measure='odds' was asked for"):
            adjusted_restricted_mean(EIGHT, "arm", until=6, measure="odds")
        with pytest.raises(EstimationError, match="formula '1' has no covariate"):
            adjusted_restricted_mean(EIGHT, "1", until=6, by=None)
        with pytest.raises(EstimationError, match="until=0 was given"):
            adjusted_restricted_mean(EIGHT, "arm", until=0)

    def test_a_mean_of_0_has_no_ratio(self):
        unscathed = events([("A", 2, 1), ("A", 5, 1), ("A", 7, 0), ("B", 7, 0), ("B", 8, 0)])
        with pytest.raises(EstimationError, match="the ratio has no solution: in some group the mean would be 0"):
            adjusted_restricted_mean(unscathed, "arm", until=6, measure="time lost ratio")
