"""Survival on scales on which proportional hazards are parallel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from analyses.displays.figure_style import (
    LINE_TYPES,
    PALETTE,
    RULE,
    TOGETHER,
    cycled,
    grammar,
    groups_of,
    house_theme,
    with_group,
)
from analyses.estimates.result import Estimates
from cohort.errors import EstimationError

if TYPE_CHECKING:
    from plotnine import ggplot

_DAYS = tuple(m * 10.0**power for power in range(-2, 6) for m in (1, 2, 5))


def log_log_figure(estimates: Estimates, *, x_label: str = "Days (log scale)", title: str | None = None) -> ggplot:
    """Return log(-log S(t)) against the logarithm of time, a step curve each group.

    Where hazards are proportional the curves are as far apart on all days. The curves come from the rows "survival"
    with the term "curve"; days on which S(t) is 1 or 0, and day 0, have no place on these scales and are left out.

    Args:
        estimates: What `kaplan_meier` returned, of one criterion.
        x_label: The time axis; times are in days.
        title: The figure's title, which also names it to a screen reader.

    Raises:
        EstimationError: The frame holds no such curve, or those of more than one analysis, population or criterion.
    """
    curves = estimates.frame.filter(statistic="survival", term="curve")
    several = curves.select("analysis", "population", "criterion").unique().height
    if several > 1:
        raise EstimationError(f"the frame holds the curves of {several} analyses; filter it to one")
    drawn = curves.filter(pl.col("estimate") > 0, pl.col("estimate") < 1, pl.col("at") > 0)
    if drawn.is_empty():
        raise EstimationError(
            "0 rows are a survival curve between 1 and 0 after day 0; expected what kaplan_meier() returns"
        )
    groups = groups_of(drawn)
    shown = with_group(drawn, groups).with_columns(height=(-pl.col("estimate").log()).log())
    y_label = "log(-log(survival))"
    first, last = float(drawn["at"].min()), float(drawn["at"].max())  # type: ignore[arg-type]
    breaks = [day for day in _DAYS if first <= day <= last]
    p = grammar()
    made: ggplot = (
        p.ggplot(shown, p.aes("at", "height", color="group", linetype="group"))
        + p.geom_step(size=0.9)
        + p.scale_x_log10(breaks=breaks, labels=[f"{day:g}" for day in breaks])
        + p.scale_color_manual(values=cycled(PALETTE, len(groups)))
        + p.scale_linetype_manual(values=cycled(LINE_TYPES, len(groups)))
        + house_theme(7.5, 4.6 if title else 4.3)
        + p.theme(axis_title_y=p.element_blank(), panel_grid_major_y=p.element_line(color=RULE, size=0.4))
        + p.labs(x=x_label, y=y_label, title=title, subtitle=y_label)
    )
    return made + p.theme(legend_position="none") if groups == [TOGETHER] else made
