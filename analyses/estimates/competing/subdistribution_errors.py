"""What each row contributes to a fitted subdistribution hazard, and the covariance that follows."""

from __future__ import annotations

import numpy as np

from analyses.estimates.competing.censoring import Censoring
from analyses.estimates.competing.subdistribution import Point, WeightedLikelihood
from analyses.estimates.competing.subdistribution_sample import CENSORED, OF_CAUSE, Places
from analyses.estimates.tally import Floats


def event_scores(likelihood: WeightedLikelihood, coefficients: Floats, point: Point) -> Floats:
    """Return each row's contribution to the score, the censoring weights taken as known."""
    sample, z, risk = likelihood.sample, likelihood.centred, likelihood.risk(coefficients)
    hazard, diluted, mean = _steps(likelihood, point)
    passed = _running(hazard)[np.searchsorted(sample.days, sample.time, side="right")]
    of_cause = sample.kind == OF_CAUSE
    day = np.searchsorted(sample.days, sample.time[of_cause])
    passed[of_cause] -= diluted[day]
    for g, rows in enumerate(likelihood.competing):
        later = _later(likelihood, hazard, g)[np.searchsorted(sample.days, sample.time[rows], side="right")]
        passed[rows] += likelihood.lifted[g][:, None] * later
    scores = -risk[:, None] * (z * passed[:, :1] - passed[:, 1:])
    scores[of_cause] += z[of_cause] - mean[day]
    return np.asarray(scores)


def censoring_scores(likelihood: WeightedLikelihood, coefficients: Floats, point: Point) -> Floats:
    """Return what each row contributes to the score through the estimate of the censoring weights."""
    sample, risk = likelihood.sample, likelihood.risk(coefficients)
    hazard = _steps(likelihood, point)[0]
    scores = np.zeros(likelihood.centred.shape)
    for g, stratum in enumerate(likelihood.censoring):
        rows = likelihood.competing[g]
        values = np.column_stack([np.ones(len(rows)), likelihood.centred[rows]])
        values *= (risk[rows] * sample.count[rows] * likelihood.lifted[g])[:, None]
        had = _running(values)[np.searchsorted(sample.time[rows], stratum.time, side="left")]
        later = _later(likelihood, hazard, g)[np.searchsorted(sample.days, stratum.time, side="left")]
        felt = (had[:, 1:] * later[:, :1] - had[:, :1] * later[:, 1:]) / stratum.at_risk[:, None]
        own = np.flatnonzero(sample.stratum == g)
        scores[own] = _martingale(stratum, felt, sample.time[own], sample.kind[own] == CENSORED)
    return scores


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
