"""Shares that never rise from one treatment to the next."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def falling_shares(met: Floats, tried: Floats) -> Floats:
    """Return the maximum likelihood shares among those that never rise: pooled where a later share is higher.

    Neighbours that are in the wrong order share their subjects until none is; this is the exact maximum for
    independent binomial counts (pool adjacent violators).

    Args:
        met: How many met the outcome, by step.
        tried: How many were counted, by step; each above zero.

    Sources: Ayer M et al. Ann Math Stat 1955;26:641-7; Robertson T, Wright FT, Dykstra RL. Order Restricted
    Statistical Inference. 1988.

    >>> falling_shares(np.array([5.0, 2, 4]), np.array([10.0, 10, 10])).tolist()
    [0.5, 0.3, 0.3]
    """
    blocks: list[tuple[float, float, int]] = []
    for count, size in zip(met.tolist(), tried.tolist(), strict=True):
        block = (count, size, 1)
        while blocks and block[0] * blocks[-1][1] > blocks[-1][0] * block[1]:
            last = blocks.pop()
            block = (last[0] + block[0], last[1] + block[1], last[2] + block[2])
        blocks.append(block)
    return np.repeat([count / size for count, size, _ in blocks], [steps for _, _, steps in blocks])
