"""Which causes there are, and whether the one that is asked for is among them."""

from __future__ import annotations

import polars as pl

from analyses.estimates.groups import levels, require
from cohort.errors import EstimationError, some


def causes_of(data: pl.DataFrame) -> list[str]:
    """Return the causes that occur in EVENTS, in the column's own order (an Enum's), else sorted.

    Raises:
        EstimationError: There is no column of causes, or no event.
    """
    require(data, ["cause"], "the causes of events")
    found = set(data["cause"].drop_nulls().cast(pl.String).to_list())
    if not found:
        raise EstimationError(f"0 events among {data.height} rows; no cause occurs")
    return [cause for cause in levels(data["cause"]) if cause in found]


def require_cause(data: pl.DataFrame, cause: str) -> None:
    """Refuse a cause that does not occur.

    Raises:
        EstimationError: It is none of those that do.
    """
    found = causes_of(data)
    if cause not in found:
        raise EstimationError(f"cause={cause!r} does not occur; the causes are {some(found, 9)}")
