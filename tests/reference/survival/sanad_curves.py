"""Kaplan-Meier curves of withdrawal for any reason, the cumulative hazard, and survival compared at fixed times."""

from functools import cache

from analyses.estimates.survival.fixed_time import survival_differences
from analyses.estimates.survival.kaplan_meier import kaplan_meier
from analyses.estimates.survival.nelson_aalen import nelson_aalen
from tests.reference.survival.data import SANAD, YEARS, sanad

FOLDER = SANAD
ARMS = ("CBZ", "LTG")
LIMITS = {"log": "log", "log-log": "log-log", "plain": "plain", "logit": "logit", "arcsin": "arcsine"}
EARLY = (0.10, 0.20, 0.25, 0.30, 0.35)


@cache
def curves(limits="log-log"):
    return kaplan_meier(sanad(), times=YEARS, probabilities=(*EARLY, 0.5), limits=limits).frame


def rows(arm, **where):
    return curves().filter(group=arm, **where)


def points(arm, column):
    return rows(arm, term="time point")[column].to_list()


def limits_of(arm, kind):
    found = curves(LIMITS[kind]).filter(group=arm, term="time point")
    return [*found["conf_low"], *found["conf_high"]]


def quantiles(arm):
    return rows(arm, statistic="quantile")["estimate"].to_list()


def at_risk(arm):
    return rows(arm, statistic="at risk")["estimate"].to_list()


def hazard(arm):
    return nelson_aalen(sanad(), times=YEARS).frame.filter(group=arm, term="time point")["estimate"].to_list()


def differences(column):
    return survival_differences(sanad(), times=YEARS).frame.filter(statistic="survival difference")[column].to_list()


def _of(arm):
    block = f"km_any_withdrawal.{arm}"
    yield f"{block}.surv", lambda: points(arm, "estimate")
    yield f"{block}.greenwood_se", lambda: points(arm, "std_error")
    yield f"{block}.n_risk", lambda: points(arm, "n")
    yield f"{block}.cum_hazard_nelson_aalen", lambda: hazard(arm)
    for kind in LIMITS:
        yield f"{block}.ci95_{kind}_lower4_upper4", lambda kind=kind: limits_of(arm, kind)
    yield f"{block}.quantile_10_20_25_30_35", lambda: quantiles(arm)[:-1]
    yield f"{block}.median", lambda: quantiles(arm)[-1:]
    yield f"{block}.n_distinct_event_times", lambda: [rows(arm, term="curve").height - 1]
    yield f"km_any_withdrawal.number_at_risk_{arm}_0_365_730_1095_1460", lambda: at_risk(arm)


CHECKS = {name: ours for arm in ARMS for name, ours in _of(arm)}
CHECKS |= {
    "km_any_withdrawal.diff_surv_LTG_minus_CBZ": lambda: differences("estimate"),
    "km_any_withdrawal.diff_surv_se": lambda: differences("std_error"),
}
