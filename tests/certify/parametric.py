"""Regressions of times seen at visits, and of a day between the visits taken for the day of the event."""

from __future__ import annotations

from functools import partial
from math import log

import numpy as np
import polars as pl

import analyses
from tests.certify import draws
from tests.certify.design import Design, Drawn, Wanted

LONGER, SCALE = log(1.6), 0.7
HIGHER = log(1.7)
SIZE, OWN, SHARED = 100, 150, 150
OFTEN, SELDOM = np.arange(0.0, 17.0), np.array([0.0, 8, 16])
LAST = 8.0
ARM = {"term": "arm", "group": "drug", "reference": "control"}
LARGE = "what is allowed is a convention: the likelihood is normal in large samples only"
ALLOWED = {"bias": 0.015, "ratio": 0.03, "coverage": 0.01}


def weibull(rng, midpoints=False):
    """Weibull times of two arms of 100, of which the control is seen each week and the drug every eighth."""
    drug = np.repeat([0, 1], SIZE)
    time = np.exp(1 + LONGER * drug + SCALE * np.log(rng.exponential(size=2 * SIZE)))
    seen = [_between(time[:SIZE], OFTEN), _between(time[SIZE:], SELDOM)]
    left, right = (np.concatenate(ends) for ends in zip(*seen, strict=True))
    if midpoints:
        left = np.where(np.isnan(right), left, (left + right) / 2)
        right = np.where(np.isnan(right), right, left)
    return analyses.accelerated_failure(_events(left, right, draws.arms(SIZE, SIZE)), "arm")


def own_visits(rng):
    """Exponential times of two arms of 150, each subject with visits of its own, the drug's half as many."""
    drug = np.repeat([0, 1], OWN)
    time = rng.exponential(3 * np.exp(-HIGHER * drug))[:, None]
    visits = np.cumsum(rng.exponential(np.where(drug, 2.0, 1.0)[:, None], (2 * OWN, 30)), axis=1)
    kept = visits <= LAST
    left = np.where((visits < time) & kept, visits, 0.0).max(axis=1)
    right = np.where((visits >= time) & kept, visits, np.inf).min(axis=1)
    return _events(left, np.where(np.isinf(right), np.nan, right), draws.arms(OWN, OWN))


def intervals(rng):
    """Hazard ratio of the intervals."""
    return analyses.interval_cox(own_visits(rng), "arm")


def first_visits(rng):
    """Hazard ratio of the first visits at which the event was seen."""
    return analyses.cox(own_visits(rng).with_columns(left=pl.coalesce("right", "left")), "arm")


def grouped(rng, link):
    """Hazards by period of five shared visits in two arms of 150; a tenth leaves after each."""
    drug = np.repeat([0, 1], SHARED)
    visit = np.ceil(rng.exponential(2.5 * np.exp(-HIGHER * drug)))
    last = rng.geometric(0.1, 2 * SHARED).clip(max=5)
    seen = visit <= last
    rows = _events(np.where(seen, visit - 1, last), np.where(seen, visit, np.nan), draws.arms(SHARED, SHARED))
    return analyses.discrete_hazard(rows, "arm", periods=[1, 2, 3, 4, 5], link=link)


def _between(time, visits):
    """Return the visits before and after each time; none after the last."""
    place = np.searchsorted(visits, time)
    return visits[place - 1], np.append(visits, np.nan)[place]


def _events(left, right, arm):
    ids = pl.int_range(len(left), eager=True).cast(pl.String)
    ends = {"left": np.asarray(left, dtype=float), "right": pl.Series(right, nan_to_null=True)}
    return pl.DataFrame({"subject_id": ids, "entry": 0.0, **ends, "arm": arm})


def designs():
    """Return the designs of times seen at visits."""
    design = f"Weibull times, control seen weekly, drug every eighth week, n = {SIZE} and {SIZE}"
    ratio = {"labels": {"statistic": "log time ratio"} | ARM, "true": LONGER}
    right = Wanted(**ratio, allowed=ALLOWED, why=LARGE)
    scale = Wanted(labels={"statistic": "log scale"}, true=log(SCALE), allowed=ALLOWED | {"bias": 0.03}, why=LARGE)
    yield _design("accelerated_failure", design, weibull, 991, right, scale)
    wrong = Wanted(**ratio, must_fail=("bias", "coverage"), why="WRONG METHOD: events do not lie in the middle")
    middles = partial(weibull, midpoints=True)
    yield _design("accelerated_failure", f"{design}, middles of the intervals", middles, 991, wrong)
    yield from _hazards()


def _hazards():
    ratio = {"labels": {"statistic": "log hazard ratio"} | ARM, "true": HIGHER}
    design = f"visits of each subject's own, the drug's half as many, n = {OWN} and {OWN}"
    small = f"{LARGE}; errors from the profile likelihood are a little small"
    right = Wanted(**ratio, allowed={"bias": 0.03, "ratio": 0.05, "coverage": 0.015}, why=small)
    yield _design("interval_cox", design, intervals, 992, right)
    wrong = Wanted(**ratio, must_fail=("bias", "coverage"), why="WRONG METHOD: who is seen less is found later")
    yield _design("cox", f"{design}, days of the visits", first_visits, 992, wrong)
    design = f"five shared visits, n = {SHARED} and {SHARED}"
    right = Wanted(**ratio, allowed=ALLOWED, why=f"{LARGE}. Grouped hazards stay proportional at any width of periods")
    yield _design("discrete_hazard", f"{design}, cloglog", partial(grouped, link="cloglog"), 993, right)
    odds = {"labels": {"statistic": "log odds ratio"} | ARM, "true": HIGHER}
    wrong = Wanted(**odds, must_fail=("bias",), why="WRONG METHOD: an odds ratio taken for a hazard ratio")
    yield _design("discrete_hazard", f"{design}, logit", partial(grouped, link="logit"), 993, wrong)


def _design(estimator, design, analyse, seed, *wanted):
    return Design(estimator=estimator, design=design, task=Drawn(analyse, seed), wanted=wanted, weight=2.5)
