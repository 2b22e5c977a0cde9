"""Newton's way to the maximum of the weighted partial likelihood, and whether there is one."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analyses.estimates.competing.censoring import censoring
from analyses.estimates.competing.subdistribution import Point, Ties, WeightedLikelihood
from analyses.estimates.competing.subdistribution_errors import censoring_scores, event_scores
from analyses.estimates.competing.subdistribution_sample import SubdistributionSample
from analyses.estimates.tally import Floats
from cohort.errors import EstimationError, some

STEPS, HALVINGS = 100, 40
# The square of the next step in standard errors, an event, at which coefficients are settled.
SETTLED = 1e-22
# For covariates of standard deviation 1, a standard error beyond this means that the likelihood has no maximum; where
# the fit did not settle, less says as much.
INFINITE_ERROR, UNSETTLED_ERROR = 1e4, 10.0
# Of a covariate's information, what the others leave: less is none.
SINGULAR = 1e-13


@dataclass(frozen=True, eq=False)
class SubdistributionFit:
    """A fitted subdistribution hazard.

    Attributes:
        likelihood: What was maximised, over covariates less `centre`.
        centre: The covariates' means.
        coefficients: Log subdistribution hazard ratios.
        point: The likelihood at these.
        inverse_information: The inverse of its information.
        log_likelihood_null: Its logarithm at 0.
    """

    likelihood: WeightedLikelihood
    centre: Floats
    coefficients: Floats
    point: Point
    inverse_information: Floats
    log_likelihood_null: float

    def scores(self, *, known_weights: bool) -> Floats:
        """Return each line's contribution to the score; with `known_weights` not that through the weights' estimate."""
        own = event_scores(self.likelihood, self.coefficients, self.point)
        return own if known_weights else own + censoring_scores(self.likelihood, self.coefficients, self.point)


def fit_subdistribution(sample: SubdistributionSample, ties: Ties, *, after_events: bool) -> SubdistributionFit:
    """Return the fit at the maximum.

    Raises:
        EstimationError: The likelihood has no maximum, or no single one.

    Sources: Fine JP, Gray RJ. J Am Stat Assoc 1999;94:496-509.
    """
    centre = np.average(sample.matrix, axis=0, weights=sample.count)
    centred = sample.matrix - centre
    scale = np.sqrt(np.average(centred**2, axis=0, weights=sample.count))
    likelihood = WeightedLikelihood(sample, centred / scale, censoring(sample, after_events=after_events), ties)
    null = likelihood.at(np.zeros(len(scale)))
    coefficients, top, settled = _maximum(likelihood, null)
    inverse = _inverse(top)
    _refuse_unbounded(sample, np.sqrt(np.abs(np.diag(inverse))), settled=settled)
    plain = replace(likelihood, centred=centred)
    back = np.outer(scale, scale)
    point = replace(top, score=top.score * scale, information=top.information * back, mean=top.mean * scale)
    return SubdistributionFit(plain, centre, coefficients / scale, point, inverse / back, null.value)


def sandwich(scores: Floats, inverse: Floats, count: Floats, clusters: NDArray[np.int64] | None) -> Floats:
    """Return the covariance that the scores' own spread gives, summed by cluster where there are clusters."""
    influence = scores @ inverse
    if clusters is None:
        return np.asarray((influence * count[:, None]).T @ influence)
    summed = np.zeros((int(clusters.max()) + 1, influence.shape[1]))
    np.add.at(summed, clusters, influence * count[:, None])
    return np.asarray(summed.T @ summed)


def _maximum(likelihood: WeightedLikelihood, here: Point) -> tuple[Floats, Point, bool]:
    coefficients = np.zeros(len(here.score))
    events, last = float(likelihood.sample.deaths.sum()), math.inf
    for _ in range(STEPS):
        step = _solved(here)
        if step is None:
            if not coefficients.any():
                raise EstimationError(
                    f"the information of {events:g} events on {some(likelihood.sample.names)} is singular: some "
                    "coefficient has no event to rest on; merge levels or leave it out"
                )
            return coefficients, here, False
        decrement = float(here.score @ step) / events
        # Past the second bound only rounding is left.
        if decrement < SETTLED or 1e-15 > decrement >= last / 4:
            return coefficients, here, True
        last = decrement
        found = _uphill(likelihood, coefficients, here, step)
        if found is None:
            return coefficients, here, decrement < 1e-15
        coefficients, here = found
    return coefficients, here, False


def _uphill(likelihood: WeightedLikelihood, start: Floats, here: Point, step: Floats) -> tuple[Floats, Point] | None:
    """Return the first of the step, its half, its quarter ... that does not lower the likelihood."""
    for _ in range(HALVINGS):
        there = likelihood.at(start + step)
        if np.isfinite(there.information).all() and there.value >= here.value - 1e-13 * abs(here.value):
            return start + step, there
        step = step / 2
    return None


def _solved(point: Point) -> Floats | None:
    """Return the information's inverse times the score; None where the information is singular."""
    scale = np.sqrt(np.abs(np.diag(point.information)))
    if not (np.isfinite(scale).all() and (scale > 0).all()):
        return None
    values, vectors = np.linalg.eigh(point.information / np.outer(scale, scale))
    if values[0] < SINGULAR:
        return None
    return np.asarray(vectors @ ((vectors.T @ (point.score / scale)) / values) / scale)


def _inverse(point: Point) -> Floats:
    scale = np.sqrt(np.maximum(np.diag(point.information), 1e-300))
    found = np.linalg.pinv(point.information / np.outer(scale, scale), rcond=1e-16, hermitian=True)
    return np.asarray(found / np.outer(scale, scale))


def _refuse_unbounded(sample: SubdistributionSample, errors: Floats, *, settled: bool) -> None:
    bound, events = INFINITE_ERROR if settled else UNSETTLED_ERROR, f"{sample.deaths.sum():g} events"
    endless = [name for name, error in zip(sample.names, errors, strict=True) if not error < bound]
    if endless:
        raise EstimationError(
            f"the likelihood of {events} has no maximum: the coefficient of {some(endless)} grows without bound, "
            "because the events fall on one side of it, or it all but follows from the others; merge levels or leave "
            "it out"
        )
    if not settled:
        raise EstimationError(
            f"the likelihood of {events} on {some(sample.names)} was not brought to its maximum in {STEPS} steps; "
            "a covariate that all but orders the events, or has a few huge values, does that: leave it out or "
            "transform it"
        )
