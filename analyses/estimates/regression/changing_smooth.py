"""A coefficient's course over time, smoothed from scaled Schoenfeld residuals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analyses.estimates.regression.changing_effects import time_function
from analyses.estimates.regression.cox_model import CoxModel
from analyses.estimates.regression.residuals import scaled_schoenfeld_residuals
from analyses.estimates.regression.risk_sets import Floats, frequencies

# Where the natural cubic spline of four coefficients is bent: its ends and the thirds between.
THIRDS = (0.0, 1 / 3, 2 / 3, 1.0)
_LENGTH = 40


@dataclass(frozen=True, eq=False)
class ChangingEffect:
    """A coefficient over time.

    Attributes:
        day: The day of each event.
        place: The function of time at it.
        residual: Its scaled Schoenfeld residual, to which the coefficient is added.
        smooth_place: Where the smooth is told, on the function of time; empty where the events are too few for one.
        smooth: A natural cubic spline of the residuals with four coefficients.
        std_error: Its standard error, if the coefficient does not change.
        coefficient: The coefficient that does not change.
    """

    day: Floats
    place: Floats
    residual: Floats
    smooth_place: Floats
    smooth: Floats
    std_error: Floats
    coefficient: float


def changing_effect(model: CoxModel, column: int, transform: str) -> ChangingEffect:
    """Return the residuals and the smooth of one column.

    Sources: Grambsch PM, Therneau TM. Biometrika 1994;81:515-26.
    """
    sample = model.sample
    scaled = scaled_schoenfeld_residuals(sample, model.coefficients, model.inverse_information, model.ties)
    day, residual = sample.time[sample.event], scaled[:, column]
    weight = frequencies(sample)[sample.event]
    order = np.lexsort((weight, residual, day))
    day, residual, weight = day[order], residual[order], weight[order]
    place = time_function(sample, day, transform)
    at, smooth, leverage = smoothed(place, residual, weight)
    error = np.sqrt(weight.sum() * model.inverse_information[column, column] * leverage)
    return ChangingEffect(day, place, residual, at, smooth, error, float(model.coefficients[column]))


def smoothed(place: Floats, values: Floats, weight: Floats) -> tuple[Floats, Floats, Floats]:
    """Return where, the height there of a natural cubic spline with four coefficients, and its variance per value's.

    All are empty where the values do not determine one.
    """
    knots = np.quantile(np.repeat(place, weight.astype(np.int64)), THIRDS)
    none = np.zeros(0)
    if len(np.unique(place)) < len(THIRDS) + 1 or len(np.unique(knots)) < len(THIRDS):
        return none, none, none
    at = np.linspace(knots[0], knots[-1], _LENGTH)
    basis, wanted = _natural(place, knots), _natural(at, knots)
    product = (basis * weight[:, None]).T @ basis
    if np.linalg.cond(product) > 1e12:
        return none, none, none
    fitted = np.linalg.solve(product, basis.T @ (weight * values))
    return at, wanted @ fitted, (wanted @ np.linalg.inv(product) * wanted).sum(axis=1)


def _natural(place: Floats, knots: Floats) -> Floats:
    """Return the columns of a natural cubic spline.

    Sources: Hastie T, Tibshirani R, Friedman J. The Elements of Statistical Learning, 2nd ed., Springer 2009, 5.2.1.
    """
    x, k = ((values - knots[0]) / (knots[-1] - knots[0]) for values in (place, knots))
    cubes = [np.clip(x - knot, 0, None) ** 3 for knot in k]
    bends = [(cube - cubes[-1]) / (k[-1] - knot) for cube, knot in zip(cubes[:-1], k[:-1], strict=True)]
    return np.column_stack([np.ones(len(x)), x, *(bend - bends[-1] for bend in bends[:-1])])
