"""Cox regressions of withdrawal: ties, strata, robust errors."""

from analyses.estimates.regression.cox import cox
from tests.reference.survival.data import SANAD, sanad

FOLDER = SANAD
ADJUSTED = "arm + age + gender + learn_dis"


def logs(found, column="estimate"):
    return found.frame.filter(statistic="log hazard ratio")[column].to_list()


def likelihoods(found):
    return found.frame.filter(statistic="log likelihood")["estimate"].to_list()


def ratios(found):
    rows = found.frame.filter(statistic="hazard ratio")
    return [*rows["estimate"], *rows["conf_low"], *rows["conf_high"]]


def tests(found):
    return [found.value(f"{name} chi-square", term=None) for name in ("likelihood ratio", "Wald", "score")]


def alone():
    return cox(sanad(), "arm")


def adjusted(**how):
    return cox(sanad(), ADJUSTED, **how)


CHECKS = {
    f"cox_any_withdrawal.{name}": ours
    for name, ours in {
        "unadj.efron.coef": lambda: logs(alone()),
        "unadj.efron.se": lambda: logs(alone(), "std_error"),
        "unadj.efron.HR_ci": lambda: ratios(alone()),
        "unadj.efron.loglik_null_fit": lambda: likelihoods(alone()),
        # summary.coxph prints Wald's test to two decimals.
        "unadj.efron.LR_Wald_score": lambda: [round(x, 2) if i == 1 else x for i, x in enumerate(tests(alone()))],
        "unadj.efron.score_unrounded": lambda: [tests(alone())[2]],
        "unadj.breslow.coef": lambda: logs(cox(sanad(), "arm", ties="breslow")),
        "unadj.exact.coef": lambda: logs(cox(sanad(), "arm", ties="exact")),
        "unadj.efron.concordance": lambda: [alone().value("concordance")],
        "adj.efron.concordance": lambda: [adjusted().value("concordance")],
        "adj.efron.robust_se": lambda: logs(adjusted(cluster="subject_id"), "std_error"),
        "adj.efron.coef": lambda: logs(adjusted()),
        "adj.efron.se": lambda: logs(adjusted(), "std_error"),
        "adj.efron.HR": lambda: ratios(adjusted())[:4],
        "adj.efron.loglik": lambda: likelihoods(adjusted()),
        "adj.breslow.coef": lambda: logs(adjusted(ties="breslow")),
        "adj.strata_gender.coef": lambda: logs(cox(sanad(), "arm + age", strata="gender")),
    }.items()
}
