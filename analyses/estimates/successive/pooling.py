"""Random-effects pooling of effects with known variances: heterogeneity, its variance, the mean and its limits."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from analyses.estimates.distributions import chi_square_p, normal_quantile
from cohort.errors import EstimationError

Floats = NDArray[np.float64]
Between = Literal["REML", "Paule-Mandel", "DerSimonian-Laird"]
Interval = Literal["hartung-knapp", "normal"]
_GRID = 400


@dataclass(frozen=True)
class Heterogeneity:
    """How unlike the effects are: Cochran's Q with its df and p value, and I2 = max(0, (Q - df) / Q)."""

    q: float
    df: int
    p_value: float
    i2: float


@dataclass(frozen=True)
class PooledEffect:
    """A random-effects mean.

    Attributes:
        mean: The mean of the cohorts' effects.
        std_error: Its standard error, with the adjustment that `interval` asks for.
        low: Lower confidence limit.
        high: Upper confidence limit.
        df: Degrees of freedom of the limits (k - 1); None for normal limits.
        predicted_low: Lower limit for the effect of a further cohort; None below three cohorts.
        predicted_high: Upper limit for it.
        predicted_df: Degrees of freedom of those limits (k - 2).
    """

    mean: float
    std_error: float
    low: float
    high: float
    df: int | None
    predicted_low: float | None
    predicted_high: float | None
    predicted_df: int | None


def heterogeneity_of(effects: Floats, variances: Floats) -> Heterogeneity:
    """Return Cochran's Q of k effects and what follows from it.

    Sources: Cochran WG. Biometrics 1954;10:101-29; Higgins JPT, Thompson SG. Stat Med 2002;21:1539-58.

    >>> heterogeneity_of(np.array([0.0, 2.0]), np.array([0.5, 0.5])).i2
    0.75
    """
    q, df = _generalized_q(effects, variances, 0.0), len(effects) - 1
    return Heterogeneity(q, df, chi_square_p(q, df), max(0.0, (q - df) / q) if q > 0 else 0.0)


def between_variance(effects: Floats, variances: Floats, method: Between) -> float:
    """Return tau2, the variance of the cohorts' true effects around their mean.

    With two cohorts all three methods give max(0, ((y1 - y2)^2 - v1 - v2) / 2).

    Raises:
        EstimationError: The method is unknown.

    Sources: DerSimonian R, Laird N. Control Clin Trials 1986;7:177-88; Paule RC, Mandel J. J Res Natl Bur Stand
    1982;87:377-85; Viechtbauer W. J Educ Behav Stat 2005;30:261-93 (REML).
    """
    ways = {"REML": _restricted_likelihood, "Paule-Mandel": _paule_mandel, "DerSimonian-Laird": _dersimonian_laird}
    if method not in ways:
        raise EstimationError(f"between={method!r} was given; it is one of {', '.join(map(repr, ways))}")
    return ways[method](effects, variances)


def pooled_effect(
    effects: Floats, variances: Floats, tau2: float, *, interval: Interval, confidence: float
) -> PooledEffect:
    """Return the inverse-variance mean under tau2, its limits, and the limits for a further cohort's true effect.

    "hartung-knapp" scales the variance by max(1, sum w (y - mean)^2 / (k - 1)) and takes t with k - 1 degrees of
    freedom: the modified form, which is never narrower than the plain one and does not collapse where cohorts agree.
    The prediction interval is mean -+ t sqrt(tau2 + std_error^2) with k - 2 degrees of freedom.

    Raises:
        EstimationError: The interval is unknown.

    Sources: Hartung J, Knapp G. Stat Med 2001;20:3875-89; Sidik K, Jonkman JN. Stat Med 2002;21:3153-9; Roever C,
    Knapp G, Friede T. BMC Med Res Methodol 2015;15:99 (modified form); Higgins JPT, Thompson SG, Spiegelhalter DJ.
    J R Stat Soc A 2009;172:137-59 (k - 2); Partlett C, Riley RD. Stat Med 2017;36:301-17.
    """
    if interval not in ("hartung-knapp", "normal"):
        raise EstimationError(f"interval={interval!r} was given; it is 'hartung-knapp' or 'normal'")
    k, weights = len(effects), 1 / (variances + tau2)
    mean = float(weights @ effects / weights.sum())
    variance, quantile, df = 1 / float(weights.sum()), normal_quantile(confidence), None
    if interval == "hartung-knapp":
        df = k - 1
        variance *= max(1.0, _generalized_q(effects, variances, tau2) / df)
        quantile = t_quantile(confidence, df)
    error = math.sqrt(variance)
    low, high = prediction_limits(mean, error, tau2, k, confidence)
    limits = (mean - quantile * error, mean + quantile * error)
    return PooledEffect(mean, error, *limits, df, low, high, None if low is None else k - 2)


def prediction_limits(
    mean: float, std_error: float, tau2: float, k: int, confidence: float
) -> tuple[float, float] | tuple[None, None]:
    """Return the limits within which the true effect of a further cohort lies; nulls below three cohorts."""
    if k < 3:
        return None, None
    half = t_quantile(confidence, k - 2) * math.sqrt(tau2 + std_error**2)
    return mean - half, mean + half


def t_quantile(confidence: float, df: int) -> float:
    """Return the two-sided quantile of Student's t that belongs to a coverage.

    >>> round(t_quantile(0.95, 1), 3)
    12.706
    """
    from scipy.special import stdtrit

    return float(stdtrit(df, 0.5 + confidence / 2))


def _generalized_q(effects: Floats, variances: Floats, tau2: float) -> float:
    weights = 1 / (variances + tau2)
    return float(weights @ (effects - weights @ effects / weights.sum()) ** 2)


def _dersimonian_laird(effects: Floats, variances: Floats) -> float:
    weights = 1 / variances
    excess = _generalized_q(effects, variances, 0.0) - (len(effects) - 1)
    return max(0.0, excess / float(weights.sum() - (weights**2).sum() / weights.sum()))


def _paule_mandel(effects: Floats, variances: Floats) -> float:
    """Return the tau2 at which the generalized Q, which falls as tau2 grows, equals k - 1."""
    from scipy.optimize import brentq

    df = len(effects) - 1
    if _generalized_q(effects, variances, 0.0) <= df:
        return 0.0
    # Q(t) <= sum (y - mean)^2 / t, so that the root cannot lie above this.
    highest = 1.01 * float(((effects - effects.mean()) ** 2).sum()) / df
    return float(brentq(lambda t: _generalized_q(effects, variances, t) - df, 0.0, highest, xtol=1e-15, rtol=1e-14))


def _restricted_likelihood(effects: Floats, variances: Floats) -> float:
    """Return the tau2 with the highest restricted likelihood: zero or a root of the score; several may exist."""
    from scipy.optimize import brentq

    scatter = float(((effects - effects.mean()) ** 2).sum()) / (len(effects) - 1)
    # Beyond max(v) and twice the scatter the score is negative.
    highest = max(float(variances.max()), 2 * scatter) * 1.01
    grid = np.concatenate([[0.0], np.geomspace(highest * 1e-9, highest, _GRID)])
    score = np.array([_score(effects, variances, t) for t in grid])
    falls = np.flatnonzero((score[:-1] > 0) & (score[1:] <= 0))
    roots = [
        float(brentq(lambda t: _score(effects, variances, t), grid[i], grid[i + 1], xtol=1e-15, rtol=1e-14))
        for i in falls
    ]
    return max([0.0, *roots], key=lambda t: _log_likelihood(effects, variances, t))


def _score(effects: Floats, variances: Floats, tau2: float) -> float:
    weights = 1 / (variances + tau2)
    mean = weights @ effects / weights.sum()
    trace = weights.sum() - (weights**2).sum() / weights.sum()
    return float((weights**2 @ (effects - mean) ** 2 - trace) / 2)


def _log_likelihood(effects: Floats, variances: Floats, tau2: float) -> float:
    total = variances + tau2
    spread = float(np.log(total).sum()) + math.log(float((1 / total).sum()))
    return -(spread + _generalized_q(effects, variances, tau2)) / 2
