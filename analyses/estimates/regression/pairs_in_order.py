"""Harrell's concordance of rows that count alike and are there from the start: its value alone, in little time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from analyses.estimates.regression.cox_layout import reached
from analyses.estimates.regression.sample import Sample

Floats = NDArray[np.float64]
Codes = NDArray[np.unsignedinteger]


def share_in_order(sample: Sample, linear_predictor: Floats) -> float | None:
    """Return the value of `concordance` for rows without weights and late entry; None where no pair can be ordered.

    Pairs are whole numbers, so that nothing depends on the order of the rows.
    """
    right = pairs = 0.0
    for rows in _strata(sample):
        event = sample.event[rows]
        if event.any():
            found = _counted(sample.time[rows], event, linear_predictor[rows])
            right, pairs = right + found[0], pairs + found[1]
    return right / pairs if pairs > 0 else None


def _strata(sample: Sample) -> list[slice] | list[NDArray[np.intp]]:
    if not len(sample.stratum):
        return [slice(None)]
    order = np.argsort(sample.stratum, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(sample.stratum[order])) + 1)


def _counted(time: Floats, event: NDArray[np.bool_], predicted: Floats) -> tuple[float, float]:
    """Return how many pairs are in order (ties half), and how many there are."""
    days = np.unique(time[event])
    # Even for an event, the next number for who is censored from that day on.
    code = 2 * reached(days, time) + ~event
    going: Codes = code.astype(np.uint16 if 2 * len(days) + 2 < 2**16 else np.uint32)
    order = np.argsort(predicted)
    ranked = predicted[order]
    fresh = np.append(True, ranked[1:] != ranked[:-1])
    if not fresh.all():
        order = np.lexsort([going, predicted])
    pairs = _outlived(going)
    going = going[order]
    tied = 0 if fresh.all() else _outlived_within(going, np.cumsum(fresh) - 1)
    return _falling(going) + tied / 2, float(pairs)


def _outlived(going: Codes) -> int:
    """Return the number of pairs of an event and who goes later."""
    number = np.bincount(going)
    later = len(going) - np.cumsum(number)
    return int(number[::2] @ later[::2])


def _outlived_within(going: Codes, group: NDArray[np.intp]) -> int:
    """Return the same of pairs within groups that stand together, sorted by code."""
    starts = np.flatnonzero(np.append(True, (group[1:] != group[:-1]) | (going[1:] != going[:-1])))
    number, own = np.diff(np.append(starts, len(going))), group[starts]
    passed = np.cumsum(number)
    through = passed[np.searchsorted(own, own, side="right") - 1]
    return int((number * (through - passed))[going[starts] % 2 == 0].sum())


def _falling(going: Codes) -> int:
    """Return the number of pairs in which an event comes after a higher code, in the order given.

    Codes are told apart bit by bit, the highest first: a pair falls at the first bit in which it differs.
    """
    found = 0
    for bit in range(int(going.max()).bit_length() - 1, -1, -1):
        prefix, one = going >> (bit + 1), (going >> bit & 1).astype(bool)
        starts = np.flatnonzero(np.append(True, prefix[1:] != prefix[:-1]))
        above = np.cumsum(one, dtype=np.int32)
        dies = np.flatnonzero(~one & (going & 1 == 0))
        before = np.append(np.int32(0), above)[starts].astype(np.int64)
        number = np.diff(np.searchsorted(dies, np.append(starts, len(going))))
        found += int(above[dies].sum(dtype=np.int64)) - int(number @ before)
        going = np.concatenate([going[~one], going[one]])
    return found
