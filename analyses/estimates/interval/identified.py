"""Whether only one set of masses makes interval-censored times most likely."""

from __future__ import annotations

import numpy as np

from analyses.estimates.interval.interior import Floats, Runs

# A gradient this close to 1 may belong to an interval that could hold mass in another maximum.
_CLOSE = 1e-8


def unique(runs: Runs, mass: Floats) -> bool:
    """Return whether no other masses reach the same likelihood.

    All maxima give each observation the same probability, a difference of two running totals of the masses. Totals
    are tied to each other by observations, by the first and the last being 0 and 1, and by intervals that hold nothing
    in any maximum; an interval that merely happens to hold nothing can only rise. The maximum is unique exactly where
    these ties lead from each total to each other.

    Sources: Gentleman R, Geyer CJ. Biometrika 1994;81:618-23 (conditions that suffice).
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    empty = np.flatnonzero(mass == 0)
    never = empty[runs.gradient(mass)[empty] < 1 - _CLOSE]
    begins = np.concatenate([runs.first, runs.after, [0, runs.size], never, never + 1, empty])
    ends = np.concatenate([runs.after, runs.first, [runs.size, 0], never + 1, never, empty + 1])
    size = runs.size + 1
    ties = coo_array((np.ones(len(begins)), (begins, ends)), shape=(size, size))
    return bool(connected_components(ties, directed=True, connection="strong", return_labels=False) == 1)
