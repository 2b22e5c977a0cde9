"""Figures of whether hazards are proportional, and of the effects of several models."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from analyses import cox, forest_figure, kaplan_meier, log_log_figure, proportional_hazards_figure
from analyses.displays.svg import svg
from analyses.estimates.regression.changing_smooth import smoothed
from analyses.estimates.result import Estimates, estimates_frame, together
from cohort.errors import EstimationError


def studied(n=60):
    rng = np.random.default_rng(3)
    time = np.ceil(rng.exponential(20, n))
    event = rng.random(n) < 0.8
    return pl.DataFrame(
        {
            "subject_id": [f"{i:02}" for i in range(n)],
            "arm": pl.Series(np.array(["A", "B", "C"])[rng.integers(0, 3, n)], dtype=pl.Enum(["A", "B", "C"])),
            "age": rng.normal(40, 10, n).round(),
            "entry": 0.0,
            "left": time,
            "right": pl.Series(np.where(event, time, np.nan)).fill_nan(None),
            "cause": pl.Series(np.where(event, "stop", None), dtype=pl.String),
        }
    )


FIT = cox(studied(), "arm + age")


def test_a_coefficient_is_drawn_with_its_smooth_and_its_test():
    drawn = svg(proportional_hazards_figure(FIT, "age", transform="log", title="Age"))
    assert "Log hazard ratio over time, age (95% CI)" in drawn
    assert "Days (log scale)" in drawn
    assert "test of that for age: χ² = " in drawn


def test_a_factor_of_several_levels_needs_its_level():
    assert "arm: C v A" in svg(proportional_hazards_figure(FIT, "arm: C"))
    assert "arm: C v A" in svg(proportional_hazards_figure(FIT, "arm[T.C]"))
    for asked, words in (
        ("arm", "2 coefficients of 'arm' could be drawn; name one: 'arm: B', 'arm: C'"),
        (None, "3 coefficients could be drawn; name one: 'arm: B', 'arm: C', 'age'"),
        ("sex", "'sex' is no coefficient; the model has 'arm: B', 'arm: C', 'age'"),
    ):
        with pytest.raises(EstimationError, match=words.replace("[", r"\[")):
            proportional_hazards_figure(FIT, asked)


def test_few_days_have_no_smooth():
    day = (pl.int_range(pl.len()) % 3 + 1).cast(pl.Float64)
    rows = studied(20).with_columns(left=day, right=pl.when(pl.col("right").is_not_null()).then(day))
    assert "Dashed: as if it did not change" in svg(proportional_hazards_figure(cox(rows, "age")))


def test_the_smooth_follows_what_it_can_express():
    place = np.linspace(2, 5, 31)
    at, height, leverage = smoothed(place, 3 - 2 * place, np.ones(31))
    assert height == pytest.approx(3 - 2 * at, rel=1e-9)
    # The leverages of a least squares fit sum to the number of its coefficients.
    own = np.array([np.interp(x, at, leverage) for x in place])
    assert own.sum() == pytest.approx(4, rel=0.01)
    doubled = smoothed(place, np.sin(place), np.full(31, 2.0))
    expanded = smoothed(np.repeat(place, 2), np.repeat(np.sin(place), 2), np.ones(62))
    for one, other in zip(doubled, expanded, strict=True):
        assert one == pytest.approx(other, rel=1e-9)


def test_log_log_curves_leave_out_what_has_no_logarithm():
    drawn = svg(log_log_figure(kaplan_meier(studied())))
    assert "log(-log(survival))" in drawn
    flat = Estimates(estimates_frame([{"statistic": "survival", "term": "curve", "at": 3.0, "estimate": 1.0}]), "")
    with pytest.raises(EstimationError, match="0 rows are a survival curve between 1 and 0"):
        log_log_figure(flat)


def test_models_of_a_forest_are_told_apart_by_their_names():
    parts = [cox(studied(), formula).labelled(name) for name, formula in (("alone", "age"), ("both", "age + arm"))]
    drawn = svg(forest_figure(replace(parts[0], frame=together(parts)), statistic="hazard ratio"))
    assert drawn.count(">alone<") == 1
    assert drawn.count(">both<") == 3


@pytest.mark.parametrize(
    ("low", "estimate", "high", "ticks"), [(0.99, 1.01, 1.02, ("0.99", "1", "1.01")), (None, 1.0, None, ("1",))]
)
def test_a_forest_of_ratios_near_one_has_an_axis(low, estimate, high, ticks):
    row = {"statistic": "hazard ratio", "term": "age", "estimate": estimate, "conf_low": low, "conf_high": high}
    drawn = svg(forest_figure(Estimates(estimates_frame([row]), "")))
    assert all(f">{tick}<" in drawn for tick in ticks)


def test_what_is_no_cox_fit_is_refused():
    with pytest.raises(EstimationError, match="needs what cox"):
        proportional_hazards_figure(kaplan_meier(studied()))
