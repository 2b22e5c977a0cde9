"""What a weight means: so many rows like this one, or how much one row counts."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from analyses.estimates.groups import require, require_frame
from cohort.errors import EstimationError, some


@dataclass(frozen=True)
class Weighting:
    """Which column holds weights of which kind; both may be absent, and at most one is there.

    Attributes:
        frequency: The row stands for so many equal rows: every number is that of the expanded data.
        case_weights: The row counts for so much of one subject (inverse probability weights, as an example): estimates
            are weighted, errors are robust ones.
    """

    frequency: str | None = None
    case_weights: str | None = None

    @property
    def column(self) -> str | None:
        """The column that is weighted by."""
        return self.frequency or self.case_weights


def weighting(data: pl.DataFrame, frequency: str | None, case_weights: str | None) -> Weighting:
    """Return what the weights of the data mean, after checking them.

    Raises:
        EstimationError: Both kinds are asked for; the column is missing or no number; a frequency is not a whole number
            from 0 up, or a case weight is not finite and above 0; all frequencies are 0.
    """
    require_frame(data, "the data")
    if frequency is not None and case_weights is not None:
        raise EstimationError(
            f"frequency={frequency!r} and case_weights={case_weights!r} were both given; a row stands for many (one) "
            "or counts for more (the other): name one"
        )
    chosen = Weighting(frequency, case_weights)
    if chosen.column is None:
        return chosen
    require(data, [chosen.column], "the column of weights")
    if not data.schema[chosen.column].is_numeric():
        raise EstimationError(f"the weights {chosen.column!r} are {data.schema[chosen.column]}, not numbers")
    _refuse_unusable(data, chosen)
    return chosen


def _refuse_unusable(data: pl.DataFrame, chosen: Weighting) -> None:
    value = pl.col(str(chosen.column)).cast(pl.Float64)
    if chosen.frequency is not None:
        good, rule = (value >= 0) & (value == value.floor()) & value.is_finite(), "whole numbers from 0 up"
    else:
        good, rule = (value > 0) & value.is_finite(), "finite and above 0"
    bad = data.filter(~good.fill_null(False))
    if bad.height:
        raise EstimationError(
            f"{bad.height} of {data.height} weights in {chosen.column!r} are not {rule}: "
            f"{some(bad[str(chosen.column)].to_list())}"
        )
    if chosen.frequency is not None and not data.select(value.sum()).item():
        raise EstimationError(f"all frequencies in {chosen.column!r} are 0; nobody is left")
