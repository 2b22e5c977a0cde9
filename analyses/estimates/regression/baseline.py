"""The baseline hazard of a Cox regression."""

from __future__ import annotations

import numpy as np

from analyses.estimates.distributions import normal_quantile
from analyses.estimates.regression.cox_model import CoxModel
from analyses.estimates.regression.fitted_cox import centre, cox_model, sets_of
from analyses.estimates.regression.hazard_paths import HazardPath, baseline_paths
from analyses.estimates.regression.risk_sets import Floats
from analyses.estimates.result import Estimates, estimates_of
from analyses.estimates.survival.limits import HazardLimits, check_limits, hazard_limits
from cohort.errors import EstimationError

ESTIMATORS = {"efron": "Efron's", "breslow": "Breslow's"}


def baseline_hazard(
    fit: Estimates, *, centred: bool = False, limits: HazardLimits = "log", confidence: float = 0.95
) -> Estimates:
    """Return the baseline cumulative hazard of a Cox regression, by stratum.

    Rows "cumulative hazard" with the term "curve" at day 0 and each day with an event of the stratum (`group`, null
    without strata), with standard errors that allow for the coefficients being estimated. It is Breslow's estimate, or
    Efron's where the fit treated ties so.

    Args:
        fit: What `cox` returned.
        centred: False: for who has 0 in every covariate (and every factor at its reference). True: with each covariate
            at its mean, columns of nothing but -1, 0 and 1 at 0, as R's basehaz(centered = TRUE).
        limits: The scale of the limits: "log" or "plain".
        confidence: Coverage of the pointwise limits.

    Raises:
        EstimationError: `fit` is not a Cox regression with Efron's or Breslow's treatment of ties; zeros lie so far
            from the data that the hazard there is no number.

    Sources: Breslow NE. J R Stat Soc B 1972;34:216-7; Tsiatis AA. Ann Stat 1981;9:93-108.
    """
    z = normal_quantile(confidence)
    check_limits(limits, of_hazard=True)
    model = cox_model(fit, "baseline_hazard()")
    at = centre(model) if centred else np.zeros(len(model.coefficients))
    paths = paths_of(model, at[None, :])
    blocks = [_block(label, path, limits, z) for label, (path,) in zip(model.strata, paths, strict=True)]
    where = "covariates at their means (columns of -1, 0, 1 at 0)" if centred else "all covariates at 0"
    method = f"{ESTIMATORS[model.ties]} cumulative baseline hazard, {where}, {limits} {100 * confidence:g}% limits"
    return Estimates(estimates_of(blocks), method, (), confidence, fit.model)


def paths_of(model: CoxModel, profiles: Floats) -> list[list[HazardPath]]:
    """Return, stratum by stratum, the cumulative hazard of each line of covariates.

    Raises:
        EstimationError: A line lies so far from the data that its hazard is no finite number.
    """
    sample = model.sample
    away = profiles - sample.matrix.mean(axis=0)
    with np.errstate(over="ignore", invalid="ignore"):
        found = [
            [baseline.path(x, model.coefficients, model.covariance) for x in away]
            for baseline in baseline_paths(sets_of(model))
        ]
    wild = [
        number
        for number in range(len(profiles))
        for paths in found
        if not np.isfinite([*paths[number].hazard[-1:], *paths[number].std_error[-1:]]).all()
    ]
    if wild:
        raise EstimationError(
            f"{len(set(wild))} of {len(profiles)} lines of covariates lie so far from the data that their hazard is "
            "no finite number; ask within the data, or centre the covariates"
        )
    return found


def _block(label: str | None, path: HazardPath, limits: HazardLimits, z: float) -> dict[str, object]:
    day, hazard, error = (np.append(0.0, values) for values in (path.day, path.hazard, path.std_error))
    if path.day.size and path.day[0] == 0:
        day, hazard, error = path.day, path.hazard, path.std_error
    low, high = hazard_limits(hazard, error, limits, z)
    return {
        "statistic": "cumulative hazard",
        "term": "curve",
        "group": label,
        "at": day,
        "estimate": hazard,
        "std_error": error,
        "conf_low": low,
        "conf_high": high,
    }
