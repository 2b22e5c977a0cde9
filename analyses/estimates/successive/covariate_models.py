"""Models of success after failures in which a subject's covariates move the chance.

A model's first parameter, a chance or its log odds, becomes logit-linear in the covariates; its other parameters are
the same for everybody. Where subjects differ beyond the covariates, it is thus the mean chance (beta frailty), the mean
log odds (logit-normal frailty) or the share of responders that the covariates move.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from analyses.estimates.successive.covariate_cells import CovariateCells
from analyses.estimates.successive.fitting import Fit, fit
from analyses.estimates.successive.frailty_course import Floats, Ints, beta_nodes, history_chances, normal_nodes
from analyses.estimates.successive.models import BY_NAME, Model, Reported

# Log odds that one standard deviation of a covariate may move, at most.
_MOST = 16.0
# How many patterns are summed over their frailty at once.
_AT_ONCE = 256
_NODES = {
    "beta frailty and dependence": beta_nodes,
    "logit-normal frailty": normal_nodes,
    "logit-normal frailty and dependence": normal_nodes,
}


def fit_covariates(model: Model, cells: CovariateCells) -> Fit:
    """Return the maximum likelihood of a model whose first parameter the covariates move.

    Parameters are those of the model, the first at the covariates' means, and then the log odds that one standard
    deviation of each column adds.
    """
    return fit(with_covariates(model, cells), cells.numbered)


def with_covariates(model: Model, cells: CovariateCells) -> Model:
    """Return the model of the cells: it takes numbers of cells where the model takes numbers of failures."""
    size, width, first = len(model.low), cells.columns.shape[1], _first_share(cells)

    def chances(theta: Floats, numbers: Ints) -> Floats:
        at = moved(model, theta[0], cells.columns @ theta[size:])
        return _by_cell(model, at, theta[1:size], cells.pattern[numbers], cells.failures[numbers])

    def starts(_: float) -> list[tuple[float, ...]]:
        return [(*start, *(0.0,) * width) for start in model.starts(first)]

    kept = [i for i, reported in enumerate(model.reported) if not _moves(model, reported)]
    return replace(
        model,
        low=(*model.low, *(-_MOST,) * width),
        high=(*model.high, *(_MOST,) * width),
        starts=starts,
        chances=chances,
        reported=tuple(model.reported[i] for i in kept),
        report=lambda theta: model.report(theta[:size])[kept],
    )


def seen_from(found: Fit, cells: CovariateCells, column_values: Floats) -> Fit:
    """Return a fit as it stands for subjects with these covariates: chances by failures, and the counts of theirs."""
    model, shift = BY_NAME[found.model.name], cells.standardized(column_values)
    size = len(model.low)

    def chances(theta: Floats, failures: Ints) -> Floats:
        own = np.array([float(moved(model, theta[0], shift @ theta[size:])), *theta[1:size]])
        return model.chances(own, failures)

    return replace(found, model=replace(found.model, chances=chances), counts=cells.of_pattern(column_values))


def course_by_pattern(model: Model, cells: CovariateCells, theta: Floats, last: int) -> Floats:
    """Return the chances after 0 .. `last` failures, a row a pattern of covariates."""
    size, number = len(model.low), len(cells.columns)
    at = moved(model, theta[0], cells.columns @ theta[size:])
    pattern, failures = np.repeat(np.arange(number), last + 1), np.tile(np.arange(last + 1), number)
    return _by_cell(model, at, theta[1:size], pattern, failures).reshape(number, last + 1)


def moved(model: Model, first: float, log_odds: Floats) -> Floats:
    """Return a model's first parameter where covariates add log odds to it."""
    from scipy.special import expit, logit

    if not _is_chance(model):
        return np.asarray(first + log_odds)
    return np.asarray(expit(logit(first) + log_odds))


def _is_chance(model: Model) -> bool:
    return model.high[0] < 1


def _moves(model: Model, reported: Reported) -> bool:
    """Return whether a reported number is another for other covariates."""
    return reported in (model.reported[0], Reported("a", "log"), Reported("b", "log"))


def _first_share(cells: CovariateCells) -> float:
    counts = cells.by_failures
    return float((counts.met[0] + 0.5) / (counts.counted[0] + 1))


def _by_cell(model: Model, first: Floats, others: Floats, pattern: Ints, failures: Ints) -> Floats:
    """Return the chances of cells, of the first parameter of each pattern."""
    nodes = _NODES.get(model.name)
    if nodes is None:
        own = np.stack([first[pattern], *(np.full(len(pattern), other) for other in others)])
        return model.chances(own, failures)
    if len(failures) == 0:
        return np.empty(0)
    dependence = float(others[1]) if len(others) > 1 else 0.0
    course = np.arange(int(failures.max()) + 1)
    parts = [
        history_chances(nodes(first[start : start + _AT_ONCE], float(others[0])), dependence, course)
        for start in range(0, len(first), _AT_ONCE)
    ]
    return np.asarray(np.concatenate(parts)[pattern, failures])
