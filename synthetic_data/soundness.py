"""What the parameters of a truth must satisfy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import isfinite

import numpy as np

from cohort.errors import TruthError, some


def demand(sound: bool, fact: str) -> None:
    """Raise TruthError with the fact unless it is sound."""
    if not sound:
        raise TruthError(fact)


def lengths(name: str, values: Sequence[object], wanted: int, why: str) -> None:
    """Refuse a sequence of another length."""
    demand(len(values) == wanted, f"{name} has {len(values)} entries; expected {wanted}, {why}")


def finite(name: str, values: Iterable[float]) -> None:
    """Refuse infinite numbers and those that are none."""
    given = list(values)
    _numbers(name, given)
    bad = [value for value in given if not isfinite(value)]
    demand(not bad, f"{name}: {len(bad)} values are not finite: {some(bad)}")


def chance(name: str, value: float) -> None:
    """Refuse what is not between 0 and 1."""
    _numbers(name, [value])
    demand(0 <= value <= 1, f"{name} is {value}; expected a share from 0 to 1")


def whole(name: str, value: object, least: int) -> None:
    """Refuse what is not a whole number of at least `least`."""
    sound = isinstance(value, int | np.integer) and not isinstance(value, bool) and int(value) >= least
    demand(sound, f"{name} is {value!r}; expected a whole number, {least} or more")


def _numbers(name: str, values: Iterable[object]) -> None:
    bad = [value for value in values if not isinstance(value, int | float | np.number)]
    demand(not bad, f"{name}: {len(bad)} values are not numbers: {some(bad)}")


def span(name: str, ends: tuple[float, float], low: float, high: float) -> None:
    """Refuse a range that is empty or leaves `low` to `high`."""
    demand(
        len(ends) == 2 and low <= ends[0] <= ends[1] <= high,
        f"{name} is {ends}; expected {low} <= first <= second <= {high}",
    )


def increasing(days: Sequence[int], jitter: int) -> None:
    """Refuse visit days that do not begin at 0 and increase by more than jitter can undo."""
    demand(jitter >= 0, f"day_jitter is {jitter}; expected 0 or more")
    demand(days[0] == 0, f"visit_days begin at {days[0]}; expected 0, the baseline")
    reach = [0] + [jitter] * (len(days) - 1)
    close = [
        pair for pair, moved in zip(pairwise(days), pairwise(reach), strict=True) if pair[1] - pair[0] <= sum(moved)
    ]
    demand(not close, f"{len(close)} pairs of visit days can swap or meet with a jitter of {jitter}: {some(close)}")


def proper_covariance(rows: Sequence[Sequence[float]], n: int) -> None:
    """Refuse what is not an n by n, symmetric, positive semidefinite matrix."""
    demand(
        len(rows) == n and all(len(row) == n for row in rows), f"covariance must be {n} by {n}, one row for each visit"
    )
    matrix = np.array(rows, dtype=np.float64)
    demand(bool(np.isfinite(matrix).all()), "covariance holds values that are not finite")
    demand(bool(np.allclose(matrix, matrix.T, rtol=1e-9, atol=1e-12)), "covariance is not symmetric")
    smallest = float(np.linalg.eigvalsh(matrix)[0])
    scale = max(float(np.trace(matrix)), 1.0)
    demand(smallest >= -1e-9 * scale, f"covariance has a negative eigenvalue, {smallest:.4g}; no scores vary like that")
