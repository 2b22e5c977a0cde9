"""What is left of a log time when location and scale are taken out: the distributions of accelerated failure times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Function = Callable[[Floats], Floats]
Distribution = Literal["Weibull", "exponential", "lognormal", "loglogistic"]


@dataclass(frozen=True)
class Error:
    """A distribution of z = (log time - location) / scale, with the derivatives that Newton's steps need.

    Attributes:
        log_density: log f(z).
        slope: The first derivative of log f(z).
        bend: The second derivative of log f(z).
        log_survival: log(1 - F(z)).
        log_failed: log F(z).
        quantile: The z at which F(z) is a probability.
    """

    log_density: Function
    slope: Function
    bend: Function
    log_survival: Function
    log_failed: Function
    quantile: Function


def _log_normal_share(z: Floats) -> Floats:
    from scipy.special import log_ndtr

    return np.asarray(log_ndtr(z))


def _normal_quantile(p: Floats) -> Floats:
    from scipy.special import ndtri

    return np.asarray(ndtri(p))


def _log_logistic_share(z: Floats) -> Floats:
    return np.asarray(-np.logaddexp(0, -z))


def _log_logistic_density(z: Floats) -> Floats:
    return _log_logistic_share(z) + _log_logistic_share(-z)


# The smallest extreme value, log of an exponential time, gives Weibull times.
_EXTREME_VALUE = Error(
    log_density=lambda z: z - np.exp(z),
    slope=lambda z: 1 - np.exp(z),
    bend=lambda z: -np.exp(z),
    log_survival=lambda z: -np.exp(z),
    log_failed=lambda z: np.asarray(np.log(-np.expm1(-np.exp(z)))),
    quantile=lambda p: np.asarray(np.log(-np.log1p(-p))),
)
_NORMAL = Error(
    log_density=lambda z: np.asarray(-0.5 * z**2 - 0.5 * np.log(2 * np.pi)),
    slope=lambda z: -z,
    bend=lambda z: -np.ones_like(z),
    log_survival=lambda z: _log_normal_share(-z),
    log_failed=_log_normal_share,
    quantile=_normal_quantile,
)
_LOGISTIC = Error(
    log_density=_log_logistic_density,
    slope=lambda z: -np.tanh(z / 2),
    bend=lambda z: -2 * np.exp(_log_logistic_density(z)),
    log_survival=lambda z: _log_logistic_share(-z),
    log_failed=_log_logistic_share,
    quantile=lambda p: np.asarray(np.log(p) - np.log1p(-p)),
)

ERRORS: dict[str, Error] = {
    "Weibull": _EXTREME_VALUE,
    "exponential": _EXTREME_VALUE,
    "lognormal": _NORMAL,
    "loglogistic": _LOGISTIC,
}
# The scale is 1 and not estimated.
FIXED_SCALE = ("exponential",)
# Hazards are proportional too.
PROPORTIONAL = ("Weibull", "exponential")
