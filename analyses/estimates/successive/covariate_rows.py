"""The rows and notes that models with covariates have of their own: odds ratios, and how well they fit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from analyses.estimates.distributions import two_sided_p
from analyses.estimates.successive.covariate_cells import CovariateCells
from analyses.estimates.successive.fitting import Fit
from analyses.estimates.successive.mechanism_rows import FITS, Row, scaled_limits
from analyses.estimates.successive.models import BY_NAME
from cohort.errors import some

# Cochran's rule: Pearson's chi-square is one where this part of the cells expects five, and each of them one.
_ENOUGH, _FIVE = 0.8, 5.0
_WHAT = {
    "beta frailty": "mean chance",
    "beta frailty and dependence": "mean chance of the first treatment",
    "responders and resistant": "share of responders",
    "logit-normal frailty": "subject's own chance",
    "logit-normal frailty and dependence": "subject's own chance",
}


def odds_ratio_rows(found: Fit, cells: CovariateCells, z: float) -> list[Row]:
    """Return two rows a column: the log odds that one unit, or the level, adds, and its exponential."""
    rows: list[Row] = []
    size = len(BY_NAME[found.model.name].low)
    errors = found.std_errors(lambda theta: theta[size:] / cells.scale)
    slopes = (found.theta[size:] / cells.scale).tolist()
    for named, value, error in zip(cells.coefficients, slopes, errors, strict=True):
        about: Row = {"criterion": named.term, "term": found.model.name}
        about |= {"group": named.group, "reference": named.reference}
        about |= {"p_value": None if error is None else two_sided_p(value / error)}
        low, high = scaled_limits(value, error, "identity", z)
        rows.append(about | {"statistic": "log odds ratio", "estimate": value, "std_error": error} | _limits(low, high))
        ends = (None if end is None else _exp(end) for end in (low, high))
        rows.append(about | {"statistic": "odds ratio", "estimate": _exp(value)} | _limits(*ends))
    return rows


def covariate_fit_rows(found: Fit) -> list[Row]:
    """Return the log-likelihood, AIC and Pearson's chi-square of a fit to cells; no p value where cells are sparse."""
    x2, p = found.pearson()
    named: Row = {"term": found.model.name, "n": int(found.counts.counted.sum()), "events": int(found.counts.met.sum())}
    pearson: Row = {"estimate": x2, "df": found.df, "p_value": None if is_sparse(found) else p}
    return [
        named | {"statistic": "log likelihood", "estimate": found.log_likelihood, "df": len(found.theta)},
        named | {"statistic": "AIC", "estimate": found.aic},
        named | {"statistic": "Pearson chi-square"} | pearson,
    ]


def is_sparse(found: Fit) -> bool:
    """Return whether too little is expected in the cells for Pearson's chi-square to be one."""
    p, n = found.chances(found.counts.failures), found.counts.counted
    expected = np.concatenate([n * p, n * (1 - p)])
    return bool((expected >= _FIVE).mean() < _ENOUGH or expected.min() < 1)


def contradicted(found: Fit) -> bool:
    """Return whether the cells can speak against a model, and do."""
    p = found.pearson()[1]
    return p is not None and p < FITS and not is_sparse(found)


def covariate_fit_notes(fits: Sequence[Fit]) -> Iterable[str]:
    """Return how far the fits can be judged, and what their odds ratios are of."""
    sparse = [found.model.name for found in fits if found.df <= 0 or is_sparse(found)]
    if sparse:
        yield (
            "too few treatments a pattern of covariates and number of failures to judge a fit by Pearson's chi-square, "
            f"compare AIC instead: {some(sparse, 9)}"
        )
    for found in fits:
        if contradicted(found):
            x2, p = found.pearson()
            yield f"{found.model.name}: does not fit (Pearson chi-square {x2:.1f}, df {found.df}, p = {p:.2g})"
    for what in sorted({_WHAT[found.model.name] for found in fits if found.model.name in _WHAT}):
        names = [found.model.name for found in fits if _WHAT.get(found.model.name) == what]
        yield f"the odds ratios are of the {what}: {some(names, 9)}"


def _limits(low: float | None, high: float | None) -> Row:
    return {"conf_low": low, "conf_high": high}


def _exp(value: float) -> float:
    return float(np.exp(min(value, 700.0)))
