"""Rows of a Cox regression laid out for its likelihood: by stratum and day of events, the events first."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analyses.estimates.regression.sample import Sample

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
# Whole days up to here are looked up in a table.
_LONGEST = 1_000_000


@dataclass(frozen=True, eq=False)
class Sights:
    """Which days of events ("cells": a stratum's days, one stratum after another) each row sees.

    Attributes:
        stratum: Each cell's stratum.
        day: Each cell's day.
        enter: Of each row the cell after which it is at risk: it sees enter < cell <= leave.
        leave: Of each row the last cell that it sees; an event's own.
        late: Whether a row is missed by some cell of its stratum before it comes.
    """

    stratum: Places
    day: Floats
    enter: Places
    leave: Places
    late: NDArray[np.bool_]


def sights(sample: Sample) -> Sights:
    """Return which days of events each row sees."""
    days = _distinct(sample.time[sample.event])
    ends = reached(days, sample.time)
    starts = reached(days, sample.since) if (sample.entry > 0).any() else np.zeros_like(ends)
    if not len(sample.stratum):
        stratum = np.zeros(len(days), dtype=np.int64)
        return Sights(stratum, days, starts - 1, ends - 1, starts > 0)
    base = sample.stratum * len(days) - 1
    cells = np.unique((base + ends)[sample.event])
    enter, leave = (np.searchsorted(cells, base + place, side="right") - 1 for place in (starts, ends))
    stratum, place = np.divmod(cells, len(days))
    first = np.searchsorted(stratum, np.arange(int(sample.stratum.max()) + 1))
    return Sights(stratum, days[place], enter, leave, enter >= first[sample.stratum])


def canonical_order(sample: Sample) -> Places:
    """Return the order of the rows by the days that they see, which does not depend on the order in which they came."""
    seen = sights(sample)
    place = ((seen.leave + 1) * 2 + ~sample.event).astype(np.uint64)
    bits = np.uint64(64 - int(place.max()).bit_length())
    mixed = _mixed(sample)
    key = (place << bits) | (mixed >> (np.uint64(64) - bits))
    order = np.argsort(key)
    key = key[order]
    same = np.flatnonzero(key[1:] == key[:-1])
    values = _values(sample)
    if all((value[order[same]] == value[order[same + 1]]).all() for value in values):
        return order
    return np.lexsort([*reversed(values), place])


def _values(sample: Sample) -> list[NDArray[np.float64]]:
    weights = [values for values in (sample.frequency, sample.case_weight) if len(values)]
    strata = [sample.stratum] if len(sample.stratum) else []
    return [*strata, sample.time, sample.entry, *weights, *sample.matrix.T]


def _mixed(sample: Sample) -> NDArray[np.uint64]:
    """Return a number for each row that depends on all its values."""
    found = np.zeros(len(sample.time), dtype=np.uint64)
    for value in _values(sample):
        # Adding 0 makes one number of both zeros.
        found ^= (value.astype(np.float64) + 0.0).view(np.uint64)
        found *= np.uint64(0x9E3779B97F4A7C15)
        found ^= found >> np.uint64(32)
    return found


def _distinct(times: Floats) -> Floats:
    days = _whole(times)
    return np.unique(times) if days is None else np.flatnonzero(np.bincount(days)).astype(np.float64)


def reached(days: Floats, times: Floats) -> Places:
    """Return how many of the sorted days each time has reached."""
    whole = _whole(times) if len(times) > _LONGEST // 50 and (times >= 0).all() else None
    if whole is None:
        return np.searchsorted(days, times, side="right")
    return np.searchsorted(days, np.arange(float(whole.max()) + 1), side="right")[whole]


def _whole(times: Floats) -> Places | None:
    if not (len(times) and times.min() >= 0 and times.max() < _LONGEST):
        return None
    days = times.astype(np.int64)
    return days if np.array_equal(days, times) else None


@dataclass(frozen=True, eq=False)
class Layout:
    """The rows that some cell sees, as columns, in segments of one cell each: its events, then who leaves after it.

    Attributes:
        columns: Covariates less their mean over their standard deviation, one line a covariate.
        scale: The standard deviations.
        mass: Frequency times case weight of each row; None where all are 1.
        starts: The row with which each segment begins.
        cell: Each segment's cell.
        dies: Which segments hold events.
        late: Rows that come late.
        enter: The cells after which they come.
        stratum: Each cell's stratum.
        deaths: How many events each cell holds.
        weight: Their mean case weight.
        observed: The sum over events of mass times the columns.
    """

    columns: Floats
    scale: Floats
    mass: Floats | None
    starts: Places
    cell: Places
    dies: NDArray[np.bool_]
    late: Places
    enter: Places
    stratum: Places
    deaths: Places
    weight: Floats
    observed: Floats


def layout(sample: Sample, order: Places | None = None) -> Layout:
    """Return the rows of a sample laid out; `order` is the canonical one where it is known."""
    seen = sights(sample)
    place = (seen.leave << 1) + ~sample.event
    order = np.argsort(place, kind="stable") if order is None else order
    used = seen.leave > seen.enter
    order = order if used.all() else order[used[order]]
    columns, scale = _standard(sample.matrix, order)
    place = place[order]
    starts = np.flatnonzero(np.append(True, place[1:] != place[:-1]))
    dies = place[starts] % 2 == 0
    own = np.diff(np.append(starts, len(place)))[dies].astype(np.float64)
    frequency, mass = sample.frequency[order] if len(sample.frequency) else None, _mass(sample)
    mass = None if mass is None else mass[order]
    count = own if frequency is None else np.add.reduceat(frequency, starts)[dies]
    sums = own if mass is None else np.add.reduceat(mass, starts)[dies]
    event = sample.event[order]
    observed = columns @ (event.astype(np.float64) if mass is None else event * mass)
    late = np.flatnonzero(seen.late[order])
    return Layout(
        *(columns, scale, mass, starts, place[starts] >> 1, dies, late, seen.enter[order][late]),
        *(seen.stratum, np.rint(count).astype(np.int64), sums / count, observed),
    )


def _standard(matrix: Floats, order: Places) -> tuple[Floats, Floats]:
    columns = np.empty((matrix.shape[1], len(order)))
    scale = np.empty(len(columns))
    for number, values in enumerate(matrix.T):
        column = columns[number]
        np.take(values, order, out=column, mode="clip")
        column -= column.mean()
        with np.errstate(over="ignore"):
            spread = math.sqrt(np.dot(column, column) / len(column))
        if not 1e-100 < spread < 1e100:
            # Squares of such values are beyond what a number holds.
            largest = float(np.abs(column).max()) or 1.0
            spread = largest * float(np.sqrt(np.mean((column / largest) ** 2)) or 1.0)
        scale[number] = spread
        column *= 1 / spread
    return columns, scale


def _mass(sample: Sample) -> Floats | None:
    weights = [values for values in (sample.frequency, sample.case_weight) if len(values)]
    return np.prod(weights, axis=0) if weights else None
