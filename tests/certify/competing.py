"""Competing causes: cumulative incidence and subdistribution hazards, and what is taken for them wrongly."""

from __future__ import annotations

from functools import partial
from math import exp, log

import numpy as np
import polars as pl

import analyses
from tests.certify import draws
from tests.certify.design import Design, Drawn, Wanted

SUBJECTS, LATE = 100, 60
SHARE = 0.6  # of events are of the cause
HAZARD = 0.3  # of either cause at each visit
EVER, EFFECT, OTHER = 0.5, log(0.6), 0.5
CAUSE = {"term": "relapse"}
LOG_RATIO = {"statistic": "log subdistribution hazard ratio", "criterion": "relapse"}
LOG_RATIO |= {"term": "arm", "group": "drug", "reference": "control"}
LARGE = "what is allowed is a convention: limits and errors are right in large samples only"
WRONG = "WRONG METHOD: events of the other cause taken for censorings"


def two_causes(rng):
    """Two causes of constant rates 0.6 and 0.4, and exponential censoring of rate 1/2."""
    time, end = rng.exponential(size=SUBJECTS), rng.exponential(2, SUBJECTS)
    return _named(draws.events(time, end), rng.random(SUBJECTS) < SHARE)


def at_visits(rng):
    """The same hazard of either cause at each of four visits; a tenth leaves after each."""
    time = rng.geometric(2 * HAZARD, SUBJECTS).astype(float)
    last = rng.geometric(0.1, SUBJECTS).clip(max=4).astype(float)
    return _named(draws.events(time, last), rng.random(SUBJECTS) < 0.5)


def late_entry(rng):
    """The two causes, with some who come under observation late and only if nothing has happened yet."""
    entry = np.concatenate([np.zeros(SUBJECTS - LATE), rng.uniform(0.05, 0.5, LATE)])
    time = entry + rng.exponential(size=SUBJECTS)  # without memory
    frame = draws.events(time, np.full(SUBJECTS, 2.0)).with_columns(entry=pl.Series(entry))
    return _named(frame, rng.random(SUBJECTS) < SHARE)


def proportional(rng):
    """Two arms of 100 with proportional subdistribution hazards, drawn as by Fine and Gray, censored uniformly."""
    ratio = np.exp(EFFECT * np.repeat([0, 1], 100))
    ever = 1 - (1 - EVER) ** ratio
    of_cause = rng.random(200) < ever
    first = -np.log(1 - (1 - (1 - rng.random(200) * ever) ** (1 / ratio)) / EVER)
    other = rng.exponential(np.exp(OTHER * np.repeat([0, 1], 100)))
    frame = draws.events(np.where(of_cause, first, other), rng.uniform(0.5, 3, 200), arm=draws.arms(100, 100))
    return _named(frame, of_cause)


def incidence(rng, drawn, error="robust"):
    """The cumulative incidence."""
    return analyses.incidence(drawn(rng), by=None, times=[0.5, 1.0, 2.0, 3.0], error=error)


def naive(rng):
    """One less Kaplan-Meier, the other cause censored, as an incidence."""
    alone = two_causes(rng)
    own = pl.col("cause") == "relapse"
    alone = alone.with_columns(pl.when(own).then("right").alias("right"), pl.when(own).then("cause").alias("cause"))
    found = analyses.kaplan_meier(alone, by=None, times=[0.5, 1.0]).frame.filter(term="time point")
    turned = found.with_columns(
        estimate=1 - pl.col("estimate"),
        conf_low=1 - pl.col("conf_high"),
        conf_high=1 - pl.col("conf_low"),
        statistic=pl.lit("cumulative incidence"),
        term=pl.lit("relapse"),
    )
    return analyses.Estimates(turned, "")


def fine_gray(rng, convention):
    """The subdistribution hazard ratio of two arms."""
    return analyses.fine_gray(proportional(rng), "arm", cause="relapse", convention=convention)


def cause_specific(rng):
    """The hazard ratio with the other cause censored, as a subdistribution hazard ratio."""
    frame = analyses.cause_specific(proportional(rng), "arm", cause="relapse").frame
    return analyses.Estimates(
        frame.with_columns(pl.col("statistic").replace("log hazard ratio", LOG_RATIO["statistic"])), ""
    )


def designs():
    """Return the designs of competing causes."""
    usual = {"coverage": 0.01, "ratio": 0.02}
    rates = f"two causes of constant rates, n = {SUBJECTS}"
    shares = {t: SHARE * (1 - exp(-t)) for t in (0.5, 1.0)}
    right = [_point(t, true, allowed=usual, why=LARGE) for t, true in shares.items()]
    yield _incidence(f"{rates}, a third censored", partial(incidence, drawn=two_causes), 701, right)
    yield _incidence(f"{rates}, Aalen's errors", partial(incidence, drawn=two_causes, error="Aalen"), 701, right)
    yield _incidence(
        f"{rates}, one less Kaplan-Meier",
        naive,
        701,
        [_point(1.0, shares[1.0], must_fail=("bias", "coverage"), why=WRONG)],
    )
    yield _incidence(f"two causes, {LATE} of {SUBJECTS} enter late", partial(incidence, drawn=late_entry), 702, right)
    visits = f"two causes at four visits, n = {SUBJECTS}"
    yield _incidence(visits, partial(incidence, drawn=at_visits), 703, _at_visits(allowed=usual, why=LARGE))
    yield _incidence(
        f"{visits}, Aalen's errors",
        partial(incidence, drawn=at_visits, error="Aalen"),
        703,
        _at_visits(must_fail=("ratio",), why="WRONG METHOD: causes of one visit taken as unrelated"),
    )
    yield from _regressions()


def _regressions():
    drawn = "proportional subdistribution hazards, n = 200"
    usual = {"bias": 0.01, "ratio": 0.02, "coverage": 0.005}
    for convention in ("Fine-Gray", "weighted Cox"):
        yield Design(
            estimator="fine_gray",
            design=f"{drawn}, {convention}",
            task=Drawn(partial(fine_gray, convention=convention), 704),
            wanted=(Wanted(labels=LOG_RATIO, true=EFFECT, allowed=usual, why=LARGE),),
            weight=2.5,
        )
    yield Design(
        estimator="cause_specific",
        design=f"{drawn}, taken for a subdistribution hazard",
        task=Drawn(cause_specific, 704),
        wanted=(Wanted(labels=LOG_RATIO, true=EFFECT, must_fail=("bias",), why=WRONG),),
    )


def _incidence(design, analyse, seed, wanted):
    return Design(estimator="incidence", design=design, task=Drawn(analyse, seed), wanted=tuple(wanted), weight=2.5)


def _at_visits(**options):
    """Return what is wanted at the third visit: half of those who have had an event."""
    return [_point(3.0, (1 - (1 - 2 * HAZARD) ** 3) / 2, **options)]


def _point(t, true, **options):
    return Wanted(labels={"statistic": "cumulative incidence", "at": t} | CAUSE, true=true, **options)


def _named(frame, of_cause):
    named = pl.when(pl.col("cause").is_not_null()).then(
        pl.when(pl.Series(of_cause)).then(pl.lit("relapse")).otherwise(pl.lit("stop"))
    )
    return frame.with_columns(cause=named)
