"""Time to the first visit in remission: curves at three visits."""

from functools import cache

from analyses.estimates.survival.kaplan_meier import kaplan_meier
from tests.reference.survival.data import HAMD, remission

FOLDER = HAMD


@cache
def curves():
    return kaplan_meier(remission(), times=(14, 28, 42)).frame


def points(arm, column):
    return curves().filter(group=arm, term="time point")[column].to_list()


def totals(column):
    return curves().filter(statistic="events")[column].to_list()


def medians():
    return curves().filter(statistic="quantile", at=0.5)["estimate"].to_list()


CHECKS = {
    "time_to_remission.n": lambda: [sum(totals("n"))],
    "time_to_remission.events_by_arm": lambda: totals("estimate"),
    "time_to_remission.km_surv_placebo_days_14_28_42": lambda: points("PLACEBO", "estimate"),
    "time_to_remission.km_surv_drug_days_14_28_42": lambda: points("DRUG", "estimate"),
    "time_to_remission.km_greenwood_se_placebo": lambda: points("PLACEBO", "std_error"),
    "time_to_remission.km_greenwood_se_drug": lambda: points("DRUG", "std_error"),
    "time_to_remission.km_median": medians,
}
