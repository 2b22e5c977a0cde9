"""What `refractory explain` says of one subject: every published definition that the study can answer, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from analyses.plan.prepared import prepared
from cohort.criteria import EVER, PUBLISHED, Endpoint
from cohort.errors import CohortError, CriterionError, some
from cohort.outcomes.explain import check_subject, explain
from cohort.records.inspect import inspect
from cohort.records.study import Study

YEAR = 365


def explained(study_file: Path, subject: str, names: Sequence[str] = (), as_of: float | None = None) -> str:
    """Return why a subject has the verdicts that it has, one paragraph a definition.

    Args:
        study_file: The study.toml.
        subject: The subject's name in the study.
        names: Published definitions; none is every one that the study can answer for this subject. Those it cannot are
            counted, and the rules that a definition is made of are explained only where it is named. A definition that
            needs an endpoint or a day is asked at the last planned visit (at any rating where there are no visits) or
            at 365 days; that choice is said.
        as_of: Only what was known on this day.

    Raises:
        CohortError: The study is refused, there is no such subject or definition, or a definition that was named cannot
            be answered.
    """
    unknown = [name for name in names if name not in PUBLISHED]
    if unknown:
        raise CriterionError(f"no criterion is called {some(unknown)}; known are {some(PUBLISHED, 60)}")
    inspection = inspect(study_file)
    inspection.check()
    study = prepared(inspection, totals=inspection.analysis.get("totals") is True).study
    check_subject(study, subject)
    answered, passed_over = [], []
    for name in names or PUBLISHED:
        criterion, chosen = _decidable(PUBLISHED[name], study)
        try:
            answered.append(_paragraph(name, chosen, explain(study, criterion, subject, as_of, parts=bool(names))))
        except CohortError as error:
            if names:
                raise type(error)(f"{name}: {error}") from error
            passed_over.append(name)
    return "\n\n".join([*answered, *_ending(len(answered), passed_over)])


def _decidable(criterion: Any, study: Study) -> tuple[Any, str]:  # noqa: ANN401 - criteria share no base class
    """Return the criterion with an endpoint or a day where it names none, and what was chosen for it in words."""
    if getattr(criterion, "endpoint", criterion) is None:
        endpoint = Endpoint("at", (study.visits[-1],)) if study.visits else EVER
        return replace(criterion, endpoint=endpoint), f"asked {endpoint.label}, since it names no endpoint of its own"
    if getattr(criterion, "day", criterion) is None:
        return replace(criterion, day=YEAR), f"asked at {YEAR} days, since it names no day of its own"
    return criterion, ""


def _paragraph(name: str, chosen: str, text: str) -> str:
    return f"{name}{f' ({chosen})' if chosen else ''}\n{text}"


def _ending(answered: int, passed_over: list[str]) -> Iterator[str]:
    if not passed_over:
        return
    yield (
        f"{answered} of {answered + len(passed_over)} published definitions explained. The study, or what it holds of "
        f"this subject, cannot answer {len(passed_over)}: {some(passed_over, 5)}; why is said where one is named."
    )
