"""Who leaves a study, and when."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cohort.scales import HAMD17

_HIGH = int(HAMD17.high)


def leaving_tables(intercepts: tuple[float, ...], slope: float) -> NDArray[np.float64]:
    """Return the chance of leaving before each visit after baseline, by visit and improvement so far.

    logit(chance) = intercept - slope * improvement; the improvement x (baseline score - last score) stands in column
    52 + x, so that drawing needs no more than a look at a table.

    >>> leaving_tables((0.0,), 0.1).shape
    (1, 105)
    """
    improvement = np.arange(-_HIGH, _HIGH + 1)
    return chances(np.array(intercepts)[:, None] - slope * improvement)


def chances(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the chances that have these log odds; minus infinity is allowed."""
    return (1 + np.tanh(log_odds / 2)) / 2
