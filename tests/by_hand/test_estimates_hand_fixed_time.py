"""Differences of survival at fixed times of eight subjects, worked by hand as fractions."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from analyses.estimates.distributions import chi_square_p
from analyses.estimates.survival.fixed_time import survival_differences
from cohort.errors import EstimationError
from tests.by_hand.eight_subjects import EIGHT, G4, ROWS, S4, SCALES, Z, events


class TestFixedTime:
    @pytest.mark.parametrize("scale", SCALES)
    def test_two_groups(self, scale):
        found = survival_differences(EIGHT, times=[4], transform=scale).frame
        difference, test = found.iter_rows(named=True)
        g, slope = SCALES[scale]
        a, b = (float(S4[arm]) for arm in "AB")
        variance = sum((slope(float(S4[arm])) * float(S4[arm])) ** 2 * float(G4[arm]) for arm in "AB")
        assert test["estimate"] == pytest.approx((g(a) - g(b)) ** 2 / variance, rel=1e-12)
        assert (test["df"], test["reference"], test["n"], test["events"]) == (1, "A", 3 + 3, 1 + 2)
        assert test["p_value"] == difference["p_value"] == pytest.approx(chi_square_p(test["estimate"], 1))
        assert (difference["estimate"], difference["std_error"]) == (-0.25, pytest.approx(math.sqrt(Fraction(7, 64))))
        limits = [-0.25 - Z * math.sqrt(7) / 8, -0.25 + Z * math.sqrt(7) / 8]
        assert [difference["conf_low"], difference["conf_high"]] == pytest.approx(limits)

    def test_plain_chi_square_as_a_fraction(self):
        assert survival_differences(EIGHT, times=[4]).value("survival at time chi-square") == pytest.approx(4 / 7)

    def test_three_groups(self):
        rows = [*ROWS, ("C", 1, 1), ("C", 2, 1), ("C", 3, 1), ("C", 8, 0)]
        found = survival_differences(events(rows, arms=("A", "B", "C")), times=[4])
        # Weights 1/v = 64/3, 16 and 64/3 around their mean of 3/4, 1/2 and 1/4, which is 1/2.
        test = found.frame.filter(statistic="survival at time chi-square").row(0, named=True)
        assert (test["estimate"], test["df"]) == (pytest.approx(2 * float(Fraction(64, 3) / 16)), 2)
        assert found.value("survival difference", group="C") == -0.5

    def test_where_no_test_exists_a_note_says_why(self):
        found = survival_differences(EIGHT, times=[1, 8, 9], transform="logit")
        tests = found.frame.filter(statistic="survival at time chi-square")
        assert tests["estimate"].to_list() == [None] * 3
        assert found.notes == (
            "on day 1 the survival of 'A', 'B' is 0 or 1; there is no test on the logit scale",
            "day 8 lies after the last observed day of 'A'; there is no test",
            "day 9 lies after the last observed day of 'A'; there is no test",
        )
        differences = found.frame.filter(statistic="survival difference")
        assert differences.select("estimate", "std_error").rows() == [(0, 0), (None, None), (None, None)]

    def test_survival_0_has_a_difference_but_no_error(self):
        rows = [("A", 2, 1), ("A", 9, 0), ("B", 1, 1), ("B", 3, 1)]
        row = survival_differences(events(rows), times=[3]).frame.row(0, named=True)
        assert (row["estimate"], row["std_error"], row["conf_low"], row["p_value"]) == (-0.5, None, None, None)

    def test_an_arm_without_rows_costs_no_degree_of_freedom(self):
        found = survival_differences(events(arms=("A", "B", "C")), times=[4])
        assert found.frame.filter(statistic="survival at time chi-square")["df"].to_list() == [1]
        assert found.value("survival difference", group="C") is None

    def test_what_cannot_be_compared_is_refused(self):
        with pytest.raises(EstimationError, match="'arm' has rows in 1: 'A'"):
            survival_differences(events(ROWS[:4]), times=[4])
        with pytest.raises(EstimationError, match=r"times=\[\] were asked for"):
            survival_differences(EIGHT, times=[])
        with pytest.raises(EstimationError, match="times=5 were asked for"):
            survival_differences(EIGHT, times=5)
        with pytest.raises(EstimationError, match="transform='probit' was asked for"):
            survival_differences(EIGHT, times=[4], transform="probit")
        with pytest.raises(EstimationError, match="reference='C' is not a level"):
            survival_differences(EIGHT, times=[4], reference="C")
