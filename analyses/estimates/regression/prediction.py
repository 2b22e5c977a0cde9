"""What a Cox regression foretells: linear predictors, and survival by covariates."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import polars as pl

from analyses.estimates.distributions import normal_quantile
from analyses.estimates.groups import require, require_frame, text
from analyses.estimates.regression.baseline import ESTIMATORS, paths_of
from analyses.estimates.regression.coding import coded
from analyses.estimates.regression.cox_model import CoxModel
from analyses.estimates.regression.design import variables
from analyses.estimates.regression.fitted_cox import by_row, centre, cox_model
from analyses.estimates.regression.hazard_paths import HazardPath, held_from
from analyses.estimates.regression.risk_sets import Floats
from analyses.estimates.result import Estimates, estimates_of
from analyses.estimates.survival.curve_rows import check_times
from analyses.estimates.survival.limits import Limits, check_limits, survival_limits
from cohort.errors import EstimationError, some

LABEL = "profile"
Columns = dict[str, object]


def linear_predictor(fit: Estimates, *, profiles: pl.DataFrame | None = None, centred: bool = True) -> pl.DataFrame:
    """Return the sum of covariates times coefficients, of the rows that were fitted or of others.

    Columns: `linear_predictor`, and `row` and `subject_id` in the order of the caller's rows (rows left out for missing
    values have no line), or the columns of `profiles`.

    Args:
        fit: What `cox` returned.
        profiles: Rows with the formula's variables, one a line; None: the rows that were fitted.
        centred: Less the value at the covariates' means (columns of nothing but -1, 0 and 1 at 0), as R's
            predict(type = "lp", reference = "sample"); a higher value is a higher hazard either way.

    Raises:
        EstimationError: `fit` is not a Cox regression; profiles lack a variable or have a level that was not fitted.
    """
    model = cox_model(fit, "linear_predictor()", exact=True)
    matrix = model.sample.matrix if profiles is None else coded(model.design, profiles)
    base = centre(model) if centred else np.zeros(len(model.coefficients))
    found = ((matrix - base) * model.coefficients).sum(axis=1)
    if profiles is None:
        return by_row(model, {"linear_predictor": found})
    return profiles.with_columns(linear_predictor=pl.Series(found))


def predicted_survival(
    fit: Estimates,
    profiles: pl.DataFrame,
    *,
    times: Sequence[float] = (),
    limits: Limits = "log-log",
    confidence: float = 0.95,
) -> Estimates:
    """Return the survival that a Cox regression foretells for given covariates.

    Rows "survival" with the term "curve" at day 0 and each day with an event, and with the term "time point" at
    `times`, by profile (`group`): exp(-cumulative hazard), Breslow's or Efron's as ties were treated, with Tsiatis' and
    Link's standard errors, which allow for the coefficients being estimated. After the last observed day of the stratum
    there is no estimate.

    The group is named by the column "profile" where there is one, else by the values: "arm=LTG, age=40".

    Args:
        fit: What `cox` returned.
        profiles: One line a profile, with the formula's variables and the columns of the strata.
        times: Days at which to report.
        limits: The scale of the limits, as in `kaplan_meier` (R's survfit.coxph has "log").
        confidence: Coverage of the pointwise limits.

    Raises:
        EstimationError: `fit` is not a Cox regression with Efron's or Breslow's treatment of ties; profiles lack a
            variable, repeat a name, or have a level or a stratum that was not fitted; a time is out of range.

    Sources: Tsiatis AA. Ann Stat 1981;9:93-108; Link CL. Biometrics 1984;40:601-10.
    """
    z = normal_quantile(confidence)
    check_limits(limits)
    asked = check_times(times)
    model = cox_model(fit, "predicted_survival()")
    require_frame(profiles, "profiles")
    if not profiles.height:
        raise EstimationError("0 profiles were given; give one line of covariates or more")
    names, strata = _names(model, profiles), _strata(model, profiles)
    paths = paths_of(model, coded(model.design, profiles))
    blocks: list[Columns] = []
    for number, (name, stratum) in enumerate(zip(names, strata, strict=True)):
        path = paths[stratum][number]
        named: Columns = {"statistic": "survival", "group": name}
        blocks.append(named | {"term": "curve"} | _survival(path, np.unique(np.append(0.0, path.day)), limits, z))
        if len(asked):
            blocks.append(named | {"term": "time point"} | _survival(path, asked, limits, z, _last(model, stratum)))
    method = (
        f"Survival from the Cox regression on {model.formula} ({ESTIMATORS[model.ties]} cumulative hazard), "
        f"{limits} {100 * confidence:g}% limits"
    )
    return Estimates(estimates_of(blocks), method, (), confidence, fit.model)


def _survival(path: HazardPath, days: Floats, limits: Limits, z: float, last: float = math.inf) -> Columns:
    hazard, error = held_from(path, days)
    hazard = np.where(days <= last, hazard, np.nan)
    survival = np.exp(-hazard)
    low, high = survival_limits(survival, error, limits, z)
    return {"at": days, "estimate": survival, "std_error": survival * error, "conf_low": low, "conf_high": high}


def _last(model: CoxModel, stratum: int) -> float:
    sample = model.sample
    return float((sample.time[sample.stratum == stratum] if len(sample.stratum) else sample.time).max())


def _names(model: CoxModel, profiles: pl.DataFrame) -> list[str]:
    if LABEL in profiles.columns:
        names = text(profiles[LABEL]).to_list()
    else:
        shown = [*variables(model.formula, [*profiles.columns, *model.design.factors]), *model.stratified]
        require(profiles, shown, f"the variables of {model.formula!r}")
        names = [
            ", ".join(f"{n}={v:g}" if isinstance(v, float) else f"{n}={v}" for n, v in row.items())
            for row in profiles.select(n for n in profiles.columns if n in shown).rows(named=True)
        ]
    doubled = sorted({str(name) for name in names if name is None or names.count(name) > 1})
    if doubled:
        raise EstimationError(
            f"{len(doubled)} names of profiles stand more than once or are empty: {some(doubled)}; give each line "
            f"another name in the column {LABEL!r}"
        )
    return names


def _strata(model: CoxModel, profiles: pl.DataFrame) -> list[int]:
    if not model.stratified:
        return [0] * profiles.height
    require(profiles, model.stratified, "the columns of the strata")
    found = [", ".join(str(value) for value in row) for row in profiles.select(model.stratified).rows()]
    unknown = [name for name in found if name not in model.strata]
    if unknown:
        raise EstimationError(f"the strata {some(unknown)} were not fitted; there were {some(model.strata, 9)}")
    return [model.strata.index(name) for name in found]
