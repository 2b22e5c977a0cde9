"""How the chance of success may hang on the number of failures before it: the models, as frozen values.

Every model gives p_m, the chance that a treatment succeeds after m failures, among those who have failed m times. With
such chances the likelihood of the counts, the product over m of p_m^met (1 - p_m)^missed, is that of the subjects'
whole histories, as long as going on depends on nothing but the history.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Nodes = tuple[Floats, Floats]

# The trapezoid rule on the log odds: its error falls as exp(-2 pi^2 / spacing), what lies beyond REACH as exp(-REACH).
_SPACING, _REACH = 0.35, 36.0
# Below this correlation (or variance) subjects are alike to the last digit that matters.
_ALIKE = 1e-12


@dataclass(frozen=True)
class Reported:
    """A number that is reported of a fit: its name, and the scale on which its limits are symmetric.

    `scale` is "identity", "log" or "logit".
    """

    name: str
    scale: str


@dataclass(frozen=True, eq=False)
class Model:
    """A way in which the chance of success depends on the number of failures.

    Attributes:
        name: What it is called in results.
        low: Lower bounds of its parameters.
        high: Upper bounds.
        starts: Where to look for the maximum, given the share of success at the first number of failures.
        chances: The chances p_m of parameters and failures m.
        reported: What is reported of a fit.
        report: Those numbers, of the parameters; infinite or not a number where they do not exist.
    """

    name: str
    low: tuple[float, ...]
    high: tuple[float, ...]
    starts: Callable[[float], list[tuple[float, ...]]]
    chances: Callable[[Floats, Ints], Floats]
    reported: tuple[Reported, ...]
    report: Callable[[Floats], Floats]


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
    still = np.ones_like(at)
    np.cumprod(fails[..., :-1, :], axis=-2, out=still[..., 1:, :])
    reached = (still @ weights)[..., 0]
    met = ((still * expit(at)) @ weights)[..., 0]
    found = np.divide(met, reached, out=np.ones_like(met), where=reached > 0)
    return np.asarray(found[..., failures])


def _constant(theta: Floats, failures: Ints) -> Floats:
    return np.full(len(failures), theta[0])


def _beta(theta: Floats, failures: Ints) -> Floats:
    """Return a / (a + b + m), written with the mean and 1 / (a + b) so that it holds where subjects are alike."""
    return np.asarray(theta[0] / (1 + failures * theta[1] / (1 - theta[1])))


def _normal(theta: Floats, failures: Ints) -> Floats:
    return history_chances(normal_nodes(theta[0], theta[1]), 0.0, failures)


def _two_classes(theta: Floats, failures: Ints) -> Floats:
    share, chance = theta
    still = share * np.power(1 - chance, failures)
    return np.asarray(chance * still / (still + 1 - share))


def _dependence(theta: Floats, failures: Ints) -> Floats:
    from scipy.special import expit

    return np.asarray(expit(theta[0] - theta[1] * failures))


def _beta_and_dependence(theta: Floats, failures: Ints) -> Floats:
    return history_chances(beta_nodes(theta[0], theta[1]), theta[2], failures)


def _normal_and_dependence(theta: Floats, failures: Ints) -> Floats:
    return history_chances(normal_nodes(theta[0], theta[1]), theta[2], failures)


def _log_odds(chance: float) -> float:
    return float(np.log(chance / (1 - chance)))


def _plain(theta: Floats) -> Floats:
    return theta


def _with_odds_ratio(theta: Floats) -> Floats:
    return np.append(theta, np.exp(theta[1]))


def _with_shapes(theta: Floats) -> Floats:
    mean, correlation = theta[:2]
    total = (1 - correlation) / correlation if correlation > 0 else np.inf
    return np.concatenate([theta, [mean * total, (1 - mean) * total]])


def _with_sd(theta: Floats) -> Floats:
    return np.concatenate([theta[:1], np.sqrt(theta[1:2]), theta[2:]])


_EDGE = 1e-7
_CHANCE, _CORRELATION = Reported("chance", "logit"), Reported("correlation", "logit")
_MEAN, _A, _B = Reported("mean chance", "logit"), Reported("a", "log"), Reported("b", "log")
_DEPENDENCE = Reported("dependence", "identity")
_NORMAL = Reported("mean log odds", "identity"), Reported("sd of log odds", "log")

CONSTANT = Model("constant", (_EDGE,), (1 - _EDGE,), lambda p: [(p,)], _constant, (_CHANCE,), _plain)
BETA_FRAILTY = Model(
    "beta frailty",
    (_EDGE, 0.0),
    (1 - _EDGE, 0.99),
    lambda p: [(p, 0.3), (p, 0.02)],
    _beta,
    (_MEAN, _CORRELATION, _A, _B),
    _with_shapes,
)
RESPONDERS = Model(
    "responders and resistant",
    (_EDGE, _EDGE),
    (1 - _EDGE, 1 - _EDGE),
    lambda p: [
        ((1 + p) / 2, 2 * p / (1 + p)),
        (0.1 + 0.9 * p, p / (0.1 + 0.9 * p)),
        (0.95, p / 0.95 if p < 0.9 else p),
    ],
    _two_classes,
    (Reported("share of responders", "logit"), _CHANCE),
    _plain,
)
DEPENDENCE = Model(
    "dependence",
    (-16.0, -4.0),
    (16.0, 4.0),
    lambda p: [(_log_odds(p), 0.3), (_log_odds(p), 0.0)],
    _dependence,
    (Reported("log odds", "identity"), _DEPENDENCE, Reported("odds ratio of failure", "log")),
    _with_odds_ratio,
)
BETA_AND_DEPENDENCE = Model(
    "beta frailty and dependence",
    (_EDGE, 0.0, -4.0),
    (1 - _EDGE, 0.99, 4.0),
    lambda p: [(p, 0.3, 0.0), (p, 0.05, 0.3), (p, 0.6, -0.3)],
    _beta_and_dependence,
    (_MEAN, _CORRELATION, _DEPENDENCE, _A, _B),
    _with_shapes,
)
NORMAL_FRAILTY = Model(
    "logit-normal frailty",
    (-16.0, 0.0),
    (16.0, 64.0),
    lambda p: [(_log_odds(p), 1.5), (_log_odds(p), 0.1)],
    _normal,
    _NORMAL,
    _with_sd,
)
NORMAL_AND_DEPENDENCE = Model(
    "logit-normal frailty and dependence",
    (-16.0, 0.0, -4.0),
    (16.0, 64.0, 4.0),
    lambda p: [(_log_odds(p), 1.5, 0.0), (_log_odds(p), 0.2, 0.3), (_log_odds(p), 5.0, -0.3)],
    _normal_and_dependence,
    (*_NORMAL, _DEPENDENCE),
    _with_sd,
)

FIVE = (CONSTANT, BETA_FRAILTY, RESPONDERS, DEPENDENCE, BETA_AND_DEPENDENCE)
"""The models among which `mechanism` tells apart."""

FRAILTIES = ((BETA_FRAILTY, BETA_AND_DEPENDENCE), (NORMAL_FRAILTY, NORMAL_AND_DEPENDENCE))
"""The forms of frailty, each without and with dependence."""

BY_NAME = {model.name: model for model in (*FIVE, NORMAL_FRAILTY, NORMAL_AND_DEPENDENCE)}
"""Every model."""
