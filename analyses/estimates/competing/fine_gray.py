"""Regression on the subdistribution hazard of Fine and Gray."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analyses.estimates.competing.competing_rows import competing_rows
from analyses.estimates.competing.subdistribution import Ties
from analyses.estimates.competing.subdistribution_fit import SubdistributionFit, fit_subdistribution, sandwich
from analyses.estimates.distributions import normal_quantile
from analyses.estimates.regression.design import Design
from analyses.estimates.regression.parametric_rows import Row, chi_square_rows, ratio_rows
from analyses.estimates.result import Estimates, estimates_frame
from analyses.estimates.tally import Floats
from cohort.errors import EstimationError

Convention = Literal["Fine-Gray", "weighted Cox"]
_CONVENTIONS = {"Fine-Gray": "the weights' estimate allowed for", "weighted Cox": "the weights taken as known"}
_TIES = {"breslow": "Breslow's", "efron": "Efron's"}


@dataclass(frozen=True, eq=False)
class FineGrayModel:
    """A fitted regression on a subdistribution hazard.

    Attributes:
        formula: The right side of the formula.
        cause: The cause whose incidence is modelled.
        ties: How tied events were treated.
        convention: Whose errors and treatment of tied censorings.
        design: What the columns stand for; other rows can be coded alike.
        coefficients: Log subdistribution hazard ratios, one a column.
        covariance: Their robust covariance.
        fit: The likelihood at its maximum.
        clusters: The number of each line's cluster; None where rows are independent.
    """

    formula: str
    cause: str
    ties: str
    convention: str
    design: Design
    coefficients: Floats
    covariance: Floats
    fit: SubdistributionFit
    clusters: NDArray[np.int64] | None = None


def fine_gray(
    data: pl.DataFrame,
    formula: str,
    *,
    cause: str,
    cluster: str | None = None,
    censoring_by: str | Sequence[str] = (),
    ties: Ties = "breslow",
    convention: Convention = "Fine-Gray",
    confidence: float = 0.95,
    frequency: str | None = None,
) -> Estimates:
    """Return subdistribution hazard ratios of one cause: how covariates move its cumulative incidence.

    Who had a competing event stays at risk, weighted with the chance of being still under observation (a product-limit
    estimate of the censoring). `criterion` is the cause in all rows. A row "log subdistribution hazard ratio" and a row
    "subdistribution hazard ratio" a coefficient (robust Wald limits and p value; the log alone has a standard error),
    labelled as in `cox`; the "log likelihood" of the weighted sets (terms "null" and "fitted"), which is no likelihood
    of independent rows: no ratio test is given; and a "Wald chi-square" of all coefficients. `model` is a
    `FineGrayModel`, which `predicted_incidence` reads.

    `convention="Fine-Gray"` is the paper's estimator with the paper's variance, as in R's cmprsk::crr: the censoring
    weights count as estimated, and events of the day are at risk of being censored on it. crr stops when its score is
    small, so that its last digits may be those of the step before. "weighted Cox" is R's survival::finegray with
    coxph(weights, id): the weights count as known, events come before censorings of their day, and `ties` is "efron" by
    default there. SAS's PHREG (EVENTCODE) has Breslow's ties.

    Rows with a missing covariate are left out; a note counts them. Factors are coded against their first level.

    Args:
        data: EVENTS joined with the covariates; all are seen from day 0.
        formula: The right side of a formula: "arm + age + arm:sex".
        cause: The cause of interest; all others compete with it.
        cluster: The column of what is independent, where subjects have several rows.
        censoring_by: Columns by whose values the censoring is estimated; one estimate for all by default.
        ties: Breslow's or Efron's treatment of events of the cause on one day.
        convention: Whose variance and treatment of tied censorings, as above.
        confidence: Coverage of the limits.
        frequency: A column that says how many equal rows each row stands for.

    Raises:
        EstimationError: Some enter late; the cause does not occur; subjects repeat and `cluster` is not given; the
            likelihood has no maximum; a covariate is constant or follows from the others; the formula cannot be read;
            times cannot be used.

    Sources: Fine JP, Gray RJ. J Am Stat Assoc 1999;94:496-509.

    >>> days = [float(day) for day in range(1, 9)]
    >>> causes = ["relapse", "stop", "relapse", None, "relapse", "stop", "relapse", None]
    >>> data = pl.DataFrame({"subject_id": list("abcdefgh"), "entry": 0.0, "left": days, "cause": causes})
    >>> data = data.with_columns(pl.when(pl.col("cause").is_not_null()).then("left").alias("right"))
    >>> data = data.with_columns(dose=pl.Series([3, 1, 2, 2, 1, 3, 1, 1]))
    >>> found = fine_gray(data, "dose", cause="relapse")
    >>> round(found.value("subdistribution hazard ratio", term="dose"), 4)
    1.2886
    """
    z = normal_quantile(confidence)
    _check(ties, convention)
    by = (censoring_by,) if isinstance(censoring_by, str) else tuple(censoring_by)
    rows = competing_rows(data, formula, cause, cluster=cluster, censoring_by=by, frequency=frequency)
    known = convention == "weighted Cox"
    fit = fit_subdistribution(rows.sample, ties, after_events=known)
    scores = fit.scores(known_weights=known)
    covariance = sandwich(scores, fit.inverse_information, rows.sample.count, rows.clusters)
    found = ratio_rows(
        rows.design.coefficients, fit.coefficients, covariance, z, "subdistribution hazard ratio"
    ) + _fit_rows(fit, covariance)
    frame = estimates_frame(row | rows.counts | {"criterion": cause} for row in found)
    model = FineGrayModel(
        formula, cause, ties, convention, rows.design, fit.coefficients, covariance, fit, rows.clusters
    )
    return Estimates(frame, _method(model, confidence, cluster, by), rows.notes, confidence, model)


def _check(ties: str, convention: str) -> None:
    for name, asked, known in (("ties", ties, _TIES), ("convention", convention, _CONVENTIONS)):
        if asked not in known:
            raise EstimationError(f"{name}={asked!r} was asked for; there are {', '.join(map(repr, known))}")


def _fit_rows(fit: SubdistributionFit, covariance: Floats) -> list[Row]:
    values = {"null": fit.log_likelihood_null, "fitted": fit.point.value}
    rows: list[Row] = [{"statistic": "log likelihood", "term": term, "estimate": v} for term, v in values.items()]
    return rows + chi_square_rows(np.nan, fit.coefficients, covariance, robust=True)


def _method(model: FineGrayModel, confidence: float, cluster: str | None, by: tuple[str, ...]) -> str:
    return (
        f"Fine-Gray regression of {model.cause} on {model.formula} ({_TIES[model.ties]} treatment of ties, "
        f"{_CONVENTIONS[model.convention]}), {100 * confidence:g}% robust Wald limits"
        + (f", censoring estimated by {', '.join(by)}" if by else "")
        + (f", robust to dependence within {cluster}" if cluster else "")
    )
