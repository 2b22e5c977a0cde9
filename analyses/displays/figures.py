"""Every figure that can be drawn from estimates, and the ways to keep one."""

from analyses.displays.figure_cumulative import cumulative_figure
from analyses.displays.figure_definitions import crosses_figure, definitions_figure
from analyses.displays.figure_flow import flow_figure
from analyses.displays.figure_forecast import forecast_figure
from analyses.displays.figure_hazards import hazards_figure
from analyses.displays.figure_incidence import incidence_figure
from analyses.displays.figure_intervals import forest_figure, shares_figure
from analyses.displays.figure_log_log import log_log_figure
from analyses.displays.figure_mean_cumulative import mean_cumulative_figure
from analyses.displays.figure_power import power_figure
from analyses.displays.figure_proportional import proportional_hazards_figure
from analyses.displays.figure_steps import steps_figure
from analyses.displays.figure_survival import cumulative_hazard_figure, kaplan_meier_figure
from analyses.displays.figure_treatment_times import treatment_times_figure
from analyses.displays.figure_turnbull import turnbull_figure
from analyses.displays.svg import save_figure, svg

__all__ = [
    "crosses_figure",
    "cumulative_figure",
    "cumulative_hazard_figure",
    "definitions_figure",
    "flow_figure",
    "forecast_figure",
    "forest_figure",
    "hazards_figure",
    "incidence_figure",
    "kaplan_meier_figure",
    "log_log_figure",
    "mean_cumulative_figure",
    "power_figure",
    "proportional_hazards_figure",
    "save_figure",
    "shares_figure",
    "steps_figure",
    "svg",
    "treatment_times_figure",
    "turnbull_figure",
]
