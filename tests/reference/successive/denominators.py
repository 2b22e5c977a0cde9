"""Shares of those who tried and of the whole cohort, and what follows from each."""

import polars as pl

from analyses.estimates.successive.cumulative import cumulative_success
from analyses.estimates.successive.table import OF_COHORT, OF_TRIED, WENT_ON, successive
from analyses.plan.published_steps import published_steps
from tests.reference.successive.published import BRODIE, CHEN, KWAN, percent, read


def shares(study, term, column="estimate"):
    return read(successive(published_steps(study), undetermined="excluded"), column, statistic="share", term=term)


def cumulative(term):
    found = cumulative_success(published_steps(BRODIE), undetermined="excluded")
    return read(found, statistic="cumulative share", term=term)


def limits():
    low, high = (shares(BRODIE, OF_TRIED, name) for name in ("conf_low", "conf_high"))
    return [limit for pair in zip(low, high, strict=True) for limit in pair]


def all_who_failed_tried():
    """How many tried the second drug is not known; with all who had failed the first, the share is at its lowest."""
    known = published_steps(KWAN).filter(pl.col("treatment_no") <= 2)
    found = successive(known.with_columns(tried=pl.Series([470, 470 - 222])), undetermined="excluded")
    return percent(read(found, statistic="share", term=OF_TRIED, group="2"))


CHECKS = {
    "two_denominators.brodie2012.conditional_pct": lambda: percent(shares(BRODIE, OF_TRIED)),
    "two_denominators.brodie2012.cohort_pct": lambda: percent(shares(BRODIE, OF_COHORT)),
    "two_denominators.brodie2012.cumulative_pct_of_cohort": lambda: percent(cumulative("observed")),
    "two_denominators.brodie2012.entering_fraction_of_failures": lambda: shares(BRODIE, WENT_ON),
    "two_denominators.brodie2012.wilson_ci_lower_upper_by_step": limits,
    "two_denominators.chen2018.conditional_pct_1_2_3_6": lambda: percent(
        shares(CHEN, OF_TRIED)[k - 1] for k in (1, 2, 3, 6)
    ),
    "two_denominators.kwan.conditional_step2_if_all_failures_tried": all_who_failed_tried,
    "two_denominators.km_like_cumulative_if_no_dropout.brodie2012": lambda: cumulative("product-limit"),
}
