"""Pointwise confidence limits of a survival curve and of a cumulative hazard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

import numpy as np

from analyses.estimates.tally import Floats
from cohort.errors import EstimationError

Limits = Literal["log-log", "log", "plain", "arcsine", "logit"]
HazardLimits = Literal["log", "plain"]
Pair = tuple[Floats, Floats]


def check_limits(limits: str, *, of_hazard: bool = False) -> None:
    """Refuse a name of limits that is not known.

    Raises:
        EstimationError: It is not.
    """
    known = get_args(HazardLimits if of_hazard else Limits)
    if limits not in known:
        raise EstimationError(f"limits={limits!r} were asked for; known are {', '.join(known)}")


def survival_limits(survival: Floats, log_error: Floats, limits: Limits, z: float) -> Pair:
    """Return the lower and upper limits of S(t), which are 1 where S(t) is 1 and NaN where it is 0.

    Args:
        survival: S(t).
        log_error: The standard error of log S(t): the root of Greenwood's sum.
        limits: The scale on which they are symmetric; "plain" is S(t) itself, cut at 0 and 1, "log" is cut at 1.
        z: The normal quantile.

    Sources: Borgan O, Liestol K. Scand J Stat 1990;17:35-41; Klein JP, Moeschberger ML. Survival Analysis, 2nd ed.,
    Springer 2003, section 4.3.
    """
    inside = (survival > 0) & (survival < 1)
    low, high = (np.where(survival >= 1, 1.0, np.nan) for _ in range(2))
    low[inside], high[inside] = _SCALES[limits](survival[inside], z * log_error[inside])
    return low, high


def hazard_limits(hazard: Floats, error: Floats, limits: HazardLimits, z: float) -> Pair:
    """Return the lower and upper limits of a cumulative hazard, which are 0 where it is 0; "plain" are cut at 0."""
    if limits == "plain":
        return np.maximum(hazard - z * error, 0.0), hazard + z * error
    spread = np.exp(z * np.divide(error, hazard, out=np.zeros_like(hazard), where=hazard > 0))
    return hazard / spread, hazard * spread


def _log_log(s: Floats, reach: Floats) -> Pair:
    spread = np.exp(reach / -np.log(s))
    return s**spread, s ** (1 / spread)


def _log(s: Floats, reach: Floats) -> Pair:
    return s * np.exp(-reach), np.minimum(s * np.exp(reach), 1.0)


def _plain(s: Floats, reach: Floats) -> Pair:
    return np.maximum(s - s * reach, 0.0), np.minimum(s + s * reach, 1.0)


def _arcsine(s: Floats, reach: Floats) -> Pair:
    angle, spread = np.arcsin(np.sqrt(s)), reach / 2 * np.sqrt(s / (1 - s))
    return np.sin(np.maximum(angle - spread, 0.0)) ** 2, np.sin(np.minimum(angle + spread, np.pi / 2)) ** 2


def _logit(s: Floats, reach: Floats) -> Pair:
    spread = np.exp(reach / (1 - s))
    return s / (s + (1 - s) * spread), s / (s + (1 - s) / spread)


_SCALES: dict[str, Callable[[Floats, Floats], Pair]] = {
    "log-log": _log_log,
    "log": _log,
    "plain": _plain,
    "arcsine": _arcsine,
    "logit": _logit,
}
