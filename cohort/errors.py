"""What can go wrong, and how it is said: the fact with a count, examples, what was expected, what to do."""

from __future__ import annotations

from collections.abc import Iterable


class CohortError(Exception):
    """Any fault that this package reports; its text is meant for the person who ran the analysis."""


class RecordError(CohortError):
    """A study file or its records cannot be used as they are."""


class CriterionError(CohortError):
    """A criterion contradicts itself, or asks for something that the study does not hold."""


class TruthError(CohortError):
    """The parameters of a simulated study contradict each other."""


class EstimationError(CohortError):
    """An estimate does not exist for these data."""


class CohortWarning(UserWarning):
    """Something about the data that a reader of the results should know; part of the result."""


def some(values: Iterable[object], most: int = 3) -> str:
    """Return up to `most` examples as text, and how many more there are.

    >>> some(["a", "b", "c", "d"])
    "'a', 'b', 'c' and 1 more"
    """
    listed = list(values)
    shown = ", ".join(repr(value) for value in listed[:most])
    return shown if len(listed) <= most else f"{shown} and {len(listed) - most} more"
