"""Months to cosmetic deterioration, seen at visits: Turnbull's estimate, rank tests, and midpoints on purpose."""

from functools import cache

import polars as pl

from analyses.estimates.interval.interval_log_rank import interval_log_rank
from analyses.estimates.interval.turnbull import turnbull
from analyses.estimates.regression.cox import cox
from analyses.estimates.survival.log_rank import log_rank
from tests.reference.survival.data import BCOS, bcos

FOLDER = BCOS
ARMS = ("Rad", "RadChem")
SCORES = {"logrank1": "log-rank Sun", "logrank2": "log-rank Finkelstein", "wmw": "Wilcoxon"}


@cache
def curves():
    return turnbull(bcos())


@cache
def all_together():
    return turnbull(bcos(), by=None)


def of_arm(arm, name):
    (curve,) = [curve for curve in curves().model if curve.group == arm]
    return list(getattr(curve, name)[curve.held])


def highest_gradient(arm):
    (curve,) = [curve for curve in curves().model if curve.group == arm]
    return 1 + curve.gradient_gap


def rows(arm, **where):
    return curves().frame.filter(group=arm, **where)


def survival_after(arm):
    return rows(arm, statistic="survival", term="curve").filter(pl.col("at") > 0)["estimate"].to_list()


def by_arm(counted):
    counts = dict(bcos().group_by("arm").agg(counted).iter_rows())
    return [counts[arm] for arm in ARMS]


@cache
def tested(scores, method):
    return interval_log_rank(bcos(), scores=SCORES[scores], method=method).frame


def z_and_p(scores):
    """Return z and its p value; ictest's sign is that of the first arm."""
    row = tested(scores, "permutation").filter(pl.col("statistic").str.ends_with(" z")).row(0, named=True)
    return [-row["estimate"], row["p_value"]]


def chi_square_and_p(scores):
    row = tested(scores, "score").filter(pl.col("statistic").str.ends_with(" chi-square")).row(0, named=True)
    return [row["estimate"], row["p_value"]]


def midpoints():
    """Return the days that nobody observed; what comes of them is wrong, and no estimator of ours makes them."""
    middle = pl.when(pl.col("right").is_null()).then("left").otherwise((pl.col("left") + pl.col("right")) / 2)
    return bcos().with_columns(left=middle, right=pl.when(pl.col("right").is_not_null()).then(middle))


def midpoint_cox():
    row = cox(midpoints(), "arm").frame.filter(statistic="log hazard ratio").row(0, named=True)
    return [row["estimate"], row["std_error"]]


CHECKS = {
    "data.n": lambda: [all_together().value("events") and all_together().model[0].n],
    "data.n_by_arm": lambda: by_arm(pl.len()),
    "data.n_right_censored_by_arm": lambda: by_arm(pl.col("right").null_count()),
    "data.n_left_zero": lambda: [bcos().filter(left=0).height],
    "turnbull_npmle.all.loglik": lambda: [all_together().value("log likelihood")],
    "turnbull_npmle.all.number_of_support_intervals": lambda: [len(all_together().model[0].held)],
    "rank_tests.published.logrank1_Z_p": lambda: z_and_p("logrank1"),
    "rank_tests.published.Rad_S_after_5_7_8_12_25_34_40": lambda: survival_after("Rad")[:7],
    "wrong_on_purpose.midpoint_cox_efron_coef_se": midpoint_cox,
    "wrong_on_purpose.midpoint_logrank_chisq": lambda: [log_rank(midpoints()).value("log-rank chi-square")],
}
for _arm in ARMS:
    CHECKS |= {
        f"turnbull_npmle.{_arm}.{name}": lambda arm=_arm, column=column: of_arm(arm, column)
        for name, column in (("intervals_left", "left"), ("intervals_right", "right"), ("mass", "mass"))
    }
    CHECKS |= {
        f"turnbull_npmle.{_arm}.mass_icfit": lambda arm=_arm: rows(arm, statistic="probability mass")["estimate"],
        f"turnbull_npmle.{_arm}.loglik": lambda arm=_arm: rows(arm, statistic="log likelihood")["estimate"],
        f"turnbull_npmle.{_arm}.kkt_max": lambda arm=_arm: [highest_gradient(arm)],
        f"turnbull_npmle.{_arm}.surv_at_identified_points": lambda arm=_arm: survival_after(arm),
    }
for _scores in SCORES:
    CHECKS[f"rank_tests.{_scores}.permutation_asymptotic_Z_p"] = lambda scores=_scores: z_and_p(scores)
for _scores in ("logrank1", "logrank2"):
    CHECKS[f"rank_tests.{_scores}.scoretest_chisq_p"] = lambda scores=_scores: chi_square_and_p(scores)
_ROUNDED = "printed to three or four digits; ours agrees with the same call in full, see the other rows"
REASONS = {
    "rank_tests.published.logrank1_Z_p": _ROUNDED,
    "rank_tests.published.Rad_S_after_5_7_8_12_25_34_40": _ROUNDED,
}
