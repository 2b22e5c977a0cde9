"""Chances of success after m failures where subjects differ: sums over the distribution of what is unknown of them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Nodes = tuple[Floats, Floats]

# The trapezoid rule on the log odds: its error falls as exp(-2 pi^2 / spacing), what lies beyond REACH as exp(-REACH).
_SPACING, _REACH = 0.35, 36.0
# Below this correlation (or variance) subjects are alike to the last digit that matters.
_ALIKE = 1e-12

# A step of a fit asks for the same distribution again and again: for the likelihood, its slopes and what is held.
_KEPT = 64


@lru_cache(_KEPT)
def beta_course(mean: float, correlation: float, dependence: float, last: int) -> Floats:
    """Return the chances after 0 .. `last` failures where subjects' chances follow a beta distribution."""
    return history_chances(_one_beta(mean, correlation), dependence, np.arange(last + 1))


@lru_cache(_KEPT)
def normal_course(mean: float, variance: float, dependence: float, last: int) -> Floats:
    """Return the chances after 0 .. `last` failures where subjects' log odds are normal."""
    return history_chances(normal_nodes(mean, variance), dependence, np.arange(last + 1))


@lru_cache(_KEPT)
def _one_beta(mean: float, correlation: float) -> Nodes:
    return beta_nodes(mean, correlation)


def beta_nodes(mean: float | Floats, correlation: float) -> Nodes:
    """Return log odds and weights that stand for a beta distribution of chances in a sum; a row a mean where several.

    With a = mean (1 - correlation) / correlation and b likewise of 1 - mean, the log odds x have density proportional
    to exp(a x) / (1 + exp(x))^(a + b), which the trapezoid rule sums to the last digits. What lies beyond 36 log odds
    is as good as chance 0 or 1, and is summed into the outermost node as the geometric series that it is.
    """
    mean = np.asarray(mean)[..., None]
    middle = np.log(mean) - np.log1p(-mean)
    if correlation < _ALIKE:
        return middle, np.ones_like(middle)
    total = (1 - correlation) / correlation
    a, b = mean * total, (1 - mean) * total
    sd = np.sqrt(1 / a + 1 / b)
    spacing = min(_SPACING, 1 / np.sqrt(total))  # the log density curves by at most total / 4
    low = float((np.maximum(-_REACH, middle - 9 * sd - _REACH / a) - middle).min())
    high = float((np.minimum(_REACH, middle + 9 * sd + _REACH / b) - middle).max())
    from_middle = spacing * np.arange(np.floor(low / spacing), np.ceil(high / spacing) + 1)
    # Relative to the mode, so that nothing cancels where the distribution is narrow.
    logs = total * (mean * from_middle - np.log1p(mean * np.expm1(np.minimum(from_middle, 2 * _REACH))))
    weights = np.exp(logs - logs.max(axis=-1, keepdims=True))
    weights[..., :1] /= -np.expm1(-a * spacing)
    weights[..., -1:] /= -np.expm1(-b * spacing)
    return middle + from_middle, weights / weights.sum(axis=-1, keepdims=True)


def normal_nodes(mean: float | Floats, variance: float) -> Nodes:
    """Return log odds and weights that stand for a normal distribution of log odds in a sum (trapezoid rule)."""
    mean = np.asarray(mean)[..., None]
    if variance < _ALIKE:
        return mean, np.ones(1)
    sd = float(np.sqrt(variance))
    spacing = min(0.5, _SPACING / sd)
    z = spacing * np.arange(-np.ceil(8.5 / spacing), np.ceil(8.5 / spacing) + 1)
    weights = np.exp(-z * z / 2)
    return mean + sd * z, weights / weights.sum()


def history_chances(nodes: Nodes, dependence: float, failures: Ints) -> Floats:
    """Return the chance of success after m failures where subjects differ and each failure takes log odds.

    With q the own chance and p_j = expit(logit q - dependence * j), the chance after m failures is
    E[(1 - p_0) ... (1 - p_(m-1)) p_m] / E[(1 - p_0) ... (1 - p_(m-1))]. A row for each row of nodes, where several.
    """
    from scipy.special import expit

    log_odds, weights = nodes[0], nodes[1][..., None]
    at = log_odds[..., None, :] - dependence * np.arange(int(failures.max()) + 1)[:, None]
    fails = expit(-at)
    still = np.empty_like(at)
    still[..., 0, :] = 1.0
    np.cumprod(fails[..., :-1, :], axis=-2, out=still[..., 1:, :])
    reached = (still @ weights)[..., 0]
    met = ((still * expit(at)) @ weights)[..., 0]
    found = np.divide(met, reached, out=np.ones_like(met), where=reached > 0)
    return np.asarray(found[..., failures])
