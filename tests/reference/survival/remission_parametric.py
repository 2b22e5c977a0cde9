"""Remission between two visits: accelerated failure times."""

from analyses.estimates.regression.accelerated_failure import accelerated_failure
from tests.reference.survival.data import HAMD, remission

FOLDER = HAMD


def fitted(distribution):
    return accelerated_failure(remission("interval"), "arm + basval", distribution=distribution)


def coefficients():
    found = fitted("Weibull")
    ratios = found.frame.filter(statistic="log time ratio")["estimate"].to_list()
    return [found.value("log time"), *ratios, found.value("scale")]


CHECKS = {
    "time_to_remission.interval_censored_weibull_coef": coefficients,
    "time_to_remission.interval_censored_weibull_loglik": lambda: [
        fitted("Weibull").value("log likelihood", term="fitted")
    ],
    "time_to_remission.interval_censored_logistic_po_discrete_loglik": lambda: [
        fitted("loglogistic").value("log likelihood", term="fitted")
    ],
}
