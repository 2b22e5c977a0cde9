"""Regression of counts: met of tried, by pattern of covariates, with a logit or complementary log-log link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cohort.errors import EstimationError

Floats = NDArray[np.float64]
Link = Literal["logit", "cloglog"]

# The linear predictor is kept where neither chance nor its complement underflows; a fit that exists stays far inside.
_RANGE: dict[str, tuple[float, float]] = {"logit": (-100.0, 100.0), "cloglog": (-100.0, 5.0)}
_STEPS = 50
_HALVINGS = 20
_ENOUGH = 1e-11


@dataclass(frozen=True, eq=False)
class _Problem:
    matrix: Floats
    met: Floats
    tried: Floats
    link: Link
    offset: Floats

    def eta(self, coefficients: Floats) -> Floats:
        return np.clip(self.offset + self.matrix @ coefficients, *_RANGE[self.link])

    def log_likelihood(self, coefficients: Floats) -> float:
        return log_likelihood(self.eta(coefficients), self.met, self.tried, self.link)

    def inside(self, coefficients: Floats) -> bool:
        return bool(np.array_equal(self.eta(coefficients), self.offset + self.matrix @ coefficients))


@dataclass(frozen=True, eq=False)
class BinomialFit:
    """A fitted regression of counts.

    Attributes:
        coefficients: One a column of the matrix.
        covariance: Inverse of the expected information.
        chances: The fitted chance of each row.
        slopes: The derivative of each row's chance by its linear predictor.
        scores: Each row's derivative of the log-likelihood by its linear predictor.
        log_likelihood: Of the single verdicts: without binomial coefficients, so that counts and single rows agree.
        saturated: The same where each row has a chance of its own.
        pearson: Sum of (met - n chance)^2 / (n chance (1 - chance)).
        df: Rows minus coefficients.
    """

    coefficients: Floats
    covariance: Floats
    chances: Floats
    slopes: Floats
    scores: Floats
    log_likelihood: float
    saturated: float
    pearson: float
    df: int

    @property
    def deviance(self) -> float:
        """Twice the log-likelihood that the fit lacks to that of a chance of its own for each row."""
        return 2 * (self.saturated - self.log_likelihood)


def fit_binomial(
    matrix: Floats, met: Floats, tried: Floats, *, link: Link = "logit", offset: Floats | None = None
) -> BinomialFit:
    """Return the maximum likelihood fit of g(chance) = offset + matrix @ coefficients, by Fisher scoring.

    The covariance is the inverse of the expected information, as R's `glm` gives it. Rows that nobody tried are
    allowed and weigh nothing.

    Args:
        matrix: One row a pattern, one column a coefficient.
        met: How many of each pattern met the outcome.
        tried: How many of each pattern were counted.
        link: "logit", log p / (1 - p), or "cloglog", log(-log(1 - p)): log hazard ratios of the time behind the steps.
        offset: Added to the linear predictor.

    Raises:
        EstimationError: The columns follow from one another, or the likelihood has no maximum (separation).

    Sources: McCullagh P, Nelder JA. Generalized Linear Models, 2nd ed. 1989, chapter 4.

    >>> fit = fit_binomial(np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([30.0, 10.0]), np.array([60.0, 40.0]))
    >>> np.exp(fit.coefficients).round(6).tolist()  # odds 1 in the first, odds ratio (10/30) / (30/30)
    [1.0, 0.333333]
    """
    kept = tried > 0
    _refuse_dependent(matrix[kept])
    shift = np.zeros(len(met)) if offset is None else offset
    coefficients = _maximum(_Problem(matrix[kept], met[kept], tried[kept], link, shift[kept]))
    eta = np.clip(shift + matrix @ coefficients, *_RANGE[link])
    chances, others, slopes = chance(eta, link)
    information = (matrix * (tried * slopes * (slopes / (chances * others)))[:, None]).T @ matrix
    misses = met * others - (tried - met) * chances  # met - tried * chance, exact where the chance is almost 1
    return BinomialFit(
        coefficients,
        np.asarray(np.linalg.inv(information), dtype=np.float64),
        chances,
        slopes,
        misses * slopes / (chances * others),
        log_likelihood(eta, met, tried, link),
        saturated(met, tried),
        float((misses[kept] ** 2 / (tried * chances * others)[kept]).sum()),
        int(kept.sum()) - matrix.shape[1],
    )


def chance(eta: Floats, link: Link) -> tuple[Floats, Floats, Floats]:
    """Return the chance, its complement, and the derivative of the chance, at a linear predictor."""
    if link == "cloglog":
        hazard = np.exp(eta)
        others = np.exp(-hazard)
        return -np.expm1(-hazard), others, hazard * others
    chances, others = np.exp(-np.logaddexp(0, -eta)), np.exp(-np.logaddexp(0, eta))
    return chances, others, chances * others


def linear_predictor(chances: Floats, link: Link) -> Floats:
    """Return the linear predictor at which a chance lies: the link itself."""
    if link == "cloglog":
        return np.log(-np.log1p(-chances))
    return np.log(chances) - np.log1p(-chances)


def log_likelihood(eta: Floats, met: Floats, tried: Floats, link: Link) -> float:
    """Return the log-likelihood of the single verdicts at a linear predictor."""
    if link == "cloglog":
        hazard = np.exp(eta)
        success, failure = np.log(-np.expm1(-hazard)), -hazard
    else:
        success, failure = -np.logaddexp(0, -eta), -np.logaddexp(0, eta)
    return float((met * success + (tried - met) * failure).sum())


def saturated(met: Floats, tried: Floats) -> float:
    """Return the highest log-likelihood that any chances can reach: each row has its own share."""
    return float(sum(_own(part[part > 0], tried[part > 0]) for part in (met, tried - met)))


def score_test(null: BinomialFit, fuller: Floats, tried: Floats) -> float:
    """Return the score chi-square of the columns that `fuller` has beyond those of the null fit.

    For one column that is linear in the treatment number and a null of one chance for all this is the Cochran-Armitage
    test for trend.

    Sources: Rao CR. Proc Camb Philos Soc 1948;44:50-7; Armitage P. Biometrics 1955;11:375-86.
    """
    weights = tried * null.slopes**2 / (null.chances * (1 - null.chances))
    score = fuller.T @ null.scores
    return float(score @ np.linalg.solve((fuller * weights[:, None]).T @ fuller, score))


def clustered_covariance(fit: BinomialFit, scores: Floats) -> Floats:
    """Return the covariance that is robust to dependence within clusters: A^-1 (sum of s s') A^-1.

    A is the expected information and s the sum of one cluster's scores. No small-sample factor is applied: it is R's
    sandwich::vcovCL(type = "HC0", cadjust = FALSE).

    Args:
        fit: The fit.
        scores: One row a cluster: its sum of scores, one column a coefficient.

    Sources: Liang KY, Zeger SL. Biometrika 1986;73:13-22; Zeileis A, Koell S, Graham N. J Stat Softw 2020;95(1).
    """
    return fit.covariance @ (scores.T @ scores) @ fit.covariance


def separated(matrix: Floats, met: Floats, tried: Floats) -> bool:
    """Return whether some combination of the columns parts successes from failures, so that no maximum exists.

    Sources: Albert A, Anderson JA. Biometrika 1984;71:1-10; Konis K. Linear programming algorithms for detecting
    separated data in binary logistic regression models. Oxford 2007.
    """
    from scipy.optimize import linprog

    rows = np.vstack([matrix[met > 0], -matrix[tried > met]])
    found = linprog(-rows.sum(axis=0), A_ub=-rows, b_ub=np.zeros(len(rows)), bounds=(-1, 1))
    return bool(found.status == 0 and -found.fun > 1e-7 * max(1.0, float(np.abs(rows).max())))


def _own(part: Floats, tried: Floats) -> float:
    return float((part * np.log(part / tried)).sum())


def _refuse_dependent(matrix: Floats) -> None:
    rank, columns = int(np.linalg.matrix_rank(matrix)), matrix.shape[1]
    if rank < columns:
        raise EstimationError(
            f"{columns} coefficients were asked for and the {len(matrix)} patterns of the data carry {rank}; a "
            "covariate is constant or follows from the others: leave it out, or merge levels"
        )


def _maximum(problem: _Problem) -> Floats:
    """Return the coefficients at which the score is zero."""
    coefficients = _step(problem, linear_predictor((problem.met + 0.5) / (problem.tried + 1), problem.link))
    for _ in range(_STEPS):
        try:
            move = _step(problem, problem.eta(coefficients)) - coefficients
        except np.linalg.LinAlgError:
            break
        if np.abs(move).max() <= _ENOUGH * (1 + np.abs(coefficients).max()) and problem.inside(coefficients):
            found: Floats = coefficients + move
            return found
        coefficients = _uphill(problem, coefficients, move)
    if separated(problem.matrix, problem.met, problem.tried):
        raise EstimationError(
            "the likelihood has no maximum: nobody or everybody met the outcome at some pattern, and a coefficient "
            "runs to infinity; leave that covariate out, merge its levels, or report the counts"
        )
    raise EstimationError(f"the fit did not settle in {_STEPS} steps; rescale the covariates or leave some out")


def _step(problem: _Problem, eta: Floats) -> Floats:
    """Return the coefficients to which one weighted least squares step leads."""
    chances, others, slopes = chance(eta, problem.link)
    weights = problem.tried * slopes * (slopes / (chances * others))
    # met / tried - chance, written so that it does not vanish while the chance runs to 1.
    misses = (problem.met * others - (problem.tried - problem.met) * chances) / problem.tried
    working = eta - problem.offset + misses / slopes
    information = (problem.matrix * weights[:, None]).T @ problem.matrix
    return np.asarray(np.linalg.solve(information, problem.matrix.T @ (weights * working)), dtype=np.float64)


def _uphill(problem: _Problem, start: Floats, move: Floats) -> Floats:
    """Return the next coefficients: the whole step, or half of it, and so on, until the likelihood does not fall."""
    reached = problem.log_likelihood(start)
    least = reached - 1e-12 * (1 + abs(reached))
    halvings = (start + move / 2**halving for halving in range(_HALVINGS))
    return next((found for found in halvings if problem.log_likelihood(found) >= least), start)
