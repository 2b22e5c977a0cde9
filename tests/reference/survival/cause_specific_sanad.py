"""Cause-specific Cox regressions of two causes of withdrawal."""

from functools import cache

from analyses.estimates.competing.cause_specific import cause_specific
from tests.reference.survival.data import SANAD, sanad

FOLDER = SANAD
FORMULAS = {"unadj": "arm", "adj": "arm + age + gender + learn_dis"}


@cache
def fitted(cause, formula):
    return cause_specific(sanad("two"), FORMULAS[formula], cause=cause)


def numbers(cause, formula, column="estimate"):
    return fitted(cause, formula).frame.filter(statistic="log hazard ratio", criterion=cause)[column].to_list()


CHECKS = {
    f"cause_specific_cox.{cause.lower()}.{name}": lambda cause=cause, ours=ours: ours(cause)
    for cause in ("ISC", "UAE")
    for name, ours in {
        "unadj_coef_se": lambda cause: numbers(cause, "unadj") + numbers(cause, "unadj", "std_error"),
        "adj_coef": lambda cause: numbers(cause, "adj"),
        "adj_se": lambda cause: numbers(cause, "adj", "std_error"),
    }.items()
}
