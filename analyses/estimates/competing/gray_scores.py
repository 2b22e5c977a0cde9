"""The sums behind Gray's test: subdistribution risk sets, and the covariance of what they leave unexplained."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analyses.estimates.survival.rank_scores import RANK_TOLERANCE
from analyses.estimates.tally import Floats


@dataclass(frozen=True, eq=False)
class GrayScores:
    """Sums over the times of one stratum, by group.

    Attributes:
        observed: Events of the cause, weighted.
        expected: Expected ones, weighted.
        covariance: Covariance of observed minus expected.
        exhausted: Whether times were left out because the pooled cumulative incidence had reached 1.
    """

    observed: Floats
    expected: Floats
    covariance: Floats
    exhausted: bool


def gray_scores(at_risk: Floats, of_cause: Floats, other: Floats, rho: float) -> GrayScores:
    """Return the sums for one stratum from counts by group and time.

    With Y at risk, S the Kaplan-Meier curve for any cause and F1 the cumulative incidence of the cause, both just
    before the time, a group's risk set is R = Y (1 - F1) / S: who had another cause stays in it as far as he would not
    have been censored. d events of the cause are expected in proportion to R. The common incidence F under no
    difference rises by d / sum(Y / S); times weigh (1 - F) ** rho, and 0 once F has reached 1.

    Args:
        at_risk: Y.
        of_cause: Events of the cause.
        other: Events of all other causes.
        rho: Power of the weights.
    """
    there = at_risk > 0
    held = np.maximum(at_risk, 1)
    left = np.where(there, 1 - (of_cause + other) / held, 1.0)
    survival, free = np.asarray(np.cumprod(left, axis=1), dtype=np.float64), np.ones_like(at_risk)
    before = np.column_stack([np.ones(len(left)), survival[:, :-1]])
    free[:, 1:] -= np.cumsum(before * of_cause / held, axis=1)[:, :-1]
    inflated = np.where(there, at_risk / np.where(there, before, 1.0), 0.0)
    d, total = of_cause.sum(axis=0), inflated.sum(axis=0)
    pooled = np.cumsum(d / total)
    unaffected = 1 - np.concatenate([[0.0], pooled[:-1]])
    open_ = unaffected > RANK_TOLERANCE
    weight = np.where(open_, np.where(open_, unaffected, 1.0) ** rho, 0.0)
    risk = inflated * free
    expected = (weight * d * risk / risk.sum(axis=0)).sum(axis=1)
    counts = _Counts(there, held, of_cause.sum(axis=0), other, before, survival, inflated, pooled)
    exhausted = bool(np.any((weight == 0) & (d > 0) & (there.sum(axis=0) > 1)))
    covariance = _covariance(counts, weight, np.where(open_, unaffected, 1.0))
    return GrayScores((weight * of_cause).sum(axis=1), expected, covariance, exhausted)


@dataclass(frozen=True, eq=False)
class _Counts:
    """What the covariance is made of, by group and time, or by time: see `gray_scores`."""

    there: NDArray[np.bool_]
    held: Floats
    d: Floats
    other: Floats
    before: Floats
    survival: Floats
    inflated: Floats
    pooled: Floats


def _covariance(at: _Counts, weight: Floats, unaffected: Floats) -> Floats:
    """Return the covariance of the scores under no difference.

    A score is to first order a sum over groups r of integrals of a_kr against the error of F1 in r over 1 - F, with
    a_kr = weight (1[k = r] - Y_r / S_r / sum) Y_k / S_k. By parts it becomes one integral against each counting
    martingale of r: of S / Y (a_kr + (1 - (1 - F) / S) A_kr) for the cause, of -(1 - F) / Y A_kr for other causes,
    where A_kr(t) is the integral of a_kr dF / (1 - F) after t. The cause's martingale has the variance Y dF / S under
    no difference, that of other causes their number; both are corrected for ties.
    """
    total = at.inflated.sum(axis=0)
    share = at.inflated / total
    groups = len(at.inflated)
    a = weight * at.inflated[:, None] * (np.eye(groups)[:, :, None] - share[None])
    step = a * (at.d / total / unaffected)
    ahead = np.flip(np.cumsum(np.flip(step, axis=2), axis=2), axis=2) - step
    lasting = np.where(at.survival > RANK_TOLERANCE, at.survival, np.inf)
    ratio = np.maximum(1 - at.pooled, 0) / lasting
    own = a + (1 - ratio) * ahead
    return _summed(own, _cause_variance(at, total)) + _summed(ratio * ahead, _other_variance(at))


def _cause_variance(at: _Counts, total: Floats) -> Floats:
    """Return (S / Y) ** 2 times the variance Y dF / S, corrected for ties (by no more than all of it)."""
    number = total * at.before - 1
    tied = 1 - np.where(at.d > 1, at.d - 1, 0) / np.where(number > 0, number, np.inf)
    return np.where(at.there, np.maximum(tied, 0) * at.before * at.d / (total * at.held), 0.0)


def _other_variance(at: _Counts) -> Floats:
    """Return (S / Y) ** 2 times the number of other causes, corrected for ties."""
    tied = 1 - np.maximum(at.other - 1, 0) / np.maximum(at.held - 1, 1)
    return tied * at.other * (at.before / at.held) ** 2


def _summed(score: Floats, variance: Floats) -> Floats:
    """Return the sum over groups r and times of score_kr score_lr variance_r."""
    flat = (score * np.sqrt(variance)).reshape(len(score), -1)
    return np.asarray(flat @ flat.T)
