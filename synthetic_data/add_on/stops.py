"""Stopping the treatment: two reasons that compete."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from synthetic_data.add_on.dosing import Floats, Ints

if TYPE_CHECKING:
    from synthetic_data.add_on.truth import AddOnTruth, Stopping

REASONS = (None, "intolerance", "inefficacy")


@dataclass(frozen=True, eq=False)
class Stops:
    """When and why the treatment ends; arrays by subject.

    Attributes:
        reason: Position in REASONS; 0 where the treatment is completed.
        last_treated: The last day on treatment; the study's last day where it is completed.
    """

    reason: Ints
    last_treated: Ints


def draw_stops(truth: AddOnTruth, arm: Ints, rng: np.random.Generator) -> Stops:
    """Draw the stops of subjects in these arms; who reaches the last day has completed the treatment."""
    times = np.stack([_times(cause, arm, rng) for cause in (truth.intolerance, truth.inefficacy)])
    last, first = truth.treatment_days - 1, times.min(axis=0)
    stopped = first < 1
    return Stops(
        reason=np.where(stopped, 1 + times.argmin(axis=0), 0),
        last_treated=np.where(stopped, np.minimum(first * last, last - 1e-6), last).astype(np.int64),
    )


def on_treatment(truth: AddOnTruth) -> Floats:
    """Return the chance of being on treatment, by arm and treatment day."""
    share = np.arange(truth.treatment_days) / (truth.treatment_days - 1)
    hazards = [_hazards(cause)[:, None] * share**cause.shape for cause in (truth.intolerance, truth.inefficacy)]
    return np.asarray(np.exp(-sum(hazards)))


def stopped_by(truth: AddOnTruth, day: int) -> dict[str, Floats]:
    """Return the chance of having stopped on that day or before it, by reason and arm.

    The integral of a reason's hazard times the share still treated (Gauss-Legendre, error below 1e-6), in the variable
    in which that reason's hazard is constant.
    """
    nodes, weights = np.polynomial.legendre.leggauss(200)
    share = min((day + 1) / (truth.treatment_days - 1), 1.0)
    found = {}
    for name, own, other in (
        ("intolerance", truth.intolerance, truth.inefficacy),
        ("inefficacy", truth.inefficacy, truth.intolerance),
    ):
        reach = share**own.shape
        at = reach * (nodes + 1) / 2
        gone = _hazards(own)[:, None] * at + _hazards(other)[:, None] * at ** (other.shape / own.shape)
        found[name] = np.asarray(_hazards(own) * (np.exp(-gone) @ weights) * reach / 2)
    return found


def _times(cause: Stopping, arm: Ints, rng: np.random.Generator) -> Floats:
    """Draw times as a share of the treatment; 1 stands for all that come later."""
    at, end = rng.standard_exponential(arm.size), _hazards(cause)[arm]
    shares = np.divide(at, end, out=np.ones(arm.size), where=at < end)
    return np.asarray(shares ** (1 / cause.shape))


def _hazards(cause: Stopping) -> Floats:
    """Return the cumulative hazards at the end of treatment, by arm."""
    return np.asarray(-np.log1p(-np.array(cause.by_end)))
