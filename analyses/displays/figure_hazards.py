"""Chances by treatment number: observed against what each model fits."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle, islice
from typing import TYPE_CHECKING

import polars as pl

from analyses.displays.figure_style import INK, LINE_TYPES, PALETTE, cycled, grammar
from analyses.displays.format import count, level_text
from analyses.displays.treatment_axis import (
    axis_layers,
    by_treatment,
    expected,
    grid_layers,
    scale_layers,
    top_of,
    treatment_theme,
)
from analyses.estimates.result import Estimates

if TYPE_CHECKING:
    from plotnine import ggplot

OBSERVED, FITTED = "observed chance", "fitted chance"
# One solid line only, drawn first: a broken line over it hides nothing where two models agree.
_LINES = (*LINE_TYPES, (0, (8, 3)), (0, (3, 1, 1, 1, 1, 1)), (0, (1, 3)))


def hazards_figure(estimates: Estimates, *, x_label: str = "Treatment", title: str | None = None) -> ggplot:
    """Return the observed share of those counted at each treatment (points with limits) and each model's fit (lines).

    Models whose lines lie on one another cannot be told apart by these data. Models differ by colour and line type.
    Under the axis stands how many were counted.

    Args:
        estimates: What `mechanism` returned, of one cohort.
        x_label: What is counted along the axis.
        title: The figure's title, which also names it to a screen reader.

    Raises:
        EstimationError: The frame holds no fitted chance, or those of more than one cohort or criterion.
    """
    fitted = expected(by_treatment(estimates.frame, FITTED), "a 'fitted chance'", "mechanism()")
    observed = by_treatment(estimates.frame, OBSERVED)
    numbers = sorted({*fitted["number"].to_list(), *observed["number"].to_list()})
    top = top_of(pl.concat([fitted, observed]))
    counted = {number: count(n) for number, n in observed.drop_nulls("n").select("number", "n").iter_rows()}
    rows = {"Counted": counted} if counted else {}
    p = grammar()
    models = fitted["term"].fill_null("fitted").unique(maintain_order=True).to_list()
    figure = p.ggplot() + grid_layers(top) + _fits(fitted, models) + _points(observed)
    figure = figure + axis_layers(numbers, x_label, list(rows.values()), top) + scale_layers(numbers, list(rows), top)
    y_label = f"Share of those counted that met the criterion: observed ({level_text(estimates.confidence)}), fitted"
    made: ggplot = (
        figure
        + treatment_theme(len(rows), title, legend_rows=(len(models) + 1) // 2)
        + p.labs(x=x_label, y=y_label, title=title, subtitle=y_label)
    )
    return made


def _fits(fitted: pl.DataFrame, models: Sequence[str]) -> list[object]:
    p = grammar()
    drawn = fitted.with_columns(model=pl.col("term").fill_null("fitted").cast(pl.Enum(models)))
    joined = drawn.filter(pl.len().over("model") > 1)
    mark = p.aes("number", "estimate", color="model")
    line = p.aes("number", "estimate", color="model", linetype="model")
    size = len(models)
    return [
        *([p.geom_line(line, joined, size=0.9)] if joined.height else []),
        p.geom_point(mark, drawn, size=0.9, show_legend=joined.is_empty()),
        p.scale_color_manual(values=cycled(PALETTE, size)),
        *([p.scale_linetype_manual(values=list(islice(cycle(_LINES), size)))] if joined.height else []),
        p.guides(color=p.guide_legend(ncol=2)),
    ]


def _points(observed: pl.DataFrame) -> list[object]:
    p = grammar()
    whole = observed.drop_nulls(["conf_low", "conf_high"])
    layers: list[object] = []
    if whole.height:
        layers.append(p.geom_linerange(p.aes("number", ymin="conf_low", ymax="conf_high"), whole, color=INK, size=0.7))
    if observed.height:
        layers.append(p.geom_point(p.aes("number", "estimate"), observed, color=INK, shape="s", size=2.6))
    return layers
