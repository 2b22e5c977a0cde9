"""The figure of power over designs."""

import re
from dataclasses import replace

import polars as pl
import pytest

from analyses.displays.figure_power import power_figure
from analyses.displays.figure_style import PALETTE
from analyses.displays.figures import svg
from analyses.estimates.result import Estimates, estimates_frame
from cohort.errors import EstimationError


def row(group, at, power, low, high, **more):
    named = {"analysis": "log-rank chi-square", "group": group, "at": at, "statistic": "power", "estimate": power}
    return named | {"conf_low": low, "conf_high": high} | more


ROWS = [
    row("weak", 100, 0.2, 0.1, 0.3),
    row("weak", 200, 0.4, 0.3, 0.5),
    row("strong", 100, 0.6, 0.5, 0.7),
    row("strong", 200, 0.9, 0.8, 1.0),
    row("none", 100, 0.05, 0.02, 0.1, statistic="type I error"),
]
CURVES = Estimates(estimates_frame(ROWS), "")


def texts(drawn):
    return set(re.findall(r"<text[^>]*>([^<]*)</text>", drawn))


def test_groups_designs_and_limits_are_named():
    found = texts(svg(power_figure(CURVES, x_label="Subjects per study", title="Power")))
    assert {"weak", "strong", "none", "100", "200", "80%", "Subjects per study", "Power"} <= found
    assert "Share of studies that reject (95% Monte Carlo limits)" in found


def test_limits_are_drawn_where_the_axis_says():
    one = replace(CURVES, frame=CURVES.frame.filter(group="strong", at=200.0))  # a single design has no line
    drawn = svg(power_figure(one))
    places = {text: float(y) for y, text in re.findall(r'<text [^>]* y="([\d.]+)"[^>]*>(0%|100%)</text>', drawn)}
    line = re.search(rf'd="M ([\d.]+) ([\d.]+) \nL \1 ([\d.]+) \n"[^>]*stroke: {PALETTE[0].lower()}', drawn)
    reach = abs(float(line[2]) - float(line[3])) / (places["0%"] - places["100%"])
    assert reach == pytest.approx(0.2, abs=0.002)


def test_all_together_has_no_legend_and_a_target_adds_a_line():
    alone = estimates_frame([row(None, 100, 0.5, 0.4, 0.6), row(None, 200, 0.7, 0.6, 0.8)])
    plain, aimed = (svg(power_figure(Estimates(alone, ""), target=target)) for target in (None, 0.8))
    assert "All" not in texts(plain)
    assert aimed.count("stroke-dasharray") == plain.count("stroke-dasharray") + 1


def test_what_holds_no_power_or_that_of_two_tests_is_refused():
    with pytest.raises(EstimationError, match="0 rows are a 'power'"):
        power_figure(Estimates(estimates_frame([row("a", None, 0.5, 0.4, 0.6)]), ""))
    two = pl.concat([CURVES.frame, CURVES.frame.with_columns(analysis=pl.lit("hazard ratio"))])
    with pytest.raises(EstimationError, match="the power of 2 tests"):
        power_figure(Estimates(two, ""))
