"""Selection and dependence told apart with covariates: the same models, in which covariates move the chance."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import polars as pl

from analyses.estimates.distributions import normal_quantile
from analyses.estimates.result import Estimates, estimates_frame
from analyses.estimates.successive.covariate_cells import CovariateCells, covariate_cells
from analyses.estimates.successive.covariate_models import fit_covariates
from analyses.estimates.successive.covariate_rows import (
    contradicted,
    covariate_fit_notes,
    covariate_fit_rows,
    odds_ratio_rows,
)
from analyses.estimates.successive.covariate_selection import FURTHEST, MANY, covariate_shares
from analyses.estimates.successive.failure_counts import FailureCounts, Undetermined
from analyses.estimates.successive.fitting import Fit
from analyses.estimates.successive.frailty_course import Floats
from analyses.estimates.successive.mechanism_rows import (
    Pair,
    Row,
    edge_notes,
    observed_rows,
    parameter_rows,
    scaled_limits,
)
from analyses.estimates.successive.models import FIVE, FRAILTIES, Model
from analyses.estimates.successive.selection import selection_notes, selection_rows

_IDENTIFIED = (
    "what the data cannot tell apart: covariates help as far as their effect on the log odds is the same at every "
    "treatment; an effect that fades then speaks of selection by what is unknown of a subject. Later treatments that "
    "are weaker themselves still look like dependence, and leaving that hangs on what is unknown would do so too"
)


def mechanism_with_covariates(
    data: pl.DataFrame,
    covariates: Sequence[str],
    subjects: pl.DataFrame | None,
    undetermined: Undetermined,
    level: float,
) -> Estimates:
    """Return what `mechanism` does, in models whose first parameter is logit-linear in covariates.

    Raises:
        EstimationError: As `mechanism`; or a covariate is missing, constant, follows from the others or changes within
            a subject.
    """
    cells = covariate_cells(data, covariates, undetermined, subjects)
    z, counts = normal_quantile(level), cells.by_failures
    fits = [fit_covariates(model, cells) for model in FIVE if _can_be_fitted(model, cells)]
    pairs = _pairs(cells, fits)
    others = [found for pair in pairs[1:] for found in (pair.frailty, pair.full)]
    rows = observed_rows(counts, z)
    for found in [*fits, *others]:
        rows += [*parameter_rows(found, level), *odds_ratio_rows(found, cells, z), *covariate_fit_rows(found)]
    for found in fits:
        rows += _fitted_rows(found, cells, counts, z)
    shares = [covariate_shares(pair, cells, level) for pair in pairs]
    for pair, part in zip(pairs, shares, strict=True):
        rows += [*_test_rows(pair), *selection_rows(pair, part, int(counts.failures[0]) + 1)]
    notes = [*cells.notes, *edge_notes([*fits, *others])]
    notes += [
        *covariate_fit_notes([*fits, *others]),
        *_alike_notes(pairs),
        *selection_notes(pairs, shares),
        _IDENTIFIED,
    ]
    method = (
        f"Success by the number of failures before and {', '.join(covariates)}, fitted by maximum likelihood: "
        "constant, beta frailty, responders and resistant, dependence, frailty and dependence; the share of the "
        f"cohort's fall that is selection, known and unknown, with {100 * level:g}% profile-likelihood limits"
    )
    notes += _limits_note(cells) if pairs else []
    return Estimates(estimates_frame(rows), method, tuple(notes), level, tuple(fits))


def _limits_note(cells: CovariateCells) -> list[str]:
    if len(cells.columns) > MANY:
        return [
            f"selection shares: no limits are sought with {len(cells.columns)} patterns of covariates (more than "
            f"{MANY}); round covariates that are measured finely"
        ]
    return [
        "selection shares: profile limits are of the last treatment number, and an upper one above "
        f"{FURTHEST:g} is not sought"
    ]


def _can_be_fitted(model: Model, cells: CovariateCells) -> bool:
    enough = len(model.low) + cells.columns.shape[1] <= len(cells.failures)
    return enough and len(cells.by_failures.failures) >= len(model.low)


def _pairs(cells: CovariateCells, fits: Sequence[Fit]) -> list[Pair]:
    known = {found.model.name: found for found in fits}
    return [
        Pair(*(known.get(model.name) or fit_covariates(model, cells) for model in pair))
        for pair in FRAILTIES
        if all(_can_be_fitted(model, cells) for model in pair)
    ]


def _fitted_rows(found: Fit, cells: CovariateCells, counts: FailureCounts, z: float) -> list[Row]:
    """Return the mean fitted chance of those counted after each number of failures."""
    at = np.searchsorted(counts.failures, cells.failures)
    weights = np.zeros((len(counts.failures), len(cells.failures)))
    weights[at, np.arange(len(at))] = (cells.met + cells.missed) / counts.counted[at]
    numbers = np.arange(len(cells.failures))

    def means(theta: Floats) -> Floats:
        return np.asarray(weights @ found.model.chances(theta, numbers))

    rows: list[Row] = []
    for i, (mean, error) in enumerate(zip(means(found.theta).tolist(), found.std_errors(means), strict=True)):
        low, high = scaled_limits(mean, error, "logit", z)
        named: Row = {"statistic": "fitted chance", "term": found.model.name, "group": str(counts.failures[i] + 1)}
        named |= {"n": int(counts.counted[i]), "events": int(counts.met[i])}
        rows.append(named | {"estimate": mean, "std_error": error, "conf_low": low, "conf_high": high})
    return rows


def _test_rows(pair: Pair) -> list[Row]:
    """Return the test of dependence given frailty, unless the cells speak against the fuller model."""
    if contradicted(pair.full):
        return []
    named: Row = {"term": pair.full.model.name, "reference": pair.frailty.model.name}
    test = {"estimate": pair.chi_square, "df": pair.df, "p_value": pair.p_value}
    return [named | {"statistic": "likelihood ratio chi-square"} | test]


def _alike_notes(pairs: Sequence[Pair]) -> Iterable[str]:
    for pair in pairs:
        if contradicted(pair.full):
            yield f"{pair.full.model.name}: no test of dependence is reported, since the model does not fit"
        elif pair.frailty.alike:
            yield (
                f"{pair.full.model.name}: frailty alone is fitted as none, at the edge of its range; the test then has "
                "2 degrees of freedom and holds its level (its p value is an upper bound)"
            )
