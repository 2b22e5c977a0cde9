"""How numbers are written: one place, so that a table, a figure and a sentence never disagree."""

from __future__ import annotations

import math
from collections.abc import Callable

DASH = "–"  # noqa: RUF001  the sign for a number that does not exist
MINUS = "−"  # noqa: RUF001  as wide as a digit, and never a line break
NOT_REACHED = "not reached"
_MOST_DECIMALS = 6


def absent(value: float | None) -> bool:
    """Return whether a number does not exist (null or NaN)."""
    return value is None or math.isnan(value)


def fixed(value: float | None, decimals: int) -> str:
    """Return a number with that many decimals, an en dash where there is none.

    >>> fixed(3.14159, 2), fixed(-0.01, 1), fixed(None, 1) == DASH
    ('3.14', '0.0', True)
    """
    if value is None or math.isnan(value):
        return DASH
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    text = f"{abs(value):.{decimals}f}"
    negative = value < 0 and any(digit in "123456789" for digit in text)
    return f"{MINUS}{text}" if negative else text


def count(value: float | None) -> str:
    """Return a count as a whole number; a count that is not whole keeps its decimals, since rounding would hide it.

    >>> count(84.0), count(1234), count(None) == DASH
    ('84', '1234', True)
    """
    return significant(value, 4)


def significant(value: float | None, digits: int = 4) -> str:
    """Return a number with that many significant digits; whole numbers, and the digits before the point, stay whole.

    >>> significant(12.0), significant(0.0123456), significant(12345.67), significant(3.2e-9)
    ('12', '0.01235', '12346', '3.200e-09')
    """
    if value is None or not math.isfinite(value):
        return fixed(value, 0)
    if value == round(value) and abs(value) < 1e15:
        return fixed(value, 0)
    decimals = digits - 1 - math.floor(math.log10(abs(value)))
    if decimals > _MOST_DECIMALS + digits - 1 or abs(value) >= 1e15:
        return f"{value:.{digits - 1}e}".replace("-", MINUS, 1) if value < 0 else f"{value:.{digits - 1}e}"
    return fixed(value, max(0, decimals))


def percent(share: float | None) -> str:
    """Return a share as percent with one decimal.

    >>> percent(29 / 84), percent(None) == DASH
    ('34.5%', True)
    """
    return DASH if share is None or math.isnan(share) else f"{points(share)}%"


def points(share: float | None) -> str:
    """Return a share, or a difference of shares, times 100 with one decimal and without the sign for percent.

    >>> points(0.2519), points(-0.034) == MINUS + "3.4"
    ('25.2', True)
    """
    return fixed(None if share is None else 100 * share, 1)


def ratio(value: float | None) -> str:
    """Return a ratio with two decimals; two significant digits below 0.1, and none after the point from 100.

    >>> ratio(0.7654), ratio(0.0421), ratio(0.00037), ratio(140.2)
    ('0.77', '0.042', '0.00037', '140')
    """
    if value is None or math.isnan(value):
        return DASH
    if abs(value) >= 100:
        return fixed(value, 0)
    return significant(value, 2) if 0 < abs(value) < 0.095 else fixed(value, 2)


def days(value: float | None) -> str:
    """Return a time in days: whole where it is whole, else with one decimal.

    >>> days(1435.0), days(1435.5)
    ('1435', '1435.5')
    """
    return fixed(value, 1 if value is not None and math.isfinite(value) and value != round(value) else 0)


def p_value(value: float | None) -> str:
    """Return a p value with its letter: three decimals, and never a zero or a one.

    >>> p_value(0.0532), p_value(0.00004), p_value(0.99999)
    ('p = 0.053', 'p <0.001', 'p >0.999')
    """
    if value is None or math.isnan(value):
        return f"p = {DASH}"
    if value < 0.001:
        return "p <0.001"
    return "p >0.999" if value > 0.999 else f"p = {value:.3f}"


def limits(low: float | None, high: float | None, write: Callable[[float | None], str]) -> str:
    """Return confidence limits as "low to high"; empty where neither exists.

    >>> limits(0.252, 0.452, points)
    '25.2 to 45.2'
    """
    return "" if absent(low) and absent(high) else f"{write(low)} to {write(high)}"


def chi_square(value: float | None, df: float | None, p: float | None) -> str:
    """Return a chi-square test as one phrase.

    >>> chi_square(3.654, 1, 0.0559)
    'χ² = 3.65, df = 1, p = 0.056'
    """
    freedom = "" if absent(df) else f", df = {count(df)}"
    return f"χ² = {fixed(value, 2)}{freedom}, {p_value(p)}"


def level_text(level: float) -> str:
    """Return a confidence level as a heading says it.

    >>> level_text(0.95), level_text(0.975)
    ('95% CI', '97.5% CI')
    """
    return f"{100 * level:g}% CI"


def decimals_of(values: list[float]) -> int:
    """Return the decimals that show three significant digits of the largest value: 1 to 4 below 1000, else none.

    >>> decimals_of([38.24, 17.6]), decimals_of([0.0412]), decimals_of([2500.0]), decimals_of([0.0])
    (1, 4, 0, 1)
    """
    largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    if largest == 0:
        return 1
    wanted = 2 - math.floor(math.log10(largest))
    return min(4, max(wanted, 1 if largest < 1000 else 0))
