"""Eight subjects with two causes worked by hand, and what the estimator does at its edges.

Day 2: relapse, stop. Day 4: relapse, censored. Day 5: stop. Day 7: censored. Day 9: relapse, stop.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import polars as pl
import pytest

from analyses.estimates.competing.incidence import incidence
from analyses.estimates.distributions import normal_quantile
from analyses.estimates.survival.kaplan_meier import kaplan_meier
from cohort.errors import EstimationError
from tests.properties.slow_competing import aalen_variance, influences

R, S = "relapse", "stop"
ROWS = [(2, R), (2, S), (4, R), (4, None), (5, S), (7, None), (9, R), (9, S)]
RELAPSED = {2: Fraction(1, 8), 4: Fraction(1, 4), 5: Fraction(1, 4), 9: Fraction(31, 64)}
STOPPED = {2: Fraction(1, 8), 4: Fraction(1, 8), 5: Fraction(9, 32), 9: Fraction(33, 64)}


def events(rows, entry=None, **columns):
    frame = pl.DataFrame(
        {
            "subject_id": [str(i) for i in range(len(rows))],
            "entry": [0.0] * len(rows) if entry is None else entry,
            "left": [float(time) for time, _ in rows],
            "right": [float(time) if cause else None for time, cause in rows],
            "cause": [cause for _, cause in rows],
        },
        schema_overrides={"right": pl.Float64, "cause": pl.String},
    )
    return frame.with_columns(pl.Series(name, values) for name, values in columns.items())


EIGHT = events(ROWS)


def at(found, column="estimate", statistic="cumulative incidence", **where):
    return found.frame.filter(statistic=statistic, **where)[column].to_list()


def test_incidence():
    found = incidence(EIGHT, by=None, times=tuple(RELAPSED))
    assert at(found, term=R) == pytest.approx([float(f) for f in RELAPSED.values()], rel=1e-15)
    assert at(found, term=S) == pytest.approx([float(f) for f in STOPPED.values()], rel=1e-15)
    assert at(found, "n", term=R) == [8, 6, 4, 2]
    assert at(found, "events", term=R) == [1, 2, 2, 3]
    steps = found.frame.filter(statistic="cumulative incidence curve", term=S)
    assert steps["at"].to_list() == [0, 2, 5, 9]
    assert at(found, statistic="events", term=S) == [3]
    assert at(found, statistic="cumulative events", term=S) == [0, 1, 1, 2, 3]
    assert at(found, statistic="at risk") == [8, 8, 6, 4, 2]
    assert at(found, statistic="cumulative censored") == [0, 0, 1, 1, 2]


def test_errors_on_day_5():
    """Each step adds the square of what a subject moves the incidence by, of relapse or of stopping.

    Relapse on day 2 adds 1/8 and takes (F(5) - F(2)) / 6 = 1/48 from later; stopping on day 2 takes 1/48; relapse on
    day 4 adds 1/8. Robust variances take out the squared means: (5/48 - 1/48)^2 / 8, and (1/8)^2 / 6.
    """
    robust = Fraction(25 + 1 - 2, 2304) + Fraction(1, 64) * Fraction(5, 6)
    aalen = Fraction(25 + 1, 2304) + Fraction(1, 64)
    assert (robust, aalen) == (Fraction(3, 128), Fraction(31, 1152))
    assert sum(one**2 for one in influences([(0, *row) for row in ROWS], R, 5)) == robust
    assert aalen_variance([(0, *row) for row in ROWS], R, 5) == aalen
    for error, variance in (("robust", robust), ("Aalen", aalen)):
        found = incidence(EIGHT, by=None, times=[5], error=error)
        assert at(found, "std_error", term=R) == pytest.approx([math.sqrt(variance)], rel=1e-14)


@pytest.mark.parametrize(
    ("limits", "scale", "back"),
    [
        ("log-log", lambda p: math.log(-math.log(p)), lambda y: math.exp(-math.exp(y))),
        ("log", math.log, math.exp),
        ("plain", lambda p: p, lambda y: max(y, 0)),
        ("logit", lambda p: math.log(p / (1 - p)), lambda y: 1 / (1 + math.exp(-y))),
        ("arcsine", lambda p: math.asin(math.sqrt(p)), lambda y: math.sin(max(y, 0)) ** 2),
    ],
)
def test_limits(limits, scale, back):
    found = incidence(EIGHT, by=None, times=[5], limits=limits)
    p, error, step = 0.25, math.sqrt(3 / 128), 1e-6
    slope = (scale(p + step) - scale(p - step)) / (2 * step)
    spread = normal_quantile(0.95) * error * slope
    ends = sorted(back(scale(p) + sign * spread) for sign in (-1, 1))
    assert at(found, "conf_low", term=R) + at(found, "conf_high", term=R) == pytest.approx(ends, rel=1e-8)


def test_time_lost_before_day_6():
    """The area under 1/8 from day 2 to 4 and 1/4 from 4 to 6 is 3/4."""
    found = incidence(EIGHT, by=None, until=6)
    (row,) = found.frame.filter(statistic="restricted mean time lost", term=R).iter_rows(named=True)
    assert (row["estimate"], row["at"], row["n"], row["events"]) == (pytest.approx(0.75, rel=1e-15), 6, 8, 2)
    # Day by day the influences on F(2), F(4) and F(5) weigh 2, 1 and 1 days.
    columns = [influences([(0, *r) for r in ROWS], R, day) for day in (2, 4, 5)]
    variance = sum((2 * a + b + c) ** 2 for a, b, c in zip(*columns, strict=True))
    assert row["std_error"] == pytest.approx(math.sqrt(variance), rel=1e-14)


def test_nobody_censored_leaves_a_binomial_count():
    rows = [(1, R), (1, S), (1, S), (2, R), (2, R), (3, S), (3, S), (3, S)]
    found = incidence(events(rows), by=None, times=[2, 3])
    assert at(found, term=R) == pytest.approx([3 / 8, 3 / 8], rel=1e-15)
    assert at(found, "std_error", term=R) == pytest.approx([math.sqrt(3 / 8 * 5 / 8 / 8)] * 2, rel=1e-14)
    assert at(found, term=S) == pytest.approx([2 / 8, 5 / 8], rel=1e-15)


def test_one_cause_is_one_less_survival_with_greenwoods_error():
    rows = [(time, R if cause else None) for time, cause in ROWS]
    found, other = (
        incidence(events(rows), by=None, times=[2, 4, 5]),
        kaplan_meier(events(rows), by=None, times=[2, 4, 5]),
    )
    points = other.frame.filter(statistic="survival", term="time point")
    assert at(found) == pytest.approx((1 - points["estimate"]).to_list(), rel=1e-14)
    assert at(found, "std_error") == pytest.approx(points["std_error"].to_list(), rel=1e-13)
    assert found.notes == ()


def test_edges_of_the_curve():
    found = incidence(events([(2, R), (4, R)]), by=None, times=[1, 4, 5], until=9)
    first, last, beyond = found.frame.filter(statistic="cumulative incidence").iter_rows(named=True)
    numbers = ("estimate", "std_error", "conf_low", "conf_high", "n", "events")
    assert [first[name] for name in numbers] == [0, 0, 0, 0, 2, 0]
    assert [last[name] for name in numbers] == [1, 0, None, None, 1, 2]
    assert [beyond[name] for name in numbers] == [None, None, None, None, 0, 2]
    # Everybody had the event, so that the curve is known for good: 7 and 5 days are lost.
    assert found.value("restricted mean time lost") == pytest.approx(6)


def test_time_lost_beyond_what_is_observed_is_not_given():
    found = incidence(events([(2, R), (4, None)]), by=None, until=9)
    assert found.value("restricted mean time lost", term=R) is None
    assert found.notes == ("nobody is observed after day 4, so no time lost by day 9 is given",)


def test_an_event_on_day_0_counts_among_all_who_are_there_from_the_start():
    found = incidence(events([(0, R), (5, None), (5, S)]), by=None, times=[0, 5])
    assert at(found, term=R) == pytest.approx([1 / 3, 1 / 3])
    assert at(found, term=S) == pytest.approx([0, 1 / 3])


def test_late_entry_is_at_risk_after_its_day():
    found = incidence(events([(2, R), (6, S), (8, R)], entry=[0.0, 0.0, 2.0]), by=None, times=[2, 6, 8])
    assert at(found, term=R) == pytest.approx([1 / 2, 1 / 2, 3 / 4])
    assert at(found, term=S) == pytest.approx([0, 1 / 4, 1 / 4])


def test_a_cause_that_a_group_lacks_and_a_group_without_rows():
    arms = pl.Enum(["A", "B", "C"])
    data = events([(2, R), (3, S), (2, R), (4, None)]).with_columns(arm=pl.Series(["A", "A", "B", "B"], dtype=arms))
    found = incidence(data, times=[3], until=3)
    assert at(found, group="B", term=S) == [0]
    assert at(found, statistic="events", group="B") == [1, 0]
    assert at(found, group="C") == [None, None]
    assert at(found, statistic="events", group="C") == [0, 0]
    assert at(found, statistic="restricted mean time lost", group="C") == [None, None]
    assert [(curve.group, curve.cause) for curve in found.model] == [(g, c) for g in "AB" for c in (R, S)]


def test_all_censored():
    found = incidence(events([(2, None), (3, None)]), by=None, times=[2])
    assert at(found) == [0]
    assert at(found, statistic="events") == [0]


def test_causes_can_be_chosen_and_the_others_still_compete():
    found = incidence(EIGHT, by=None, times=[5], causes=[S])
    assert found.frame["term"].drop_nulls().unique().to_list() == [S]
    assert at(found) == pytest.approx([9 / 32])


def test_frequencies_are_rows():
    counted = EIGHT.with_columns(f=pl.Series([1, 2, 0, 3, 1, 1, 2, 1]))
    whole = EIGHT[np.repeat(np.arange(8), counted["f"].to_numpy())]
    short = incidence(counted, by=None, times=[5], until=6, frequency="f").frame
    assert short.equals(incidence(whole.with_columns(subject_id=pl.int_range(11)), by=None, times=[5], until=6).frame)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"causes": ["death"]}, "'death' is not among the causes 'relapse', 'stop'"),
        ({"causes": []}, "names no cause"),
        ({"times": [-1]}, "days are finite and not negative"),
        ({"until": 0}, "until=0"),
        ({"error": "Gray"}, "error='Gray' was asked for; there are 'robust', 'Aalen'"),
        ({"limits": "probit"}, "limits='probit'"),
        ({"confidence": 95}, "confidence=95"),
    ],
)
def test_what_cannot_be_asked(options, words):
    with pytest.raises(EstimationError, match=words):
        incidence(EIGHT, by=None, **options)


def test_interval_censored_times_are_refused():
    with pytest.raises(EstimationError, match="6 of 8 times are interval-censored"):
        incidence(EIGHT.with_columns(right=pl.col("right") + 1), by=None)
