"""Plain arrays that a hazard regression is fitted to."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Sample:
    """One row a time under observation, sorted so that equal data are equal bit by bit.

    Attributes:
        matrix: Covariates, one column a coefficient.
        names: The columns' names.
        entry: Day of coming under observation.
        time: Day of the event or of censoring.
        event: Whether the time ends with the event.
        stratum: Number of the row's stratum from 0; risk sets do not reach across strata. Empty: one stratum.
        frequency: How many equal rows each row stands for. Empty: 1.
        case_weight: How much of a subject each row counts for. Empty: 1.
    """

    matrix: Floats
    names: tuple[str, ...]
    entry: Floats
    time: Floats
    event: NDArray[np.bool_]
    stratum: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    frequency: Floats = field(default_factory=lambda: np.zeros(0))
    case_weight: Floats = field(default_factory=lambda: np.zeros(0))

    @property
    def since(self) -> Floats:
        """After which day each row is at risk; who is there from the start is at risk on day 0 too."""
        return np.where(self.entry > 0, self.entry, -1.0)

    def gathered(self, order: NDArray[np.int64]) -> Sample:
        """Return the rows in another order; columns lie one after another."""
        matrix = np.empty((len(order), self.matrix.shape[1]), order="F")
        for place, column in enumerate(self.matrix.T):
            matrix[:, place] = column[order]
        return Sample(
            matrix,
            self.names,
            self.entry[order],
            self.time[order],
            self.event[order],
            self.stratum[order] if len(self.stratum) else self.stratum,
            self.frequency[order] if len(self.frequency) else self.frequency,
            self.case_weight[order] if len(self.case_weight) else self.case_weight,
        )
