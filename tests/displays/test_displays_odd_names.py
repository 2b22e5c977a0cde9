"""Groups may be called as they please: a figure writes their names as they stand."""

from __future__ import annotations

import html

import polars as pl
import pytest

import analyses
from analyses.displays.svg import svg


@pytest.mark.parametrize("name", ["$5 to $10", "$\\frac$", "$$", "a_{b}^c %s", "x[T.y]:A", "<b>&amp;</b>"])
def test_names_are_no_formulas(name: str) -> None:
    times = {"subject_id": list("abcd"), "entry": 0.0, "left": [1.0, 2, 3, 4], "arm": ["control", name] * 2}
    curve = analyses.kaplan_meier(pl.DataFrame(times).with_columns(right="left"), times=[2])
    drawn = svg(analyses.kaplan_meier_figure(curve))
    assert html.unescape(drawn).count(name) >= 2


def test_days_can_be_read_off_where_no_times_were_asked_for() -> None:
    times = {"subject_id": list("abcd"), "entry": 0.0, "left": [10.0, 20, 30, 43], "arm": ["control", "active"] * 2}
    events = pl.DataFrame(times).with_columns(right="left")
    drawn = svg(analyses.kaplan_meier_figure(analyses.kaplan_meier(events)))
    assert all(f">{day}</text>" in drawn for day in (0, 10, 20, 30, 40))
    assert ">50</text>" not in drawn
