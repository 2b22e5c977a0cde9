"""Proportional hazards regression."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache, partial

import numpy as np
import polars as pl

from analyses.estimates.distributions import normal_quantile
from analyses.estimates.regression.alike_covariates import together_where_alike
from analyses.estimates.regression.concordance import concordance
from analyses.estimates.regression.cox_fit import CoxFit, fit
from analyses.estimates.regression.cox_frame import coefficient_rows, fit_rows, rows_of_tests
from analyses.estimates.regression.cox_layout import canonical_order
from analyses.estimates.regression.cox_model import CoxModel, CoxRows, Places, Ties
from analyses.estimates.regression.cox_rows import UsableRows, empty_levels, events_of, usable_rows, weights_of
from analyses.estimates.regression.design import Design, design, factor_levels, variables
from analyses.estimates.regression.pairs_in_order import share_in_order
from analyses.estimates.regression.plain_terms import plain_terms
from analyses.estimates.regression.residuals import clustered_covariance
from analyses.estimates.regression.sample import Floats, Sample
from analyses.estimates.result import Estimates, estimates_frame
from cohort.errors import EstimationError

TREATMENTS = {"efron": "Efron's", "breslow": "Breslow's", "exact": "the exact conditional"}


def cox(
    data: pl.DataFrame,
    formula: str,
    *,
    strata: str | Sequence[str] | None = None,
    cluster: str | None = None,
    ties: Ties = "efron",
    frequency: str | None = None,
    case_weights: str | None = None,
    confidence: float = 0.95,
) -> Estimates:
    """Return hazard ratios from Cox's regression. Any cause counts as the event.

    A row "log hazard ratio" and a row "hazard ratio" a coefficient (Wald limits and p value; the log alone has a
    standard error): `term` is the variable, `group` and `reference` its levels, both null for a number. Further the
    partial "log likelihood" (terms "null" and "fitted"), Harrell's "concordance" (not with late entry), and the tests
    of all coefficients together: "likelihood ratio chi-square" and "score chi-square" (not with robust errors, which
    they do not know of) and "Wald chi-square"; the latter also of each term with several coefficients, which it names.
    `n` is the number of rows that were fitted. `model` is a `CoxModel`.

    Rows with a missing covariate, stratum or cluster are left out; a note counts them. Factors are coded against their
    first level that has rows (an Enum's first, else the first sorted); Booleans are factors. Late entry is allowed: at
    risk after the day of `entry`. Covariates that change with time stand in several rows of a subject, each from its
    `entry` to its `left`: where these do not overlap and only the last ends with an event they are one history, and
    plain standard errors hold; rows that overlap, or go on after an event, need `cluster`.

    Args:
        data: EVENTS joined with the covariates.
        formula: The right side of a formula: "arm + age + arm:sex".
        strata: A column or columns; each combination of values has a baseline hazard of its own.
        cluster: The column of what is independent, usually "subject_id"; gives robust standard errors.
        ties: Events on one day: "efron"; "breslow"; or "exact", the discrete conditional likelihood (its time grows
            with the number of tied events times the number at risk; no robust errors).
        frequency: The column that says for how many equal rows a row stands: all numbers are those of the expanded
            data, under each treatment of ties (R's `weights` with Efron's are not).
        case_weights: The column of weights of rows, as of inverse probability: as R's coxph(weights = , robust = TRUE)
            events tied on a day share their mean weight, and errors are robust.
        confidence: Coverage of the limits.

    Raises:
        EstimationError: Subjects repeat and `cluster` is not given; there are no events, or fewer than coefficients;
            a level has no event, or the likelihood has no maximum for another reason; a covariate is constant or
            follows from the others; the formula cannot be read or names an unknown column; weights or times cannot be
            used (see `weighting` and `refuse_faults`).

    Sources: Cox DR. J R Stat Soc B 1972;34:187-220; Efron B. J Am Stat Assoc 1977;72:557-65; Breslow N. Biometrics
    1974;30:89-99; Gail MH, Lubin JH, Rubinstein LV. Biometrika 1981;68:703-7; Lin DY, Wei LJ. J Am Stat Assoc
    1989;84:1074-8.

    >>> times = {"subject_id": ["1", "2", "3"], "entry": 0.0, "left": [1.0, 2.0, 3.0]}
    >>> events = pl.DataFrame(times | {"right": [1.0, 2.0, 3.0], "x": [1.0, 0.0, 1.0]})
    >>> round(cox(events, "x").value("hazard ratio", term="x"), 4)
    0.7071
    """
    z = normal_quantile(confidence)
    weights = weights_of(data, frequency, case_weights, ties=ties, cluster=cluster)
    used = variables(formula, data.columns)
    within = [strata] if isinstance(strata, str) else list(strata or ())
    rows = usable_rows(data, used, strata=within, cluster=cluster, weights=weights)
    factors = factor_levels(rows.frame, used)
    n, events = events_of(rows, factors)
    alike = together_where_alike(rows, used, within)
    designed = _designed(alike, used, formula, factors)
    sample = _sample(alike, designed, events)
    order = canonical_order(sample)
    fitted = fit(sample, ties, order)
    if alike is rows:
        arranged = cache(partial(_gathered, rows, sample, order))
    else:
        arranged = cache(lambda: _one_by_one(rows, used, designed, events))
    robust = rows.cluster is not None or case_weights is not None
    covariance = _covariance(arranged(), fitted, ties) if robust else fitted.covariance
    found = coefficient_rows(designed.coefficients, fitted.coefficients, covariance, z)
    found += fit_rows(fitted, _concordance(sample, order, fitted.coefficients))
    found += rows_of_tests(fitted, designed.coefficients, covariance, robust=robust)
    model = CoxModel(
        *(formula, ties, designed, fitted.coefficients, covariance, fitted.covariance),
        *(
            fitted.log_likelihood,
            fitted.log_likelihood_null,
            rows.strata,
            arranged,
            rows.cluster,
            tuple(within),
        ),
    )
    frame = estimates_frame(row | {"n": n, "events": events} for row in found)
    notes = (*rows.notes, *empty_levels(rows.frame, factors), *_notes(rows, n))
    return Estimates(frame, _method(model, rows, confidence), notes, confidence, model)


def _designed(rows: UsableRows, used: list[str], formula: str, factors: dict[str, list[str]]) -> Design:
    """Return the formula's columns; splines and means of a formula are those of the rows however they are ordered."""
    frame = rows.frame.select(used or ["left"])
    if plain_terms(formula) is not None or not used:
        return design(frame, formula, factors)
    frequency = rows.numbers(rows.weights.frequency).astype(np.int64)
    place = frame.select(pl.arg_sort_by(used)).to_series().to_numpy()
    each = np.repeat(place, frequency[place]) if len(frequency) else place
    whole = design(frame[each], formula, factors)
    first = np.empty(len(place), dtype=np.int64)
    first[place] = np.flatnonzero(np.append(True, each[1:] != each[:-1]))
    return replace(whole, matrix=whole.matrix[first])


def _sample(rows: UsableRows, designed: Design, events: int) -> Sample:
    coefficients = len(designed.coefficients)
    if events < coefficients:
        raise EstimationError(f"{events} events cannot carry {coefficients} coefficients; shorten the formula")
    names = tuple(coefficient.name for coefficient in designed.coefficients)
    weights = rows.numbers(rows.weights.frequency), rows.numbers(rows.weights.case_weights)
    sample = Sample(
        designed.matrix, names, rows.numbers("entry"), rows.numbers("left"), rows.event, rows.stratum, *weights
    )
    _refuse_silent_sides(sample, events)
    return sample


def _gathered(rows: UsableRows, sample: Sample, order: Places) -> CoxRows:
    """Return the rows in an order that does not depend on theirs."""
    clusters = rows.clusters
    return CoxRows(
        sample.gathered(order),
        rows.order[order],
        None if clusters is None else clusters[order],
        rows.frame["subject_id"].gather(order),
    )


def _one_by_one(rows: UsableRows, used: list[str], designed: Design, events: int) -> CoxRows:
    """Return all rows, where the fit took them together."""
    whole = _designed(rows, used, designed.formula, designed.factors)
    sample = _sample(rows, whole, events)
    return _gathered(rows, sample, canonical_order(sample))


def _refuse_silent_sides(sample: Sample, events: int) -> None:
    some_events = np.flatnonzero(sample.event)[:1000]
    for name, column in zip(sample.names, sample.matrix.T, strict=True):
        if column[some_events].min() < column[some_events].max():
            continue
        of_events = column[sample.event]
        if of_events.min() < of_events.max():
            continue
        others = column[column != of_events[0]]
        if (others == others[0]).all():
            raise EstimationError(
                f"all {events} events have the same value of {name!r}; its hazard ratio would be 0 or infinite: leave "
                "it out"
            )


def _covariance(rows: CoxRows, fitted: CoxFit, ties: Ties) -> Floats:
    found = clustered_covariance(rows.sample, fitted.coefficients, fitted.covariance, rows.cluster, ties)
    errors = np.sqrt(np.diag(found))
    if not (errors > 0).all():
        silent = [name for name, error in zip(rows.sample.names, errors, strict=True) if not error > 0]
        raise EstimationError(
            f"the robust standard error of {silent[0]!r} is 0: its clusters do not differ; with so few clusters take "
            "another column, or plain errors"
        )
    return found


def _concordance(sample: Sample, order: Places, coefficients: Floats) -> float | None:
    """Return the share of pairs that the model orders rightly, a tied prediction a half; None with late entry."""
    if (sample.entry > 0).any():
        return None
    # Column by column: a matrix product may give equal rows unequal last digits, and they would no longer be tied.
    found = np.zeros(len(sample.time))
    for column, value in zip(sample.matrix.T, coefficients, strict=True):
        found += column * value
    if not len(sample.frequency) and not len(sample.case_weight):
        return share_in_order(sample, found)
    pairs = concordance(sample.gathered(order), found[order], error=False)
    return None if pairs is None else pairs.value


def _notes(rows: UsableRows, n: int) -> list[str]:
    notes: list[str] = []
    if rows.cluster is not None:
        notes.append(f"{n} rows lie in {rows.frame[rows.cluster].n_unique()} clusters of {rows.cluster}")
    if rows.weights.frequency is not None:
        notes.append(f"{rows.weights.frequency} says how many rows each row stands for")
    return notes


def _method(model: CoxModel, rows: UsableRows, confidence: float) -> str:
    method = f"Cox regression on {model.formula} ({TREATMENTS[model.ties]} treatment of ties)"
    if model.stratified:
        method += f", stratified by {', '.join(model.stratified)}"
    if rows.weights.case_weights is not None:
        method += f", rows weighted by {rows.weights.case_weights}"
    method += f", {100 * confidence:g}% Wald limits"
    if rows.cluster is not None:
        return f"{method}, robust to dependence within {rows.cluster}"
    return method if rows.weights.case_weights is None else f"{method}, robust errors"
