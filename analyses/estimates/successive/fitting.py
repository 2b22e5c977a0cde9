"""Fitting the models of success after failures to counts: maximum likelihood, its errors, and profile limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analyses.estimates.distributions import chi_square_p, normal_quantile
from analyses.estimates.successive.failure_counts import FailureCounts
from analyses.estimates.successive.frailty_course import Floats, Ints
from analyses.estimates.successive.models import Model

Target = Callable[[Floats], float]

_ROUNDS = 100
_ENOUGH, _IDLE = 1e-12, 6
_STEP = 1e-5
_STRIDES, _CLOSE = 24, 1e-7
# So near to a bound, in parts of the range, a parameter is at it.
_NEAR = 1e-6
# How hard a profile is pulled to its value; every point it reaches is exact, only its place moves a little.
_PULL = 1e4


@dataclass(frozen=True, eq=False)
class Fit:
    """A model at its maximum likelihood.

    Attributes:
        model: The model.
        theta: Its parameters.
        covariance: Inverse of the expected information; not a number for a parameter at its bound.
        log_likelihood: Of the verdicts one by one (no binomial coefficients).
        counts: What it was fitted to.
    """

    model: Model
    theta: Floats
    covariance: Floats
    log_likelihood: float
    counts: FailureCounts

    @property
    def alike(self) -> bool:
        """Whether a model with frailty is fitted with none."""
        return "frailty" in self.model.name and bool(self.theta[1] == 0)

    @property
    def at_edge(self) -> bool:
        """Whether a parameter lies at another edge, beyond which the likelihood still rises: no errors hold."""
        lost = np.isnan(np.diag(self.covariance))
        return bool(lost.sum() > self.alike)

    @property
    def aic(self) -> float:
        """-2 log-likelihood + 2 times the number of parameters."""
        return -2 * self.log_likelihood + 2 * len(self.theta)

    @property
    def df(self) -> int:
        """Numbers of failures minus parameters."""
        return len(self.counts.failures) - len(self.theta)

    def chances(self, failures: Ints) -> Floats:
        """Return the fitted chances after so many failures."""
        return self.model.chances(self.theta, failures)

    def pearson(self) -> tuple[float, float | None]:
        """Return Pearson's X2 of met and missed, and its p value; none without degrees of freedom."""
        p, n = self.chances(self.counts.failures), self.counts.counted
        x2 = float(((self.counts.met - n * p) ** 2 / (n * p * (1 - p))).sum())
        return x2, chi_square_p(x2, self.df) if self.df > 0 else None

    def std_error(self, target: Target) -> float | None:
        """Return the delta-method standard error of a function of the parameters; see `std_errors`."""
        return self.std_errors(lambda theta: np.array([target(theta)]))[0]

    def std_errors(self, targets: Callable[[Floats], Floats]) -> list[float | None]:
        """Return the delta-method standard errors of functions of the parameters; None where they do not exist.

        Where frailty is fitted as none, that is held.
        """
        if self.at_edge:
            return [None] * len(targets(self.theta))
        free = ~np.isnan(np.diag(self.covariance))
        with np.errstate(all="ignore"):
            slopes = _slopes(targets, self.theta, self.model)[:, free]
            variances = ((slopes @ self.covariance[np.ix_(free, free)]) * slopes).sum(axis=1)
        return [float(v**0.5) if np.isfinite(v) and v > 0 else None for v in variances]


@dataclass(frozen=True, eq=False)
class _Pull:
    """A penalty that holds a function of the parameters near a value."""

    target: Target
    value: float
    weight: float


def fit(model: Model, counts: FailureCounts) -> Fit:
    """Return the maximum likelihood of a model, the best from several starts.

    Scoring with damped steps inside the bounds; the counts need as many numbers of failures as the model has
    parameters.
    """
    first = (counts.met[0] + 0.5) / (counts.counted[0] + 1)
    low, high = np.array(model.low), np.array(model.high)
    found = [_maximum(model, counts, np.clip(start, low, high)) for start in model.starts(float(first))]
    theta = max(found, key=lambda theta: log_likelihood(model, theta, counts))
    if "frailty" in model.name and theta[1] < _NEAR * high[1]:
        theta[1] = 0.0
    return Fit(model, theta, _covariance(model, theta, counts), log_likelihood(model, theta, counts), counts)


def log_likelihood(model: Model, theta: Floats, counts: FailureCounts) -> float:
    """Return the log-likelihood of the verdicts one by one."""
    p = model.chances(theta, counts.failures)
    with np.errstate(divide="ignore", invalid="ignore"):
        met = np.where(counts.met > 0, counts.met * np.log(p), 0.0)
        missed = np.where(counts.missed > 0, counts.missed * np.log1p(-p), 0.0)
    return float((met + missed).sum())


def profile_limits(
    found: Fit, target: Target, level: float, bounds: tuple[float, float]
) -> tuple[float | None, float | None]:
    """Return the profile-likelihood limits of a function of the parameters.

    A value belongs to the interval while twice the log-likelihood lost by holding the function there stays below the
    chi-square quantile with 1 degree of freedom. A limit that is not met inside `bounds` is None; so are both at an
    edge.
    """
    if found.at_edge:
        return None, None
    error = found.std_error(target)
    scale = error if error is not None and error > 1e-9 else 0.1
    return (_one_limit(found, target, level, -scale, bounds[0]), _one_limit(found, target, level, scale, bounds[1]))


def _one_limit(found: Fit, target: Target, level: float, scale: float, bound: float) -> float | None:
    """Walk outwards from the estimate until too much is lost, then close in on where that begins.

    Steps are counted in the values aimed at: the pull stops a little short of them, which costs no accuracy, since
    the value that is reached is returned and the fit is the best one there.
    """
    allowed, weight = normal_quantile(level) ** 2 / 2, _PULL / scale**2
    inside, outside = (target(found.theta), 0.0), None
    theta, at, stride = found.theta, inside[0], scale
    for _ in range(_STRIDES):
        aim = inside[0] + stride if outside is None else _between(inside, outside, allowed)
        aim = min(aim, bound) if scale > 0 else max(aim, bound)
        reached = _maximum(found.model, found.counts, theta, _Pull(target, aim, weight))
        at = target(reached)
        lost = found.log_likelihood - log_likelihood(found.model, reached, found.counts)
        if abs(lost - allowed) < _CLOSE + 1e-14 * abs(found.log_likelihood):
            return at
        if lost > allowed:
            outside = (aim, lost)
            continue
        if outside is None and (aim == bound or abs(aim - at) > abs(stride) / 2):
            return None
        inside, theta, stride = (aim, max(lost, 0.0)), reached, 1.5 * stride
    return None if outside is None else at


def _between(inside: tuple[float, float], outside: tuple[float, float], allowed: float) -> float:
    """Return where the root of what is lost should cross its bound, held away from both ends."""
    low, high = inside[1] ** 0.5, outside[1] ** 0.5
    part = float(np.clip((allowed**0.5 - low) / (high - low), 0.02, 0.98))
    return inside[0] + part * (outside[0] - inside[0])


def _maximum(model: Model, counts: FailureCounts, start: Floats, pull: _Pull | None = None) -> Floats:
    theta, low, high = np.asarray(start, dtype=np.float64), np.array(model.low), np.array(model.high)
    value, damping, idle = _objective(model, theta, counts, pull), 1e-3, 0
    # A sum of so many logarithms is not known better than this.
    enough = _ENOUGH + 1e-15 * abs(value)
    for _ in range(_ROUNDS):
        score, information = _score(model, theta, counts, pull)
        free = ~((theta <= low) & (score < 0) | (theta >= high) & (score > 0))
        step = np.zeros_like(theta)
        curved = information[np.ix_(free, free)]
        step[free] = np.linalg.lstsq(curved + damping * np.diag(np.diag(curved) + 1e-12), score[free], rcond=None)[0]
        moved = np.clip(theta + step, low, high)
        gained = _objective(model, moved, counts, pull) - value
        idle = idle + 1 if abs(gained) < 10 * enough else 0
        if gained >= 0:
            theta, value, damping = moved, value + gained, max(damping / 8, 1e-9)
        else:
            damping *= 6
        if (float(score @ step) < enough and damping < 1) or idle >= _IDLE:
            break
    return theta


def _objective(model: Model, theta: Floats, counts: FailureCounts, pull: _Pull | None) -> float:
    value = log_likelihood(model, theta, counts)
    return value if pull is None else value - pull.weight * (pull.target(theta) - pull.value) ** 2 / 2


def _score(model: Model, theta: Floats, counts: FailureCounts, pull: _Pull | None) -> tuple[Floats, Floats]:
    """Return the derivative of the objective, and the expected information."""
    p = np.clip(model.chances(theta, counts.failures), 1e-300, 1 - 1e-16)
    slopes = _slopes(lambda at: model.chances(at, counts.failures), theta, model)
    weight = 1 / (p * (1 - p))
    score = slopes.T @ ((counts.met - counts.counted * p) * weight)
    information = slopes.T @ (slopes * (counts.counted * weight)[:, None])
    if pull is not None:
        slope = _slopes(lambda at: np.array([pull.target(at)]), theta, model)[0]
        score = score - pull.weight * (pull.target(theta) - pull.value) * slope
        information = information + pull.weight * np.outer(slope, slope)
    return score, information


def _covariance(model: Model, theta: Floats, counts: FailureCounts) -> Floats:
    low, high = np.array(model.low), np.array(model.high)
    near = _NEAR * (high - low)
    free = (theta > low + near) & (theta < high - near)
    _, information = _score(model, theta, counts, None)
    covariance = np.full_like(information, np.nan)
    inner = information[np.ix_(free, free)]
    if free.any() and np.linalg.cond(inner) < 1e14:
        covariance[np.ix_(free, free)] = np.linalg.inv(inner)
    return covariance


def _slopes(function: Callable[[Floats], Floats], theta: Floats, model: Model) -> Floats:
    """Return numerical derivatives, one column a parameter: central, and one-sided at a bound."""
    columns = []
    for i in range(len(theta)):
        up, down = theta.copy(), theta.copy()
        step = _STEP * max(abs(theta[i]), 0.1)
        up[i], down[i] = min(theta[i] + step, model.high[i]), max(theta[i] - step, model.low[i])
        columns.append((function(up) - function(down)) / (up[i] - down[i]))
    return np.stack(columns, axis=1)
