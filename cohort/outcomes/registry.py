"""One registry: which classifier answers for which criterion, and what it needs of a study."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl

from cohort.closed_lists import STOP_REASONS
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
from cohort.outcomes.freedom import classify_freedom, needs_diary
from cohort.outcomes.judgement import Judgement
from cohort.outcomes.populations import classify_above_at_entry
from cohort.outcomes.ratings import needs_endpoint, needs_scale
from cohort.outcomes.remission import ENTRIES, classify_remission
from cohort.outcomes.response import IMPROVEMENTS, classify_response
from cohort.outcomes.retention import classify_retention, needs_day
from cohort.outcomes.seizure_response import RATE_CHANGES, classify_seizure_response, needs_seizures
from cohort.records.study import Study


@dataclass(frozen=True)
class Classifier:
    """Who answers for a criterion.

    Attributes:
        needs: Refuses a study that does not hold what the criterion asks for. It sees the whole study, so that an early
            `as_of` finds nobody decided and is no error.
        judge: Answers, for the records known by then.
        categories: The classes that it tells apart, in order; empty where it tells none.
    """

    needs: Callable[[Study, Any], None]
    judge: Callable[[Study, Any], Judgement]
    categories: tuple[str, ...] = ()


CLASSIFIERS: dict[type, Classifier] = {
    Remission: Classifier(needs_endpoint, classify_remission, ENTRIES),
    Response: Classifier(needs_endpoint, classify_response, IMPROVEMENTS),
    SeizureResponse: Classifier(needs_seizures, classify_seizure_response, RATE_CHANGES),
    SeizureFreedom: Classifier(needs_diary, classify_freedom),
    Retention: Classifier(needs_day, classify_retention, STOP_REASONS),
    AboveAtEntry: Classifier(needs_scale, classify_above_at_entry),
}


def classify(study: Study, criterion: Criterion, as_of: float | None = None) -> pl.DataFrame:
    """Return the verdict of a criterion for each subject, or for each treatment where it judges treatments.

    Args:
        study: The study.
        criterion: A rule of `cohort.criteria`; a variant is made with `dataclasses.replace`.
        as_of: Only what was known on this day counts (`Study.known_at`); None is everything.

    Returns:
        OUTCOMES, one row a unit. Nobody is dropped: a unit whose records cannot decide is "undetermined", with its
        reason. A treatment that had not begun by `as_of` is no unit yet.

    Raises:
        CriterionError: The criterion asks for what the study does not hold, or names no endpoint.
        RecordError: The study has no rating on the criterion's scale.

    >>> from cohort.criteria import HAMD17_REMISSION
    >>> rated = {"subject_id": ["a", "a", "b"], "day": [0, 42, 0], "visit": ["baseline", "week 6", "baseline"]}
    >>> ratings = pl.DataFrame(rated | {"scale": "HAMD17", "score": [20, 5, 18]})
    >>> subjects = pl.DataFrame({"subject_id": ["a", "b"]})
    >>> study = Study(name="two", visits=("baseline", "week 6"), subjects=subjects, ratings=ratings)
    >>> classify(study, HAMD17_REMISSION.at("week 6")).select("subject_id", "verdict", "value").rows()
    [('a', 'met', 5.0), ('b', 'undetermined', None)]
    """
    return judge(study, criterion, as_of).outcomes


def categories_of(criterion: Criterion) -> tuple[str, ...]:
    """Return the classes that a criterion tells apart beside its verdict, in order; empty where it tells none."""
    return CLASSIFIERS[type(criterion)].categories


def evidence(study: Study, criterion: Criterion, as_of: float | None = None) -> pl.DataFrame:
    """Return what each verdict rests on.

    Args:
        study: The study.
        criterion: A rule of `cohort.criteria`.
        as_of: As in `classify`.

    Returns:
        EVIDENCE, one row a check: what was looked at, on which day, what was found, what it was compared with, whether
        it passed (null where it could not be made).
    """
    return judge(study, criterion, as_of).evidence


def judge(study: Study, criterion: Criterion, as_of: float | None = None) -> Judgement:
    """Return outcomes and evidence together."""
    if not isinstance(study, Study):
        raise CriterionError(f"a criterion is asked of a Study, not of a {type(study).__name__}")
    classifier = CLASSIFIERS.get(type(criterion))
    if classifier is None:
        raise CriterionError(f"nothing classifies a {type(criterion).__name__}; criteria are in cohort.criteria")
    classifier.needs(study, criterion)
    return classifier.judge(study if as_of is None else study.known_at(as_of), criterion)
