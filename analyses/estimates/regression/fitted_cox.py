"""What verbs that look at a fitted Cox regression need of it."""

from __future__ import annotations

import numpy as np
import polars as pl

from analyses.estimates.regression.cox_model import CoxModel
from analyses.estimates.regression.risk_sets import Floats, RiskSets, frequencies, risk_sets
from analyses.estimates.result import Estimates
from cohort.errors import EstimationError, some


def cox_model(fit: Estimates, what: str, *, exact: bool = False) -> CoxModel:
    """Return the model of a fit, or refuse what is none.

    Raises:
        EstimationError: `fit` is not what `cox` returned; ties were treated exactly, which leaves no hazard by row
            (unless `exact` allows that).
    """
    model = fit.model if isinstance(fit, Estimates) else None
    if isinstance(model, dict):
        raise EstimationError(
            f"{what} looks at one regression, and there is one for each cause ({some(model, 9)}); pass "
            f"fit.model[{next(iter(model))!r}]"
        )
    if not isinstance(model, CoxModel):
        raise EstimationError(f"{what} needs what cox() returned in this run, with its model; this holds none")
    if model.ties == "exact" and not exact:
        raise EstimationError(f"{what} is not defined for exact ties; fit with ties='efron' or ties='breslow'")
    return model


def sets_of(model: CoxModel) -> RiskSets:
    """Return the risk sets of a fitted model."""
    return risk_sets(model.sample, model.coefficients, model.ties)


def centre(model: CoxModel) -> Floats:
    """Return where R's coxph takes each column: its mean, but 0 for one that holds nothing but -1, 0 and 1."""
    sample = model.sample
    weights = frequencies(sample)
    mean = (sample.matrix * weights[:, None]).sum(axis=0) / weights.sum()
    return np.where(np.isin(sample.matrix, (-1, 0, 1)).all(axis=0), 0.0, mean)


def by_row(model: CoxModel, columns: dict[str, Floats], *, events: bool = False) -> pl.DataFrame:
    """Return numbers by row of the sample, in the order of the caller's rows: `row` from 0, `subject_id`, numbers.

    With `events` the numbers are of the rows with an event alone; these are sorted by stratum and `day`.
    """
    sample, order = model.sample, model.order
    chosen = np.flatnonzero(sample.event) if events else np.arange(len(order))
    found: dict[str, object] = {"row": order[chosen].astype(np.int64)}
    subject = model.subject_id
    if subject is not None:
        found["subject_id"] = subject.gather(chosen)
    if events and model.stratified:
        found["stratum"] = pl.Series([model.strata[number] for number in sample.stratum[chosen]], dtype=pl.String)
    if events:
        found["day"] = sample.time[chosen]
    frame = pl.DataFrame(found | columns)
    return frame.sort([name for name in ("stratum", "day", "row") if name in frame.columns])
