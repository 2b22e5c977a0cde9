"""A fitted Cox regression: all that residuals, predictions and tests of its assumptions start from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analyses.estimates.groups import Label
from analyses.estimates.regression.design import Design
from analyses.estimates.regression.sample import Sample

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
Ties = Literal["efron", "breslow", "exact"]


@dataclass(frozen=True)
class CoxRows:
    """The rows that were fitted.

    Attributes:
        sample: Covariates and times of each row.
        order: The row of the caller's frame that each row of the sample is.
        cluster: The number of each row's cluster; None where rows are independent.
        subject_id: Each row's subject.
    """

    sample: Sample
    order: Places
    cluster: Places | None = None
    subject_id: pl.Series | None = None


@dataclass(frozen=True, eq=False)
class CoxModel:
    """A fitted Cox regression.

    Attributes:
        formula: The right side of the formula.
        ties: How tied events were treated: "efron", "breslow" or "exact".
        design: The columns' meaning, and the coding of new data (`design.coded`).
        coefficients: Log hazard ratios, one a column.
        covariance: Their covariance as reported: robust with clusters or case weights, else the next.
        inverse_information: The inverse of the observed information.
        log_likelihood: The logarithm of the partial likelihood at the coefficients.
        log_likelihood_null: The same at 0.
        strata: The strata's names; (None,) without strata. `sample.stratum` numbers them from 0.
        rows: Gives the rows that were fitted; `sample`, `order` and `cluster` keep them once asked for.
        clustered: The column that was clustered by, or None.
        stratified: The columns whose values make the strata.
    """

    formula: str
    ties: Ties
    design: Design
    coefficients: Floats
    covariance: Floats
    inverse_information: Floats
    log_likelihood: float
    log_likelihood_null: float
    strata: tuple[Label, ...]
    rows: Callable[[], CoxRows] = field(repr=False)
    clustered: str | None = None
    stratified: tuple[str, ...] = ()

    @cached_property
    def _rows(self) -> CoxRows:
        return self.rows()

    @property
    def sample(self) -> Sample:
        """Covariates and times of the rows that were fitted."""
        return self._rows.sample

    @property
    def order(self) -> Places:
        """The row of the caller's frame that each row of the sample is."""
        return self._rows.order

    @property
    def cluster(self) -> Places | None:
        """The number of each sample row's cluster; None where rows are independent."""
        return self._rows.cluster

    @property
    def subject_id(self) -> pl.Series | None:
        """The subject of each sample row."""
        return self._rows.subject_id
