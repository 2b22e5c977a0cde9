"""Weighted, stratified and trend log-rank tests worked by hand, as fractions.

A: died day 2, died day 5, censored day 5, censored day 7.   B: died day 2, died day 4, censored day 6, died day 9.
"""

from __future__ import annotations

import math
from fractions import Fraction

import polars as pl
import pytest

from analyses.estimates.survival.log_rank import log_rank
from analyses.estimates.survival.rank_weights import FlemingHarrington
from tests.by_hand.small_times import events

ROWS = [("A", 2, 1), ("A", 5, 1), ("A", 5, 0), ("A", 7, 0), ("B", 2, 1), ("B", 4, 1), ("B", 6, 0), ("B", 9, 1)]
# Days 2, 4, 5, 9: at risk, of them in A, events, of them in A.
TABLE = [(8, 4, 2, 1), (6, 3, 1, 0), (5, 3, 1, 1), (1, 0, 1, 0)]
PLAIN = [1, 1, 1, 1]
BEFORE = [
    Fraction(1),
    Fraction(3, 4),
    Fraction(3, 4) * Fraction(5, 6),
    Fraction(3, 4) * Fraction(5, 6) * Fraction(4, 5),
]
SHRUNK = [
    Fraction(7, 9),
    Fraction(7, 9) * Fraction(6, 7),
    Fraction(7, 9) * Fraction(6, 7) * Fraction(5, 6),
    Fraction(7, 9) * Fraction(6, 7) * Fraction(5, 6) * Fraction(1, 2),
]


def sums(table, weights):
    """Observed, expected and variance of the first of two groups."""
    weighted = list(zip(weights, table, strict=True))
    observed = sum(w * a for w, (_, _, _, a) in weighted)
    expected = sum(w * Fraction(d * m, n) for w, (n, m, d, _) in weighted)
    variance = sum(
        w * w * Fraction(d * (n - d), max(n - 1, 1)) * Fraction(m * (n - m), n * n) for w, (n, m, d, _) in weighted
    )
    return observed, expected, variance


EIGHT = events(ROWS)
CASES = [
    (None, None, PLAIN),
    ("gehan-breslow", "Gehan-Breslow", [8, 6, 5, 1]),
    ("peto-peto", "Peto-Peto", SHRUNK),
    (
        "modified peto-peto",
        "modified Peto-Peto",
        [s * Fraction(n, n + 1) for s, (n, *_) in zip(SHRUNK, TABLE, strict=True)],
    ),
    (FlemingHarrington(1), "Fleming-Harrington (1, 0)", BEFORE),
    (FlemingHarrington(0, 1), "Fleming-Harrington (0, 1)", [1 - s for s in BEFORE]),
    (FlemingHarrington(2, 1), "Fleming-Harrington (2, 1)", [s * s * (1 - s) for s in BEFORE]),
]


@pytest.mark.parametrize(("weights", "term", "by_hand"), CASES, ids=[str(case[1]) for case in CASES])
def test_weights(weights, term, by_hand):
    observed, expected, variance = sums(TABLE, by_hand)
    found = log_rank(EIGHT, weights=weights)
    assert found.frame["term"].unique().to_list() == [term]
    assert found.value("observed", group="A") == pytest.approx(float(observed), rel=1e-14)
    assert found.value("expected", group="A") == pytest.approx(float(expected), rel=1e-14)
    assert found.value("variance") == pytest.approx(float(variance), rel=1e-14)
    test = found.frame.filter(statistic="log-rank chi-square").row(0, named=True)
    assert test["estimate"] == pytest.approx(float((observed - expected) ** 2 / variance), rel=1e-12)
    assert (test["df"], test["n"], test["events"]) == (1, 8, 5)
    assert found.frame.filter(statistic="observed")["events"].to_list() == [2, 3]


def test_tarone_ware_weighs_by_the_root_of_those_at_risk():
    difference = sum(math.sqrt(n) * (a - d * m / n) for n, m, d, a in TABLE)
    # The squared weights are whole: n.
    variance = sum(n * Fraction(d * (n - d), max(n - 1, 1)) * Fraction(m * (n - m), n * n) for n, m, d, _ in TABLE)
    found = log_rank(EIGHT, weights="tarone-ware").value("log-rank chi-square")
    assert found == pytest.approx(difference**2 / float(variance), rel=1e-13)


# Men: A died 2, censored 5; B died 2, died 4.   Women: A died 5, censored 7; B censored 6, died 9.
SEX = ["m", "f", "m", "f", "m", "m", "f", "f"]
MEN, WOMEN = [(4, 2, 2, 1), (2, 1, 1, 0)], [(4, 2, 1, 1), (1, 0, 1, 0)]


@pytest.mark.parametrize(
    ("weights", "men", "women"),
    [
        (None, [1, 1], [1, 1]),
        ("gehan-breslow", [4, 2], [4, 1]),
        (FlemingHarrington(1), [1, Fraction(1, 2)], [1, Fraction(3, 4)]),
        (
            "peto-peto",
            [Fraction(3, 5), Fraction(3, 5) * Fraction(2, 3)],
            [Fraction(4, 5), Fraction(4, 5) * Fraction(1, 2)],
        ),
    ],
)
def test_strata_are_added_up_each_with_its_own_weights(weights, men, women):
    (o, e, v), (also, more, wider) = sums(MEN, men), sums(WOMEN, women)
    found = log_rank(EIGHT.with_columns(sex=pl.Series(SEX)), strata="sex", weights=weights)
    assert found.value("expected", group="A") == pytest.approx(float(e + more), rel=1e-14)
    assert found.value("variance") == pytest.approx(float(v + wider), rel=1e-14)
    chi_square = (o + also - e - more) ** 2 / (v + wider)
    assert found.value("log-rank chi-square") == pytest.approx(float(chi_square), rel=1e-13)
    assert found.method.endswith("stratified by sex")


def test_two_columns_of_strata_are_crossed():
    data = EIGHT.with_columns(sex=pl.Series(SEX), site=pl.lit("one"))
    found = log_rank(data, strata=["sex", "site"])
    assert found.value("log-rank chi-square") == log_rank(data, strata="sex").value("log-rank chi-square")
    assert found.method == "Log-rank test, stratified by sex and site"


# Three doses, one event a day: low died 1, low died 2, middle died 3, high died 4, middle censored 5, high censored 5.
DOSES = [("L", 1, 1), ("L", 2, 1), ("M", 3, 1), ("H", 4, 1), ("M", 5, 0), ("H", 5, 0)]


def test_trend():
    # At risk L, M, H: day 1 (2, 2, 2), day 2 (1, 2, 2), day 3 (0, 2, 2), day 4 (0, 1, 2).
    at_risk, died = [(2, 2, 2), (1, 2, 2), (0, 2, 2), (0, 1, 2)], [0, 0, 1, 2]
    for trend, scores in ((True, (1, 2, 3)), ({"L": 0, "M": 10, "H": 40}, (0, 10, 40))):
        score = variance = Fraction(0)
        for risk, who in zip(at_risk, died, strict=True):
            n = sum(risk)
            mean = sum(Fraction(m * s, n) for m, s in zip(risk, scores, strict=True))
            score += scores[who] - mean
            variance += sum(Fraction(m * s * s, n) for m, s in zip(risk, scores, strict=True)) - mean**2
        found = log_rank(events(DOSES, "LMH"), trend=trend)
        row = found.frame.filter(statistic="log-rank trend score").row(0, named=True)
        assert row["estimate"] == pytest.approx(float(score), rel=1e-13)
        assert row["std_error"] == pytest.approx(math.sqrt(variance), rel=1e-13)
        test = found.frame.filter(statistic="log-rank trend chi-square").row(0, named=True)
        assert test["estimate"] == pytest.approx(float(score**2 / variance), rel=1e-13)
        assert (test["df"], test["reference"]) == (1, "L")
        assert score < 0  # fewer events than expected where the dose is high
    assert found.notes[-1] == "scores of the trend: L 0, M 10, H 40"


def test_trend_of_two_groups_is_the_test_itself():
    found = log_rank(EIGHT, trend=True, weights="peto-peto")
    chi_square = found.value("log-rank chi-square")
    assert found.value("log-rank trend chi-square", term="Peto-Peto") == pytest.approx(chi_square, rel=1e-12)
