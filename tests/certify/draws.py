"""Frames for the estimators, drawn directly from distributions whose truth is known."""

from __future__ import annotations

import numpy as np
import polars as pl

ARMS = pl.Enum(["control", "drug"])
ONE_CRITERION = "the criterion"


def arms(*sizes: int) -> pl.Series:
    """Return the arms of that many subjects, control first."""
    return pl.Series("arm", np.repeat(ARMS.categories.to_list(), sizes), dtype=ARMS)


def outcomes(arm: pl.Series, met: np.ndarray) -> pl.DataFrame:
    """Return OUTCOMES of one criterion."""
    verdict = np.where(met, "met", "not met")
    ids = pl.int_range(len(arm), eager=True).cast(pl.String)
    return pl.DataFrame({"criterion": ONE_CRITERION, "subject_id": ids, "arm": arm, "verdict": verdict})


def events(time: np.ndarray, censored: np.ndarray, **columns) -> pl.DataFrame:
    """Return EVENTS of times that are seen where they come before their censoring, with covariates beside them."""
    seen = time <= censored
    end = np.minimum(time, censored)
    ids = pl.int_range(len(end), eager=True).cast(pl.String)
    frame = pl.DataFrame({"subject_id": ids, "entry": 0.0, "left": end, "seen": seen} | columns)
    return frame.with_columns(right=pl.when("seen").then("left"), cause=pl.when("seen").then(pl.lit("event"))).drop(
        "seen"
    )


def positive_stable(alpha: float, size: int, rng: np.random.Generator) -> np.ndarray:
    """Return positive stable variables, with the mean of exp(-s X) equal to exp(-s ** alpha).

    Sources: Kanter M. Ann Probab 1975;3:697-707.
    """
    u, e = rng.uniform(0, np.pi, size), rng.exponential(size=size)
    shape = np.sin(alpha * u) ** (alpha / (1 - alpha)) * np.sin((1 - alpha) * u) / np.sin(u) ** (1 / (1 - alpha))
    return (shape / e) ** ((1 - alpha) / alpha)
