"""Observed and expected events of groups, and what their differences say: the sums behind every rank test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from analyses.estimates.survival.risk_table import RiskTable
from analyses.estimates.tally import Counts, Floats
from cohort.errors import EstimationError

# Below this share of the largest eigenvalue a direction of the covariance holds rounding and no information.
RANK_TOLERANCE = 1e-10
Numbers = TypeVar("Numbers", NDArray[np.float64], NDArray[np.int64])


@dataclass(frozen=True, eq=False)
class RankScores:
    """Weighted sums over times and strata.

    Attributes:
        observed: Observed events of each group, weighted.
        expected: Expected events of each group, weighted.
        covariance: Covariance of observed minus expected.
        events: Observed events of each group, counted.
    """

    observed: Floats
    expected: Floats
    covariance: Floats
    events: Counts

    @property
    def difference(self) -> Floats:
        """Observed minus expected."""
        return self.observed - self.expected


def rank_scores(table: RiskTable, weight: Floats) -> RankScores:
    """Return the sums of a weighted log-rank test.

    With d events among n at risk at a time, n_g of them in group g, the expected number is d n_g / n, and the
    covariance of groups g and h is d (n - d) / (n - 1) n_g / n (1[g = h] - n_h / n).

    Raises:
        EstimationError: Nobody has the event.
    """
    if not len(table.time):
        raise EstimationError("0 events: a log-rank test needs at least one")
    n, d = table.at_risk.sum(axis=0), table.events.sum(axis=0)
    share = table.at_risk / n
    spread = weight**2 * tied_spread(n, d)
    covariance = np.diag((spread * share).sum(axis=1)) - (spread * share) @ share.T
    observed, expected = (weight * table.events).sum(axis=1), (weight * d * share).sum(axis=1)
    return RankScores(observed, expected, covariance, table.events.sum(axis=1).astype(np.int64))


def tied_spread(n: Numbers, d: Numbers) -> Floats:
    """Return d (n - d) / (n - 1), which times p (1 - p) is the variance of a hypergeometric number; 0 where n is 1."""
    return np.asarray(d * (n - d) / np.maximum(n - 1, 1), dtype=np.float64)


def chi_square(difference: Floats, covariance: Floats, scale: float = 1.0) -> tuple[float, int]:
    """Return the quadratic form of differences in the inverse of their covariance, and its rank.

    Args:
        difference: By group.
        covariance: By group and group.
        scale: The largest weight of any time; what is too small to tell from rounding is judged beside it.

    Raises:
        EstimationError: The covariance is 0: the groups are never compared.
    """
    scaled = covariance / scale**2 if scale > 0 else covariance * 0
    if not np.any(np.abs(scaled) > RANK_TOLERANCE):
        raise EstimationError(
            "no event falls on a day on which two groups are at risk, or all at risk have it; "
            "there is nothing to compare"
        )
    df = int(np.linalg.matrix_rank(scaled, hermitian=True, rtol=RANK_TOLERANCE))
    inverse = np.linalg.pinv(scaled, rcond=RANK_TOLERANCE, hermitian=True)
    standard = difference / scale
    return float(standard @ inverse @ standard), df
