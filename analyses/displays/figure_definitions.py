"""Several definitions on the same units: how each classes them, and where each pair parts."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill
from typing import TYPE_CHECKING

import polars as pl

from analyses.displays.figure_style import FONT, INK, PALETTE, RULE, cycled, grammar, house_theme
from analyses.displays.format import count, percent
from analyses.displays.lay_agreement import UNITS
from analyses.displays.lay_shares import SHARE
from analyses.estimates.result import Estimates
from cohort.errors import EstimationError

if TYPE_CHECKING:
    from plotnine import ggplot

# The usual verdicts have colours of their own; what is undetermined is grey, as what is not known.
_VERDICTS = {"met": PALETTE[5], "not met": PALETTE[4], "undetermined": "#bdbdbd", "no category": "#e0e0e0"}
_WIDTH, _LINE = 7.5, 34


def definitions_figure(estimates: Estimates, *, title: str | None = None) -> ggplot:
    """Return a bar a definition, of the shares that it puts at each level; the count stands in each part that has room.

    Args:
        estimates: What `agreement` returned.
        title: The figure's title, which also names it to a screen reader.

    Raises:
        EstimationError: The frame holds no share by level.
    """
    frame = estimates.frame.filter(pl.col("statistic") == SHARE, pl.col("estimate").is_not_null())
    if frame.is_empty() or frame["term"].null_count():
        raise EstimationError("0 rows are a 'share' at a level; expected some, as agreement() returns them")
    names, levels = _in_order(frame["criterion"]), _in_order(frame["term"])
    places = {name: float(len(names) - position) for position, name in enumerate(names)}
    drawn = frame.with_columns(
        place=pl.col("criterion").replace_strict(places, return_dtype=pl.Float64),
        right=pl.col("estimate").cum_sum().over("criterion"),
        level=pl.col("term").cast(pl.Enum(levels)),
    ).with_columns(left=pl.col("right") - pl.col("estimate"))
    roomy = drawn.filter(pl.col("estimate") >= 0.06).with_columns(
        middle=(pl.col("left") + pl.col("right")) / 2, written=pl.Series(_written(drawn))
    )
    p = grammar()
    box = p.aes(xmin="left", xmax="right", ymin="place - 0.36", ymax="place + 0.36", fill="level")
    text = p.aes("middle", "place", label="written")
    figure = p.ggplot(drawn) + p.geom_rect(box, color="white", size=0.4)
    figure = figure + p.geom_text(text, roomy, size=7.5, color=INK, family=FONT, lineheight=1.1)
    figure = figure + p.scale_fill_manual(values=_colours(levels))
    figure = figure + p.scale_x_continuous(labels=_percents, limits=(0, 1), expand=(0, 0, 0.01, 0))
    lines = [fill(name, _LINE) for name in names]
    figure = figure + p.scale_y_continuous(breaks=list(places.values()), labels=lines, expand=(0, 0.15))
    made: ggplot = figure + _bars_theme(lines, title) + p.labs(x="Share of all units", y="", title=title)
    return made


def crosses_figure(estimates: Estimates, *, title: str | None = None) -> ggplot:
    """Return a cross table of each pair of definitions, the darker the larger its share of the pair's units.

    Columns are the levels of the definition named second ("against"); units on the diagonal are classed alike.

    Args:
        estimates: What `agreement` returned.
        title: The figure's title, which also names it to a screen reader.

    Raises:
        EstimationError: The frame holds no cross table.
    """
    frame = estimates.frame.filter(pl.col("statistic") == UNITS, pl.col("reference").is_not_null())
    if frame.is_empty():
        raise EstimationError("0 rows are the 'units' of a cross table; expected some, as agreement() returns them")
    rows, columns = _in_order(frame["term"]), _in_order(frame["group"])
    headings = [
        f"{fill(one, _LINE)}\nagainst {fill(other, _LINE)}"
        for one, other in frame.select("criterion", "reference").iter_rows()
    ]
    pairs = list(dict.fromkeys(headings))
    share = pl.when(pl.col("n") > 0).then(pl.col("estimate") / pl.col("n")).fill_null(0.0)
    drawn = frame.with_columns(
        pair=pl.Series(headings).cast(pl.Enum(pairs)),
        row=pl.col("term").cast(pl.Enum(list(reversed(rows)))),
        column=pl.col("group").cast(pl.Enum(columns)),
        share=share,
        written=pl.Series([count(value) for value in frame["estimate"]]),
        dark=share > 0.6,
    )
    p = grammar()
    figure = p.ggplot(drawn, p.aes("column", "row")) + p.geom_tile(p.aes(fill="share"), color=RULE, size=0.4)
    figure = figure + p.geom_text(p.aes(label="written", color="dark"), size=8, family=FONT)
    figure = figure + p.scale_fill_gradient(low="#ffffff", high=PALETTE[0], limits=(0, 1))
    figure = figure + p.scale_color_manual(values=[INK, "white"]) + p.facet_wrap("pair", ncol=min(2, len(pairs)))
    made: ggplot = (
        figure + _tiles_theme(pairs, rows, title) + p.labs(x="Against", y="Definition", title=title, subtitle="Units")
    )
    return made


def _in_order(values: pl.Series) -> list[str]:
    return values.cast(pl.String).unique(maintain_order=True).to_list()


def _written(drawn: pl.DataFrame) -> list[str]:
    shown = drawn.filter(pl.col("estimate") >= 0.06).select("events", "estimate")
    return [f"{count(events)}\n{percent(share)}" for events, share in shown.iter_rows()]


def _colours(levels: Sequence[str]) -> list[str]:
    others = [level for level in levels if level not in _VERDICTS]
    own = dict(zip(others, cycled(PALETTE, len(others)), strict=True))
    return [_VERDICTS.get(level) or own[level] for level in levels]


def _percents(ticks: Sequence[float]) -> list[str]:
    return [f"{tick:.0%}" for tick in ticks]


def _bars_theme(lines: Sequence[str], title: str | None) -> object:
    p = grammar()
    height = sum(max(0.5, 0.16 * (line.count("\n") + 1) + 0.15) for line in lines) + 0.9 + (0.3 if title else 0)
    return house_theme(_WIDTH, height) + p.theme(axis_title_y=p.element_blank(), legend_key_width=14)


def _tiles_theme(pairs: Sequence[str], rows: Sequence[str], title: str | None) -> object:
    p = grammar()
    deep = -(-len(pairs) // 2)
    heading = 0.16 * max(pair.count("\n") + 1 for pair in pairs)
    height = deep * (heading + 0.34 * len(rows) + 0.55) + 0.5 + (0.3 if title else 0)
    return house_theme(_WIDTH, height) + p.theme(
        legend_position="none",
        axis_title=p.element_blank(),
        axis_ticks=p.element_blank(),
        strip_text=p.element_text(size=8, color=INK, ha="left", ma="left", lineheight=1.2),
        panel_spacing=0.03,
    )
