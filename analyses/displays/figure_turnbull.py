"""Curves of interval-censored times: steps where they are determined, shaded fields where they are not."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from analyses.displays.curve_frames import SURVIVAL_CURVE, CurveFrames, curve_frames
from analyses.displays.figure_counts import counts_below
from analyses.displays.figure_curves import (
    WIDTH,
    axes,
    colours,
    curves_theme,
    ground_layers,
    last_time,
    share_heights,
)
from analyses.displays.figure_style import TOGETHER, grammar, with_group
from analyses.estimates.result import Estimates
from cohort.errors import EstimationError

if TYPE_CHECKING:
    from plotnine import ggplot

_FIELD = {"group": pl.String, "begin": pl.Float64, "end": pl.Float64, "low": pl.Float64, "high": pl.Float64}
_STRETCH = {"group": pl.String, "begin": pl.Float64, "end": pl.Float64, "estimate": pl.Float64}
_STRETCH |= {"conf_low": pl.Float64, "conf_high": pl.Float64}


def turnbull_figure(
    estimates: Estimates,
    *,
    x_label: str = "Days",
    y_label: str = "Share without the event",
    title: str | None = None,
) -> ggplot:
    """Return Turnbull's curves, one colour a group.

    A line stands where the curve is determined, with its confidence band where there is one. A shaded field spans an
    interval with mass: the curve falls from its upper left to its lower right corner, nobody knows how. Where one field
    follows another on the same day, a point with its limits stands between them. Events on a known day join two lines
    upright. A curve ends on the last day on which anybody was seen. All is read from the
    frame's rows "survival" with the term "curve" and "probability mass".

    Args:
        estimates: What `turnbull` returned, of one criterion.
        x_label: The time axis; times are in days.
        y_label: What survival means here.
        title: The figure's title, which also names it to a screen reader.

    Raises:
        EstimationError: The frame holds no such curve, or the curves of more than one analysis, population or
            criterion.
    """
    frames = curve_frames(estimates, SURVIVAL_CURVE)
    fields, stretches = _parts(frames, _masses(estimates.frame, frames.groups))
    banded = stretches.filter(pl.col("conf_low").is_not_null() & (pl.col("end") > pl.col("begin")))
    ends = stretches.select("group", at="end")
    drawn = replace(frames, steps=ends, band=pl.concat([fields, banded], how="diagonal"))
    p, heights = grammar(), share_heights()
    below = counts_below(frames, (), heights.top)
    figure = p.ggplot() + ground_layers(heights) + _layers(fields, stretches, banded)
    figure = figure + axes(heights, below, last_time(drawn, below)) + colours(drawn)
    figure = figure + curves_theme(WIDTH, below.inches + 0.9 + (0.3 if title else 0), own_axis=False)
    if frames.groups == [TOGETHER]:
        figure = figure + p.theme(legend_position="none")
    made: ggplot = figure + p.labs(x=x_label, y=y_label, title=title, subtitle=y_label)
    return made


def _layers(fields: pl.DataFrame, stretches: pl.DataFrame, banded: pl.DataFrame) -> list[object]:
    p = grammar()
    wide, upright = fields.filter(pl.col("end") > pl.col("begin")), fields.filter(pl.col("end") == pl.col("begin"))
    field = p.aes(xmin="begin", xmax="end", ymin="low", ymax="high", fill="group", color="group")
    band = p.aes(xmin="begin", xmax="end", ymin="conf_low", ymax="conf_high", fill="group")
    line = p.aes("begin", "estimate", xend="end", yend="estimate", color="group", linetype="group")
    fall = p.aes("begin", "high", xend="end", yend="low", color="group")
    return [
        *([p.geom_rect(band, banded, alpha=0.18, show_legend=False)] if banded.height else []),
        *([p.geom_rect(field, wide, alpha=0.3, size=0.3, show_legend=False)] if wide.height else []),
        *([p.geom_segment(fall, upright, size=0.9, show_legend=False)] if upright.height else []),
        p.geom_segment(line, stretches, size=0.9),
        *_single_days(stretches),
    ]


def _single_days(stretches: pl.DataFrame) -> list[object]:
    """Return points with limits for the days between two fields, where there is no stretch to hold a band."""
    p = grammar()
    single = stretches.filter((pl.col("begin") == pl.col("end")) & (pl.col("conf_high") > pl.col("conf_low")))
    if single.is_empty():
        return []
    # Groups stand beside one another.
    number = pl.col("group").to_physical().cast(pl.Float64) - (stretches["group"].n_unique() - 1) / 2
    beside = single.with_columns(at=pl.col("begin") + number * 0.008 * stretches["end"].max())
    limits = p.aes("at", ymin="conf_low", ymax="conf_high", color="group")
    return [
        p.geom_linerange(limits, beside, size=0.7, show_legend=False),
        p.geom_point(p.aes("at", "estimate", color="group"), beside, size=1.8, show_legend=False),
    ]


def _masses(frame: pl.DataFrame, groups: list[str]) -> pl.DataFrame:
    """Return `group, begin, end` of the intervals with mass; the end is null beyond all observation."""
    rows = frame.filter(pl.col("statistic") == "probability mass")
    if rows.is_empty():
        raise EstimationError("0 rows are masses; expected rows with the statistic 'probability mass', as of turnbull")
    begin = pl.col("term").str.strip_chars("({").str.split(",").list.first().str.strip_chars("}").cast(pl.Float64)
    return with_group(rows.select("group", begin=begin, end="at"), groups).sort("group", "begin")


def _parts(frames: CurveFrames, masses: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the fields in which the curves fall, and the stretches on which they are determined."""
    fields: list[tuple[object, ...]] = []
    stretches: list[tuple[object, ...]] = []
    for group in frames.groups:
        steps = frames.steps.filter(pl.col("group") == group).unique("at", keep="first").sort("at")
        heights = {at: rest for at, *rest in steps.select("at", "estimate", "conf_low", "conf_high").iter_rows()}
        day, known = 0.0, heights[0.0]
        for begin, end in masses.filter(pl.col("group") == group).select("begin", "end").iter_rows():
            # S is below 1 on day 0 already where events fall on it.
            before = [1.0, None, None] if begin == end == 0 else known
            stretches.append((group, day, begin, *before))
            if end is None:
                day = math.nan
                break
            day, known = end, heights[end]
            fields.append((group, begin, end, known[0], before[0]))
        if not math.isnan(day):
            stretches.append((group, day, day, *known))
    made = (pl.DataFrame(rows, schema, orient="row") for rows, schema in ((fields, _FIELD), (stretches, _STRETCH)))
    first, second = (with_group(part, frames.groups) for part in made)
    return first, second
