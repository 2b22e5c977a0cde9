"""Times and survival that a fitted accelerated failure time regression foretells of subjects."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from analyses.estimates.distributions import normal_quantile
from analyses.estimates.regression.accelerated_distributions import Floats
from analyses.estimates.regression.accelerated_model import AcceleratedModel
from analyses.estimates.regression.coding import coded
from analyses.estimates.regression.design import variables
from analyses.estimates.result import Estimates, estimates_of
from cohort.errors import EstimationError


@dataclass(frozen=True, eq=False)
class _Profiles:
    model: AcceleratedModel
    columns: Floats
    labels: tuple[str | None, ...]
    z: float


def predicted_times(
    fit: Estimates, profiles: pl.DataFrame | None = None, *, probabilities: Sequence[float] = (0.5,)
) -> Estimates:
    """Return the days by which shares of like subjects have had the event: medians and other quantiles.

    A row "quantile" a profile and probability: `at` is the probability, `group` names the profile ("arm=drug, age=40";
    null where the formula is "1"). The standard error is that of the days, by the delta method; limits are those of
    their logarithm, so that they are above 0. As R's predict(survreg, type = "quantile" and "uquantile").

    Args:
        fit: What `accelerated_failure` returned; its confidence is kept.
        profiles: A row a subject with the formula's variables; not needed where the formula is "1".
        probabilities: Of the quantiles: 0.5 is the median.

    Raises:
        EstimationError: `fit` is of another estimator; a probability does not lie between 0 and 1; a variable is
            missing or a level was not fitted; a profile is so far from the data that no number holds its days.

    >>> from analyses.estimates.regression.accelerated_failure import accelerated_failure
    >>> times = {"subject_id": ["1", "2", "3", "4"], "entry": 0.0, "left": [1.0, 2.0, 3.0, 6.0]}
    >>> events = pl.DataFrame(times | {"right": [1.0, 2.0, None, 6.0]})
    >>> fit = accelerated_failure(events, "1", distribution="exponential")
    >>> round(predicted_times(fit).value("quantile", at=0.5), 6)  # 4 log 2
    2.772589
    """
    asked = _profiles(fit, profiles)
    if not probabilities or any(not 0 < p < 1 for p in probabilities):
        raise EstimationError(f"probabilities={list(probabilities)} were asked for; they lie between 0 and 1")
    at = np.asarray(probabilities, dtype=float)
    quantiles = asked.model.error.quantile(at)
    blocks: list[dict[str, object]] = []
    for columns, label in zip(asked.columns, asked.labels, strict=True):
        log = columns @ asked.model.coefficients + asked.model.scale * quantiles
        slopes = _slopes(columns, asked.model.scale * quantiles, asked.model.covariance)
        error = np.sqrt(np.einsum("ij,jk,ik->i", slopes, asked.model.covariance, slopes))
        _refuse_beyond(log + asked.z * error, label)
        found = {"estimate": np.exp(log), "std_error": np.exp(log) * error}
        limits = {"conf_low": np.exp(log - asked.z * error), "conf_high": np.exp(log + asked.z * error)}
        blocks.append({"group": label, "statistic": "quantile", "at": at} | found | limits)
    return _answer(fit, f"Quantiles of {asked.model.distribution} times, limits from their logarithm", blocks)


def parametric_survival(fit: Estimates, profiles: pl.DataFrame | None = None, *, times: Sequence[float]) -> Estimates:
    """Return the share of like subjects that is still free of the event after given days.

    A row "survival" with the term "time point" a profile and day (`at`); `group` names the profile ("arm=drug, age=40";
    null where the formula is "1"). The standard error is that of the share, by the delta method; limits are those of
    (log t - location) / scale carried over, so that they lie between 0 and 1.

    Args:
        fit: What `accelerated_failure` returned; its confidence is kept.
        profiles: A row a subject with the formula's variables; not needed where the formula is "1".
        times: Days, 0 or later; on day 0 everybody is free of the event.

    Raises:
        EstimationError: `fit` is of another estimator; a day is negative; a variable is missing or a level was not
            fitted.

    >>> from analyses.estimates.regression.accelerated_failure import accelerated_failure
    >>> times = {"subject_id": ["1", "2", "3", "4"], "entry": 0.0, "left": [1.0, 2.0, 3.0, 6.0]}
    >>> events = pl.DataFrame(times | {"right": [1.0, 2.0, None, 6.0]})
    >>> fit = accelerated_failure(events, "1", distribution="exponential")
    >>> round(parametric_survival(fit, times=[4]).value("survival"), 6)  # exp(-1)
    0.367879
    """
    asked = _profiles(fit, profiles)
    if not len(times) or any(not 0 <= t < math.inf for t in times):
        raise EstimationError(f"times={list(times)} were asked for; days are finite and not negative")
    at = np.asarray(times, dtype=float)
    blocks: list[dict[str, object]] = [
        {"group": label, "statistic": "survival", "term": "time point", "at": at, **_survival(asked, columns, at)}
        for columns, label in zip(asked.columns, asked.labels, strict=True)
    ]
    return _answer(fit, f"Survival of {asked.model.distribution} times, limits from the linear predictor", blocks)


def _survival(asked: _Profiles, columns: Floats, at: Floats) -> dict[str, Floats]:
    model = asked.model
    later = at > 0
    log = np.log(at[later])
    place = (log - columns @ model.coefficients) / model.scale
    # z = log(t) / scale - x gamma is linear in what `hazard_covariance` belongs to.
    slopes = np.column_stack([np.tile(-columns, (len(log), 1)), log])[:, : len(model.hazard_covariance)]
    error = np.sqrt(np.einsum("ij,jk,ik->i", slopes, model.hazard_covariance, slopes))
    found = {name: np.full(len(at), value) for name, value in _AT_0.items()}
    with np.errstate(over="ignore"):  # long after the event of everybody, where survival is 0
        found["estimate"][later] = np.exp(model.error.log_survival(place))
        found["std_error"][later] = np.exp(model.error.log_density(place)) * error
        found["conf_low"][later] = np.exp(model.error.log_survival(place + asked.z * error))
        found["conf_high"][later] = np.exp(model.error.log_survival(place - asked.z * error))
    return found


_MOST_LOG_DAYS = 700.0  # exp(709.8) is the greatest number
_AT_0 = {"estimate": 1.0, "std_error": 0.0, "conf_low": 1.0, "conf_high": 1.0}


def _refuse_beyond(logs: Floats, label: str | None) -> None:
    if not (logs < _MOST_LOG_DAYS).all():
        raise EstimationError(
            f"the upper limit of the time of profile {label!r} is exp({logs.max():g}) days, more than a number holds; "
            "give a profile near those that were fitted"
        )


def _slopes(columns: Floats, by_log_scale: Floats, covariance: Floats) -> Floats:
    """Return the derivatives of log quantiles by intercept, beta and the log of the scale."""
    return np.column_stack([np.tile(columns, (len(by_log_scale), 1)), by_log_scale])[:, : len(covariance)]


def _profiles(fit: Estimates, profiles: pl.DataFrame | None) -> _Profiles:
    model = fit.model
    if not isinstance(model, AcceleratedModel):
        raise EstimationError("these estimates are not an accelerated failure time regression; pass what it returned")
    z = normal_quantile(fit.confidence)
    if model.design is None:
        return _Profiles(model, np.ones((1, 1)), (None,), z)
    if profiles is None or not profiles.height:
        raise EstimationError(f"0 profiles were given; give rows with the variables of {model.formula!r}")
    matrix = coded(model.design, profiles)
    used = [n for n in profiles.columns if n in variables(model.formula, profiles.columns)]
    labels = tuple(", ".join(f"{name}={_said(row[name])}" for name in used) for row in profiles.iter_rows(named=True))
    return _Profiles(model, np.column_stack([np.ones(len(matrix)), matrix]), labels, z)


def _said(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value).lower() if isinstance(value, bool) else str(value)


def _answer(fit: Estimates, what: str, blocks: list[dict[str, object]]) -> Estimates:
    method = f"{what} ({100 * fit.confidence:g}%). {fit.method}"
    return Estimates(estimates_of(blocks), method, fit.notes, fit.confidence, fit.model)
