"""Records in, outcomes out: read a study, apply clinical rules, see why.

The verbs are loaded when they are first used, so that importing this package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cohort.errors import CohortError, CohortWarning, CriterionError, EstimationError, RecordError

if TYPE_CHECKING:
    from cohort.outcomes.compare import DefinitionComparison, compare_definitions
    from cohort.outcomes.explain import explain
    from cohort.outcomes.freedom import states
    from cohort.outcomes.registry import classify, evidence
    from cohort.outcomes.time_to import time_to
    from cohort.records.derive import attendance, baseline, changes, seizure_changes, seizures_in
    from cohort.records.inspect import Inspection, inspect, read
    from cohort.records.study import Study
    from cohort.records.write import write, write_blocks

_HOMES = {
    "DefinitionComparison": "cohort.outcomes.compare",
    "Inspection": "cohort.records.inspect",
    "Study": "cohort.records.study",
    "attendance": "cohort.records.derive",
    "baseline": "cohort.records.derive",
    "changes": "cohort.records.derive",
    "classify": "cohort.outcomes.registry",
    "compare_definitions": "cohort.outcomes.compare",
    "evidence": "cohort.outcomes.registry",
    "explain": "cohort.outcomes.explain",
    "inspect": "cohort.records.inspect",
    "read": "cohort.records.inspect",
    "seizure_changes": "cohort.records.derive",
    "seizures_in": "cohort.records.derive",
    "states": "cohort.outcomes.freedom",
    "time_to": "cohort.outcomes.time_to",
    "write": "cohort.records.write",
    "write_blocks": "cohort.records.write",
}

__all__ = [
    "CohortError",
    "CohortWarning",
    "CriterionError",
    "DefinitionComparison",
    "EstimationError",
    "Inspection",
    "RecordError",
    "Study",
    "attendance",
    "baseline",
    "changes",
    "classify",
    "compare_definitions",
    "evidence",
    "explain",
    "inspect",
    "read",
    "seizure_changes",
    "seizures_in",
    "states",
    "time_to",
    "write",
    "write_blocks",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a lazily loaded export can be anything
    if name not in _HOMES:
        raise AttributeError(f"module 'cohort' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
