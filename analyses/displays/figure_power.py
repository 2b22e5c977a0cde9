"""Power over designs: a point each design, with its Monte Carlo error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from analyses.displays.figure_style import (
    INK,
    LINE_TYPES,
    PALETTE,
    RULE,
    SHAPES,
    TOGETHER,
    cycled,
    grammar,
    groups_of,
    house_theme,
    with_group,
)
from analyses.estimates.result import Estimates
from cohort.errors import EstimationError, some

if TYPE_CHECKING:
    from plotnine import ggplot

REJECTIONS = ("power", "type I error")
_WIDTH, _HEIGHT = 7.5, 4.2
_MOST_TICKS = 8
_SHARES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def power_figure(
    estimates: Estimates,
    *,
    x_label: str = "Subjects",
    target: float | None = None,
    title: str | None = None,
) -> ggplot:
    """Return power over sample sizes or another parameter: a line each group, a point and its limits each design.

    The limits are Monte Carlo limits: how far the power may lie off because a finite number of studies was simulated.
    Groups are told apart by colour, line type and mark. Type I errors stand on the same line, at the design that has no
    effect.

    Args:
        estimates: What `power_curve` returned, of one test.
        x_label: What varies along the axis (`at`).
        target: A power to mark with a dashed line, such as 0.8.
        title: The figure's title, which also names it to a screen reader.

    Raises:
        EstimationError: The frame holds no power by design, or that of more than one test.
    """
    frame = estimates.frame.filter(pl.col("statistic").is_in(REJECTIONS)).drop_nulls(["at", "estimate"])
    if frame.is_empty():
        raise EstimationError(
            "0 rows are a 'power' with a design in `at`; expected some, as power_curve() returns them"
        )
    _refuse_several(frame)
    groups = groups_of(frame)
    drawn = with_group(frame, groups)
    p = grammar()
    figure = p.ggplot(drawn, p.aes("at", "estimate", color="group")) + _marks(drawn, target)
    figure = figure + _scales(drawn, groups) + house_theme(_WIDTH, _HEIGHT + (0.3 if title else 0))
    if groups == [TOGETHER]:
        figure = figure + p.theme(legend_position="none")
    y_label = f"Share of studies that reject ({100 * estimates.confidence:g}% Monte Carlo limits)"
    made: ggplot = (
        figure + p.theme(axis_title_y=p.element_blank()) + p.labs(x=x_label, y=y_label, title=title, subtitle=y_label)
    )
    return made


def _refuse_several(frame: pl.DataFrame) -> None:
    tests = frame.select("analysis", "population", "criterion", "term").unique(maintain_order=True)
    if tests.height > 1:
        named = (", ".join(part for part in row if part) for row in tests.iter_rows())
        raise EstimationError(
            f"the power of {tests.height} tests cannot stand in one figure: {some(named)}; keep the rows of one"
        )


def _marks(drawn: pl.DataFrame, target: float | None) -> list[object]:
    p = grammar()
    layers: list[object] = [p.geom_hline(yintercept=_SHARES, color=RULE, size=0.4)]
    if target is not None:
        layers.append(p.geom_hline(yintercept=target, color=INK, size=0.5, linetype="dashed"))
    whole = drawn.drop_nulls(["conf_low", "conf_high"])
    if whole.height:
        limits = p.aes(x="at", ymin="conf_low", ymax="conf_high")
        layers.append(p.geom_linerange(limits, whole, size=0.8, show_legend=False))
    joined = drawn.filter(pl.len().over("group") > 1)
    if joined.height:
        layers.append(p.geom_line(p.aes(linetype="group"), joined, size=0.7))
    return [*layers, p.geom_point(p.aes(shape="group"), size=2)]


def _scales(drawn: pl.DataFrame, groups: list[str]) -> list[object]:
    p = grammar()
    size = len(groups)
    designs = drawn["at"].unique().sort().to_list()
    joined = bool(drawn["group"].is_duplicated().any())
    ticks = {"breaks": designs, "labels": [f"{value:g}" for value in designs]} if len(designs) <= _MOST_TICKS else {}
    return [
        p.scale_x_continuous(expand=(0.04, 0), **ticks),
        p.scale_y_continuous(
            breaks=_SHARES, labels=[f"{share:.0%}" for share in _SHARES], limits=(0, 1), expand=(0.01, 0)
        ),
        p.scale_color_manual(values=cycled(PALETTE, size)),
        *([p.scale_linetype_manual(values=cycled(LINE_TYPES, size))] if joined else []),
        p.scale_shape_manual(values=cycled(SHAPES, size)),
    ]
