"""What each row contributes to a fitted proportional hazards model, as arrays in the order of the sample."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from analyses.estimates.regression.risk_sets import (
    RiskSets,
    case_weights,
    frequencies,
    masses,
    moments,
    passed,
    risk_sets,
)
from analyses.estimates.regression.sample import Sample

Floats = NDArray[np.float64]


def martingale_residuals(sample: Sample, coefficients: Floats, ties: str = "efron") -> Floats:
    """Return events less expected events of each row, of one of the rows that it stands for.

    Sources: Barlow WE, Prentice RL. Biometrika 1988;75:65-74; Therneau TM, Grambsch PM. Modeling Survival Data.
    Springer 2000, section 4.2.
    """
    return sample.event - expected_events(risk_sets(sample, coefficients, ties))


def expected_events(sets: RiskSets) -> Floats:
    """Return each row's cumulative hazard over the time that it was at risk."""
    one, diluted = sets.steps[:2]
    felt = passed(sets, (sets.weight * one)[:, None])[:, 0]
    felt[sets.event] -= (sets.weight * diluted)[sets.own]
    return np.asarray(sets.risk * felt)


def deviance_residuals(sample: Sample, coefficients: Floats, ties: str = "efron") -> Floats:
    """Return martingale residuals made more symmetrical about 0.

    Sources: Therneau TM, Grambsch PM, Fleming TR. Biometrika 1990;77:147-60.
    """
    martingale = martingale_residuals(sample, coefficients, ties)
    expected = np.maximum(sample.event - martingale, 0.0)
    logarithm = np.log(np.where(sample.event & (expected > 0), expected, 1.0))
    return np.asarray(np.sign(martingale) * np.sqrt(np.maximum(-2 * (martingale + logarithm), 0.0)))


def score_residuals(sample: Sample, coefficients: Floats, ties: str = "efron") -> Floats:
    """Return each row's contribution to the score (rows by coefficients), of one row and without its case weight.

    Sources: Therneau TM, Grambsch PM. Modeling Survival Data. Springer 2000, sections 4.2 and 7.2.
    """
    sets = risk_sets(sample, coefficients, ties)
    total, dying = moments(sets, sets.x)
    one, diluted, square, diluted_square, square_diluted = (sum_[:, None] for sum_ in sets.steps)
    weight = sets.weight[:, None]
    hazard = weight * one
    mean_hazard = weight * (total * square - dying * diluted_square)
    felt = passed(sets, np.hstack([hazard, mean_hazard]))
    # Who has the event on a day is, of the hazard of that day's k-th event, spared the share k/d.
    spared = weight * np.hstack([diluted, total * diluted_square - dying * square_diluted])
    felt[sets.event] -= spared[sets.own]
    residuals = -sets.risk[:, None] * (sets.x * felt[:, :1] - felt[:, 1:])
    residuals[sets.event] += sets.x[sets.event] - _mean(sets, total, dying)[sets.own]
    return np.asarray(residuals)


def dfbeta_residuals(sample: Sample, coefficients: Floats, inverse_information: Floats, ties: str = "efron") -> Floats:
    """Return about how much each coefficient would fall if a row (one of those that it stands for) were left out.

    Case weights are in it.

    Sources: Cain KC, Lange NT. Biometrics 1984;40:493-9.
    """
    influence = score_residuals(sample, coefficients, ties) @ inverse_information
    return np.asarray(influence * case_weights(sample)[:, None])


def schoenfeld_residuals(sample: Sample, coefficients: Floats, ties: str = "efron") -> Floats:
    """Return the covariates of each row with an event less their mean over the risk set (in the sample's order).

    Sources: Schoenfeld D. Biometrika 1982;69:239-41.
    """
    sets = risk_sets(sample, coefficients, ties)
    return np.asarray(sets.x[sets.event] - _mean(sets, *moments(sets, sets.x))[sets.own])


def scaled_schoenfeld_residuals(
    sample: Sample, coefficients: Floats, inverse_information: Floats, ties: str = "efron"
) -> Floats:
    """Return Schoenfeld residuals brought to the scale of the coefficients, which are added to them.

    Their mean over time is the coefficient, and their trend that of a coefficient that changes with time.

    Sources: Grambsch PM, Therneau TM. Biometrika 1994;81:515-26.
    """
    events = frequencies(sample)[sample.event].sum()
    raw = schoenfeld_residuals(sample, coefficients, ties)
    return np.asarray(raw @ inverse_information * events + coefficients)


def clustered_covariance(
    sample: Sample,
    coefficients: Floats,
    inverse_information: Floats,
    clusters: NDArray[np.intp] | None,
    ties: str = "efron",
) -> Floats:
    """Return the covariance of the coefficients that allows for dependence within clusters, and for case weights.

    `clusters` numbers each row's cluster from 0; None: each row (with frequencies: each that it stands for) alone.

    Sources: Lin DY, Wei LJ. J Am Stat Assoc 1989;84:1074-8; Binder DA. Biometrika 1992;79:139-47.
    """
    influence = score_residuals(sample, coefficients, ties) @ inverse_information
    if clusters is None:
        influence *= (np.sqrt(frequencies(sample)) * case_weights(sample))[:, None]
        return np.asarray(influence.T @ influence)
    weighted = influence * masses(sample)[:, None]
    size = int(clusters.max()) + 1
    summed = np.column_stack([np.bincount(clusters, column, size) for column in weighted.T])
    return np.asarray(summed.T @ summed)


def _mean(sets: RiskSets, total: Floats, dying: Floats) -> Floats:
    one, diluted = sets.steps[:2]
    return np.asarray((total * one[:, None] - dying * diluted[:, None]) / sets.deaths[:, None])
