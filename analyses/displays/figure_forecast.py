"""The chance at each further treatment, and from which treatment on it lies below a threshold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import polars as pl

from analyses.displays.figure_style import FONT, PALETTE, grammar
from analyses.displays.format import absent, count, level_text, points
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
from cohort.errors import EstimationError

if TYPE_CHECKING:
    from plotnine import ggplot

CHANCE, PLATEAU = "chance", "plateau"
_LIMITS = ("conf_low", "conf_high")


def forecast_figure(
    estimates: Estimates,
    *,
    model: str | None = None,
    population: str | None = None,
    threshold: float | None = None,
    x_label: str = "Treatment",
    title: str | None = None,
) -> ggplot:
    """Return the chance at each treatment after all before it failed, with limits, and the plateau.

    A dashed line marks the threshold; a vertical line the first treatment whose chance lies below it, with the limits
    of that treatment as a bar along the threshold. A bar that runs to the end of the axis has no upper limit there.

    Args:
        estimates: What `forecast` or `forecast_for` returned: rows "chance" by treatment number (`group`) and, where
            the plateau is asked for, "plateau" (its estimate a treatment number, `at` the threshold).
        model: Which model's rows (`term`) to draw, where the frame holds several.
        population: Whose rows to draw, where the frame holds several: a profile of `forecast_for`.
        threshold: The threshold to mark where the frame holds no plateau, or which plateau where it holds several.
        x_label: What is counted along the axis.
        title: The figure's title, which also names it to a screen reader.

    Raises:
        EstimationError: The frame holds no chance, those of several models and `model` names none, or several plateaus
            and `threshold` names none; or the threshold does not lie between 0 and 1.
    """
    if threshold is not None and not 0 < threshold < 1:
        raise EstimationError(f"threshold={threshold} was given; it is a chance between 0 and 1, as in 0.1")
    frame = estimates.frame if population is None else estimates.frame.filter(population=population)
    chances = expected(by_treatment(frame, CHANCE, model and [model]), "a 'chance'", "forecast()")
    _refuse_several(chances)
    plateau = _plateau(frame, chances["term"][0], threshold)
    marked = threshold if plateau is None else plateau["at"]
    numbers = chances["number"].to_list()
    top = max(top_of(chances), 0 if marked is None else min(marked + 0.05, 1.02))
    written = {number: points(value) for number, value in chances.select("number", "estimate").iter_rows()}
    p = grammar()
    figure = p.ggplot() + grid_layers(top) + _threshold(numbers, marked, plateau) + _curve(chances)
    figure = figure + axis_layers(numbers, x_label, [written], top) + scale_layers(numbers, ["Chance, %"], top)
    y_label = f"Chance to meet the criterion if all before failed ({level_text(estimates.confidence)})"
    said = p.labs(x=x_label, y=y_label, title=title, subtitle=y_label, caption=_sentence(marked, plateau))
    made: ggplot = figure + treatment_theme(1, title, legend_rows=0) + said
    return made


def _refuse_several(chances: pl.DataFrame) -> None:
    models = chances["term"].unique(maintain_order=True).to_list()
    if len(models) > 1:
        raise EstimationError(
            f"chances of {len(models)} models were found: {', '.join(map(repr, models))}; name one with model="
        )


def _plateau(frame: pl.DataFrame, term: str | None, threshold: float | None) -> Mapping[str, Any] | None:
    """Return the plateau's row, which may hold no number (never reached); None where the frame has none."""
    rows = frame.filter(pl.col("statistic") == PLATEAU, pl.col("at").is_not_null())
    rows = rows.filter(pl.col("term").eq_missing(term)) if rows["term"].null_count() < rows.height else rows
    if threshold is not None:
        rows = rows.filter((pl.col("at") - threshold).abs() < 1e-9)
    if rows.height > 1:
        found = ", ".join(f"{value:g}" for value in rows["at"])
        raise EstimationError(f"{rows.height} plateaus were found, at {found}; name one with threshold=")
    return rows.row(0, named=True) if rows.height else None


def _curve(chances: pl.DataFrame) -> list[object]:
    p = grammar()
    layers: list[object] = []
    whole = chances.drop_nulls(["conf_low", "conf_high"])
    if whole.height > 1:
        band = p.aes("number", ymin="conf_low", ymax="conf_high")
        layers.append(p.geom_ribbon(band, whole, fill=PALETTE[0], alpha=0.18))
    elif whole.height:
        layers.append(p.geom_linerange(p.aes("number", ymin="conf_low", ymax="conf_high"), whole, color=PALETTE[0]))
    if chances.height > 1:
        layers.append(p.geom_line(p.aes("number", "estimate"), chances, color=PALETTE[0], size=0.9))
    return [*layers, p.geom_point(p.aes("number", "estimate"), chances, color=PALETTE[0], size=2.4)]


def _threshold(numbers: list[int], marked: float | None, plateau: Mapping[str, Any] | None) -> list[object]:
    p = grammar()
    if marked is None:
        return []
    name = {"size": 8.5, "color": PALETTE[1], "family": FONT}
    line = p.geom_hline(yintercept=marked, color=PALETTE[1], size=0.6, linetype="dashed")
    said = p.annotate("text", x=numbers[0] - 0.45, y=marked, label=f"{100 * marked:g}%", ha="left", va="bottom", **name)
    return [line, said, *([] if plateau is None else _plateau_layers(numbers, marked, plateau))]


def _plateau_layers(numbers: list[int], marked: float, plateau: Mapping[str, Any]) -> list[object]:
    """Return the plateau as a line up to the threshold, and its limits as a bar on it, cut where the axis ends."""
    p = grammar()
    ends = (numbers[0] - 0.5, numbers[-1] + 0.5)
    layers: list[object] = []
    if not all(absent(plateau[limit]) for limit in _LIMITS):
        low, high = (
            min(max(end if absent(plateau[limit]) else plateau[limit], ends[0]), ends[1])
            for limit, end in zip(_LIMITS, ends, strict=True)
        )
        bar = pl.DataFrame({"low": [low], "high": [high], "y": [marked]})
        along = p.aes("low", "y", xend="high", yend="y")
        layers.append(p.geom_segment(along, bar, color=PALETTE[1], size=2.4, alpha=0.5))
    if not absent(plateau["estimate"]) and ends[0] <= plateau["estimate"] <= ends[1]:
        first = pl.DataFrame({"x": [plateau["estimate"]], "low": [0.0], "high": [marked]})
        layers.append(p.geom_linerange(p.aes("x", ymin="low", ymax="high"), first, color=PALETTE[1], size=0.8))
    return layers


def _sentence(marked: float | None, plateau: Mapping[str, Any] | None) -> str | None:
    """Return the plateau in words; None where there is none to speak of."""
    if marked is None or plateau is None:
        return None
    if absent(plateau["estimate"]):
        return f"At no treatment of the forecast does the chance lie below {100 * marked:g}%"
    said = f"Below {100 * marked:g}% from treatment {count(plateau['estimate'])} on"
    low, high = (None if absent(plateau[limit]) else count(plateau[limit]) for limit in _LIMITS)
    if low is None and high is None:
        return said
    return f"{said} (limits: {low or 'none'} to {high or 'none within the forecast'})"
