"""How much of the fall in success is selection, by covariates and by what is unknown of a subject together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analyses.estimates.successive.covariate_cells import CovariateCells
from analyses.estimates.successive.covariate_models import course_by_pattern
from analyses.estimates.successive.fitting import profile_limits
from analyses.estimates.successive.frailty_course import Floats
from analyses.estimates.successive.mechanism_rows import Pair
from analyses.estimates.successive.models import BY_NAME, Model
from analyses.estimates.successive.selection import MOST, Share

FURTHEST = 3.0
"""A limit of the share is not sought beyond this: with covariates the search is slow, and so wide a limit says none."""

MANY = 256
"""With more patterns of covariates than this no limit is sought."""


@dataclass(frozen=True, eq=False)
class Standard:
    """The cohort for which chances are summed over covariates: those counted after the fewest failures, by pattern."""

    cells: CovariateCells
    weights: Floats

    def chances(self, model: Model, theta: Floats, last: int) -> Floats:
        """Return the cohort's chances after 0 .. `last` failures, had everybody gone on until success."""
        own = course_by_pattern(model, self.cells, theta, last)
        still = np.ones_like(own)
        np.cumprod(1 - own[:, :-1], axis=1, out=still[:, 1:])
        return np.asarray(self.weights @ (still * own) / (self.weights @ still))


def standard_of(cells: CovariateCells) -> Standard:
    """Return the cohort at its first counted treatment."""
    first = cells.failures == cells.failures.min()
    counted = np.where(first, cells.met + cells.missed, 0)
    summed = np.bincount(cells.pattern, weights=counted, minlength=len(cells.columns))
    return Standard(cells, summed.astype(np.float64))


def covariate_shares(pair: Pair, cells: CovariateCells, level: float) -> list[Share]:
    """Return, for every treatment number after the first counted one, the part of the fall that is selection.

    What remains of the cohort's fall when the fitted dependence is set to nothing, and the covariates and the frailty
    are kept. Profile limits, which are slow here, are of the last treatment number alone.
    """
    standard, failures = standard_of(cells), np.unique(cells.failures)
    asked = level if len(cells.columns) <= MANY else None
    found = [_share(pair, standard, (int(failures[0]), int(m)), None) for m in failures[1:-1]]
    return [*found, _share(pair, standard, (int(failures[0]), int(failures[-1])), asked)]


def _share(pair: Pair, standard: Standard, between: tuple[int, int], level: float | None) -> Share:
    found, alone, number = pair.full, BY_NAME[pair.frailty.model.name], between[1] + 1
    full, size = BY_NAME[found.model.name], len(alone.low)

    def target(theta: Floats) -> float:
        """Return the share of the fall that is left without dependence."""
        both = standard.chances(full, theta, between[1])[list(between)]
        left = standard.chances(alone, np.delete(theta, size), between[1])[list(between)]
        fall = both[0] - both[1]
        return float((left[0] - left[1]) / fall) if fall > 1e-9 else 2 * MOST

    estimate = target(found.theta)
    if estimate >= MOST or found.at_edge:
        return Share(number, None)
    limits = (None, None) if level is None else profile_limits(found, target, level, (0.0, max(FURTHEST, estimate)))
    return Share(number, estimate, found.std_error(target), limits)
