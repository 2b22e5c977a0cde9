"""The log-rank test of many two-arm studies at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analyses.estimates.survival.rank_scores import RANK_TOLERANCE, tied_spread
from cohort.errors import EstimationError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
_AXES = 3  # studies, groups, times
_GROUPS = 2


@dataclass(frozen=True, eq=False)
class ManyLogRanks:
    """What `log_rank` says of each study, the first axis being the studies.

    Attributes:
        observed: Events by study and group.
        expected: Expected events by study and group.
        variance: Variance of observed minus expected in the first group.
        chi_square: The statistic, with one degree of freedom; NaN where no event falls on a time at which both groups
            are at risk, so that there is nothing to compare.
        p_value: Two-sided; NaN likewise.
    """

    observed: Integers
    expected: Floats
    variance: Floats
    chi_square: Floats
    p_value: Floats


def log_rank_many(at_risk: ArrayLike, events: ArrayLike) -> ManyLogRanks:
    """Return the unweighted log-rank comparison of two groups, study by study.

    With d events among n at risk at a time, n_1 of them in the first group, the expected number is d n_1 / n and the
    variance d (n - d) / (n - 1) n_1 / n (1 - n_1 / n): the same numbers as `log_rank`, study by study. Times differ
    between studies as they like, since only their order counts; a time without events adds nothing.

    Args:
        at_risk: How many are at risk just before each time, whole numbers by study, group (control first) and time.
        events: How many of them have the event then, in the same shape.

    Raises:
        EstimationError: The shapes differ or are not studies by two groups by times, or somewhere more have the event
            than are at risk, or fewer than none.

    Sources: Mantel N. Cancer Chemother Rep 1966;50:163-70; Peto R, Peto J. J R Stat Soc A 1972;135:185-207.

    >>> found = log_rank_many([[[3, 1], [3, 2]]], [[[1, 0], [0, 1]]])
    >>> found.expected.round(3).tolist(), found.chi_square.round(3).tolist()
    ([[0.833, 1.167]], [0.059])
    """
    n_by, d_by = _checked(at_risk, events)
    n, d = n_by.sum(axis=1), d_by.sum(axis=1)
    share = n_by[:, 0] / np.maximum(n, 1)
    first = (d * share).sum(axis=1)
    variance = (tied_spread(n, d) * share * (1 - share)).sum(axis=1)
    observed = d_by.sum(axis=2)
    compared = variance > RANK_TOLERANCE
    chi_square = np.full(len(n), np.nan)
    np.divide((observed[:, 0] - first) ** 2, variance, out=chi_square, where=compared)
    expected = np.stack([first, d.sum(axis=1) - first], axis=1)
    return ManyLogRanks(observed, expected, variance, chi_square, _p_values(chi_square))


def _checked(at_risk: ArrayLike, events: ArrayLike) -> tuple[Integers, Integers]:
    n, d = np.asarray(at_risk), np.asarray(events)
    if n.shape != d.shape or n.ndim != _AXES or n.shape[1] != _GROUPS:
        raise EstimationError(
            f"counts at risk have the shape {n.shape} and events {d.shape}; expected both by study, two groups and time"
        )
    bad = np.flatnonzero(((d < 0) | (d > n)).any(axis=(1, 2)))
    if len(bad):
        raise EstimationError(
            f"{len(bad)} of {len(n)} studies have fewer than 0 events at a time, or more than are at risk "
            f"(the first is number {bad[0]}); count who is at risk just before the time"
        )
    return n.astype(np.int64, copy=False), d.astype(np.int64, copy=False)


def _p_values(chi_square: Floats) -> Floats:
    from scipy.special import erfc

    return np.asarray(erfc(np.sqrt(chi_square / 2)))
