"""The Kaplan-Meier figure: steps, confidence band, censoring, and the numbers at risk under their own ticks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from analyses.displays.figure_style import FONT, INK, LINE_TYPES, PALETTE, RULE, cycled, groups_of, house_theme, with_group
from analyses.displays.format import count
from analyses.displays.lay_survival import AT_RISK, CURVE, SURVIVAL
from analyses.estimates.result import Estimates
from cohort.errors import EstimationError, some

if TYPE_CHECKING:
    from plotnine import ggplot

_SHARES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
_PANEL_INCHES = 3.0  # of the survival axis alone, so that more arms make the figure taller and not the curve flatter
# Heights below the curve, in units of survival: the time axis is drawn inside the panel, so that the numbers at risk
# can stand under its ticks.
_TICK, _TICK_LABEL, _AXIS_TITLE, _FIRST_ROW, _ROW = 0.015, -0.052, -0.125, -0.275, 0.075


@dataclass(frozen=True)
class _Drawn:
    """The frames behind the layers; `group` is an Enum in all of them."""

    groups: list[str]
    steps: pl.DataFrame
    band: pl.DataFrame
    at_risk: pl.DataFrame
    censored: pl.DataFrame


def kaplan_meier_figure(
    estimates: Estimates,
    *,
    x_label: str = "Days",
    y_label: str = "Share without the event",
    title: str | None = None,
) -> ggplot:
    """Return a Kaplan-Meier figure: a step curve and its confidence band for each group, numbers at risk below.

    The curve comes from the frame's rows "survival" with the term "curve", the numbers under the axis and its ticks from
    its rows "at risk", so that estimates read back from a file can be drawn. Groups are told apart by colour and by line
    type. Censoring is ticked on the curve only where `estimates.model` holds the fitted curves. A curve is drawn to the
    last time that the frame or the model shows someone at risk.

    Args:
        estimates: One criterion's survival curves.
        x_label: The time axis; times are in days.
        y_label: What survival means here.
        title: The figure's title, which also names it to a screen reader.

    Raises:
        EstimationError: The frame holds no curve, or the curves of more than one analysis, population or criterion.
    """
    drawn = _drawn(estimates)
    ticks = drawn.at_risk["at"].unique().sort().to_list()
    from plotnine import ggplot, labs

    height = _PANEL_INCHES * (1 - _floor(drawn)) + 0.9 + (0.3 if title else 0)
    figure = ggplot() + _grid_layers() + _curve_layers(drawn) + _axis_layers(drawn, ticks, x_label) + _risk_layers(drawn)
    figure = figure + _scales(drawn, ticks) + _survival_theme(7.5, height, own_axis=bool(ticks))
    return figure + labs(x=x_label, y=y_label, title=title, subtitle=y_label)


def _drawn(estimates: Estimates) -> _Drawn:
    frame = estimates.frame.filter(pl.col("statistic").is_in([SURVIVAL, AT_RISK]), pl.col("at").is_not_null())
    curve = frame.filter(statistic=SURVIVAL, term=CURVE)
    _refuse_unless_one(curve)
    groups = groups_of(curve)
    at_risk = frame.filter(pl.col("statistic") == AT_RISK, pl.col("estimate").is_not_null())
    steps = with_group(_steps(curve, _ends(frame, estimates.model)), groups)
    at_risk = with_group(at_risk.filter(pl.col("group").fill_null("All").is_in(groups)), groups)
    return _Drawn(groups, steps, _band(steps), at_risk, with_group(_censored(estimates.model), groups))


def _refuse_unless_one(curve: pl.DataFrame) -> None:
    if curve.is_empty():
        raise EstimationError(
            "0 rows are steps of a survival curve; expected rows with the statistic 'survival' and the term 'curve', "
            "which a Kaplan-Meier estimate holds"
        )
    named = curve.select("analysis", "population", "criterion").unique(maintain_order=True).rows()
    if len(named) > 1:
        raise EstimationError(
            f"{len(named)} sets of curves were given: {some(named)}; one figure shows one: filter the frame first"
        )


def _ends(frame: pl.DataFrame, model: Any) -> dict[str | None, float]:
    """Return the last time at which each group is known to be at risk: that is how far its curve holds."""
    step = (pl.col("statistic") == SURVIVAL) & (pl.col("term") == CURVE).fill_null(value=False)
    someone = pl.when(pl.col("statistic") == AT_RISK).then(pl.col("estimate") > 0).otherwise(pl.col("n") > 0)
    held = frame.filter(step | someone.fill_null(value=False))
    ends = {group: at for group, at in held.group_by("group").agg(pl.col("at").max()).iter_rows()}
    for curve in model or ():
        ends[curve.group] = max(ends.get(curve.group, 0.0), float(curve.time[-1]))
    return ends


def _steps(curve: pl.DataFrame, ends: dict[str | None, float]) -> pl.DataFrame:
    """Return the curve's corners from time 0, where everybody is without the event, to each group's end."""
    columns = ["group", "at", "estimate", "conf_low", "conf_high"]
    parts = []
    for group in curve["group"].unique(maintain_order=True):
        own = curve.filter(pl.col("group").eq_missing(pl.lit(group))).select(columns).sort("at")
        if own["at"][0] > 0:
            start = pl.DataFrame([(group, 0.0, 1.0, None, None)], schema=own.schema, orient="row")
            own = pl.concat([start, own])
        if ends[group] > own["at"][-1]:
            own = pl.concat([own, own.tail(1).with_columns(at=pl.lit(ends[group]))])
        parts.append(own)
    return pl.concat(parts)


def _band(steps: pl.DataFrame) -> pl.DataFrame:
    """Return the band's corners: each step's limits hold until the next; stretches without limits are left open."""
    spans = steps.with_columns(until=pl.col("at").shift(-1).over("group")).drop_nulls("until")
    spans = spans.with_columns(pl.col("conf_low", "conf_high").fill_nan(None))
    spans = spans.with_columns(missing=pl.any_horizontal(pl.col("conf_low", "conf_high").is_null()))
    spans = spans.with_columns(stretch=pl.col("missing").rle_id()).filter(~pl.col("missing"))
    corners = spans.with_columns(at=pl.concat_list("at", "until"))
    stretch = pl.concat_str(pl.col("group").cast(pl.String), pl.col("stretch").cast(pl.String), separator=" ")
    return corners.with_columns(stretch=stretch).explode("at")


def _censored(model: Any) -> pl.DataFrame:
    rows = [
        (curve.group, float(time), float(survival))
        for curve in model or ()
        for time, survival, censored in zip(curve.time, curve.survival, curve.censored, strict=True)
        if censored > 0
    ]
    return pl.DataFrame(rows, schema={"group": pl.String, "at": pl.Float64, "estimate": pl.Float64}, orient="row")


def _grid_layers() -> list[Any]:
    from plotnine import geom_hline

    return [
        geom_hline(yintercept=_SHARES[1:], color=RULE, size=0.4),
        geom_hline(yintercept=0, color=INK, size=0.6),
    ]


def _curve_layers(drawn: _Drawn) -> list[Any]:
    from plotnine import aes, geom_point, geom_ribbon, geom_step

    band = aes("at", ymin="conf_low", ymax="conf_high", fill="group", group="stretch")
    line = aes("at", "estimate", color="group", linetype="group")
    layers: list[Any] = []
    if drawn.band.height:
        layers.append(geom_ribbon(band, drawn.band, alpha=0.18, show_legend=False))
    layers.append(geom_step(line, drawn.steps, size=0.9))
    if drawn.censored.height:
        tick = aes("at", "estimate", color="group")
        layers.append(geom_point(tick, drawn.censored, shape="|", size=2, stroke=0.35, show_legend=False))
    return layers


def _axis_layers(drawn: _Drawn, ticks: Sequence[float], x_label: str) -> list[Any]:
    """Return the time axis drawn at survival 0; none where no numbers at risk stand below it."""
    from plotnine import aes, annotate, geom_segment, geom_text

    if not ticks:
        return []
    axis = pl.DataFrame({"at": ticks, "written": [f"{tick:g}" for tick in ticks]})
    text = {"size": 9, "color": INK, "family": FONT}
    return [
        geom_segment(aes("at", 0, xend="at", yend=-_TICK), axis, color=INK, size=0.6),
        geom_text(aes("at", _TICK_LABEL, label="written"), axis, **text),
        annotate("text", x=_last(drawn, ticks) / 2, y=_AXIS_TITLE, label=x_label, **text),
    ]


def _last(drawn: _Drawn, ticks: Sequence[float]) -> float:
    return max([*ticks, *drawn.steps["at"].to_list()])


def _risk_layers(drawn: _Drawn) -> list[Any]:
    from plotnine import aes, geom_text

    if drawn.at_risk.is_empty():
        return []
    rows = dict(zip(drawn.groups, _row_heights(drawn), strict=True))
    written = [count(value) for value in drawn.at_risk["estimate"]]
    heights = [rows[group] for group in drawn.at_risk["group"]]
    numbers = drawn.at_risk.with_columns(written=pl.Series(written), height=pl.Series(heights))
    return [geom_text(aes("at", "height", label="written"), numbers, size=8.5, color=INK, family=FONT)]


def _row_heights(drawn: _Drawn) -> list[float]:
    return [_FIRST_ROW - _ROW * position for position in range(len(drawn.groups))]


def _floor(drawn: _Drawn) -> float:
    return -0.03 if drawn.at_risk.is_empty() else _row_heights(drawn)[-1] - _ROW / 2


def _scales(drawn: _Drawn, ticks: Sequence[float]) -> list[Any]:
    from plotnine import (
        coord_cartesian,
        scale_color_manual,
        scale_fill_manual,
        scale_linetype_manual,
        scale_x_continuous,
        scale_y_continuous,
    )

    size = len(drawn.groups)
    rows = [] if drawn.at_risk.is_empty() else [_FIRST_ROW + _ROW, *_row_heights(drawn)]
    names = [] if drawn.at_risk.is_empty() else ["At risk", *drawn.groups]
    return [
        scale_x_continuous(expand=(0.04, 0)),
        scale_y_continuous(
            breaks=[*_SHARES, *rows], labels=[*(f"{share:.0%}" for share in _SHARES), *names], expand=(0, 0)
        ),
        coord_cartesian(xlim=(0, _last(drawn, ticks)), ylim=(_floor(drawn), 1.01)),
        scale_color_manual(values=cycled(PALETTE, size)),
        scale_fill_manual(values=cycled(PALETTE, size)),
        scale_linetype_manual(values=cycled(LINE_TYPES, size)),
    ]


def _survival_theme(width: float, height: float, *, own_axis: bool) -> Any:
    from plotnine import element_blank, theme

    shown = house_theme(width, height) + theme(axis_title_y=element_blank())
    if not own_axis:
        return shown
    return shown + theme(axis_text_x=element_blank(), axis_ticks_x=element_blank(), axis_title_x=element_blank())
