"""Turnbull's curves as they are drawn."""

import polars as pl
import pytest

from analyses.displays.figure_turnbull import turnbull_figure
from analyses.displays.svg import svg
from analyses.estimates.interval.turnbull import turnbull
from analyses.estimates.survival.kaplan_meier import kaplan_meier
from cohort.errors import EstimationError
from tests.interval.interval_frames import events

GRID = [(0, 7), (0, 7), (7, 14), (7, None), (14, None), (0, 14)]
ARMS = [(*row, arm) for arm in "AB" for row in GRID]


def layers(figure, name):
    return [layer for layer in figure.layers if type(layer.geom).__name__ == name]


def test_a_field_spans_each_interval_in_which_the_curve_falls():
    figure = turnbull_figure(turnbull(events(GRID), by=None))
    (fields,) = [layer._data for layer in layers(figure, "geom_rect")]
    frame = pl.DataFrame(fields)
    assert frame.select("begin", "end").rows() == [(0, 7), (7, 14)]
    assert frame["high"][0] == 1
    assert frame["high"][1] == frame["low"][0]


def test_days_between_fields_have_points_with_limits_and_groups_stand_beside_each_other():
    figure = turnbull_figure(turnbull(events(ARMS)))
    (points,) = [pl.DataFrame(layer._data) for layer in layers(figure, "geom_point")]
    assert points["group"].to_list() == ["A", "A", "B", "B"]
    assert (points["at"].diff(2).drop_nulls() > 0).all()


def test_known_days_fall_upright_and_estimates_read_back_can_be_drawn():
    found = turnbull(events([(2, 2), (5, 5), (4, None), (0, 0), (7, 9)]), by=None)
    read = type(found)(found.frame, found.method)
    drawn = svg(turnbull_figure(read, title="Time to remission"))
    assert "Time to remission" in drawn
    (upright,) = [pl.DataFrame(layer._data) for layer in layers(turnbull_figure(read), "geom_segment")[:1]]
    assert upright.select("begin", "high").rows()[0] == (0, 1)


def test_other_curves_are_refused():
    with pytest.raises(EstimationError, match="0 rows are masses"):
        turnbull_figure(kaplan_meier(events([(2, 2)]), by=None))
