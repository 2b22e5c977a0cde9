"""Recurrences of tumours with a gamma frailty of each patient."""

from functools import cache

from analyses.estimates.regression.frailty_cox import frailty_cox
from tests.reference.survival.data import BLADDER, bladder

FOLDER = BLADDER


@cache
def fitted():
    return frailty_cox(bladder(), "rx + number + size")


def log_ratios():
    return fitted().frame.filter(statistic="log hazard ratio")["estimate"].to_list()


CHECKS = {
    "frailty.coef": log_ratios,
    "frailty.theta": lambda: [fitted().value("frailty variance")],
    "frailty.integrated_loglik": lambda: [fitted().value("log likelihood", term="fitted")],
}
REASONS = dict.fromkeys(
    CHECKS,
    "the printed search ends where two log likelihoods differ by 1e-9 of them; at the printed variance and with a "
    "tolerance of 1e-13 the same call gives our coefficients to 1e-7, and ours is the higher likelihood",
)
