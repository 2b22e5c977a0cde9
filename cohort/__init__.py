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
    from cohort.outcomes.intervals import interseizure_intervals
    from cohort.outcomes.registry import classify, evidence
    from cohort.outcomes.states import states
    from cohort.outcomes.therapy_doses import therapy_doses
    from cohort.outcomes.time_to import time_to
    from cohort.records.derive import attendance, baseline, changes, seizure_changes, seizures_in
    from cohort.records.diary_measures import diary_measures
    from cohort.records.free_stretches import longest_free_stretch
    from cohort.records.innumerable import innumerable_counts, with_capped_counts
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
    "diary_measures": "cohort.records.diary_measures",
    "evidence": "cohort.outcomes.registry",
    "explain": "cohort.outcomes.explain",
    "innumerable_counts": "cohort.records.innumerable",
    "inspect": "cohort.records.inspect",
    "interseizure_intervals": "cohort.outcomes.intervals",
    "longest_free_stretch": "cohort.records.free_stretches",
    "read": "cohort.records.inspect",
    "seizure_changes": "cohort.records.derive",
    "seizures_in": "cohort.records.derive",
    "states": "cohort.outcomes.states",
    "therapy_doses": "cohort.outcomes.therapy_doses",
    "time_to": "cohort.outcomes.time_to",
    "with_capped_counts": "cohort.records.innumerable",
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
    "diary_measures",
    "evidence",
    "explain",
    "innumerable_counts",
    "inspect",
    "interseizure_intervals",
    "longest_free_stretch",
    "read",
    "seizure_changes",
    "seizures_in",
    "states",
    "therapy_doses",
    "time_to",
    "with_capped_counts",
    "write",
    "write_blocks",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a lazily loaded export can be anything
    if name not in _HOMES:
        raise AttributeError(f"module 'cohort' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
