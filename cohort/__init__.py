"""Records in, outcomes out: read a study, apply clinical rules, see why.

The verbs are loaded when they are first used, so that importing this package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cohort.errors import CohortError, CohortWarning, CriterionError, EstimationError, RecordError

if TYPE_CHECKING:
    from cohort.outcomes.compared.comparison import DefinitionComparison, compare_definitions
    from cohort.outcomes.explain import explain
    from cohort.outcomes.findings.candidacy import therapies_by_way
    from cohort.outcomes.findings.marker_bands import marker_bands
    from cohort.outcomes.registry import classify, evidence
    from cohort.outcomes.scores.entry_audit import entry_audit
    from cohort.outcomes.scores.totals import totals, with_totals
    from cohort.outcomes.seizures.clusters import clusters
    from cohort.outcomes.seizures.intervals import interseizure_intervals
    from cohort.outcomes.seizures.scanned import DiaryAnswer, classify_diary
    from cohort.outcomes.seizures.status_epilepticus import status_epilepticus, with_status_as_one_seizure
    from cohort.outcomes.states import states
    from cohort.outcomes.times.recurrent_seizures import recurrent_seizures
    from cohort.outcomes.times.time_to import time_to
    from cohort.outcomes.treatments.exposure import exposures
    from cohort.outcomes.treatments.steps import steps
    from cohort.outcomes.treatments.therapy_doses import therapy_doses
    from cohort.records.derive import attendance, baseline, changes, seizure_changes, seizures_in
    from cohort.records.diary_measures import diary_measures
    from cohort.records.diary_scan import DiaryScan
    from cohort.records.free_stretches import longest_free_stretch
    from cohort.records.innumerable import innumerable_counts, with_capped_counts
    from cohort.records.inspect import Inspection, inspect, read
    from cohort.records.study import Study
    from cohort.records.write import write, write_blocks

_HOMES = {
    "DefinitionComparison": "cohort.outcomes.compared.comparison",
    "DiaryAnswer": "cohort.outcomes.seizures.scanned",
    "DiaryScan": "cohort.records.diary_scan",
    "Inspection": "cohort.records.inspect",
    "Study": "cohort.records.study",
    "attendance": "cohort.records.derive",
    "baseline": "cohort.records.derive",
    "changes": "cohort.records.derive",
    "classify": "cohort.outcomes.registry",
    "classify_diary": "cohort.outcomes.seizures.scanned",
    "clusters": "cohort.outcomes.seizures.clusters",
    "compare_definitions": "cohort.outcomes.compared.comparison",
    "diary_measures": "cohort.records.diary_measures",
    "evidence": "cohort.outcomes.registry",
    "entry_audit": "cohort.outcomes.scores.entry_audit",
    "explain": "cohort.outcomes.explain",
    "exposures": "cohort.outcomes.treatments.exposure",
    "innumerable_counts": "cohort.records.innumerable",
    "inspect": "cohort.records.inspect",
    "interseizure_intervals": "cohort.outcomes.seizures.intervals",
    "longest_free_stretch": "cohort.records.free_stretches",
    "marker_bands": "cohort.outcomes.findings.marker_bands",
    "read": "cohort.records.inspect",
    "recurrent_seizures": "cohort.outcomes.times.recurrent_seizures",
    "seizure_changes": "cohort.records.derive",
    "seizures_in": "cohort.records.derive",
    "states": "cohort.outcomes.states",
    "status_epilepticus": "cohort.outcomes.seizures.status_epilepticus",
    "steps": "cohort.outcomes.treatments.steps",
    "therapies_by_way": "cohort.outcomes.findings.candidacy",
    "therapy_doses": "cohort.outcomes.treatments.therapy_doses",
    "time_to": "cohort.outcomes.times.time_to",
    "totals": "cohort.outcomes.scores.totals",
    "with_totals": "cohort.outcomes.scores.totals",
    "with_capped_counts": "cohort.records.innumerable",
    "with_status_as_one_seizure": "cohort.outcomes.seizures.status_epilepticus",
    "write": "cohort.records.write",
    "write_blocks": "cohort.records.write",
}

__all__ = [
    "CohortError",
    "CohortWarning",
    "CriterionError",
    "DefinitionComparison",
    "DiaryAnswer",
    "DiaryScan",
    "EstimationError",
    "Inspection",
    "RecordError",
    "Study",
    "attendance",
    "baseline",
    "changes",
    "classify",
    "classify_diary",
    "clusters",
    "compare_definitions",
    "diary_measures",
    "entry_audit",
    "evidence",
    "explain",
    "exposures",
    "innumerable_counts",
    "inspect",
    "interseizure_intervals",
    "longest_free_stretch",
    "marker_bands",
    "read",
    "recurrent_seizures",
    "seizure_changes",
    "seizures_in",
    "states",
    "status_epilepticus",
    "steps",
    "therapies_by_way",
    "therapy_doses",
    "time_to",
    "totals",
    "with_capped_counts",
    "with_status_as_one_seizure",
    "with_totals",
    "write",
    "write_blocks",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a lazily loaded export can be anything
    if name not in _HOMES:
        raise AttributeError(f"module 'cohort' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
