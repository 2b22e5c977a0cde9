"""What is certified: how data are drawn and analysed, and what must come out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import polars as pl

from analyses.estimates.result import Estimates, estimates_frame
from analyses.plan.replication.characteristics import COMPARED
from analyses.plan.replication.replicates import REPLICATES, failures, of_one
from analyses.plan.replication.tasks import OneByOne
from cohort.errors import EstimationError

LEVEL = 0.05


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What one number of an analysis must do in the long run.

    Attributes:
        labels: The row in which the analysis gives it, by columns of ESTIMATES; at least the statistic.
        true: The true value; None for a test, which has only a level.
        bias: The estimator's bias at this sample size where it is known exactly.
        ratio: Mean standard error over the spread of the estimates; None where no standard error is given.
        coverage: Coverage of the limits, 0.95 or what is exact for discrete data; None where no limits are given.
        level: The share of rejections where there is no effect; None where nothing is tested.
        allowed: How far bias, ratio, coverage and level may lie off beyond Monte Carlo error.
        why: Where the exact values come from, and the reason for what is allowed.
        must_fail: Which of bias, ratio, coverage and level must be found wrong, where the method is.
    """

    labels: Mapping[str, object]
    true: float | None
    bias: float = 0.0
    ratio: float | None = 1.0
    coverage: float | None = 1 - LEVEL
    level: float | None = None
    allowed: Mapping[str, float] = field(default_factory=dict)
    why: str = ""
    must_fail: tuple[str, ...] = ()

    def row(self) -> dict[str, object]:
        """Return the true value as a row of ESTIMATES."""
        return {"estimate": self.true, **self.labels}


@dataclass(frozen=True)
class Drawn:
    """Data drawn and analysed again and again; each replicate has its own stream of random numbers."""

    analyse: Callable[[np.random.Generator], Estimates]
    seed: int
    size: int = 100
    threads: ClassVar[bool] = False

    def rows(self, first, last):
        """Return REPLICATES `first` to `last` - 1."""
        return pl.concat([REPLICATES.to_frame(), *(self._row(replicate) for replicate in range(first, last))])

    def described(self):
        """Return nothing: what is certified is not kept."""
        return {}

    def _row(self, replicate):
        rng = np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(replicate,)))
        try:
            return of_one(replicate, self.analyse(rng))
        except EstimationError as error:
            return failures({replicate: str(error)})


@dataclass(frozen=True, kw_only=True)
class Design:
    """One way to draw data and one way to analyse them.

    Attributes:
        estimator: What is certified.
        design: How the data are drawn.
        task: Draws and analyses.
        wanted: What must come out.
        weight: How many times the usual number of replicates are made; cheap designs afford more.
    """

    estimator: str
    design: str
    task: Drawn | OneByOne
    wanted: tuple[Wanted, ...]
    weight: float = 1.0

    def rows(self, first, last):
        """Return the wanted rows of REPLICATES `first` to `last` - 1, and those of replicates that failed."""
        found = self.task.rows(first, last)
        named = found.join(self.truth(), on=list(COMPARED), how="semi", nulls_equal=True, maintain_order="left")
        return pl.concat([named, found.filter(pl.col("failure").is_not_null())])

    def truth(self):
        """Return the true values in the ESTIMATES shape."""
        return estimates_frame(wanted.row() for wanted in self.wanted)
