"""Eight subjects worked by hand: a tie, a death with a censoring on the same day, a death alone, a censoring alone.

A: died day 2, died day 5, censored day 5, censored day 7.   B: died day 2, died day 4, censored day 6, died day 9.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import polars as pl
import pytest

from analyses.estimates.distributions import normal_quantile
from analyses.estimates.event_counts import count_events
from analyses.estimates.survival.kaplan_meier import kaplan_meier
from analyses.estimates.survival.log_rank import log_rank
from analyses.estimates.survival.person_time import person_time, poisson_limits
from cohort.errors import EstimationError
from cohort.schemas import EVENTS

ARMS = pl.Enum(["A", "B"])
ROWS = [("A", 2, "died"), ("A", 5, "died"), ("A", 5, None), ("A", 7, None)]
ROWS += [("B", 2, "died"), ("B", 4, "relapse"), ("B", 6, None), ("B", 9, "died")]


def events(rows, entry=None, arms=ARMS):
    frame = pl.DataFrame(
        {
            "subject_id": [str(i) for i in range(len(rows))],
            "event_no": 1,
            "entry": [0.0] * len(rows) if entry is None else entry,
            "left": [float(time) for _, time, _ in rows],
            "right": [float(time) if cause else None for _, time, cause in rows],
            "cause": [cause for _, _, cause in rows],
        },
        schema_overrides={"right": pl.Float64, "cause": pl.String},
    )
    return EVENTS.conform(frame).join(
        frame.select("subject_id", arm=pl.Series([arm for arm, _, _ in rows], dtype=arms)), on="subject_id"
    )


EIGHT = events(ROWS)
STEPS = {
    "A": {0: Fraction(1), 2: Fraction(3, 4), 5: Fraction(3, 4) * Fraction(2, 3)},
    "B": {0: Fraction(1), 2: Fraction(3, 4), 4: Fraction(1, 2), 9: Fraction(0)},
}
GREENWOOD = {
    "A": {2: Fraction(1, 4 * 3), 5: Fraction(1, 4 * 3) + Fraction(1, 3 * 2)},
    "B": {2: Fraction(1, 4 * 3), 4: Fraction(1, 4 * 3) + Fraction(1, 3 * 2)},
}


@pytest.mark.parametrize("arm", ["A", "B"])
def test_curve(arm):
    curve = kaplan_meier(EIGHT).frame.filter(statistic="survival", term="curve", group=arm)
    assert curve["at"].to_list() == [float(t) for t in STEPS[arm]]
    assert curve["estimate"].to_list() == pytest.approx([float(s) for s in STEPS[arm].values()], abs=1e-15)
    for row in curve.filter(pl.col("at").is_in([float(t) for t in GREENWOOD[arm]])).iter_rows(named=True):
        s, variance = float(STEPS[arm][row["at"]]), float(GREENWOOD[arm][row["at"]])
        assert row["std_error"] == pytest.approx(s * math.sqrt(variance), rel=1e-14)
        spread = normal_quantile(0.95) * math.sqrt(variance) / math.log(s)
        limits = sorted(math.exp(-math.exp(math.log(-math.log(s)) + sign * spread)) for sign in (1, -1))
        assert [row["conf_low"], row["conf_high"]] == pytest.approx(limits, rel=1e-13)


def test_edges_of_the_curve_follow_survfit():
    frame = kaplan_meier(EIGHT, times=(1, 9, 9.5)).frame.filter(group="B", term="time point")
    before, last, beyond = frame.iter_rows(named=True)
    numbers = ("estimate", "std_error", "conf_low", "conf_high", "n", "events")
    assert [before[name] for name in numbers] == [1, 0, 1, 1, 4, 0]
    assert [last[name] for name in numbers] == [0, None, None, None, 1, 3]
    assert [beyond[name] for name in numbers] == [None, None, None, None, 0, 3]


def test_at_risk_counts_those_whose_time_ends_on_the_day():
    found = kaplan_meier(EIGHT, times=(2, 5, 5.5, 7, 8))
    assert found.frame.filter(statistic="at risk", group="A")["estimate"].to_list() == [4, 4, 3, 1, 1, 0]
    a, b = found.model
    assert (a.group, b.group) == ("A", "B")
    assert a.time.tolist() == [0, 2, 5, 7]
    assert (a.at_risk.tolist(), a.events.tolist(), a.censored.tolist()) == ([4, 4, 3, 1], [0, 1, 1, 0], [0, 0, 1, 1])
    assert a.at_risk_at([0, 2, 2.1, 5, 6, 7, 7.1]).tolist() == [4, 4, 3, 3, 1, 1, 0]


def test_quantiles_take_the_middle_of_a_flat_stretch():
    found = kaplan_meier(EIGHT, probabilities=(0.2, 0.25, 0.4, 0.5, 0.6))
    a = found.frame.filter(statistic="quantile", group="A")["estimate"].to_list()
    # S is 3/4 from day 2 to day 5 and 1/2 from day 5 to the last observed day, 7.
    assert a == [2, 3.5, 5, 6, None]
    b = found.frame.filter(statistic="quantile", group="B")["estimate"].to_list()
    assert b == [2, 3, 4, 6.5, 9]


def test_median_limits_are_where_the_band_crosses_one_half():
    row = kaplan_meier(EIGHT).frame.filter(statistic="quantile", at=0.5, group="B").row(0, named=True)
    curve = kaplan_meier(EIGHT).model[1]
    low = curve.time[np.argmax(curve.conf_low <= 0.5)]
    assert (row["conf_low"], row["conf_high"]) == (low, None)
    assert low == 2


def test_log_rank():
    observed, expected = {"A": 2, "B": 3}, {"A": Fraction(2 * 4, 8) + Fraction(3, 6) + Fraction(3, 5) + 0}
    expected["B"] = 5 - expected["A"]
    variance = Fraction(2 * 6, 7) * Fraction(4 * 4, 8 * 8) + Fraction(3 * 3, 6 * 6) + Fraction(3 * 2, 5 * 5) + 0
    found = log_rank(EIGHT)
    for arm in "AB":
        assert found.value("observed", group=arm) == observed[arm]
        assert found.value("expected", group=arm) == pytest.approx(float(expected[arm]), rel=1e-14)
    assert found.value("variance") == pytest.approx(float(variance), rel=1e-14)
    chi_square = (2 - expected["A"]) ** 2 / variance
    test = found.frame.filter(statistic="log-rank chi-square").row(0, named=True)
    assert test["estimate"] == pytest.approx(float(chi_square), rel=1e-13)
    assert (test["df"], test["reference"], test["n"], test["events"]) == (1, "A", 8, 5)
    assert test["p_value"] == pytest.approx(math.erfc(math.sqrt(float(chi_square) / 2)), rel=1e-13)


def test_late_entry_is_at_risk_after_its_day():
    # The third enters on the day of the first death and is not at risk for it.
    rows = [("A", 2, "died"), ("A", 6, None), ("A", 8, "died")]
    found = kaplan_meier(events(rows, entry=[0.0, 0.0, 2.0]), by=None, times=(2, 3, 8))
    points = found.frame.filter(term="time point")
    assert points["n"].to_list() == [2, 2, 1]
    assert points["estimate"].to_list() == pytest.approx([1 / 2, 1 / 2, 0], abs=1e-15)
    assert found.value("at risk", at=0.0) == 2


def test_a_risk_set_that_is_empty_for_a_while_is_no_obstacle():
    rows = [("A", 3, None), ("A", 8, "died"), ("A", 9, None), ("A", 12, "died")]
    found = kaplan_meier(events(rows, entry=[0.0, 5.0, 5.0, 7.0]), by=None)
    curve = found.frame.filter(term="curve")
    assert curve["estimate"].to_list() == pytest.approx([1, 2 / 3, 0], abs=1e-15)
    assert found.notes == ()
    (curve,) = found.model
    assert curve.at_risk_at([0, 3, 4, 5, 6, 8]).tolist() == [1, 1, 0, 0, 2, 3]


def test_nobody_at_risk_at_the_start():
    found = kaplan_meier(events([("A", 8, "died"), ("A", 9, None)], entry=[5.0, 5.0]), by=None)
    assert found.frame.filter(term="curve").select("at", "estimate", "n").rows() == [
        (0, 1, 0),
        (8, pytest.approx(0.5), 2),
    ]


def test_a_curve_that_ends_before_others_enter_is_noted():
    found = kaplan_meier(events([("A", 3, "died"), ("A", 9, "died")], entry=[0.0, 5.0]))
    assert "A: all under observation had the event by day 3, before others came under observation" in found.notes[0]


def test_an_arm_without_rows_is_shown_empty():
    found = kaplan_meier(events(ROWS[:4]), times=(3,))
    b = found.frame.filter(group="B")
    assert b["n"].to_list() == [0] * b.height
    assert found.value("events", group="B") == 0
    assert [curve.group for curve in found.model] == ["A"]
    assert person_time(events(ROWS[:4])).value("rate per 1000 days", group="B") is None
    with pytest.raises(EstimationError, match="needs two groups with rows; 'arm' has rows in 1: 'A'"):
        log_rank(events(ROWS[:4]))


def test_person_time():
    found = person_time(EIGHT, per=100)
    assert found.value("person-time", group="A") == 19
    assert found.value("events", group="B", term=None) == 3
    assert found.value("events", group="B", term="relapse") == 1
    assert found.value("events", group="A", term="relapse") == 0
    rate = found.frame.filter(statistic="rate per 100 days", group="B").row(0, named=True)
    assert rate["estimate"] == pytest.approx(100 * 3 / 21, rel=1e-15)
    assert rate["std_error"] == pytest.approx(100 * math.sqrt(3) / 21, rel=1e-15)
    # The limits of 3 events: the Poisson means under which 3 or more, or 3 or fewer, have a chance of 2.5 %.
    low, high = rate["conf_low"] * 21 / 100, rate["conf_high"] * 21 / 100
    assert 1 - math.exp(-low) * sum(low**k / math.factorial(k) for k in range(3)) == pytest.approx(0.025, rel=1e-10)
    assert math.exp(-high) * sum(high**k / math.factorial(k) for k in range(4)) == pytest.approx(0.025, rel=1e-10)


# Exact limits of a Poisson count to three decimals, as in common tables; the definition is held above.
@pytest.mark.parametrize(
    ("count", "low", "high"), [(0, 0, 3.689), (1, 0.025, 5.572), (2, 0.242, 7.225), (5, 1.623, 11.668)]
)
def test_exact_poisson_limits_equal_the_printed_ones(count, low, high):
    assert poisson_limits(count, 0.95) == pytest.approx((low, high), abs=6e-4)


def test_person_time_counts_from_entry():
    found = person_time(events([("A", 10, None), ("A", 8, "died")], entry=[4.0, 0.0]), by=None)
    assert found.value("person-time") == 14


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"right": pl.col("left") + 1, "cause": pl.lit("died")}, "8 of 8 times are interval-censored"),
        ({"left": pl.lit(-1.0), "right": None}, "5 of 8 times contradict themselves"),
        ({"left": -pl.col("left"), "right": -pl.col("right")}, "8 of 8 times are negative"),
        ({"entry": pl.lit(5.0)}, r"5 of 8 times end on or before the day of a late entry \(entry >= time\)"),
        ({"left": pl.lit(math.inf), "right": None, "cause": None}, "8 of 8 times are not finite"),
        ({"entry": pl.lit(None)}, "8 of 8 times have no entry or no left end"),
        ({"right": pl.col("right") - 1}, "5 of 8 times end before they begin"),
        ({"cause": pl.lit(None)}, "5 of 8 times contradict themselves"),
    ],
)
@pytest.mark.parametrize("estimate", [kaplan_meier, log_rank, person_time])
def test_times_that_cannot_be_used_are_refused(estimate, change, words):
    nulls = {name: pl.lit(None) if value is None else value for name, value in change.items()}
    with pytest.raises(EstimationError, match=words):
        estimate(EIGHT.with_columns(**nulls))


def test_refusals_name_subjects_up_to_three():
    with pytest.raises(EstimationError, match=r"\(subjects '0', '1', '2' and 2 more\)"):
        kaplan_meier(EIGHT.with_columns(entry=pl.lit(5.0)))


def test_arguments_out_of_range_are_refused():
    with pytest.raises(EstimationError, match="times="):
        kaplan_meier(EIGHT, times=(-1,))
    with pytest.raises(EstimationError, match="probabilities="):
        kaplan_meier(EIGHT, probabilities=(1,))
    with pytest.raises(EstimationError, match="per=0"):
        person_time(EIGHT, per=0)
    with pytest.raises(EstimationError, match="there are 0 rows in events"):
        kaplan_meier(EIGHT.head(0))
    with pytest.raises(EstimationError, match="'left' is not among the columns"):
        log_rank(EIGHT.drop("left"))


def test_log_rank_needs_events_and_two_groups_at_risk():
    censored = EIGHT.with_columns(right=pl.lit(None, dtype=pl.Float64), cause=pl.lit(None, dtype=pl.String))
    with pytest.raises(EstimationError, match="0 events"):
        log_rank(censored)
    apart = events([("A", 2, "died"), ("A", 3, "died"), ("B", 9, "died"), ("B", 10, None)], entry=[0.0, 0.0, 5.0, 5.0])
    with pytest.raises(EstimationError, match="no event falls on a day on which two groups are at risk"):
        log_rank(apart)
    with pytest.raises(EstimationError, match="at least two groups"):
        log_rank(EIGHT, by=None)


def test_repeated_subjects_are_noted():
    twice = pl.concat([EIGHT, EIGHT.head(2).with_columns(left=pl.lit(30.0), right=None, cause=None)])
    note = "2 subjects have more than one row in a group; errors and p values take all rows as independent"
    assert note in kaplan_meier(twice).notes


def test_causes_that_are_taken_together_are_noted():
    assert kaplan_meier(EIGHT).notes == ("2 causes are taken together as the one event: died, relapse",)
    assert not kaplan_meier(EIGHT.with_columns(cause=pl.when(pl.col("cause").is_not_null()).then(pl.lit("died")))).notes


def test_tallies_count_each_kind_of_row_once():
    (tally,) = count_events(pl.concat([EIGHT, EIGHT]), None).tallies()
    assert tally.count.sum() == 16
    assert len(tally.count) == 7


def test_an_event_on_day_0_counts_among_all_who_are_there_from_the_start():
    """Three subjects: an event on day 0, a censoring and an event on day 5. S(0) = 2/3, S(5) = 2/3 times 1/2."""
    times = events([("A", 0, "died"), ("A", 5, None), ("A", 5, "died")])
    estimates = kaplan_meier(times, by=None, times=[0, 5])
    survival = estimates.frame.filter(statistic="survival", term="time point")
    assert survival["estimate"].to_list() == pytest.approx([2 / 3, 1 / 3])
    assert survival["n"].to_list() == [3, 2]
