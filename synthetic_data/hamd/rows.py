"""Rows of true values by arm."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Row = dict[str, object]

REMISSION = "HAMD17 remission (<= 7)"
RESPONSE = "HAMD17 response (>= 50%)"
REMITTED = 7


@dataclass(frozen=True, eq=False)
class Values:
    """True values by arm and visit after baseline; the mean at baseline besides.

    Attributes:
        start: Mean score at baseline, by arm.
        mean: Mean score.
        remission: Share in remission.
        response: Share in response.
    """

    start: Floats
    mean: Floats
    remission: Floats
    response: Floats


def by_arm(
    arms: tuple[str, str], values: Floats, row: Row, statistic: str, difference: str, *, errors: Floats | None = None
) -> Iterator[Row]:
    """Yield a row for each arm, and one for the second arm against the first.

    Args:
        arms: Their names, control first.
        values: One for each arm.
        row: What the rows have in common.
        statistic: What the values are.
        difference: What their difference is called.
        errors: Monte Carlo standard errors of values that were drawn, arms independent of each other.
    """
    known = errors is not None
    spread = np.zeros(2) if errors is None else errors
    for arm, value, error in zip(arms, values, spread, strict=True):
        drawn = {"std_error": float(error)} if known else {}
        yield {**row, "group": arm, "statistic": statistic, "estimate": float(value), **drawn}
    contrast = float(values[1] - values[0])
    drawn = {"std_error": float(np.hypot(*spread))} if known else {}
    yield {**row, "group": arms[1], "reference": arms[0], "statistic": difference, "estimate": contrast, **drawn}
