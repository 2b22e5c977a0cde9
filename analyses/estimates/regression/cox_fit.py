"""The Cox regression itself: lifelines' Efron fit, and the clustered variance that it lacks."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analyses.estimates.regression.residuals import score_residuals
from analyses.estimates.regression.sample import Sample
from cohort.errors import EstimationError, some

if TYPE_CHECKING:
    from lifelines import CoxPHFitter

Floats = NDArray[np.float64]
# lifelines' defaults damp Newton's steps and stop early: its coefficients would agree with R's to four or five digits.
PRECISE = {"step_size": 1.0, "precision": 1e-20, "r_precision": 1e-15, "max_steps": 100}
DAMPED = {**PRECISE, "step_size": 0.5}
# For covariates of standard deviation 1, a standard error beyond this means that the likelihood has no maximum; where
# the fit did not settle, less says as much.
INFINITE_ERROR, UNSETTLED_ERROR = 1e4, 10.0


@dataclass(frozen=True, eq=False)
class CoxFit:
    """Coefficients with their covariance, log likelihoods without and with the covariates, and lifelines' own fit."""

    coefficients: Floats
    covariance: Floats
    log_likelihood_null: float
    log_likelihood: float
    score: float
    concordance: float | None
    model: CoxPHFitter


def fit(sample: Sample) -> CoxFit:
    """Return the Efron maximum partial likelihood fit.

    Raises:
        EstimationError: The likelihood has no maximum (a covariate separates events from the others), or no unique one.

    Sources: Cox DR. J R Stat Soc B 1972;34:187-220; Efron B. J Am Stat Assoc 1977;72:557-65.
    """
    model, complaints = _run(sample, PRECISE)
    if complaints:
        # A full Newton step can overshoot for good, and lifelines does not halve it as R does.
        model, complaints = _run(sample, DAMPED)
    _refuse_unbounded(sample, model, bool(complaints))
    null = float(model.log_likelihood_ - model.log_likelihood_ratio_test().test_statistic / 2)
    return CoxFit(
        model.params_.to_numpy(),
        model.variance_matrix_.to_numpy(),
        null,
        float(model.log_likelihood_),
        _score(sample),
        _concordance(sample, model.params_.to_numpy()),
        model,
    )


def _refuse_unbounded(sample: Sample, model: CoxPHFitter, unsettled: bool) -> None:
    events = int(sample.event.sum())
    errors = np.sqrt(np.abs(np.diag(model.variance_matrix_.to_numpy()))) * sample.matrix.std(axis=0)
    bound = UNSETTLED_ERROR if unsettled else INFINITE_ERROR
    endless = [name for name, error in zip(sample.names, errors, strict=True) if not error < bound]
    if endless:
        raise EstimationError(
            f"the likelihood of {events} events has no maximum: the coefficient of {some(endless)} grows without "
            "bound, because the events fall on one side of it, or it all but follows from the others; merge levels or "
            "leave it out"
        )
    if unsettled:
        raise EstimationError(
            f"the likelihood of {events} events on {some(sample.names)} was not brought to its maximum in "
            f"{PRECISE['max_steps']} steps; a covariate that all but orders the events, or has a few huge values, does "
            "that: leave it out or transform it"
        )


def clustered_covariance(sample: Sample, fitted: CoxFit, clusters: Sequence[object]) -> Floats:
    """Return the covariance that allows for dependence within clusters (Lin and Wei's sandwich, summed by cluster).

    lifelines' own takes no account of ties or of late entry, so that it departs from R's coxph(cluster = ).

    Sources: Lin DY, Wei LJ. J Am Stat Assoc 1989;84:1074-8.
    """
    influence = score_residuals(sample, fitted.coefficients) @ fitted.covariance
    _, place = np.unique(np.asarray(clusters, dtype=str), return_inverse=True)
    summed = np.zeros((place.max() + 1, influence.shape[1]))
    np.add.at(summed, place, influence)
    return np.asarray(summed.T @ summed)


def _score(sample: Sample) -> float:
    """Return the score test of all coefficients being 0."""
    # One step from 0 gives lifelines' information at 0; it then complains that it has not converged.
    at_zero, _ = _run(sample, {"max_steps": 1})
    score = score_residuals(sample, np.zeros(len(sample.names))).sum(axis=0)
    return float(score @ at_zero.variance_matrix_.to_numpy() @ score)


def _concordance(sample: Sample, coefficients: Floats) -> float | None:
    """Return the share of pairs that the model orders rightly, a tied prediction a half; None with late entry."""
    from lifelines.utils import concordance_index

    if (sample.entry > 0).any():
        return None
    # Summed row by row: a matrix product may give equal rows unequal last digits, and then they are no longer tied.
    hazard = (sample.matrix * coefficients).sum(axis=1)
    try:
        return float(concordance_index(sample.time, -hazard, sample.event))
    except ZeroDivisionError:
        return None


def _run(sample: Sample, options: dict[str, Any]) -> tuple[CoxPHFitter, list[str]]:
    """Return lifelines' fit and its complaints about convergence."""
    import pandas as pd
    from lifelines import CoxPHFitter
    from lifelines.exceptions import ConvergenceError, ConvergenceWarning

    table = pd.DataFrame(sample.matrix, columns=list(sample.names))
    table["_time"], table["_event"] = sample.time, sample.event
    late = bool((sample.entry > 0).any())
    if late:
        table["_entry"] = sample.entry
    with warnings.catch_warnings(record=True) as caught, np.errstate(all="ignore"):
        warnings.simplefilter("always")
        try:
            model = CoxPHFitter().fit(
                table, "_time", "_event", entry_col="_entry" if late else None, fit_options=options
            )
        except (ConvergenceError, ValueError, TypeError, np.linalg.LinAlgError) as error:
            raise EstimationError(
                f"the information of {int(sample.event.sum())} events on {some(sample.names)} is singular: some "
                "coefficient has no event to rest on; merge levels or leave it out"
            ) from error
    # Its other warnings ("very low variance") are guesses about the cause; the errors of the fit decide.
    convergence = [str(w.message) for w in caught if issubclass(w.category, ConvergenceWarning)]
    return model, [words for words in convergence if "Newton-Raphson" in words or "log-likelihood" in words]
