"""Rows of ESTIMATES that regressions by full likelihood share: coefficients, ratios, log-likelihoods, tests."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analyses.estimates.distributions import chi_square_p, two_sided_p
from analyses.estimates.regression.coefficients import Coefficient

Floats = NDArray[np.float64]
Row = dict[str, object]


def ratio_rows(meanings: Sequence[Coefficient], values: Floats, covariance: Floats, z: float, ratio: str) -> list[Row]:
    """Return a row "log `ratio`" and a row `ratio` a coefficient, with Wald limits; an error of the log alone."""
    rows: list[Row] = []
    for meaning, value, error in zip(meanings, values, np.sqrt(np.diag(covariance)), strict=True):
        named: Row = {"term": meaning.term, "group": meaning.group, "reference": meaning.reference}
        log = named | {"statistic": f"log {ratio}"} | wald(float(value), float(error), z)
        rows += [log, exponentiated(log, ratio)]
    return rows


def wald(value: float, error: float, z: float) -> Row:
    """Return an estimate with its standard error, Wald limits and p value; without these where the error is 0."""
    if not 0 < error < math.inf:
        return {"estimate": value}
    limits: Row = {"conf_low": value - z * error, "conf_high": value + z * error}
    return {"estimate": value, "std_error": error, "p_value": two_sided_p(value / error)} | limits


def exponentiated(row: Row, statistic: str) -> Row:
    """Return a row of a logarithm as one of the thing itself, which has no standard error; infinities become null."""
    found = {name: value for name, value in row.items() if name != "std_error"} | {"statistic": statistic}
    for place in ("estimate", "conf_low", "conf_high"):
        if isinstance(value := row.get(place), float):
            found[place] = math.exp(value) if value < 709 else None
    return found


def likelihood_rows(null: float, fitted: float, parameters: int) -> list[Row]:
    """Return "log likelihood" (terms "null" and "fitted") and "AIC"."""
    named = {"null": null, "fitted": fitted}
    rows: list[Row] = [{"statistic": "log likelihood", "term": term, "estimate": v} for term, v in named.items()]
    return [*rows, {"statistic": "AIC", "estimate": 2 * parameters - 2 * fitted}]


def chi_square_rows(ratio: float, values: Floats, covariance: Floats, *, robust: bool) -> list[Row]:
    """Return the test of all coefficients: by likelihood ratio, or with clusters by Wald; none without coefficients."""
    df = len(values)
    if not df:
        return []
    name = "Wald chi-square" if robust else "likelihood ratio chi-square"
    if robust and np.linalg.matrix_rank(covariance) < df:
        return [{"statistic": name, "df": df}]
    value = float(values @ np.linalg.solve(covariance, values)) if robust else max(ratio, 0.0)
    return [{"statistic": name, "estimate": value, "df": df, "p_value": chi_square_p(value, df)}]
