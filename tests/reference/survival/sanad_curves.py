"""Kaplan-Meier curves of withdrawal for any reason."""

from analyses.estimates.survival.kaplan_meier import kaplan_meier
from tests.reference.survival.data import SANAD, YEARS, sanad

FOLDER = SANAD


def points(arm, column):
    return kaplan_meier(sanad(), times=YEARS).frame.filter(term="time point", group=arm)[column].to_list()


CHECKS = {
    f"km_any_withdrawal.{arm}.{name}": lambda arm=arm, column=column: points(arm, column)
    for arm in ("CBZ", "LTG")
    for name, column in (("surv", "estimate"), ("greenwood_se", "std_error"), ("n_risk", "n"))
}
