"""Gray's tests of two and of three causes of withdrawal."""

from analyses.estimates.competing.gray import gray
from tests.reference.survival.data import SANAD, sanad

FOLDER = SANAD
THREE = ("ISC", "UAE", "OTHER")


def numbers(cause, causes="two", names=("estimate", "p_value"), **options):
    (row,) = gray(sanad(causes), **options).frame.filter(statistic="Gray chi-square", term=cause).iter_rows(named=True)
    return [row[name] for name in names]


def of_three(name):
    return [value for cause in THREE for value in numbers(cause, "three", (name,))]


CHECKS = {
    "cuminc.gray_test_ISC_stat_p": lambda: numbers("ISC"),
    "cuminc.gray_test_UAE_stat_p": lambda: numbers("UAE"),
    "cuminc.gray_test_ISC_stratified_by_gender_stat_p": lambda: numbers("ISC", strata="gender"),
    "cuminc_three_causes.gray_tests_ISC_UAE_OTHER_stat": lambda: of_three("estimate"),
    "cuminc_three_causes.gray_tests_p": lambda: of_three("p_value"),
}
