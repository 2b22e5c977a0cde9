"""A number, or a column of numbers."""

from __future__ import annotations

import math
from typing import TypeVar

import polars as pl

from cohort.errors import CohortError

Quantity = TypeVar("Quantity", float, pl.Expr)


def check_quantities(*, above: float | None = None, at_least: float = -math.inf, **quantities: float | pl.Expr) -> None:
    """Refuse plain numbers that lie outside what is possible; columns are not looked at.

    Raises:
        CohortError: A number is not finite, or too low.
    """
    bound = f"at least {at_least:g}" if above is None else f"above {above:g}"
    for name, value in quantities.items():
        if isinstance(value, pl.Expr):
            continue
        if not math.isfinite(value) or value < at_least or (above is not None and value <= above):
            raise CohortError(f"{name} is {value:g}; expected a finite number {bound}")
