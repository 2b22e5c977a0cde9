"""Courses of subjects under everything that a HAM-D study may have besides scores and leaving."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cohort.scales import HAMD17
from synthetic_data.hamd.dropout import chance_tables, column
from synthetic_data.log_odds import expit, logit

if TYPE_CHECKING:
    from synthetic_data.hamd.mechanisms import Entry, Stopping
    from synthetic_data.hamd.truth import HamdTruth

Floats = NDArray[np.float64]
Scored = NDArray[np.int8]
Flags = NDArray[np.bool_]

INTOLERANCE, INEFFICACY = 1, 2
REASONS = (None, "intolerance", "inefficacy")

_HIGH = int(HAMD17.high)
_CHUNK = 8192  # subjects whose numbers fit the processor's cache


@dataclass(frozen=True, eq=False)
class Courses:
    """What becomes of subjects: arrays by visit and subject, or by subject; visits in the order of the truth.

    Attributes:
        recorded: The score that is recorded, or would have been had nobody left the study.
        present: Whether the visit took place.
        on_treatment: The score had nobody stopped the treatment or left the study.
        severity: The latent severity on treatment: a score without rounding, the scale's ends and the rater's error.
        kind: Which of the truth's classes, counted from 0.
        raised: Whether the recorded baseline was raised to the threshold.
        off_from: The first visit off treatment; the number of visits where there is none. Had nobody left.
        reason: 0, INTOLERANCE or INEFFICACY: why the treatment was stopped.
        gone_from: The first visit after leaving the study; the number of visits where there is none.
    """

    recorded: Scored
    present: Flags
    on_treatment: Scored
    severity: NDArray[np.float32]
    kind: Scored
    raised: Flags
    off_from: Scored
    reason: Scored
    gone_from: Scored


@dataclass(frozen=True, eq=False)
class _Entered:
    """Those who entered: class, latent severity and rater's error by visit, whether the baseline was raised."""

    kind: NDArray[np.int64]
    severity: Floats
    error: Floats
    raised: Flags


@dataclass(frozen=True, eq=False)
class _Followed:
    """Those who were followed: see `Courses`."""

    recorded: Scored
    off_from: Scored
    reason: Scored
    gone_from: Scored


def draw_courses(truth: HamdTruth, arm: NDArray[Any], rng: np.random.Generator) -> Courses:
    """Draw the courses of subjects; `arm` is 0 for the control, 1 for the other arm."""
    chunks = np.array_split(arm.astype(np.int64), max(1, -(-arm.size // _CHUNK)))
    parts = [_draw_chunk(truth, chunk, rng) for chunk in chunks]
    names = [field.name for field in fields(Courses)]
    return Courses(**{name: np.concatenate([getattr(part, name) for part in parts], axis=-1) for name in names})


def root_of(covariance: tuple[tuple[float, ...], ...]) -> Floats:
    """Return the matrix that turns independent standard normals into normals with that covariance.

    The symmetric root: it is unique, where eigenvectors may differ in sign from one machine to the next.
    """
    values, vectors = np.linalg.eigh(np.array(covariance))
    root: Floats = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    return root


def drug_effect(truth: HamdTruth) -> Floats:
    """Return the drug's effect by visit: the difference between the arms' latent mean changes, classes included."""
    means = np.array(truth.means)
    for one in truth.classes:
        means = means + np.outer(one.shares, one.shift)
    change = means - means[:, :1]
    effect: Floats = change[1] - change[0]
    return effect


def _draw_chunk(truth: HamdTruth, arm: NDArray[np.int64], rng: np.random.Generator) -> Courses:
    entered = _enter(truth, arm, rng)
    on_treatment = _rated(entered.severity + entered.error)
    if truth.entry is not None:
        on_treatment[0, entered.raised] = truth.entry.score
    off_treatment = on_treatment
    if truth.stopping is not None:
        lost = truth.stopping.effect_lost * drug_effect(truth)[:, None] * arm
        off_treatment = _rated(entered.severity - lost + entered.error)
    missed = np.zeros(on_treatment.shape, dtype=np.bool_)
    if truth.intermittent:
        missed[1:] = rng.random(missed[1:].shape) < truth.intermittent
    followed = _follow(truth, arm, (on_treatment, off_treatment), missed, rng)
    visit = np.arange(len(truth.visits))[:, None]
    return Courses(
        recorded=followed.recorded,
        present=(visit < followed.gone_from) & ~missed,
        on_treatment=on_treatment,
        severity=entered.severity.astype(np.float32),
        kind=entered.kind.astype(np.int8),
        raised=entered.raised,
        off_from=followed.off_from,
        reason=followed.reason,
        gone_from=followed.gone_from,
    )


def _enter(truth: HamdTruth, arm: NDArray[np.int64], rng: np.random.Generator) -> _Entered:
    """Draw subjects of these arms until every place is taken by one who enters."""
    drawn = newest = _screen(truth, arm, rng)
    places = np.arange(arm.size)
    while truth.entry is not None and places.size:
        enters, drawn.raised[places] = _judged(truth.entry, newest, rng)
        places = places[~enters]
        newest = _screen(truth, arm[places], rng)
        drawn.kind[places] = newest.kind
        drawn.severity[:, places], drawn.error[:, places] = newest.severity, newest.error
    return drawn


def _screen(truth: HamdTruth, arm: NDArray[np.int64], rng: np.random.Generator) -> _Entered:
    """Draw a subject for each place: class, severity, rater's error."""
    kind = np.zeros(arm.size, dtype=np.int64)
    severity = root_of(truth.covariance) @ rng.standard_normal((arm.size, len(truth.visits))).T
    severity += np.array(truth.means).T[:, arm]
    if truth.classes:
        bounds = np.cumsum([one.shares for one in truth.classes], axis=0)[:-1]
        kind = (rng.random(arm.size) >= bounds[:, arm]).sum(axis=0)
        severity += np.array([one.shift for one in truth.classes]).T[:, kind]
    error = rng.normal(0, truth.rater_sd, severity.shape) if truth.rater_sd else np.zeros_like(severity)
    return _Entered(kind, severity, error, np.zeros(arm.size, dtype=np.bool_))


def _judged(entry: Entry, drawn: _Entered, rng: np.random.Generator) -> tuple[Flags, Flags]:
    """Return who enters, and who of them does with a raised baseline."""
    score = _rated(drawn.severity[0] + drawn.error[0])
    short = (score < entry.score) & (score >= entry.score - entry.reach)
    raised = short & (rng.random(score.size) < entry.inflation)
    return (score >= entry.score) | raised, raised


def _rated(latent: Floats) -> Scored:
    """Return scores: rounded half up, held within the scale."""
    return np.clip(latent + 0.5, 0, _HIGH + 0.5).astype(np.int8)  # the cast drops the fraction


def _follow(
    truth: HamdTruth,
    arm: NDArray[np.int64],
    scores: tuple[Scored, Scored],
    missed: Flags,
    rng: np.random.Generator,
) -> _Followed:
    """Go from visit to visit: who stops the treatment, who leaves the study, what is recorded.

    Args:
        truth: What is true.
        arm: The subjects' arms.
        scores: Had they stayed on treatment; had they been off it; by visit and subject.
        missed: Visits missed by who is still there. What is decided next rests on the last visit that was not.
        rng: The generator.
    """
    on_treatment, off_treatment = scores
    visits, subjects = on_treatment.shape
    tables = chance_tables(truth.dropout_intercepts, truth.dropout_slope)
    off_from, gone_from = (np.full(subjects, visits, dtype=np.int8) for _ in range(2))
    reason, recorded = np.zeros(subjects, dtype=np.int8), on_treatment.copy()
    first, last = recorded[0], recorded[0]
    for j in range(1, visits):
        stops = np.zeros(subjects, dtype=np.bool_)
        if truth.stopping is not None:
            why = _why_stopped(truth.stopping, j, arm, column(first, last), rng)
            stops = (off_from == visits) & (why > 0)
            off_from[stops], reason[stops] = j, why[stops]
            recorded[j] = np.where(off_from <= j, off_treatment[j], on_treatment[j])
            stops &= rng.random(subjects) >= truth.stopping.stays
        chances = tables[j - 1].take(column(first, last))
        if truth.dropout_unseen_slope:
            ahead = first.astype(np.float64) - recorded[j]
            chances = expit(logit(chances) - truth.dropout_unseen_slope * ahead)
        leaves = stops | (rng.random(subjects) < chances)
        gone_from[leaves & (gone_from == visits)] = j
        last = np.where(missed[j], last, recorded[j])
    return _Followed(recorded, off_from, reason, gone_from)


def _why_stopped(
    stopping: Stopping, j: int, arm: NDArray[np.int64], place: NDArray[np.intp], rng: np.random.Generator
) -> Scored:
    """Return why each subject would stop between visits j - 1 and j: 0, INTOLERANCE or INEFFICACY."""
    intolerant = rng.random(arm.size) < np.array(stopping.intolerance)[arm, j - 1]
    failed = rng.random(arm.size) < chance_tables((stopping.intercepts[j - 1],), stopping.slope)[0].take(place)
    return np.where(intolerant, INTOLERANCE, np.where(failed, INEFFICACY, 0)).astype(np.int8)
