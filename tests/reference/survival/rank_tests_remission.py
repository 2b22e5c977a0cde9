"""The log-rank test of time to remission, heavily tied at visits."""

from analyses.estimates.survival.log_rank import log_rank
from tests.reference.survival.data import HAMD, remission

FOLDER = HAMD


def numbers():
    (row,) = log_rank(remission()).frame.filter(statistic="log-rank chi-square").iter_rows(named=True)
    return [row["estimate"], row["p_value"]]


def sums():
    found = log_rank(remission()).frame
    return [*found.filter(statistic="observed")["estimate"], *found.filter(statistic="expected")["estimate"]]


CHECKS = {
    "time_to_remission.logrank_chisq_p": numbers,
    "time_to_remission.logrank_observed_expected": sums,
}
