"""Treatments with a counted verdict, by the number of failures before them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import polars as pl

from analyses.estimates.successive.counts import counting_notes, patterns
from analyses.estimates.successive.frailty_course import Ints
from cohort.errors import EstimationError

Undetermined = Literal["excluded", "not met"]

_LEAVING = (
    "those who went on to a treatment are taken to be like those with as many failures who did not (leavers like "
    "stayers)"
)


@dataclass(frozen=True, eq=False)
class FailureCounts:
    """Treatments with a counted verdict, by the number of failures before them.

    Attributes:
        failures: Numbers of failures, rising.
        met: Treatments that succeeded.
        missed: Treatments that did not.
    """

    failures: Ints
    met: Ints
    missed: Ints

    @property
    def counted(self) -> Ints:
        """Treatments with a counted verdict."""
        return np.asarray(self.met + self.missed)


@dataclass(frozen=True, eq=False)
class FailureData:
    """Counts by the number of failures, and what a reader must know of them."""

    counts: FailureCounts
    notes: tuple[str, ...]


def by_failures(data: pl.DataFrame, undetermined: Undetermined) -> FailureData:
    """Return the counted treatments by the number of failures before them.

    Raises:
        EstimationError: `undetermined` is unknown, nothing is counted, or the data cannot be counted.
    """
    missing = missed(undetermined)
    found = patterns(data)
    lost = missing.sum().alias("missed")
    summed = found.group_by("failures").agg(pl.col("met").sum(), lost).sort("failures")
    summed = summed.filter(pl.col("met") + pl.col("missed") > 0)
    if summed.is_empty():
        raise EstimationError(f"0 of {found['tried'].sum()} treatments met the criterion or failed to; nothing counts")
    arrays = (summed[name].to_numpy().astype(np.int64) for name in ("failures", "met", "missed"))
    return FailureData(FailureCounts(*arrays), (*count_notes(found, undetermined), *counting_notes(data), _LEAVING))


def missed(undetermined: Undetermined) -> pl.Expr:
    """Return how many treatments of a pattern did not meet the criterion.

    Raises:
        EstimationError: `undetermined` is unknown.
    """
    if undetermined not in get_args(Undetermined):
        raise EstimationError(f"undetermined={undetermined!r} was given; it is 'excluded' or 'not met'")
    return pl.col("not_met") + (pl.col("undetermined") if undetermined == "not met" else 0)


def count_notes(found: pl.DataFrame, undetermined: str) -> Iterable[str]:
    """Return what became of treatments that are neither success nor failure, and what is not known of them."""
    tried, open_, stopped = (int(found[name].sum()) for name in ("tried", "undetermined", "intolerance"))
    if open_:
        how = "left out" if undetermined == "excluded" else "counted as not met"
        yield f"{open_} of {tried} treatments could not be decided and are {how}; none counts as an earlier failure"
    if stopped:
        yield f"{stopped} of {tried} treatments were stopped for intolerance: neither success nor failure, left out"
        if found.filter(pl.col("treatment_no") > 1)["previous"].is_null().any():
            yield (
                "the counts do not say which earlier treatments failed and which were not tolerated; every earlier "
                "treatment is taken as a failure"
            )
