"""Accelerated failure time regression: covariates that stretch or shorten the time to the event."""

from __future__ import annotations

from typing import get_args

import numpy as np
import polars as pl

from analyses.estimates.distributions import normal_quantile
from analyses.estimates.regression.accelerated_distributions import FIXED_SCALE, PROPORTIONAL, Distribution, Floats
from analyses.estimates.regression.accelerated_fit import fit_accelerated, robust
from analyses.estimates.regression.accelerated_model import AcceleratedModel
from analyses.estimates.regression.accelerated_terms import TimeSample
from analyses.estimates.regression.alike_rows import AlikeRows, alike_rows, informative
from analyses.estimates.regression.coefficients import Coefficient
from analyses.estimates.regression.parametric_rows import (
    Row,
    chi_square_rows,
    exponentiated,
    likelihood_rows,
    ratio_rows,
    wald,
)
from analyses.estimates.result import Estimates, estimates_frame
from cohort.errors import EstimationError, some


def accelerated_failure(
    data: pl.DataFrame,
    formula: str,
    *,
    distribution: Distribution = "Weibull",
    cluster: str | None = None,
    confidence: float = 0.95,
    frequency: str | None = None,
) -> Estimates:
    """Return time ratios from accelerated failure time regression of exact, right-, left- or interval-censored times.

    log T = intercept + x beta + scale * error. A time ratio above 1 means a longer time. Any cause counts as the event.

    - "log time ratio" and "time ratio" of each coefficient (Wald limits and p value; the log alone has a standard
      error): `term` is the variable, `group` and `reference` its levels, both null for a number.
    - "log hazard ratio" and "hazard ratio" of each, -beta / scale, for Weibull and exponential times.
    - "log time" of the term "(Intercept)"; "scale", and "log scale" with its error and the p value of a scale of 1
      (not for exponential times, whose scale is 1). Weibull's shape is 1 / scale.
    - "log likelihood" (terms "null", without covariates but with a scale of its own, and "fitted"), of the density of T
      in days where events are dated; "AIC"; "likelihood ratio chi-square" of all coefficients, or with `cluster` a
      "Wald chi-square".

    `n` is the number of rows, `events` how many of them have a right end. `model` is an `AcceleratedModel`, from which
    `predicted_times` and `parametric_survival` start. Numbers, signs and errors are those of R's survreg.

    A row with left = 0 < right is left-censored. Late entry is allowed: who enters on day e counts given that the event
    came after e. Rows with a missing covariate, or censored on day 0, are left out; a note counts them.

    Args:
        data: EVENTS joined with the covariates.
        formula: The right side of a formula: "arm + age"; "1" for no covariate.
        distribution: "Weibull", "exponential", "lognormal" or "loglogistic".
        cluster: The column of what is independent, usually "subject_id"; gives robust standard errors. Needed where a
            subject has several rows.
        confidence: Coverage of the limits.
        frequency: A column that says how many equal rows each row stands for.

    Raises:
        EstimationError: An event is dated on day 0, which has no logarithm; subjects repeat and `cluster` is not given;
            there are no events; the likelihood has no maximum (a level without events, dated times without spread,
            intervals that share a day); the formula, the times or the frequencies cannot be used.

    Sources: Kalbfleisch JD, Prentice RL. The Statistical Analysis of Failure Time Data, 2nd ed. Wiley 2002, chapters 2
    and 3; Wei LJ. Stat Med 1992;11:1871-9; Lindsey JC, Ryan LM. Stat Med 1998;17:219-38.

    >>> times = {"subject_id": ["1", "2", "3", "4"], "entry": 0.0, "left": [1.0, 2.0, 3.0, 6.0]}
    >>> events = pl.DataFrame(times | {"right": [1.0, 2.0, None, 6.0]})
    >>> found = accelerated_failure(events, "1", distribution="exponential")  # 3 events in 12 days
    >>> round(found.value("log time", term="(Intercept)"), 6) == round(float(np.log(12 / 3)), 6)
    True
    """
    z = normal_quantile(confidence)
    if distribution not in get_args(Distribution):
        raise EstimationError(f"distribution={distribution!r}; choose one of {some(get_args(Distribution), 9)}")
    kept, notes = informative(data)
    rows = alike_rows(kept, formula, cluster=cluster, frequency=frequency)
    sample = time_sample(rows)
    _refuse_day_0(sample)
    fitted = fit_accelerated(sample, distribution)
    clusters = rows.clusters
    own = (fitted.covariance, fitted.hazard_covariance)
    covariances = own if clusters is None else robust(fitted, sample, clusters)
    bare = TimeSample(sample.matrix[:, :0], (), sample.entry, sample.left, sample.right, sample.count)
    null = fit_accelerated(bare, distribution).log_likelihood if sample.names else fitted.log_likelihood
    estimates = (fitted.coefficients, fitted.scale, *covariances, fitted.log_likelihood, null)
    model = AcceleratedModel(formula, distribution, sample, rows.design, *estimates, cluster)
    found = [*_coefficients(model, rows.coefficients, z), *_fit_rows(model)]
    method = (
        f"Accelerated failure time regression on {formula}, {distribution} times, {100 * confidence:g}% Wald limits"
    )
    method += "" if cluster is None else f", robust to dependence within {cluster}"
    frame = estimates_frame(row | rows.counts for row in found)
    return Estimates(frame, method, (*notes, *rows.notes, _kinds(sample)), confidence, model)


def time_sample(rows: AlikeRows) -> TimeSample:
    """Return rows as plain arrays."""
    times = (rows.times(name) for name in ("_entry", "_left", "_right", "_count"))
    return TimeSample(rows.matrix, tuple(one.name for one in rows.coefficients), *times)


def _refuse_day_0(sample: TimeSample) -> None:
    at_0 = int(sample.count[sample.right == 0].sum())
    if at_0:
        raise EstimationError(
            f"{at_0} of {int(sample.count.sum())} rows have the event on day 0, which has no logarithm; give such an "
            "event as seen by the end of a first interval (left = 0, right = the first day on which it could be seen), "
            "or let the clock start earlier"
        )


def _kinds(sample: TimeSample) -> str:
    kinds = {
        "an exact time": sample.exact,
        "right-censored": sample.survived,
        "left-censored": sample.failed,
        "interval-censored": sample.between,
    }
    said = ", ".join(f"{int(sample.count[rows].sum())} {kind}" for kind, rows in kinds.items() if len(rows))
    return f"of {int(sample.count.sum())} times: {said}"


def _coefficients(model: AcceleratedModel, meanings: tuple[Coefficient, ...], z: float) -> list[Row]:
    beta, size = model.coefficients[1:], len(model.coefficients)
    errors = np.sqrt(np.diag(model.covariance))
    rows: list[Row] = [{"statistic": "log time", "term": "(Intercept)"} | wald(model.coefficients[0], errors[0], z)]
    rows += ratio_rows(meanings, beta, _inner(model.covariance, size), z, "time ratio")
    if model.distribution in PROPORTIONAL:
        rows += ratio_rows(meanings, -beta / model.scale, _inner(model.hazard_covariance, size), z, "hazard ratio")
    if model.distribution in FIXED_SCALE:
        return [*rows, {"statistic": "scale", "estimate": 1.0}]
    log = {"statistic": "log scale"} | wald(float(np.log(model.scale)), errors[-1], z)
    return [*rows, exponentiated(log, "scale"), log]


def _inner(covariance: Floats, size: int) -> Floats:
    return covariance[1:size, 1:size]


def _fit_rows(model: AcceleratedModel) -> list[Row]:
    size = len(model.coefficients)
    ratio = 2 * (model.log_likelihood - model.log_likelihood_null)
    robust_inner = _inner(model.covariance, size)
    return [
        *likelihood_rows(model.log_likelihood_null, model.log_likelihood, len(model.covariance)),
        *chi_square_rows(ratio, model.coefficients[1:], robust_inner, robust=model.cluster is not None),
    ]
