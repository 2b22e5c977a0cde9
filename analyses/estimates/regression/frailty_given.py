"""A Cox regression with a shared gamma frailty whose variance is given: its maximum and its information."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analyses.estimates.regression.frailty_likelihood import HazardPoint, SharedHazard
from cohort.errors import EstimationError

Floats = NDArray[np.float64]
STEPS, HALVINGS, SWEEPS = 60, 40, 500
# Newton's decrement an event at which the next step is the last.
SETTLED = 1e-13
# The residual to which a step's equations are solved, and those of the information.
STEP_RESIDUAL, RESIDUAL = 1e-7, 1e-12


@dataclass(frozen=True, eq=False)
class GivenVariance:
    """The maximum over coefficients and log frailties at one frailty variance.

    Attributes:
        variance: The variance.
        coefficients: Of the standardised columns.
        log_frailty: The logarithm of each cluster's posterior mean.
        point: The partial likelihood there.
        value: The marginal log likelihood, baseline profiled out; at variance 0 the log partial likelihood.
        slope: Its derivative by the logarithm of the variance.
    """

    variance: float
    coefficients: Floats
    log_frailty: Floats
    point: HazardPoint
    value: float
    slope: float


def fit_given(hazard: SharedHazard, variance: float, start: tuple[Floats, Floats]) -> GivenVariance:
    """Return the maximum at a variance above 0, from a start of coefficients and log frailties.

    The marginal likelihood of clusters with gamma frailty, its baseline profiled out, is the highest value over log
    frailties w of: log partial likelihood + sum of (w - exp(w) + 1) / variance + a function of the variance. That is
    concave, and Newton's method finds in few steps what EM steps reach slowly; the posterior means are exp(w).

    Raises:
        EstimationError: It was not brought to its maximum.
    """
    beta, w = start
    here = _valued(hazard, variance, beta, w)
    events = float(hazard.deaths.sum())
    for _ in range(STEPS):
        equations = Equations(hazard, variance, w, here[1])
        step_beta, step_w, decrement = equations.newton()
        there = _uphill(hazard, variance, (beta, w), (step_beta, step_w), here)
        if there is None:
            break
        beta, w, here = there
        if decrement < SETTLED * events:
            return GivenVariance(variance, beta, w, here[1], *_marginal(hazard, variance, w, here[0]))
    raise EstimationError(
        f"the likelihood of {events:g} events with a frailty of variance {variance:g} was not brought to its maximum "
        f"in {STEPS} steps; a covariate that all but orders the events does that: leave it out or transform it"
    )


Here = tuple[float, HazardPoint]


def _valued(hazard: SharedHazard, variance: float, beta: Floats, w: Floats) -> Here:
    point = hazard.at(beta, w)
    with np.errstate(all="ignore"):
        return point.value + float((w - np.expm1(w)).sum()) / variance, point


def _uphill(
    hazard: SharedHazard, variance: float, start: tuple[Floats, Floats], step: tuple[Floats, Floats], here: Here
) -> tuple[Floats, Floats, Here] | None:
    """Return the first of the step, its half, its quarter... that does not lower the likelihood."""
    slack, share = 1e-12 * max(abs(here[0]), 1.0), 1.0
    for _ in range(HALVINGS):
        beta, w = (part + share * away for part, away in zip(start, step, strict=True))
        there = _valued(hazard, variance, beta, w)
        if there[0] >= here[0] - slack:
            return beta, w, there
        share /= 2
    return None


def _marginal(hazard: SharedHazard, variance: float, w: Floats, penalised: float) -> tuple[float, float]:
    """Return the marginal log likelihood and its derivative by the logarithm of the variance."""
    d = hazard.deaths
    counts = np.bincount(d.astype(np.int64))
    # How many clusters have more than k events, k from 1 on.
    above = np.cumsum(counts[::-1])[::-1][2:]
    earlier = variance * np.arange(1, len(above) + 1)
    each = d - np.log1p(d * variance) / variance - np.log1p(d * variance) * d
    value = penalised + float(each.sum()) + float(above @ np.log1p(earlier))
    slope = float(above @ (earlier / (1 + earlier)))
    slope += float((np.log1p(d * variance) - d * variance - (w - np.expm1(w))).sum()) / variance
    return value, slope


class Equations:
    """The second derivatives at a point, with the log frailties' block solved by conjugate gradients."""

    def __init__(self, hazard: SharedHazard, variance: float, w: Floats, point: HazardPoint) -> None:
        self.hazard, self.variance, self.w, self.point = hazard, variance, w, point
        self.held = np.exp(w) / variance
        own = hazard.curvature(point, hazard.x)
        self.of_coefficients = hazard.x.T @ own
        self.crossed = hazard.by_cluster(own)
        self.guess = hazard.by_cluster(point.expected) + self.held

    def newton(self) -> tuple[Floats, Floats, float]:
        """Return the step of coefficients and of log frailties, and the decrement."""
        hazard = self.hazard
        lacking = hazard.event - self.point.expected
        score = hazard.x.T @ lacking
        pull = hazard.by_cluster(lacking) - np.expm1(self.w) / self.variance
        solved = self.solve(np.column_stack([self.crossed, pull]), STEP_RESIDUAL)
        left, alone = solved[:, :-1], solved[:, -1]
        step = np.linalg.solve(self.of_coefficients - self.crossed.T @ left, score - self.crossed.T @ alone)
        step_w = alone - left @ step
        return step, step_w, float(score @ step + pull @ step_w)

    def information(self) -> Floats:
        """Return the observed information of coefficients and log variance, baseline and frailties profiled out."""
        d, variance = self.hazard.deaths, self.variance
        bent = (1 - np.exp(self.w)) / variance
        counts = np.bincount(d.astype(np.int64))
        above = np.cumsum(counts[::-1])[::-1][2:]
        earlier = variance * np.arange(1, len(above) + 1)
        second = float(above @ (earlier / (1 + earlier) ** 2)) + float((self.w - np.expm1(self.w)).sum()) / variance
        filled = d * variance
        second += float((filled / (1 + filled) - np.log1p(filled)).sum()) / variance
        sides = np.column_stack([self.crossed, bent])
        found = np.zeros((sides.shape[1], sides.shape[1]))
        found[:-1, :-1], found[-1, -1] = self.of_coefficients, -second
        found -= sides.T @ self.solve(sides, RESIDUAL)
        return np.asarray((found + found.T) / 2)

    def solve(self, sides: Floats, residue: float) -> Floats:
        """Return the solutions of the log frailties' equations, one column each."""
        found, residual = np.zeros_like(sides), sides.copy()
        ready = residual / self.guess[:, None]
        direction, size = ready.copy(), (residual * ready).sum(axis=0)
        enough = residue**2 * size
        for _ in range(SWEEPS):
            if (size <= enough).all():
                break
            turned = self._turned(direction)
            along = (direction * turned).sum(axis=0)
            share = np.divide(size, along, out=np.zeros_like(size), where=(along > 0) & (size > enough))
            found += share * direction
            residual -= share * turned
            ready = residual / self.guess[:, None]
            last, size = size, (residual * ready).sum(axis=0)
            direction = ready + np.divide(size, last, out=np.zeros_like(size), where=last > 0) * direction
        return found

    def _turned(self, direction: Floats) -> Floats:
        hazard = self.hazard
        spread = hazard.by_cluster(hazard.curvature(self.point, direction[hazard.cluster]))
        return spread + self.held[:, None] * direction
