"""Cumulative incidence of two and of three causes of withdrawal, and the time lost to each."""

from functools import cache

import polars as pl

from analyses.estimates.competing.incidence import incidence
from analyses.estimates.survival.kaplan_meier import kaplan_meier
from tests.reference.survival.data import SANAD, YEARS, sanad

FOLDER = SANAD
ARMS = ("CBZ", "LTG")
COLUMNS = {
    "cif": ("estimate", "robust"),
    "se_cmprsk": ("std_error", "Aalen"),
    "cif_survfit": ("estimate", "robust"),
    "se_survfit_IJ": ("std_error", "robust"),
}


@cache
def estimated(causes, error):
    return incidence(sanad(causes), times=YEARS, until=1095, error=error).frame


def numbers(causes, arm, cause, column="estimate", error="robust", statistic="cumulative incidence"):
    rows = estimated(causes, error).filter(statistic=statistic, group=arm, term=cause)
    return rows[column].to_list()


def free(arm):
    rows = kaplan_meier(sanad(), times=YEARS).frame
    return rows.filter(term="time point", group=arm, statistic="survival")["estimate"].to_list()


def missed(causes, names):
    """Return by how much the incidences of the causes exceed 1 - S(t) in the first arm."""
    shares = [numbers(causes, "CBZ", name) for name in names]
    return [sum(each) - (1 - left) for *each, left in zip(*shares, free("CBZ"), strict=True)]


def naive():
    rows = kaplan_meier(sanad("isc"), times=YEARS).frame
    return [1 - s for s in rows.filter(term="time point", group="CBZ", statistic="survival")["estimate"]]


def lost(arm):
    return [numbers("two", arm, cause, statistic="restricted mean time lost")[0] for cause in ("ISC", "UAE")]


def blocks(name, causes, listed, columns):
    return {
        f"{name}.{arm}.{cause}.{label}": lambda arm=arm, cause=cause, label=label: numbers(
            causes, arm, cause, *COLUMNS[label]
        )
        for arm in ARMS
        for cause in listed
        for label in columns
    }


CHECKS = {
    **blocks("cuminc", "two", ("ISC", "UAE"), COLUMNS),
    **blocks("cuminc_three_causes", "three", ("ISC", "UAE", "OTHER"), ("cif", "se_cmprsk")),
    "cuminc.sum_check_CBZ_1095": lambda: [missed("two", ("ISC", "UAE"))[2]],
    "cuminc.naive_1_minus_KM_ISC_CBZ": naive,
    "cuminc.rmtl_ISC_UAE_CBZ_tau1095": lambda: lost("CBZ"),
    "cuminc.rmtl_ISC_UAE_LTG_tau1095": lambda: lost("LTG"),
    "cuminc_three_causes.ids_uncoded_withdrawal": lambda: sanad("three").filter(pl.col("cause") == "OTHER")["id"],
    "cuminc_three_causes.n_uncoded_by_arm": lambda: [
        numbers("three", arm, "OTHER", statistic="events")[0] for arm in ARMS
    ],
    "cuminc_three_causes.sum_check_CBZ": lambda: missed("three", ("ISC", "UAE", "OTHER")),
}
