"""How much a time counts in a rank test: by the name of the weights, or by powers of the pooled curve."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real
from typing import Literal, get_args

import numpy as np

from analyses.estimates.survival.risk_table import RiskTable
from analyses.estimates.tally import Floats
from cohort.errors import EstimationError

Named = Literal["gehan-breslow", "tarone-ware", "peto-peto", "modified peto-peto"]
_TERMS: dict[str, str] = {
    "gehan-breslow": "Gehan-Breslow",
    "tarone-ware": "Tarone-Ware",
    "peto-peto": "Peto-Peto",
    "modified peto-peto": "modified Peto-Peto",
}


@dataclass(frozen=True)
class FlemingHarrington:
    """Weights S(t-) ** rho * (1 - S(t-)) ** gamma, S being the pooled Kaplan-Meier curve just before the time.

    (1, 0) weighs early differences, (0, 1) late ones, (1, 1) those in the middle. With gamma 0 it is R's
    survdiff(rho = ); (0, 0) is the plain log-rank test.

    Attributes:
        rho: Power of S, from 0 up.
        gamma: Power of 1 - S, from 0 up.

    Raises:
        EstimationError: A power is negative or not finite.

    Sources: Harrington DP, Fleming TR. Biometrika 1982;69:553-66; Fleming TR, Harrington DP. Counting Processes and
        Survival Analysis. Wiley, 1991, chapter 7.
    """

    rho: float = 0.0
    gamma: float = 0.0

    def __post_init__(self) -> None:
        for name, power in (("rho", self.rho), ("gamma", self.gamma)):
            if not isinstance(power, Real) or not 0 <= power < math.inf:
                raise EstimationError(f"{name}={power!r} was given; a power is a finite number from 0 up")


Weights = Named | FlemingHarrington | None


def weights_term(weights: Weights) -> str | None:
    """Return what weights are called in results; None for the plain test.

    Raises:
        EstimationError: They are neither a known name nor powers.
    """
    if weights is None:
        return None
    if isinstance(weights, FlemingHarrington):
        return f"Fleming-Harrington ({weights.rho:g}, {weights.gamma:g})"
    if not isinstance(weights, str) or weights not in _TERMS:
        known = ", ".join(repr(name) for name in get_args(Named))
        raise EstimationError(f"weights={weights!r} are not known; expected {known}, or FlemingHarrington(rho, gamma)")
    return _TERMS[weights]


def weights_at(table: RiskTable, weights: Weights) -> Floats:
    """Return the weight of each time, from the numbers at risk n and with the event d of the time's own stratum.

    Gehan-Breslow n; Tarone-Ware the root of n; Peto-Peto the product of 1 - d / (n + 1) up to and including the time,
    modified by n / (n + 1) (Andersen); Fleming-Harrington from the curve just before the time.
    """
    n, d = table.at_risk.sum(axis=0), table.events.sum(axis=0)
    if weights is None:
        return np.ones(len(n))
    if weights == "gehan-breslow":
        return np.asarray(n)
    if weights == "tarone-ware":
        return np.asarray(np.sqrt(n))
    if isinstance(weights, FlemingHarrington):
        before = _before(table, 1 - d / n)
        return np.asarray(before**weights.rho * (1 - before) ** weights.gamma)
    shrunk = 1 - d / (n + 1)
    product = _before(table, shrunk) * shrunk
    return np.asarray(product * n / (n + 1) if weights == "modified peto-peto" else product)


def _before(table: RiskTable, factor: Floats) -> Floats:
    """Return the product of each stratum's factors before each time."""
    product = np.ones(len(factor))
    for own in table.strata():
        product[own.start + 1 : own.stop] = np.cumprod(factor[own])[:-1]
    return product
