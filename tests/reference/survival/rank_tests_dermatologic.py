"""Log-rank tests of three arms, and of the active ones against placebo."""

from analyses.estimates.survival.log_rank import log_rank
from analyses.estimates.survival.pairwise_log_rank import pairwise_log_rank
from analyses.estimates.survival.rank_weights import FlemingHarrington
from tests.reference.survival.data import CDISC, dermatologic

FOLDER = CDISC


def numbers():
    (row,) = log_rank(dermatologic()).frame.filter(statistic="log-rank chi-square").iter_rows(named=True)
    return [row["estimate"], row["df"], row["p_value"]]


def sums():
    found = log_rank(dermatologic()).frame
    return [*found.filter(statistic="observed")["estimate"], *found.filter(statistic="expected")["estimate"]]


CHECKS = {
    "adtte_survival.logrank_chisq_df_p": numbers,
    "adtte_survival.logrank_obs_exp": sums,
    "adtte_survival.peto_rho1_chisq": lambda: [
        log_rank(dermatologic(), weights=FlemingHarrington(1)).value("log-rank chi-square")
    ],
    "adtte_survival.pairwise_logrank_low_high_vs_placebo": lambda: pairwise_log_rank(
        dermatologic(), reference="Placebo"
    ).frame["estimate"],
}
