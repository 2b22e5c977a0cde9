"""Rank tests at their edges: pairs, counted rows, groups and strata that take no part, and what is refused."""

from __future__ import annotations

import math

import polars as pl
import pytest

from analyses.estimates.survival.log_rank import log_rank
from analyses.estimates.survival.pairwise_log_rank import adjusted_p, pairwise_log_rank
from analyses.estimates.survival.rank_weights import FlemingHarrington
from cohort.errors import EstimationError
from tests.by_hand.small_times import events

ROWS = [("A", 2, 1), ("A", 5, 1), ("A", 5, 0), ("A", 7, 0), ("B", 2, 1), ("B", 4, 1), ("B", 6, 0), ("B", 9, 1)]
EIGHT = events(ROWS)
# Low died 1, low died 2, middle died 3, high died 4, middle censored 5, high censored 5.
DOSES = [("L", 1, 1), ("L", 2, 1), ("M", 3, 1), ("H", 4, 1), ("M", 5, 0), ("H", 5, 0)]


def test_pairs_are_compared_on_their_own_rows():
    data = events(DOSES, "LMH")
    found = pairwise_log_rank(data, adjust="bonferroni")
    tests = found.frame.filter(statistic="log-rank chi-square")
    assert tests.select("reference", "group").rows() == [("L", "M"), ("L", "H"), ("M", "H")]
    for row in tests.iter_rows(named=True):
        pair = data.filter(pl.col("arm").cast(pl.String).is_in([row["reference"], row["group"]]))
        assert row["estimate"] == pytest.approx(log_rank(pair).value("log-rank chi-square"), rel=1e-13)
        assert row["n"] == 4
    adjusted = found.frame.filter(statistic="adjusted p value", term="Bonferroni")["p_value"]
    assert adjusted.to_list() == pytest.approx([min(1, 3 * p) for p in tests["p_value"]])
    assert found.method == "Log-rank test of each pair, p values by Bonferroni"
    against = pairwise_log_rank(data, reference="M", adjust="holm").frame.filter(statistic="log-rank chi-square")
    assert against.select("reference", "group").rows() == [("M", "L"), ("M", "H")]
    assert against["estimate"].to_list() == pytest.approx([tests["estimate"][0], tests["estimate"][2]], rel=1e-13)


def test_holm_multiplies_the_smallest_most_and_never_falls():
    assert adjusted_p([0.03, 0.01, 0.04, None], "holm") == pytest.approx([0.06, 0.03, 0.06, None])
    assert adjusted_p([0.5, 0.9], "holm") == [1.0, 1.0]
    assert adjusted_p([0.03, 0.01, 0.4], "bonferroni") == pytest.approx([0.09, 0.03, 1.0])


def test_a_pair_that_cannot_be_compared_is_null_and_not_counted():
    found = pairwise_log_rank(events(ROWS, "ABC"), adjust="bonferroni")
    tests = found.frame.filter(statistic="log-rank chi-square")
    assert tests["estimate"].is_null().to_list() == [False, True, True]
    assert found.frame.filter(statistic="adjusted p value")["p_value"].to_list() == [tests["p_value"][0], None, None]
    assert "C against A: no event falls on a day on which two groups are at risk" in found.notes[-2]
    with pytest.raises(EstimationError, match="none of 3 pairs can be compared"):
        pairwise_log_rank(events([(a, 5, 0) for a in "AABBCC"], "ABC"))


def test_frequencies_are_rows():
    data = EIGHT.with_columns(many=pl.Series([3, 1, 2, 0, 1, 4, 1, 2]))
    expanded = data[[i for i, many in enumerate(data["many"]) for _ in range(many)]]
    for options in ({}, {"weights": "tarone-ware"}, {"weights": FlemingHarrington(1, 1)}, {"trend": True}):
        assert log_rank(data, frequency="many", **options).frame.equals(log_rank(expanded, **options).frame)
    pairs = pairwise_log_rank(data, frequency="many").frame
    assert pairs.equals(pairwise_log_rank(expanded).frame)


def test_groups_and_strata_that_take_no_part_are_noted():
    rows = [*ROWS, ("C", 1, 0), ("C", 1, 0)]
    found = log_rank(events(rows, "ABC"))
    assert found.value("expected", group="C") == 0
    assert found.value("log-rank chi-square") == pytest.approx(log_rank(EIGHT).value("log-rank chi-square"), rel=1e-13)
    assert found.frame.filter(statistic="log-rank chi-square")["df"].item() == 1
    note = "C: none of 2 rows is under observation when an event falls; the group is not compared"
    assert note in found.notes
    # Site 2 holds only group A, site 3 only censored times.
    others = events([("A", 3, 1), ("A", 4, 1), ("A", 5, 0), ("B", 6, 0)], site=[2, 2, 3, 3])
    data = pl.concat([EIGHT.with_columns(site=pl.lit(1, pl.Int64)), others])
    found = log_rank(data, strata="site")
    assert found.value("observed", group="A") == found.value("observed", group="A") == 4
    assert found.value("expected", group="A") == log_rank(EIGHT).value("expected", group="A") + 2
    assert found.value("log-rank chi-square") == pytest.approx(log_rank(EIGHT).value("log-rank chi-square"), rel=1e-13)
    assert any(note.startswith("2 of 3 strata have no event on a day on which two groups") for note in found.notes)


def test_groups_that_never_meet_cost_their_degrees_of_freedom():
    # A and B at one site, C and D at another: two comparisons, not three.
    rows = [(a, t, 1) for a, t in zip("ABABCDCD", (1, 2, 3, 4, 1, 3, 2, 5), strict=True)]
    found = log_rank(events(rows, "ABCD", site=[1] * 4 + [2] * 4), strata="site")
    assert found.frame.filter(statistic="log-rank chi-square")["df"].item() == 2
    first = log_rank(events(rows[:4])).value("log-rank chi-square")
    second = log_rank(events([("A" if a == "C" else "B", t, e) for a, t, e in rows[4:]])).value("log-rank chi-square")
    assert found.value("log-rank chi-square") == pytest.approx(first + second, rel=1e-12)


def test_everything_tied_leaves_nothing_to_tell():
    # All four die on one day: what was observed is what had to be, and its variance is 0.
    with pytest.raises(EstimationError, match="no event falls on a day on which two groups are at risk"):
        log_rank(events([("A", 3, 1), ("A", 3, 1), ("B", 3, 1), ("B", 3, 1)]))
    found = log_rank(events([("A", 3, 1), ("A", 3, 0), ("B", 3, 0), ("B", 3, 0)]))
    # d = 1 of n = 4: variance 1/4, difference 1 - 1/2.
    assert found.value("log-rank chi-square") == pytest.approx(1)


def test_an_event_on_day_0_is_compared():
    found = log_rank(events([("A", 0, 1), ("A", 3, 0), ("B", 3, 0), ("B", 5, 0)]), weights=FlemingHarrington(1))
    assert found.value("expected", group="A") == 0.5
    assert found.value("log-rank chi-square") == pytest.approx(1)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"weights": "wilcoxon"}, "weights='wilcoxon' are not known; expected 'gehan-breslow', 'tarone-ware'"),
        ({"weights": ("peto-peto",)}, "are not known"),
        ({"strata": "sex"}, "'sex' is not among the columns"),
        ({"trend": {"A": 1}}, "'B' has no score; give a score for each of 'A', 'B'"),
        ({"trend": {"A": 1, "B": 2, "C": 3}}, "'C' is not a level of 'arm'"),
        ({"trend": {"A": 1, "B": math.inf}}, "1 of 2 trend scores are not finite numbers: inf"),
        ({"trend": {"A": 1, "B": "2"}}, "1 of 2 trend scores are not finite numbers"),
        ({"trend": {"A": 2, "B": 2}}, "share one score"),
        ({"trend": "linear"}, "expected True, or a score for each level of 'arm'"),
        ({"frequency": "many"}, "'many' is not among the columns"),
    ],
)
def test_what_cannot_be_asked_is_refused(options, words):
    with pytest.raises(EstimationError, match=words):
        log_rank(EIGHT, **options)


@pytest.mark.parametrize("powers", [(-1, 0), (0, math.inf), (math.nan, 0), ("1", 0), (True, None)])
def test_powers_are_finite_and_not_negative(powers):
    with pytest.raises(EstimationError, match="a power is a finite number from 0 up"):
        FlemingHarrington(*powers)


def test_late_weights_need_a_second_day():
    rows = [("A", 3, 1), ("A", 3, 0), ("B", 3, 1), ("B", 3, 0)]
    with pytest.raises(EstimationError, match=r"Fleming-Harrington \(0, 1\) gives weight 0 to every time"):
        log_rank(events(rows), weights=FlemingHarrington(0, 1))


def test_pairs_are_refused_as_a_whole():
    with pytest.raises(EstimationError, match="adjust='sidak' is not known"):
        pairwise_log_rank(EIGHT, adjust="sidak")
    with pytest.raises(EstimationError, match="reference='C' is not a level"):
        pairwise_log_rank(EIGHT, reference="C")
    with pytest.raises(EstimationError, match="at least two groups"):
        pairwise_log_rank(EIGHT.filter(pl.col("arm") == "A").with_columns(pl.col("arm").cast(pl.String)))


@pytest.mark.parametrize("weights", [None, "gehan-breslow", "peto-peto", FlemingHarrington(1, 1)])
def test_nobody_has_the_event(weights):
    with pytest.raises(EstimationError, match="0 events"):
        log_rank(events([(arm, 5, 0) for arm, _, _ in ROWS]), weights=weights)
