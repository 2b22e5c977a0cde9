"""Survival curves, and their comparison."""

from __future__ import annotations

from functools import partial
from math import exp, log

import numpy as np
import polars as pl

import analyses
from tests.certify import draws
from tests.certify.design import LEVEL, Design, Drawn, Wanted
from tests.certify.exact import ExponentialMedian, binomial_ratio, survival_coverage

WHOLE, CENSORED, VISITS = 101, 100, 80
EARLY, LATE = 70, 50
HAZARD = 0.2  # at each visit
LARGE = "what is allowed is a convention: limits and Greenwood's error are right in large samples only"


def uncensored(rng):
    """Exponential times of rate 1, all seen."""
    time = rng.exponential(size=WHOLE)
    return analyses.kaplan_meier(draws.events(time, time), by=None, times=[0.5, 1.5])


def censored(rng):
    """Exponential times of rate 1 with exponential censoring of rate 1/2."""
    time, end = rng.exponential(size=CENSORED), rng.exponential(2, CENSORED)
    return analyses.kaplan_meier(draws.events(time, end), by=None, times=[0.5, 1.0])


def at_visits(rng):
    """The same hazard at each of five visits; a tenth leaves after each."""
    time, last = rng.geometric(HAZARD, VISITS).astype(float), rng.geometric(0.1, VISITS).clip(max=5).astype(float)
    return analyses.kaplan_meier(draws.events(time, last), by=None, times=[2.0, 4.0])


def late_entry(rng):
    """Exponential times, of which some come under observation late and only if the event has not yet happened."""
    entry = np.concatenate([np.zeros(EARLY), rng.uniform(0.05, 0.5, LATE)])
    time = entry + rng.exponential(size=EARLY + LATE)  # without memory
    frame = draws.events(time, np.full(EARLY + LATE, 2.0)).with_columns(entry=pl.Series(entry))
    return analyses.kaplan_meier(frame, by=None, times=[0.5, 1.0])


def equal_hazards(rng, sizes, visits):
    """Two arms without a difference, with light censoring; times to the next of ten visits, or exact."""
    n = sum(sizes)
    time, end = rng.exponential(size=n), rng.uniform(0.5, 3, n)
    if visits:
        time, end = np.ceil(4 * time), np.ceil(4 * end)
    return analyses.log_rank(draws.events(time, end, arm=draws.arms(*sizes)))


def designs():
    """Return the designs of survival curves."""
    yield _kaplan_meier(f"exponential times, n = {WHOLE}, none censored", uncensored, 401, _exact_lines())
    yield _kaplan_meier(
        f"exponential times, n = {CENSORED}, a third censored",
        censored,
        402,
        [_point(0.5, exp(-0.5)), _point(1.0, exp(-1.0)), _median()],
    )
    yield _kaplan_meier(
        f"times at five visits, n = {VISITS}", at_visits, 403, [_point(t, (1 - HAZARD) ** t) for t in (2.0, 4.0)]
    )
    yield _kaplan_meier(
        f"{LATE} of {EARLY + LATE} enter late", late_entry, 404, [_point(t, exp(-t)) for t in (0.5, 1.0)]
    )
    yield from (
        _log_rank(sizes, visits, seed)
        for seed, (sizes, visits) in enumerate([((50, 50), False), ((50, 50), True), ((40, 120), False)], start=411)
    )


def _kaplan_meier(design, analyse, seed, wanted):
    return Design(estimator="kaplan_meier", design=design, task=Drawn(analyse, seed), wanted=tuple(wanted), weight=3)


def _exact_lines():
    for t in (0.5, 1.5):
        yield Wanted(
            labels={"statistic": "survival", "term": "time point", "at": t},
            true=exp(-t),
            coverage=survival_coverage(WHOLE, exp(-t)),
            ratio=binomial_ratio(WHOLE),
            why="Exact: a binomial count is left",
        )
    median = ExponentialMedian(WHOLE)
    yield Wanted(
        labels={"statistic": "quantile", "at": 0.5},
        true=log(2),
        bias=median.mean() - log(2),
        ratio=None,
        coverage=median.coverage(),
        why="Exact: the middle order statistic",
    )


def _point(t, true):
    return Wanted(
        labels={"statistic": "survival", "term": "time point", "at": t},
        true=true,
        allowed={"coverage": 0.01, "ratio": 0.02},
        why=LARGE,
    )


def _median():
    return Wanted(
        labels={"statistic": "quantile", "at": 0.5},
        true=log(2),
        ratio=None,
        allowed={"bias": 0.01, "coverage": 0.01},
        why=LARGE,
    )


def _log_rank(sizes, visits, seed):
    uneven = sizes[0] != sizes[1]
    test = Wanted(
        labels={"statistic": "log-rank chi-square", "reference": "control"},
        true=None,
        level=LEVEL,
        allowed={"level": 0.01 if uneven else 0.005},
        why="the chi-square distribution is an approximation" + (", worse for unequal arms" if uneven else ""),
    )
    return Design(
        estimator="log_rank",
        design=f"equal hazards, n = {sizes[0]} and {sizes[1]}, " + ("times at visits" if visits else "exact times"),
        task=Drawn(partial(equal_hazards, sizes=sizes, visits=visits), seed),
        wanted=(test,),
        weight=2,
    )
