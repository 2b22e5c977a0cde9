"""The true values of a HAM-D study."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from cohort.scales import HAMD17
from synthetic_data.estimands import true_values
from synthetic_data.hamd.expected import Floats, halved_share, score_distribution

if TYPE_CHECKING:
    from synthetic_data.hamd.truth import HamdTruth

Row = dict[str, object]

REMISSION = "HAMD17 remission (<= 7)"
RESPONSE = "HAMD17 response (>= 50%)"
NOBODY_LEFT = "had nobody left"
_HIGH = int(HAMD17.high)
_REMITTED = 7


def hamd_estimates(truth: HamdTruth) -> pl.DataFrame:
    """Return the true values of a HAM-D study as if nobody had left; see `HamdTruth.estimates`."""
    means, remission, response = mean_scores(truth), remission_shares(truth), response_shares(truth)
    rows: list[Row] = []
    for j, (visit, day) in enumerate(zip(truth.visits, truth.visit_days, strict=True)):
        place: Row = {"term": visit, "at": float(day)}
        rows += _by_arm(truth.arms, means[:, j], place | {"criterion": HAMD17.name}, "mean", "mean difference")
        if j == 0:
            continue
        change = means[:, j] - means[:, 0]
        rows += _by_arm(truth.arms, change, place | {"criterion": HAMD17.name}, "mean change", "mean change difference")
        for label, shares in ((REMISSION, remission[:, j]), (RESPONSE, response[:, j - 1])):
            named = place | {"criterion": f"{label} at {visit}", "term": NOBODY_LEFT}
            rows += _by_arm(truth.arms, shares, named, "share", "risk difference")
    return true_values(rows)


def mean_scores(truth: HamdTruth) -> Floats:
    """Return the mean recorded score by arm and visit, as if nobody had left."""
    return _distributions(truth) @ np.arange(_HIGH + 1, dtype=np.float64)


def remission_shares(truth: HamdTruth) -> Floats:
    """Return the share with a recorded score of 7 or less, by arm and visit, as if nobody had left."""
    shares: Floats = _distributions(truth)[:, :, : _REMITTED + 1].sum(axis=2)
    return shares


def response_shares(truth: HamdTruth) -> Floats:
    """Return the share whose recorded score fell by half or more from above 0, by arm and visit after baseline."""
    covariance = np.array(truth.covariance)
    pairs = [(j, covariance[np.ix_([0, j], [0, j])]) for j in range(1, len(truth.visits))]
    return np.array([[halved_share((arm[0], arm[j]), pair, _HIGH) for j, pair in pairs] for arm in truth.means])


def _distributions(truth: HamdTruth) -> Floats:
    """Return the chances of the scores 0..52 by arm and visit."""
    spreads = np.sqrt(np.diag(np.array(truth.covariance)))
    return np.array(
        [[score_distribution(mean, sd, _HIGH) for mean, sd in zip(arm, spreads, strict=True)] for arm in truth.means]
    )


def _by_arm(arms: tuple[str, str], values: Floats, row: Row, statistic: str, difference: str) -> Iterator[Row]:
    for arm, value in zip(arms, values, strict=True):
        yield {**row, "group": arm, "statistic": statistic, "estimate": float(value)}
    contrast = float(values[1] - values[0])
    yield {**row, "group": arms[1], "reference": arms[0], "statistic": difference, "estimate": contrast}
