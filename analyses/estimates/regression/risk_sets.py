"""Who is at risk on the days of events, and the sums over them that a proportional hazards model is made of."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from analyses.estimates.regression.sample import Sample

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class RiskSets:
    """The days of events by stratum ("cells"), which of them each row sees, and its weight there.

    Attributes:
        x: The rows' covariates less their means.
        risk: exp(x @ coefficients).
        mass: What a row adds to a risk set: its frequency times its case weight.
        event: Which rows end with an event.
        own: The cell of each of these.
        stratum: Each cell's stratum.
        day: Each cell's day.
        first: Where each stratum's cells begin, and in the end how many cells there are.
        before: How many cells each row has behind it when it comes under observation, a place more each stratum.
        through: How many when its time ends, likewise.
        late: Which rows come under observation after events of their stratum.
        deaths: How many events each cell holds.
        weight: Their mean case weight.
        total: The sum of mass * risk over those at risk in each cell.
        dying: The same over those with the event.
        steps: For each cell the sums over its deaths of 1/s, a/s, 1/s^2, a/s^2 and a^2/s^2, where the k-th of d has
            a = k/d and sees s = total - a * dying (Efron); with Breslow's treatment a is 0.
    """

    x: Floats
    risk: Floats
    mass: Floats
    event: Flags
    own: Places
    stratum: Places
    day: Floats
    first: Places
    before: Places
    through: Places
    late: Flags
    deaths: Places
    weight: Floats
    total: Floats
    dying: Floats
    steps: tuple[Floats, Floats, Floats, Floats, Floats]


def risk_sets(sample: Sample, coefficients: Floats, ties: str) -> RiskSets:
    """Return the risk sets of a sample under coefficients; `ties` is "efron" or "breslow"."""
    x = sample.matrix - sample.matrix.mean(axis=0)
    # Summed column by column: a matrix product may give equal rows unequal last digits.
    risk = np.exp((x * coefficients).sum(axis=1))
    frequency, mass = frequencies(sample), masses(sample)
    stratum = sample.stratum if len(sample.stratum) else np.zeros(len(x), dtype=np.int64)
    days = np.unique(sample.time[sample.event])
    key = stratum * (len(days) + 1)
    seen = key + np.searchsorted(days, sample.time, side="right")
    cells, own = np.unique(seen[sample.event], return_inverse=True)
    place, at = np.divmod(cells, len(days) + 1)
    first = np.searchsorted(place, np.arange(int(stratum.max()) + 2))
    before = np.searchsorted(cells, key + np.searchsorted(days, sample.since, side="right"), side="right") + stratum
    through = np.searchsorted(cells, seen, side="right") + stratum
    late = before > (first[:-1] + np.arange(len(first) - 1))[stratum]
    deaths = np.bincount(own, frequency[sample.event], len(cells))
    weight: Floats = np.bincount(own, mass[sample.event], len(cells)) / deaths
    weighted = (risk * mass)[:, None]
    total = _at_risk(weighted, before, through, late, first)[:, 0]
    dying: Floats = np.bincount(own, weighted[sample.event, 0], len(cells)).astype(float)
    counts = np.rint(deaths).astype(np.intp)
    steps = _steps(total, dying, counts, efron=ties == "efron")
    return RiskSets(
        x=x,
        risk=risk,
        mass=mass,
        event=sample.event,
        own=own,
        stratum=place,
        day=days[at - 1],
        first=first,
        before=before,
        through=through,
        late=late,
        deaths=counts,
        weight=weight,
        total=total,
        dying=dying,
        steps=steps,
    )


def frequencies(sample: Sample) -> Floats:
    """Return how many equal rows each row stands for."""
    return np.asarray(sample.frequency, dtype=float) if len(sample.frequency) else np.ones(len(sample.time))


def case_weights(sample: Sample) -> Floats:
    """Return how much of a subject each row counts for."""
    return sample.case_weight if len(sample.case_weight) else np.ones(len(sample.time))


def masses(sample: Sample) -> Floats:
    """Return what each row adds to a sum over rows."""
    return frequencies(sample) * case_weights(sample)


def moments(sets: RiskSets, values: Floats) -> tuple[Floats, Floats]:
    """Return, cell by cell, the sums of mass * risk * values over those at risk and over those with the event."""
    weighted: Floats = (sets.mass * sets.risk)[:, None] * values
    columns = weighted[sets.event].T
    dying: Floats = np.column_stack([np.bincount(sets.own, column, len(sets.day)) for column in columns]).astype(float)
    return _at_risk(weighted, sets.before, sets.through, sets.late, sets.first), dying


def passed(sets: RiskSets, increments: Floats) -> Floats:
    """Return what each row goes through while at risk, of increments by cell: one column each."""
    total = np.zeros((len(sets.day) + len(sets.first) - 1, increments.shape[1]))
    for number, (start, end) in enumerate(pairwise(sets.first.tolist())):
        np.cumsum(increments[start:end], axis=0, out=total[start + number + 1 : end + number + 1])
    return total[sets.through] - total[sets.before]


def _at_risk(values: Floats, before: Places, through: Places, late: Flags, first: Places) -> Floats:
    """Return sums over the rows at risk in each cell; each stratum is summed alone, from its last day backwards."""
    size = int(first[-1]) + len(first) - 1
    leaving = np.column_stack([np.bincount(through, column, size) for column in values.T])
    if late.any():
        leaving -= np.column_stack([np.bincount(before[late], column, size) for column in values[late].T])
    found = np.empty((int(first[-1]), values.shape[1]))
    for number, (start, end) in enumerate(pairwise(first.tolist())):
        own = leaving[start + number + 1 : end + number + 1]
        found[start:end] = np.cumsum(own[::-1], axis=0)[::-1]
    return found


def _steps(
    total: Floats, dying: Floats, deaths: Places, *, efron: bool
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    if not efron:
        none = np.zeros(len(total))
        return deaths / total, none, deaths / total**2, none, none
    cell = np.repeat(np.arange(len(deaths)), deaths)
    first = np.cumsum(deaths) - deaths
    diluted = (np.arange(len(cell)) - first[cell]) / deaths[cell]
    one = 1 / (total[cell] - diluted * dying[cell])
    found = (one, diluted * one, one**2, diluted * one**2, (diluted * one) ** 2)
    a, b, c, d, e = (np.add.reduceat(values, first) for values in found)
    return a, b, c, d, e
