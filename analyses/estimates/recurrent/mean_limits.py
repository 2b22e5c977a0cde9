"""Limits of a mean number of events, and the comparison of two such means."""

from __future__ import annotations

from typing import Literal

import numpy as np

from analyses.estimates.distributions import two_sided_p
from analyses.estimates.recurrent.histories import Floats

Limits = Literal["log", "plain"]
Row = dict[str, object]


def mean_limits(mean: Floats, error: Floats, z: float, limits: Limits) -> tuple[Floats, Floats]:
    """Return limits on the log scale, mean * exp(+-z error / mean), or plain ones; NaN where the mean is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if limits == "log":
            spread = np.exp(z * error / mean)
            low, high = mean / spread, mean * spread
        else:
            low, high = mean - z * error, mean + z * error
    some = mean > 0
    return np.where(some, low, np.nan), np.where(some, high, np.nan)


def contrast_rows(own: tuple[float, float], reference: tuple[float, float], z: float) -> list[Row]:
    """Return the difference and the ratio of two independent means, each with its standard error.

    Sources: Lawless JF, Nadeau C. Technometrics 1995;37:158-68.
    """
    (mean, error), (other, other_error) = own, reference
    spread = float(np.hypot(error, other_error))
    difference: Row = {"statistic": "mean cumulative difference"}
    if not np.isnan(mean - other):
        difference |= {"estimate": mean - other, **_wald(mean - other, spread, z)}
    ratio: Row = {"statistic": "mean cumulative ratio"}
    if mean > 0 and other > 0:
        log_ratio, log_spread = float(np.log(mean / other)), float(np.hypot(error / mean, other_error / other))
        found = _wald(log_ratio, log_spread, z)
        ratio |= {"estimate": mean / other, "p_value": found.get("p_value")}
        ratio |= {name: float(np.exp(found[name])) for name in ("conf_low", "conf_high") if name in found}
    return [difference, ratio]


def _wald(value: float, error: float, z: float) -> dict[str, float]:
    if not error > 0:
        return {}
    limits = {"conf_low": value - z * error, "conf_high": value + z * error}
    return {"std_error": error, "p_value": two_sided_p(value / error)} | limits
