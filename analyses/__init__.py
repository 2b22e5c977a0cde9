"""Outcomes in, estimates and displays out.

The verbs are loaded when they are first used, so that importing this package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analyses.displays.figures import forest_figure, kaplan_meier_figure, power_figure, save_figure, shares_figure
    from analyses.displays.report import Part, Section, report
    from analyses.displays.table import table
    from analyses.estimates.cox import cox
    from analyses.estimates.describe import describe
    from analyses.estimates.kaplan_meier import kaplan_meier
    from analyses.estimates.log_rank import log_rank
    from analyses.estimates.person_time import person_time
    from analyses.estimates.proportions import proportions, risk_differences
    from analyses.estimates.result import Estimates
    from analyses.plan.catch import catch, missed_blemishes
    from analyses.plan.replicate import power_curve, replicate
    from analyses.plan.replication.remission_log_rank import RemissionLogRank
    from analyses.plan.run import run

_HOMES = {
    "Estimates": "analyses.estimates.result",
    "Part": "analyses.displays.report",
    "RemissionLogRank": "analyses.plan.replication.remission_log_rank",
    "Section": "analyses.displays.report",
    "catch": "analyses.plan.catch",
    "cox": "analyses.estimates.cox",
    "describe": "analyses.estimates.describe",
    "forest_figure": "analyses.displays.figures",
    "kaplan_meier": "analyses.estimates.kaplan_meier",
    "kaplan_meier_figure": "analyses.displays.figures",
    "log_rank": "analyses.estimates.log_rank",
    "missed_blemishes": "analyses.plan.catch",
    "person_time": "analyses.estimates.person_time",
    "power_curve": "analyses.plan.replicate",
    "power_figure": "analyses.displays.figures",
    "proportions": "analyses.estimates.proportions",
    "replicate": "analyses.plan.replicate",
    "report": "analyses.displays.report",
    "risk_differences": "analyses.estimates.proportions",
    "run": "analyses.plan.run",
    "save_figure": "analyses.displays.figures",
    "shares_figure": "analyses.displays.figures",
    "table": "analyses.displays.table",
}

__all__ = [
    "Estimates",
    "Part",
    "RemissionLogRank",
    "Section",
    "catch",
    "cox",
    "describe",
    "forest_figure",
    "kaplan_meier",
    "kaplan_meier_figure",
    "log_rank",
    "missed_blemishes",
    "person_time",
    "power_curve",
    "power_figure",
    "proportions",
    "replicate",
    "report",
    "risk_differences",
    "run",
    "save_figure",
    "shares_figure",
    "table",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a lazily loaded export can be anything
    if name not in _HOMES:
        raise AttributeError(f"module 'analyses' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
