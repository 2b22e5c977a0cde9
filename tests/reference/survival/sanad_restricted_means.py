"""Restricted mean days on the first drug."""

from functools import cache

from analyses.estimates.survival.adjusted_restricted_mean import adjusted_restricted_mean
from analyses.estimates.survival.restricted_mean import restricted_mean
from tests.reference.survival.data import SANAD, sanad

FOLDER = SANAD


@cache
def means(until=1095):
    return restricted_mean(sanad(), until=until).frame


def own(column, until=1095):
    return means(until).filter(statistic="restricted mean")[column].to_list()


def contrast(of, *columns):
    return list(means().filter(statistic=f"restricted mean {of}").select(columns).row(0))


def tested(of):
    return contrast(of, "estimate", "conf_low", "conf_high", "p_value")


def adjusted():
    found = adjusted_restricted_mean(sanad(), "arm + age + gender", until=1095, ties="together").frame
    return list(found.filter(term="arm").select("estimate", "conf_low", "conf_high", "p_value").row(0))


CHECKS = {
    "rmst.rmean_CBZ_LTG": lambda: own("estimate"),
    "rmst.se_rmean_CBZ_LTG": lambda: own("std_error"),
    "rmst.diff_LTG_minus_CBZ": lambda: contrast("difference", "estimate"),
    "rmst.diff_se": lambda: contrast("difference", "std_error"),
    "rmst.survRM2_diff_est_lo_hi_p": lambda: tested("difference"),
    "rmst.survRM2_ratio_est_lo_hi_p": lambda: tested("ratio"),
    "rmst.survRM2_rmtl_ratio_est_lo_hi_p": lambda: tested("time lost ratio"),
    "rmst.survRM2_rmst_arm0_arm1_se": lambda: [
        number for pair in zip(own("estimate"), own("std_error"), strict=True) for number in pair
    ],
    "rmst.survRM2_adjusted_age_male_diff_est_lo_hi_p": adjusted,
    "rmst.rmean_tau730_CBZ_LTG": lambda: own("estimate", 730),
}
