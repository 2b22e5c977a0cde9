"""STAR*D from its printed percentages, which no counts give exactly: 1351 and 440 for the printed 1346 and 439."""

import numpy as np

from analyses.estimates.successive.cumulative import cumulative_success
from analyses.estimates.successive.leavers import product_limit
from tests.reference.successive.published import percent, read, table

TRIED, RATES = np.array([3671, 1439, 390, 123]), np.array([0.368, 0.306, 0.137, 0.13])


def observed():
    counts = table(TRIED, np.round(RATES * TRIED).astype(int))
    return percent(read(cumulative_success(counts, undetermined="excluded"), term="observed"))


CHECKS = {
    "stard.cumulative_by_step_pct": lambda: percent(product_limit(RATES).tolist()),
    "stard.share_of_cohort_if_counts_used_pct": observed,
    # Shares of the printed percentages, which are no whole numbers of subjects.
    "stard.entering_fraction_of_failures": (TRIED[1:] / (TRIED * (1 - RATES))[:-1]).tolist,
}
