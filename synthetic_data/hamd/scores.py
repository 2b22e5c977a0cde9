"""Scores of a HAM-D study, drawn fast for any number of studies at once."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cohort.scales import HAMD17
from synthetic_data.hamd.courses import Courses, draw_courses, root_of
from synthetic_data.hamd.dropout import chance_tables, column

if TYPE_CHECKING:
    from synthetic_data.hamd.truth import HamdTruth

Scored = NDArray[np.int8]
Flags = NDArray[np.bool_]

_HIGH = int(HAMD17.high)
_CHUNK = 4096  # subjects whose numbers fit the processor's cache


@dataclass(frozen=True, eq=False)
class Scores:
    """What is rated at every visit, and which visits take place; the axis of visits is the last, baseline first.

    Attributes:
        recorded: The score that is recorded, or would have been had nobody left; 0 to 52.
        present: Whether the visit took place.
        latent: What no record holds, in the same arrangement; None for a truth that is `plain`.
    """

    recorded: Scored
    present: Flags
    latent: Courses | None = None


def draw_scores(truth: HamdTruth, arm: NDArray[Any], rng: np.random.Generator) -> Scores:
    """Draw scores for subjects in any arrangement, such as studies by subjects.

    A truth that is `plain` costs one normal and one uniform number a visit and little else.

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
    if not truth.plain:
        courses = _shaped(draw_courses(truth, flat, rng), arm.shape)
        return Scores(courses.recorded, courses.present, courses)
    recorded = _recorded(truth, flat, rng)
    present = _present(truth, recorded, rng)
    shape = (len(truth.visits), *arm.shape)
    return Scores(np.moveaxis(recorded.reshape(shape), 0, -1), np.moveaxis(present.reshape(shape), 0, -1))


def _shaped(courses: Courses, shape: tuple[int, ...]) -> Courses:
    """Return the courses with subjects in that arrangement and the axis of visits, where there is one, at the end."""
    parts = {field.name: getattr(courses, field.name) for field in fields(courses)}
    reshaped = {
        name: part.reshape(shape) if part.ndim == 1 else np.moveaxis(part.reshape(-1, *shape), 0, -1)
        for name, part in parts.items()
    }
    return Courses(**reshaped)


def _recorded(truth: HamdTruth, arm: NDArray[Any], rng: np.random.Generator) -> Scored:
    """Draw the scores by visit and subject: latent normal, rounded half up, truncated to the scale."""
    root = root_of(truth.covariance)
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
    tables = chance_tables(truth.dropout_intercepts, truth.dropout_slope)
    present = np.ones((visits, subjects), dtype=np.bool_)
    draws = np.empty((_CHUNK, visits - 1))
    for start in range(0, subjects, _CHUNK):
        who = slice(start, min(start + _CHUNK, subjects))
        rng.random(out=draws[: who.stop - start])
        for j in range(1, visits):
            chances = tables[j - 1].take(column(recorded[0, who], recorded[j - 1, who]))
            stays = draws[: who.stop - start, j - 1] >= chances
            np.logical_and(stays, present[j - 1, who], out=present[j, who])
    return present
