"""Points with intervals: differences and ratios against no effect, shares by group."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from analyses.displays.figure_style import (
    INK,
    PALETTE,
    RULE,
    SHAPES,
    cycled,
    grammar,
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

_LINE_INCHES, _GAP_INCHES = 0.15, 0.12
_WIDTH = 7.5
_COARSE = tuple(m * 10.0**power for power in range(-4, 5) for m in (1, 2, 5))
_FINE = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.4, 1.6, 1.8, 2.0, 2.5)


def forest_figure(estimates: Estimates, *, statistic: str | None = None, title: str | None = None) -> ggplot:
    """Return differences or ratios as points with their limits against the line of no effect, in words at the left.

    Ratios stand on a logarithmic scale around 1, differences in percentage points around 0. The axis names what is
    compared with what; where comparisons differ, each row does. Rows of several analyses (models, as an example) are
    told apart by their names. A row without an estimate (or with one that a log
    scale cannot show) is left out and counted under the figure; where a limit does not exist, the point has no line.

    Args:
        estimates: Holds rows "risk difference", "hazard ratio" or another ratio.
        statistic: Which of them; needed only where the frame holds more than one.
        title: The figure's title, which also names it to a screen reader.

    Raises:
        EstimationError: The frame holds no such number, or more than one kind and `statistic` does not say which.
    """
    wanted = statistic or _only_effect(estimates.frame)
    rows = list(estimates.frame.filter(statistic=wanted).iter_rows(named=True))
    drawn = [row for row in rows if _shows(row["estimate"], wanted)]
    if not drawn:
        raise EstimationError(
            f"{len(rows)} rows have the statistic {wanted!r} and none has an estimate that can be drawn; "
            "expected at least one"
        )
    shared = _shared_comparison(drawn)
    lost = len(rows) - len(drawn)
    axis = _effect_axis(wanted, shared, estimates.confidence)
    caption = f"{lost} not estimable" if lost else None
    return _forest(_forest_frame(drawn, wanted, shared is not None), wanted, axis, title, caption)


def shares_figure(estimates: Estimates, *, title: str | None = None) -> ggplot:
    """Return shares as points with their limits, in percent: a line each criterion and term, a mark each group.

    Groups are told apart by colour and by shape. A share that does not exist (nobody in the group) is left out.

    Args:
        estimates: Holds "share" rows.
        title: The figure's title, which also names it to a screen reader.

    Raises:
        EstimationError: The frame holds no share.
    """
    frame = estimates.frame.filter(pl.col("statistic") == SHARE, pl.col("estimate").is_not_null())
    if frame.is_empty():
        raise EstimationError("0 rows are a 'share' with an estimate; expected at least one, as proportions() returns")
    groups = groups_of(frame)
    lines = [_joined(row["criterion"], row["term"]) for row in frame.iter_rows(named=True)]
    order = list(dict.fromkeys(lines))
    offsets = {group: 0.16 * ((len(groups) - 1) / 2 - i) for i, group in enumerate(groups)}
    named = with_group(frame, groups)
    places = [len(order) - order.index(line) + offsets[g] for line, g in zip(lines, named["group"], strict=True)]
    return _shares(named.with_columns(place=pl.Series(places)), groups, order, title, estimates.confidence)


def _only_effect(frame: pl.DataFrame) -> str:
    found = [name for name in frame["statistic"].unique(maintain_order=True) if name == DIFFERENCE or is_ratio(name)]
    if len(found) != 1:
        raise EstimationError(
            f"{len(found)} statistics can stand in a forest figure: {some(found) or 'none'}; expected exactly one, "
            "'risk difference' or a ratio: name it with statistic="
        )
    return str(found[0])


def _shows(value: float | None, statistic: str) -> bool:
    return value is not None and math.isfinite(value) and (value > 0 or not is_ratio(statistic))


def _shared_comparison(rows: Sequence[Row]) -> str | None:
    """Return the one comparison that all rows make; None where they differ or a row is a covariate without levels."""
    compared = {None if row["reference"] is None else comparison(row) for row in rows}
    return compared.pop() if len(compared) == 1 else None


def _effect_axis(statistic: str, compared: str | None, level: float) -> str:
    unit = "log scale" if is_ratio(statistic) else "percentage points"
    named = f", {compared}" if compared else ""
    return f"{statistic.capitalize()}{named} ({level_text(level)}, {unit})"


def _forest_frame(rows: Sequence[Row], statistic: str, shared: bool) -> pl.DataFrame:
    """Return one line a row, in drawing units (percentage points for differences), the first row on top."""
    scale = 1.0 if is_ratio(statistic) else 100.0
    write = ratio_text if is_ratio(statistic) else difference_text
    several, models = (len({row[name] for row in rows}) > 1 for name in ("criterion", "analysis"))
    drawn = []
    for position, row in enumerate(rows):
        low, high = (scale * row[c] if _shows(row[c], statistic) else None for c in ("conf_low", "conf_high"))
        about = row["term"] if shared else contrast(row)
        criterion = row["criterion"] if several or not about else None
        line = _joined(row["analysis"] if models else None, criterion, about, write(row))
        place = float(len(rows) - position)
        drawn.append({"place": place, "line": line, "estimate": scale * row["estimate"], "low": low, "high": high})
    return pl.DataFrame(drawn, schema_overrides={"low": pl.Float64, "high": pl.Float64})


def _joined(*parts: str | None) -> str:
    return "\n".join(part for part in parts if part) or "all"


def _forest(frame: pl.DataFrame, statistic: str, axis: str, title: str | None, caption: str | None) -> ggplot:
    p = grammar()
    null = 1.0 if is_ratio(statistic) else 0.0
    whole = frame.drop_nulls(["low", "high"])
    figure = p.ggplot(frame, p.aes("estimate", "place"))
    figure = figure + p.geom_vline(xintercept=null, color=INK, size=0.5, linetype="dashed")
    if whole.height:
        figure = figure + p.geom_segment(p.aes(x="low", xend="high", yend="place"), whole, color=PALETTE[0], size=0.8)
    figure = figure + p.geom_point(shape="s", size=2.6, color=PALETTE[0]) + _effect_scale(frame, null)
    figure = figure + _lines_scale(frame["place"].to_list(), frame["line"].to_list())
    made: ggplot = (
        figure + _lines_theme(frame["line"].to_list(), title) + p.labs(x=axis, y="", title=title, caption=caption)
    )
    return made


def _effect_scale(frame: pl.DataFrame, null: float) -> object:
    p = grammar()
    reach = [null, *(v for name in ("estimate", "low", "high") for v in frame[name].drop_nulls())]
    low, high = min(reach), max(reach)
    if not null:
        return p.scale_x_continuous(limits=(low, high))
    breaks = _ratio_breaks(low, high)
    # plotnine cannot place minor breaks about a single one.
    return p.scale_x_log10(
        limits=(low, high), breaks=breaks, minor_breaks=False, labels=[f"{tick:.10g}" for tick in breaks]
    )


def _ratio_breaks(low: float, high: float) -> list[float]:
    """Return round ratios from low to high: three or more, unless these are one number.

    >>> _ratio_breaks(0.3, 4), _ratio_breaks(0.98, 1.03)
    ([0.5, 1.0, 2.0], [0.98, 0.99, 1.0, 1.01, 1.02, 1.03])
    """
    for offered in (_COARSE, _FINE):
        breaks = [tick for tick in offered if low <= tick <= high]
        if len(breaks) > 2:
            return breaks
    if low == high:
        return [low]
    step = 10 ** math.floor(math.log10((high - low) / 2))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    every = -(-(last - first) // 6) or 1
    return [round(tick * step, 12) for tick in range(first, last + 1) if tick % every == 0]


def _shares(frame: pl.DataFrame, groups: list[str], order: list[str], title: str | None, level: float) -> ggplot:
    p = grammar()
    whole = frame.drop_nulls(["conf_low", "conf_high"])
    figure = p.ggplot(frame, p.aes("estimate", "place", color="group"))
    if whole.height:
        line = p.aes(x="conf_low", xend="conf_high", yend="place")
        figure = figure + p.geom_segment(line, whole, size=0.8, show_legend=False)
    figure = figure + p.geom_point(p.aes(shape="group"), size=2.6) + p.scale_shape_manual(cycled(SHAPES, len(groups)))
    figure = figure + p.scale_color_manual(cycled(PALETTE, len(groups)))
    figure = figure + p.scale_x_continuous(labels=lambda ticks: [f"{tick:.0%}" for tick in ticks])
    figure = figure + _lines_scale([float(len(order) - i) for i in range(len(order))], order)
    limits = f" ({level_text(level)})" if whole.height else ""
    made: ggplot = (
        figure
        + _lines_theme(order, title, legend=0.4, points=len(groups))
        + p.labs(x=f"Share that met the criterion{limits}", y="", title=title)
    )
    return made


def _lines_scale(places: list[float], lines: list[str]) -> object:
    p = grammar()
    return p.scale_y_continuous(breaks=places, labels=lines, limits=(0.5, len(places) + 0.5), expand=(0, 0))


def _lines_theme(lines: Sequence[str], title: str | None, legend: float = 0.0, points: int = 1) -> object:
    p = grammar()
    tallest = max(points, *(line.count("\n") + 1 for line in lines))
    height = len(lines) * (_GAP_INCHES + _LINE_INCHES * tallest) + 0.8 + legend + (0.3 if title else 0)
    vertical = p.element_line(color=RULE, size=0.4)
    return house_theme(_WIDTH, height) + p.theme(
        axis_title_y=p.element_blank(), panel_grid_major_x=vertical, legend_key_width=16
    )
