"""Limits of curves, cumulative hazards and case weights of eight subjects, worked by hand as fractions."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import polars as pl
import pytest

from analyses.estimates.survival.kaplan_meier import kaplan_meier
from analyses.estimates.survival.nelson_aalen import nelson_aalen
from cohort.errors import EstimationError
from tests.by_hand.eight_subjects import EIGHT, G4, S4, SCALES, Z, events


class TestLimits:
    @pytest.mark.parametrize("scale", SCALES)
    @pytest.mark.parametrize("arm", ["A", "B"])
    def test_they_are_symmetric_on_their_scale(self, scale, arm):
        row = kaplan_meier(EIGHT, times=[4], limits=scale).frame.filter(term="time point", group=arm).row(0, named=True)
        g, slope = SCALES[scale]
        s, reach = float(S4[arm]), Z * float(S4[arm]) * math.sqrt(G4[arm])
        ends = sorted((row["conf_low"], row["conf_high"]), key=lambda s: g(min(max(s, 1e-9), 1 - 1e-9)))
        for end, sign in zip(ends, (-1, 1), strict=True):
            wanted = g(s) + sign * abs(slope(s)) * reach
            assert g(end) == pytest.approx(wanted, rel=1e-9) or end in (0, 1)
        assert row["conf_low"] < s < row["conf_high"]

    def test_plain_and_log_limits_stop_at_1_and_plain_ones_at_0(self):
        few = events([("A", 1, 1), ("A", 2, 1), ("A", 3, 0)])
        plain = kaplan_meier(few, by=None, times=[1, 2], limits="plain").frame.filter(term="time point")
        assert plain.select("conf_low", "conf_high").rows()[0][1] == 1
        assert plain["conf_low"].to_list()[1] == 0
        log = kaplan_meier(few, by=None, times=[1], limits="log").frame.filter(term="time point")
        assert log["conf_high"].to_list() == [1]

    @pytest.mark.parametrize("scale", SCALES)
    def test_edges(self, scale):
        frame = kaplan_meier(EIGHT, times=(1, 9), limits=scale).frame.filter(group="B", term="time point")
        assert frame.select("estimate", "std_error", "conf_low", "conf_high").rows() == [
            (1, 0, 1, 1),
            (0, None, None, None),
        ]

    def test_median_limits_come_from_the_chosen_band(self):
        for scale in SCALES:
            found = kaplan_meier(EIGHT, limits=scale)
            curve = found.model[1]
            row = found.frame.filter(statistic="quantile", at=0.5, group="B").row(0, named=True)
            assert row["conf_low"] == curve.time[np.argmax(curve.conf_low <= 0.5)]
            assert row["conf_high"] is None

    def test_unknown_ones_are_refused(self):
        with pytest.raises(EstimationError, match="limits='exact' were asked for; known are log-log, log, plain"):
            kaplan_meier(EIGHT, limits="exact")
        with pytest.raises(EstimationError, match="known are log, plain"):
            nelson_aalen(EIGHT, limits="log-log")


def test_numbers_under_a_figure():
    frame = kaplan_meier(EIGHT, times=(2, 5, 6.5)).frame.filter(group="A")
    told = {name: frame.filter(statistic=name)["estimate"].to_list() for name in frame["statistic"].unique()}
    assert frame.filter(statistic="at risk")["at"].to_list() == [0, 2, 5, 6.5]
    assert told["at risk"] == [4, 4, 3, 1]
    assert told["cumulative events"] == [0, 1, 2, 2]
    assert told["cumulative censored"] == [0, 0, 1, 1]


def test_case_weights_by_hand():
    """Weights 2, 1, 1 of events on days 1, 2 and a censoring on day 3: S(1) = 2/4, S(2) = 1/2 * 1/2.

    S(2) = (b + c)/(a + b + c) * c/(b + c) = c/(a + b + c): its slopes are -1/16, -1/16 and 3/16.
    """
    three = events([("A", 1, 1), ("A", 2, 1), ("A", 3, 0)], w=[2.0, 1.0, 1.0])
    found = kaplan_meier(three, by=None, times=[1, 2], case_weights="w")
    points = found.frame.filter(term="time point")
    assert points["estimate"].to_list() == [0.5, 0.25]
    first = 4 * Fraction(-2, 16) ** 2 + 2 * Fraction(2, 16) ** 2
    second = 4 * Fraction(-1, 16) ** 2 + Fraction(-1, 16) ** 2 + Fraction(3, 16) ** 2
    assert points["std_error"].to_list() == pytest.approx([math.sqrt(first), math.sqrt(second)], rel=1e-14)
    assert points.select("n", "events").rows() == [(3, 1), (2, 2)]
    assert found.frame.filter(statistic="at risk")["estimate"].to_list() == [4, 4, 2]
    assert found.value("events") == 3
    assert "robust" in found.method


def test_nelson_aalen():
    hazards = {
        "A": [Fraction(0), Fraction(1, 4), Fraction(1, 4) + Fraction(1, 3)],
        "B": [Fraction(0), Fraction(1, 4), Fraction(1, 4) + Fraction(1, 3), Fraction(19, 12)],
    }
    poisson = {
        "A": [0, Fraction(1, 16), Fraction(1, 16) + Fraction(1, 9)],
        "B": [0, Fraction(1, 16), Fraction(25, 144), Fraction(25, 144) + 1],
    }
    binomial = {
        "A": [0, Fraction(3, 64), Fraction(3, 64) + Fraction(2, 27)],
        "B": [0, Fraction(3, 64), Fraction(3, 64) + Fraction(2, 27), Fraction(3, 64) + Fraction(2, 27)],
    }
    for kind, variances in (("Poisson", poisson), ("binomial", binomial)):
        found = nelson_aalen(EIGHT, variance=kind)
        for arm in "AB":
            curve = found.frame.filter(statistic="cumulative hazard", term="curve", group=arm)
            assert curve["estimate"].to_list() == pytest.approx([float(h) for h in hazards[arm]], rel=1e-14)
            assert curve["std_error"].to_list() == pytest.approx([math.sqrt(v) for v in variances[arm]], rel=1e-14)
    row = nelson_aalen(EIGHT, times=[5]).frame.filter(term="time point", group="A").row(0, named=True)
    reach = Z * math.sqrt(25 / 144) / (7 / 12)
    assert (row["conf_low"], row["conf_high"]) == pytest.approx((7 / 12 * math.exp(-reach), 7 / 12 * math.exp(reach)))
    plain = nelson_aalen(EIGHT, times=[1, 2, 7.5], limits="plain").frame.filter(term="time point", group="A")
    assert plain["conf_low"].to_list() == [0, 0, None]
    assert plain["conf_high"].to_list() == [0, pytest.approx(0.25 + Z * 0.25), None]
    with pytest.raises(EstimationError, match="variance='Aalen' was asked for; known are Poisson, binomial"):
        nelson_aalen(EIGHT, variance="Aalen")


@pytest.mark.parametrize("estimate", [kaplan_meier, nelson_aalen])
def test_edges_have_defined_answers(estimate):
    one = events([("A", 0, 1)], arms=("A",))
    height = {kaplan_meier: 0, nelson_aalen: 1}[estimate]
    assert estimate(one, times=[0]).frame.filter(term="time point")["estimate"].to_list() == [height]
    censored = EIGHT.with_columns(right=pl.lit(None, dtype=pl.Float64))
    assert set(estimate(censored).frame.filter(term="curve")["estimate"]) == {1 - height}
    nulls = events().with_columns(arm=pl.when(pl.col("left") > 2).then("arm"))
    assert estimate(nulls).notes == ("2 of 8 rows have no value in arm and belong to no group",)
    with pytest.raises(EstimationError, match="times="):
        estimate(EIGHT, times=[math.nan])
    with pytest.raises(EstimationError, match="confidence=1 was given"):
        estimate(EIGHT, confidence=1)
