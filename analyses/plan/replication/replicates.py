"""What replicates leave behind: the numbers of an analysis, study by study."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from analyses.estimates.result import Estimates
from cohort.errors import EstimationError
from cohort.schemas import ESTIMATES

LABELS = ("analysis", "population", "criterion", "term", "group", "reference", "at", "statistic")
NUMBERS = ("estimate", "std_error", "conf_low", "conf_high", "p_value")
REPLICATES = pl.Schema(
    {"replicate": pl.Int64()}
    | {name: ESTIMATES.schema[name] for name in (*LABELS, *NUMBERS)}
    | {"failure": pl.String()}
)
"""One row a number and replicate; a replicate without an estimate is one row with nothing but the reason."""


def of_one(replicate: int, found: Estimates | pl.DataFrame) -> pl.DataFrame:
    """Return what an analysis found in one study as rows of REPLICATES.

    Raises:
        EstimationError: It is neither Estimates nor a frame of that shape.
    """
    frame = found.frame if isinstance(found, Estimates) else found
    if not isinstance(frame, pl.DataFrame):
        raise EstimationError(
            f"the analysis returned a {type(found).__name__}; expected Estimates, or a frame in the ESTIMATES shape"
        )
    rows = ESTIMATES.conform(frame).select(
        pl.lit(replicate, dtype=pl.Int64).alias("replicate"),
        *LABELS,
        *NUMBERS,
        pl.lit(None, dtype=pl.String).alias("failure"),
    )
    repeated = rows.filter(pl.struct(LABELS).is_duplicated())
    if repeated.height:
        example = {name: value for name, value in repeated.select(LABELS).row(0, named=True).items() if value}
        raise EstimationError(
            f"the analysis returned {repeated.height} rows whose labels do not tell them apart, such as {example}; "
            "name them with Estimates.labelled(analysis), or return only the rows that are asked about"
        )
    return rows


def failures(reasons: Mapping[int, str]) -> pl.DataFrame:
    """Return the rows of replicates that have no estimate, by replicate and reason."""
    return pl.DataFrame(
        {"replicate": list(reasons), "failure": list(reasons.values())}
        | {name: [None] * len(reasons) for name in (*LABELS, *NUMBERS)},
        schema_overrides=REPLICATES,
    ).select(REPLICATES.names())
