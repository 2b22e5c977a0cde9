"""A criterion that asks another one: who is resistant, for example, by whichever definition."""

from __future__ import annotations

import polars as pl

from cohort.criteria import Criterion
from cohort.criteria.resistance import DrugResistance
from cohort.errors import CriterionError
from cohort.outcomes.seizures.resistance import resistance_of
from cohort.outcomes.seizures.resistance_spans import resistance_spans
from cohort.records.study import Study


def needs_nested(study: Study, criterion: Criterion) -> None:
    """Refuse a study that does not hold what the nested criterion asks for.

    Raises:
        CriterionError: It does not, or nothing classifies the criterion.
    """
    from cohort.outcomes.registry import CLASSIFIERS

    if type(criterion) not in CLASSIFIERS:
        raise CriterionError(f"nothing classifies a {type(criterion).__name__}; criteria are in cohort.criteria")
    CLASSIFIERS[type(criterion)].needs(study, criterion)


def nested_verdicts(study: Study, criterion: Criterion) -> pl.DataFrame:
    """Return what a criterion on subjects says: `subject_id, resistance` (the verdict), `since` (its day).

    Raises:
        CriterionError: The criterion judges treatments.
    """
    from cohort.outcomes.registry import CLASSIFIERS

    found = CLASSIFIERS[type(criterion)].judge(study, criterion).outcomes
    if found["treatment_no"].count():
        raise CriterionError(
            f"a criterion that judges subjects is needed here, and this one judges treatments: {criterion.label}"
        )
    return found.select("subject_id", resistance=pl.col("verdict").cast(pl.String), since="day")


def established(study: Study, criterion: Criterion) -> pl.DataFrame:
    """Return `subject_id, resistance, since`: "met" from the day on which resistance was first established.

    A subject whose resistance ended later was resistant on that day all the same.
    """
    if not isinstance(criterion, DrugResistance):
        return nested_verdicts(study, criterion)
    spans = resistance_spans(study, criterion)
    first = spans.states.filter(state="resistant").group_by("subject_id").agg(first=pl.col("from_day").min())
    told = resistance_of(study, spans, criterion).join(first, on="subject_id", how="left")
    ever = pl.col("first").is_not_null()
    return told.select(
        "subject_id",
        resistance=pl.when(ever).then(pl.lit("met")).otherwise("verdict"),
        since=pl.coalesce("first", "day").cast(pl.Float64),
    )
