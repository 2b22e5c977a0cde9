"""Rows by treatment number: which rows of a frame a figure takes, and the axis with counts under its ticks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import polars as pl

from analyses.displays.figure_style import FONT, INK, RULE, grammar, house_theme
from cohort.errors import EstimationError, some

if TYPE_CHECKING:
    from plotnine import theme

Counts = Mapping[int, str]
_WIDTH, _PANEL_INCHES = 7.5, 3.0
SHARES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
# Heights below the panel's floor, in shares of its height: the axis is drawn inside the panel, so that counts can
# stand under their ticks.
_TICK, _TICK_LABEL, _AXIS_TITLE, _FIRST_ROW, _ROW = 0.015, 0.055, 0.125, 0.245, 0.075
_ONE = ["analysis", "population", "criterion", "reference"]


def by_treatment(frame: pl.DataFrame, statistic: str, terms: Sequence[str] | None = None) -> pl.DataFrame:
    """Return the rows of a statistic that have an estimate and a treatment number, with that number as `number`.

    The number stands in `group` as text, or in `at`. Rows come in its order, which is also kept within a term.

    Raises:
        EstimationError: Two rows stand for the same term and treatment number.
    """
    rows = frame.filter(pl.col("statistic") == statistic, pl.col("estimate").is_not_null())
    if terms is not None:
        rows = rows.filter(pl.col("term").is_in(terms))
    number = pl.coalesce(pl.col("group").cast(pl.Int64, strict=False), pl.col("at").cast(pl.Int64, strict=False))
    rows = rows.with_columns(number=number).drop_nulls("number").sort("number", maintain_order=True)
    twice = rows.filter(pl.struct("term", "number").is_duplicated())
    if twice.height:
        sets = [
            ", ".join(part for part in row if part) for row in twice.select(_ONE).unique(maintain_order=True).rows()
        ]
        raise EstimationError(
            f"{twice.height} rows {statistic!r} share a term and a treatment number with another "
            f"({some(text or 'no name' for text in sets)}); a figure shows one cohort and criterion: keep those rows"
        )
    return rows


def expected(rows: pl.DataFrame, what: str, source: str) -> pl.DataFrame:
    """Return the rows.

    Raises:
        EstimationError: There are none.
    """
    if rows.is_empty():
        raise EstimationError(f"0 rows are {what} by treatment number; expected some, as {source} returns them")
    return rows


def counts_of(frame: pl.DataFrame, statistic: str) -> dict[int, int]:
    """Return a count by treatment number; empty where the frame does not hold it."""
    rows = by_treatment(frame, statistic)
    return {number: round(value) for number, value in rows.select("number", "estimate").iter_rows()}


def grid_layers(top: float) -> list[object]:
    """Return the lines of the shares up to the top of the panel, and its floor."""
    p = grammar()
    lines = [share for share in share_ticks(top) if share > 0]
    return [p.geom_hline(yintercept=lines, color=RULE, size=0.4), p.geom_hline(yintercept=0, color=INK, size=0.6)]


def share_ticks(top: float) -> list[float]:
    """Return the ticks of a share axis that ends at `top`: every 20, or every 10 percent where it ends by half.

    >>> share_ticks(0.35)
    [0.0, 0.1, 0.2, 0.3]
    """
    wanted = SHARES if top > 0.6 else (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
    return [share for share in wanted if share <= top + 1e-9]


def axis_layers(numbers: Sequence[int], title: str, rows: Sequence[Counts], top: float) -> list[object]:
    """Return the treatment axis drawn at share 0, and the counts under its ticks, a row each."""
    p = grammar()
    text = {"size": 9, "color": INK, "family": FONT}
    ticks = pl.DataFrame({"number": [float(number) for number in numbers], "written": [str(n) for n in numbers]})
    middle = (numbers[0] + numbers[-1]) / 2
    layers: list[object] = [
        p.geom_segment(p.aes("number", 0, xend="number", yend=-_TICK * top), ticks, color=INK, size=0.6),
        p.geom_text(p.aes("number", -_TICK_LABEL * top, label="written"), ticks, **text),
        p.annotate("text", x=middle, y=-_AXIS_TITLE * top, label=title, **text),
    ]
    places = [
        {"number": float(number), "height": height, "written": row[number]}
        for height, row in zip(row_heights(len(rows), top), rows, strict=True)
        for number in numbers
        if number in row
    ]
    if places:
        drawn = p.aes("number", "height", label="written")
        layers.append(p.geom_text(drawn, pl.DataFrame(places), size=8.5, color=INK, family=FONT))
    return layers


def row_heights(rows: int, top: float) -> list[float]:
    """Return where the rows of counts stand below the panel's floor."""
    return [-(_FIRST_ROW + _ROW * position) * top for position in range(rows)]


def floor_of(rows: int, top: float) -> float:
    """Return the lower end of the panel."""
    return -(_AXIS_TITLE + _ROW / 2) * top if not rows else row_heights(rows, top)[-1] - _ROW / 2 * top


def scale_layers(numbers: Sequence[int], names: Sequence[str], top: float, margin: float = 0.5) -> list[object]:
    """Return the scales: the shares and the names of the rows of counts at the left, no x axis of plotnine's own."""
    p = grammar()
    shares = share_ticks(top)
    return [
        p.scale_x_continuous(expand=(0, 0)),
        p.scale_y_continuous(
            breaks=[*shares, *row_heights(len(names), top)],
            labels=[*(f"{share:.0%}" for share in shares), *names],
            expand=(0, 0),
        ),
        p.coord_cartesian(xlim=(numbers[0] - margin, numbers[-1] + margin), ylim=(floor_of(len(names), top), top)),
    ]


def treatment_theme(rows: int, title: str | None, legend_rows: int = 1) -> theme:
    """Return the theme of a figure whose axis is drawn in the panel, as high as its rows of counts need."""
    p = grammar()
    height = _PANEL_INCHES * (1 - floor_of(rows, 1.0)) + 0.65 + 0.25 * legend_rows + (0.3 if title else 0)
    blank = ("axis_text_x", "axis_ticks_x", "axis_title_x", "axis_title_y")
    made: theme = house_theme(_WIDTH, height) + p.theme(**{name: p.element_blank() for name in blank})
    return made


def top_of(rows: pl.DataFrame, room: float = 0.04) -> float:
    """Return the top of a share axis: room above the largest number or limit, at least 25 percent, and never cut at 1.

    >>> top_of(pl.DataFrame({"estimate": [0.3], "conf_high": [0.42]}))
    0.46
    """
    largest = max((v for name in ("estimate", "conf_high") for v in rows[name].drop_nulls()), default=0.0)
    return round(max(0.25, min(largest, 1.0) + room), 4)
