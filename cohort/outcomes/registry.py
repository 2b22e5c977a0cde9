"""One registry: which classifier answers for which criterion."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from cohort.criteria import (
    AboveAtEntry,
    Criterion,
    Remission,
    Response,
    Retention,
    SeizureFreedom,
    SeizureResponse,
)
from cohort.errors import CriterionError
from cohort.outcomes.freedom import classify_freedom
from cohort.outcomes.judgement import Judgement
from cohort.outcomes.populations import classify_above_at_entry
from cohort.outcomes.remission import classify_remission
from cohort.outcomes.response import classify_response, classify_seizure_response
from cohort.outcomes.retention import classify_retention
from cohort.records.study import Study

CLASSIFIERS: dict[type, Callable[[Study, Any], Judgement]] = {
    Remission: classify_remission,
    Response: classify_response,
    SeizureResponse: classify_seizure_response,
    SeizureFreedom: classify_freedom,
    Retention: classify_retention,
    AboveAtEntry: classify_above_at_entry,
}


def classify(study: Study, criterion: Criterion, as_of: float | None = None) -> pl.DataFrame:
    """Return the verdict of a criterion for each subject, or for each treatment where it judges treatments.

    Args:
        study: The study.
        criterion: A rule of `cohort.criteria`; a variant is made with `dataclasses.replace`.
        as_of: Only what was known at the end of this day counts; None is everything.

    Returns:
        OUTCOMES, one row a unit. Nobody is dropped: a unit whose records cannot decide is "undetermined", with its reason.

    Raises:
        CriterionError: The criterion asks for what the study does not hold, or names no endpoint.
    """
    return judge(study, criterion, as_of).outcomes


def evidence(study: Study, criterion: Criterion, as_of: float | None = None) -> pl.DataFrame:
    """Return what each verdict rests on.

    Args:
        study: The study.
        criterion: A rule of `cohort.criteria`.
        as_of: As in `classify`.

    Returns:
        EVIDENCE, one row a check: what was looked at, on which day, what was found, what it was compared with, whether it passed.
    """
    return judge(study, criterion, as_of).evidence


def judge(study: Study, criterion: Criterion, as_of: float | None = None) -> Judgement:
    """Return outcomes and evidence together."""
    classifier = CLASSIFIERS.get(type(criterion))
    if classifier is None:
        raise CriterionError(f"nothing classifies a {type(criterion).__name__}; criteria are in cohort.criteria")
    return classifier(study if as_of is None else study.known_at(as_of), criterion)
