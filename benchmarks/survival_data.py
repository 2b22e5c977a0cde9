"""Times of two arms on whole days over two years, with two causes and five covariates."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl

COVARIATES = ("x1", "x2", "x3", "x4", "x5")
LONGEST, ARMS, CAUSES = 730, ("control", "drug"), ("inefficacy", "intolerance")


@dataclass(frozen=True, eq=False)
class Drawn:
    """The same times in the forms that the ways start from.

    Attributes:
        time: Days.
        event: 1 where the time ends with the event.
        cause: 0 where it is censored, else 1 or 2.
        arm: 0 or 1.
        x: Covariates by row and column.
    """

    time: np.ndarray
    event: np.ndarray
    cause: np.ndarray
    arm: np.ndarray
    x: np.ndarray
    _kept: dict = field(default_factory=dict)

    @cached_property
    def events(self) -> pl.DataFrame:
        """EVENTS of one cause, with covariates."""
        return self._events(pl.Series(["event"], dtype=pl.Enum(["event"])).gather(np.zeros(len(self.time), int)))

    @cached_property
    def competing(self) -> pl.DataFrame:
        """EVENTS of two causes."""
        return self._events(pl.Series(CAUSES, dtype=pl.Enum(CAUSES)).gather(np.maximum(self.cause, 1) - 1))

    def _events(self, cause):
        subject = pl.int_range(len(self.time), eager=True).cast(pl.String).str.zfill(7)
        arm = pl.Series(ARMS, dtype=pl.Enum(ARMS)).gather(self.arm)
        columns = {"subject_id": subject, "arm": arm, "entry": 0.0, "left": self.time, "seen": self.event == 1}
        frame = pl.DataFrame(columns | {"cause": cause} | dict(zip(COVARIATES, self.x.T, strict=True)))
        ended = [pl.when("seen").then("left").alias("right"), pl.when("seen").then("cause").alias("cause")]
        return frame.with_columns(ended).drop("seen")

    def prepared(self, way):
        """Return what a peer starts from."""
        if way not in self._kept:
            self._kept[way] = self._pandas() if way == "lifelines" else self
        return self._kept[way]

    def _pandas(self):
        import pandas as pd

        columns = {"time": self.time, "event": self.event, "cause": self.cause, "arm": self.arm}
        return pd.DataFrame(columns | dict(zip(COVARIATES, self.x.T, strict=True)))


def drawn(rows: int) -> Drawn:
    """Return times on whole days, about half of them censored."""
    rng = np.random.default_rng(1)
    arm, x = rng.integers(0, 2, rows), rng.normal(size=(rows, len(COVARIATES)))
    rate = np.exp(-0.3 * arm + x @ np.array([0.3, -0.2, 0.1, 0.0, 0.2])) / 500
    time, end = np.ceil(rng.exponential(1 / rate)), np.ceil(rng.uniform(0, LONGEST, rows)).clip(1)
    event = (time <= end).astype(np.int64)
    cause = event * (1 + (rng.random(rows) < 0.4))
    return Drawn(np.minimum(time, end), event, cause, arm, np.asfortranarray(x))
