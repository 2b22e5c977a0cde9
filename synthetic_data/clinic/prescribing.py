"""Which drug each treatment is, why a treatment is no fair test, and which failing drug is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from synthetic_data.clinic.prescriptions import suits
from synthetic_data.succession.histories import INADEQUATE, INEFFICACY, Histories

if TYPE_CHECKING:
    from synthetic_data.clinic.truth import ClinicTruth

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NO_CAUSE, LOW_DOSE, TOO_EARLY, LOW_ADHERENCE, UNSUITED = range(-1, 4)
CAUSES = ("dose too low", "stopped too early", "doses not taken", "drug does not suit the syndrome")
NONE_KEPT = -1


@dataclass(frozen=True, eq=False)
class Prescribed:
    """What is prescribed; arrays by subject and step.

    Attributes:
        drug: Which of the truth's prescriptions is begun.
        kept: Which failing one is kept beside it, NONE_KEPT for a single drug.
        cause: Why the treatment is no fair test, NO_CAUSE where it is one or ends otherwise.
    """

    drug: Ints
    kept: Ints
    cause: Ints


def draw_prescribed(truth: ClinicTruth, histories: Histories, syndrome: Ints, rng: np.random.Generator) -> Prescribed:
    """Draw drugs in random order, never the same twice; those that do not suit only where that is the cause."""
    fits = suits(truth.prescriptions, truth.syndromes)[syndrome]
    unfair = histories.taken & (histories.result == INADEQUATE)
    cause = _causes(unfair, (~fits).sum(axis=1), rng)
    drug = _drugs(fits, cause == UNSUITED, rng)
    return Prescribed(drug, _kept(truth, histories, drug, rng), cause)


def _causes(unfair: Bools, unsuited: Ints, rng: np.random.Generator) -> Ints:
    """Return a cause where a treatment was unfair, each equally likely; UNSUITED while there are such drugs left."""
    cause = np.full(unfair.shape, NO_CAUSE)
    used = np.zeros_like(unsuited)
    for step in range(unfair.shape[1]):
        possible = np.where(used < unsuited, len(CAUSES), len(CAUSES) - 1)
        drawn = (rng.random(unsuited.size) * possible).astype(np.int64)
        cause[:, step] = np.where(unfair[:, step], drawn, NO_CAUSE)
        used = used + (cause[:, step] == UNSUITED)
    return cause


def _drugs(fits: Bools, wrong: Bools, rng: np.random.Generator) -> Ints:
    """Return the drugs: the next suitable one of the subject's random order, or the next that does not suit."""
    order = np.argsort(rng.random(fits.shape) + ~fits, axis=1)  # those that suit come first
    place = np.where(wrong, fits.sum(axis=1, keepdims=True) + np.cumsum(wrong, axis=1), np.cumsum(~wrong, axis=1)) - 1
    return np.take_along_axis(order, place, axis=1)


def _kept(truth: ClinicTruth, histories: Histories, drug: Ints, rng: np.random.Generator) -> Ints:
    """Return which drug is kept beside the new one: only one that was tolerated and failed a fair test."""
    kept = np.full(drug.shape, NONE_KEPT)
    failed = histories.result[:, :-1] == INEFFICACY
    combined = failed & (rng.random(failed.shape) < truth.combined)
    combined[:, : truth.combined_from - 2] = False
    kept[:, 1:] = np.where(combined, drug[:, :-1], NONE_KEPT)
    return kept
