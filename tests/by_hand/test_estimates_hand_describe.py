"""Summaries of a few values worked by hand."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

from analyses.estimates.describe import describe, quantile
from cohort.errors import EstimationError

ARMS = pl.Enum(["placebo", "drug"])
DATA = pl.DataFrame(
    {
        "arm": pl.Series(["drug"] * 5 + ["placebo"], dtype=ARMS),
        "visit": pl.Series(
            ["week 1", "week 1", "week 2", "week 2", "week 2", "week 1"], dtype=pl.Enum(["week 2", "week 1"])
        ),
        "score": [1, 2, 4, 9, None, 7],
        "change": [0.5, float("nan"), -0.5, 2.0, 4.0, 1.0],
        "sex": ["f", "m", "f", None, "f", "m"],
        "treated": [True, False, True, True, True, None],
    }
)


def test_numbers_of_a_group():
    found = describe(DATA, ["score"])
    wanted = {"n": 4, "missing": 1, "mean": 4.0, "sd": math.sqrt(38 / 3), "q1": 1.75, "median": 3.0, "q3": 5.25}
    for statistic, number in (wanted | {"min": 1, "max": 9, "sum": 16}).items():
        assert found.value(statistic, group="drug", criterion="score") == pytest.approx(number, rel=1e-15)
    mean = found.frame.filter(group="drug", statistic="mean").row(0, named=True)
    assert mean["std_error"] == pytest.approx(math.sqrt(38 / 3) / 2, rel=1e-15)
    assert mean["n"] == 4
    assert found.frame.filter(group="drug", statistic="missing")["n"].item() == 5
    assert found.frame["group"].unique(maintain_order=True).to_list() == ["placebo", "drug"]


def test_one_value_has_no_sd_and_no_value_no_mean():
    found = describe(DATA, ["score"])
    assert (found.value("mean", group="placebo"), found.value("sd", group="placebo")) == (7, None)
    nothing = describe(DATA.filter(arm="drug"), ["score"])
    for statistic in ("mean", "sd", "q1", "median", "q3", "min", "max", "sum"):
        assert nothing.value(statistic, group="placebo") is None
    assert nothing.value("n", group="placebo") == 0


def test_nan_is_missing():
    found = describe(DATA, ["change"], by=None)
    assert (found.value("n"), found.value("missing"), found.value("sum")) == (5, 1, 7.0)


def test_quantiles_of_type_2_stand_alone_under_their_own_name():
    found = describe(DATA, ["score"], quantile_type=2)
    assert found.frame.filter(group="drug").select("statistic", "estimate").rows() == [
        ("n", 4.0), ("q1 (type 2)", 1.5), ("median (type 2)", 3.0), ("q3 (type 2)", 6.5),
    ]  # fmt: skip
    assert found.value("median (type 2)", group="placebo") == 7


# Hyndman and Fan's definitions on 1, 2, 4, 9, 11.
@pytest.mark.parametrize(
    ("p", "type_7", "type_2"), [(0.25, 2, 2), (0.5, 4, 4), (0.75, 9, 9), (0.2, 1.8, 1.5), (0.9, 10.2, 11)]
)
def test_quantile_definitions(p, type_7, type_2):
    values = np.array([1.0, 2, 4, 9, 11])
    assert quantile(values, p, 7) == pytest.approx(type_7, rel=1e-14)
    assert quantile(values, p, 2) == type_2


def test_words_are_counted_with_their_missing_values():
    found = describe(DATA, ["sex"])
    rows = found.frame.filter(group="drug").select("term", "statistic", "estimate", "n", "events").rows()
    assert rows == [
        ("f", "count", 3, 4, 3), ("f", "share", 0.75, 4, 3), ("m", "count", 1, 4, 1), ("m", "share", 0.25, 4, 1),
        (None, "missing", 1, 5, None),
    ]  # fmt: skip
    assert found.value("share", group="placebo", term="f") == 0
    error = found.frame.filter(group="drug", term="f", statistic="share")["std_error"].item()
    assert error == pytest.approx(math.sqrt(0.75 * 0.25 / 4), rel=1e-15)


def test_a_boolean_shows_both_levels_and_an_enum_all():
    found = describe(DATA.filter(arm="placebo"), ["treated", "arm"], by=None)
    assert found.value("share", term="true") is None
    assert found.value("count", criterion="arm", term="drug") == 0
    assert found.value("missing", criterion="treated") == 1


def test_within_a_visit():
    found = describe(DATA, ["score", "sex"], within="visit")
    assert found.value("mean", group="drug", term="week 1") == 1.5
    assert found.value("mean", group="drug", term="week 2") == 6.5
    assert found.value("missing", criterion="score", group="drug", term="week 2") == 1
    assert found.value("count", group="drug", term="week 2: f") == 2
    assert found.value("missing", criterion="sex", group="drug", term="week 2") == 1
    order = found.frame.filter(criterion="score", statistic="n")["term"].to_list()
    assert order == ["week 2", "week 2", "week 1", "week 1"]


def test_rows_without_a_visit_are_noted():
    gap = DATA.with_columns(visit=pl.when(pl.col("score") != 9).then("visit"))
    found = describe(gap, ["change"], within="visit", by=None)
    assert found.notes == ("2 of 6 rows have no value in visit and are left out",)
    assert found.value("n", term="week 2") == 1


@pytest.mark.parametrize(
    ("column", "options", "words"),
    [
        ("weight", {}, "'weight' is not among the columns"),
        ("day", {}, "'day' has the type Date"),
        ("ratio", {}, "6 values of 'ratio' are infinite"),
        ("score", {"quantile_type": 6}, "quantile_type=6 was given"),
        ("sex", {"quantile_type": 2}, "'sex' holds words"),
        ("score", {"within": "week"}, "'week' is not among the columns"),
    ],
)
def test_what_cannot_be_described_is_refused(column, options, words):
    data = DATA.with_columns(day=pl.date(2020, 1, 1), ratio=pl.lit(math.inf))
    with pytest.raises(EstimationError, match=words):
        describe(data, [column], **options)
