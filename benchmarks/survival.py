"""Curves, the log-rank test, cumulative incidence and Cox regression against R survival, lifelines and statsmodels.

Run with `python -m benchmarks.survival [rows ...] [task ...]`; 10 thousand, 100 thousand and 1 million rows and all
tasks where none are named ("Kaplan-Meier", "log-rank", "Aalen-Johansen", "Cox, 5 covariates"). The ways run one after
another in turns, each as often as it can in a fifth of a second, after a run on few rows that pays for imports. Printed
are a Markdown table of median seconds with, in brackets, the median of the ratios to this package's seconds of the same
turn, and how far a number of each answer lies from R's. Every way starts from data that it can use at once: peers from
arrays or data frames of numbers, R from vectors and factors; this package from EVENTS, whose checks are part of its
time. What would take minutes is left out, and so is R where there is no Rscript with survival.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections import defaultdict
from statistics import median
from time import perf_counter

import polars as pl

import analyses
from benchmarks.survival_data import COVARIATES, Drawn, drawn
from benchmarks.survival_peers import PEERS, R

ROWS, WARM, TURNS, DAY = (10_000, 100_000, 1_000_000), 500, 5, 365.0
AT_LEAST = 0.2  # seconds that a way is repeated
OURS = "this package"
# Rows above which a way takes minutes or fills the memory.
MOST = {
    ("Aalen-Johansen", "lifelines"): 100_000,
    ("Cox, 5 covariates", "statsmodels"): 100_000,
}
# Rows from which a way runs once, whatever the turns.
ONCE = {
    ("Aalen-Johansen", "lifelines"): 100_000,
    ("Aalen-Johansen", "R survival"): 1_000_000,
    ("Cox, 5 covariates", "lifelines"): 1_000_000,
    ("Cox, 5 covariates", "statsmodels"): 100_000,
}


def kaplan_meier(data):
    """Return S of the first arm."""
    found = analyses.kaplan_meier(data.events, times=[DAY])
    return found.value("survival", term="time point", group="control")


def log_rank(data):
    """Return the chi-square."""
    return analyses.log_rank(data.events).value("log-rank chi-square")


def aalen_johansen(data):
    """Return the cumulative incidence of the first cause in the first arm."""
    found = analyses.incidence(data.competing, times=[DAY])
    return found.value("cumulative incidence", term="inefficacy", group="control")


def cox(data):
    """Return the first coefficient."""
    return analyses.cox(data.events, " + ".join(COVARIATES)).value("log hazard ratio", term=COVARIATES[0])


TASKS = {
    "Kaplan-Meier": kaplan_meier,
    "log-rank": log_rank,
    "Aalen-Johansen": aalen_johansen,
    "Cox, 5 covariates": cox,
}


def main() -> None:
    """Print the table."""
    asked = [int(rows) for rows in sys.argv[1:] if rows.isdigit()] or list(ROWS)
    tasks = [task for task in TASKS if task in sys.argv[1:]] or list(TASKS)
    r = R() if R.there() else None
    if r is None:
        print("no Rscript with survival: R is left out")
    ways = [*([] if r is None else ["R survival"]), *PEERS]
    print(f"{os.cpu_count()} processors, polars {pl.__version__}, up to {TURNS} turns\n")
    print(f"| | rows | {OURS}, seconds | " + " | ".join(f"{way}, seconds (ratio)" for way in ways) + " | from R |")
    print("|---" * (len(ways) + 4) + "|")
    few = drawn(WARM)
    for rows in asked:
        data = drawn(rows)
        for task in tasks:
            line(task, few, data, ways, r)


def line(task, few, data, ways, r) -> None:
    """Run one task in turns and print its line."""
    if task == "Aalen-Johansen" and "incidence" not in analyses.__all__:
        print(f"{task}: analyses.incidence is not there")
        return
    rows, took, answers = data.events.height, defaultdict(list), {}
    one(task, OURS, few, r)
    for turn in range(TURNS):
        for way in (OURS, *ways):
            if rows > MOST.get((task, way), rows) or (turn and rows >= ONCE.get((task, way), rows + 1)):
                continue
            if not turn and way in PEERS:
                one(task, way, few, r)
            seconds, answers[way] = one(task, way, data, r)
            took[way].append(seconds)
    told = [f"{median(took[OURS]):.4g}", *(beside(took, way) for way in ways)]
    far = "" if r is None else f"{abs(answers[OURS] / answers['R survival'] - 1):.0e}"
    print(f"| {task} | {rows:,} | " + " | ".join(told) + f" | {far} |", flush=True)


def one(task, way, data: Drawn, r):
    """Return the seconds of one run and the answer of one way."""
    if way == "R survival":
        return r.run(task, data)
    work = TASKS[task] if way == OURS else PEERS[way][task]
    prepared = data if way == OURS else data.prepared(way)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        began, times, took = perf_counter(), 0, 0.0
        while took < AT_LEAST:
            answer = work(prepared)
            times, took = times + 1, perf_counter() - began
    return took / times, answer


def beside(took, way):
    """Return the median seconds of a peer and the median of its ratios to ours of the same turn."""
    if not took[way]:
        return ""
    ratio = median(theirs / ours for theirs, ours in zip(took[way], took[OURS], strict=False))
    return f"{median(took[way]):.4g} ({ratio:,.3g})"


if __name__ == "__main__":
    main()
