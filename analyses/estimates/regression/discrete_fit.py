"""The discrete hazard itself: a regression of counts by period, with a baseline that the periods share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from analyses.estimates.regression.binomial_fit import (
    BinomialFit,
    Floats,
    Link,
    chance,
    clustered_covariance,
    fit_binomial,
)
from analyses.estimates.regression.design import Design
from analyses.estimates.regression.discrete_periods import Cells, Integers
from cohort.errors import EstimationError

Baseline = Literal["factor", "line", "quadratic", "logarithm"]


@dataclass(frozen=True, eq=False)
class DiscreteModel:
    """A fitted discrete hazard.

    Attributes:
        formula: The right side of the formula.
        link: "logit" or "cloglog".
        baseline: How the hazard of the reference changes from period to period.
        ends: The last days of the periods.
        design: The columns' meaning, and the coding of new data; None where the formula is "1".
        cells: All counts.
        estimated: Numbers of the periods that the regression saw: with a factor not those in which nobody or everybody
            had the event, whose hazard is 0 or 1.
        coefficients: Of the baseline's columns, then of the covariates; empty where no period is left.
        covariance: As reported: robust with clusters.
        log_likelihood: Of the single subjects and periods.
        log_likelihood_null: Of the baseline alone.
        cluster: The column that errors are clustered by; None where rows are independent.
    """

    formula: str
    link: Link
    baseline: Baseline
    ends: Floats
    design: Design | None
    cells: Cells
    estimated: Integers
    coefficients: Floats
    covariance: Floats
    log_likelihood: float
    log_likelihood_null: float
    cluster: str | None

    @property
    def width(self) -> int:
        """How many coefficients belong to the baseline."""
        return len(self.coefficients) - int(self.cells.matrix.shape[1])


def fit_discrete(
    cells: Cells, size: int, link: Link, baseline: Baseline
) -> tuple[Integers, Floats, Floats, float, float]:
    """Return the periods estimated, coefficients, their covariance, log-likelihoods with and without covariates.

    Raises:
        EstimationError: No event lies in a period, or the likelihood has no maximum.
    """
    estimated = _estimated(cells, size, baseline)
    used = cells.of(np.isin(cells.period, estimated))
    if not len(estimated):
        if cells.matrix.shape[1]:
            raise EstimationError(
                "in each period nobody or everybody at risk had the event; no covariate can be told from the others"
            )
        return estimated, np.zeros(0), np.zeros((0, 0)), 0.0, 0.0
    own = baseline_columns(used.period, estimated, baseline)
    matrix = np.hstack([own, used.matrix])
    fit = fit_binomial(matrix, used.met, used.tried, link=link)
    covariance = fit.covariance if used.cluster is None else _robust(fit, matrix, used.cluster)
    null = fit if not cells.matrix.shape[1] else fit_binomial(own, used.met, used.tried, link=link)
    return estimated, fit.coefficients, covariance, fit.log_likelihood, null.log_likelihood


def baseline_columns(period: Integers, estimated: Integers, baseline: Baseline) -> Floats:
    """Return the baseline's columns: a level each, or an intercept and powers (or the logarithm) of the number."""
    if baseline == "factor":
        return np.asarray(period[:, None] == estimated[None, :], dtype=float)
    number = period + 1.0
    powers = {"line": (number,), "quadratic": (number, number**2), "logarithm": (np.log(number),)}[baseline]
    return np.column_stack([np.ones(len(period)), *powers])


def baseline_hazard(model: DiscreteModel, periods: Integers) -> tuple[Floats, Floats, Floats]:
    """Return the baseline's linear predictor in some estimated periods, its error, and d hazard / d predictor."""
    columns = baseline_columns(periods, model.estimated, model.baseline)
    eta = columns @ model.coefficients[: model.width]
    inner = model.covariance[: model.width, : model.width]
    error = np.sqrt(np.einsum("ij,jk,ik->i", columns, inner, columns))
    return eta, error, chance(eta, model.link)[2]


def _estimated(cells: Cells, size: int, baseline: Baseline) -> Integers:
    met = np.bincount(cells.period, cells.met, size)
    tried = np.bincount(cells.period, cells.tried, size)
    if not met.sum():
        raise EstimationError(
            f"0 events lie in the {size} periods among who was at risk in the whole of one; give other periods"
        )
    if baseline == "factor":
        return np.flatnonzero((met > 0) & (met < tried))
    return np.flatnonzero(tried > 0)


def _robust(fit: BinomialFit, matrix: Floats, cluster: Integers) -> Floats:
    summed = np.zeros((int(cluster.max()) + 1, matrix.shape[1]))
    np.add.at(summed, cluster, matrix * fit.scores[:, None])
    return clustered_covariance(fit, summed)
