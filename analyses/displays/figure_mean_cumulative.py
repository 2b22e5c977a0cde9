"""The mean number of events of a subject over time, with the numbers at risk under their own ticks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from analyses.displays.curve_frames import MEAN_CURVE, curve_frames
from analyses.displays.figure_counts import Below, counts_below
from analyses.displays.figure_curves import curves_figure, number_heights
from analyses.estimates.result import Estimates

if TYPE_CHECKING:
    from plotnine import ggplot


def mean_cumulative_figure(
    estimates: Estimates,
    *,
    below: Sequence[Below] = ("at risk",),
    x_label: str = "Days",
    y_label: str = "Mean number of events",
    title: str | None = None,
) -> ggplot:
    """Return the mean number of events of a subject up to each day: a step curve and its band for each group.

    The curve comes from the rows "mean cumulative function" with the term "curve"; the ticks of the time axis and the
    numbers under them from the rows "at risk" and "cumulative events", so that estimates read back from a file can be
    drawn. A subject stays at risk after an event.

    Args:
        estimates: What `mean_cumulative` returned, of one criterion.
        below: Which numbers stand under the axis, in this order: "at risk", "events" (up to the tick).
        x_label: The time axis; times are in days.
        y_label: What is counted.
        title: The figure's title, which also names it to a screen reader.

    Raises:
        EstimationError: As for `kaplan_meier_figure`.
    """
    frames = curve_frames(estimates, MEAN_CURVE)
    top = float(frames.steps.select("estimate", "conf_high").max().max_horizontal().item())
    heights = number_heights(top if top > 0 else 1.0)
    # Plain limits may fall below 0, where the numbers stand.
    frames = replace(frames, band=frames.band.with_columns(pl.col("conf_low").clip(0.0)))
    under = counts_below(frames, below, heights.top)
    return curves_figure(frames, heights, under, x_label=x_label, y_label=y_label, title=title)
