"""Hazards by treatment number: selection, dependence and both, with a frailty and without."""

from __future__ import annotations

from functools import partial
from math import log

import numpy as np
import polars as pl

import analyses
from tests.certify.design import LEVEL, Design, Drawn, Wanted

SUBJECTS, TREATMENTS = 250, 4
WEAKER = log(0.7)
RATIO = {"statistic": "log hazard ratio", "term": "treatment_no", "criterion": "success"}
VARIANCE = {"statistic": "frailty variance", "criterion": "success"}


def courses(rng, *, variance, slope, telling=0.0):
    """Return EVENTS of successive treatments, each until success, a stop, or day 2.5 of it; a success is the last.

    Hazards of success are 1 times a gamma frailty times exp(slope) for each earlier treatment, those of a stop 1 times
    the frailty to the power of -`telling`: at 0 stops tell nothing of it.
    """
    frailty = rng.gamma(1 / variance, variance, SUBJECTS) if variance else np.ones(SUBJECTS)
    number = np.tile(np.arange(TREATMENTS), (SUBJECTS, 1))
    success = rng.exponential(size=number.shape) / (frailty[:, None] * np.exp(slope * number))
    stop = rng.exponential(size=number.shape) * np.maximum(frailty, 1e-3)[:, None] ** telling
    left = np.minimum(np.minimum(success, stop), 2.5)
    free = success <= left
    tried = np.cumsum(free, axis=1) - free == 0
    who = np.broadcast_to(np.arange(SUBJECTS)[:, None], number.shape)
    columns = {"treatment_no": number[tried] + 1, "entry": 0.0, "left": left[tried], "free": free[tried]}
    rows = pl.DataFrame({"subject_id": who[tried].astype(str)} | columns)
    cause = pl.when("free").then(pl.lit("success")).otherwise(pl.lit("stopped"))
    return rows.with_columns(right=pl.col("left"), cause=cause).drop("free")


def line(rng, model, **drawn):
    """The hazard ratio per further treatment."""
    rows = courses(rng, **drawn)
    return analyses.hazard_by_treatment(rows, cause="success", number="line", model=model)


def designs():
    """Return the designs of hazards by treatment number."""
    loose = {"bias": 0.03, "ratio": 0.1, "coverage": 0.015}
    small = "the likelihood is normal in large samples only; where its variance is found to be 0, no error knows of it"
    for name, variance, slope, seed in (
        ("selection alone", 1.0, 0.0, 801),
        ("selection and dependence", 1.0, WEAKER, 802),
    ):
        yield _design(
            "hazard_by_treatment (frailty)",
            f"{name}: frailty of variance {variance:g}, ratio {np.exp(slope):g}",
            partial(line, model="frailty", variance=variance, slope=slope),
            seed,
            Wanted(
                labels=RATIO,
                true=slope,
                level=LEVEL if slope == 0 else None,
                allowed=loose | {"level": 0.015},
                why=small,
            ),
            Wanted(labels=VARIANCE, true=variance, allowed={"bias": 0.1, "ratio": 0.2, "coverage": 0.015}, why=small),
        )
    yield _design(
        "hazard_by_treatment (gap time)",
        "dependence alone: ratio 0.7, subjects alike",
        partial(line, model="gap time", variance=0.0, slope=WEAKER),
        803,
        Wanted(labels=RATIO, true=WEAKER, allowed=loose, why="the likelihood is normal in large samples only"),
    )
    yield from _wrong()


def _wrong():
    yield _design(
        "hazard_by_treatment (gap time)",
        "selection alone: frailty of variance 1, taken for an effect of failing",
        partial(line, model="gap time", variance=1.0, slope=0.0),
        801,
        Wanted(
            labels=RATIO,
            true=0.0,
            level=LEVEL,
            must_fail=("bias", "coverage", "level"),
            why="WRONG METHOD: the easier cases have left",
        ),
        weight=0.25,
    )
    yield _design(
        "hazard_by_treatment (frailty)",
        "selection alone: the hard cases are stopped sooner",
        partial(line, model="frailty", variance=1.0, slope=0.0, telling=1.0),
        804,
        Wanted(
            labels=RATIO,
            true=0.0,
            level=LEVEL,
            must_fail=("bias", "coverage", "level"),
            why="WRONG METHOD: stops tell of the frailty",
        ),
        weight=0.25,
    )


def _design(estimator, design, task, seed, *wanted, weight=0.5):
    named = f"{design}, n = {SUBJECTS}"
    return Design(estimator=estimator, design=named, task=Drawn(task, seed), wanted=wanted, weight=weight)
