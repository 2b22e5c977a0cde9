"""What each row contributes to a fitted subdistribution hazard, and the covariance that follows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from analyses.estimates.competing.censoring import Censoring
from analyses.estimates.competing.subdistribution import Point, WeightedLikelihood
from analyses.estimates.competing.subdistribution_sample import CENSORED, OF_CAUSE, Places
from analyses.estimates.tally import Floats


def event_scores(likelihood: WeightedLikelihood, coefficients: Floats, point: Point) -> Floats:
    """Return each row's contribution to the score, the censoring weights taken as known."""
    sample, z, risk = likelihood.sample, likelihood.centred, likelihood.risk(coefficients)
    hazard, diluted, mean = _steps(likelihood, point)
    passed = _felt(likelihood, hazard, diluted)
    of_cause = sample.kind == OF_CAUSE
    scores = -risk[:, None] * (z * passed[:, :1] - passed[:, 1:])
    scores[of_cause] += z[of_cause] - mean[np.searchsorted(sample.days, sample.time[of_cause])]
    return np.asarray(scores)


def censoring_scores(likelihood: WeightedLikelihood, coefficients: Floats, point: Point) -> Floats:
    """Return what each row contributes to the score through the estimate of the censoring weights."""
    hazard = _steps(likelihood, point)[0]
    values = np.column_stack([np.ones(len(likelihood.centred)), likelihood.centred])
    values *= likelihood.risk(coefficients)[:, None]

    def moved(had: Floats, later: Floats) -> Floats:
        return np.asarray(had[:, 1:] * later[:, :1] - had[:, :1] * later[:, 1:])

    return _through_weights(likelihood, values, hazard, moved)


def hazard_scores(
    likelihood: WeightedLikelihood, coefficients: Floats, point: Point, until: int, *, known_weights: bool
) -> Floats:
    """Return each row's contribution to the cumulative hazard of the first `until` days, the coefficients held."""
    sample, risk = likelihood.sample, likelihood.risk(coefficients)
    share = likelihood.weight / point.total
    first = np.searchsorted(likelihood.day, np.arange(len(sample.days)))
    jump = np.add.reduceat(share, first) / sample.deaths
    both = np.column_stack([share / point.total, likelihood.dilution * share / point.total])
    steps = np.add.reduceat(both, first)
    steps[until:], jump[until:] = 0.0, 0.0
    scores = -risk * _felt(likelihood, steps[:, :1], steps[:, 1:])[:, 0]
    of_cause = sample.kind == OF_CAUSE
    scores[of_cause] += jump[np.searchsorted(sample.days, sample.time[of_cause])]
    if known_weights:
        return np.asarray(scores)
    return scores + _through_weights(likelihood, risk[:, None], steps[:, :1], lambda had, later: had * later)[:, 0]


def _felt(likelihood: WeightedLikelihood, steps: Floats, diluted: Floats) -> Floats:
    """Return the sums of the days' steps over the time that each row is at risk, weighted after a competing event."""
    sample = likelihood.sample
    passed = _running(steps)[np.searchsorted(sample.days, sample.time, side="right")]
    of_cause = sample.kind == OF_CAUSE
    passed[of_cause] -= diluted[np.searchsorted(sample.days, sample.time[of_cause])]
    for g, rows in enumerate(likelihood.competing):
        later = _later(likelihood, steps, g)[np.searchsorted(sample.days, sample.time[rows], side="right")]
        passed[rows] += likelihood.lifted[g][:, None] * later
    return np.asarray(passed)


def _through_weights(
    likelihood: WeightedLikelihood, values: Floats, steps: Floats, moved: Callable[[Floats, Floats], Floats]
) -> Floats:
    """Return what each row contributes by being, or not being, censored.

    A censoring on a day moves the weights, on and after it, of those who had a competing event before: `moved` makes of
    their summed values and of the later days' steps what that does.
    """
    sample = likelihood.sample
    scores: list[tuple[Places, Floats]] = []
    for g, stratum in enumerate(likelihood.censoring):
        rows = likelihood.competing[g]
        had = _running(values[rows] * (sample.count[rows] * likelihood.lifted[g])[:, None])
        had = had[np.searchsorted(sample.time[rows], stratum.time, side="left")]
        later = _later(likelihood, steps, g)[np.searchsorted(sample.days, stratum.time, side="left")]
        own = np.flatnonzero(sample.stratum == g)
        felt = moved(had, later) / stratum.at_risk[:, None]
        scores.append((own, _martingale(stratum, felt, sample.time[own], sample.kind[own] == CENSORED)))
    whole = np.zeros((len(sample.time), scores[0][1].shape[1]))
    for own, part in scores:
        whole[own] = part
    return whole


def _martingale(stratum: Censoring, felt: Floats, time: Floats, censored: Places) -> Floats:
    place = np.searchsorted(stratum.time, time, side="right")
    scores = -_running(felt * stratum.hazard[:, None])[place]
    scores[censored] += felt[place[censored] - 1]
    return np.asarray(scores)


def _steps(likelihood: WeightedLikelihood, point: Point) -> tuple[Floats, Floats, Floats]:
    """Return by day: steps of the hazard and of hazard times means; the part that those dying do not feel; means."""
    share = likelihood.weight / point.total
    lines = np.column_stack([share, share[:, None] * point.mean])
    first = np.searchsorted(likelihood.day, np.arange(len(likelihood.sample.days)))
    mean = np.add.reduceat(likelihood.weight[:, None] * point.mean, first) / likelihood.sample.deaths[:, None]
    return np.add.reduceat(lines, first), np.add.reduceat(lines * likelihood.dilution[:, None], first), mean


def _later(likelihood: WeightedLikelihood, hazard: Floats, stratum: int) -> Floats:
    """Return the sums of the weighted steps from each day on."""
    steps = hazard * likelihood.kept[:, stratum, None]
    return np.vstack([np.cumsum(steps[::-1], axis=0)[::-1], np.zeros((1, steps.shape[1]))])


def _running(values: Floats) -> Floats:
    return np.vstack([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
