"""How a criterion's label names what is unusual in it: two rules that differ never bear one label."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def unusual(criterion: DataclassInstance, usual: DataclassInstance) -> str:
    """Return what differs from the usual criterion of the class, each part after a comma; the source is no part of it.

    >>> from cohort.criteria.endpoint import Endpoint
    >>> unusual(Endpoint("by day", day=42), Endpoint("ever"))
    ', kind by day, day 42'
    """
    parts = []
    for field in fields(criterion):
        value = getattr(criterion, field.name)
        name = field.name.replace("_", " ")
        if field.name != "source" and value != getattr(usual, field.name):
            parts.append(
                f", {name}{'' if value else ': no'}" if isinstance(value, bool) else f", {name} {_told(value)}"
            )
    return "".join(parts)


def _told(value: object) -> str:
    if isinstance(value, tuple):
        return " and ".join(_told(each) for each in value) or "none"
    if isinstance(value, float):
        return f"{value:g}"
    return str(getattr(value, "label", value))
