"""Gray's test of six subjects worked by hand, as fractions.

A: relapse day 1, death day 2, death day 5.   B: relapse day 3, relapse day 4, censored day 6.
"""

from __future__ import annotations

import math
from fractions import Fraction

import polars as pl
import pytest

from analyses.estimates.competing.gray import gray
from analyses.estimates.survival.log_rank import log_rank
from cohort.errors import EstimationError
from tests.by_hand.small_times import events

ROWS = [("A", 1, "relapse"), ("A", 2, "death"), ("A", 5, "death")]
ROWS += [("B", 3, "relapse"), ("B", 4, "relapse"), ("B", 6, None)]


SIX = events(ROWS)


def test_who_died_stays_in_the_risk_set():
    """Risk sets Y (1 - F) / S of A: 3 at day 1, then 1 (2/3) / (1/3) = 2 at days 3 and 4; of B: 3, 3 and 2."""
    found = gray(SIX, cause="relapse")
    expected = Fraction(3, 6) + Fraction(2, 5) + Fraction(2, 4)
    assert found.value("observed", group="A", term="relapse") == 1
    assert found.value("expected", group="A", term="relapse") == pytest.approx(float(expected), rel=1e-14)
    assert found.value("expected", group="B", term="relapse") == pytest.approx(float(3 - expected), rel=1e-14)


def test_variance():
    """Y / S is 3 in both groups on every day: a is 3/2, and F rises by 1/6 at days 1, 3 and 4.

    The integral of a dF / (1 - F) after day 1 is 3/10 + 3/8, after day 3 it is 3/8, after day 4 nothing.
    """
    steps = [Fraction(3, 2) * Fraction(1, 6) / before for before in (Fraction(1), Fraction(5, 6), Fraction(2, 3))]
    assert steps == [Fraction(1, 4), Fraction(3, 10), Fraction(3, 8)]
    ahead = {1: Fraction(27, 40), 3: Fraction(3, 8), 4: Fraction(0)}
    # (1 - F) / S just after days 1, 3 and 4.
    ratio = {
        "A": {1: Fraction(5, 4), 3: Fraction(2), 4: Fraction(3, 2)},
        "B": {1: Fraction(5, 6), 3: Fraction(1), 4: Fraction(3, 2)},
    }
    # S dF / Y is 1/18 on each of these days in each group.
    of_cause = sum((Fraction(3, 2) + (1 - ratio[group][t]) * ahead[t]) ** 2 for group in "AB" for t in (1, 3, 4)) / 18
    # The death of A on day 2: (1 - F) / S is 5/2, (S / Y) ** 2 is 1/9. After day 5 nothing is ahead.
    other = (Fraction(5, 2) * Fraction(27, 40)) ** 2 / 9
    chi_square = (1 - Fraction(7, 5)) ** 2 / (of_cause + other)
    test = gray(SIX, cause="relapse").frame.filter(statistic="Gray chi-square").row(0, named=True)
    assert test["estimate"] == pytest.approx(float(chi_square), rel=1e-13)
    assert test["p_value"] == pytest.approx(math.erfc(math.sqrt(float(chi_square) / 2)), rel=1e-13)
    assert (test["term"], test["df"], test["reference"], test["n"], test["events"]) == ("relapse", 1, "A", 6, 3)


def test_rho_weighs_by_the_common_incidence_just_before():
    found = gray(SIX, cause="relapse", rho=1)
    assert found.value("observed", group="A") == 1
    assert found.value("observed", group="B") == pytest.approx(5 / 6 + 4 / 6)
    assert found.value("expected", group="A") == pytest.approx(3 / 6 + 5 / 6 * 2 / 5 + 4 / 6 * 2 / 4, rel=1e-14)
    assert found.method == "Gray's test of equal cumulative incidences with rho 1"


def test_each_cause_in_turn():
    found = gray(SIX)
    tests = found.frame.filter(statistic="Gray chi-square")
    assert tests["term"].to_list() == ["death", "relapse"]
    assert tests["events"].to_list() == [2, 3]
    assert found.value("Gray chi-square", term="relapse") == gray(SIX, cause="relapse").value("Gray chi-square")
    assert found.notes == ()


def test_a_single_cause_has_the_log_ranks_numbers():
    rows = [(arm, t, "x" if cause else None) for arm, t, cause in ROWS]
    ours, plain = gray(events(rows)), log_rank(events(rows))
    for statistic in ("observed", "expected"):
        for group in "AB":
            number = plain.value(statistic, group=group)
            assert ours.value(statistic, group=group) == pytest.approx(number, rel=1e-13)
    # By hand: S is 1 - F1 in either group, and the variance is another estimate of the same thing.
    assert ours.value("Gray chi-square") != pytest.approx(plain.value("log-rank chi-square"), rel=1e-3)


def test_strata_are_added_up():
    men, women = SIX.with_columns(sex=pl.lit("m")), SIX.with_columns(sex=pl.lit("f"))
    both = pl.concat([men, women])
    found = gray(both, strata="sex", cause="relapse")
    assert found.value("expected", group="A") == pytest.approx(2.8, rel=1e-14)
    assert found.value("Gray chi-square") == pytest.approx(2 * gray(SIX).value("Gray chi-square", term="relapse"))
    assert found.method.endswith("stratified by sex")


def test_frequencies_are_rows():
    data = SIX.with_columns(many=pl.Series([3, 1, 2, 0, 1, 4]))
    expanded = data[[i for i, many in enumerate(data["many"]) for _ in range(many)]]
    assert gray(data, frequency="many").frame.equals(gray(expanded).frame)


def test_groups_without_rows_and_never_at_risk_cost_no_degree_of_freedom():
    for rows, arms in ((ROWS, "ABC"), ([*ROWS, ("C", 0, None)], "ABC")):
        found = gray(events(rows, arms), cause="relapse")
        test = found.frame.filter(statistic="Gray chi-square").row(0, named=True)
        assert test["df"] == 1
        assert test["estimate"] == pytest.approx(gray(SIX, cause="relapse").value("Gray chi-square"), rel=1e-12)
        assert found.value("expected", group="C") == 0


def test_a_cause_that_cannot_be_compared_is_null():
    found = gray(events([*ROWS, ("B", 9, "accident")]))
    assert found.value("Gray chi-square", term="accident") is None
    assert len(found.notes) == 1
    assert found.notes[0].startswith("accident: no event falls on a day on which two groups are at risk")
    with pytest.raises(EstimationError, match="accident: no event falls on a day on which two groups"):
        gray(events([*ROWS, ("B", 9, "accident")]), cause="accident")


def test_everything_tied_leaves_nothing_to_tell():
    with pytest.raises(EstimationError, match="or all at risk have it"):
        gray(events([("A", 0, "x"), ("A", 0, "x"), ("B", 0, "x")]))
    # One of three on day 0, in A with two: 1 - 2/3, of variance 2/3 1/3.
    found = gray(events([("A", 0, "x"), ("A", 5, None), ("B", 5, None)]))
    assert found.value("Gray chi-square") == pytest.approx((1 / 3) ** 2 / (2 / 9))


def test_times_after_the_common_incidence_has_reached_1_are_left_out():
    """A dies out early; F rises by 5/9, then 1/4 twice, and passes 1 while B and C still have one each."""
    rows = [("A", t, "x") for t in range(1, 6)] + [("B", 6, "x"), ("C", 7, "x"), ("B", 8, "x"), ("C", 9, "x")]
    found = gray(events(rows, "ABC"))
    assert found.frame.filter(statistic="Gray chi-square")["estimate"].is_not_null().all()
    assert found.notes == ("x: the common cumulative incidence reaches 1; times after that are left out",)


@pytest.mark.parametrize(
    ("data", "options", "words"),
    [
        (SIX, {"rho": -1}, "rho=-1 was given"),
        (SIX, {"rho": math.nan}, "rho=nan was given"),
        (SIX, {"rho": None}, "rho=None was given"),
        (SIX, {"cause": "recovery"}, "cause='recovery' does not occur; the causes are 'death', 'relapse'"),
        (SIX.with_columns(entry=pl.lit(0.5)), {}, r"6 of 6 rows enter late \(entry > 0\); Gray's test needs everybody"),
        (SIX.with_columns(right=None, cause=None).cast({"right": pl.Float64, "cause": pl.String}), {}, "0 events"),
        (SIX.filter(pl.col("arm") == "A"), {}, "Gray's test needs two groups with rows; 'arm' has rows in 1: 'A'"),
        (SIX, {"by": None}, "at least two groups"),
        (SIX.with_columns(pl.col("left", "right") - 10), {}, "6 of 6 times are negative"),
    ],
)
def test_what_cannot_be_asked_is_refused(data, options, words):
    with pytest.raises(EstimationError, match=words):
        gray(data, **options)
