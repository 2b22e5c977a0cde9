"""Withdrawal on doses that change with time: each subject a history of several rows."""

from analyses.estimates.regression.cox import cox
from tests.reference.survival.cox_fits import likelihoods, logs
from tests.reference.survival.data import SANAD, sanad_doses

FOLDER = SANAD


def fitted():
    return cox(sanad_doses(), "arm + dose")


CHECKS = {
    "time_varying.n_rows_events": lambda: list(fitted().frame.select("n", "events").row(0)),
    "time_varying.coef": lambda: logs(fitted()),
    "time_varying.se": lambda: logs(fitted(), "std_error"),
    "time_varying.loglik": lambda: likelihoods(fitted()),
}
