"""Cox regressions of the first dermatologic event in three arms."""

import polars as pl

from analyses.estimates.regression.cox import cox
from tests.reference.survival.cox_fits import likelihoods, logs, ratios
from tests.reference.survival.data import CDISC, dermatologic

FOLDER = CDISC


def arms():
    return cox(dermatologic(), "arm")


def adjusted():
    return cox(dermatologic(), "arm + AGE + SEX")


def dose():
    found = cox(dermatologic().with_columns(pl.col("TRTAN").cast(pl.Float64)), "TRTAN")
    return [*logs(found), *logs(found, "std_error")]


CHECKS = {
    "adtte_survival.cox_coef": lambda: logs(arms()),
    "adtte_survival.cox_se": lambda: logs(arms(), "std_error"),
    "adtte_survival.cox_HR_ci": lambda: ratios(arms()),
    "adtte_survival.cox_adj_coef": lambda: logs(adjusted()),
    "adtte_survival.cox_adj_se": lambda: logs(adjusted(), "std_error"),
    "adtte_survival.cox_loglik": lambda: likelihoods(arms()),
    "adtte_survival.cox_trend_dose_coef_se": dose,
}
