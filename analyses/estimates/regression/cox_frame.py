"""A fitted Cox regression as rows of ESTIMATES."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from analyses.estimates.distributions import chi_square_p, two_sided_p
from analyses.estimates.regression.coefficients import Coefficient
from analyses.estimates.regression.cox_fit import CoxFit

Floats = NDArray[np.float64]
Row = dict[str, object]


def coefficient_rows(meanings: tuple[Coefficient, ...], values: Floats, covariance: Floats, z: float) -> list[Row]:
    """Return a "log hazard ratio" and a "hazard ratio" for each coefficient."""
    rows: list[Row] = []
    for meaning, value, error in zip(meanings, values, np.sqrt(np.diag(covariance)), strict=True):
        named: Row = {"term": meaning.term, "group": meaning.group, "reference": meaning.reference}
        named |= {"p_value": two_sided_p(value / error)}
        low, middle, high = (float(value + step * error) for step in (-z, 0, z))
        limits: Row = {"estimate": middle, "conf_low": low, "conf_high": high}
        ratio: Row = {place: _exponential(limit) for place, limit in zip(limits, (middle, low, high), strict=True)}
        rows.append(named | limits | {"statistic": "log hazard ratio", "std_error": float(error)})
        rows.append(named | ratio | {"statistic": "hazard ratio"})
    return rows


def _exponential(value: float) -> float | None:
    """Return exp(value); None beyond what a number holds."""
    return math.exp(value) if value < 709 else None


def fit_rows(fitted: CoxFit, concordance: float | None) -> list[Row]:
    """Return the log likelihoods and the concordance."""
    terms = {"null": fitted.log_likelihood_null, "fitted": fitted.log_likelihood}
    rows: list[Row] = [
        {"statistic": "log likelihood", "term": term, "estimate": value} for term, value in terms.items()
    ]
    return rows if concordance is None else [*rows, {"statistic": "concordance", "estimate": concordance}]


def rows_of_tests(fitted: CoxFit, meanings: tuple[Coefficient, ...], covariance: Floats, *, robust: bool) -> list[Row]:
    """Return tests of all coefficients, and Wald's of each term that has several."""
    everything = list(range(len(fitted.coefficients)))
    tests: list[tuple[str, str | None, float | None, int]] = []
    if not robust:
        ratio = 2 * (fitted.log_likelihood - fitted.log_likelihood_null)
        tests += [("likelihood ratio", None, ratio, len(everything)), ("score", None, fitted.score, len(everything))]
    terms: dict[str | None, list[int]] = {None: everything}
    for place, meaning in enumerate(meanings):
        terms.setdefault(meaning.term, []).append(place)
    for term, places in terms.items():
        if term is None or len(places) > 1:
            tests.append(
                ("Wald", term, _wald(fitted.coefficients[places], covariance[np.ix_(places, places)]), len(places))
            )
    return [
        {
            "statistic": f"{name} chi-square",
            "term": term,
            "estimate": value,
            "df": df,
            "p_value": None if value is None else chi_square_p(value, df),
        }
        for name, term, value, df in tests
    ]


def _wald(values: Floats, covariance: Floats) -> float | None:
    """Return the Wald test; None where a robust covariance has fewer clusters than coefficients."""
    scale = np.sqrt(np.diag(covariance))
    if not (scale > 0).all():
        return None
    scaled = covariance / np.outer(scale, scale)
    if np.linalg.eigvalsh(scaled)[0] < 1e-13:
        return None
    return float((values / scale) @ np.linalg.solve(scaled, values / scale))
