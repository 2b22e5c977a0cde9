"""Scores of a HAM-D study, drawn fast for any number of studies at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cohort.scales import HAMD17
from synthetic_data.hamd.dropout import leaving_tables
from synthetic_data.hamd.truth import HamdTruth

Scored = NDArray[np.int8]
Flags = NDArray[np.bool_]

_HIGH = int(HAMD17.high)
_CHUNK = 4096  # subjects whose numbers fit the processor's cache


@dataclass(frozen=True, eq=False)
class Scores:
    """What is rated at every visit, and which visits take place; the last axis is the visit, baseline first.

    Attributes:
        recorded: The score that is recorded, or would have been had nobody left; 0 to 52.
        present: Whether the visit took place.
    """

    recorded: Scored
    present: Flags


def draw_scores(truth: HamdTruth, arm: NDArray[np.integer], rng: np.random.Generator) -> Scores:
    """Draw scores for subjects in any arrangement, such as studies by subjects.

    Args:
        truth: What is true.
        arm: 0 for the control, 1 for the other arm; any shape.
        rng: The generator.

    Returns:
        Arrays of the shape of `arm` with an axis of visits at the end (which varies slowest in memory).

    >>> from synthetic_data.presets import HAMD_STUDY
    >>> drawn = draw_scores(HAMD_STUDY, np.zeros((1000, 200), dtype=np.int8), np.random.default_rng(1))
    >>> drawn.recorded.shape
    (1000, 200, 5)
    """
    flat = arm.reshape(-1)
    recorded = _recorded(truth, flat, rng)
    present = _present(truth, recorded, rng)
    shape = (len(truth.visits), *arm.shape)
    return Scores(np.moveaxis(recorded.reshape(shape), 0, -1), np.moveaxis(present.reshape(shape), 0, -1))


def _recorded(truth: HamdTruth, arm: NDArray[np.integer], rng: np.random.Generator) -> Scored:
    """Draw the scores by visit and subject: latent normal, rounded half up, truncated to the scale."""
    values, vectors = np.linalg.eigh(np.array(truth.covariance))
    root = vectors * np.sqrt(np.maximum(values, 0))
    control = np.array(truth.means[0])[:, None] + 0.5
    effect = np.array(truth.means[1])[:, None] + 0.5 - control
    visits = len(truth.visits)
    recorded = np.empty((visits, arm.size), dtype=np.int8)
    normal = np.empty((_CHUNK, visits))
    for start in range(0, arm.size, _CHUNK):
        who = slice(start, min(start + _CHUNK, arm.size))
        rng.standard_normal(out=normal[: who.stop - start])
        latent = root @ normal[: who.stop - start].T
        latent += control
        latent += effect * arm[who]
        np.clip(latent, 0, _HIGH + 0.5, out=latent)
        recorded[:, who] = latent  # the cast drops the fraction
    return recorded


def _present(truth: HamdTruth, recorded: Scored, rng: np.random.Generator) -> Flags:
    """Draw which visits take place, by visit and subject; who has left does not come back."""
    visits, subjects = recorded.shape
    tables = leaving_tables(truth.dropout_intercepts, truth.dropout_slope)
    present = np.ones((visits, subjects), dtype=np.bool_)
    draws = np.empty((_CHUNK, visits - 1))
    for start in range(0, subjects, _CHUNK):
        who = slice(start, min(start + _CHUNK, subjects))
        rng.random(out=draws[: who.stop - start])
        for j in range(1, visits):
            place = recorded[0, who].astype(np.intp) - recorded[j - 1, who] + _HIGH
            stays = draws[: who.stop - start, j - 1] >= tables[j - 1].take(place)
            np.logical_and(stays, present[j - 1, who], out=present[j, who])
    return present
