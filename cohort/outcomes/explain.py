"""The evidence behind one verdict, in sentences."""

from __future__ import annotations

import polars as pl

from cohort.criteria import Criterion
from cohort.errors import CriterionError
from cohort.outcomes.registry import judge
from cohort.records.study import Study

_ANSWERS = {True: ", passed", False: ", not passed", None: ""}


def explain(study: Study, criterion: Criterion, subject_id: str, as_of: float | None = None) -> str:
    """Return why a subject has the verdict that it has: one paragraph a unit, one line a check.

    A record that is missing stands as "not known".

    Args:
        study: The study.
        criterion: A rule of `cohort.criteria`.
        subject_id: The subject.
        as_of: As in `classify`.

    Raises:
        CriterionError: The subject is not in the study, or has nothing that this criterion judges.
    """
    if subject_id not in study.subjects["subject_id"]:
        raise CriterionError(f"no subject is called {subject_id!r} in {study.name}")
    found = judge(study, criterion, as_of)
    outcomes = found.outcomes.filter(subject_id=subject_id)
    if outcomes.is_empty():
        raise CriterionError(f"subject {subject_id!r} has nothing that this criterion judges: {criterion.label}")
    lines = [f"Subject {subject_id}, {criterion.label}."]
    for outcome in outcomes.iter_rows(named=True):
        lines.append(_verdict_line(outcome))
        number = pl.lit(outcome["treatment_no"], dtype=pl.Int64)
        checks = found.evidence.filter(pl.col("subject_id") == subject_id, pl.col("treatment_no").eq_missing(number))
        lines.extend(f"  - {_check_line(check)}" for check in checks.iter_rows(named=True))
    lines.append(f"Rule: {criterion.definition} Source: {criterion.source}.")
    return "\n".join(lines)


def _verdict_line(outcome: dict[str, object]) -> str:
    unit = f"Treatment {outcome['treatment_no']}: " if outcome["treatment_no"] is not None else ""
    day = f" on day {outcome['day']:g}" if outcome["day"] is not None else ""
    reason = f" ({outcome['reason']})" if outcome["reason"] else ""
    category = f"; {outcome['category']}" if outcome["category"] else ""
    return f"{unit}{outcome['verdict']}{day}{reason}{category}."


def _check_line(check: dict[str, object]) -> str:
    when = f"day {check['day']:g}: " if check["day"] is not None else ""
    found = "not known" if check["observed"] is None else f"{check['observed']:g}"
    against = "" if check["threshold"] is None else f", compared with {check['threshold']:g}"
    return f"{when}{check['check']}: {found}{against}{_ANSWERS[check['passed']]}"  # type: ignore[index]
