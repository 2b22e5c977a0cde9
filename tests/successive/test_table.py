"""The table of successive treatments: by hand, as published, recovered from known truths."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

from analyses.estimates.successive.counts import patterns
from analyses.estimates.successive.table import OF_COHORT, OF_TRIED, WENT_ON, successive
from cohort.errors import EstimationError
from synthetic_data.succession.frailty import Beta
from synthetic_data.succession.returns import after_reason
from synthetic_data.succession.shares import step_shares
from synthetic_data.succession.truth import Succession
from tests.successive.test_counts import SMALL, drawn_outcomes, outcomes, table


def column(result, statistic, **where):
    """Return the estimates of a statistic by treatment number."""
    rows = result.frame.filter(statistic=statistic, **where)
    return rows["estimate"].to_list()


def test_a_table_of_four_subjects_by_hand():
    found = successive(SMALL, undetermined="excluded")
    assert column(found, "tried") == [4, 2, 1]
    assert column(found, "met") == [1, 1, 1]
    assert column(found, "not met") == [1, 0, 0]
    assert column(found, "undetermined") == [0, 1, 0]
    assert column(found, "stopped for intolerance") == [2, 0, 0]
    assert column(found, "never went on") == [1, 0, None]  # d; nothing is known after the last
    assert column(found, "share", term=OF_TRIED) == [1 / 4, 1, 1]  # at the second one of two is undetermined
    assert column(found, "share", term=OF_COHORT) == [1 / 4, 1 / 4, 1 / 4]
    assert column(found, "share", term=WENT_ON) == [2 / 3, 1]
    assert column(found, "share", term="after intolerance") == [1]
    assert column(found, "share", term="after inefficacy") == [None]
    assert column(found, "share", term="after undetermined") == [1]
    strict = successive(SMALL, undetermined="not met")
    assert column(strict, "share", term=OF_TRIED) == [1 / 4, 1 / 2, 1]
    assert column(strict, "share", term="after inefficacy") == [0]


def test_wilson_limits_and_errors_of_both_shares_by_hand():
    found = successive(table([100, 40], [50, 10]), undetermined="excluded", level=0.9)
    z = 1.6448536269514722  # the 95th percentile of the normal distribution, which leaves 5 percent on either side
    for term, n in ((OF_TRIED, 40), (OF_COHORT, 100)):
        (row,) = found.frame.filter(statistic="share", term=term, group="2").iter_rows(named=True)
        p = 10 / n
        middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + (z / (2 * n)) ** 2)
        assert (row["n"], row["events"]) == (n, 10)
        assert row["std_error"] == pytest.approx(math.sqrt(p * (1 - p) / n), rel=1e-12)
        assert row["conf_low"] == pytest.approx((middle - half) / (1 + z * z / n), rel=1e-12)
        assert row["conf_high"] == pytest.approx((middle + half) / (1 + z * z / n), rel=1e-12)
    assert found.confidence == 0.9


def test_counts_say_among_how_many():
    found = successive(table([100, 40], [50, 10]), undetermined="excluded").frame
    verdicts = ("met", "not met", "undetermined", "stopped for intolerance")
    named = found.filter(pl.col("term").is_null(), group="2")
    n = dict(named.select("statistic", "n").iter_rows())
    assert n == {"tried": 100, "never went on": 30} | dict.fromkeys(verdicts, 40)


@pytest.mark.parametrize("undetermined", ["excluded", "not met"])
def test_outcomes_and_their_counts_give_the_same_table(undetermined):
    truth = Succession(
        frailty=Beta(0.8, 0.96), steps=4, intolerance=(0.15,) * 4, other_exit=(0.1,) * 4, leaving=(0.2, 0.3, 0.4)
    )
    rows = drawn_outcomes(truth, 3000, seed=3)
    assert (rows["verdict"] == "undetermined").sum() > 100
    from_rows = successive(rows, undetermined=undetermined)
    from_counts = successive(patterns(rows), undetermined=undetermined)
    assert from_rows.frame.equals(from_counts.frame)
    assert from_rows.frame.filter(pl.col("term").str.starts_with("after")).height == 6  # who was undetermined left


def test_shares_by_the_reason_of_the_previous_end_are_recovered():
    truth = Succession(frailty=Beta(0.8, 0.96), steps=3, intolerance=(0.2,) * 3, leaving=(0.1, 0.2), dependence=0.5)
    exact = after_reason(step_shares(truth))
    found = successive(drawn_outcomes(truth, 60_000, seed=7), undetermined="excluded")
    for reason in ("intolerance", "inefficacy"):
        rows = found.frame.filter(statistic="share", term=f"after {reason}")
        off = (rows["estimate"].to_numpy() - exact[reason][1:]) / rows["std_error"].to_numpy()
        assert np.abs(off).max() < 4
    assert (
        exact["intolerance"][1] - exact["inefficacy"][1] > 0.1
    )  # far more than the errors: the reasons are told apart


def test_levels_of_a_column_are_cohorts_of_their_own():
    both = pl.concat(
        [
            table([100, 40], [50, 10]).with_columns(site=pl.lit("north")),
            table([30], [3]).with_columns(site=pl.lit("south")),
            table([9], [9]).with_columns(site=pl.lit(None, pl.String)),
        ]
    )
    found = successive(both, undetermined="excluded", by="site")
    assert found.value("share", term=OF_TRIED, group="1", population="south") == 0.1
    alone = successive(table([100, 40], [50, 10]), undetermined="excluded")
    north = found.frame.filter(population="north").drop("population")
    assert north.equals(alone.frame.drop("population"))
    assert any(note.startswith("1 of 4 rows have no value in site") for note in found.notes)


def test_the_criterion_is_named_where_there_is_one():
    found = successive(SMALL.with_columns(criterion=pl.lit("freedom")), undetermined="excluded")
    assert found.frame["criterion"].unique().to_list() == ["freedom"]
    several = pl.concat([SMALL.with_columns(criterion=pl.lit(name)) for name in ("freedom", "response")])
    by = successive(several, undetermined="excluded", by="criterion")
    assert by.frame.select("population", "criterion").unique().sort("criterion").rows() == [
        ("freedom", "freedom"),
        ("response", "response"),
    ]


def test_everybody_and_nobody_have_limits():
    found = successive(table([4, 0], [4, 0]), undetermined="excluded").frame.filter(statistic="share", term=OF_TRIED)
    assert found.select("estimate", "conf_high", "std_error").rows() == [(1.0, 1.0, 0.0)]
    found = successive(table([4], [0]), undetermined="excluded").frame.filter(statistic="share", term=OF_TRIED)
    assert found.select("estimate", "conf_low", "std_error").rows() == [(0.0, 0.0, 0.0)]


def test_a_treatment_that_was_undetermined_for_all_has_no_share_of_those_who_tried():
    rows = outcomes(("a", 1, "undetermined"), ("b", 1, "undetermined"))
    found = successive(rows, undetermined="excluded")
    assert found.value("share", term=OF_TRIED) is None
    assert found.value("share", term=OF_COHORT) == 0
    assert "2 of 2 treatments undetermined, left out of those who tried" in found.notes


def test_a_word_for_the_undetermined_is_needed():
    with pytest.raises(EstimationError, match="'excluded' or 'not met'"):
        successive(SMALL, undetermined="ignored")
    with pytest.raises(EstimationError, match="between 0 and 1"):
        successive(SMALL, undetermined="excluded", level=95)
    with pytest.raises(EstimationError, match="'site'"):
        successive(SMALL, undetermined="excluded", by="site")
