"""Points with intervals: differences and ratios against no effect, shares by group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from analyses.displays.figure_style import (
    FONT,
    INK,
    PALETTE,
    RULE,
    SHAPES,
    cycled,
    groups_of,
    house_theme,
    with_group,
)
from analyses.displays.format import level_text
from analyses.displays.grid import Row, comparison
from analyses.displays.lay_effects import contrast, is_ratio, ratio_text
from analyses.displays.lay_shares import DIFFERENCE, SHARE, difference_text
from analyses.estimates.result import Estimates
from cohort.errors import EstimationError, some

if TYPE_CHECKING:
    from plotnine import ggplot

_ROW_INCHES = 0.42


def forest_figure(
    estimates: Estimates, *, statistic: str | None = None, title: str | None = None, level: float = 0.95
) -> ggplot:
    """Return differences or ratios as points with their limits against the line of no effect, numbers at the right.

    Ratios stand on a logarithmic scale around 1, differences in percentage points around 0. The axis names what is
    compared with what; where comparisons differ, each row does. A row whose estimate does not exist is left out and
    counted under the figure; a limit that does not exist leaves the point without its line.

    Args:
        estimates: Holds "risk difference" or "hazard ratio" rows (or those of another ratio).
        statistic: Which of them; needed only where the frame holds more than one.
        title: The figure's title, which also names it to a screen reader.
        level: The confidence level that the axis states.

    Raises:
        EstimationError: The frame holds no such number, or more than one kind and `statistic` does not say which.
    """
    wanted = statistic or _only_effect(estimates.frame)
    rows = [row for row in estimates.frame.filter(statistic=wanted).iter_rows(named=True)]
    known = [row for row in rows if row["estimate"] is not None]
    if not known:
        raise EstimationError(f"{len(rows)} rows are a {wanted!r} and none has an estimate; there is nothing to draw")
    compared = {comparison(row) for row in known if row["reference"] is not None}
    whole = next(iter(compared)) if len(compared) == 1 and all(row["reference"] is not None for row in known) else None
    frame = _forest_frame(known, wanted, shared=whole is not None)
    lost = len(rows) - len(known)
    return _forest(frame, wanted, _effect_axis(wanted, whole, level), title, f"{lost} not estimable" if lost else None)


def _only_effect(frame: pl.DataFrame) -> str:
    found = [name for name in frame["statistic"].unique(maintain_order=True) if name == DIFFERENCE or is_ratio(name)]
    if len(found) != 1:
        raise EstimationError(
            f"{len(found)} statistics can stand in a forest figure: {some(found) or 'none'}; expected exactly one, "
            "'risk difference' or a ratio: name it with statistic="
        )
    return found[0]


def _effect_axis(statistic: str, compared: str | None, level: float) -> str:
    unit = "log scale" if is_ratio(statistic) else "percentage points"
    named = f": {compared}" if compared else ""
    return f"{statistic.capitalize()} ({level_text(level)}), {unit}{named}"


def _forest_frame(rows: list[Row], statistic: str, *, shared: bool) -> pl.DataFrame:
    """Return one line a row, in drawing units (percentage points for differences), first row on top."""
    scale = 1.0 if is_ratio(statistic) else 100.0
    several = len({row["criterion"] for row in rows}) > 1
    drawn = [
        {
            "line": _line_label(row, several=several, shared=shared),
            "estimate": scale * row["estimate"],
            "low": None if row["conf_low"] is None else scale * row["conf_low"],
            "high": None if row["conf_high"] is None else scale * row["conf_high"],
            "written": ratio_text(row) if is_ratio(statistic) else difference_text(row),
        }
        for row in rows
    ]
    places = {"place": [float(len(rows) - i) for i in range(len(rows))]}
    return pl.DataFrame(drawn, infer_schema_length=None).with_columns(pl.DataFrame(places)["place"])


def _line_label(row: Row, *, several: bool, shared: bool) -> str:
    about = row["term"] if shared else contrast(row)
    parts = [row["criterion"] if several else None, about]
    return ", ".join(part for part in parts if part) or contrast(row)


def _forest(frame: pl.DataFrame, statistic: str, axis: str, title: str | None, caption: str | None) -> ggplot:
    from plotnine import aes, element_blank, geom_point, geom_segment, geom_vline, ggplot, labs, theme

    logarithmic = is_ratio(statistic)
    figure = (
        ggplot(frame, aes("estimate", "place"))
        + geom_vline(xintercept=1 if logarithmic else 0, color=INK, size=0.5, linetype="dashed")
        + geom_segment(
            aes(x="low", xend="high", yend="place"), frame.drop_nulls(["low", "high"]), color=PALETTE[0], size=0.8
        )
        + geom_point(shape="s", size=2.6, color=PALETTE[0], fill=PALETTE[0])
        + _forest_scales(frame, logarithmic=logarithmic)
        + house_theme(7.5, 1.0 + _ROW_INCHES * frame.height + (0.3 if title else 0))
        + theme(axis_title_y=element_blank())
        + labs(x=axis, y="", title=title, caption=caption)
    )
    return figure


def _forest_scales(frame: pl.DataFrame, *, logarithmic: bool) -> list[Any]:
    from plotnine import scale_x_continuous, scale_x_log10, scale_y_continuous
    from plotnine import sec_axis as _sec_axis  # noqa: F401

    x = scale_x_log10() if logarithmic else scale_x_continuous()
    return [x, scale_y_continuous(breaks=frame["place"].to_list(), labels=frame["line"].to_list())]
