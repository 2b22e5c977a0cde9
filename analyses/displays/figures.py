"""Every figure that can be drawn from estimates, and the ways to keep one."""

from analyses.displays.figure_intervals import forest_figure, shares_figure
from analyses.displays.figure_power import power_figure
from analyses.displays.figure_survival import kaplan_meier_figure
from analyses.displays.svg import save_figure, svg

__all__ = ["forest_figure", "kaplan_meier_figure", "power_figure", "save_figure", "shares_figure", "svg"]
