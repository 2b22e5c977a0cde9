"""Drawing what becomes of each subject, treatment after treatment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synthetic_data.log_odds import Floats, expit, logit
from synthetic_data.succession.truth import Succession

REMISSION, INTOLERANCE, INEFFICACY, INADEQUATE, OTHER = range(5)
RESULTS = ("remission", "intolerance", "inefficacy", "inadequate", "other")


@dataclass(frozen=True, eq=False)
class Histories:
    """What becomes of each subject; arrays by subject, or by subject and step.

    Attributes:
        own_chance: The subject's own chance of remission, risk factors left out.
        factors: Whether the subject has each risk factor, by subject and factor.
        taken: Whether the subject starts this treatment.
        result: REMISSION, INTOLERANCE, INEFFICACY, INADEQUATE or OTHER; drawn for every step, real where `taken`.
        chance: The chance of remission on this treatment if tolerated, given the failures before it.
        left: Whether the subject leaves for good after this treatment without remission (real where `taken`).
    """

    own_chance: Floats
    factors: NDArray[np.bool_]
    taken: NDArray[np.bool_]
    result: NDArray[np.int64]
    chance: Floats
    left: NDArray[np.bool_]


def draw_histories(succession: Succession, subjects: int, rng: np.random.Generator) -> Histories:
    """Draw the histories of that many subjects."""
    own = succession.frailty.draw(subjects, rng)
    shares = np.array([factor.share for factor in succession.risk_factors])
    factors = rng.random((subjects, shares.size)) < shares
    base = logit(own) + factors @ np.array([factor.log_odds for factor in succession.risk_factors])
    stays = expit(base)
    draws = rng.random((succession.steps, 3, subjects))
    failures, present = np.zeros(subjects), np.ones(subjects, dtype=np.bool_)
    columns: list[tuple[NDArray[np.bool_], NDArray[np.int64], Floats, NDArray[np.bool_]]] = []
    for k in range(succession.steps):
        chances = expit(base + succession.step_log_odds[k] - succession.dependence * failures)
        result = _results(succession, k, chances, draws[k])
        left = (result != REMISSION) & (draws[k, 2] < leaving_chances(succession, k, stays)) | (result == OTHER)
        columns.append((present, result, chances, left))
        present = present & (result != REMISSION) & ~left
        failures = failures + (result == INEFFICACY)
    taken, results, chance, gone = (np.stack(part, axis=1) for part in zip(*columns, strict=True))
    return Histories(own, factors, taken, results, chance, gone)


def leaving_chances(succession: Succession, step: int, own: Floats) -> Floats:
    """Return the chance of not going on after `step` (from 0), given the own chances; nobody goes on after the last."""
    if step == succession.steps - 1:
        return np.ones_like(own)
    leaving = succession.leaving[step]
    if leaving in (0, 1) or succession.leaving_slope == 0:
        return np.full_like(own, leaving)
    return expit(np.log(leaving / (1 - leaving)) + succession.leaving_slope * (0.5 - own))


def _results(succession: Succession, step: int, chances: Floats, draws: Floats) -> NDArray[np.int64]:
    exits = np.cumsum([succession.intolerance[step], succession.inadequate[step], succession.other_exit[step]])
    tested = np.where(draws[1] < chances, REMISSION, INEFFICACY)
    return np.select([draws[0] < exit for exit in exits], [INTOLERANCE, INADEQUATE, OTHER], tested)
