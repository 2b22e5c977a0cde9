"""A fitted trend as rows of estimates."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import polars as pl

from analyses.estimates.distributions import chi_square_p, two_sided_p
from analyses.estimates.proportions import wilson
from analyses.estimates.regression.binomial_fit import Floats, chance, linear_predictor, log_likelihood, saturated
from analyses.estimates.successive.isotonic import falling_shares
from analyses.estimates.successive.trend_design import Cells
from analyses.estimates.successive.trend_fit import Fitted
from cohort.errors import EstimationError

Row = dict[str, object]

# Of the intercept, of a further coefficient, and of its exponential.
_NAMES = {
    "logit": ("log odds", "log odds ratio", "odds ratio"),
    "cloglog": ("log cumulative hazard", "log hazard ratio", "hazard ratio"),
}
_FURTHER = {"treatment_no": "further treatment", "failures": "earlier failure"}


def coefficient_rows(model: Fitted, z: float, cause: str) -> list[Row]:
    """Return two rows a coefficient, and the odds ratio of failure of a line; null rows where there is none."""
    level, ratio_log, ratio = _NAMES[model.link]
    rows: list[Row] = []
    errors = np.sqrt(np.diag(model.covariance)).tolist()
    for at, named in enumerate(model.columns.coefficients):
        value, error = float(model.fit.coefficients[at]), errors[at]
        low, high = value - z * error, value + z * error
        about: Row = {"term": named.term, "group": named.group, "reference": named.reference}
        limits: Row = {"estimate": value, "std_error": error, "conf_low": low, "conf_high": high}
        if at == 0:
            rows.append(about | limits | {"statistic": level})
            continue
        p: Row = {"p_value": two_sided_p(value / error)}
        rows.append(about | limits | p | {"statistic": ratio_log})
        rows.append(about | p | {"statistic": ratio} | _exponential(value, low, high))
        if cause == "success" and model.link == "logit" and model.number == "line" and named.of_step:
            of_failure = f"odds ratio of failure per {_FURTHER[model.cells.over]}"
            rows.append({"term": named.term, "statistic": of_failure} | p | _exponential(-value, -high, -low))
    reference = str(min(model.cells.step.tolist()))
    for step in model.certain:
        nothing: Row = {"term": model.cells.over, "group": str(step), "reference": reference}
        rows += [nothing | {"statistic": ratio_log}, nothing | {"statistic": ratio}]
    return rows


def observed_rows(cells: Cells, z: float) -> list[Row]:
    """Return the share that met the outcome of those who were counted, by step, with Wilson's limits."""
    rows: list[Row] = []
    for step, met, tried in cells.by_step().iter_rows():
        low, high = wilson(met, tried, z)
        row: Row = {"statistic": "observed chance", "group": str(step), "estimate": met / tried, "n": tried}
        rows.append(row | {"events": met, "conf_low": low, "conf_high": high})
    return rows


def fitted_rows(model: Fitted, z: float) -> list[Row]:
    """Return the fitted chance by step, the mean over those who were counted there, with limits by the link.

    The error of a mean of chances is the delta method's; its limits are taken on the link's scale and carried back.
    """
    rows: list[Row] = []
    for step, met, tried in model.cells.by_step().iter_rows():
        row: Row = {"statistic": "fitted chance", "term": model.number, "group": str(step), "n": tried, "events": met}
        if step in model.certain:
            rows.append(row | {"estimate": model.certain[step]})
            continue
        here = model.used.step == step
        weights = model.used.tried[here] / tried
        mean = float(weights @ model.fit.chances[here])
        gradient = (weights * model.fit.slopes[here]) @ model.columns.matrix[here]
        error = math.sqrt(float(gradient @ model.covariance @ gradient))
        middle = linear_predictor(np.array([mean]), model.link)
        half = z * error / float(chance(middle, model.link)[2][0])
        low, high = chance(np.array([middle[0] - half, middle[0] + half]), model.link)[0].tolist()
        rows.append(row | {"estimate": mean, "std_error": error, "conf_low": low, "conf_high": high})
    return rows


def chi_square_rows(model: Fitted) -> list[Row]:
    """Return one row a test."""
    return [
        {"statistic": test.statistic, "term": test.term, "estimate": test.value, "df": test.df, "p_value": test.p_value}
        for test in model.tests
    ]


def fit_rows(model: Fitted) -> list[Row]:
    """Return the likelihood, the deviance and Pearson's chi-square, each with what it is measured against."""
    fit, df = model.fit, model.cells.frame.height - model.parameters
    pearson: Row = {"p_value": chi_square_p(fit.pearson, df) if df > 0 else None}
    return [
        *_likelihood_rows(fit.log_likelihood, model.cells.met, model.cells.tried),
        {"statistic": "AIC", "estimate": 2 * model.parameters - 2 * fit.log_likelihood},
        {"statistic": "deviance", "estimate": max(0.0, fit.deviance), "df": df},
        {"statistic": "Pearson chi-square", "estimate": fit.pearson, "df": df} | pearson,
    ]


def adjacent_rows(model: Fitted) -> list[Row]:
    """Return the odds ratio of each step to the one before with Fisher's exact p value; of a plain factor only."""
    if model.number != "factor" or model.cells.covariates or model.cells.clusters is not None:
        return []
    steps = list(model.cells.by_step().iter_rows())
    rows: list[Row] = []
    for (before, met_0, tried_0), (step, met, tried) in pairwise(steps):
        row: Row = {"statistic": "odds ratio to the one before", "term": model.cells.over, "group": str(step)}
        row |= {"reference": str(before), "n": tried_0 + tried, "events": met_0 + met}
        below = met_0 * (tried - met)
        odds_ratio = met * (tried_0 - met_0) / below if below else None
        rows.append(row | {"estimate": odds_ratio, "p_value": fisher_p(met_0, tried_0, met, tried)})
    return rows


def fisher_p(met: int, tried: int, other_met: int, other_tried: int) -> float:
    """Return Fisher's exact two-sided p value: all tables with the same margins that are no likelier than this one.

    >>> round(fisher_p(1, 10, 11, 14), 6)
    0.002759
    """
    total = met + other_met
    possible = range(max(0, total - other_tried), min(total, tried) + 1)
    logs = np.array([_log_choose(tried, k) + _log_choose(other_tried, total - k) for k in possible])
    chances = np.exp(logs - logs.max())
    # Tables that are as likely as this one differ by rounding; the slack is R's.
    as_rare = chances <= chances[met - possible.start] * (1 + 1e-7)
    return float(min(1.0, chances[as_rare].sum() / chances.sum()))


def monotone_rows(cells: Cells, cause: str) -> list[Row]:
    """Return the chances of success that never rise, and their likelihood.

    Raises:
        EstimationError: There are covariates or clusters, or the cause is another.
    """
    if cells.covariates or cells.clusters is not None or cause != "success":
        raise EstimationError(
            "number='monotone' fits a chance of success that never rises, without covariates and without clusters; "
            "use 'factor', 'line' or 'first two' for these"
        )
    table = cells.by_step()
    met, tried = (table[name].cast(pl.Float64).to_numpy() for name in ("_met", "_tried"))
    shares = falling_shares(met, tried)
    rows: list[Row] = [
        {"statistic": "fitted chance", "term": "monotone", "group": str(step), "estimate": share, "n": n, "events": m}
        for (step, m, n), share in zip(table.iter_rows(), shares.tolist(), strict=True)
    ]
    # Blocks of chance 0 or 1 are certain and add nothing.
    inside = (shares > 0) & (shares < 1)
    eta = linear_predictor(shares[inside], "logit")
    reached = log_likelihood(eta, met[inside], tried[inside], "logit")
    deviance = max(0.0, 2 * (saturated(met, tried) - reached))
    return [*rows, *_likelihood_rows(reached, met, tried), {"statistic": "deviance", "estimate": deviance}]


def _likelihood_rows(reached: float, met: Floats, tried: Floats) -> list[Row]:
    constant = sum(_log_choose(n, m) for m, n in zip(met.tolist(), tried.tolist(), strict=True))
    return [
        {"statistic": "log likelihood", "estimate": reached},
        {"statistic": "log binomial coefficients", "estimate": constant},
    ]


def _log_choose(n: float, k: float) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def _exponential(value: float, low: float, high: float) -> Row:
    return {"estimate": _exp(value), "conf_low": _exp(low), "conf_high": _exp(high)}


def _exp(value: float) -> float:
    return math.exp(value) if value < 709 else math.inf
