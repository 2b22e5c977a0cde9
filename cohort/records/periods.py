"""Whether the days of a period, and the numbers beside them, are whole numbers."""

from __future__ import annotations

from cohort.errors import RecordError


def check_whole_numbers(**numbers: object) -> None:
    """Refuse what is not a whole number; true and false are none.

    Raises:
        RecordError: One is something else.
    """
    for name, value in numbers.items():
        if isinstance(value, bool) or not isinstance(value, int):
            raise RecordError(f"{name} is a whole number, not {value!r}")


def check_days(from_day: object, to_day: object) -> None:
    """Refuse what is not the first and the last day of a period.

    Raises:
        RecordError: One is no whole number, or the period ends before it begins.
    """
    check_whole_numbers(from_day=from_day, to_day=to_day)
    if to_day < from_day:  # type: ignore[operator]
        raise RecordError(f"the period from day {from_day} to day {to_day} ends before it begins")


def check_period(name: str, days: object) -> None:
    """Refuse what is not a first and a last day.

    Raises:
        RecordError: It is something else.
    """
    if not isinstance(days, tuple | list) or len(days) != 2:
        raise RecordError(f"{name} is a first and a last day, for example (0, 83), not {days!r}")
    for day in days:
        check_whole_numbers(**{f"a day of {name}": day})
