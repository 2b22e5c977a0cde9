"""How much weight stretches of a sequence have below a rank: many such questions answered together."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


class Compared(NamedTuple):
    """For each question, the weight of what stands lower than, equal to and higher than the rank asked for."""

    lower: Floats
    equal: Floats
    higher: Floats


def compared(ranks: Places, weights: Floats, start: Places, end: Places, asked: Places) -> Compared:
    """Return, for each question, the weights in ranks[start:end] by how their ranks compare with the one asked for.

    The sequence is split by the bits of the ranks, the highest first, each half keeping its order (a wavelet matrix),
    and every question follows its own bits down. Time: the length and the questions, times the number of bits.

    Sources: Claude F, Navarro G, Ordonez A. Inf Syst 2015;47:15-32.
    """
    low, high = (np.asarray(place, dtype=np.intp) for place in (start, end))
    whole, plain = _running(weights), bool((weights == 1).all())
    total = whole.take(high) - whole.take(low)
    lower = np.zeros(len(asked), dtype=np.intp if plain else float)
    # Products and take: numpy's where and its [] with a random mask are several times as slow.
    for bit in range(int(max(ranks.max(initial=0), asked.max(initial=0))).bit_length() - 1, -1, -1):
        mask = np.intp(1 << bit)
        set_, up = (ranks & mask) != 0, (asked & mask) != 0
        ones = np.concatenate([[0], np.cumsum(set_, dtype=np.intp)])
        order = np.concatenate([np.flatnonzero(~set_), np.flatnonzero(set_)])
        ones_low, ones_high = ones.take(low), ones.take(high)
        low, high = low - ones_low, high - ones_high
        if plain:
            lower += up * (high - low)
        else:
            weights = weights.take(order)
            whole = _running(weights)
            lower += up * (whole.take(high) - whole.take(low))
        zeros = len(ranks) - ones[-1]
        low += up * (zeros + ones_low - low)
        high += up * (zeros + ones_high - high)
        ranks = ranks.take(order)
    equal = (high - low).astype(float) if plain else whole.take(high) - whole.take(low)
    return Compared(lower.astype(float), equal, total - lower - equal)


def _running(weights: Floats) -> Floats:
    return np.concatenate([np.zeros(1), np.cumsum(weights)])
