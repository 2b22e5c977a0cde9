"""Log-rank tests of withdrawal: plain, weighted, stratified, of one cause."""

from analyses.estimates.survival.log_rank import log_rank
from analyses.estimates.survival.rank_weights import FlemingHarrington
from tests.reference.survival.data import SANAD, sanad

FOLDER = SANAD


def column(statistic, name="estimate", causes="any", **options):
    return log_rank(sanad(causes), **options).frame.filter(statistic=statistic)[name].to_list()


def statistic(causes="any", **options):
    return column("log-rank chi-square", causes=causes, **options)


CHECKS = {
    "tests_any_withdrawal.logrank_chisq": statistic,
    "tests_any_withdrawal.logrank_p": lambda: column("log-rank chi-square", "p_value"),
    "tests_any_withdrawal.logrank_observed": lambda: column("observed"),
    "tests_any_withdrawal.logrank_expected": lambda: column("expected"),
    "tests_any_withdrawal.logrank_variance": lambda: column("variance"),
    "tests_any_withdrawal.peto_peto_rho1_chisq": lambda: statistic(weights=FlemingHarrington(rho=1)),
    "tests_any_withdrawal.logrank_stratified_by_gender_chisq": lambda: statistic(strata="gender"),
    "tests_any_withdrawal.logrank_stratified_by_learn_dis_chisq": lambda: statistic(strata="learn_dis"),
    "tests_any_withdrawal.logrank_ISC_only_chisq": lambda: statistic("isc"),
    "tests_any_withdrawal.logrank_UAE_only_chisq": lambda: statistic("uae"),
}
