"""True values that have no closed form: a long run, drawn once for each truth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cohort.scales import HAMD17
from synthetic_data.estimands import true_values
from synthetic_data.hamd.courses import REASONS, Courses
from synthetic_data.hamd.rows import REMISSION, REMITTED, RESPONSE, Row, Values, by_arm
from synthetic_data.hamd.scores import Scores, draw_scores

if TYPE_CHECKING:
    from synthetic_data.hamd.truth import HamdTruth

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Points = NDArray[np.int64]

POLICY, WHILE_TREATED, COMPOSITE = "treatment policy", "while on treatment", "composite"
OBSERVED, CARRIED, NOT_MET = "observed cases", "last observation carried forward", "non-responder imputation"
STOPPED, LEFT = "stopped treatment", "left the study"

RUN = 400_000
"""Subjects of each arm in a long run."""

_SEED = 1960


@lru_cache(maxsize=4)
def long_run(truth: HamdTruth) -> tuple[Scores, Scores]:
    """Return the scores of `RUN` subjects in each arm, the same whenever asked."""
    streams = np.random.SeedSequence(_SEED).spawn(2)
    control, other = (
        draw_scores(truth, np.full(RUN, arm, dtype=np.int8), np.random.default_rng(stream))
        for arm, stream in enumerate(streams)
    )
    return control, other


def strategy_rows(truth: HamdTruth, exact: Values) -> Iterator[Row]:
    """Yield true values under each way to handle stopping but the hypothetical one, and the shares who stopped.

    Each is the exact hypothetical value plus the mean difference from it in the long run. Few subjects stop, so that
    the difference has a far smaller Monte Carlo error than the value itself would have.
    """
    arms = [run.latent for run in long_run(truth) if run.latent is not None]
    for j, (visit, day) in enumerate(zip(truth.visits[1:], truth.visit_days[1:], strict=True), start=1):
        for code, reason in enumerate(REASONS[1:], start=1):
            stopped = [np.asarray((one.off_from <= j) & (one.reason == code)) for one in arms]
            row: Row = {"criterion": STOPPED, "term": reason, "at": float(day)}
            yield from by_arm(truth.arms, _means(stopped), row, "share", "risk difference", errors=_errors(stopped))
        handled = [_handled(one, j) for one in arms]
        for strategy in (POLICY, WHILE_TREATED, COMPOSITE):
            moves = [arm[strategy] for arm in handled]
            yield from _moved_rows(truth, exact, j, {"term": strategy, "at": float(day), "criterion": visit}, moves)


def _moved_rows(truth: HamdTruth, exact: Values, j: int, place: Row, moves: list[_Moves]) -> Iterator[Row]:
    """Yield one strategy's values at a visit, from the subjects' moves away from the hypothetical strategy."""
    score = [arm.score for arm in moves]
    means, errors = exact.mean[:, j - 1] + _means(score), _errors(score)
    named = place | {"criterion": HAMD17.name}
    yield from by_arm(truth.arms, means, named, "mean", "mean difference", errors=errors)
    yield from by_arm(truth.arms, means - exact.start, named, "mean change", "mean change difference", errors=errors)
    shares = (
        (REMISSION, exact.remission, [arm.remission for arm in moves]),
        (RESPONSE, exact.response, [arm.response for arm in moves]),
    )
    for label, share, moved in shares:
        named = place | {"criterion": f"{label} at {place['criterion']}"}
        values = share[:, j - 1] + _means(moved)
        yield from by_arm(truth.arms, values, named, "share", "risk difference", errors=_errors(moved))


@dataclass(frozen=True, eq=False)
class _Moves:
    """By subject: what another strategy changes in the score, in being in remission and in response (-1, 0, 1)."""

    score: Points
    remission: Points
    response: Points


def _handled(courses: Courses, j: int) -> dict[str, _Moves]:
    """Return what each strategy changes at visit `j`, compared with the hypothetical one."""
    scores = courses.on_treatment.astype(np.int64)
    baseline, kept = scores[:, 0], scores[:, j]
    stopped = courses.off_from <= j
    last = np.minimum(j, courses.off_from.astype(np.int64) - 1)
    treated = np.take_along_axis(scores, last[:, None], axis=1)[:, 0]
    actual = courses.recorded[:, j].astype(np.int64)
    everybody = np.zeros_like(stopped)
    return {
        POLICY: _moves(actual, kept, baseline, everybody),
        WHILE_TREATED: _moves(treated, kept, baseline, everybody),
        COMPOSITE: _moves(np.where(stopped, baseline, kept), kept, baseline, stopped),
    }


def _moves(score: Points, kept: Points, baseline: Points, failed: Flags) -> _Moves:
    """Return the moves from scores `kept` to other scores, where those who failed are in neither state."""
    states = [
        (_met(label, score, baseline) & ~failed).astype(np.int64) - _met(label, kept, baseline)
        for label in (REMISSION, RESPONSE)
    ]
    return _Moves(score - kept, *states)


def analysed_estimates(truth: HamdTruth) -> pl.DataFrame:
    """Return what plain analyses of the records converge to; see `HamdTruth.analysed_estimates`."""
    return true_values([row for j in range(1, len(truth.visits)) for row in _analysed_rows(truth, j)])


def _analysed_rows(truth: HamdTruth, j: int) -> Iterator[Row]:
    runs, visit, at = long_run(truth), truth.visits[j], float(truth.visit_days[j])
    left = [_left(run, j) for run in runs]
    row: Row = {"criterion": LEFT, "at": at}
    yield from by_arm(truth.arms, _means(left), row, "share", "risk difference", errors=_errors(left))
    for term, carried in ((OBSERVED, False), (CARRIED, True)):
        rated = [_rated(run, j, carried) for run in runs]
        place: Row = {"term": term, "at": at, "criterion": HAMD17.name}
        for statistic, values in (
            ("mean", [score for score, _ in rated]),
            ("mean change", [score - baseline for score, baseline in rated]),
        ):
            errors = _errors(values)
            yield from by_arm(truth.arms, _means(values), place, statistic, f"{statistic} difference", errors=errors)
    for label in (REMISSION, RESPONSE):
        seen = [_met(label, *_rated(run, j, carried=False)) for run in runs]
        shares = {
            OBSERVED: seen,
            CARRIED: [_met(label, *_rated(run, j, carried=True)) for run in runs],
            NOT_MET: [np.pad(arm, (0, RUN - arm.size)) for arm in seen],
        }
        for term, states in shares.items():
            named = {"criterion": f"{label} at {visit}", "term": term, "at": at}
            yield from by_arm(truth.arms, _means(states), named, "share", "risk difference", errors=_errors(states))


def _left(run: Scores, j: int) -> Flags:
    """Return who has left the study before visit `j`; a visit that is only missed is no leaving."""
    return np.asarray(~run.present[:, j] if run.latent is None else run.latent.gone_from <= j)


def _rated(run: Scores, j: int, carried: bool) -> tuple[Points, Points]:
    """Return scores at visit `j` and at baseline: of those rated there, or with the last rating carried forward."""
    visits = np.where(run.present[:, : j + 1], np.arange(j + 1), 0).max(axis=1)
    who = np.arange(visits.size) if carried else np.flatnonzero(visits == j)
    return run.recorded[who, visits[who]].astype(np.int64), run.recorded[who, 0].astype(np.int64)


def _met(criterion: str, score: Points, baseline: Points) -> Flags:
    """Return whether scores are in remission (7 or less) or in response (half or less of a baseline above 0)."""
    if criterion == REMISSION:
        return np.asarray(score <= REMITTED)
    return np.asarray((2 * score <= baseline) & (baseline > 0))


def _means(arms: Sequence[NDArray[Any]]) -> Floats:
    return np.array([arm.mean() for arm in arms])


def _errors(arms: Sequence[NDArray[Any]]) -> Floats:
    """Return Monte Carlo standard errors; no less than if one subject more had moved by one point."""
    return np.array([max(arm.std(), arm.size**-0.5) / np.sqrt(arm.size) for arm in arms])
