"""How long courses of treatment last."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf, isfinite

import numpy as np
from numpy.typing import ArrayLike, NDArray

from synthetic_data.soundness import demand, span

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Length:
    """Whole days between a shortest and a longest length: a Weibull time within these bounds, rounded up.

    Attributes:
        shape: Of the Weibull distribution; below 1 most courses end early.
        scale: Of the Weibull distribution, in days.
        shortest: Shortest length in days, 1 or more.
        longest: Longest length in days.

    Raises:
        TruthError: The parameters contradict each other.
    """

    shape: float
    scale: float
    shortest: int
    longest: int

    def __post_init__(self) -> None:
        sound = all(isfinite(value) and value > 0 for value in (self.shape, self.scale))
        demand(sound, f"a length has shape {self.shape} and scale {self.scale}; expected positive numbers")
        span("shortest and longest length", (self.shortest, self.longest), 1, inf)

    def within(self, days: ArrayLike) -> Floats:
        """Return the chance that a course lasts so many days or fewer.

        >>> Length(shape=1, scale=1e9, shortest=11, longest=20).within([10, 15, 20]).round(6).tolist()
        [0.0, 0.5, 1.0]
        """
        low, high = self._weibull(np.array([self.shortest - 1, self.longest]))
        reached = self._weibull(np.floor(np.clip(np.asarray(days, dtype=float), self.shortest - 1, self.longest)))
        return np.asarray((reached - low) / (high - low))

    def of(self, shares: Floats) -> Ints:
        """Return the lengths that these shares (0 to 1) of courses stay below: uniform shares draw lengths."""
        low, high = self._weibull(np.array([self.shortest - 1, self.longest]))
        time = self.scale * (-np.log1p(-(low + shares * (high - low)))) ** (1 / self.shape)
        return np.asarray(np.clip(np.ceil(time), self.shortest, self.longest), dtype=np.int64)

    @property
    def median(self) -> float:
        """The median length in days."""
        return float(self.of(np.array([0.5]))[0])

    def _weibull(self, days: Floats) -> Floats:
        return np.asarray(-np.expm1(-((days / self.scale) ** self.shape)))


@dataclass(frozen=True, kw_only=True)
class Lengths:
    """How long courses last, by what ends them: intolerance comes early, inefficacy late.

    The two defaults have medians of 188 and 492 days. They were fitted to the cumulative incidence of unacceptable
    adverse effects and of inadequate seizure control after 6 months, 1, 2 and 3 years in 605 subjects of SANAD
    (carbamazepine or lamotrigine; the `epileptic` data of the R package joineR), among those who stopped within 3
    years, and to the median days of those who stopped, 187 and 492. Shortest lengths and the other two are conventions.

    Attributes:
        intolerance: Of courses that were not tolerated.
        inefficacy: Of courses that failed, fairly tested or not.
        lost: Days to loss from sight.
        too_early: Shortest and longest course of those stopped before they were a test.
    """

    intolerance: Length = field(default=Length(shape=0.557, scale=541, shortest=7, longest=1095))
    inefficacy: Length = field(default=Length(shape=1.06, scale=1274, shortest=60, longest=1095))
    lost: Length = field(default=Length(shape=1.0, scale=730, shortest=1, longest=1095))
    too_early: tuple[int, int] = (7, 27)

    def __post_init__(self) -> None:
        span("too_early", self.too_early, 1, inf)

    @property
    def longest(self) -> int:
        """The longest course of any kind that does not bring remission."""
        return max(self.intolerance.longest, self.inefficacy.longest, self.lost.longest, self.too_early[1])
