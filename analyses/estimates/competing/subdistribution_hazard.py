"""The cumulative subdistribution hazard at the covariates' means, with what it shares with the coefficients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analyses.estimates.competing.subdistribution_errors import hazard_scores
from analyses.estimates.competing.subdistribution_fit import SubdistributionFit
from analyses.estimates.tally import Floats


@dataclass(frozen=True, eq=False)
class SubdistributionHazard:
    """A step function, from day 0 on.

    Attributes:
        day: Day 0 and each day with an event of the cause.
        hazard: The cumulative hazard from the day on.
        variance: Its variance.
        shared: Its covariances with the coefficients, a row a day.
    """

    day: Floats
    hazard: Floats
    variance: Floats
    shared: Floats


def subdistribution_hazard(
    fit: SubdistributionFit, clusters: NDArray[np.int64] | None, *, known_weights: bool
) -> SubdistributionHazard:
    """Return Breslow's estimate (Efron's with his ties) with the robust variance of the coefficients' own kind."""
    likelihood, point = fit.likelihood, fit.point
    sample = likelihood.sample
    moved = fit.scores(known_weights=known_weights) @ fit.inverse_information
    share = likelihood.weight / point.total
    lines = np.column_stack([share, share[:, None] * point.mean])
    first = np.searchsorted(likelihood.day, np.arange(len(sample.days)))
    sums = np.cumsum(np.add.reduceat(lines, first), axis=0)
    variance, shared = np.zeros(len(sample.days)), np.zeros((len(sample.days), moved.shape[1]))
    for place in range(len(sample.days)):
        own = hazard_scores(likelihood, fit.coefficients, point, place + 1, known_weights=known_weights)
        variance[place], shared[place] = _spread(own - moved @ sums[place, 1:], moved, sample.count, clusters)
    return SubdistributionHazard(
        np.append(0.0, sample.days) if sample.days[0] > 0 else sample.days,
        *((_with_start(values, sample.days[0] > 0)) for values in (sums[:, 0], variance, shared)),
    )


def _spread(own: Floats, moved: Floats, count: Floats, clusters: NDArray[np.int64] | None) -> tuple[float, Floats]:
    """Return the sums of squares and of products of influences, taken together by cluster where there are clusters."""
    if clusters is None:
        return float(np.sum(count * own**2)), np.asarray((count * own) @ moved)
    whole = np.zeros((int(clusters.max()) + 1, 1 + moved.shape[1]))
    np.add.at(whole, clusters, np.column_stack([own, moved]) * count[:, None])
    return float(np.sum(whole[:, 0] ** 2)), np.asarray(whole[:, 0] @ whole[:, 1:])


def _with_start(values: Floats, start: bool) -> Floats:
    return np.concatenate([np.zeros((1, *values.shape[1:])), values]) if start else values
