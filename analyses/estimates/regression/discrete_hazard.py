"""Discrete-time hazard regression: the chance of the event in each period between visits, explained by covariates."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import get_args

import numpy as np
import polars as pl

from analyses.estimates.distributions import normal_quantile
from analyses.estimates.regression.alike_rows import AlikeRows, alike_rows
from analyses.estimates.regression.binomial_fit import Link, chance
from analyses.estimates.regression.coefficients import Coefficient
from analyses.estimates.regression.discrete_fit import Baseline, DiscreteModel, baseline_hazard, fit_discrete
from analyses.estimates.regression.discrete_periods import cells, in_periods, period_ends
from analyses.estimates.regression.parametric_rows import Row, chi_square_rows, likelihood_rows, ratio_rows
from analyses.estimates.result import Estimates, estimates_frame
from cohort.errors import EstimationError, some

_RATIO: dict[str, str] = {"logit": "odds ratio", "cloglog": "hazard ratio"}
_SHAPE = {"line": ("period",), "quadratic": ("period", "period squared"), "logarithm": ("log period",)}


def discrete_hazard(
    data: pl.DataFrame,
    formula: str,
    *,
    periods: Sequence[float] | None = None,
    link: Link = "logit",
    baseline: Baseline = "factor",
    cluster: str | None = None,
    confidence: float = 0.95,
    frequency: str | None = None,
) -> Estimates:
    """Return how covariates change the chance of the event in a period, among who is free of it when the period begins.

    - "log odds ratio" and "odds ratio" of each covariate with link="logit"; "log hazard ratio" and "hazard ratio" with
      link="cloglog", which is the proportional hazards model of times known by period (Wald limits and p value; the log
      alone has a standard error): `term` is the variable, `group` and `reference` its levels, both null for a number.
      With a baseline other than a factor its change from period to period too (term "period").
    - "hazard" by period (`at` = its last day) where all covariates are 0 or at their reference, with limits by the
      link; `n` at risk and `events` of everybody. Without covariates a factor's is events / at risk. Where nobody or
      everybody at risk had the event it is 0 or 1 without limits, and the period is no part of the regression.
    - "log likelihood" (terms "null", the baseline alone, and "fitted") of single subjects and periods; "AIC", in which
      a factor's hazards of 0 or 1 are no parameters; "likelihood ratio chi-square" of all covariates, or with `cluster`
      a "Wald chi-square".

    A period is what lies after one of the days of `periods` up to and including the next; the first begins with day 0.
    A dated event is in the period of its day; an interval-censored one must lie within a single period, as where
    everybody keeps the same visits. Who is censored within a period is not at risk in it (dated events make hazards a
    little high where many are); who enters late is at risk from the first whole period on. Times after the last period
    are taken as without the event by then. Any cause counts as the event. The periods of one subject are no repeats:
    they add to the likelihood like separate subjects. `n` of other rows is how many rows were at risk in any period.
    `model` is a `DiscreteModel`.

    Args:
        data: EVENTS joined with the covariates.
        formula: The right side of a formula: "arm + age"; "1" for no covariate.
        periods: The last day of each period, as the days of visits; without it every day on which an event was dated
            or seen.
        link: "logit" or "cloglog".
        baseline: "factor" (a hazard of its own for each period), or by the number of the period: "line", "quadratic",
            "logarithm".
        cluster: The column of what is independent, usually "subject_id"; gives robust standard errors. Needed where a
            subject has several rows in `data`.
        confidence: Coverage of the limits.
        frequency: A column that says how many equal rows each row stands for.

    Raises:
        EstimationError: An event lies in one of several periods; no event lies in any; an argument is unknown; subjects
            repeat and `cluster` is not given; nobody or everybody had the event at some level of a covariate; the
            formula, the times or the frequencies cannot be used.

    Sources: Cox DR. J R Stat Soc B 1972;34:187-220; Prentice RL, Gloeckler LA. Biometrics 1978;34:57-67; Singer JD,
    Willett JB. J Educ Stat 1993;18:155-95.

    >>> times = {"subject_id": ["1", "2", "3", "4"], "entry": 0.0, "left": [0.0, 14.0, 0.0, 14.0]}
    >>> events = pl.DataFrame(times | {"right": [14.0, 28.0, 14.0, None]})
    >>> found = discrete_hazard(events, "1", periods=[14, 28])
    >>> round(found.value("hazard", at=14), 6)  # 2 of 4; then 1 of 1, for the other was last seen on day 14
    0.5
    """
    z = normal_quantile(confidence)
    _refuse_unknown(link, baseline)
    ends = period_ends(data, periods)
    coarsened = partial(in_periods, ends=ends)
    rows = alike_rows(data, formula, cluster=cluster, frequency=frequency, coarsened=coarsened)
    counted = cells(rows, len(ends))
    fitted = fit_discrete(counted, len(ends), link, baseline)
    model = DiscreteModel(formula, link, baseline, ends, rows.design, counted, *fitted, cluster)
    found = _coefficient_rows(model, rows.coefficients, z) + _fit_rows(model)
    counts: Row = {"n": _at_risk(rows), "events": int(counted.met.sum())}
    frame = estimates_frame([*(row | counts for row in found), *_hazard_rows(model, z)])
    method = f"Discrete-time hazard regression on {formula} ({link} link, {len(ends)} periods, baseline: {baseline})"
    method += f", {100 * confidence:g}% Wald limits"
    method += "" if cluster is None else f", robust to dependence within {cluster}"
    return Estimates(frame, method, (*rows.notes, *_notes(model, rows)), confidence, model)


def _refuse_unknown(link: str, baseline: str) -> None:
    for name, value, known in (("link", link, get_args(Link)), ("baseline", baseline, get_args(Baseline))):
        if value not in known:
            raise EstimationError(f"{name}={value!r}; choose one of {some(known, 9)}")


def _idle(rows: AlikeRows) -> np.ndarray:
    last = rows.times("_left") + np.isfinite(rows.times("_right"))
    return np.asarray(last <= rows.times("_entry"))


def _at_risk(rows: AlikeRows) -> int:
    return int(rows.count[~_idle(rows)].sum())


def _coefficient_rows(model: DiscreteModel, meanings: tuple[Coefficient, ...], z: float) -> list[Row]:
    shape = tuple(Coefficient(name, name) for name in _SHAPE.get(model.baseline, ()))
    named = (*shape, *meanings)
    first = len(model.coefficients) - len(named)
    covariance = model.covariance[first:, first:]
    return ratio_rows(named, model.coefficients[first:], covariance, z, _RATIO[model.link])


def _fit_rows(model: DiscreteModel) -> list[Row]:
    ratio = 2 * (model.log_likelihood - model.log_likelihood_null)
    inner = model.covariance[model.width :, model.width :]
    return [
        *likelihood_rows(model.log_likelihood_null, model.log_likelihood, len(model.coefficients)),
        *chi_square_rows(ratio, model.coefficients[model.width :], inner, robust=model.cluster is not None),
    ]


def _hazard_rows(model: DiscreteModel, z: float) -> list[Row]:
    size = len(model.ends)
    met = np.bincount(model.cells.period, model.cells.met, size)
    tried = np.bincount(model.cells.period, model.cells.tried, size)
    eta, error, slope = baseline_hazard(model, model.estimated)
    low, middle, high = (chance(eta + step * error, model.link)[0] for step in (-z, 0, z))
    rows: list[Row] = []
    for number in range(size):
        row: Row = {"statistic": "hazard", "at": float(model.ends[number])}
        row |= {"n": int(tried[number]), "events": int(met[number])}
        place = np.flatnonzero(model.estimated == number)
        if len(place):
            k = int(place[0])
            row |= {"estimate": float(middle[k]), "std_error": float(slope[k] * error[k])}
            row |= {"conf_low": float(low[k]), "conf_high": float(high[k])}
        elif tried[number]:
            row["estimate"] = float(met[number] > 0)
        rows.append(row)
    return rows


def _notes(model: DiscreteModel, rows: AlikeRows) -> list[str]:
    idle, notes = _idle(rows), []
    lost = int(rows.count[idle & np.isfinite(rows.times("_right"))].sum())
    if idle.any():
        notes.append(
            f"{int(rows.count[idle].sum())} rows are at risk in no whole period and tell nothing"
            + (f" ({lost} have the event in the period in which they entered)" if lost else "")
        )
    seen = np.unique(model.cells.period)
    certain = [f"{model.ends[number]:g}" for number in seen if number not in model.estimated]
    if certain:
        notes.append(
            f"in {len(certain)} of {len(model.ends)} periods (ending on day {some(certain)}) nobody or everybody at "
            "risk had the event; their hazard is 0 or 1 at all covariates and they tell nothing of the coefficients"
        )
    return notes
