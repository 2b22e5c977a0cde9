"""A fitted accelerated failure time regression: all that predicted times and curves start from."""

from __future__ import annotations

from dataclasses import dataclass

from analyses.estimates.regression.accelerated_distributions import ERRORS, Distribution, Error, Floats
from analyses.estimates.regression.accelerated_terms import TimeSample
from analyses.estimates.regression.design import Design


@dataclass(frozen=True, eq=False)
class AcceleratedModel:
    """A fitted regression log T = intercept + x beta + scale * error.

    Attributes:
        formula: The right side of the formula.
        distribution: Of the times.
        sample: What was fitted; equal rows are one line.
        design: The columns' meaning, and the coding of new data; None where the formula is "1".
        coefficients: Intercept and beta, in logs of days.
        scale: The scale; 1 for exponential times.
        covariance: As reported, of intercept, beta and, where the scale is estimated, its logarithm.
        hazard_covariance: As reported, of intercept / scale, beta / scale and, where it is estimated, 1 / scale.
        log_likelihood: On the scale of the times.
        log_likelihood_null: The same without covariates, with a scale of its own.
        cluster: The column that errors are clustered by; None where rows are independent.
    """

    formula: str
    distribution: Distribution
    sample: TimeSample
    design: Design | None
    coefficients: Floats
    scale: float
    covariance: Floats
    hazard_covariance: Floats
    log_likelihood: float
    log_likelihood_null: float
    cluster: str | None

    @property
    def error(self) -> Error:
        """The distribution of (log T - intercept - x beta) / scale."""
        return ERRORS[self.distribution]
