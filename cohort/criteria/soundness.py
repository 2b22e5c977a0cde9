"""What every criterion checks of itself when it is made."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real

from cohort.errors import CriterionError, some


def check_source(source: str) -> None:
    """Refuse a criterion that does not say where it comes from.

    Raises:
        CriterionError: The source is empty or no text.
    """
    if not isinstance(source, str) or not source.strip():
        raise CriterionError("a criterion says where it comes from; give `source`, for example a paper or the protocol")


def check_number(**numbers: object) -> None:
    """Refuse what is not a number; true and false are none.

    Raises:
        CriterionError: One is something else.
    """
    for name, value in numbers.items():
        if isinstance(value, bool) or not isinstance(value, Real):
            raise CriterionError(f"{name} is a number, not {value!r}")


def check_texts(**lists: object) -> None:
    """Refuse what is not a tuple of texts; a text is none.

    Raises:
        CriterionError: One is something else.
    """
    for name, values in lists.items():
        if not isinstance(values, tuple) or not all(isinstance(value, str) for value in values):
            raise CriterionError(f"{name} is a tuple of texts, not {values!r}")


def check_part(name: str, value: object, kind: type) -> None:
    """Refuse what is not the rule that a rule is made of.

    Raises:
        CriterionError: The value is of another class.
    """
    if not isinstance(value, kind):
        raise CriterionError(f"{name} is of the class {kind.__name__}, not {value!r}")


def check_percentage(name: str, value: float) -> None:
    """Refuse what is not a percentage above 0 and up to 100.

    Raises:
        CriterionError: The value lies elsewhere or is not a number.
    """
    check_number(**{name: value})
    if not 0 < value <= 100:
        raise CriterionError(f"{name} is a percentage above 0 and up to 100, not {value:g}")


def check_bound(bound: str, percentage: float) -> None:
    """Refuse a bound that is not one, and a fall by more than 100 percent, which nobody can reach.

    Raises:
        CriterionError: The bound is neither ">=" nor ">", or it is ">" at 100 percent.
    """
    if bound not in (">=", ">"):
        raise CriterionError(f"bound is '>=' or '>', not {bound!r}")
    if bound == ">" and percentage == 100:
        raise CriterionError("nothing falls by more than 100 percent; use the bound '>='")


def check_whole(**numbers: float) -> None:
    """Refuse numbers of days, times or treatments that are not whole.

    Raises:
        CriterionError: One has a fraction or is no number.
    """
    check_number(**numbers)
    broken = [name for name, value in numbers.items() if value % 1]
    if broken:
        raise CriterionError(f"{some(broken)} must be whole, not {some(numbers[name] for name in broken)}")


def check_choice(name: str, value: str, choices: Sequence[str]) -> None:
    """Refuse what is not among the choices of a parameter.

    Raises:
        CriterionError: The value is another one.
    """
    if value not in choices:
        raise CriterionError(f"{name} is {' or '.join(map(repr, choices))}, not {value!r}")
