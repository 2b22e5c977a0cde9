"""Residuals of a fitted Cox regression, row by row."""

from __future__ import annotations

from typing import Literal, get_args

import polars as pl

from analyses.estimates.regression.cox_model import CoxModel
from analyses.estimates.regression.fitted_cox import by_row, cox_model
from analyses.estimates.regression.residuals import (
    deviance_residuals,
    dfbeta_residuals,
    martingale_residuals,
    scaled_schoenfeld_residuals,
    schoenfeld_residuals,
    score_residuals,
)
from analyses.estimates.regression.risk_sets import Floats
from analyses.estimates.result import Estimates
from cohort.errors import EstimationError

Kind = Literal["martingale", "deviance", "score", "dfbeta", "Schoenfeld", "scaled Schoenfeld"]


def residuals(fit: Estimates, *, kind: Kind = "martingale") -> pl.DataFrame:
    """Return the residuals of a Cox regression, one line a row that was fitted, in the order of the caller's rows.

    Columns: `row` (from 0, of the frame that was given to `cox`; rows left out for missing values have no line),
    `subject_id`, and `residual`, or for kinds with a number for each coefficient a column of each coefficient's name.
    Schoenfeld residuals have a line for each row with an event, with its `day` (and `stratum`), by stratum and day.

    "martingale": events less expected events. "deviance": the same, made symmetrical. "score": the part in the score,
    which sums to 0. "dfbeta": about how much the coefficient would fall without the row. "Schoenfeld": covariates less
    their mean among those at risk. "scaled Schoenfeld": that, brought to the scale of the coefficient, which is added;
    its trend over time is that of the coefficient.

    Where a row stands for many (`frequency`) the residual is that of one of them. With case weights they are in
    "dfbeta" and not in the other kinds, as R's residuals.coxph has it.

    Raises:
        EstimationError: `fit` is not a Cox regression with Efron's or Breslow's treatment of ties; the kind is unknown.

    Sources: Therneau TM, Grambsch PM. Modeling Survival Data. Springer 2000, chapters 4 to 7.

    >>> from analyses import cox
    >>> times = {"subject_id": ["1", "2", "3"], "entry": 0.0, "left": [1.0, 2.0, 3.0], "x": [1.0, 0.0, 1.0]}
    >>> events = pl.DataFrame(times | {"right": [1.0, 2.0, 3.0], "cause": "died"})
    >>> residuals(cox(events, "x"))["residual"].round(3).to_list()
    [0.707, 0.0, -0.707]
    """
    if kind not in get_args(Kind):
        raise EstimationError(f"kind={kind!r} was asked for; known are {', '.join(map(repr, get_args(Kind)))}")
    model = cox_model(fit, "residuals()")
    found = _numbers(model, kind)
    if found.ndim == 1:
        return by_row(model, {"residual": found})
    names = [coefficient.name for coefficient in model.design.coefficients]
    columns = dict(zip(names, found.T, strict=True))
    return by_row(model, columns, events="Schoenfeld" in kind)


def _numbers(model: CoxModel, kind: Kind) -> Floats:
    asked = model.sample, model.coefficients
    match kind:
        case "martingale":
            return martingale_residuals(*asked, model.ties)
        case "deviance":
            return deviance_residuals(*asked, model.ties)
        case "score":
            return score_residuals(*asked, model.ties)
        case "dfbeta":
            return dfbeta_residuals(*asked, model.inverse_information, model.ties)
        case "Schoenfeld":
            return schoenfeld_residuals(*asked, model.ties)
        case "scaled Schoenfeld":
            return scaled_schoenfeld_residuals(*asked, model.inverse_information, model.ties)
