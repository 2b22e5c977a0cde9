"""How the chance of success may hang on the number of failures before it: the models, as frozen values.

Every model gives p_m, the chance that a treatment succeeds after m failures, among those who have failed m times. With
such chances the likelihood of the counts, the product over m of p_m^met (1 - p_m)^missed, is that of the subjects'
whole histories, as long as going on depends on nothing but the history.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analyses.estimates.successive.frailty_course import Floats, Ints, beta_course, normal_course


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


def _constant(theta: Floats, failures: Ints) -> Floats:
    return np.full(len(failures), theta[0])


def _beta(theta: Floats, failures: Ints) -> Floats:
    """Return a / (a + b + m), written with the mean and 1 / (a + b) so that it holds where subjects are alike."""
    return np.asarray(theta[0] / (1 + failures * theta[1] / (1 - theta[1])))


def _normal(theta: Floats, failures: Ints) -> Floats:
    return normal_course(float(theta[0]), float(theta[1]), 0.0, int(failures.max()))[failures]


def _two_classes(theta: Floats, failures: Ints) -> Floats:
    share, chance = theta
    still = share * np.power(1 - chance, failures)
    return np.asarray(chance * still / (still + 1 - share))


def _dependence(theta: Floats, failures: Ints) -> Floats:
    from scipy.special import expit

    return np.asarray(expit(theta[0] - theta[1] * failures))


def _beta_and_dependence(theta: Floats, failures: Ints) -> Floats:
    return beta_course(float(theta[0]), float(theta[1]), float(theta[2]), int(failures.max()))[failures]


def _normal_and_dependence(theta: Floats, failures: Ints) -> Floats:
    return normal_course(float(theta[0]), float(theta[1]), float(theta[2]), int(failures.max()))[failures]


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
