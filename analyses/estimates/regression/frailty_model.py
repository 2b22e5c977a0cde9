"""A fitted Cox regression with a shared frailty."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from analyses.estimates.groups import Label
from analyses.estimates.regression.cox_model import Ties
from analyses.estimates.regression.design import Design
from analyses.estimates.regression.frailty_fit import Floats, FrailtyFit, Places
from analyses.estimates.regression.sample import Sample


@dataclass(frozen=True, eq=False)
class FrailtyModel:
    """A fitted Cox regression with a gamma frailty of mean 1 that a cluster's rows share.

    Attributes:
        formula: The right side of the formula.
        ties: How tied events were treated: "efron" or "breslow".
        design: The columns' meaning.
        fitted: Coefficients, variance, their errors and likelihoods.
        sample: The rows that were fitted, sorted by cluster.
        order: The row of the caller's frame that each row of the sample is.
        cluster: The number of each row's cluster.
        clustered: The column that names the clusters.
        clusters: The clusters' names, by number.
        strata: The strata's names; (None,) without strata.
    """

    formula: str
    ties: Ties
    design: Design
    fitted: FrailtyFit
    sample: Sample
    order: Places
    cluster: Places
    clustered: str
    clusters: tuple[str, ...]
    strata: tuple[Label, ...]

    @property
    def coefficients(self) -> Floats:
        """Log hazard ratios given the frailty."""
        return self.fitted.coefficients

    @property
    def covariance(self) -> Floats:
        """Their covariance, the variance of the frailty being estimated too."""
        return self.fitted.covariance

    @property
    def frailties(self) -> pl.DataFrame:
        """What is known of each cluster's frailty after its data: `cluster, events, expected, mean, std_error`.

        `expected` is the cumulative hazard that it went through, its frailty left out. The frailty is then gamma
        distributed with (1/variance + events) / (1/variance + expected) as its mean; its standard error takes the fit
        as known. At variance 0 all are 1.
        """
        found = self.fitted
        spread = found.variance * found.frailty / (1 + found.variance * found.expected)
        return pl.DataFrame(
            {
                "cluster": list(self.clusters),
                "events": found.events.astype(int),
                "expected": found.expected,
                "mean": found.frailty,
                "std_error": spread**0.5,
            }
        )
