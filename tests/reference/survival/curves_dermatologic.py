"""Time to the first dermatologic event: curves, quantiles, restricted means, numbers at risk as they were printed."""

from functools import cache

from analyses.estimates.survival.kaplan_meier import kaplan_meier
from analyses.estimates.survival.restricted_mean import restricted_mean
from tests.reference.survival.data import CDISC, dermatologic

FOLDER = CDISC
ARMS = {"Placebo": "Placebo", "Low": "Xanomeline Low Dose", "High": "Xanomeline High Dose"}
DAYS = (30, 60, 90, 180)


@cache
def curves(times=DAYS, limits="log-log"):
    return kaplan_meier(dermatologic(), times=times, probabilities=(0.25, 0.5), limits=limits).frame


def points(arm, column):
    return curves().filter(group=ARMS[arm], term="time point")[column].to_list()


def quantile(p, *columns, limits="log-log"):
    found = curves(limits=limits).filter(statistic="quantile", at=p)
    return [value for column in columns for value in found[column]]


def events():
    found = curves().filter(statistic="events")
    return [*found["n"], *found["estimate"]]


def at_risk(arm):
    times = tuple(range(20, 200, 20))
    return curves(times).filter(statistic="at risk", group=ARMS[arm])["estimate"].to_list()


def means():
    found = restricted_mean(dermatologic(), until=150).frame.filter(statistic="restricted mean")
    return [*found["estimate"], *found["std_error"]]


CHECKS = {
    "adtte_survival.n_events_by_arm": events,
    "adtte_survival.median_by_arm": lambda: quantile(0.5, "estimate"),
    "adtte_survival.median_ci_loglog": lambda: quantile(0.5, "conf_low", "conf_high"),
    "adtte_survival.median_ci_log": lambda: quantile(0.5, "conf_low", "conf_high", limits="log"),
    "adtte_survival.q25_by_arm": lambda: quantile(0.25, "estimate"),
    "adtte_survival.rmst_150_by_arm_se": means,
    **{f"adtte_survival.surv_30_60_90_180.{arm}": lambda arm=arm: points(arm, "estimate") for arm in ARMS},
    **{f"adtte_survival.se_30_60_90_180.{arm}": lambda arm=arm: points(arm, "std_error") for arm in ARMS},
    "adtte_survival.print.at_risk_placebo_0_to_180_by_20": lambda: at_risk("Placebo"),
    "adtte_survival.print.at_risk_low": lambda: at_risk("Low"),
    "adtte_survival.print.at_risk_high": lambda: at_risk("High"),
}
