"""True curves of the time to remission: had nobody left, and everybody gone on with the treatment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from synthetic_data.hamd.long_run import long_run
from synthetic_data.hamd.rows import REMISSION, REMITTED, Row

if TYPE_CHECKING:
    from synthetic_data.hamd.scores import Scores
    from synthetic_data.hamd.truth import HamdTruth

Floats = NDArray[np.float64]

ABOVE = "HAMD17 above 7 at entry"


def waiting_rows(truth: HamdTruth) -> Iterator[Row]:
    """Yield the curve to the first visit in remission, of all and of those above remission at entry.

    By arm: "survival" with the term "time point" on each visit's nominal day and on the last day of its window, and
    the "hazard", the share of those without remission so far who remit at a visit (`term` the visit, `at` its nominal
    day). Drawn once; `std_error` is the Monte Carlo error.
    """
    for arm, run in zip(truth.arms, long_run(truth), strict=True):
        scores = _had_nobody_stopped(run)
        for population, who in (("all", slice(None)), (ABOVE, scores[:, 0] > REMITTED)):
            row: Row = {"population": population, "criterion": REMISSION, "group": arm}
            if (remitted := scores[who, 1:] <= REMITTED).size:
                yield from _curve(truth, row, remitted)


def _had_nobody_stopped(run: Scores) -> NDArray[np.int8]:
    return run.recorded if run.latent is None else run.latent.on_treatment


def _curve(truth: HamdTruth, row: Row, remitted: NDArray[np.bool_]) -> Iterator[Row]:
    without = 1 - np.maximum.accumulate(remitted, axis=1).mean(axis=0)
    before = np.concatenate([[1.0], without[:-1]])
    window = 2 * truth.day_jitter + 1
    rated = (truth.day_jitter + 1) / window  # of those rated in a visit's window, by its nominal day
    subjects = remitted.shape[0]
    for visit, day, early, late in zip(truth.visits[1:], truth.visit_days[1:], before, without, strict=True):
        if early > 0:
            place: Row = {"statistic": "hazard", "term": visit, "at": float(day)}
            yield row | place | _drawn(1 - late / early, 1 - late / early, early * subjects)
        points = {
            float(day): (early - rated * (early - late), late + (1 - rated) ** 2 * (early - late)),
            float(day + truth.day_jitter): (late, late),
        }
        for at, (survival, square) in points.items():
            place = {"statistic": "survival", "term": "time point", "at": at}
            yield row | place | _drawn(survival, square, subjects)


def _drawn(mean: float, square: float, subjects: float) -> Row:
    """Return a mean with its Monte Carlo error, no less than if one subject more had moved; `square` is E[x^2]."""
    variance = max(square - mean**2, 1 / subjects)
    return {"estimate": float(mean), "std_error": float(np.sqrt(variance / subjects))}
