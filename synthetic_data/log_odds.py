"""Chances and their log odds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

EDGE = 1e-12
"""`held` keeps chances this far from 0 and 1, so that their log odds are finite."""


def expit(log_odds: Floats | float) -> Floats:
    """Return the chances that have these log odds; infinities are allowed."""
    return np.asarray((1 + np.tanh(np.asarray(log_odds) / 2)) / 2)


def logit(chances: Floats) -> Floats:
    """Return the log odds of chances below 1; minus infinity for 0."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(chances) - np.log1p(-chances))


def held(chances: Floats | list[float]) -> Floats:
    """Return chances held strictly between 0 and 1."""
    return np.clip(chances, EDGE, 1 - EDGE)
