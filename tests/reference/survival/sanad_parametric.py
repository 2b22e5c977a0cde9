"""Accelerated failure times of withdrawal for any reason."""

from functools import cache

from analyses.estimates.regression.accelerated_failure import accelerated_failure
from tests.reference.survival.data import SANAD, sanad

FOLDER = SANAD


@cache
def fitted(distribution):
    return accelerated_failure(sanad(), "arm + age", distribution=distribution)


def numbers(distribution):
    found = fitted(distribution)
    coefficients = found.frame.filter(statistic="log time ratio")["estimate"].to_list()
    fit = found.value("scale"), found.value("log likelihood", term="fitted")
    return [found.value("log time"), *coefficients, *fit]


def errors():
    frame = fitted("Weibull").frame
    return [
        error
        for statistic in ("log time", "log time ratio", "log scale")
        for error in frame.filter(statistic=statistic)["std_error"]
    ]


CHECKS = {
    f"parametric.{distribution.lower()}": lambda distribution=distribution: numbers(distribution)
    for distribution in ("exponential", "Weibull", "lognormal", "loglogistic")
}
CHECKS["parametric.weibull_se_int_trt_age_logscale"] = errors
