"""Cox regressions of remission, seen at visits: 20 of 167 reach it on one day."""

from analyses.estimates.regression.cox import cox
from tests.reference.survival.cox_fits import likelihoods, logs
from tests.reference.survival.data import HAMD, remission

FOLDER = HAMD


def fitted(ties="efron"):
    return cox(remission(), "arm + basval", ties=ties)


CHECKS = {
    "time_to_remission.cox_efron_coef": lambda: logs(fitted()),
    "time_to_remission.cox_efron_se": lambda: logs(fitted(), "std_error"),
    "time_to_remission.cox_breslow_coef": lambda: logs(fitted("breslow")),
    "time_to_remission.cox_exact_coef": lambda: logs(fitted("exact")),
    "time_to_remission.cox_loglik_null_fit": lambda: likelihoods(fitted()),
}
