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
    low, high = (np.asarray(place, dtype=np.int32) for place in (start, end))
    whole = _running(weights)
    lower, total = np.zeros(len(asked)), whole[high] - whole[low]
    ranks, asked = ranks.astype(np.int32), asked.astype(np.int32)
    plain = bool((weights == 1).all())
    for bit in range(int(max(ranks.max(initial=0), asked.max(initial=0))).bit_length() - 1, -1, -1):
        set_ = (ranks >> bit & 1).astype(bool)
        ones = np.concatenate([np.zeros(1, dtype=np.int32), np.cumsum(set_, dtype=np.int32)])
        up = (asked >> bit & 1).astype(bool)
        ones_low, ones_high = ones[low], ones[high]
        zeros_low, zeros_high = low - ones_low, high - ones_high
        order = np.concatenate([np.flatnonzero(~set_), np.flatnonzero(set_)])
        if plain:
            lower += np.where(up, zeros_high - zeros_low, 0)
        else:
            weights = weights[order]
            whole = _running(weights)
            lower += np.where(up, whole[zeros_high] - whole[zeros_low], 0.0)
        zeros = np.int32(len(ranks) - ones[-1])
        low, high = np.where(up, zeros + ones_low, zeros_low), np.where(up, zeros + ones_high, zeros_high)
        ranks = ranks[order]
    equal = (high - low).astype(float) if plain else whole[high] - whole[low]
    return Compared(lower, equal, total - lower - equal)


def _running(weights: Floats) -> Floats:
    return np.concatenate([np.zeros(1), np.cumsum(weights)])
