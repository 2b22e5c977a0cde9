"""The chances of leaving a study and of stopping its treatment."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cohort.scales import HAMD17
from synthetic_data.log_odds import Floats, expit

_HIGH = int(HAMD17.high)


def chance_tables(intercepts: tuple[float, ...], slope: float) -> Floats:
    """Return the chance of leaving (or stopping) before each visit after baseline, by visit and improvement so far.

    logit(chance) = intercept - slope * improvement; the improvement x (baseline score - last score) stands in column
    52 + x, so that drawing needs no more than a look at a table.

    >>> float(chance_tables((0.0,), 0.1)[0, 52])
    0.5
    """
    improvement = np.arange(-_HIGH, _HIGH + 1)
    return expit(np.array(intercepts)[:, None] - slope * improvement)


def column(first: NDArray[np.int8], last: NDArray[np.int8]) -> NDArray[np.intp]:
    """Return the column of `chance_tables` that belongs to a baseline score and a last score."""
    return first.astype(np.intp) - last + _HIGH
