"""Confidence limits of a cumulative incidence on several scales."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

from analyses.estimates.tally import Floats
from cohort.errors import EstimationError

Scale = Literal["log-log", "log", "plain", "logit", "arcsine"]
Bound = Callable[[Floats, Floats], Floats]  # the incidence, its error times a signed normal quantile
# Rounding may leave an incidence of 1 a little short of it.
NEARLY_ALL = 1 - 1e-12

_SCALES: dict[str, Bound] = {
    "log-log": lambda p, e: np.exp(-np.exp(np.log(-np.log(p)) - e / (p * -np.log(p)))),
    "log": lambda p, e: np.minimum(p * np.exp(e / p), 1.0),
    "plain": lambda p, e: np.clip(p + e, 0.0, 1.0),
    "logit": lambda p, e: 1 / (1 + (1 - p) / p * np.exp(-e / (p * (1 - p)))),
    "arcsine": lambda p, e: np.sin(np.clip(np.arcsin(np.sqrt(p)) + e / np.sqrt(p * (1 - p)) / 2, 0, np.pi / 2)) ** 2,
}


def check_scale(scale: str) -> None:
    """Refuse a scale that is not known.

    Raises:
        EstimationError: It is none of those in `Scale`.
    """
    if scale not in _SCALES:
        raise EstimationError(f"limits={scale!r} were asked for; there are {', '.join(map(repr, _SCALES))}")


def incidence_limits(incidence: Floats, errors: Floats, z: float, scale: str) -> tuple[Floats, Floats]:
    """Return lower and upper limits; both 0 where the incidence is 0, NaN where it is 1 or the error is unknown."""
    inside = (incidence > 0) & (incidence <= NEARLY_ALL) & ~np.isnan(errors)
    p, e = np.where(inside, incidence, 0.5), np.where(inside, errors, 0.0)
    edge = np.where(incidence == 0, 0.0, np.nan)
    low, high = (np.where(inside, _SCALES[scale](p, sign * z * e), edge) for sign in (-1, 1))
    return low, high
