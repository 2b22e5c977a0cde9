"""Interval-censored times to breast retraction: accelerated failure times."""

from functools import cache

import polars as pl

from analyses.estimates.regression.accelerated_failure import accelerated_failure
from analyses.estimates.regression.parametric_curves import parametric_survival, predicted_times
from tests.reference.survival.data import BCOS, bcos

FOLDER = BCOS
ARMS = pl.DataFrame({"arm": ["Rad", "RadChem"]})


@cache
def fitted(distribution):
    return accelerated_failure(bcos(), "arm", distribution=distribution)


def estimates(distribution):
    found = fitted(distribution)
    names = ("log time", "log time ratio", "scale")
    return [*(found.value(name) for name in names), found.value("log likelihood", term="fitted")]


def errors(distribution):
    frame = fitted(distribution).frame
    kept = frame.filter(pl.col("statistic").is_in(["log time", "log time ratio", "log scale"]))
    return kept["std_error"].to_list()


def rates():
    frame = predicted_times(fitted("exponential"), ARMS).frame
    return [0.6931471805599453 / median for median in frame["estimate"]]


CHECKS = {
    f"parametric_aft.{distribution.lower()}.{name}": lambda distribution=distribution, numbers=numbers: numbers(
        distribution
    )
    for distribution in ("exponential", "Weibull", "lognormal", "loglogistic")
    for name, numbers in (("coef_scale_loglik", estimates), ("se", errors))
}
CHECKS |= {
    "parametric_aft.weibull.PH_logHR_RadChem": lambda: [fitted("Weibull").value("log hazard ratio")],
    "parametric_aft.weibull.median_Rad_RadChem": lambda: list(
        predicted_times(fitted("Weibull"), ARMS).frame["estimate"]
    ),
    "parametric_aft.weibull.surv_at_12_24_36_Rad": lambda: list(
        parametric_survival(fitted("Weibull"), ARMS[:1], times=[12, 24, 36]).frame["estimate"]
    ),
    "parametric_aft.exponential.rate_Rad_RadChem": rates,
    "parametric_aft.weibull.LR_trt_chisq": lambda: [fitted("Weibull").value("likelihood ratio chi-square")],
    "parametric_aft.exponential.loglik_direct_optimise": lambda: [
        fitted("exponential").value("log likelihood", term="fitted")
    ],
}
