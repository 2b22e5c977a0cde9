"""The figure of mean cumulative functions: what it draws, and that it draws whatever the estimator returns."""

import polars as pl
import pytest

from analyses.displays.figures import mean_cumulative_figure, svg
from analyses.estimates.recurrent.mean_cumulative import mean_cumulative
from analyses.estimates.result import Estimates
from cohort.errors import EstimationError
from tests.recurrent.histories_drawn import as_events

HISTORIES = [[(0, 2, 1), (2, 6, 0)], [(0, 3, 1), (3, 6, 1)], [(0, 6, 0)], [(0, 1, 1), (1, 4, 1), (4, 6, 0)]]


def test_curves_bands_and_numbers_are_in_the_picture():
    found = mean_cumulative(as_events(HISTORIES, list("AABB")), times=[3, 6])
    read_back = Estimates(found.frame, found.method)
    drawn = svg(mean_cumulative_figure(read_back, below=("at risk", "events"), title="Seizures"))
    assert all(f">{word}<" in drawn for word in ("Seizures", "A", "B", "At risk", "Events", "Mean number of events"))


def test_the_band_of_plain_limits_ends_at_the_axis():
    found = mean_cumulative(as_events(HISTORIES), by=None, limits="plain")
    assert found.frame["conf_low"].min() < 0
    layers = mean_cumulative_figure(found).layers
    drawn = [layer._data for layer in layers]
    bands = [data for data in drawn if isinstance(data, pl.DataFrame) and "stretch" in data.columns]
    assert [band["conf_low"].min() for band in bands] == [0]


def test_nobody_has_an_event():
    found = mean_cumulative(as_events([[(0, 6, 0)], [(0, 5, 0)]]), by=None)
    assert "<svg" in svg(mean_cumulative_figure(found))


def test_no_curve():
    with pytest.raises(EstimationError, match="mean cumulative function"):
        mean_cumulative_figure(Estimates(mean_cumulative(as_events(HISTORIES)).frame.clear(), ""))
