"""Turnbull's estimate worked by hand.

Five subjects: (0, 1], (0, 2], (1, 3], (2, 3], (1, inf). Mass may lie in (0, 1], (1, 2], (2, 3], say p, q, r, and the
likelihood is p (p + q) (q + r) r (q + r). All three derivatives of its logarithm are 5 at p = 1/3, q = 1/6, r = 1/2.
"""

from __future__ import annotations

import math
from fractions import Fraction

import polars as pl
import pytest

from analyses.estimates.distributions import normal_quantile
from analyses.estimates.interval.turnbull import turnbull
from analyses.estimates.survival.kaplan_meier import kaplan_meier
from tests.interval.cosmesis import BOTH
from tests.interval.interval_frames import ARMS, events

FIVE = [(0, 1), (0, 2), (1, 3), (2, 3), (1, None)]
# The routine of lifelines 0.30.3 gives S(2) = 1 here.
TWO_DAYS = [(2, 2)] + 5 * [(3, 3)] + 5 * [(1, 3)]
# All attend visits on days 7, 14 and 21: 2, 3 and 1 events, and 1, 2 and 3 who are seen for the last time.
LIFE_TABLE = 2 * [(0, 7)] + [(7, None)] + 3 * [(7, 14)] + 2 * [(14, None)] + [(14, 21)] + 3 * [(21, None)]


def told(found, statistic, term=None, column="estimate"):
    rows = found.frame.filter(statistic=statistic)
    return (rows if term is None else rows.filter(term=term))[column].to_list()


def test_five_subjects():
    found = turnbull(events(FIVE), by=None)
    masses = found.frame.filter(statistic="probability mass")
    assert masses["term"].to_list() == ["(0, 1]", "(1, 2]", "(2, 3]"]
    assert masses["at"].to_list() == [1, 2, 3]
    expected = [Fraction(1, 3), Fraction(1, 6), Fraction(1, 2)]
    assert masses["estimate"].to_list() == pytest.approx([float(p) for p in expected], rel=1e-13)
    assert told(found, "survival", "curve") == pytest.approx([1, 2 / 3, 1 / 2, 0], abs=1e-13)
    assert told(found, "survival", "curve", "at") == [0, 1, 2, 3]
    assert found.value("log likelihood") == pytest.approx(math.log(Fraction(1, 27)), rel=1e-14)
    assert (found.value("events"), found.frame["n"].unique().to_list()) == (4, [5])
    (curve,) = found.model
    assert abs(curve.gradient_gap) < 1e-13


def test_a_day_that_lies_in_wider_intervals_takes_their_mass():
    found = turnbull(events(TWO_DAYS), by=None, times=[1, 2, 2.5, 3])
    assert told(found, "probability mass", "{2}") == pytest.approx([1 / 6], rel=1e-13)
    assert told(found, "survival", "time point") == pytest.approx([1, 5 / 6, 5 / 6, 0], abs=1e-13)
    assert told(found, "quantile") == [3, 3, 3]


@pytest.mark.parametrize("times", [2, 1], ids=["falls short", "just not"])
def test_an_interval_that_is_not_needed_holds_exactly_nothing(times):
    # Without q the derivative by q is n (b / (a + b) + c / (c + d)), of a, b, c, d subjects with (0, 1], (0, 2],
    # (1, 3], (2, 3]: 2/3 n and exactly n here, where it may not exceed n.
    found = turnbull(events([(0, 1)] * times + [(0, 2), (1, 3)] + [(2, 3)] * times), by=None)
    (curve,) = found.model
    assert list(zip(curve.left, curve.right, strict=True)) == [(0, 1), (1, 2), (2, 3)]
    assert curve.mass.tolist() == pytest.approx([0.5, 0, 0.5], rel=1e-13, abs=0)
    assert told(found, "probability mass", column="term") == ["(0, 1]", "(2, 3]"]


def test_errors_are_greenwoods_where_all_attend_all_visits():
    found = turnbull(events(LIFE_TABLE), by=None)
    at_risk, died = (12, 9, 4), (2, 3, 1)
    survival, summed = Fraction(1), Fraction(0)
    rows = found.frame.filter(pl.col("at") > 0, statistic="survival", term="curve").rows(named=True)
    for row, n, d in zip(rows, at_risk, died, strict=True):
        survival *= Fraction(n - d, n)
        summed += Fraction(d, n * (n - d))
        s, root = float(survival), math.sqrt(summed)
        assert row["estimate"] == pytest.approx(s, rel=1e-13)
        assert row["std_error"] == pytest.approx(s * root, rel=1e-12)
        reach = normal_quantile(0.95) * root / -math.log(s)
        limits = [s ** math.exp(reach), s ** math.exp(-reach)]
        assert [row["conf_low"], row["conf_high"]] == pytest.approx(limits, rel=1e-12)
    assert found.notes == (
        "the quantile 0.25 lies in (7, 14] and is no single day",
        "the quantile 0.5 lies in (14, 21] and is no single day",
    )


def test_errors_by_the_observed_information_where_a_visit_is_missed():
    # 8 events in (0, 1], 4 in (1, 2], 4 in (0, 2], 8 beyond: half the mass below 2 is p, and p = 2/3 (1 - s).
    found = turnbull(events([(0, 1)] * 8 + [(1, 2)] * 4 + [(0, 2)] * 4 + [(2, None)] * 8), by=None, times=[1, 2])
    p, q, s = Fraction(4, 9), Fraction(2, 9), Fraction(1, 3)
    assert told(found, "survival", "time point") == pytest.approx([float(1 - p), float(s)], rel=1e-13)
    # Information about p and s, q being 1 - p - s.
    a = 8 / p**2 + 4 / q**2
    b = 4 / q**2
    c = 4 / q**2 + 4 / (1 - s) ** 2 + 8 / s**2
    determinant = a * c - b * b
    errors = [math.sqrt(c / determinant), math.sqrt(a / determinant)]
    assert told(found, "survival", "time point", "std_error") == pytest.approx(errors, rel=1e-12)


def test_curve_is_not_told_inside_an_interval():
    found = turnbull(events(LIFE_TABLE), by=None, times=[3, 7, 21, 22])
    points = told(found, "survival", "time point")
    assert points[0] is None
    assert points[1:3] == pytest.approx([5 / 6, 5 / 6 * 6 / 9 * 3 / 4])
    assert points[3] is None
    assert "survival at 3 is not determined inside (0, 7]: it lies between 0.8333 and 1" in found.notes
    assert told(found, "probability mass", "(21, inf)", "at") == [None]


def test_known_days_are_kaplan_and_meiers():
    rows = [(2, 2), (5, 5), (5, None), (7, None), (2, 2), (4, 4), (6, None), (9, 9), (0, 0)]
    late = events(rows).with_columns(entry=pl.Series([0.0, 3, 0, 6, 0, 0, 0, 5, 0]))
    asked = {"by": None, "times": [0, 1, 2, 4.5, 9], "probabilities": (0.1, 0.25, 0.4, 0.5, 0.6, 0.9)}
    ours, theirs = turnbull(late, **asked), kaplan_meier(late, **asked)
    for statistic, term in (("survival", "curve"), ("survival", "time point"), ("quantile", None)):
        for column in ("at", "estimate", "std_error", "conf_low", "conf_high"):
            if statistic == "quantile" and column.startswith("conf"):
                continue
            assert told(ours, statistic, term, column) == told(theirs, statistic, term, column)
    assert ours.notes == theirs.notes


def test_cosmetic_deterioration_as_published():
    found = turnbull(events(BOTH))
    curve = found.frame.filter(pl.col("at") > 0, statistic="survival", term="curve", group="A")
    assert curve["at"].to_list() == [5, 7, 8, 12, 25, 34, 40, 48]
    # Finkelstein DM, Wolfe RA. Biometrics 1985;41:933-45: radiotherapy alone.
    assert [round(s, 3) for s in curve["estimate"]] == [0.954, 0.92, 0.832, 0.761, 0.668, 0.586, 0.466, 0]
    assert curve["std_error"].null_count() == curve.height
    assert sum("share no grid" in note for note in found.notes) == 2
    # icfit of R's interval 1.1-1.0.
    assert found.frame.filter(statistic="log likelihood")["estimate"].to_list() == pytest.approx(
        [-58.0600219539914, -65.6369649076862], rel=1e-12
    )


def test_ends_are_moved_to_nominal_days_where_that_is_asked():
    jittered = [(0, 8), (6, 15), (7, 13), (8, 16), (13, None), (15, None), (7, None), (0, 13)]
    found = turnbull(events(jittered), by=None, grid=[7, 14])
    nominal = [(0, 7)] + [(7, 14)] * 3 + [(14, None)] * 2 + [(7, None), (0, 14)]
    wanted = turnbull(events(nominal), by=None)
    assert found.frame.equals(wanted.frame)
    assert "nominal days 7, 14, by at most 2" in found.notes[0]
    assert told(found, "survival", "curve", "std_error")[1] > 0


def test_groups_without_rows_are_told():
    found = turnbull(events([(0, 1), (1, None)]), times=[1])
    empty = found.frame.filter(group="B")
    assert empty.select("statistic", "estimate", "n").rows() == [
        ("survival", None, 0),
        *[("quantile", None, 0)] * 3,
        ("events", 0, 0),
    ]
    assert [curve.group for curve in found.model] == ["A"]
    assert ARMS.categories.to_list() == ["A", "B"]


def test_one_subject_and_nobody_with_the_event():
    one = turnbull(events([(3, 8)]), by=None)
    assert told(one, "survival", "curve") == [1, 0]
    nobody = turnbull(events([(3, None), (5, None)]), by=None, times=[2, 5, 6])
    assert told(nobody, "survival", "time point") == [1, 1, None]
    assert told(nobody, "events") == [0]
