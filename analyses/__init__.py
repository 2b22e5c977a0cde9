"""Outcomes in, estimates and displays out.

The verbs are loaded when they are first used, so that importing this package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analyses.displays.figures import (
        crosses_figure,
        cumulative_figure,
        cumulative_hazard_figure,
        definitions_figure,
        flow_figure,
        forecast_figure,
        forest_figure,
        hazards_figure,
        incidence_figure,
        kaplan_meier_figure,
        log_log_figure,
        mean_cumulative_figure,
        power_figure,
        proportional_hazards_figure,
        save_figure,
        shares_figure,
        steps_figure,
        treatment_times_figure,
        turnbull_figure,
    )
    from analyses.displays.report import Part, Section, report
    from analyses.displays.table import table
    from analyses.estimates.agreement import agreement
    from analyses.estimates.competing.cause_specific import cause_specific
    from analyses.estimates.competing.fine_gray import fine_gray
    from analyses.estimates.competing.gray import gray
    from analyses.estimates.competing.incidence import incidence
    from analyses.estimates.competing.predicted_incidence import predicted_incidence
    from analyses.estimates.describe import describe
    from analyses.estimates.interval.interval_log_rank import interval_log_rank
    from analyses.estimates.interval.turnbull import turnbull
    from analyses.estimates.proportions import proportions, risk_differences
    from analyses.estimates.recurrent.mean_cumulative import mean_cumulative
    from analyses.estimates.recurrent.recurrent_cox import recurrent
    from analyses.estimates.regression.accelerated_failure import accelerated_failure
    from analyses.estimates.regression.baseline import baseline_hazard
    from analyses.estimates.regression.cox import cox
    from analyses.estimates.regression.cox_concordance import concordance
    from analyses.estimates.regression.cox_residuals import residuals
    from analyses.estimates.regression.discrete_hazard import discrete_hazard
    from analyses.estimates.regression.frailty_cox import frailty_cox
    from analyses.estimates.regression.interval_hazards import interval_cox
    from analyses.estimates.regression.parametric_curves import parametric_survival, predicted_times
    from analyses.estimates.regression.prediction import linear_predictor, predicted_survival
    from analyses.estimates.regression.proportional import proportional_hazards_test
    from analyses.estimates.regression.rates import event_rates
    from analyses.estimates.result import Estimates
    from analyses.estimates.successive.cumulative import cumulative_success
    from analyses.estimates.successive.forecast import forecast
    from analyses.estimates.successive.forecast_for import forecast_for
    from analyses.estimates.successive.hazard_by_treatment import hazard_by_treatment
    from analyses.estimates.successive.mechanism import mechanism
    from analyses.estimates.successive.switching import switch_or_stay
    from analyses.estimates.successive.synthesis import pooled_shares
    from analyses.estimates.successive.table import successive
    from analyses.estimates.successive.treatment_times import treatment_times
    from analyses.estimates.successive.trend import competing_trends, trend
    from analyses.estimates.survival.adjusted_restricted_mean import adjusted_restricted_mean
    from analyses.estimates.survival.fixed_time import survival_differences
    from analyses.estimates.survival.kaplan_meier import kaplan_meier
    from analyses.estimates.survival.log_rank import log_rank
    from analyses.estimates.survival.nelson_aalen import nelson_aalen
    from analyses.estimates.survival.pairwise_log_rank import pairwise_log_rank
    from analyses.estimates.survival.person_time import person_time
    from analyses.estimates.survival.rank_weights import FlemingHarrington
    from analyses.estimates.survival.restricted_mean import restricted_mean
    from analyses.plan.catch import catch, missed_blemishes
    from analyses.plan.published_steps import published_steps
    from analyses.plan.published_switches import published_switches
    from analyses.plan.replicate import power_curve, replicate
    from analyses.plan.replication.remission_log_rank import RemissionLogRank
    from analyses.plan.run import run
    from analyses.plan.successive_section import successive_section

_HOMES = {
    "Estimates": "analyses.estimates.result",
    "FlemingHarrington": "analyses.estimates.survival.rank_weights",
    "Part": "analyses.displays.report",
    "RemissionLogRank": "analyses.plan.replication.remission_log_rank",
    "Section": "analyses.displays.report",
    "accelerated_failure": "analyses.estimates.regression.accelerated_failure",
    "adjusted_restricted_mean": "analyses.estimates.survival.adjusted_restricted_mean",
    "agreement": "analyses.estimates.agreement",
    "baseline_hazard": "analyses.estimates.regression.baseline",
    "catch": "analyses.plan.catch",
    "cause_specific": "analyses.estimates.competing.cause_specific",
    "competing_trends": "analyses.estimates.successive.trend",
    "concordance": "analyses.estimates.regression.cox_concordance",
    "cox": "analyses.estimates.regression.cox",
    "crosses_figure": "analyses.displays.figures",
    "cumulative_figure": "analyses.displays.figures",
    "cumulative_hazard_figure": "analyses.displays.figures",
    "cumulative_success": "analyses.estimates.successive.cumulative",
    "definitions_figure": "analyses.displays.figures",
    "describe": "analyses.estimates.describe",
    "discrete_hazard": "analyses.estimates.regression.discrete_hazard",
    "event_rates": "analyses.estimates.regression.rates",
    "fine_gray": "analyses.estimates.competing.fine_gray",
    "flow_figure": "analyses.displays.figures",
    "forecast": "analyses.estimates.successive.forecast",
    "forecast_figure": "analyses.displays.figures",
    "forecast_for": "analyses.estimates.successive.forecast_for",
    "forest_figure": "analyses.displays.figures",
    "frailty_cox": "analyses.estimates.regression.frailty_cox",
    "gray": "analyses.estimates.competing.gray",
    "hazard_by_treatment": "analyses.estimates.successive.hazard_by_treatment",
    "hazards_figure": "analyses.displays.figures",
    "incidence": "analyses.estimates.competing.incidence",
    "incidence_figure": "analyses.displays.figures",
    "interval_cox": "analyses.estimates.regression.interval_hazards",
    "interval_log_rank": "analyses.estimates.interval.interval_log_rank",
    "kaplan_meier": "analyses.estimates.survival.kaplan_meier",
    "kaplan_meier_figure": "analyses.displays.figures",
    "linear_predictor": "analyses.estimates.regression.prediction",
    "log_log_figure": "analyses.displays.figures",
    "log_rank": "analyses.estimates.survival.log_rank",
    "mean_cumulative": "analyses.estimates.recurrent.mean_cumulative",
    "mean_cumulative_figure": "analyses.displays.figures",
    "mechanism": "analyses.estimates.successive.mechanism",
    "missed_blemishes": "analyses.plan.catch",
    "nelson_aalen": "analyses.estimates.survival.nelson_aalen",
    "pairwise_log_rank": "analyses.estimates.survival.pairwise_log_rank",
    "parametric_survival": "analyses.estimates.regression.parametric_curves",
    "person_time": "analyses.estimates.survival.person_time",
    "pooled_shares": "analyses.estimates.successive.synthesis",
    "power_curve": "analyses.plan.replicate",
    "power_figure": "analyses.displays.figures",
    "predicted_incidence": "analyses.estimates.competing.predicted_incidence",
    "predicted_survival": "analyses.estimates.regression.prediction",
    "predicted_times": "analyses.estimates.regression.parametric_curves",
    "proportional_hazards_figure": "analyses.displays.figures",
    "proportional_hazards_test": "analyses.estimates.regression.proportional",
    "proportions": "analyses.estimates.proportions",
    "published_steps": "analyses.plan.published_steps",
    "published_switches": "analyses.plan.published_switches",
    "recurrent": "analyses.estimates.recurrent.recurrent_cox",
    "replicate": "analyses.plan.replicate",
    "report": "analyses.displays.report",
    "residuals": "analyses.estimates.regression.cox_residuals",
    "restricted_mean": "analyses.estimates.survival.restricted_mean",
    "risk_differences": "analyses.estimates.proportions",
    "run": "analyses.plan.run",
    "save_figure": "analyses.displays.figures",
    "shares_figure": "analyses.displays.figures",
    "steps_figure": "analyses.displays.figures",
    "successive": "analyses.estimates.successive.table",
    "successive_section": "analyses.plan.successive_section",
    "survival_differences": "analyses.estimates.survival.fixed_time",
    "switch_or_stay": "analyses.estimates.successive.switching",
    "table": "analyses.displays.table",
    "treatment_times": "analyses.estimates.successive.treatment_times",
    "treatment_times_figure": "analyses.displays.figures",
    "trend": "analyses.estimates.successive.trend",
    "turnbull": "analyses.estimates.interval.turnbull",
    "turnbull_figure": "analyses.displays.figures",
}

__all__ = [
    "Estimates",
    "FlemingHarrington",
    "Part",
    "RemissionLogRank",
    "Section",
    "accelerated_failure",
    "adjusted_restricted_mean",
    "agreement",
    "baseline_hazard",
    "catch",
    "cause_specific",
    "competing_trends",
    "concordance",
    "cox",
    "crosses_figure",
    "cumulative_figure",
    "cumulative_hazard_figure",
    "cumulative_success",
    "definitions_figure",
    "describe",
    "discrete_hazard",
    "event_rates",
    "fine_gray",
    "flow_figure",
    "forecast",
    "forecast_figure",
    "forecast_for",
    "forest_figure",
    "frailty_cox",
    "gray",
    "hazard_by_treatment",
    "hazards_figure",
    "incidence",
    "incidence_figure",
    "interval_cox",
    "interval_log_rank",
    "kaplan_meier",
    "kaplan_meier_figure",
    "linear_predictor",
    "log_log_figure",
    "log_rank",
    "mean_cumulative",
    "mean_cumulative_figure",
    "mechanism",
    "missed_blemishes",
    "nelson_aalen",
    "pairwise_log_rank",
    "parametric_survival",
    "person_time",
    "pooled_shares",
    "power_curve",
    "power_figure",
    "predicted_incidence",
    "predicted_survival",
    "predicted_times",
    "proportional_hazards_figure",
    "proportional_hazards_test",
    "proportions",
    "published_steps",
    "published_switches",
    "recurrent",
    "replicate",
    "report",
    "residuals",
    "restricted_mean",
    "risk_differences",
    "run",
    "save_figure",
    "shares_figure",
    "steps_figure",
    "successive",
    "successive_section",
    "survival_differences",
    "switch_or_stay",
    "table",
    "treatment_times",
    "treatment_times_figure",
    "trend",
    "turnbull",
    "turnbull_figure",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a lazily loaded export can be anything
    if name not in _HOMES:
        raise AttributeError(f"module 'analyses' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
