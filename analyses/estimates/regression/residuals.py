"""What each row contributes to a fitted proportional hazards model."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from analyses.estimates.regression.sample import Sample

Floats = NDArray[np.float64]


def score_residuals(sample: Sample, coefficients: Floats) -> Floats:
    """Return each row's contribution to the score (rows by coefficients), with Efron's treatment of ties.

    Sources: Therneau TM, Grambsch PM. Modeling Survival Data. Springer 2000, sections 4.2 and 7.2.
    """
    x = sample.matrix - sample.matrix.mean(axis=0)
    risk = np.exp(x @ coefficients)
    days, deaths = np.unique(sample.time[sample.event], return_counts=True)
    end = np.searchsorted(days, sample.time, side="right")
    start = np.searchsorted(days, sample.since, side="right")
    own = end[sample.event] - 1
    # One line a death; the k-th of d on a day sees the d who die diluted by k / d.
    day = np.repeat(np.arange(len(days)), deaths)
    first = np.cumsum(deaths) - deaths
    diluted = (np.arange(len(day)) - first[day]) / deaths[day]
    weights = np.column_stack([risk, risk[:, None] * x])
    among_dead = np.zeros((len(days), weights.shape[1]))
    np.add.at(among_dead, own, weights[sample.event])
    sums = _at_risk(weights, sample, days)[day] - diluted[:, None] * among_dead[day]
    mean = sums[:, 1:] / sums[:, :1]
    hazard = np.column_stack([1 / sums[:, 0], mean / sums[:, :1]])
    steps = np.add.reduceat(hazard, first)
    passed = np.concatenate([np.zeros((1, steps.shape[1])), np.cumsum(steps, axis=0)])
    felt = passed[end] - passed[start]
    felt[sample.event] -= np.add.reduceat(diluted[:, None] * hazard, first)[own]
    residuals = -risk[:, None] * (x * felt[:, :1] - felt[:, 1:])
    residuals[sample.event] += x[sample.event] - (np.add.reduceat(mean, first) / deaths[:, None])[own]
    return np.asarray(residuals)


def _at_risk(weights: Floats, sample: Sample, days: Floats) -> Floats:
    """Return the sums of the weights over entry < day <= time."""
    return _from(weights, sample.time, days) - _from(weights, sample.since, days)


def _from(weights: Floats, ends: Floats, days: Floats) -> Floats:
    order = np.argsort(-ends, kind="stable")
    total = np.concatenate([np.zeros((1, weights.shape[1])), np.cumsum(weights[order], axis=0)])
    return np.asarray(total[np.searchsorted(-ends[order], -days, side="right")])
