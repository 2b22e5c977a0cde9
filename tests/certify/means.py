"""Means, spreads and quantiles."""

from __future__ import annotations

from math import exp

import numpy as np
import polars as pl

import analyses
from analyses.estimates.result import Estimates, together
from tests.certify.design import Design, Drawn, Wanted
from tests.certify.exact import sd_bias

NORMAL, LOG_NORMAL, UNIFORM = 30, 50, 30
MEAN, SD = 18.0, 6.0


def summaries(rng):
    """Summaries of normal, log-normal and uniform values."""
    columns = {
        "normal": rng.normal(MEAN, SD, NORMAL),
        "log-normal": np.exp(rng.normal(1.0, 0.5, LOG_NORMAL)),
        "uniform": rng.random(UNIFORM),
    }
    found = [analyses.describe(pl.DataFrame({name: values}), [name], by=None) for name, values in columns.items()]
    return Estimates(together(found), "")


def designs():
    """Return the one design of summaries."""
    normal, skewed, flat = ({"criterion": name} for name in ("normal", "log-normal", "uniform"))
    none = {"ratio": None, "coverage": None}
    wanted = (
        Wanted(labels={"statistic": "mean"} | normal, true=MEAN, coverage=None, why="Exact"),
        Wanted(
            labels={"statistic": "mean"} | skewed,
            true=exp(1 + 0.5**2 / 2),
            coverage=None,
            allowed={"ratio": 0.01},
            why="Exact; Monte Carlo errors of a skewed mean's spread are too small",
        ),
        Wanted(labels={"statistic": "sd"} | normal, true=SD, bias=SD * sd_bias(NORMAL), **none, why="Exact: c4"),
        Wanted(labels={"statistic": "median"} | normal, true=MEAN, **none, why="Exact by symmetry"),
        Wanted(
            labels={"statistic": "q1"} | flat,
            true=0.25,
            bias=((UNIFORM - 1) * 0.25 + 1) / (UNIFORM + 1) - 0.25,
            **none,
            why="Exact: type 7 interpolates order statistics, whose means are k / (n + 1)",
        ),
    )
    yield Design(
        estimator="describe",
        design=f"normal (n = {NORMAL}), log-normal (n = {LOG_NORMAL}), uniform (n = {UNIFORM}) values",
        task=Drawn(summaries, 201),
        wanted=wanted,
        weight=3,
    )
