"""What a shared frailty cannot be fitted to."""

import polars as pl
import pytest

from analyses.estimates.regression import frailty_fit
from analyses.estimates.regression.frailty_cox import frailty_cox
from cohort.errors import EstimationError
from tests.frailty.test_frailty_cox import drawn, one_day


def test_clusters_of_one_row():
    rows = drawn(1).unique("subject_id", keep="first", maintain_order=True)
    with pytest.raises(EstimationError, match="each of 14 values of 'subject_id' has one row"):
        frailty_cox(rows, "x")


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        ({}, {"ties": "exact"}, "'efron' and 'breslow'"),
        ({}, {"cluster": "hospital"}, "hospital"),
        ({}, {"confidence": 1.0}, "confidence"),
        ({"right": None}, {}, "0 events among"),
        ({"x": 1.0}, {}, "'x'"),
        ({"entry": 5.0}, {}, "late entry"),
    ],
)
def test_options_and_rows_that_cannot_be_used(change, options, message):
    rows = drawn(1).with_columns(**{name: pl.lit(value, dtype=pl.Float64) for name, value in change.items()})
    with pytest.raises(EstimationError, match=message):
        frailty_cox(rows, "x", **options)


def test_a_covariate_that_separates_events():
    rows = drawn(1).with_columns(x=pl.col("right").is_not_null().cast(pl.Float64))
    with pytest.raises(EstimationError, match="'x'"):
        frailty_cox(rows, "x")


def test_too_few_events():
    rows = drawn(1).with_row_index("row").with_columns(right=pl.when(pl.col("row") == 3).then("left"))
    with pytest.raises(EstimationError, match="1 events cannot carry 1 coefficients and a frailty variance"):
        frailty_cox(rows, "x")


def test_a_variance_beyond_what_is_searched(monkeypatch):
    monkeypatch.setattr(frailty_fit, "MOST", 1.0)
    with pytest.raises(EstimationError, match="grows beyond 1: the likelihood has no maximum"):
        frailty_cox(one_day(4), "x", ties="breslow")


def test_rows_without_a_covariate_or_a_cluster_are_left_out_and_counted():
    rows = drawn(1)
    lacking = rows.head(2).with_columns(x=pl.lit(None, dtype=pl.Float64))
    nameless = rows.head(1).with_columns(subject_id=pl.lit(None, dtype=pl.String))
    found = frailty_cox(pl.concat([rows, lacking, nameless]), "x")
    assert found.frame.equals(frailty_cox(rows, "x").frame)
    assert any(note.startswith("3 of 45 rows were left out") for note in found.notes)
