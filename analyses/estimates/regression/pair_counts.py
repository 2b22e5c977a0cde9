"""Pairs of rows of which one asks and the other, of greater key, is counted: their weights, together and by row."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
Flags = NDArray[np.bool_]


def number_after(keys: Places, asks: Flags, counted: Flags, bits: int) -> int:
    """Return in how many pairs a row that is counted stands before one that asks and has a smaller key.

    Keys that differ in other than the lowest `bits` make no pair; such rows stand apart in the sequence. The rows are
    split by the bits of their keys, the highest first, each half keeping its order: of two rows the first bit in which
    they differ tells which key is greater. Time: the length times the bits.
    """
    total = 0
    for set_, starts, order in _splits(keys, bits):
        # Four bytes a number are faster than eight.
        ones = np.cumsum(counted & set_, dtype=np.int32)
        zeros = np.flatnonzero(asks & ~set_)
        numbers = np.diff(np.searchsorted(zeros, np.append(starts, len(keys))))
        at_start = np.append(np.int32(0), ones).take(starts).astype(np.int64)
        total += int(ones.take(zeros).sum(dtype=np.int64)) - int(numbers @ at_start)
        asks, counted = asks.take(order), counted.take(order)
    return total


def partners_after(keys: Places, asks: Floats, counted: Floats, bits: int) -> Floats:
    """Return the weight of the partners that each row has in such pairs, in either role."""
    found: Floats = np.zeros(len(keys))
    place: Places = np.arange(len(keys))
    for set_, starts, order in _splits(keys, bits):
        lengths = np.diff(starts, append=len(keys))
        ones, zeros = np.cumsum(counted * set_), np.cumsum(asks * ~set_)
        before = np.append(0.0, ones).take(starts).repeat(lengths)
        ending = zeros.take(starts + lengths - 1).repeat(lengths)
        found += (~set_ & (asks > 0)) * (ones - before) + (set_ & (counted > 0)) * (ending - zeros)
        found, asks, counted = (values.take(order) for values in (found, asks, counted))
        place = place.take(order)
    returned = np.empty_like(found)
    returned[place] = found
    return returned


def partners_within(groups: Places, keys: Places, asks: Floats, counted: Floats) -> Floats:
    """Return the same for all pairs within a group, wherever they stand; the rows are sorted by group and key."""
    size = len(keys)
    runs = _starts((groups[1:] != groups[:-1]) | (keys[1:] != keys[:-1]))
    firsts = _starts(groups[1:] != groups[:-1])
    lengths, spans = np.diff(runs, append=size), np.diff(firsts, append=size)
    all_asks, all_counted = (np.append(0.0, np.cumsum(values)) for values in (asks, counted))
    later = all_counted.take(firsts + spans).repeat(spans) - all_counted.take(runs + lengths).repeat(lengths)
    earlier = all_asks.take(runs).repeat(lengths) - all_asks.take(firsts).repeat(spans)
    return np.asarray((asks > 0) * later + (counted > 0) * earlier)


def _splits(keys: Places, bits: int) -> Iterator[tuple[Flags, Places, Places]]:
    """Yield, bit by bit, which rows have it, where rows begin that were alike so far, and the order of the next."""
    short = keys.astype(np.int32) if keys.max(initial=0) < 2**31 else keys
    for bit in range(bits - 1, -1, -1):
        set_ = (short & short.dtype.type(1 << bit)) != 0
        alike = short >> short.dtype.type(bit + 1)
        order = np.concatenate([np.flatnonzero(~set_), np.flatnonzero(set_)])
        yield set_, _starts(alike[1:] != alike[:-1]), order
        short = short.take(order)


def _starts(changes: Flags) -> Places:
    return np.append(0, np.flatnonzero(changes) + 1)
