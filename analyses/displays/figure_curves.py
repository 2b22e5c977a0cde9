"""Step curves over time, one a group: band, censoring, axis, and the numbers below."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analyses.displays.curve_frames import CurveFrames
from analyses.displays.figure_counts import CountsBelow
from analyses.displays.figure_style import INK, LINE_TYPES, PALETTE, RULE, TOGETHER, cycled, grammar, house_theme
from analyses.displays.round_marks import round_marks

if TYPE_CHECKING:
    from plotnine import ggplot, theme

WIDTH = 7.5


@dataclass(frozen=True)
class Heights:
    """The axis of the estimate: its marks, how they are written, and its top."""

    marks: tuple[float, ...]
    labels: tuple[str, ...]
    top: float


def share_heights(top: float = 1.0) -> Heights:
    """Return marks in percent from 0 to at least `top`: fifths of 1, or a finer division where less is needed.

    >>> share_heights(0.33).labels
    ('0%', '10%', '20%', '30%', '40%')
    """
    step = next((one for one in (0.01, 0.02, 0.05, 0.1, 0.2) if top <= 5 * one), 0.2)
    marks = tuple(round(step * number, 10) for number in range(math.ceil(min(top, 1.0) / step - 1e-9) + 1))
    return Heights(marks, tuple(f"{mark:.0%}" for mark in marks), marks[-1])


def number_heights(top: float) -> Heights:
    """Return at most six round marks from 0 to at least `top`.

    >>> number_heights(1.9).marks
    (0.0, 0.5, 1.0, 1.5, 2.0)
    """
    marks = round_marks(top)
    return Heights(marks, tuple(f"{mark:g}" for mark in marks), marks[-1])


def curves_figure(
    frames: CurveFrames,
    heights: Heights,
    below: CountsBelow,
    *,
    x_label: str,
    y_label: str,
    title: str | None,
) -> ggplot:
    """Return one panel of step curves; groups differ in colour and line type."""
    p = grammar()
    last = last_time(frames, below)
    figure = p.ggplot() + ground_layers(heights) + curve_layers(frames) + below.layers(x_label, last)
    figure = figure + axes(heights, below, last) + colours(frames)
    tall = below.inches + 0.9 + (0.3 if title else 0)
    figure = figure + curves_theme(WIDTH, tall, own_axis=bool(below.ticks))
    if frames.groups == [TOGETHER]:
        figure = figure + p.theme(legend_position="none")
    made: ggplot = figure + p.labs(x=x_label, y=y_label, title=title, subtitle=y_label)
    return made


def last_time(frames: CurveFrames, below: CountsBelow) -> float:
    """Return where the time axis ends."""
    return float(max([*below.ticks, *frames.steps["at"].to_list()]))


def ground_layers(heights: Heights) -> list[object]:
    """Return the rules at the marks and the line at 0."""
    p = grammar()
    return [
        p.geom_hline(yintercept=list(heights.marks[1:]), color=RULE, size=0.4),
        p.geom_hline(yintercept=0, color=INK, size=0.6),
    ]


def curve_layers(frames: CurveFrames) -> list[object]:
    """Return bands, steps and ticks of censoring."""
    p = grammar()
    band = p.aes("at", ymin="conf_low", ymax="conf_high", fill="group", group="stretch")
    line = p.aes("at", "estimate", color="group", linetype="group")
    layers: list[object] = []
    if frames.band.height:
        layers.append(p.geom_ribbon(band, frames.band, alpha=0.18, show_legend=False))
    layers.append(p.geom_step(line, frames.steps, size=0.9))
    if frames.censored.height:
        tick = p.aes("at", "estimate", color="group")
        layers.append(p.geom_point(tick, frames.censored, shape="|", size=2, stroke=0.35, show_legend=False))
    return layers


def colours(frames: CurveFrames) -> list[object]:
    """Return the colours and line types of the groups."""
    p = grammar()
    size = len(frames.groups)
    return [
        p.scale_color_manual(values=cycled(PALETTE, size)),
        *([p.scale_fill_manual(values=cycled(PALETTE, size))] if frames.band.height else []),
        p.scale_linetype_manual(values=cycled(LINE_TYPES, size)),
    ]


def axes(heights: Heights, below: CountsBelow, last: float) -> list[object]:
    """Return the two axes, with the lines of numbers as marks of the upright one."""
    p = grammar()
    lines, names = [height for height, _ in below.lines], [name for _, name in below.lines]
    return [
        p.scale_x_continuous(expand=(0.04, 0)),
        p.scale_y_continuous(breaks=[*heights.marks, *lines], labels=[*heights.labels, *names], expand=(0, 0)),
        p.coord_cartesian(xlim=(0, last), ylim=(below.floor, 1.01 * heights.top)),
    ]


def curves_theme(width: float, height: float, *, own_axis: bool) -> theme:
    """Return the theme; the grammar's own time axis is hidden where one is drawn inside the panel."""
    p = grammar()
    hidden: Sequence[str] = ["axis_title_y"]
    hidden = [*hidden, *(["axis_text_x", "axis_ticks_x", "axis_title_x"] if own_axis else [])]
    made: theme = house_theme(width, height) + p.theme(**{name: p.element_blank() for name in hidden})
    return made
