"""Cause-specific hazards are Cox regressions with the other causes censored, in one call."""

from __future__ import annotations

import math

import polars as pl
import pytest

from analyses.estimates.competing.cause_specific import cause_specific
from analyses.estimates.competing.fine_gray import fine_gray
from analyses.estimates.regression.cox import cox
from analyses.estimates.regression.proportional import proportional_hazards_test
from cohort.errors import EstimationError

R, S = "relapse", "stop"
# Without ties; x of those who relapse on days 2, 3 and of those who stop on days 1, 4.
ROWS = [(1, S, 1), (2, R, 0), (3, R, 1), (4, S, 0), (5, None, 1)]


def events(rows=ROWS):
    frame = pl.DataFrame(rows, schema={"left": pl.Float64, "cause": pl.String, "x": pl.Int64}, orient="row")
    return frame.with_columns(
        subject_id=pl.int_range(pl.len()).cast(pl.String),
        entry=pl.lit(0.0),
        right=pl.when(pl.col("cause").is_not_null()).then("left"),
    )


def test_by_hand():
    # Relapse: L = 1 / (2 theta + 2) * theta / (2 theta + 1): greatest at 2 theta^2 = 1.
    # Stopping: L = theta / (3 theta + 2) * 1 / (theta + 1): greatest at 3 theta^2 = 2.
    found = cause_specific(events(), "x")
    assert found.value("hazard ratio", criterion=R) == pytest.approx(math.sqrt(1 / 2), rel=1e-9)
    assert found.value("hazard ratio", criterion=S) == pytest.approx(math.sqrt(2 / 3), rel=1e-9)
    assert found.frame.filter(criterion=R).select("n", "events").unique().rows() == [(5, 2)]
    assert list(found.model) == [R, S]


def test_one_cause_is_that_block_alone_with_its_own_model():
    whole, alone = cause_specific(events(), "x"), cause_specific(events(), "x", cause=S)
    assert alone.frame.equals(whole.frame.filter(criterion=S))
    assert alone.model.coefficients.tolist() == whole.model[S].model.coefficients.tolist()
    assert proportional_hazards_test(alone).frame.height


def test_a_cause_that_cannot_be_fitted_is_noted():
    rows = [*ROWS, (6, "death", 1)]
    found = cause_specific(events(rows), "x")
    assert found.frame["criterion"].unique().sort().to_list() == [R, S]
    assert any(note.startswith("death: ") for note in found.notes)
    with pytest.raises(EstimationError):
        cause_specific(events(rows), "x", cause="death")
    with pytest.raises(EstimationError, match="cause='moved' does not occur"):
        cause_specific(events(), "x", cause="moved")
    with pytest.raises(EstimationError, match="0 events among 1 rows"):
        cause_specific(events([(1, None, 0)]), "x")


def test_nobody_censored_makes_fine_grays_a_cox_regression_of_who_stays():
    rows = [(1, S, 1), (2, R, 2), (3, S, 0), (3, R, 0), (4, R, 1), (5, S, 0), (6, R, 1)]
    for ties in ("breslow", "efron"):
        found = fine_gray(events(rows), "x", cause=R, ties=ties)
        stayed = cox(
            events([(7, None, x) if cause == S else (time, cause, x) for time, cause, x in rows]), "x", ties=ties
        )
        for statistic, other in (("log subdistribution hazard ratio", "log hazard ratio"), ("log likelihood",) * 2):
            ours = found.frame.filter(statistic=statistic)["estimate"].to_list()
            assert ours == pytest.approx(stayed.frame.filter(statistic=other)["estimate"].to_list(), rel=1e-9)


def test_a_single_cause_is_an_ordinary_cox_regression():
    rows = [(time, R if cause else None, x) for time, cause, x in ROWS]
    assert (
        cause_specific(events(rows), "x").frame.drop("criterion").equals(cox(events(rows), "x").frame.drop("criterion"))
    )
    found = fine_gray(events(rows), "x", cause=R)
    assert found.value("log likelihood", term="fitted") == pytest.approx(
        cox(events(rows), "x").value("log likelihood", term="fitted"), rel=1e-12
    )
