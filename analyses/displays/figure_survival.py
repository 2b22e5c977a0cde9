"""The Kaplan-Meier figure: steps, confidence band, censoring, and the numbers at risk under their own ticks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from analyses.displays.figure_style import (
    FONT,
    INK,
    LINE_TYPES,
    PALETTE,
    RULE,
    TOGETHER,
    cycled,
    grammar,
    house_theme,
)
from analyses.displays.format import count
from analyses.displays.survival_frames import SurvivalFrames, survival_frames
from analyses.estimates.result import Estimates

if TYPE_CHECKING:
    from plotnine import ggplot, theme
_SHARES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
_PANEL_INCHES = 3.0  # of the survival axis alone, so that more arms make the figure taller and not the curve flatter
# Heights below the curve, in units of survival: the time axis is drawn inside the panel, so that the numbers at risk
# can stand under its ticks.
_TICK, _TICK_LABEL, _AXIS_TITLE, _FIRST_ROW, _ROW = 0.015, -0.052, -0.125, -0.275, 0.075


def kaplan_meier_figure(
    estimates: Estimates,
    *,
    x_label: str = "Days",
    y_label: str = "Share without the event",
    title: str | None = None,
) -> ggplot:
    """Return a Kaplan-Meier figure: a step curve and its confidence band for each group, numbers at risk below.

    The curve comes from the frame's rows "survival" with the term "curve"; the ticks of the time axis and the numbers
    under them come from its rows "at risk"; so estimates read back from a file can be drawn. Groups are told apart by
    colour and by line type. Censoring is ticked on the curve only where `estimates.model` holds the fitted curves. A
    curve is drawn to the last time at which the frame or the model shows somebody at risk.

    Args:
        estimates: One criterion's survival curves.
        x_label: The time axis; times are in days.
        y_label: What survival means here.
        title: The figure's title, which also names it to a screen reader.

    Raises:
        EstimationError: The frame holds no curve, or the curves of more than one analysis, population or criterion.
    """
    drawn = survival_frames(estimates)
    ticks = drawn.at_risk["at"].unique().sort().to_list()
    p = grammar()
    height = _PANEL_INCHES * (1 - _floor(drawn)) + 0.9 + (0.3 if title else 0)
    figure = (
        p.ggplot() + _grid_layers() + _curve_layers(drawn) + _axis_layers(drawn, ticks, x_label) + _risk_layers(drawn)
    )
    figure = figure + _scales(drawn, ticks) + _survival_theme(7.5, height, own_axis=bool(ticks))
    if drawn.groups == [TOGETHER]:
        figure = figure + p.theme(legend_position="none")
    made: ggplot = figure + p.labs(x=x_label, y=y_label, title=title, subtitle=y_label)
    return made


def _grid_layers() -> list[object]:
    p = grammar()
    return [
        p.geom_hline(yintercept=_SHARES[1:], color=RULE, size=0.4),
        p.geom_hline(yintercept=0, color=INK, size=0.6),
    ]


def _curve_layers(drawn: SurvivalFrames) -> list[object]:
    p = grammar()
    band = p.aes("at", ymin="conf_low", ymax="conf_high", fill="group", group="stretch")
    line = p.aes("at", "estimate", color="group", linetype="group")
    layers: list[object] = []
    if drawn.band.height:
        layers.append(p.geom_ribbon(band, drawn.band, alpha=0.18, show_legend=False))
    layers.append(p.geom_step(line, drawn.steps, size=0.9))
    if drawn.censored.height:
        tick = p.aes("at", "estimate", color="group")
        layers.append(p.geom_point(tick, drawn.censored, shape="|", size=2, stroke=0.35, show_legend=False))
    return layers


def _axis_layers(drawn: SurvivalFrames, ticks: Sequence[float], x_label: str) -> list[object]:
    """Return the time axis drawn at survival 0; none where no numbers at risk stand below it."""
    p = grammar()
    if not ticks:
        return []
    axis = pl.DataFrame({"at": ticks, "written": [f"{tick:g}" for tick in ticks]})
    text = {"size": 9, "color": INK, "family": FONT}
    return [
        p.geom_segment(p.aes("at", 0, xend="at", yend=-_TICK), axis, color=INK, size=0.6),
        p.geom_text(p.aes("at", _TICK_LABEL, label="written"), axis, **text),
        p.annotate("text", x=_last(drawn, ticks) / 2, y=_AXIS_TITLE, label=x_label, **text),
    ]


def _last(drawn: SurvivalFrames, ticks: Sequence[float]) -> float:
    return float(max([*ticks, *drawn.steps["at"].to_list()]))


def _risk_layers(drawn: SurvivalFrames) -> list[object]:
    p = grammar()
    if drawn.at_risk.is_empty():
        return []
    rows = dict(zip(drawn.groups, _row_heights(drawn), strict=True))
    written = [count(value) for value in drawn.at_risk["estimate"]]
    heights = [rows[group] for group in drawn.at_risk["group"]]
    numbers = drawn.at_risk.with_columns(written=pl.Series(written), height=pl.Series(heights))
    return [p.geom_text(p.aes("at", "height", label="written"), numbers, size=8.5, color=INK, family=FONT)]


def _row_heights(drawn: SurvivalFrames) -> list[float]:
    return [_FIRST_ROW - _ROW * position for position in range(len(drawn.groups))]


def _floor(drawn: SurvivalFrames) -> float:
    return -0.03 if drawn.at_risk.is_empty() else _row_heights(drawn)[-1] - _ROW / 2


def _scales(drawn: SurvivalFrames, ticks: Sequence[float]) -> list[object]:
    p = grammar()
    size = len(drawn.groups)
    rows = [] if drawn.at_risk.is_empty() else [_FIRST_ROW + _ROW, *_row_heights(drawn)]
    names = [] if drawn.at_risk.is_empty() else ["At risk", *drawn.groups]
    return [
        p.scale_x_continuous(expand=(0.04, 0)),
        p.scale_y_continuous(
            breaks=[*_SHARES, *rows], labels=[*(f"{share:.0%}" for share in _SHARES), *names], expand=(0, 0)
        ),
        p.coord_cartesian(xlim=(0, _last(drawn, ticks)), ylim=(_floor(drawn), 1.01)),
        p.scale_color_manual(values=cycled(PALETTE, size)),
        *([p.scale_fill_manual(values=cycled(PALETTE, size))] if drawn.band.height else []),
        p.scale_linetype_manual(values=cycled(LINE_TYPES, size)),
    ]


def _survival_theme(width: float, height: float, *, own_axis: bool) -> theme:
    p = grammar()
    hidden = ["axis_title_y", *(["axis_text_x", "axis_ticks_x", "axis_title_x"] if own_axis else [])]
    made: theme = house_theme(width, height) + p.theme(**{name: p.element_blank() for name in hidden})
    return made
