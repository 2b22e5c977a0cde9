"""The evidence behind one verdict, in sentences, with the nearest change that would turn it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from typing import Any

from cohort.criteria import Criterion, SeizureControl
from cohort.errors import CohortError, CriterionError
from cohort.outcomes.judgement import Judgement
from cohort.outcomes.nearest_change import (
    FINAL,
    LACKING,
    OVER,
    Row,
    amount,
    long_time,
    margins,
    nearest_changes,
    needed,
    number,
    standing_in_the_way,
)
from cohort.outcomes.registry import CLASSIFIERS, judge
from cohort.outcomes.seizures.control import as_in
from cohort.records.remembered import as_known_at
from cohort.records.study import Study, check_study
from cohort.schemas import RECORD_FRAMES

_ANSWERS = {True: ": passed", False: ": not passed", None: ""}
_ASKED = {">=": "at least", ">": "more than", "<=": "at most", "<": "less than", "=": "exactly"}


def explain(
    study: Study, criterion: Criterion, subject_id: str, as_of: float | None = None, *, parts: bool = True
) -> str:
    """Return why a subject has the verdict that it has, and what would turn it.

    One paragraph a unit, one line a check: the day of the record, what was found, what was asked. Then the nearest
    change: how much more or less would be enough, all of it where several checks failed, or that no further record
    turns it; for a verdict that is met, by how much it is. Rules that the criterion is made of, and that the study can
    answer by themselves, follow one level deeper. A record that is missing stands as "not known".

    Args:
        study: The study.
        criterion: A rule of `cohort.criteria`.
        subject_id: The subject.
        as_of: As in `classify`.
        parts: Whether the rules that the criterion is made of are explained too.

    Raises:
        CriterionError: The subject is not in the study, or has nothing that this criterion judges.
    """
    check_subject(study, subject_id)
    lines = _explained(study, criterion, subject_id, as_of)
    if lines is None:
        raise CriterionError(f"subject {subject_id!r} has nothing that this criterion judges: {criterion.label}")
    asked = "" if as_of is None else f", as of day {as_of:g}"
    heading = f"Subject {subject_id}, {criterion.label}{asked}."
    rule = f"Rule: {criterion.definition} Source: {criterion.source}."
    inner = _parts(criterion) if parts else ()
    nested = [line for part in inner for line in _part_lines(study, part, subject_id, as_of)]
    return "\n".join([heading, *lines, *nested, rule])


def check_subject(study: Study, subject_id: str) -> None:
    """Refuse a name that no subject of the study bears.

    Raises:
        CriterionError: Nobody is called so.
    """
    check_study(study)
    known = study.subjects["subject_id"]
    if not isinstance(subject_id, str) or subject_id not in known:
        raise CriterionError(
            f"no subject is called {subject_id!r} in {study.name}; its {known.len()} subjects are named like "
            f"{', '.join(map(repr, known.head(3)))}"
        )


def _explained(study: Study, criterion: Criterion, subject_id: str, as_of: float | None) -> list[str] | None:
    """Return the lines of each unit of the subject; None where the criterion judges nothing of it."""
    found = _judged(study, criterion, subject_id, as_of)
    if found.outcomes.is_empty():
        return None
    checks = list(found.evidence.iter_rows(named=True))
    lines = []
    for outcome in found.outcomes.iter_rows(named=True):
        own = [check for check in checks if check["treatment_no"] == outcome["treatment_no"]]
        others = [check for check in checks if check["treatment_no"] is not None and outcome["treatment_no"] is None]
        lines.append(_verdict_line(outcome))
        lines += [f"  - {_check_line(check)}" for check in own]
        lines += [f"  - Treatment {check['treatment_no']}, {_check_line(check)}" for check in others]
        lines += [f"  {sentence}" for sentence in _turning(outcome, own)]
    return lines


def _judged(study: Study, criterion: Criterion, subject_id: str, as_of: float | None) -> Judgement:
    """Return the judgement of one subject; whether the study can answer at all is asked of the whole study."""
    if type(criterion) not in CLASSIFIERS:
        return judge(study, criterion, as_of)
    classifier = CLASSIFIERS[type(criterion)]
    classifier.needs(study, criterion)
    tables: dict[str, Any] = {name: study.table(name).filter(subject_id=subject_id) for name in RECORD_FRAMES}
    own = replace(study, **tables)
    if isinstance(criterion, SeizureControl):
        criterion = as_in(study, criterion, as_of)
    return classifier.judge(as_known_at(own, as_of), criterion)


def _parts(criterion: Criterion) -> Iterator[Criterion]:
    """Yield the rules that a rule is made of."""
    for field in fields(criterion):  # type: ignore[arg-type]
        value: Any = getattr(criterion, field.name)
        yield from (part for part in (value if isinstance(value, tuple) else (value,)) if type(part) in CLASSIFIERS)


def _part_lines(study: Study, part: Criterion, subject_id: str, as_of: float | None) -> list[str]:
    try:
        lines = _explained(study, part, subject_id, as_of)
    except CohortError:  # a part without an endpoint of its own, say, answers within its rule alone
        lines = None
    deeper = [line for inner in _parts(part) for line in _part_lines(study, inner, subject_id, as_of)]
    if lines is None:
        return deeper
    return [f"Part of it: {part.label}.", *(f"  {line}" for line in lines), *(f"  {line}" for line in deeper)]


def _verdict_line(outcome: Row) -> str:
    unit = f"Treatment {outcome['treatment_no']}: " if outcome["treatment_no"] is not None else ""
    day = f" on day {outcome['day']:g}{long_time(outcome['day'])}" if outcome["day"] is not None else ""
    reason = f" ({outcome['reason']})" if outcome["reason"] else ""
    category = f"; {outcome['category']}" if outcome["category"] else ""
    return f"{unit}{outcome['verdict']}{day}{reason}{category}."


def _check_line(check: Row) -> str:
    when = f"day {check['day']:g}: " if check["day"] is not None else ""
    value = check["observed"]
    found = "" if value is None else f": {_measure(value, check['unit'])}"
    if value is None and (check["passed"] is None or check["unit"] or check["bound"]):
        found = ": not known"  # a check of yes or no has its answer alone
    what = check["check"].removesuffix(f", {check['unit']}")
    return f"{when}{what}{found}{_asked(check)}{_ANSWERS[check['passed']]}"


def _measure(value: float, unit: str | None) -> str:
    return {"percent": f"{number(value)}%", "day": f"day {number(value)}"}.get(unit or "", amount(value, unit))


def _asked(check: Row) -> str:
    """Return what was asked, where the check's own words do not say it already."""
    if check["threshold"] is None:
        return ""
    wanted = _measure(check["threshold"], check["unit"])
    if check["bound"] is None:
        return f", compared with {wanted}"
    already = f"{check['bound']} {check['threshold']:g}"
    return "" if already in check["check"] else f" ({_ASKED[check['bound']]} {wanted} asked)"


def _turning(outcome: Row, checks: Sequence[Row]) -> list[str]:
    """Return the nearest change that turns a verdict, or by how much it is met."""
    if outcome["verdict"] == "met":
        kept = [f"{amount(abs(margin.gap), margin.unit)} ({margin.check})" for margin in margins(checks) if margin.gap]
        return [f"Margin: {'; '.join(kept)}."] if kept else []
    if outcome["reason"] in FINAL or outcome["reason"] in LACKING:
        lacking = LACKING.get(outcome["reason"])
        told = f"Nearest change: {lacking}, and {_turned(outcome)}." if lacking else None
        return [told or f"No further record turns it: {outcome['reason']}."]
    changes = nearest_changes(checks, undetermined=outcome["verdict"] == "undetermined")
    changes = standing_in_the_way(changes, outcome["reason"])
    # What lies on the right side and failed all the same (a run too badly recorded) is told by the reason.
    wanted = [needed(change) for change in changes if change.gap is not None or change.observed is None]
    if not wanted:
        return [f"What stands in the way: {outcome['reason']}."] if outcome["reason"] else []
    turned = _turned(outcome)
    if outcome["reason"] in OVER:
        return [f"The treatment is over; it would have needed {' and '.join(wanted)}."]
    if len(wanted) == 1:
        return [f"Nearest change: {wanted[0]}, and {turned}."]
    return [f"Nearest change, all of it: {'; '.join(wanted)}; then {turned}."]


def _turned(outcome: Row) -> str:
    """Return what a change would bring about, in words."""
    if outcome["treatment_no"] is None:
        return "the verdict would turn"
    would = "could be decided" if outcome["verdict"] == "undetermined" else "would count"
    return f"treatment {outcome['treatment_no']} {would}"
