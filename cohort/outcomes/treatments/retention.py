"""Is the subject still on the treatment?"""

from __future__ import annotations

from typing import Any

import polars as pl

from cohort.criteria import Retention
from cohort.errors import CriterionError, some
from cohort.outcomes.judgement import Judgement, check, first_reason, judgement, verdict
from cohort.outcomes.treatments.courses import courses
from cohort.records.study import Study


def needs_treatment(study: Study, criterion: Retention) -> None:
    """Refuse a study in which nobody has the criterion's treatment.

    Raises:
        CriterionError: Nobody has it.
    """
    numbers = study.treatments["treatment_no"].unique().sort()
    if numbers.is_empty():
        raise CriterionError("retention is judged for a treatment, and the study has no treatments")
    if criterion.treatment_no not in numbers:
        raise CriterionError(f"nobody has a treatment {criterion.treatment_no}; treatment numbers are {some(numbers)}")


def day_of(criterion: Retention) -> int:
    """Return the day that retention is asked for.

    Raises:
        CriterionError: It names none.
    """
    if criterion.day is None:
        raise CriterionError("retention names no day; choose one, for example RETENTION.at(365)")
    return criterion.day


def needs_day(study: Study, criterion: Retention) -> None:
    """Refuse retention without a day, and a study without the treatment.

    Raises:
        CriterionError: One of them is absent.
    """
    day_of(criterion)
    needs_treatment(study, criterion)


def classify_retention(study: Study, criterion: Retention) -> Judgement:
    """Return one verdict for each subject with the treatment; the value is the days on it so far.

    The day is the stop or the day asked for, null for "undetermined"; the category of a stop is its reason.
    """
    day, on = day_of(criterion), pl.col("end") - pl.col("start")
    going_on = pl.col("stop").is_null()
    stopped, short = ~going_on & (on <= day), going_on & (on < day)
    units = courses(study).filter(treatment_no=criterion.treatment_no)
    units = units.with_columns(
        verdict(~stopped, short),
        first_reason((short, "follow-up too short"), (stopped, "stopped before the threshold")),
        category=pl.when(stopped).then(pl.col("stop_reason").cast(pl.String).fill_null("not recorded")),
        value=on,
        day=pl.when(~short).then(pl.min_horizontal("end", pl.col("start") + day)),
    )
    passed = pl.when(~short).then(~stopped)
    asked: dict[str, Any] = {"threshold": pl.lit(day), "passed": passed, "day": pl.col("day"), "unit": "days"}
    found = [
        check(units.filter(some_of), "days on the treatment", on, bound=bound, **asked)
        for some_of, bound in ((going_on, ">="), (~going_on, ">"))  # who stops on the day asked for has not reached it
    ]
    return judgement(criterion, units, found)
