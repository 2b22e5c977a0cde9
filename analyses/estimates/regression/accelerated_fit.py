"""The accelerated failure time fit itself: Newton's method where the log-likelihood is concave."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analyses.estimates.regression.accelerated_distributions import ERRORS, FIXED_SCALE, Distribution, Error, Floats
from analyses.estimates.regression.accelerated_terms import Terms, TimeSample, terms
from analyses.estimates.regression.accelerated_unbounded import refuse_unbounded, unsettled

_STEPS, _HALVINGS = 100, 40
_ENOUGH = 1e-9
# For covariates of standard deviation 1: a variance beyond this asks whether there is a maximum at all.
_VAGUE = 1e6
# A robust variance below this share of the plain one is nothing but rounding.
_ROUNDED = 1e-14


@dataclass(frozen=True, eq=False)
class AcceleratedFit:
    """A fitted accelerated failure time regression: log T = intercept + x beta + scale * error.

    Attributes:
        coefficients: Intercept and beta.
        scale: The scale; 1 for exponential times.
        covariance: Of intercept, beta and, where the scale is estimated, its logarithm.
        hazard_covariance: Of intercept / scale, beta / scale and, where it is estimated, 1 / scale.
        scores: Each row's derivative by the parameters of `hazard_covariance` (times no count).
        log_likelihood: On the scale of T.
    """

    coefficients: Floats
    scale: float
    covariance: Floats
    hazard_covariance: Floats
    scores: Floats
    log_likelihood: float


@dataclass(frozen=True, eq=False)
class _Problem:
    sample: TimeSample
    columns: Floats
    error: Error
    fixed: bool

    def terms(self, theta: Floats) -> Terms:
        return terms(self.sample, self.error, self.columns @ theta[:-1], float(theta[-1]))

    def value(self, theta: Floats) -> float:
        """Return the log-likelihood; minus infinity outside the parameters' range."""
        if not theta[-1] > 0:
            return -np.inf
        found = float(self.sample.count @ self.terms(theta).value)
        return found if np.isfinite(found) else -np.inf

    def scores(self, found: Terms) -> Floats:
        by_gamma = self.columns * found.by_location[:, None]
        return by_gamma if self.fixed else np.column_stack([by_gamma, found.by_tau])

    def information(self, found: Terms) -> Floats:
        """Return minus the second derivatives of the log-likelihood."""
        weighted = self.columns * (self.sample.count * found.location)[:, None]
        gamma = -self.columns.T @ weighted
        if self.fixed:
            return np.asarray(gamma)
        mixed = -self.columns.T @ (self.sample.count * found.mixed)
        corner = -self.sample.count @ found.tau
        return np.block([[gamma, mixed[:, None]], [mixed[None, :], np.array([[corner]])]])


def fit_accelerated(sample: TimeSample, distribution: Distribution) -> AcceleratedFit:
    """Return the maximum likelihood fit, by Newton's method on beta / scale and 1 / scale.

    In these parameters every row's log-likelihood is concave, but for late entry; errors are then carried over to beta
    and the log of the scale, as R's survreg gives them.

    Raises:
        EstimationError: The likelihood has no maximum: a coefficient grows without bound or the scale runs to 0.

    Sources: Olsen RJ. Econometrica 1978;46:1211-5; Burridge J. J R Stat Soc B 1981;43:41-5.
    """
    centre, spread = _standards(sample.matrix)
    columns = np.column_stack([np.ones(len(sample.left)), (sample.matrix - centre) / spread])
    problem = _Problem(sample, columns, ERRORS[distribution], distribution in FIXED_SCALE)
    theta = _maximum(problem)
    # Back from covariates of mean 0 and standard deviation 1.
    width = columns.shape[1]
    back = np.eye(width + (not problem.fixed))
    back[1:width, 1:width] /= spread[:, None] * np.ones(width - 1)
    back[0, 1:width] = -centre / spread
    return _reported(problem, theta, back)


def _reported(problem: _Problem, theta: Floats, back: Floats) -> AcceleratedFit:
    found = problem.terms(theta)
    width = problem.columns.shape[1]
    gamma, tau = back[:width, :width] @ theta[:-1], float(theta[-1])
    inverse = back @ np.linalg.inv(problem.information(found)) @ back.T
    jacobian = carried_over(gamma, tau, len(inverse))
    scores = problem.scores(found) @ np.linalg.inv(back)
    covariance = jacobian @ inverse @ jacobian.T
    value = float(problem.sample.count @ found.value)
    return AcceleratedFit(gamma / tau, 1 / tau, covariance, inverse, scores, value)


def carried_over(gamma: Floats, tau: float, size: int) -> Floats:
    """Return the derivatives of beta and the log of the scale by gamma = beta / scale and tau = 1 / scale."""
    jacobian = np.eye(size)
    jacobian[: len(gamma), : len(gamma)] /= tau
    if size > len(gamma):
        jacobian[:-1, -1] = -gamma / tau**2
        jacobian[-1, -1] = -1 / tau
    return jacobian


def robust(fit: AcceleratedFit, sample: TimeSample, clusters: np.ndarray) -> tuple[Floats, Floats]:
    """Return `covariance` and `hazard_covariance` that allow for dependence within clusters (numbered from 0).

    A^-1 (sum of s s') A^-1, s the sum of a cluster's scores, without small-sample factor. R's survreg(cluster = )
    differs where times are interval-censored: there its scores (survival 3.5-3) have the scale's sign wrong and do not
    add up to 0.
    """
    summed = np.zeros((int(clusters.max()) + 1, fit.scores.shape[1]))
    np.add.at(summed, clusters, fit.scores * sample.count[:, None])
    influence = summed @ fit.hazard_covariance
    jacobian = carried_over(fit.coefficients / fit.scale, 1 / fit.scale, influence.shape[1])
    pairs = ((influence @ jacobian.T, fit.covariance), (influence, fit.hazard_covariance))
    reported, hazards = (_sum_of_squares(part, plain) for part, plain in pairs)
    return reported, hazards


def _sum_of_squares(influence: Floats, plain: Floats) -> Floats:
    """Return the sum of squares, without what is left by rounding where few clusters leave nothing."""
    found = influence.T @ influence
    held = np.diag(found) > _ROUNDED * np.diag(plain)
    return np.asarray(found * np.outer(held, held))


def _standards(matrix: Floats) -> tuple[Floats, Floats]:
    if not matrix.shape[1]:
        return np.zeros(0), np.ones(0)
    return matrix.mean(axis=0), matrix.std(axis=0)


def _maximum(problem: _Problem) -> Floats:
    theta = _start(problem)
    free = len(theta) - problem.fixed
    reached = problem.value(theta)
    for _ in range(_STEPS):
        found = problem.terms(theta)
        information = problem.information(found)
        move = np.zeros(len(theta))
        move[:free], damped = _newton(information, problem.sample.count @ problem.scores(found))
        if np.abs(move).max() <= _ENOUGH * (1 + np.abs(theta).max()) and not damped:
            if np.diag(np.linalg.inv(information)).max() > _VAGUE:
                refuse_unbounded(problem.sample, fixed=problem.fixed)
            return theta + move
        theta, reached = _uphill(problem, theta, move, reached)
    refuse_unbounded(problem.sample, fixed=problem.fixed)
    raise unsettled(problem.sample)


def _newton(information: Floats, gradient: Floats) -> tuple[Floats, bool]:
    """Return Newton's step and whether it is damped, as where late entry or a flat likelihood asks for it."""
    size = np.abs(np.diag(information))
    for damping in (0.0, *10.0 ** np.arange(-6, 6)):
        try:
            damped = information + damping * np.diag(size + 1e-300)
            np.linalg.cholesky(damped)
            return np.asarray(np.linalg.solve(damped, gradient)), damping > 0
        except np.linalg.LinAlgError:
            continue
    return np.zeros(len(gradient)), True


def _uphill(problem: _Problem, theta: Floats, move: Floats, reached: float) -> tuple[Floats, float]:
    """Return the whole step, or half of it, and so on, until the likelihood does not fall."""
    least = reached - 1e-13 * (1 + abs(reached))
    for halving in range(_HALVINGS):
        tried = theta + move / 2**halving
        value = problem.value(tried)
        if value >= least:
            return tried, value
    return theta, reached


def _start(problem: _Problem) -> Floats:
    """Return the mean log time, and a scale of its spread, without covariates."""
    sample, theta = problem.sample, np.zeros(problem.columns.shape[1] + 1)
    seen = np.concatenate([sample.exact, sample.survived, sample.failed, sample.between])
    left, right = sample.left[seen], sample.right[seen]
    low, high = np.where(left == 0, right, left), np.where(np.isinf(right), left, right)
    y = (np.log(low) + np.log(high)) / 2
    count = sample.count[seen]
    mean = float(count @ y / count.sum())
    spread = float(np.sqrt(count @ (y - mean) ** 2 / count.sum()))
    theta[-1] = 1.0 if problem.fixed or not spread > 0 else 1 / spread
    theta[0] = mean * theta[-1]
    return theta
