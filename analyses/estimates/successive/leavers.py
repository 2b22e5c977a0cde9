"""What those who left might have done: the cumulative share as a function of how unlike the stayers they are."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Unlike = Literal["ratio", "odds ratio"]


def product_limit(chances: Floats) -> Floats:
    """Return 1 - product of (1 - chance) up to each treatment.

    >>> product_limit(np.array([0.5, 0.4])).round(6).tolist()
    [0.5, 0.7]
    """
    return np.asarray(1 - np.cumprod(1 - chances))


def greenwood_error(chances: Floats, decided: Floats) -> Floats:
    """Return the standard error of the product-limit: S sqrt(sum of h / ((1 - h) n)); NaN once everybody met it."""
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.sqrt(np.cumsum(chances / ((1 - chances) * decided)))
        return np.asarray(np.cumprod(1 - chances) * np.where(np.isfinite(spread), spread, np.nan))


def log_log_limits(share: float, error: float, z: float) -> tuple[float, float] | tuple[None, None]:
    """Return limits of a cumulative share that are normal for log(-log(share not met)); nulls at 0, 1 and NaN."""
    kept = 1 - share
    if not (0 < kept < 1 and math.isfinite(error)):
        return None, None
    spread = z * error / (kept * abs(math.log(kept)))
    return 1 - kept ** math.exp(-spread), 1 - kept ** math.exp(spread)


def if_leavers(tried: Ints, chances: Floats, guessed: Ints, ratio: float, unlike: Unlike = "ratio") -> Floats:
    """Return the cumulative share by treatment if leavers' chances differ from the stayers' by a ratio.

    Of N = n_1, let n_k have tried treatment k, h_k be their chance and g_k that of leavers, u_k of them without a
    result (excluded from h_k), and N b_k those who left before k and have not met it. Then

        not met by k      U_k = ((n_k - u_k)(1 - h_k) + (u_k + N b_k)(1 - g_k)) / N
        leavers before    b_1 = 0, b_(k+1) = U_k - n_(k+1) / N

    and the share is 1 - U_k. With g = 0 it is what was observed; with g = h the product-limit, since then U_k = (n_k /
    N + b_k)(1 - h_k) = U_(k-1) (1 - h_k); with u = 0 and g = 1 the upper bound, 1 - n_k (1 - h_k) / N.

    Args:
        tried: Who tried each treatment.
        chances: The share that met it, of those with a result.
        guessed: Who tried it and has no result.
        ratio: Of leavers' chances, or of their odds, to those of who tried the treatment.
        unlike: Whether it is a ratio of chances (cut at a chance of 1) or of odds.

    >>> if_leavers(np.array([100, 25]), np.array([0.5, 0.4]), np.array([0, 0]), ratio=0.5).round(6).tolist()
    [0.5, 0.65]
    """
    theirs, cohort = leavers_chances(chances, ratio, unlike), float(tried[0])
    following, gone, found = np.append(tried[1:], 0) / cohort, 0.0, []
    for k in range(len(tried)):
        missed = (tried[k] - guessed[k]) * (1 - chances[k]) + (guessed[k] + cohort * gone) * (1 - theirs[k])
        found.append(float(1 - missed / cohort))
        gone = float(missed / cohort - following[k])
    return np.array(found)


def leavers_chances(chances: Floats, ratio: float, unlike: Unlike) -> Floats:
    """Return chances times a ratio, at most 1; or with odds times a ratio.

    >>> leavers_chances(np.array([0.5]), 3.0, "odds ratio").tolist()
    [0.75]
    """
    if unlike == "ratio" or ratio == 0:
        return np.asarray(np.minimum(1.0, ratio * chances))
    return np.asarray(ratio * chances / (1 - chances + ratio * chances))


def contradicted(tried: Ints, chances: Floats) -> bool:
    """Return whether more went on than the product-limit leaves without the criterion.

    That happens only where subjects whose treatment could not be decided went on to the next.
    """
    left = tried[0] * (1 - product_limit(chances)[:-1])
    return bool(np.any(tried[1:] > left + 1e-9 * tried[0]))
