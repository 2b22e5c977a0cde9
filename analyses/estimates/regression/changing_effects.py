"""Whether coefficients change with time: the score test of each against a function of time, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analyses.estimates.regression.risk_sets import Floats, RiskSets, frequencies, moments, risk_sets
from analyses.estimates.regression.sample import Sample

# Of its variance unadjusted, what is left of a score when the coefficients are estimated; below, nothing is.
NOTHING = 1e-10


@dataclass(frozen=True)
class TimeScore:
    """The score test of some coefficients changing with time; None where the data cannot tell."""

    chi_square: float | None
    df: int


def score_tests(
    sample: Sample, coefficients: Floats, ties: str, transform: str, terms: Sequence[Sequence[int]]
) -> list[TimeScore]:
    """Return, for each set of columns, the test of adding their products with g(time) to the model.

    Sources: Grambsch PM, Therneau TM. Biometrika 1994;81:515-26; Therneau TM, Grambsch PM. Modeling Survival Data.
    Springer 2000, section 6.2. (The plain score test, without the approximation of an even variance over time.)
    """
    sets = risk_sets(sample, coefficients, ties)
    g = time_function(sample, sets.day, transform)
    g = g - np.average(g, weights=sets.deaths)
    scale = np.abs(g).max()
    g = g / scale if scale > 0 else g
    score, plain, crossed, squared = _extended(sets, g)
    left = squared - crossed @ np.linalg.solve(plain, crossed)
    found = []
    for columns in terms:
        part, whole = left[np.ix_(columns, columns)], np.diag(squared)[columns]
        with np.errstate(invalid="ignore", divide="ignore"):
            told = (
                (np.linalg.eigvalsh(part / np.sqrt(np.outer(whole, whole))) > NOTHING).all() if whole.all() else False
            )
        own = score[columns]
        found.append(TimeScore(float(own @ np.linalg.solve(part, own)) if told else None, len(columns)))
    return found


def time_function(sample: Sample, days: Floats, transform: str) -> Floats:
    """Return g at days of events: the day, its logarithm, its mean rank among all times, or 1 - S(just before it).

    S is the Kaplan-Meier estimate of all rows; neither it nor the ranks know of strata or case weights.
    """
    if transform == "identity":
        return days
    if transform == "log":
        return np.asarray(np.log(days))
    times, place = np.unique(sample.time, return_inverse=True)
    frequency = frequencies(sample)
    counts = np.bincount(place, frequency)
    if transform == "rank":
        return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[np.searchsorted(times, days)])
    entered = np.sort(sample.since)
    order = np.argsort(sample.since, kind="stable")
    entries = np.concatenate([[0.0], np.cumsum(frequency[order])])[np.searchsorted(entered, times, side="left")]
    at_risk = entries - (np.cumsum(counts) - counts)
    events = np.bincount(place, frequency * sample.event)
    survival = np.concatenate([[1.0], np.cumprod(1 - events / at_risk)])
    return np.asarray(1 - survival[np.searchsorted(times, days)])


def _extended(sets: RiskSets, g: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the score of the products with g, and the information of plain, plain by product, and products."""
    total, dying = moments(sets, sets.x)
    one, diluted, square, diluted_square, square_diluted = sets.steps
    mean = total * one[:, None] - dying * diluted[:, None]
    size = total.shape[1]
    observed = np.column_stack(
        [np.bincount(sets.own, column, len(g)) for column in (sets.mass[:, None] * sets.x)[sets.event].T]
    )
    score = g @ (observed - sets.weight[:, None] * mean)
    powers = np.vstack([np.ones(len(g)), g, g**2]) * sets.weight
    found = np.zeros((3, size, size))
    for i in range(size):
        products, dying_products = moments(sets, sets.x[:, i : i + 1] * sets.x[:, i:])
        second = products * one[:, None] - dying_products * diluted[:, None]
        second -= total[:, i : i + 1] * total[:, i:] * square[:, None]
        second += (total[:, i : i + 1] * dying[:, i:] + dying[:, i : i + 1] * total[:, i:]) * diluted_square[:, None]
        second -= dying[:, i : i + 1] * dying[:, i:] * square_diluted[:, None]
        found[:, i, i:] = found[:, i:, i] = powers @ second
    return score, *found
