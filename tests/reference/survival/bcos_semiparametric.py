"""Interval-censored times to breast retraction: proportional hazards and odds over a free baseline."""

from functools import cache

from analyses.estimates.regression.interval_hazards import interval_cox
from tests.reference.survival.data import BCOS, bcos

FOLDER = BCOS


@cache
def fitted(model):
    return interval_cox(bcos(), "arm", model=model)


def hazards():
    found = fitted("proportional hazards")
    return [found.value("log hazard ratio"), found.value("log likelihood", term="fitted")]


def odds():
    # icenReg gives the odds of being free of the event, we those of having had it.
    found = fitted("proportional odds")
    return [-found.value("log odds ratio"), found.value("log likelihood", term="fitted")]


CHECKS = {"semiparametric_ph.ph.coef_loglik": hazards, "semiparametric_ph.po.coef_loglik": odds}
