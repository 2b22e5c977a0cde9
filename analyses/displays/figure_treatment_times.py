"""How soon each successive treatment brought the outcome: one curve a treatment number, numbers at risk below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from analyses.displays.curve_frames import INCIDENCE_CURVE, CurveFrames, curve_frames
from analyses.displays.figure_counts import Below, counts_below
from analyses.displays.figure_curves import curves_figure, share_heights
from analyses.estimates.result import Estimates
from cohort.errors import EstimationError, some

if TYPE_CHECKING:
    from plotnine import ggplot


def treatment_times_figure(
    estimates: Estimates,
    *,
    last: int | None = None,
    below: Sequence[Below] = ("at risk",),
    x_label: str = "Days since the start of the treatment",
    y_label: str | None = None,
    title: str | None = None,
) -> ggplot:
    """Return the cumulative incidence of the outcome by treatment number in one panel, numbers at risk below.

    Each curve is of those who went on to that treatment. The ticks are the `times` that `treatment_times` was asked
    for.

    Args:
        estimates: What `treatment_times` returned, of one cohort.
        last: The last treatment number to draw; late ones of few subjects have bands as wide as the panel. None: all.
        below: Which numbers stand under the axis: "at risk", "events" (of the outcome, up to the tick).
        x_label: The time axis; times are in days.
        y_label: What the incidence is of; None names the outcome.
        title: The figure's title, which also names it to a screen reader.

    Raises:
        EstimationError: The frame holds no incidence by treatment number, or those of more than one cohort, analysis or
            outcome; no treatment is left.
    """
    frames = curve_frames(estimates, INCIDENCE_CURVE)
    causes = frames.steps["term"].unique(maintain_order=True).to_list()
    if len(causes) > 1:
        raise EstimationError(
            f"{len(causes)} outcomes were given ({some(causes)}); one figure shows one: filter the frame"
        )
    chosen = _chosen(frames, last)
    top = float(chosen.steps.select(pl.max_horizontal("estimate", "conf_high")).max().item())
    heights = share_heights(top)
    under = counts_below(chosen, below, heights.top)
    named = y_label or f"Share with {causes[0]}, of those who tried the treatment"
    return curves_figure(chosen, heights, under, x_label=x_label, y_label=named, title=title)


def _chosen(frames: CurveFrames, last: int | None) -> CurveFrames:
    """Return the frames of treatments up to the last, in the order of their numbers, under their full names."""
    unknown = [group for group in frames.groups if not group.isdigit()]
    if unknown:
        raise EstimationError(f"the curves of {some(unknown)} are not by treatment number; expected treatment_times()")
    numbers = sorted(int(group) for group in frames.groups)
    kept = [number for number in numbers if last is None or number <= last]
    if not kept:
        raise EstimationError(f"last={last} leaves none of the treatments {some(numbers, 9)}")
    names = {str(number): f"Treatment {number}" for number in kept}

    def renamed(frame: pl.DataFrame) -> pl.DataFrame:
        own = frame.with_columns(pl.col("group").cast(pl.String)).filter(pl.col("group").is_in(list(names)))
        return own.with_columns(pl.col("group").replace_strict(names, return_dtype=pl.Enum(list(names.values()))))

    parts = {name: renamed(getattr(frames, name)) for name in ("steps", "band", "counts", "censored")}
    # A curve's own numbers have the outcome as their term; one panel tells nothing apart by it.
    parts["counts"] = parts["counts"].with_columns(term=pl.lit(None, dtype=pl.String))
    return replace(frames, groups=list(names.values()), **parts)
