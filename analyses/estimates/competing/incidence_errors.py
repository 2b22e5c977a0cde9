"""Standard errors of a cumulative incidence and of the area under it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from analyses.estimates.competing.aalen_johansen import EventFree
from analyses.estimates.tally import Amounts, Floats, Tally

Places = NDArray[np.int64]


def aalen_errors(free: EventFree, of_cause: Amounts) -> Floats:
    """Return Aalen's standard error at each day, as cmprsk::cuminc has it.

    Each cause has its own hypergeometric factor (d - 1) / (n - 1); that an event of one cause on a day excludes the
    other is not allowed for, which matters where causes share days, as at visits.
    """
    rest = _remaining(free, of_cause)
    own, others = _aalen_weights(free, of_cause)
    return _roots(
        np.cumsum(own * (free.each - rest * free.left) ** 2 + others * (rest * free.left) ** 2),
        np.cumsum(own * (free.each - rest * free.left) * free.left - others * rest * free.left**2),
        np.cumsum((own + others) * free.left**2),
        rest,
    )


def robust_errors(tally: Tally, free: EventFree, cause: int) -> Floats:
    """Return the infinitesimal jackknife's standard error at each day: the root of the sum of squared influences.

    Without late entry it is the delta method's, and with a single cause Greenwood's.
    """
    of_cause = tally.events_at(free.time, cause)
    rest = _remaining(free, of_cause)
    begin, end = _places(tally, free.time)
    # A subject's influence on day t is `fixed` + `moving` times what the cause still has to come after t.
    passed = _compensators(free, of_cause, free.each, rest * free.left), _compensators(free, of_cause, 0.0, -free.left)
    ended, own = tally.event, tally.cause == cause
    fixed = own * free.each[end] - ended * (rest * free.left)[end] - passed[0][end + 1] + passed[0][begin]
    moving = ended * free.left[end] - passed[1][end + 1] + passed[1][begin]
    products = fixed * fixed, fixed * moving, moving * moving
    done = [np.cumsum(np.bincount(end, tally.mass * product, len(rest))) for product in products]
    going = _still_there(tally.mass, begin, end, passed, len(rest))
    return _roots(done[0] + going[0], done[1] + going[1], done[2] + going[2], rest)


def area_error(tally: Tally, free: EventFree, cause: int, until: float, *, robust: bool) -> float:
    """Return the standard error of the area under the incidence from day 0 to day `until`.

    Sources: Andersen PK. Stat Med 2013;32:5278-85.
    """
    of_cause = tally.events_at(free.time, cause)
    within = free.time <= until
    span = np.where(within, until - free.time, 0.0)
    # What the cause still adds to the area after each day, were the day's own level kept.
    steps = np.where(within, free.each * of_cause, 0.0) * span
    later = np.cumsum(steps[::-1])[::-1] - steps
    gain, loss = free.each * span, np.where(within, later, 0.0) * free.left
    if not robust:
        own, others = _aalen_weights(free, of_cause)
        return float(np.sqrt(np.sum(own * (gain - loss) ** 2 + others * loss**2)))
    begin, end = _places(tally, free.time)
    passed = _compensators(free, of_cause, gain, loss)
    influence = (tally.cause == cause) * gain[end] - tally.event * loss[end] - passed[end + 1] + passed[begin]
    return float(np.sqrt(np.sum(tally.mass * influence**2)))


def _remaining(free: EventFree, of_cause: Amounts) -> Floats:
    """Return how much of the cause's incidence comes after each day.

    The errors hang on differences of incidences; taken from the end they do not cancel each other.
    """
    steps = free.each * of_cause
    return np.asarray(np.cumsum(steps[::-1])[::-1] - steps)


def _aalen_weights(free: EventFree, of_cause: Amounts) -> tuple[Floats, Floats]:
    n = np.maximum(free.at_risk - 1, 1)
    causes = (of_cause, free.events - of_cause)
    own, others = (events * np.where(events > 1, 1 - (events - 1) / n, 1.0) for events in causes)
    return np.asarray(own), np.where(free.survival > 0, others, 0.0)


def _compensators(free: EventFree, of_cause: Amounts, gain: Floats | float, loss: Floats) -> Floats:
    """Return what being at risk has taken from a subject's influence before the first day, before the second ..."""
    n = np.maximum(free.at_risk, 1)
    return np.concatenate([[0.0], np.cumsum(gain * of_cause / n - loss * free.events / n)])


def _places(tally: Tally, time: Floats) -> tuple[Places, Places]:
    """Return for each cell the number of the first day on which it is at risk, and of the day on which it ends."""
    begin = np.where(tally.entry > 0, np.searchsorted(time, tally.entry, side="right"), 0)
    return begin, np.searchsorted(time, tally.time)


def _still_there(
    mass: Amounts, begin: Places, end: Places, passed: tuple[Floats, Floats], days: int
) -> tuple[Floats, Floats, Floats]:
    """Return the squares of those who are at risk on a day and beyond it, by day."""

    def among(values: Floats) -> Floats:
        came, went = (np.bincount(place, mass * values, days) for place in (begin, end))
        return np.asarray(np.cumsum(came - went))

    fixed, moving = passed[0][begin], passed[1][begin]
    now = passed[0][1:], passed[1][1:]
    size, firsts, seconds = among(np.ones(len(begin))), among(fixed), among(moving)
    return (
        now[0] ** 2 * size - 2 * now[0] * firsts + among(fixed**2),
        now[0] * now[1] * size - now[0] * seconds - now[1] * firsts + among(fixed * moving),
        now[1] ** 2 * size - 2 * now[1] * seconds + among(moving**2),
    )


def _roots(fixed: Floats, mixed: Floats, moving: Floats, rest: Floats) -> Floats:
    # Rounding may leave -1e-35 where the variance is 0.
    return np.asarray(np.sqrt(np.maximum(fixed + 2 * rest * mixed + rest**2 * moving, 0.0)))
