"""The same questions put to R survival, lifelines and statsmodels, as one would write them."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.survival_data import COVARIATES

DAY = 365.0

SCRIPT = """
suppressMessages(library(survival))
argument <- commandArgs(TRUE); folder <- argument[1]; task <- argument[2]
column <- function(name) { file <- file.path(folder, name); readBin(file, "double", file.size(file) / 8) }
d <- data.frame(time = column("time"), event = column("event"))
d$arm <- factor(column("arm"), labels = c("control", "drug"))
d$cause <- factor(column("cause"), labels = c("censored", "inefficacy", "intolerance"))
for (name in paste0("x", 1:5)) d[[name]] <- column(name)
work <- switch(task,
  "Kaplan-Meier" = function(d) survfit(Surv(time, event) ~ arm, d, conf.type = "log-log"),
  "log-rank" = function(d) survdiff(Surv(time, event) ~ arm, d),
  "Aalen-Johansen" = function(d) survfit(Surv(time, cause) ~ arm, d),
  function(d) coxph(Surv(time, event) ~ x1 + x2 + x3 + x4 + x5, d))
answer <- function(fit) switch(task,
  "Kaplan-Meier" = summary(fit[1], times = 365)$surv,
  "log-rank" = fit$chisq,
  "Aalen-Johansen" = summary(fit[1, ], times = 365)$pstate[2],
  unname(coef(fit)[1]))
invisible(work(head(d, 500)))
invisible(gc())
began <- proc.time()[["elapsed"]]; times <- 0
repeat { fit <- work(d); times <- times + 1; took <- proc.time()[["elapsed"]] - began; if (took > 0.2) break }
cat(took / times, format(answer(fit), digits = 17))
"""


class R:
    """R in a process of its own; reading the columns is no part of its time."""

    def __init__(self) -> None:
        self.place = tempfile.TemporaryDirectory(prefix="survival_benchmark_")
        self.script = Path(self.place.name) / "survival.R"
        self.script.write_text(SCRIPT)
        self.written = None

    @staticmethod
    def there() -> bool:
        """Return whether there is R with survival."""
        if shutil.which("Rscript") is None:
            return False
        return subprocess.run(["Rscript", "-e", "library(survival)"], capture_output=True, check=False).returncode == 0

    def run(self, task, data):
        """Return seconds and the answer."""
        if self.written is not data:
            columns = {name: getattr(data, name) for name in ("time", "event", "cause", "arm")}
            for name, values in (columns | dict(zip(COVARIATES, data.x.T, strict=True))).items():
                np.asarray(values, dtype=float).tofile(Path(self.place.name) / name)
            self.written = data
        command = ["Rscript", str(self.script), self.place.name, task]
        out = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
        return float(out[0]), float(out[1])


def lifelines_kaplan_meier(frame):
    """Return S of the first arm."""
    from lifelines import KaplanMeierFitter

    fits = [KaplanMeierFitter().fit(own["time"], own["event"]) for _, own in frame.groupby("arm")]
    return float(fits[0].predict(DAY))


def lifelines_log_rank(frame):
    """Return the chi-square."""
    from lifelines.statistics import logrank_test

    first, second = (own for _, own in frame.groupby("arm"))
    return float(logrank_test(first["time"], second["time"], first["event"], second["event"]).test_statistic)


def lifelines_incidence(frame):
    """Return the cumulative incidence of the first cause in the first arm."""
    from lifelines import AalenJohansenFitter

    fits = [
        AalenJohansenFitter(seed=1).fit(own["time"], own["cause"], event_of_interest=cause)
        for _, own in frame.groupby("arm")
        for cause in (1, 2)
    ]
    return float(fits[0].predict(DAY))


def lifelines_cox(frame):
    """Return the first coefficient."""
    from lifelines import CoxPHFitter

    used = frame[["time", "event", *COVARIATES]]
    return float(CoxPHFitter().fit(used, "time", "event").params_.iloc[0])


def statsmodels_kaplan_meier(data):
    """Return S of the first arm."""
    from statsmodels.duration.survfunc import SurvfuncRight

    fits = [SurvfuncRight(data.time[data.arm == arm], data.event[data.arm == arm]) for arm in (0, 1)]
    return float(fits[0].surv_prob[np.searchsorted(fits[0].surv_times, DAY, side="right") - 1])


def statsmodels_log_rank(data):
    """Return the chi-square."""
    from statsmodels.duration.survfunc import survdiff

    return float(survdiff(data.time, data.event, data.arm)[0])


def statsmodels_incidence(data):
    """Return the cumulative incidence of the first cause in the first arm."""
    from statsmodels.duration.survfunc import CumIncidenceRight

    fits = [CumIncidenceRight(data.time[data.arm == arm], data.cause[data.arm == arm]) for arm in (0, 1)]
    return float(fits[0].cinc[0][np.searchsorted(fits[0].times, DAY, side="right") - 1])


def statsmodels_cox(data):
    """Return the first coefficient."""
    from statsmodels.duration.hazard_regression import PHReg

    return float(PHReg(data.time, data.x, status=data.event, ties="efron").fit(disp=False).params[0])


PEERS = {
    "lifelines": {
        "Kaplan-Meier": lifelines_kaplan_meier,
        "log-rank": lifelines_log_rank,
        "Aalen-Johansen": lifelines_incidence,
        "Cox, 5 covariates": lifelines_cox,
    },
    "statsmodels": {
        "Kaplan-Meier": statsmodels_kaplan_meier,
        "log-rank": statsmodels_log_rank,
        "Aalen-Johansen": statsmodels_incidence,
        "Cox, 5 covariates": statsmodels_cox,
    },
}
