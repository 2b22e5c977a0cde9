"""Five subjects worked by hand: events that repeat, one who enters late, one who leaves on the day of an event.

1: event day 2, event day 5, left day 6.   2: event day 2, left day 4.   3: left day 5.
4: enters day 2, event day 3, left day 6.   5: died day 3 in the second part, left day 3 in the first.
"""

import math
from fractions import Fraction

import pytest

from analyses.estimates.distributions import normal_quantile
from analyses.estimates.recurrent.mean_cumulative import mean_cumulative
from analyses.estimates.recurrent.recurrent_cox import recurrent
from tests.recurrent.histories_drawn import as_events

FIVE = [
    [(0, 2, 1), (2, 5, 1), (5, 6, 0)],
    [(0, 2, 1), (2, 4, 0)],
    [(0, 5, 0)],
    [(2, 3, 1), (3, 6, 0)],
    [(0, 3, 0)],
]
# At risk: on day 2 subjects 1, 2, 3, 5; on day 3 all five; on day 5 subjects 1, 3, 4.
MEAN = {2: Fraction(2, 4), 3: Fraction(2, 4) + Fraction(1, 5), 5: Fraction(2, 4) + Fraction(1, 5) + Fraction(1, 3)}


def points(found):
    return {row["at"]: row for row in found.frame.filter(term="time point", group="A").iter_rows(named=True)}


def test_mean_and_robust_error():
    # Own events less those expected while at risk, each day divided by the number at risk.
    day_2 = [Fraction(1, 8), Fraction(1, 8), Fraction(-1, 8), 0, Fraction(-1, 8)]
    day_3 = [Fraction(-1, 25), Fraction(-1, 25), Fraction(-1, 25), Fraction(4, 25), Fraction(-1, 25)]
    day_5 = [Fraction(2, 9), 0, Fraction(-1, 9), Fraction(-1, 9), 0]
    variance = {
        2: sum(a**2 for a in day_2),
        3: sum((a + b) ** 2 for a, b in zip(day_2, day_3, strict=True)),
        5: sum((a + b + c) ** 2 for a, b, c in zip(day_2, day_3, day_5, strict=True)),
    }
    found = points(mean_cumulative(as_events(FIVE), times=[2, 3, 5]))
    for day, at_risk in ((2, 4), (3, 5), (5, 3)):
        mean, error = float(MEAN[day]), math.sqrt(variance[day])
        assert found[day]["estimate"] == pytest.approx(mean, rel=1e-14)
        assert found[day]["std_error"] == pytest.approx(error, rel=1e-14)
        assert found[day]["n"] == at_risk
        spread = math.exp(normal_quantile(0.95) * error / mean)
        assert [found[day]["conf_low"], found[day]["conf_high"]] == pytest.approx([mean / spread, mean * spread])
    plain = points(mean_cumulative(as_events(FIVE), times=[5], limits="plain"))[5]
    reach = normal_quantile(0.95) * math.sqrt(variance[5])
    assert [plain["conf_low"], plain["conf_high"]] == pytest.approx([float(MEAN[5]) - reach, float(MEAN[5]) + reach])


def test_mean_of_all_where_one_dies():
    died = [*FIVE[:4], [(0, 3, 2)]]
    # On day 3 one of five dies: from then on a day's events count for the 4/5 who live.
    mean = {2: Fraction(1, 2), 3: Fraction(1, 2) + Fraction(1, 5), 5: Fraction(7, 10) + Fraction(4, 5) * Fraction(1, 3)}
    day_2 = [Fraction(1, 8), Fraction(1, 8), Fraction(-1, 8), 0, Fraction(-1, 8)]
    day_3 = [Fraction(-1, 25), Fraction(-1, 25), Fraction(-1, 25), Fraction(4, 25), Fraction(-1, 25)]
    day_5 = [Fraction(4, 5) * Fraction(k, 9) for k in (2, 0, -1, -1, 0)]
    # What the death takes from days after it: 4/15, by (own death less 1/5) / (5 - 1).
    death = [-Fraction(4, 15) * Fraction(k, 20) for k in (-1, -1, -1, -1, 4)]
    variance = sum((a + b + c + d) ** 2 for a, b, c, d in zip(day_2, day_3, day_5, death, strict=True))
    found = mean_cumulative(as_events(died), times=[2, 3, 5], terminal="death")
    for day, row in points(found).items():
        assert row["estimate"] == pytest.approx(float(mean[day]), rel=1e-14)
    assert points(found)[5]["std_error"] == pytest.approx(math.sqrt(variance), rel=1e-13)
    assert found.value("cumulative terminal events", at=5.0, group="A") == 1
    assert found.value("events", group="A") == 4


def test_the_curve_has_day_0_the_days_of_events_and_the_last_day():
    curve = mean_cumulative(as_events(FIVE)).frame.filter(term="curve", group="A")
    assert curve["at"].to_list() == [0, 2, 3, 5, 6]
    assert curve["estimate"].to_list() == pytest.approx([0, *map(float, MEAN.values()), float(MEAN[5])], rel=1e-14)
    assert curve["events"].to_list() == [0, 2, 3, 4, 4]
    assert curve["n"].to_list() == [4, 4, 5, 3, 2]


def test_andersen_gill_with_its_naive_and_its_robust_error():
    """Two subjects an arm, all watched to day 10: at each event two are at risk in each arm, so that r = 1 / 3.

    B's share of the hazard is p = r / (1 + r) = 1/4, the information 4 p (1 - p) = 3/4. A subject's score is (x - p)
    for each of its events, less its hazard at each of the four events: 3/8 of (0 - p) in A, 1/8 of (1 - p) in B.
    """
    watched = [[(0, 1, 1), (1, 4, 1), (4, 10, 0)], [(0, 3, 1), (3, 10, 0)], [(0, 2, 1), (2, 10, 0)], [(0, 10, 0)]]
    found = recurrent(as_events(watched, list("AABB")), "arm")
    p = Fraction(1, 4)
    naive = 1 / (4 * p * (1 - p))
    scores = [-2 * p + Fraction(12, 8) * p, -p + Fraction(12, 8) * p]
    scores += [(1 - p) - Fraction(4, 8) * (1 - p), -Fraction(4, 8) * (1 - p)]
    robust = naive**2 * sum(score**2 for score in scores)
    assert robust == Fraction(5, 9)
    row = found.frame.filter(statistic="log hazard ratio").row(0, named=True)
    assert row["estimate"] == pytest.approx(math.log(Fraction(1, 3)), rel=1e-11)
    assert row["std_error"] == pytest.approx(math.sqrt(robust), rel=1e-11)
    assert (row["term"], row["group"], row["reference"], row["n"], row["events"]) == ("arm", "B", "A", 8, 4)
    assert found.value("naive standard error", group="B") == pytest.approx(math.sqrt(naive), rel=1e-11)
    assert found.value("log likelihood", term="fitted") == pytest.approx(
        3 * math.log((1 - p) / 2) + math.log(p / 2), rel=1e-12
    )
