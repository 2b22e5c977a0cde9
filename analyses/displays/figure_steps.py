"""What each further treatment is worth: shares by treatment number, of those who tried and of the whole cohort."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from analyses.displays.figure_style import FONT, INK, PALETTE, grammar
from analyses.displays.format import count, level_text
from analyses.displays.treatment_axis import (
    axis_layers,
    by_treatment,
    counts_of,
    expected,
    grid_layers,
    scale_layers,
    top_of,
    treatment_theme,
)
from analyses.estimates.result import Estimates

if TYPE_CHECKING:
    from plotnine import ggplot

TERMS = ("of those who tried", "of the whole cohort")
_BAR = 0.36
_MOST_WRITTEN = 8  # treatments; beyond that the numbers on the bars would touch


def steps_figure(estimates: Estimates, *, x_label: str = "Treatment", title: str | None = None) -> ggplot:
    """Return two bars a treatment number, with limits: met of those who tried it, and met of the whole cohort.

    The two answer different questions: what a treatment is worth to somebody who tries it, and what it adds for the
    cohort. Under the axis stand how many tried the treatment and how many met it.

    Args:
        estimates: What `successive` returned, of one cohort.
        x_label: What is counted along the axis.
        title: The figure's title, which also names it to a screen reader.

    Raises:
        EstimationError: The frame holds no such share, or that of more than one cohort or criterion.
    """
    shares = expected(by_treatment(estimates.frame, "share", TERMS), "a 'share' of those who tried", "successive()")
    numbers = shares["number"].unique().sort().to_list()
    counts = _counts(estimates.frame, shares)
    top = top_of(shares, room=0.06)
    p = grammar()
    rows = [{number: count(value) for number, value in row.items()} for row in counts.values()]
    figure = p.ggplot() + grid_layers(top) + _bars(shares) + axis_layers(numbers, x_label, rows, top)
    figure = figure + scale_layers(numbers, list(counts), top) + p.scale_fill_manual(values=[PALETTE[0], PALETTE[4]])
    y_label = f"Share that met the criterion in percent ({level_text(estimates.confidence)})"
    made: ggplot = (
        figure
        + treatment_theme(len(rows), title)
        + p.theme(legend_key_width=14)
        + p.labs(x=x_label, y=y_label, title=title, subtitle=y_label)
    )
    return made


def _counts(frame: pl.DataFrame, shares: pl.DataFrame) -> dict[str, dict[int, int]]:
    """Return the rows of counts: as the frame names them, else the denominator and numerator of the share."""
    tried, met = counts_of(frame, "tried"), counts_of(frame, "met")
    of_tried = shares.filter(term=TERMS[0])
    tried = tried or dict(of_tried.drop_nulls("n").select("number", "n").iter_rows())
    met = met or dict(of_tried.drop_nulls("events").select("number", "events").iter_rows())
    return {name: row for name, row in (("Tried", tried), ("Met", met)) if row}


def _bars(shares: pl.DataFrame) -> list[object]:
    p = grammar()
    terms = [term for term in TERMS if term in shares["term"].to_list()]
    offsets = [_BAR * (position - (len(terms) - 1) / 2) for position in range(len(terms))]
    place = pl.col("term").replace_strict(terms, offsets, return_dtype=pl.Float64) + pl.col("number")
    top = pl.max_horizontal("estimate", "conf_high")
    drawn = shares.with_columns(
        place=place,
        top=top,
        written=pl.Series([_percent(value) for value in shares["estimate"]]),
        denominator=pl.col("term").cast(pl.Enum(terms)),
    )
    bars: list[object] = [p.geom_col(p.aes("place", "estimate", fill="denominator"), drawn, width=_BAR * 0.92)]
    whole = drawn.drop_nulls(["conf_low", "conf_high"])
    if whole.height:
        limits = p.aes("place", ymin="conf_low", ymax="conf_high")
        bars.append(p.geom_linerange(limits, whole, color=INK, size=0.6))
    if drawn["number"].n_unique() <= _MOST_WRITTEN:
        text = p.aes("place", "top", label="written")
        # A white ground, so that no line of the grid runs through a number.
        box = {"fill": "white", "label_size": 0, "label_padding": 0.12, "va": "bottom", "nudge_y": 0.004}
        bars.append(p.geom_label(text, drawn, size=7.5, color=INK, family=FONT, **box))
    return bars


def _percent(share: float) -> str:
    """Return a share in percent, short enough to stand on a bar: a decimal only below 10 percent."""
    return f"{100 * share:.1f}" if share < 0.0995 else f"{100 * share:.0f}"
