"""The Cox regression itself: Newton's way to the maximum of the partial likelihood, and whether there is one."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analyses.estimates.regression.cox_exact import ExactLikelihood
from analyses.estimates.regression.cox_kernel import PartialLikelihood, Point
from analyses.estimates.regression.cox_layout import layout
from analyses.estimates.regression.sample import Sample
from cohort.errors import EstimationError, some

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
STEPS, HALVINGS = 100, 60
# Newton's decrement (the square of the next step in standard errors) an event at which the information is settled to
# ten digits, and at which only rounding is left.
SETTLED, ROUNDING = 1e-22, 1e-15
# For covariates of standard deviation 1, a standard error beyond this means that the likelihood has no maximum; where
# the fit did not settle, less says as much.
INFINITE_ERROR, UNSETTLED_ERROR = 1e4, 10.0
# Of a column's information, what the others leave: less is none.
SINGULAR = 1e-13


@dataclass(frozen=True, eq=False)
class CoxFit:
    """Coefficients with their covariance, log likelihoods without and with the covariates, and the score test of 0."""

    coefficients: Floats
    covariance: Floats
    log_likelihood_null: float
    log_likelihood: float
    score: float


def fit(sample: Sample, ties: str = "efron", order: Places | None = None) -> CoxFit:
    """Return the maximum partial likelihood fit; `ties` is "efron", "breslow" or "exact".

    `order` is the rows' canonical order where it is known.

    Raises:
        EstimationError: The likelihood has no maximum (a covariate separates events from the others), or no unique one.

    Sources: Cox DR. J R Stat Soc B 1972;34:187-220; Efron B. J Am Stat Assoc 1977;72:557-65; Breslow N. Biometrics
    1974;30:89-99; Gail MH, Lubin JH, Rubinstein LV. Biometrika 1981;68:703-7.
    """
    rows = layout(sample, order)
    at = ExactLikelihood(rows).at if ties == "exact" else PartialLikelihood(rows, ties).at
    events = int(rows.deaths.sum())
    null = at(np.zeros(len(rows.columns)))
    step = _solved(null, null.score)
    if step is None:
        raise EstimationError(
            f"the information of {events} events on {some(sample.names)} is singular: some coefficient has no event to "
            "rest on; merge levels or leave it out"
        )
    coefficients, top, settled = _maximum(at, null, step, events)
    covariance = _inverse(top)
    _refuse_unbounded(sample, np.sqrt(np.abs(np.diag(covariance))), events, unsettled=not settled)
    scale = rows.scale
    score = float(null.score @ step)
    return CoxFit(coefficients / scale, covariance / np.outer(scale, scale), null.value, top.value, score)


def _maximum(at: Callable[[Floats], Point], here: Point, step: Floats, events: int) -> tuple[Floats, Point, bool]:
    """Return the coefficients at the maximum, the likelihood there, and whether the way has ended."""
    coefficients, last = np.zeros(len(step)), math.inf
    for _ in range(STEPS):
        decrement = float(here.score @ step) / events
        if decrement < SETTLED or ROUNDING > decrement >= last / 4:
            return coefficients + step, here, True
        last = decrement
        found = _uphill(at, coefficients, here, step)
        if found is None:
            return coefficients, here, decrement < ROUNDING
        coefficients, here = found
        following = _solved(here, here.score)
        if following is None:
            return coefficients, here, False
        step = following
    return coefficients, here, False


def _uphill(at: Callable[[Floats], Point], start: Floats, here: Point, step: Floats) -> tuple[Floats, Point] | None:
    """Return the first of the step, its half, its quarter... that does not lower the likelihood."""
    slack = 1e-13 * abs(here.value)
    for _ in range(HALVINGS):
        there = at(start + step)
        if np.isfinite(there.information).all() and there.value >= here.value - slack:
            return start + step, there
        step = step / 2
    return None


def _solved(point: Point, score: Floats) -> Floats | None:
    """Return the information's inverse times the score; None where the information is singular."""
    scale = np.sqrt(np.abs(np.diag(point.information)))
    if not (np.isfinite(scale).all() and (scale > 0).all()):
        return None
    scaled = point.information / np.outer(scale, scale)
    values, vectors = np.linalg.eigh(scaled)
    if values[0] < SINGULAR:
        return None
    return np.asarray(vectors @ ((vectors.T @ (score / scale)) / values) / scale)


def _inverse(point: Point) -> Floats:
    told = np.diag(point.information)
    if not (np.isfinite(point.information).all() and (told > 0).all()):
        return np.diag(np.where(told > 0, 1 / np.where(told > 0, told, 1.0), np.inf))
    scale = np.sqrt(told)
    found = np.linalg.pinv(point.information / np.outer(scale, scale), rcond=1e-16, hermitian=True)
    return np.asarray(found / np.outer(scale, scale))


def _refuse_unbounded(sample: Sample, errors: Floats, events: int, *, unsettled: bool) -> None:
    bound = UNSETTLED_ERROR if unsettled else INFINITE_ERROR
    endless = [name for name, error in zip(sample.names, errors, strict=True) if not error < bound]
    if endless:
        raise EstimationError(
            f"the likelihood of {events} events has no maximum: the coefficient of {some(endless)} grows without "
            "bound, because the events fall on one side of it, or it all but follows from the others; merge levels or "
            "leave it out"
        )
    if unsettled:
        raise EstimationError(
            f"the likelihood of {events} events on {some(sample.names)} was not brought to its maximum in "
            f"{STEPS} steps; a covariate that all but orders the events, or has a few huge values, does that: leave it "
            "out or transform it"
        )
