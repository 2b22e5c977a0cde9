"""What was found of a study once need not be found again while the study lives."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from cohort.records.study import Study

P = ParamSpec("P")
R = TypeVar("R")

_FOUND: WeakKeyDictionary[Study, dict[object, object]] = WeakKeyDictionary()


def remembered(function: Callable[Concatenate[Study, P], R]) -> Callable[Concatenate[Study, P], R]:
    """Return the function with a memory of its own for each study.

    For functions of a study, which never changes, and of arguments that compare by value. An argument without a hash (a
    rule that holds a table) is worked out each time. What is returned is shared: it is not to be changed in place. A
    warning is given when something is found, not when it is remembered.
    """

    @wraps(function)
    def found(study: Study, *args: P.args, **named: P.kwargs) -> R:
        if not isinstance(study, Study):
            return function(study, *args, **named)
        key = (function, args, tuple(sorted(named.items())))
        try:
            known = _FOUND.setdefault(study, {})
            if key not in known:
                known[key] = function(study, *args, **named)
        except TypeError as error:
            if "unhashable" not in str(error):
                raise
            return function(study, *args, **named)
        return known[key]  # type: ignore[return-value]

    return found  # type: ignore[return-value]


_LAST: WeakKeyDictionary[Study, tuple[float, Study]] = WeakKeyDictionary()


def as_known_at(study: Study, day: float | None) -> Study:
    """Return `study.known_at(day)`, the same object as long as the same day is asked for; the study itself for None."""
    if day is None:
        return study
    last = _LAST.get(study)
    if last is None or last[0] != day:
        last = (day, study.known_at(day))
        _LAST[study] = last
    return last[1]
