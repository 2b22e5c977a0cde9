"""Events per person-time."""

from __future__ import annotations

import polars as pl

import analyses
from tests.certify import draws
from tests.certify.design import Design, Drawn, Wanted
from tests.certify.exact import CensoredRate, garwood_coverage

SUBJECTS, DAYS, RATE = 20, 100.0, 0.004
TIMES, EVENT, CENSORING = 40, 0.01, 0.005


def repeated_events(rng):
    """A Poisson process in a fixed time: every subject is followed for as long, through all events."""
    rows = []
    for subject in range(SUBJECTS):
        days = sorted(rng.uniform(0, DAYS, rng.poisson(RATE * DAYS)).tolist())
        starts, ends = [0.0, *days], [*days, DAYS]
        rows += [(str(subject), a, b, b != DAYS) for a, b in zip(starts, ends, strict=True)]
    frame = pl.DataFrame(rows, schema=["subject_id", "entry", "left", "seen"], orient="row")
    seen = frame.with_columns(right=pl.when("seen").then("left"), cause=pl.when("seen").then(pl.lit("seizure")))
    return analyses.person_time(seen, by=None)


def first_events(rng):
    """Exponential times, censored at exponential times."""
    time, censored = rng.exponential(1 / EVENT, TIMES), rng.exponential(1 / CENSORING, TIMES)
    return analyses.person_time(draws.events(time, censored), by=None)


def designs():
    """Return the designs of rates."""
    labels = {"statistic": "rate per 1000 days"}
    mean = SUBJECTS * DAYS * RATE
    poisson = Wanted(
        labels=labels, true=1000 * RATE, coverage=garwood_coverage(mean), why="Exact: a Poisson count in a fixed time"
    )
    yield Design(
        estimator="person_time (Garwood)",
        design=f"Poisson process, {mean:g} events expected",
        task=Drawn(repeated_events, 301),
        wanted=(poisson,),
        weight=2,
    )
    exact = CensoredRate(TIMES, EVENT, CENSORING)
    censored = Wanted(
        labels=labels,
        true=1000 * EVENT,
        bias=1000 * (exact.mean() - EVENT),
        ratio=exact.ratio(),
        coverage=exact.coverage(),
        why="Exact: the count is binomial, the person-time gamma",
    )
    yield Design(
        estimator="person_time (Garwood)",
        design=f"exponential times, n = {TIMES}, a third censored",
        task=Drawn(first_events, 302),
        wanted=(censored,),
        weight=2,
    )
