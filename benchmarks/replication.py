"""Simulated HAM-D studies of 200 subjects with a log-rank test of time to remission, a second.

Run with `python -m benchmarks.replication`. Times drift with the machine and what else it does; the ratios do not.
"""

from __future__ import annotations

import os
import warnings
from functools import partial

import polars as pl

from analyses.plan.replicate import replicate
from analyses.plan.replication.remission_log_rank import RemissionLogRank
from benchmarks.timing import seconds
from synthetic_data import HAMD_STUDY, simulate

SUBJECTS, MANY, FEW = 200, 20_000, 20
ORDER = pl.Enum(list(HAMD_STUDY.visits))


def main() -> None:
    """Print studies a second: many at once, one by one, and what one would write with statsmodels or lifelines."""
    ways = {
        f"many at once, {threads} thread{'s' * (threads > 1)}": (
            MANY,
            partial(replicate, HAMD_STUDY, RemissionLogRank(), MANY, 1, subjects=SUBJECTS, workers=threads),
        )
        for threads in (1, 2)
    }
    study = RemissionLogRank().__call__  # a plain function: studies are built one by one
    ways["one by one, this package"] = (
        FEW,
        partial(replicate, HAMD_STUDY, study, FEW, 1, subjects=SUBJECTS, workers=1),
    )
    ways["one by one, statsmodels survdiff"] = (FEW, partial(peer, statsmodels_test))
    ways["one by one, lifelines logrank_test"] = (FEW, partial(peer, lifelines_test))
    rates = {name: n / seconds(work, times=3) for name, (n, work) in ways.items()}
    slowest = min(rates["one by one, statsmodels survdiff"], rates["one by one, lifelines logrank_test"])
    print(f"{os.cpu_count()} processors, {SUBJECTS} subjects a study, all drawn from the HAM-D preset")
    print(f"{'':38}{'studies a second':>18}{'ratio to the slowest peer':>28}")
    for name, rate in rates.items():
        print(f"{name:38}{rate:18,.0f}{rate / slowest:28,.1f}")


def peer(test) -> list[float]:
    """Simulate with this package, find the first visit in remission with polars, and test with another one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [test(*first_remission(simulate(HAMD_STUDY, subjects=SUBJECTS, seed=seed))) for seed in range(FEW)]


def first_remission(study):
    """Return time in visits, whether in remission, and arm."""
    rated = study.ratings.filter(pl.col("day") > 0).with_columns(time=pl.col("visit").cast(ORDER).to_physical())
    low = pl.col("score") <= 7
    times = rated.group_by("subject_id").agg(
        time=pl.col("time").filter(low).min().fill_null(pl.col("time").max()), event=low.any()
    )
    with_arm = times.join(study.subjects.select("subject_id", "arm"), on="subject_id")
    return (with_arm[name].cast(pl.Int64).to_numpy() for name in ("time", "event")), with_arm["arm"].to_physical()


def statsmodels_test(times, arm) -> float:
    """Return statsmodels' chi-square."""
    from statsmodels.duration.survfunc import survdiff

    time, event = times
    return float(survdiff(time, event, arm.to_numpy())[0])


def lifelines_test(times, arm) -> float:
    """Return lifelines' chi-square."""
    from lifelines.statistics import logrank_test

    (time, event), drug = times, arm.to_numpy() == 1
    return float(logrank_test(time[~drug], time[drug], event[~drug], event[drug]).test_statistic)


if __name__ == "__main__":
    main()
