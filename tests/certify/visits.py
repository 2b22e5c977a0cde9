"""Times seen only at visits: Turnbull's curve, and what midpoints and first visits make of the same data."""

from __future__ import annotations

from functools import partial
from math import exp

import numpy as np
import polars as pl

import analyses
from tests.certify import draws
from tests.certify.curves import LARGE
from tests.certify.design import LEVEL, Design, Drawn, Wanted

SUBJECTS, ARM = 100, 40
DAYS = (7.0, 14.0, 28.0, 42.0)
MEAN = 35.0  # days to remission
COMES, LATE = 0.75, (14.0, 28.0)


def seen_at_visits(rng, n=SUBJECTS):
    """Exponential times, seen at four visits of which each is missed by a quarter of the subjects."""
    time = rng.exponential(MEAN, n)
    came = np.column_stack([np.ones(n, dtype=bool), rng.uniform(size=(n, len(DAYS))) < COMES])
    days = np.broadcast_to((0.0, *DAYS), came.shape)
    before = np.where(came & (days < time[:, None]), days, 0.0).max(axis=1)
    after = np.where(came & (days >= time[:, None]), days, np.inf).min(axis=1)
    ids = pl.int_range(n, eager=True).cast(pl.String)
    frame = pl.DataFrame({"subject_id": ids, "entry": 0.0, "left": before, "right": after})
    return frame.with_columns(right=pl.when(pl.col("right").is_finite()).then("right"))


def turnbull(rng):
    """Turnbull's curve on the days of visits."""
    return analyses.turnbull(seen_at_visits(rng), by=None, times=DAYS, probabilities=())


def made_up(rng, day):
    """Kaplan-Meier's curve of days that nobody saw."""
    frame = seen_at_visits(rng)
    known = frame.with_columns(left=pl.when(pl.col("right").is_null()).then("left").otherwise(day))
    known = known.with_columns(right=pl.when(pl.col("right").is_not_null()).then("left"))
    return analyses.kaplan_meier(known, by=None, times=LATE)


def no_difference(rng, method):
    """Two arms alike."""
    frame = seen_at_visits(rng, 2 * ARM).with_columns(draws.arms(ARM, ARM))
    return analyses.interval_log_rank(frame, method=method)


def designs():
    """Return the designs of times seen at visits."""
    named = f"exponential times at four visits, a quarter missed, n = {SUBJECTS}"
    yield Design(
        estimator="turnbull", design=named, task=Drawn(turnbull, 461), wanted=tuple(map(_point, DAYS)), weight=3
    )
    middle = (pl.col("left") + pl.col("right")) / 2
    for what, day, seed in (("the middle between visits", middle, 462), ("the first visit", pl.col("right"), 463)):
        yield Design(
            estimator=f"kaplan_meier of {what}",
            design=named,
            task=Drawn(partial(made_up, day=day), seed),
            wanted=tuple(_wrong(t, what) for t in LATE),
        )
    for method, seed in (("permutation", 464), ("score", 465)):
        yield Design(
            estimator=f"interval_log_rank, {method}",
            design=f"equal hazards at four visits, a quarter missed, n = {ARM} and {ARM}",
            task=Drawn(partial(no_difference, method=method), seed),
            wanted=(_level(),),
            weight=2,
        )


def _at(t):
    return {"statistic": "survival", "term": "time point", "at": t}


def _point(t):
    return Wanted(labels=_at(t), true=exp(-t / MEAN), allowed={"coverage": 0.01, "ratio": 0.02}, why=LARGE)


def _wrong(t, what):
    return Wanted(
        labels=_at(t), true=exp(-t / MEAN), must_fail=("bias",), why=f"WRONG METHOD: {what} is taken for the day"
    )


def _level():
    return Wanted(
        labels={"statistic": "interval-censored log-rank chi-square", "term": "log-rank Sun", "reference": "control"},
        true=None,
        level=LEVEL,
        allowed={"level": 0.005},
        why="the chi-square distribution is an approximation",
    )
