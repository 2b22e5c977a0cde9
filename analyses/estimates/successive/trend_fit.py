"""The regression behind a trend, and the tests that go with it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analyses.estimates.distributions import chi_square_p
from analyses.estimates.regression.binomial_fit import (
    BinomialFit,
    Floats,
    Link,
    clustered_covariance,
    fit_binomial,
    score_test,
)
from analyses.estimates.successive.covariate_columns import Coefficient, Columns
from analyses.estimates.successive.trend_design import (
    Cells,
    Number,
    cluster_scores,
    covariate_columns,
    intercept,
    side_by_side,
    step_columns,
)
from cohort.errors import EstimationError, some


@dataclass(frozen=True)
class ChiSquare:
    """A chi-square test of the trend."""

    statistic: str
    term: str
    value: float
    df: int

    @property
    def p_value(self) -> float:
        """The chance of a value at least as high where nothing changes."""
        return chi_square_p(self.value, self.df)


@dataclass(frozen=True, eq=False)
class Fitted:
    """A fitted trend.

    Attributes:
        cells: All counts.
        used: The counts that the regression saw: without the steps of a factor at which nobody or everybody met.
        number: How the treatment number enters.
        link: The link.
        columns: The regression's columns, one row a cell of `used`.
        fit: The regression.
        covariance: Of the coefficients; robust where there are clusters.
        certain: The steps of a factor that have no coefficient, with the chance 0 or 1 that they take.
        tests: Tests of the trend and of its form.
        notes: What could not be given.
    """

    cells: Cells
    used: Cells
    number: Number
    link: Link
    columns: Columns
    fit: BinomialFit
    covariance: Floats
    certain: dict[int, float]
    tests: tuple[ChiSquare, ...]
    notes: tuple[str, ...] = ()

    @property
    def parameters(self) -> int:
        """How many numbers were fitted, those that ran to infinity included."""
        return len(self.columns.coefficients) + len(self.certain)

    @property
    def clusters(self) -> int:
        """How many clusters there are; 0 without."""
        return 0 if self.cells.clusters is None else self.cells.clusters["_cluster"].n_unique()


def fit_trend(cells: Cells, number: Number, link: Link) -> Fitted:
    """Return the regression of the outcome on the treatment number and the covariates, with its tests.

    Raises:
        EstimationError: The likelihood has no maximum, columns follow from one another, nobody reached a later
            treatment than the first two, or there are too few clusters.
    """
    certain = certain_steps(cells) if number == "factor" else {}
    steps = sorted(set(cells.step.tolist()))
    _refuse_reference(cells, certain, steps[0])
    used = cells.at([step for step in steps if step not in certain])
    columns = _columns(used, number)
    fit = fit_binomial(columns.matrix, used.met, used.tried, link=link)
    if cells.clusters is None:
        tests, notes = _tests(cells, fit, number, link)
        return Fitted(cells, used, number, link, columns, fit, fit.covariance, certain, tests, notes)
    covariance = _robust(used, columns, fit)
    tests = _wald(columns.coefficients, fit.coefficients, covariance)
    return Fitted(cells, used, number, link, columns, fit, covariance, certain, tests)


def certain_steps(cells: Cells) -> dict[int, float]:
    """Return the steps at which nobody or everybody met the outcome, with the chance 0 or 1.

    A level of its own takes such a step to infinity; there it adds nothing to the likelihood, so that the other
    coefficients and the highest likelihood are those of the fit without the step.
    """
    return {step: float(met > 0) for step, met, tried in cells.by_step().iter_rows() if met in (0, tried)}


def _columns(cells: Cells, number: Number) -> Columns:
    steps = step_columns(cells.step, number, cells.over)
    return side_by_side(intercept(cells), steps, covariate_columns(cells))


def _refuse_reference(cells: Cells, certain: dict[int, float], reference: int) -> None:
    if reference not in certain:
        return
    who = "everybody" if certain[reference] else "nobody"
    raise EstimationError(
        f"{who} met the outcome at {cells.over} {reference}, with which the other levels are compared; every odds "
        "ratio would be 0 or infinite: use number='line', or report the counts"
    )


def _tests(cells: Cells, fit: BinomialFit, number: Number, link: Link) -> tuple[tuple[ChiSquare, ...], tuple[str, ...]]:
    """Return the likelihood ratio and score test of no change, and the likelihood ratio test against a factor."""
    nothing = side_by_side(intercept(cells), covariate_columns(cells)).matrix
    everything = _columns(cells, number).matrix
    null = fit_binomial(nothing, cells.met, cells.tried, link=link)
    df = everything.shape[1] - nothing.shape[1]
    change = max(0.0, 2 * (fit.log_likelihood - null.log_likelihood))
    found = [
        ChiSquare("likelihood ratio chi-square", "trend", change, df),
        ChiSquare("score chi-square", "trend", score_test(null, everything, cells.tried), df),
    ]
    levels = len(set(cells.step.tolist()))
    if number == "factor" or levels - 1 == df:
        return tuple(found), ()
    try:
        highest = _factor_log_likelihood(cells, link)
    except EstimationError:
        return tuple(found), (f"factor v {number}: not given, the likelihood of a level for each has no maximum",)
    lack = max(0.0, 2 * (highest - fit.log_likelihood))
    return (*found, ChiSquare("likelihood ratio chi-square", f"factor v {number}", lack, levels - 1 - df)), ()


def _factor_log_likelihood(cells: Cells, link: Link) -> float:
    certain = certain_steps(cells)
    left = cells.at([step for step in set(cells.step.tolist()) if step not in certain])
    if left.frame.is_empty():
        return 0.0
    return fit_binomial(_columns(left, "factor").matrix, left.met, left.tried, link=link).log_likelihood


def _robust(cells: Cells, columns: Columns, fit: BinomialFit) -> Floats:
    weights = fit.slopes / (fit.chances * (1 - fit.chances))
    scores = cluster_scores(cells, columns, fit.chances, weights)
    if len(scores) <= len(columns.coefficients):
        raise EstimationError(
            f"{len(scores)} clusters cannot carry robust errors of {len(columns.coefficients)} coefficients; leave "
            "cluster out or shorten the model"
        )
    return clustered_covariance(fit, scores)


def _wald(coefficients: tuple[Coefficient, ...], values: Floats, covariance: Floats) -> tuple[ChiSquare, ...]:
    own = [at for at, coefficient in enumerate(coefficients) if coefficient.of_step]
    if not own:
        return ()
    part, estimate = covariance[np.ix_(own, own)], values[own]
    if np.linalg.matrix_rank(part, hermitian=True) < len(own):
        raise EstimationError(
            f"the robust covariance of {some(coefficients[at].group for at in own)} is singular; merge levels"
        )
    return (ChiSquare("Wald chi-square", "trend", float(estimate @ np.linalg.solve(part, estimate)), len(own)),)
