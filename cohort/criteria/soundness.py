"""What every criterion checks of itself when it is made."""

from __future__ import annotations

from collections.abc import Sequence

from cohort.errors import CriterionError, some


def check_source(source: str) -> None:
    """Refuse a criterion that does not say where it comes from.

    Raises:
        CriterionError: The source is empty.
    """
    if not source.strip():
        raise CriterionError("a criterion says where it comes from; give `source`, for example a paper or the protocol")


def check_percentage(name: str, value: float) -> None:
    """Refuse what is not a percentage above 0 and up to 100.

    Raises:
        CriterionError: The value lies elsewhere or is not a number.
    """
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
        CriterionError: One has a fraction.
    """
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
