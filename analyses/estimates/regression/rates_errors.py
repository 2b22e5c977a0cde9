"""Standard errors of a regression of counts: by information, as R and SAS print them, or robust."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from analyses.estimates.regression.rates_fit import RateFit
from analyses.estimates.regression.rates_likelihood import CountSample, Floats
from cohort.errors import EstimationError

Errors = Literal["observed", "expected", "robust"]


@dataclass(frozen=True, eq=False)
class RateErrors:
    """What is known of a fit's uncertainty.

    Attributes:
        covariance: Of the coefficients.
        log_alpha: Standard error of log alpha; NaN where the variance is Poisson's.
    """

    covariance: Floats
    log_alpha: float


def rate_errors(
    fit: RateFit, sample: CountSample, errors: Errors, clusters: NDArray[np.int64] | None = None
) -> RateErrors:
    """Return the errors of one kind.

    "observed": the inverse of the observed information of coefficients and log alpha together (SAS GENMOD). "expected":
    the inverse of the expected information of the coefficients, alpha taken as known (R's glm.nb and glm), and the
    observed one of alpha, the coefficients taken as known (theta.ml). "robust": the sandwich of the observed
    information and the scores, added up within clusters, without a correction for small samples.
    """
    size = len(fit.coefficients)
    if errors == "expected":
        log_alpha = 1 / np.sqrt(fit.information[-1, -1]) if fit.alpha else np.nan
        return RateErrors(_inverse(fit.expected), float(log_alpha))
    covariance = _inverse(fit.information)
    if errors == "robust":
        sums, weights = fit.scores, sample.frequency
        if clusters is not None:
            sums = np.zeros((int(clusters.max()) + 1, fit.scores.shape[1]))
            np.add.at(sums, clusters, fit.scores * sample.frequency[:, None])
            weights = np.ones(len(sums))
        covariance = covariance @ ((sums * weights[:, None]).T @ sums) @ covariance
    log_alpha = np.sqrt(covariance[-1, -1]) if fit.alpha else np.nan
    return RateErrors(covariance[:size, :size], float(log_alpha))


def _inverse(information: Floats) -> Floats:
    """Return the inverse, scaled to ones on the diagonal before."""
    scale = np.sqrt(np.diag(information))
    try:
        inner = np.linalg.inv(information / np.outer(scale, scale))
    except np.linalg.LinAlgError:
        raise EstimationError("the information of the counts is singular; shorten the formula") from None
    return np.asarray(inner / np.outer(scale, scale))
