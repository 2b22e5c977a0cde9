"""A published rule with what a study file wants to be otherwise, down to the rules that it is made of."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

from cohort.criteria import Period
from cohort.errors import CriterionError, some

# What a field of a criterion is, how a study file writes it, and that in words.
_WRITTEN = ((bool, bool, "true or false"), (str, str, "a text"), (tuple, list, "a list in brackets, [...]"))


def changed_rule(rule: Any, changes: dict[str, Any], name: str) -> Any:  # noqa: ANN401 - criteria share no base class
    """Return a rule with some of its fields changed; a rule inside it is changed by a table of its own fields.

    Args:
        rule: The rule.
        changes: New values by field, as a study file writes them.
        name: What the rule is called in an error.

    Raises:
        CriterionError: No such field, or a value that the field refuses.
    """
    allowed = {field.name for field in fields(rule)} - {"endpoint"}
    unknown = sorted(set(changes) - allowed)
    if unknown:
        raise CriterionError(f"{name} has no field {unknown[0]!r}{_held_by(rule, unknown[0])}; {_its_fields(allowed)}")
    try:
        return replace(rule, **{field: _read(rule, field, value, name) for field, value in changes.items()})
    except (TypeError, AttributeError, ValueError) as error:
        raise CriterionError(f"{name}: a value has the wrong type: {error}") from None


def _its_fields(allowed: set[str]) -> str:
    return f"its fields are {some(sorted(allowed), 20)}"


def _held_by(rule: Any, wanted: str) -> str:  # noqa: ANN401 - criteria share no base class
    """Say which rule inside this one has the field, as a study file would write it."""
    for field in fields(rule):
        inner = getattr(rule, field.name)
        if not is_dataclass(inner):
            continue
        if wanted in {each.name for each in fields(inner)}:
            return f", its {field.name} has: {field.name} = {{ {wanted} = ... }}"
        deeper = _held_by(inner, wanted)
        if deeper:
            return deeper.replace(": ", f": {field.name} = {{ ", 1) + " }"
    return ""


def _read(rule: Any, field: str, value: Any, name: str) -> Any:  # noqa: ANN401 - a field can be anything
    """Return a field's value as the criterion has it."""
    usual = getattr(rule, field)
    for kind, written, said in _WRITTEN:
        if isinstance(usual, kind) and not isinstance(value, written):
            raise CriterionError(f"{name}: {field} is {said}, not {value!r}")
    if isinstance(usual, Period) or field == "period":
        return Period(*value)
    if not is_dataclass(usual):
        return _fixed(value)
    if isinstance(value, dict):
        return changed_rule(usual, value, f"{name}, {field}")
    raise CriterionError(
        f"{name}: {field} is a rule of its own; change its fields with {field} = {{ ... }}, not with {value!r}"
    )


def _fixed(value: Any) -> Any:  # noqa: ANN401 - a field can be anything
    """Return lists as tuples, which criteria are made of."""
    return tuple(_fixed(each) for each in value) if isinstance(value, list) else value
