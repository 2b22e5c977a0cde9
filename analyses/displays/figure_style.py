"""What all figures share: colours that colour-blind readers can tell apart, line types for print, and one theme."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle, islice
from types import ModuleType
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from plotnine import theme

# Okabe M, Ito K. Color Universal Design (2008); the yellow of the palette is left out, it is too pale on white.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
# Four line types against seven colours: 28 groups before a pair repeats.
LINE_TYPES = ("solid", "dashed", "dotted", "dashdot")
SHAPES = ("o", "s", "^", "D", "v")
INK, RULE = "#1a1a1a", "#d9d9d9"
FONT = "DejaVu Sans"  # comes with matplotlib, so that every machine lays out alike
TOGETHER = "All"


def grammar() -> ModuleType:
    """Return plotnine, imported at first use; as a plain module, since its own types are half there."""
    import plotnine

    return plotnine


def cycled(values: Sequence[str], count: int) -> list[str]:
    """Return that many values, starting again where they end."""
    return list(islice(cycle(values), count))


def groups_of(frame: pl.DataFrame) -> list[str]:
    """Return the groups in order of first appearance; all together is a group called "All"."""
    return [TOGETHER if name is None else name for name in frame["group"].unique(maintain_order=True)]


def with_group(frame: pl.DataFrame, groups: Sequence[str]) -> pl.DataFrame:
    """Return the frame with `group` as an Enum in that order, which is the order of legends."""
    return frame.with_columns(group=pl.col("group").fill_null(TOGETHER).cast(pl.Enum(groups)))


def house_theme(width: float, height: float) -> theme:
    """Return the theme: white ground, dark text, no frame; the size in inches."""
    p = grammar()
    made: theme = p.theme(
        figure_size=(width, height),
        text=p.element_text(family=FONT, size=9, color=INK),
        axis_text=p.element_text(size=9, color=INK),
        axis_text_y=p.element_text(ma="right"),
        axis_title=p.element_text(size=9, color=INK),
        plot_title=p.element_text(size=11, weight="bold", ha="left", color=INK),
        plot_subtitle=p.element_text(size=9, ha="left", color=INK),
        plot_title_position="plot",
        panel_background=p.element_rect(fill="white"),
        plot_background=p.element_rect(fill="white", color="white"),
        panel_border=p.element_blank(),
        panel_grid=p.element_blank(),
        axis_ticks=p.element_line(color=INK, size=0.6),
        axis_ticks_major_y=p.element_blank(),
        axis_ticks_minor=p.element_blank(),
        legend_title=p.element_blank(),
        legend_key=p.element_rect(fill="white", color="white"),
        legend_background=p.element_blank(),
        legend_key_width=34,
        legend_position="top",
        legend_justification="left",
        legend_text=p.element_text(size=9, color=INK),
        strip_background=p.element_blank(),
    )
    return made
