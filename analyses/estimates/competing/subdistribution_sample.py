"""Plain arrays that a regression on the subdistribution hazard is fitted to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analyses.estimates.tally import Floats

Places = NDArray[np.int64]
CENSORED, OF_CAUSE, COMPETING = 0, 1, 2


@dataclass(frozen=True, eq=False)
class SubdistributionSample:
    """One line a set of equal rows, sorted by time and then by all else, so that equal data are equal bit by bit.

    Attributes:
        matrix: Covariates, one column a coefficient.
        names: The columns' names.
        time: Day of the event or of censoring.
        kind: CENSORED, OF_CAUSE (an event of the cause) or COMPETING (one of another).
        count: How many equal rows the line stands for.
        stratum: Which censoring distribution the line belongs to, from 0.
    """

    matrix: Floats
    names: tuple[str, ...]
    time: Floats
    kind: Places
    count: Floats
    stratum: Places

    @cached_property
    def days(self) -> Floats:
        """The days with an event of the cause."""
        return np.unique(self.time[self.kind == OF_CAUSE])

    @cached_property
    def strata(self) -> int:
        """How many censoring distributions there are."""
        return int(self.stratum.max()) + 1

    @cached_property
    def deaths(self) -> Floats:
        """How many events of the cause fall on each of the days."""
        of_cause = self.kind == OF_CAUSE
        place = np.searchsorted(self.days, self.time[of_cause])
        return np.asarray(np.bincount(place, self.count[of_cause]), dtype=float)
