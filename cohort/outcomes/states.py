"""Outcomes -> STATES: when what is gained and lost was held; one registry says who tells which states."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from cohort.criteria import Criterion, DrugResistance, Recovery, SeizureFreedom, SustainedRemission
from cohort.errors import CriterionError
from cohort.outcomes.registry import CLASSIFIERS
from cohort.outcomes.scores.recovery import recovery_states
from cohort.outcomes.scores.sustained import sustained_states
from cohort.outcomes.seizures.freedom import free_states
from cohort.outcomes.seizures.resistance import resistance_states
from cohort.records.remembered import as_known_at
from cohort.records.study import Study, check_study
from cohort.schemas import STATES

# Of which criterion states are told, and by whom: from the study, as far as it is known, and the criterion.
STATES_OF: dict[type, Callable[[Study, Any], pl.DataFrame]] = {
    SeizureFreedom: free_states,
    SustainedRemission: sustained_states,
    Recovery: recovery_states,
    DrugResistance: resistance_states,
}


def states(study: Study, criterion: Criterion, as_of: float | None = None) -> pl.DataFrame:
    """Return when a state was held that is gained and lost.

    Sustained seizure freedom: from the day it is completed to the run's last recorded free day. It is lost with the
    next seizure, and no longer vouched for when the treatment stops or a gap in the records is longer than the
    criterion allows. One row a run that sufficed; the rows of treatments that overlap may overlap.

    Sustained remission: from the day on which a run was long enough to its last rating. Recovery: "remission" from the
    day on which it is established, "recovered" from the day on which that is complete, until the last rating before the
    full score that was later confirmed (or the last one in remission, where every rating must be). Fractions of days
    are left off.

    Resistance to drugs: "responsive", "resistant" or "undefined" from the first treatment to the last day followed, one
    row a span, without gaps; none of them is for good. What turned out later counts from the start: a course of which
    it was known at its stop that the doses were not taken was never a failure.

    Args:
        study: The study.
        criterion: The rule.
        as_of: Only what was known on this day; None is everything.

    Returns:
        STATES.

    Raises:
        CriterionError: The criterion tells no states, or asks for what the study does not hold.
        RecordError: The study has no rating on the criterion's scale.
    """
    check_study(study)
    if type(criterion) not in STATES_OF:
        names = ", ".join(kind.__name__ for kind in STATES_OF)
        raise CriterionError(f"a {type(criterion).__name__} is no state that is gained and lost; these are: {names}")
    CLASSIFIERS[type(criterion)].needs(study, criterion)
    found = STATES_OF[type(criterion)](as_known_at(study, as_of), criterion)
    return STATES.conform(found.unique().sort("subject_id", "from_day", "to_day"))
