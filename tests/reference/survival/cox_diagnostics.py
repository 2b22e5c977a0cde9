"""Residuals, tests of proportional hazards and predictions of Cox regressions of withdrawal."""

from functools import cache

import polars as pl

from analyses.estimates.regression.baseline import baseline_hazard
from analyses.estimates.regression.cox import cox
from analyses.estimates.regression.cox_residuals import residuals
from analyses.estimates.regression.prediction import linear_predictor, predicted_survival
from analyses.estimates.regression.proportional import proportional_hazards_test
from tests.reference.survival.data import SANAD, sanad

FOLDER = SANAD
UNADJUSTED, ADJUSTED = "arm", "arm + age + gender + learn_dis"


@cache
def fitted(formula, causes="any", ties="efron"):
    return cox(sanad(causes), formula, ties=ties)


def chi_squares(formula, transform, columns=("estimate",), causes="any", first=None):
    frame = proportional_hazards_test(fitted(formula, causes), transform=transform).frame
    return [frame[column][place] for place in range(frame.height)[:first] for column in columns]


def first_five(kind):
    return residuals(fitted(ADJUSTED), kind=kind)["residual"].head(5).to_list()


def baseline():
    curve = baseline_hazard(fitted(ADJUSTED, ties="breslow")).frame
    return [curve.filter(pl.col("at") <= day)["estimate"].max() for day in (365, 730)]


def predicted():
    profile = pl.DataFrame({"arm": ["LTG"], "age": [40.0], "gender": ["M"], "learn_dis": ["No"]})
    found = predicted_survival(fitted(ADJUSTED), profile, times=(365, 730)).frame
    return found.filter(term="time point")["estimate"].to_list()


CHECKS = {
    "cox_any_withdrawal.adj.breslow_baseline_cumhaz_at_365_730_uncentered": baseline,
    "cox_any_withdrawal.adj.efron_predicted_surv_LTG_age40_M_No_at_365_730": predicted,
    "cox_any_withdrawal.adj.martingale_residual_first5": lambda: first_five("martingale"),
    "cox_any_withdrawal.adj.deviance_residual_first5": lambda: first_five("deviance"),
    "cox_any_withdrawal.adj.lp_centered_first5": lambda: (
        linear_predictor(fitted(ADJUSTED))["linear_predictor"].head(5).to_list()
    ),
}
for name in ("km", "identity", "log", "rank"):
    CHECKS[f"cox_any_withdrawal.zph.{name}.unadj_chisq_p"] = lambda name=name: chi_squares(
        UNADJUSTED, name, ("estimate", "p_value"), first=1
    )
    CHECKS[f"cox_any_withdrawal.zph.{name}.adj_chisq"] = lambda name=name: chi_squares(ADJUSTED, name)
for name in ("isc", "uae"):
    CHECKS[f"cause_specific_cox.{name}.zph_km_unadj_chisq_p"] = lambda name=name: chi_squares(
        UNADJUSTED, "km", ("estimate", "p_value"), name, first=1
    )
