"""Where the maximum likelihood estimate of interval-censored times can put mass: Turnbull's intervals."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def support(left: ArrayLike, right: ArrayLike) -> tuple[Floats, Floats]:
    """Return the left and right ends of Turnbull's intervals, ascending; no mass lies anywhere else.

    An observation is (left, right], the point {left} where left == right, (left, inf) where the time is
    right-censored. An interval of the support is read likewise. It begins at a left end after which a right end
    follows before any other left end does. A time censored on a day is not among those who had the event on that day.

    Sources: Peto R. J R Stat Soc C 1973;22:86-91; Turnbull BW. J R Stat Soc B 1976;38:290-5.

    >>> l, r = support([0, 4, 6, 6, 3], [5, 9, 7, 6, np.inf])
    >>> list(zip(l.tolist(), r.tolist()))
    [(4.0, 5.0), (6.0, 6.0), (6.0, 7.0)]
    """
    begins, ends, times = _codes(left, right)
    first, last = np.unique(begins), np.unique(ends)
    # The right end that follows each left end; a left end is the last before it where the next one comes after.
    following = last[np.searchsorted(last, first)]
    innermost = np.append(first[1:] > following[:-1], True)
    return times[first[innermost] // 2], times[following[innermost] // 2]


def support_range(
    left: ArrayLike, right: ArrayLike, support_left: ArrayLike, support_right: ArrayLike
) -> tuple[Integers, Integers]:
    """Return, for each observation, the first interval of the support that it holds and the one after the last.

    What an observation holds is always a run, so that its probability is F[after] - F[first], F being the masses'
    running total that begins with 0.

    >>> l, r = support([0, 4, 6], [5, 9, np.inf])
    >>> first, after = support_range([0, 4, 6], [5, 9, np.inf], l, r)
    >>> first.tolist(), after.tolist()
    ([0, 0, 1], [1, 2, 2])
    """
    a, b = np.asarray(left, dtype=float), np.asarray(right, dtype=float)
    low, high = np.asarray(support_left, dtype=float), np.asarray(support_right, dtype=float)
    # A point on the day of a left end stands before what begins there, and is not held.
    points = low[low == high]
    passed = np.searchsorted(points, a, side="right") - np.searchsorted(points, a, side="left")
    first = np.searchsorted(low, a, side="left") + np.where(a < b, passed, 0)
    return first.astype(np.int64), np.searchsorted(high, b, side="right").astype(np.int64)


def _codes(left: ArrayLike, right: ArrayLike) -> tuple[Integers, Integers, Floats]:
    """Return ends as whole numbers in which the order is right: a day is even, just after it is odd."""
    a, b = np.asarray(left, dtype=float), np.asarray(right, dtype=float)
    times = np.unique(np.concatenate([a, b]))
    begins = 2 * np.searchsorted(times, a) + (a < b)
    return begins.astype(np.int64), (2 * np.searchsorted(times, b)).astype(np.int64), times
