"""The true values of a HAM-D study."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from math import erfc, inf, sqrt
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from cohort.scales import HAMD17
from synthetic_data.estimands import true_values
from synthetic_data.hamd.expected import Floats, halved, joint_distribution, score_distribution
from synthetic_data.hamd.long_run import strategy_rows
from synthetic_data.hamd.rows import REMISSION, REMITTED, RESPONSE, Row, Values, by_arm
from synthetic_data.hamd.waiting import waiting_rows

if TYPE_CHECKING:
    from synthetic_data.hamd.mechanisms import Entry
    from synthetic_data.hamd.truth import HamdTruth

NOBODY_LEFT = "had nobody left"
ENROLLED = "enrolled of those screened"
RAISED = "baseline raised to the threshold"
CLASS = "response class"

_HIGH = int(HAMD17.high)


def hamd_estimates(truth: HamdTruth) -> pl.DataFrame:
    """Return the true values of a HAM-D study as if nobody had left; see `HamdTruth.estimates`."""
    exact = hypothetical(truth)
    rows = [*_hypothetical_rows(truth, exact), *_entry_rows(truth), *_reliability_rows(truth)]
    if truth.stopping is not None:
        rows += strategy_rows(truth, exact)
    rows += waiting_rows(truth)
    return true_values(rows)


def hypothetical(truth: HamdTruth) -> Values:
    """Return the exact values of recorded scores as if nobody had stopped or left."""
    tables = pair_tables(truth)
    points = np.arange(_HIGH + 1, dtype=np.float64)
    later = tables.sum(axis=2)
    return Values(
        start=_baselines(truth) @ points,
        mean=later @ points,
        remission=later[:, :, : REMITTED + 1].sum(axis=2),
        response=tables[:, :, halved(_HIGH)].sum(axis=2),
    )


@lru_cache(maxsize=64)
def pair_tables(truth: HamdTruth) -> Floats:
    """Return the chances of recorded baseline scores with later ones, among those who enter, had nobody left.

    Returns:
        An array by arm, visit after baseline, baseline score, later score: mixtures of the classes' joint
        distributions; under a threshold at entry with the rows below it gone or moved up to it.
    """
    visits = len(truth.visits)
    covariance = np.array(truth.covariance) + truth.rater_sd**2 * np.eye(visits)
    tables = np.zeros((2, visits - 1, _HIGH + 1, _HIGH + 1))
    for arm, parts in enumerate(_components(truth)):
        for share, means in parts:
            for j in range(1, visits):
                pair = covariance[np.ix_([0, j], [0, j])]
                tables[arm, j - 1] += share * joint_distribution((means[0], means[j]), pair, _HIGH)
    return tables if truth.entry is None else _entered(tables, truth.entry)


def _baselines(truth: HamdTruth) -> Floats:
    """Return the chances of recorded baseline scores among those who enter, by arm."""
    sd = sqrt(truth.covariance[0][0] + truth.rater_sd**2)
    parts = [sum(share * score_distribution(means[0], sd, _HIGH) for share, means in arm) for arm in _components(truth)]
    scores: Floats = np.array(parts)
    return scores if truth.entry is None else _entered(scores[:, None, :, None], truth.entry)[:, 0, :, 0]


def class_shares(truth: HamdTruth) -> Floats:
    """Return the share of each class among those who enter, by arm and class."""
    parts = np.array([[share * sum(_chances(truth, means[0])) for share, means in arm] for arm in _components(truth)])
    shares: Floats = parts / parts.sum(axis=1, keepdims=True)
    return shares


def enrolled_shares(truth: HamdTruth) -> Floats:
    """Return the shares of those screened who enter by themselves and with a raised baseline, by arm."""
    return np.array(
        [
            [sum(share * _chances(truth, means[0])[way] for share, means in arm) for way in range(2)]
            for arm in _components(truth)
        ]
    )


def _components(truth: HamdTruth) -> list[list[tuple[float, Floats]]]:
    """Return by arm the share and the latent means of each class that the arm has."""
    if not truth.classes:
        return [[(1.0, np.array(means))] for means in truth.means]
    return [
        [(one.shares[arm], np.array(means) + np.array(one.shift)) for one in truth.classes]
        for arm, means in enumerate(truth.means)
    ]


def _chances(truth: HamdTruth, mean: float) -> tuple[float, float]:
    """Return the chances of entering by oneself and with a raised baseline, for that latent mean at baseline."""
    entry = truth.entry
    if entry is None:
        return 1.0, 0.0
    sd = sqrt(truth.covariance[0][0] + truth.rater_sd**2)
    below, far_below = (_below(score - 0.5, mean, sd) for score in (entry.score, entry.score - entry.reach))
    return 1 - below, entry.inflation * (below - far_below)


def _below(x: float, mean: float, sd: float) -> float:
    """Return the chance of a score below x, where no score lies below 0."""
    if x < 0:
        return 0.0
    standardized = (x - mean) / sd if sd > 0 else inf * (1 if mean < x else -1)
    return erfc(-standardized / sqrt(2)) / 2


def _entered(tables: Floats, entry: Entry) -> Floats:
    """Return the tables of those who enter: the rows below the threshold gone or moved up to it."""
    low = max(entry.score - entry.reach, 0)
    kept = np.zeros_like(tables)
    kept[:, :, entry.score :] = tables[:, :, entry.score :]
    kept[:, :, entry.score] += entry.inflation * tables[:, :, low : entry.score].sum(axis=2)
    shares: Floats = kept / kept.sum(axis=(2, 3), keepdims=True)
    return shares


def _hypothetical_rows(truth: HamdTruth, exact: Values) -> Iterator[Row]:
    places: list[Row] = [
        {"term": visit, "at": float(day), "criterion": HAMD17.name}
        for visit, day in zip(truth.visits, truth.visit_days, strict=True)
    ]
    yield from by_arm(truth.arms, exact.start, places[0], "mean", "mean difference")
    for j, (visit, place) in enumerate(zip(truth.visits[1:], places[1:], strict=True)):
        means = exact.mean[:, j]
        yield from by_arm(truth.arms, means, place, "mean", "mean difference")
        yield from by_arm(truth.arms, means - exact.start, place, "mean change", "mean change difference")
        for label, shares in ((REMISSION, exact.remission[:, j]), (RESPONSE, exact.response[:, j])):
            named = place | {"criterion": f"{label} at {visit}", "term": NOBODY_LEFT}
            yield from by_arm(truth.arms, shares, named, "share", "risk difference")


def _entry_rows(truth: HamdTruth) -> Iterator[Row]:
    """Return who enters, by arm: of the screened, with a raised baseline, of each class."""
    enrolled = enrolled_shares(truth)
    if truth.entry is not None:
        shares = {ENROLLED: enrolled.sum(axis=1), RAISED: enrolled[:, 1] / enrolled.sum(axis=1)}
        for criterion, values in shares.items():
            yield from by_arm(truth.arms, values, {"criterion": criterion, "at": 0.0}, "share", "risk difference")
    if truth.classes:
        for one, values in zip(truth.classes, class_shares(truth).T, strict=True):
            row: Row = {"criterion": CLASS, "term": one.name, "at": 0.0}
            yield from by_arm(truth.arms, values, row, "share", "risk difference")


def _reliability_rows(truth: HamdTruth) -> Iterator[Row]:
    """Return how much of a latent score's variance is not the rater's, class by class alike."""
    if not truth.rater_sd:
        return
    for j, (visit, day) in enumerate(zip(truth.visits, truth.visit_days, strict=True)):
        own = truth.covariance[j][j]
        share = own / (own + truth.rater_sd**2)
        place: Row = {"criterion": HAMD17.name, "term": visit, "at": float(day)}
        yield {**place, "statistic": "reliability", "estimate": share}
