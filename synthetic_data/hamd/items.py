"""The seventeen items behind a HAM-D total."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cohort.scales import HAMD17

Floats = NDArray[np.float64]

ITEM_MEANS = (
    *(0.97, 0.91, 0.30, 0.73, 0.94, 0.58, 1.24, 0.36, 0.63),
    *(0.79, 1.17, 0.30, 0.89, 0.73, 0.53, 0.26, 0.03),
)
"""Mean scores of items 1 to 17 in outpatients with a mean total of 11.4.

Rush AJ et al. Biol Psychiatry 2006;59:493-501, table 3 (STAR*D, at exit from the first treatment).
"""

PERSISTENCE = 0.8
"""How strongly a subject's symptoms keep their order from visit to visit, 0 to 1; a convention."""


def allocate(totals: NDArray[np.int64], who: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int8]:
    """Allocate totals over the items, so that the items add up to the total exactly.

    The form is seen as 52 points, up to four to an item. Each point has an exponential waiting time, and a total of T
    takes the T points that come first. Rates are such that at the mean total of the source the items have the means of
    the source. A subject's waiting times at two visits are related by a normal copula with correlation `PERSISTENCE`,
    so that who slept badly at baseline has insomnia among the points that are left.

    Args:
        totals: 0 to 52, one for each rating.
        who: Whose rating each is, counted from 0.
        rng: The generator.

    Returns:
        Item scores by rating and item.

    >>> items = allocate(np.array([20, 10, 52]), np.array([0, 0, 1]), np.random.default_rng(1))
    >>> items.sum(axis=1).tolist()
    [20, 10, 52]
    """
    item_of, rates = _points()
    order = np.argsort(_waiting(who, item_of.size, rng) / rates, axis=1)
    taken = np.arange(item_of.size) < totals[:, None]
    rows, places = np.nonzero(taken)
    items = len(HAMD17.item_maxima)
    counts = np.bincount(rows * items + item_of[order[rows, places]], minlength=totals.size * items)
    return counts.reshape(totals.size, items).astype(np.int8)


def _points() -> tuple[NDArray[np.int64], Floats]:
    """Return each point's item, counted from 0, and its rate."""
    most = np.array([score for _, score in HAMD17.item_maxima])
    rates = -np.log1p(-np.array(ITEM_MEANS) / most)  # taken by time 1 with the chance mean / maximum
    return np.repeat(np.arange(most.size), most), np.repeat(rates, most)


def _waiting(who: NDArray[np.int64], points: int, rng: np.random.Generator) -> Floats:
    """Return standard exponential waiting times by rating and point, related within a subject."""
    from scipy.special import log_ndtr

    lasting = rng.standard_normal((int(who.max(initial=-1)) + 1, points))[who]
    passing = rng.standard_normal((who.size, points))
    times: Floats = -log_ndtr(PERSISTENCE * lasting + np.sqrt(1 - PERSISTENCE**2) * passing)
    return times
