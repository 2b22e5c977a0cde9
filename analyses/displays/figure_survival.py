"""Kaplan-Meier curves and cumulative hazards over time, with the numbers at risk under their own ticks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from analyses.displays.curve_frames import HAZARD_CURVE, SURVIVAL_CURVE, curve_frames
from analyses.displays.figure_counts import Below, counts_below
from analyses.displays.figure_curves import curves_figure, number_heights, share_heights
from analyses.estimates.result import Estimates

if TYPE_CHECKING:
    from plotnine import ggplot


def kaplan_meier_figure(
    estimates: Estimates,
    *,
    below: Sequence[Below] = ("at risk",),
    x_label: str = "Days",
    y_label: str = "Share without the event",
    title: str | None = None,
) -> ggplot:
    """Return a Kaplan-Meier figure: a step curve and its confidence band for each group, numbers at risk below.

    The curve comes from the frame's rows "survival" with the term "curve"; the ticks of the time axis and the numbers
    under them come from its rows "at risk" (and "cumulative events", "cumulative censored"), which are those of
    `times`; without these, ticks are round days and only day 0 has numbers. So estimates read back from a file can be
    drawn. Groups are told apart by colour and by line type. Censoring is ticked on the curve only where
    `estimates.model` holds the fitted curves. A curve is drawn to the last time at which the frame or the model shows
    somebody at risk.

    Args:
        estimates: One criterion's survival curves.
        below: Which numbers stand under the axis, in this order: "at risk", "events" (up to the tick), "censored".
        x_label: The time axis; times are in days.
        y_label: What survival means here.
        title: The figure's title, which also names it to a screen reader.

    Raises:
        EstimationError: The frame holds no curve, or the curves of more than one analysis, population or criterion; or
            it has not the numbers that shall stand below.
    """
    frames = curve_frames(estimates, SURVIVAL_CURVE)
    heights = share_heights()
    under = counts_below(frames, below, heights.top)
    return curves_figure(frames, heights, under, x_label=x_label, y_label=y_label, title=title)


def cumulative_hazard_figure(
    estimates: Estimates,
    *,
    below: Sequence[Below] = ("at risk",),
    x_label: str = "Days",
    y_label: str = "Cumulative hazard",
    title: str | None = None,
) -> ggplot:
    """Return the Nelson-Aalen cumulative hazard of each group over time, with its band and numbers at risk below.

    Args:
        estimates: What `nelson_aalen` returned, of one criterion.
        below: Which numbers stand under the axis: "at risk", "events", "censored".
        x_label: The time axis; times are in days.
        y_label: What the hazard is of.
        title: The figure's title, which also names it to a screen reader.

    Raises:
        EstimationError: As for `kaplan_meier_figure`.
    """
    frames = curve_frames(estimates, HAZARD_CURVE)
    heights = number_heights(float(frames.steps.select("estimate", "conf_high").max().max_horizontal().item()))
    under = counts_below(frames, below, heights.top)
    return curves_figure(frames, heights, under, x_label=x_label, y_label=y_label, title=title)
