"""Met by any treatment so far: observed, as if leavers were like stayers, and between its bounds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from analyses.displays.figure_style import PALETTE, SHAPES, grammar
from analyses.displays.format import level_text, points
from analyses.displays.treatment_axis import (
    axis_layers,
    by_treatment,
    expected,
    grid_layers,
    scale_layers,
    treatment_theme,
)
from analyses.estimates.result import Estimates

if TYPE_CHECKING:
    from plotnine import ggplot

OBSERVED, PRODUCT_LIMIT = "observed", "product-limit"
LOWER, UPPER = "lower bound", "upper bound"
STATISTIC = "cumulative share"
_NAMES = {OBSERVED: "Observed", PRODUCT_LIMIT: "As if leavers were like stayers (product-limit)"}
_BAND = "Grey: from no leaver to every leaver meeting it later"
_COLOURS, _LINES = {OBSERVED: PALETTE[0], PRODUCT_LIMIT: PALETTE[1]}, {OBSERVED: "solid", PRODUCT_LIMIT: "dashed"}
_TOP, _ASIDE = 1.02, 0.05


def cumulative_figure(estimates: Estimates, *, x_label: str = "Treatments tried", title: str | None = None) -> ggplot:
    """Return the share of the cohort that met the criterion by the first, second ... treatment.

    Two lines with their limits: what was observed, and the product-limit, which takes those who left as if they were
    like those who stayed. The grey band runs from the bound where no leaver meets it to the one where every leaver
    does: what the data alone cannot decide. Under the axis stand the numbers of both lines, in percent.

    Args:
        estimates: What `cumulative_success` returned, of one cohort.
        x_label: What is counted along the axis.
        title: The figure's title, which also names it to a screen reader.

    Raises:
        EstimationError: The frame holds no such share, or that of more than one cohort or criterion.
    """
    found = by_treatment(estimates.frame, STATISTIC, [OBSERVED, PRODUCT_LIMIT, LOWER, UPPER])
    lines = expected(
        found.filter(pl.col("term").is_in(list(_NAMES))),
        "a cumulative share (observed, product-limit)",
        "cumulative_success()",
    )
    numbers = lines["number"].unique().sort().to_list()
    drawn = [term for term in _NAMES if term in lines["term"].to_list()]
    written = {
        f"{_NAMES[term].split(' (')[0] if term == OBSERVED else 'Product-limit'}, %": {
            number: points(value) for number, value in lines.filter(term=term).select("number", "estimate").iter_rows()
        }
        for term in drawn
    }
    p = grammar()
    figure = p.ggplot() + grid_layers(_TOP) + _band(found) + _lines(lines, drawn)
    figure = figure + axis_layers(numbers, x_label, list(written.values()), _TOP)
    figure = (
        figure
        + scale_layers(numbers, list(written), _TOP)
        + _keys(drawn, joined=bool(lines["term"].is_duplicated().any()))
    )
    y_label = f"Share of the whole cohort that met the criterion so far ({level_text(estimates.confidence)})"
    said = p.labs(x=x_label, y=y_label, title=title, subtitle=y_label, caption=_BAND if _band(found) else None)
    made: ggplot = figure + treatment_theme(len(written), title) + said
    return made


def _band(found: pl.DataFrame) -> list[object]:
    """Return the band between the bounds, none where the frame does not hold both."""
    p = grammar()
    low = found.filter(term=LOWER).select("number", low="estimate")
    high = found.filter(term=UPPER).select("number", high="estimate")
    band = low.join(high, on="number").sort("number")
    if band.is_empty():
        return []
    if band.height == 1:
        return [p.geom_linerange(p.aes("number", ymin="low", ymax="high"), band, color="#bdbdbd", size=6)]
    return [p.geom_ribbon(p.aes("number", ymin="low", ymax="high"), band, fill="#bdbdbd", alpha=0.45)]


def _lines(lines: pl.DataFrame, drawn: Sequence[str]) -> list[object]:
    p = grammar()
    offsets = [_ASIDE * (2 * position - len(drawn) + 1) / 2 for position in range(len(drawn))]
    place = pl.col("number") + pl.col("term").replace_strict(drawn, offsets, return_dtype=pl.Float64)
    names = [_NAMES[term] for term in drawn]
    shown = lines.with_columns(place=place, line=pl.col("term").replace_strict(drawn, names).cast(pl.Enum(names)))
    whole = shown.drop_nulls(["conf_low", "conf_high"])
    layers: list[object] = []
    if whole.height:
        limits = p.aes("place", ymin="conf_low", ymax="conf_high", color="line")
        layers.append(p.geom_linerange(limits, whole, size=0.8, show_legend=False))
    joined = shown.filter(pl.len().over("line") > 1)
    if joined.height:
        layers.append(p.geom_line(p.aes("place", "estimate", color="line", linetype="line"), joined, size=0.8))
    return [*layers, p.geom_point(p.aes("place", "estimate", color="line", shape="line"), shown, size=2.2)]


def _keys(drawn: Sequence[str], *, joined: bool) -> list[object]:
    p = grammar()
    return [
        p.scale_color_manual(values=[_COLOURS[term] for term in drawn]),
        p.scale_shape_manual(values=list(SHAPES[: len(drawn)])),
        *([p.scale_linetype_manual(values=[_LINES[term] for term in drawn])] if joined else []),
    ]
