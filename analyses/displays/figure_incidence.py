"""Cumulative incidence of causes that compete: by cause, or stacked on one another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, get_args

import polars as pl

from analyses.displays.curve_frames import INCIDENCE_CURVE, CurveFrames, curve_frames
from analyses.displays.figure_counts import Below, CountsBelow, counts_below
from analyses.displays.figure_curves import (
    WIDTH,
    Heights,
    axes,
    colours,
    curve_layers,
    curves_figure,
    curves_theme,
    ground_layers,
    last_time,
    share_heights,
)
from analyses.displays.figure_style import PALETTE, cycled, grammar
from analyses.estimates.result import Estimates
from cohort.errors import EstimationError

if TYPE_CHECKING:
    from plotnine import ggplot

Kind = Literal["by cause", "stacked"]
_ACROSS = 2  # panels side by side


def incidence_figure(
    estimates: Estimates,
    *,
    kind: Kind = "by cause",
    below: Sequence[Below] = ("at risk",),
    x_label: str = "Days",
    y_label: str = "Cumulative incidence",
    title: str | None = None,
) -> ggplot:
    """Return the cumulative incidence of each cause over time, numbers at risk below.

    "by cause" has a panel a cause, in which groups differ in colour and line type, with bands; one group alone has one
    panel, in which causes differ. "stacked" has a panel a group, in which the causes' incidences lie on one another:
    what is left above them is the share still without any event. Stacked areas have no bands.

    Args:
        estimates: What `incidence` returned, of one criterion.
        kind: "by cause" or "stacked".
        below: Which numbers stand under the axis: "at risk", "events" (of the cause, up to the tick).
        x_label: The time axis; times are in days.
        y_label: What the incidence is of.
        title: The figure's title, which also names it to a screen reader.

    Raises:
        EstimationError: The frame holds no incidence, or those of more than one analysis, population or criterion.
    """
    if kind not in get_args(Kind):
        raise EstimationError(f"kind={kind!r}; an incidence is drawn {' or '.join(map(repr, get_args(Kind)))}")
    frames = curve_frames(estimates, INCIDENCE_CURVE)
    causes = frames.steps["term"].unique(maintain_order=True).to_list()
    if kind == "by cause" and len(frames.groups) == 1:
        frames, heights = _causes_as_groups(frames, causes), share_heights(_top(frames))
        under = counts_below(frames, below, heights.top)
        return curves_figure(frames, heights, under, x_label=x_label, y_label=y_label, title=title)
    drawn = _stacked(frames, causes, below) if kind == "stacked" else _by_cause(frames, causes, below)
    p = grammar()
    across = min(drawn.panels, _ACROSS)
    tall = (drawn.below.inches + 0.3) * math.ceil(drawn.panels / across) + 0.9 + (0.3 if title else 0)
    ground = drawn.layers + drawn.below.layers(x_label, drawn.last) + axes(drawn.heights, drawn.below, drawn.last)
    figure = p.ggplot() + ground + p.facet_wrap(drawn.panel, ncol=across)
    figure = figure + curves_theme(WIDTH + 1.5 * (across - 1), tall, own_axis=bool(drawn.below.ticks))
    figure = figure + p.theme(strip_text=p.element_text(size=10, ha="left"), panel_spacing_x=0.03, panel_spacing_y=0.05)
    made: ggplot = figure + p.labs(x=x_label, y=y_label, title=title, subtitle=y_label)
    return made


@dataclass(frozen=True)
class _Panels:
    """Layers of several panels: which column tells the panels apart, how many there are, and what stands below."""

    layers: list[object]
    panel: str
    panels: int
    heights: Heights
    below: CountsBelow
    last: float


def _top(frames: CurveFrames) -> float:
    return float(frames.steps.select(pl.max_horizontal("estimate", "conf_high")).max().item())


def _causes_as_groups(frames: CurveFrames, causes: list[str]) -> CurveFrames:
    """Return the frames of one group with its causes in the place of groups."""
    names = pl.Enum(list(dict.fromkeys([*causes, *frames.groups])))
    cause = pl.col("term").cast(pl.Enum(causes))
    counts = frames.counts.with_columns(
        group=pl.when(pl.col("term").is_null()).then(pl.col("group").cast(pl.String)).otherwise("term").cast(names),
        term=pl.lit(None, dtype=pl.String),
    )
    steps, band = (part.with_columns(group=cause) for part in (frames.steps, frames.band))
    return replace(frames, groups=causes, steps=steps, band=band, counts=counts)


def _by_cause(frames: CurveFrames, causes: list[str], below: Sequence[Below]) -> _Panels:
    heights = share_heights(_top(frames))
    panel = pl.col("term").cast(pl.Enum(causes))
    steps, band = (part.with_columns(term=panel) for part in (frames.steps, frames.band))
    frames = replace(frames, steps=steps, band=band, counts=frames.counts.with_columns(term=panel))
    under = counts_below(frames, below, heights.top)
    layers = [*ground_layers(heights), *curve_layers(frames), *colours(frames)]
    return _Panels(layers, "term", len(causes), heights, under, last_time(frames, under))


def _stacked(frames: CurveFrames, causes: list[str], below: Sequence[Below]) -> _Panels:
    p = grammar()
    heights = share_heights()
    at_risk = replace(frames, counts=frames.at_risk)
    under = counts_below(at_risk, [one for one in below if one == "at risk"], heights.top, named=False)
    area = p.aes("at", ymin="low", ymax="high", fill="cause", group="cause")
    layers = [*ground_layers(heights), p.geom_ribbon(area, stacked_areas(frames, causes), alpha=0.75)]
    layers.append(p.scale_fill_manual(values=cycled(PALETTE, len(causes))))
    return _Panels(layers, "group", len(frames.groups), heights, under, last_time(frames, under))


def stacked_areas(frames: CurveFrames, causes: list[str]) -> pl.DataFrame:
    """Return the corners of each cause's area: from the sum of the causes before it to its own."""
    parts = []
    for group in frames.groups:
        own = frames.steps.filter(group=group)
        times = own.select(pl.col("at").unique().sort())
        low = pl.Series([0.0] * times.height)
        for cause in causes:
            curve = own.filter(term=cause).select("at", "estimate").unique("at", keep="last").sort("at")
            high = low + times.join_asof(curve, on="at")["estimate"].fill_null(0.0)
            area = times.with_columns(low=low, high=high, until=pl.col("at").shift(-1)).drop_nulls("until")
            corners = area.with_columns(at=pl.concat_list("at", "until")).explode("at").drop("until")
            parts.append(corners.with_columns(group=pl.lit(group), cause=pl.lit(cause)))
            low = high
    stacked = pl.concat(parts)
    return stacked.with_columns(pl.col("cause").cast(pl.Enum(causes)), pl.col("group").cast(pl.Enum(frames.groups)))
