"""Regression of numbers of tumour recurrences over time."""

from analyses.estimates.regression.rates import event_rates
from analyses.estimates.survival.person_time import person_time
from tests.reference.survival.data import BLADDER, bladder

FOLDER = BLADDER
# Rows of the formula's coefficients, the intercept first as it is printed.
COEFFICIENTS = ("log rate", "log rate ratio")


def at_placebo(family, column, errors="observed"):
    """Return coefficients with the arm as a factor, placebo the reference: the intercept, arm, number, size."""
    found = event_rates(bladder(), "arm + number + size", family=family, errors=errors)
    return [value for name in COEFFICIENTS for value in found.frame.filter(statistic=name)[column].to_list()]


def dispersion():
    found = event_rates(bladder(), "arm + number + size", family="negative binomial", errors="expected")
    theta = found.frame.filter(statistic="dispersion", term="theta").row(0, named=True)
    return [theta["estimate"], theta["std_error"], found.value("log likelihood", term="fitted")]


def rates():
    found = person_time(bladder(), per=1.0)
    return [found.value("rate per 1 days", group=arm) for arm in ("placebo", "thiotepa")]


NEGATIVE_BINOMIAL = "negative binomial"
CHECKS = {
    "count_models.rate_per_month_by_rx": rates,
    "count_models.poisson.coef_se": lambda: at_placebo("Poisson", "estimate") + at_placebo("Poisson", "std_error"),
    "count_models.nb.coef": lambda: at_placebo(NEGATIVE_BINOMIAL, "estimate"),
    "count_models.nb.se": lambda: at_placebo(NEGATIVE_BINOMIAL, "std_error", "expected"),
    "count_models.nb.theta_se_loglik": dispersion,
}
REASONS = {
    "count_models.nb.theta_se_loglik": "MASS::theta.ml takes the error from the step before its last, and stops at a "
    "step of 1.2e-4; with eps = 1e-14 it gives 0.3313845296, as here"
}
