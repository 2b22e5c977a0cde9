"""Time to the first recurrence in three arms: the log-rank test, and Gray's with death competing."""

import polars as pl

from analyses.estimates.competing.gray import gray
from analyses.estimates.survival.log_rank import log_rank
from tests.reference.survival.data import BLADDER, bladder_full

FOLDER = BLADDER


def first():
    return bladder_full().filter(pl.col("event_no") == 1)


def recurrence_alone():
    recurred = pl.col("cause") == "recurrence"
    return first().with_columns(right=pl.when(recurred).then("right"), cause=pl.when(recurred).then("cause"))


CHECKS = {
    "full_three_arms.time_to_first_recurrence_logrank_chisq2": lambda: [
        log_rank(recurrence_alone()).value("log-rank chi-square")
    ],
    "full_three_arms.gray_first_recurrence_vs_death_stat": lambda: [
        gray(first(), cause="recurrence").frame.filter(statistic="Gray chi-square")[name].item()
        for name in ("estimate", "p_value")
    ],
}
