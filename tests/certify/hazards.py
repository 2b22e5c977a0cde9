"""Hazard ratios; subjects with several times, rightly and wrongly."""

from __future__ import annotations

from functools import partial
from math import log

import numpy as np
import polars as pl

import analyses
from tests.certify import draws
from tests.certify.design import LEVEL, Design, Drawn, Wanted

EFFECT, SLOPE = log(0.6), 0.4
SUBJECTS, TIMES = 150, 3
ALPHA = 0.7
DRUG = {"term": "arm", "group": "drug", "reference": "control"}
LOG_RATIO = {"statistic": "log hazard ratio"} | DRUG
ASYMPTOTIC = "what is allowed is a convention: the likelihood is normal in large samples only"


def no_effect(rng):
    """Equal hazards in two arms of 60."""
    time, end = rng.exponential(size=120), rng.uniform(0.5, 3, 120)
    return analyses.cox(draws.events(time, end, arm=draws.arms(60, 60)), "arm")


def two_effects(rng):
    """An arm and a covariate, 200 subjects."""
    x = rng.normal(size=200)
    risk = np.exp(EFFECT * np.repeat([0, 1], 100) + SLOPE * x)
    time, end = rng.exponential(1 / risk), rng.uniform(0.5, 4, 200)
    return analyses.cox(draws.events(time, end, arm=draws.arms(100, 100), x=x), "arm + x")


def whole_days(rng):
    """Two arms of 100 with times on whole days, so that many are tied."""
    risk = np.exp(EFFECT * np.repeat([0, 1], 100))
    time, end = np.ceil(60 * rng.exponential(1 / risk)), np.ceil(60 * rng.uniform(0.5, 4, 200))
    return analyses.cox(draws.events(time, end, arm=draws.arms(100, 100)), "arm")


def late_entry(rng):
    """Two arms of 100, of which half come under observation late."""
    risk = np.exp(EFFECT * np.repeat([0, 1], 100))
    entry = np.where(rng.random(200) < 0.5, rng.uniform(0.05, 0.5, 200), 0.0)
    time = entry + rng.exponential(1 / risk)
    frame = draws.events(time, np.full(200, 2.5), arm=draws.arms(100, 100)).with_columns(entry=pl.Series(entry))
    return analyses.cox(frame, "arm")


def histories(rng):
    """150 subjects who come on a drug on a random day: two spans each, of which the last alone may end in the event."""
    start = rng.uniform(0.1, 1.5, SUBJECTS)
    waited = rng.exponential(size=SUBJECTS)
    time = np.where(waited < start, waited, start + (waited - start) / np.exp(EFFECT))
    end = rng.uniform(0.5, 4, SUBJECTS)
    gone = np.minimum(time, end)
    before = draws.events(time, np.minimum(start, end), on=np.zeros(SUBJECTS))
    after = draws.events(time, end, on=np.ones(SUBJECTS)).with_columns(entry=pl.Series(start))
    return analyses.cox(pl.concat([before, after.filter(pl.Series(gone > start))]), "on")


def strata(rng):
    """Two arms of 100 in five strata of unlike hazards."""
    site = np.arange(200) % 5
    risk = np.exp(EFFECT * np.repeat([0, 1], 100) + site)
    time, end = rng.exponential(1 / risk), rng.uniform(0.5, 4, 200) / np.exp(site)
    return analyses.cox(draws.events(time, end, arm=draws.arms(100, 100), site=site), "arm", strata="site")


def frail(rng):
    """Three times of each subject, who share a gamma frailty of variance 1; no effect, exact under any frailty."""
    return _repeated(rng, rng.exponential(size=SUBJECTS), np.zeros(SUBJECTS))


def stable(rng):
    """Three times of each subject, who share a positive stable frailty, with an effect."""
    return _repeated(rng, draws.positive_stable(ALPHA, SUBJECTS, rng), EFFECT * (np.arange(SUBJECTS) % 2))


def _repeated(rng, frailty, effect):
    who = np.repeat(np.arange(SUBJECTS), TIMES)
    time = rng.exponential(1 / (frailty * np.exp(effect))[who])
    arm = pl.Series(np.array(draws.ARMS.categories)[who % 2], dtype=draws.ARMS)
    end = rng.uniform(0.5, 4, len(who))
    return draws.events(time, end, arm=arm, person=who.astype(str))


def robust(rng, drawn):
    """Cox regression that allows for the dependence."""
    return analyses.cox(drawn(rng), "arm", cluster="person")


def naive(rng, drawn):
    """Cox regression that takes each time for a subject of its own."""
    return analyses.cox(drawn(rng), "arm")


def naive_log_rank(rng):
    """The log-rank test, which takes each time for a subject of its own."""
    return analyses.log_rank(frail(rng))


def designs():
    """Return the designs of hazard ratios."""
    usual = {"bias": 0.01, "ratio": 0.02, "coverage": 0.005}
    yield _cox(
        "no effect, n = 60 and 60",
        Drawn(no_effect, 501),
        Wanted(labels=LOG_RATIO, true=0.0, level=LEVEL, allowed=usual | {"bias": 0, "level": 0.005}, why=ASYMPTOTIC),
    )
    yield _cox(
        "arm and covariate, n = 200",
        Drawn(two_effects, 502),
        Wanted(labels=LOG_RATIO, true=EFFECT, allowed=usual, why=ASYMPTOTIC),
        Wanted(labels={"statistic": "log hazard ratio", "term": "x"}, true=SLOPE, allowed=usual, why=ASYMPTOTIC),
    )
    yield _cox(
        "times on whole days (Efron), n = 200",
        Drawn(whole_days, 503),
        Wanted(labels=LOG_RATIO, true=EFFECT, allowed=usual, why=ASYMPTOTIC),
    )
    yield _cox(
        "half enter late, n = 200",
        Drawn(late_entry, 504),
        Wanted(labels=LOG_RATIO, true=EFFECT, allowed=usual, why=ASYMPTOTIC),
    )
    yield _cox(
        "five strata of unlike hazards, n = 200",
        Drawn(strata, 508),
        Wanted(labels=LOG_RATIO, true=EFFECT, allowed=usual, why=ASYMPTOTIC),
    )
    yield _cox(
        f"a drug that begins on a random day, {SUBJECTS} histories of two spans, plain errors",
        Drawn(histories, 509),
        Wanted(labels={"statistic": "log hazard ratio", "term": "on"}, true=EFFECT, allowed=usual, why=ASYMPTOTIC),
    )
    yield from _clustered()


def _clustered():
    several = f"{TIMES} times of each of {SUBJECTS} subjects"
    loose = {"bias": 0.01, "ratio": 0.03, "coverage": 0.01, "level": 0.01}
    small = f"the sandwich's error is a little small with {SUBJECTS} clusters"
    null = {"labels": LOG_RATIO, "true": 0.0, "level": LEVEL, "allowed": loose | {"bias": 0}}
    yield _cox(
        f"{several}, gamma frailty, clustered", Drawn(partial(robust, drawn=frail), 505), Wanted(**null, why=small)
    )
    yield _cox(
        f"{several}, positive stable frailty, clustered",
        Drawn(partial(robust, drawn=stable), 506),
        Wanted(
            labels=LOG_RATIO,
            true=ALPHA * EFFECT,
            allowed=loose,
            why=f"Exact marginal effect (Hougaard P. Biometrika 1986;73:387-96); {small}",
        ),
    )
    yield _cox(
        f"{several}, taken for {TIMES * SUBJECTS} subjects",
        Drawn(partial(naive, drawn=frail), 505),
        Wanted(**null, must_fail=("ratio", "coverage", "level"), why="WRONG METHOD: subjects repeat"),
        weight=0.5,
    )
    yield Design(
        estimator="log_rank",
        design=f"{several}, taken for {TIMES * SUBJECTS} subjects",
        task=Drawn(naive_log_rank, 507),
        wanted=(
            Wanted(
                labels={"statistic": "log-rank chi-square", "reference": "control"},
                true=None,
                level=LEVEL,
                must_fail=("level",),
                why="WRONG METHOD: subjects repeat",
            ),
        ),
        weight=0.5,
    )


def _cox(design, task, *wanted, weight=2.5):
    return Design(estimator="cox", design=design, task=task, wanted=wanted, weight=weight)
