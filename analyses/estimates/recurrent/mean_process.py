"""The mean number of events up to a day, with an error that holds however a subject's events hang together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analyses.estimates.recurrent.histories import EVENT, TERMINAL, Counts, Floats, Histories

# Below this share of what was added up, a variance is rounding and no variance.
_ROUNDING = 1e-13


@dataclass(frozen=True, eq=False)
class MeanProcess:
    """One group's mean cumulative function on each day with an event.

    Attributes:
        time: Days with an event that can come again, or with the terminal event, ascending.
        mean: Mean number of events of a subject up to and including the day.
        std_error: Its robust standard error; NaN where there is one subject, who tells nothing of the others.
        survival: Share that is free of the terminal event just before the day; 1 where there is none.
        subjects: How many subjects there are.
    """

    time: Floats
    mean: Floats
    std_error: Floats
    survival: Floats
    subjects: int

    def at(self, days: Floats) -> tuple[Floats, Floats]:
        """Return the mean and its standard error on each of the days."""
        place = np.searchsorted(self.time, days, side="right")
        nothing = 0.0 if self.subjects > 1 else np.nan
        return np.append(0.0, self.mean)[place], np.append(nothing, self.std_error)[place]


@dataclass(frozen=True, eq=False)
class _Influence:
    """What a subject adds to an estimate: a jump on the day of its own event, and a drift while it is at risk.

    The jumps of those at risk on a day add up to their drifts, so that the sum over them is 0.
    """

    event: Floats
    terminal: Floats
    drift: Floats


@dataclass(frozen=True, eq=False)
class _Felt:
    """An influence along the rows.

    `before_end` is what the subject has felt before the day on which the row ends, `jump` its jump on that day;
    `at_risk` is the sum, before each day, over those at risk on it.
    """

    before_end: Floats
    jump: Floats
    at_risk: Floats
    drift: Floats


def mean_process(histories: Histories) -> MeanProcess:
    """Return the mean cumulative function of a group, allowing for a terminal event where there is one.

    Without a terminal event this is the sum of d/n over the days, n being at risk and d the events (Nelson, and
    Lawless and Nadeau). With one it is the sum of S(t-) d/n, with S the product-limit estimate of being free of the
    terminal event (Ghosh and Lin). The variance is the sum over subjects of their squared influence, which is the
    derivative of the estimate by the subject's weight: with tied terminal events this divides by n - d where Ghosh and
    Lin write n. Work goes with the rows and the days, not with their product.
    """
    ends = histories.outcome > 0
    time = np.unique(histories.time[ends])
    risk = histories.at_risk(time).astype(float)
    events, terminal = (np.diff(histories.ended(time, outcome), prepend=0) for outcome in (EVENT, TERMINAL))
    hazard, leaving = events / risk, terminal / risk
    survival = np.cumprod(np.append(1.0, 1 - leaving))[:-1]
    mean = np.cumsum(survival * hazard)
    step = survival / risk
    with np.errstate(divide="ignore"):
        left = np.where(leaving < 1, 1 / (risk * (1 - leaving)), 0.0)
    coming = _Influence(step, mean * left, step * hazard + mean * left * leaving)
    going = _Influence(0 * left, left, left * leaving)
    felt = _felt(histories, time, coming)
    variance, size = _squares(histories, time, risk, felt, felt)
    if terminal.any():
        lost = _felt(histories, time, going)
        for first, times in ((felt, -2 * mean), (lost, mean**2)):
            part, added = _squares(histories, time, risk, first, lost)
            variance, size = variance + times * part, size + np.abs(times) * added
    error = np.sqrt(np.where(variance > _ROUNDING * size, variance, 0.0))
    subjects = histories.subjects
    return MeanProcess(time, mean, error if subjects > 1 else np.full(len(time), np.nan), survival, subjects)


def _felt(histories: Histories, time: Floats, influence: _Influence) -> _Felt:
    start, end = (np.searchsorted(time, days, side="right") for days in (histories.since, histories.time))
    drifted = np.append(0.0, np.cumsum(influence.drift))
    jump = np.zeros(len(end))
    for outcome, jumps in ((EVENT, influence.event), (TERMINAL, influence.terminal)):
        of_it = histories.outcome == outcome
        jump[of_it] = jumps[end[of_it] - 1]
    added = jump - (drifted[end] - drifted[start])
    before = _added_before(added, histories.subject)
    # The jump and the drift of a row's last day come after what was felt before that day.
    ended = histories.outcome > 0
    last = np.where(ended, np.append(influence.drift, 0.0)[end - 1], 0.0)
    weighed = histories.frequency * before
    moved = np.bincount(start, weighed, len(time) + 1)
    moved -= np.bincount(end, histories.frequency * (before + added), len(time) + 1)
    return _Felt(before + added - jump + last, jump, np.asarray(np.cumsum(moved)[:-1], dtype=float), influence.drift)


def _added_before(added: Floats, subject: Counts) -> Floats:
    """Return what a subject's earlier rows added up to."""
    running = np.append(0.0, np.cumsum(added))
    first = np.searchsorted(subject, subject, side="left")
    return np.asarray(running[:-1] - running[first])


def _squares(histories: Histories, time: Floats, risk: Floats, x: _Felt, y: _Felt) -> tuple[Floats, Floats]:
    """Return the sum over subjects of the product of two influences on each day, and the size of what was added up."""
    ended = histories.outcome > 0
    day = np.searchsorted(time, histories.time[ended])
    own = (x.before_end * y.jump + y.before_end * x.jump + x.jump * y.jump)[ended] * histories.frequency[ended]
    jumps = np.bincount(day, own, len(time))
    # Jumps of a day add up to the drifts of those at risk, so that the products of the two leave one drift squared.
    drifts = x.drift * y.at_risk + y.drift * x.at_risk + risk * x.drift * y.drift
    return np.cumsum(jumps - drifts), np.cumsum(np.abs(jumps) + np.abs(drifts))
