"""Numbers of events over time explained by covariates."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analyses.estimates.distributions import chi_square_p, normal_quantile
from analyses.estimates.regression.coefficients import Coefficient
from analyses.estimates.regression.design import Design
from analyses.estimates.regression.parametric_rows import chi_square_rows, exponentiated, ratio_rows, wald
from analyses.estimates.regression.rates_errors import Errors, RateErrors, rate_errors
from analyses.estimates.regression.rates_fit import RateFit, fit_negative_binomial, fit_poisson
from analyses.estimates.regression.rates_likelihood import CountSample, Floats
from analyses.estimates.regression.rates_rows import CountRows, count_rows
from analyses.estimates.result import Estimates, estimates_frame
from cohort.errors import EstimationError, some

Family = Literal["Poisson", "negative binomial"]
Row = dict[str, object]


@dataclass(frozen=True, eq=False)
class RateModel:
    """A fitted regression of counts.

    Attributes:
        formula: The right side of the formula.
        family: "Poisson" or "negative binomial".
        design: The columns' meaning, and the coding of new data; None where the formula is "1".
        coefficients: The log rate, then log rate ratios.
        covariance: Their covariance as reported.
        alpha: The dispersion; 0 for Poisson.
        log_likelihood: With all its constants.
        sample: Counts, exposures and columns, in the order in which they were fitted.
        mean: The expected counts.
    """

    formula: str
    family: Family
    design: Design | None
    coefficients: Floats
    covariance: Floats
    alpha: float
    log_likelihood: float
    sample: CountSample
    mean: Floats


def event_rates(
    data: pl.DataFrame,
    formula: str,
    *,
    family: Family = "Poisson",
    count: str | None = None,
    exposure: str | None = None,
    errors: Errors | None = None,
    cluster: str | None = None,
    frequency: str | None = None,
    confidence: float = 0.95,
) -> Estimates:
    """Return ratios of rates: how many events per time, by covariates.

    A row "log rate ratio" and a row "rate ratio" a coefficient (Wald limits; `term` the variable, `group` and
    `reference` its levels), and "log rate" and "rate" per unit of exposure at the reference levels and at 0 of numbers
    (term "intercept"). Of the negative binomial "dispersion" with the terms "alpha" (the variance is mu + alpha mu^2)
    and "theta" (1 / alpha), limits on the log scale, and "overdispersion chi-square", the likelihood ratio against
    Poisson, whose p value allows for 0 being the bound of alpha. Further "log likelihood" (terms "null" and "fitted",
    all constants included), "likelihood ratio chi-square" or with robust errors "Wald chi-square", and "Pearson
    chi-square" (well above its `df`: counts vary more than Poisson's, and Poisson errors are too small). `n` is the
    number of rows, `events` the sum of the counts. `model` is a `RateModel`.

    Counts that vary no more than Poisson's have alpha 0, no theta, and Poisson's coefficients; a note says so. Rows
    with a missing covariate are left out and counted. The formula "1" has a rate alone.

    Args:
        data: One row a subject with `count` and `exposure`; or EVENTS with covariates (both None), whose events and
            days under observation are added up for each subject.
        formula: The right side of a formula: "arm + age".
        family: "Poisson" or "negative binomial".
        count: The column of numbers of events.
        exposure: The column of times in which they were counted, in days as a rule.
        errors: "observed" (default: coefficients and alpha together, as SAS), "expected" (alpha taken as known, as R's
            glm.nb; of Poisson the same), "robust" (sandwich; default with `cluster`).
        cluster: The column of what is independent, where a subject has several rows of counts.
        frequency: The column that says how many equal rows each row stands for.
        confidence: Coverage of the limits.

    Raises:
        EstimationError: A row has no exposure; a count is not a whole number; there are no events, or none at a level;
            the likelihood has no maximum; subjects repeat; a covariate changes within a subject of EVENTS, is constant
            or follows from others; there are no more clusters than coefficients; the formula cannot be read; times
            cannot be used.

    Sources: Lawless JF. Can J Stat 1987;15:209-25; Glynn RJ, Buring JE. BMJ 1996;312:364-7; Self SG, Liang KY. J Am
    Stat Assoc 1987;82:605-10.

    >>> counts = pl.DataFrame({"arm": ["a", "a", "b", "b"], "seizures": [4, 8, 1, 2], "days": [60, 60, 30, 60]})
    >>> found = event_rates(counts, "arm", count="seizures", exposure="days")
    >>> found.frame.filter(statistic="rate ratio").select("group", "reference", pl.col("estimate").round(6)).rows()
    [('b', 'a', 0.333333)]
    """
    z = normal_quantile(confidence)
    chosen = _chosen(family, errors, cluster)
    read = count_rows(data, formula, count=count, exposure=exposure, cluster=cluster, frequency=frequency)
    _refuse_too_many(read, cluster)
    fit = (fit_poisson if family == "Poisson" else fit_negative_binomial)(read.sample)
    null = _null(read.sample, family) if len(fit.coefficients) > 1 else fit
    found = rate_errors(fit, read.sample, chosen, read.clusters)
    rows = _rate_rows(read.coefficients, fit, found, z)
    if family == "negative binomial":
        rows += _dispersion_rows(fit, found, z)
    rows += _fit_rows(fit, null, found, read.sample, robust=chosen == "robust")
    size = int(read.sample.frequency.sum())
    counts = {"n": size, "events": int(read.sample.count @ read.sample.frequency)}
    model = RateModel(
        *(formula, family, read.design, fit.coefficients, found.covariance, fit.alpha),
        *(fit.log_likelihood, read.sample, fit.mean),
    )
    notes = (*read.notes, *_notes(fit, family, cluster, read.clusters, size))
    method = f"{family[0].upper()}{family[1:]} regression of counts on {formula}, offset log exposure, {chosen} errors"
    return Estimates(
        estimates_frame(row | counts for row in rows),
        f"{method}, {100 * confidence:g}% Wald limits",
        notes,
        confidence,
        model,
    )


def _chosen(family: str, errors: str | None, cluster: str | None) -> Errors:
    if family not in get_args(Family):
        raise EstimationError(f"family={family!r}; it is one of {some(get_args(Family))}")
    if errors is None:
        return "observed" if cluster is None else "robust"
    if errors not in get_args(Errors):
        raise EstimationError(f"errors={errors!r}; they are one of {some(get_args(Errors))}")
    if cluster is not None and errors != "robust":
        raise EstimationError(
            f"cluster={cluster!r} asks for robust errors, and errors={errors!r}; leave one of them out"
        )
    return errors  # type: ignore[return-value]


def _refuse_too_many(read: CountRows, cluster: str | None) -> None:
    rows, size = int(read.sample.frequency.sum()), read.sample.matrix.shape[1]
    if rows < size:
        raise EstimationError(f"{rows} rows cannot carry {size} coefficients; shorten the formula")
    # Scores add up to 0, so that a sandwich of as few clusters has no error in some direction.
    if read.clusters is not None and (number := int(read.clusters.max()) + 1) <= size:
        raise EstimationError(
            f"{rows} rows lie in {number} clusters of {cluster!r}; robust errors of {size} coefficients need more: "
            "name the column of what is independent, or shorten the formula"
        )


def _null(sample: CountSample, family: str) -> RateFit:
    alone = CountSample(sample.matrix[:, :1], sample.count, sample.exposure, sample.frequency)
    return (fit_poisson if family == "Poisson" else fit_negative_binomial)(alone)


def _rate_rows(meanings: tuple[Coefficient, ...], fit: RateFit, errors: RateErrors, z: float) -> list[Row]:
    rate = wald(float(fit.coefficients[0]), float(np.sqrt(errors.covariance[0, 0])), z)
    # Whether a rate is 1 per day is nothing that anybody asks.
    log: Row = {"statistic": "log rate", "term": "intercept"} | rate | {"p_value": None}
    return [
        *ratio_rows(meanings, fit.coefficients[1:], errors.covariance[1:, 1:], z, "rate ratio"),
        *(log, exponentiated(log, "rate")),
    ]


def _dispersion_rows(fit: RateFit, errors: RateErrors, z: float) -> list[Row]:
    names = ("alpha", "theta")
    if not fit.alpha:
        values: list[Row] = [{"estimate": 0.0}, {"estimate": None}]
    else:
        reach = math.exp(min(z * errors.log_alpha, 700.0))
        values = [
            {"estimate": v, "std_error": v * errors.log_alpha, "conf_low": v / reach, "conf_high": v * reach}
            for v in (fit.alpha, 1 / fit.alpha)
        ]
    rows: list[Row] = [
        {"statistic": "dispersion", "term": name} | value for name, value in zip(names, values, strict=True)
    ]
    ratio = max(2 * fit.excess, 0.0)
    p = 0.5 * chi_square_p(ratio, 1) if ratio > 0 else 1.0
    return [*rows, {"statistic": "overdispersion chi-square", "estimate": ratio, "df": 1, "p_value": p}]


def _fit_rows(fit: RateFit, null: RateFit, errors: RateErrors, sample: CountSample, *, robust: bool) -> list[Row]:
    named = {"null": null.log_likelihood, "fitted": fit.log_likelihood}
    rows: list[Row] = [{"statistic": "log likelihood", "term": term, "estimate": v} for term, v in named.items()]
    ratio = 2 * (fit.log_likelihood - null.log_likelihood)
    rows += chi_square_rows(ratio, fit.coefficients[1:], errors.covariance[1:, 1:], robust=robust)
    df = int(sample.frequency.sum()) - len(fit.coefficients)
    return [*rows, {"statistic": "Pearson chi-square", "estimate": fit.pearson, "df": df}]


def _notes(fit: RateFit, family: str, cluster: str | None, clusters: NDArray[np.int64] | None, size: int) -> list[str]:
    notes = []
    if family == "negative binomial" and not fit.alpha:
        notes.append("the counts vary no more than Poisson's: alpha is 0, and all else is Poisson's")
    if clusters is not None:
        notes.append(f"{size} rows lie in {int(clusters.max()) + 1} clusters of {cluster}")
    return notes
