"""The hazard that a proportional hazards model leaves to all, and the survival that it foretells, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analyses.estimates.regression.risk_sets import Floats, RiskSets, moments


@dataclass(frozen=True, eq=False)
class HazardPath:
    """A cumulative hazard after each day of events of a stratum, with its standard error."""

    day: Floats
    hazard: Floats
    std_error: Floats


@dataclass(frozen=True, eq=False)
class BaselinePath:
    """What the cumulative hazards of all profiles in one stratum are made of.

    Attributes:
        day: The stratum's days of events.
        hazard: The cumulative hazard of who has the sample's mean covariates.
        variance: Its variance if the coefficients were known.
        mean: The covariates' means over the risk sets (less the sample's means), summed with the hazard's steps.
    """

    day: Floats
    hazard: Floats
    variance: Floats
    mean: Floats

    def path(self, x: Floats, coefficients: Floats, covariance: Floats) -> HazardPath:
        """Return the cumulative hazard of covariates x (less the sample's means).

        Sources: Tsiatis AA. Ann Stat 1981;9:93-108; Link CL. Biometrics 1984;40:601-10.
        """
        risk = np.exp(float((x * coefficients).sum()))
        apart = self.hazard[:, None] * x - self.mean
        variance = self.variance + ((apart @ covariance) * apart).sum(axis=1)
        return HazardPath(self.day, risk * self.hazard, risk * np.sqrt(variance))


def baseline_paths(sets: RiskSets) -> list[BaselinePath]:
    """Return each stratum's baseline: Breslow's estimate, or Efron's where ties were treated so.

    Sources: Breslow NE. J R Stat Soc B 1972;34:216-7; Efron B. J Am Stat Assoc 1977;72:557-65.
    """
    total, dying = moments(sets, sets.x)
    one, _, square, diluted_square, _ = sets.steps
    weight = sets.weight
    mean = weight[:, None] * (total * square[:, None] - dying * diluted_square[:, None])
    parts = np.split(np.arange(len(sets.day)), sets.first[1:-1])
    return [
        BaselinePath(
            sets.day[part],
            np.cumsum(weight[part] * one[part]),
            np.cumsum(weight[part] * square[part]),
            np.cumsum(mean[part], axis=0),
        )
        for part in parts
    ]


def held_from(path: HazardPath, times: Floats) -> tuple[Floats, Floats]:
    """Return the cumulative hazard and its standard error at times; 0 before the first day."""
    place = np.searchsorted(path.day, times, side="right")
    return np.append(0.0, path.hazard)[place], np.append(0.0, path.std_error)[place]
