"""The true values behind a truth, as rows of the ESTIMATES frame."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

import polars as pl

from cohort.schemas import ESTIMATES

Row = Mapping[str, object]


class Truth(Protocol):
    """Frozen parameters that know their true values."""

    def estimates(self) -> pl.DataFrame:
        """Return the true values in the ESTIMATES shape."""


def true_values(rows: Iterable[Row]) -> pl.DataFrame:
    """Return true values as an ESTIMATES frame: `analysis` is "truth", `population` "all" unless a row says otherwise.

    A row with a `std_error` comes from a long simulated run; one without is exact.
    """
    named = [{"analysis": "truth", "population": "all", **row} for row in rows]
    return ESTIMATES.conform(pl.DataFrame(named, schema=ESTIMATES.schema))
