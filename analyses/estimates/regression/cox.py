"""Proportional hazards regression."""

from __future__ import annotations

import math

import numpy as np
import polars as pl

from analyses.estimates.distributions import chi_square_p, normal_quantile, two_sided_p
from analyses.estimates.event_times import exact_times
from analyses.estimates.groups import require, text
from analyses.estimates.regression.cox_fit import CoxFit, Floats, clustered_covariance, fit
from analyses.estimates.regression.design import Coefficient, Design, design, factor_levels, variables
from analyses.estimates.regression.sample import Sample
from analyses.estimates.result import Estimates, estimates_frame
from cohort.errors import EstimationError, some

Row = dict[str, object]


def cox(data: pl.DataFrame, formula: str, *, cluster: str | None = None, confidence: float = 0.95) -> Estimates:
    """Return hazard ratios from Cox's regression (Efron's treatment of ties). Any cause counts as the event.

    A row "log hazard ratio" and a row "hazard ratio" a coefficient (Wald limits and p value; the log alone has a
    standard error): `term` is the variable, `group` and `reference` its levels, both null for a number. Further the
    partial "log likelihood" (terms "null" and "fitted"), Harrell's "concordance" (not with late entry), and the tests
    of all coefficients together: "likelihood ratio chi-square" and "score chi-square", or with `cluster` a "Wald
    chi-square", which alone allows for the dependence. `n` is the number of rows that were fitted. `model` is
    lifelines' fit (its own errors do not know of `cluster`).

    Rows with a missing covariate are left out; a note counts them. Factors are coded against their first level that
    has rows (an Enum's first, else the first sorted); Booleans are factors. Late entry is allowed: at risk after the
    day of `entry`.

    Args:
        data: EVENTS joined with the covariates.
        formula: The right side of a formula: "arm + age + arm:sex".
        cluster: The column of what is independent, usually "subject_id"; gives robust standard errors. Needed where a
            subject has several rows.
        confidence: Coverage of the limits.

    Raises:
        EstimationError: Subjects repeat and `cluster` is not given; there are no events, or fewer than coefficients;
            a level has no event, or the likelihood has no maximum for another reason; a covariate is constant or
            follows from the others; the formula cannot be read or names an unknown column; times cannot be used (see
            `exact_times`).

    Sources: Cox DR. J R Stat Soc B 1972;34:187-220; Efron B. J Am Stat Assoc 1977;72:557-65; Lin DY, Wei LJ. J Am
    Stat Assoc 1989;84:1074-8.
    """
    z = normal_quantile(confidence)
    checked = exact_times(data, None)
    used = variables(formula, data.columns)
    _refuse_repeats(checked.frame, cluster)
    rows, notes = _complete(checked.frame, used, cluster)
    factors = factor_levels(rows, used)
    notes += _empty_levels(rows, factors)
    _refuse_too_few_events(rows, factors)
    designed = design(rows.select(used or ["_time"]), formula, factors)
    sample = _sample(rows, designed)
    _refuse_silent_sides(sample)
    fitted = fit(sample)
    clusters = None if cluster is None else text(rows[cluster]).to_list()
    covariance = fitted.covariance if clusters is None else clustered_covariance(sample, fitted, clusters)
    found = _coefficient_rows(designed.coefficients, fitted.coefficients, covariance, z)
    found += _model_rows(fitted) + _test_rows(fitted, covariance, robust=clusters is not None)
    counts = {"n": rows.height, "events": int(sample.event.sum())}
    method = f"Cox regression on {formula} (Efron's treatment of ties), {100 * confidence:g}% Wald limits"
    if clusters is not None:
        method += f", robust to dependence within {cluster}"
        notes.append(f"{rows.height} rows lie in {len(set(clusters))} clusters of {cluster}")
    return Estimates(estimates_frame(row | counts for row in found), method, tuple(notes), confidence, fitted.model)


def _refuse_repeats(rows: pl.DataFrame, cluster: str | None) -> None:
    if cluster is not None:
        require(rows, [cluster], "the column to cluster by")
        return
    repeated = rows.filter(pl.col("subject_id").is_duplicated())["subject_id"].unique().sort()
    if len(repeated):
        raise EstimationError(
            f"{len(repeated)} subjects have more than one row ({some(repeated)}); rows of one subject are not "
            "independent and plain standard errors are too small: pass cluster='subject_id', or keep one row each"
        )


def _complete(rows: pl.DataFrame, used: list[str], cluster: str | None) -> tuple[pl.DataFrame, list[str]]:
    """Return the rows without missing covariates, sorted by all that the fit reads, and a note on the others."""
    needed = list(dict.fromkeys([*used, *([cluster] if cluster else [])]))
    empty = [
        pl.col(name).is_null() | (pl.col(name).is_nan() if rows.schema[name].is_float() else False) for name in needed
    ]
    missing = rows.select(expression.alias(name) for name, expression in zip(needed, empty, strict=True))
    gaps = {name: int(missing[name].sum()) for name in needed}
    kept = rows.filter(~pl.any_horizontal(empty)) if needed else rows
    if not kept.height:
        raise EstimationError(
            f"each of {rows.height} rows lacks {some(name for name in needed if gaps[name])}; none is left to fit"
        )
    order = list(dict.fromkeys(["_time", "_event", "_entry", *needed]))
    left_out = rows.height - kept.height
    counted = ", ".join(f"{name} {gaps[name]}" for name in needed if gaps[name])
    notes = [f"{left_out} of {rows.height} rows were left out for missing values ({counted})"] if left_out else []
    return kept.sort(order), notes


def _empty_levels(rows: pl.DataFrame, factors: dict[str, list[str]]) -> list[str]:
    declared = {name: dtype.categories.to_list() for name in factors if isinstance(dtype := rows.schema[name], pl.Enum)}
    empty = {name: [level for level in levels if level not in factors[name]] for name, levels in declared.items()}
    return [
        f"{name} has no rows with {some(levels, 9)}; no coefficient is given"
        for name, levels in empty.items()
        if levels
    ]


def _refuse_too_few_events(rows: pl.DataFrame, factors: dict[str, list[str]]) -> None:
    if not rows["_event"].sum():
        raise EstimationError(f"0 events among {rows.height} rows; a hazard ratio needs events in every group")
    for name, found in factors.items():
        with_events = set(text(rows.filter("_event")[name]).to_list())
        silent = [level for level in found if level not in with_events]
        if silent:
            raise EstimationError(
                f"{name} has 0 events at {some(silent)}; its hazard ratio would be 0 or infinite: merge levels, "
                "leave it out, or report counts"
            )


def _sample(rows: pl.DataFrame, designed: Design) -> Sample:
    events, coefficients = int(rows["_event"].sum()), len(designed.coefficients)
    if events < coefficients:
        raise EstimationError(f"{events} events cannot carry {coefficients} coefficients; shorten the formula")
    names = tuple(coefficient.name for coefficient in designed.coefficients)
    times = (rows[name].to_numpy() for name in ("_entry", "_time", "_event"))
    return Sample(designed.matrix, names, *times)


def _refuse_silent_sides(sample: Sample) -> None:
    for name, column in zip(sample.names, sample.matrix.T, strict=True):
        sides = np.unique(column)
        if len(sides) == 2 and len(np.unique(column[sample.event])) == 1:
            raise EstimationError(
                f"all {int(sample.event.sum())} events have the same value of {name!r}; its hazard ratio would be 0 or "
                "infinite: leave it out"
            )


def _coefficient_rows(meanings: tuple[Coefficient, ...], values: Floats, covariance: Floats, z: float) -> list[Row]:
    rows: list[Row] = []
    for meaning, value, error in zip(meanings, values, np.sqrt(np.diag(covariance)), strict=True):
        named: Row = {"term": meaning.term, "group": meaning.group, "reference": meaning.reference}
        named |= {"p_value": two_sided_p(value / error)}
        low, middle, high = (float(value + step * error) for step in (-z, 0, z))
        limits: Row = {"estimate": middle, "conf_low": low, "conf_high": high}
        ratio: Row = {place: math.exp(limit) for place, limit in zip(limits, (middle, low, high), strict=True)}
        rows.append(named | limits | {"statistic": "log hazard ratio", "std_error": float(error)})
        rows.append(named | ratio | {"statistic": "hazard ratio"})
    return rows


def _model_rows(fitted: CoxFit) -> list[Row]:
    terms = {"null": fitted.log_likelihood_null, "fitted": fitted.log_likelihood}
    rows: list[Row] = [
        {"statistic": "log likelihood", "term": term, "estimate": value} for term, value in terms.items()
    ]
    if fitted.concordance is not None:
        rows.append({"statistic": "concordance", "estimate": fitted.concordance})
    return rows


def _test_rows(fitted: CoxFit, covariance: Floats, *, robust: bool) -> list[Row]:
    df = len(fitted.coefficients)
    if robust:
        wald = fitted.coefficients @ np.linalg.solve(covariance, fitted.coefficients)
        tests = {"Wald chi-square": float(wald)}
    else:
        ratio = 2 * (fitted.log_likelihood - fitted.log_likelihood_null)
        tests = {"likelihood ratio chi-square": ratio, "score chi-square": fitted.score}
    return [{"statistic": n, "estimate": v, "df": df, "p_value": chi_square_p(v, df)} for n, v in tests.items()]
