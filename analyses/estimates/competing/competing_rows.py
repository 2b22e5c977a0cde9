"""EVENTS with covariates as the lines of a subdistribution hazard's regression."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analyses.estimates.competing.causes import require_cause
from analyses.estimates.competing.subdistribution_sample import CENSORED, COMPETING, OF_CAUSE, SubdistributionSample
from analyses.estimates.event_faults import check_columns, refuse_faults
from analyses.estimates.groups import require, text
from analyses.estimates.regression.design import Design, design, factor_levels, variables
from analyses.estimates.weighting import weighting
from cohort.errors import EstimationError, some

_KEYS = ("_time", "_kind")


@dataclass(frozen=True, eq=False)
class CompetingRows:
    """What is fitted.

    Attributes:
        sample: Lines sorted by all that the fit reads.
        design: What the columns stand for.
        clusters: The number of each line's cluster; None where rows are independent.
        counts: How many rows (`n`) and events of the cause (`events`) there are.
        notes: What was left out, and what a reader must know.
    """

    sample: SubdistributionSample
    design: Design
    clusters: NDArray[np.int64] | None
    counts: dict[str, object]
    notes: tuple[str, ...]


def competing_rows(
    data: pl.DataFrame,
    formula: str,
    cause: str,
    *,
    cluster: str | None,
    censoring_by: Sequence[str],
    frequency: str | None,
) -> CompetingRows:
    """Return the checked rows of EVENTS with covariates.

    Raises:
        EstimationError: Times, frequencies or the formula cannot be used; some enter late; subjects repeat and
            `cluster` is not given; the cause does not occur.
    """
    check_columns(data)
    refuse_faults(data)
    require_cause(data, cause)
    _refuse_late(data)
    used = variables(formula, data.columns)
    named = [*([cluster] if cluster else []), *censoring_by]
    require(data, named, "the columns to cluster and to stratify by")
    rows = _counted(data, frequency)
    if cluster is None:
        _refuse_repeats(rows)
    rows, notes = _complete(rows, list(dict.fromkeys([*used, *named])))
    factors = factor_levels(rows, used)
    lines = _lines(rows, cause, used, cluster, censoring_by, alike="(" not in formula)
    _refuse_few(lines, cause)
    designed = design(lines.select(used), formula, factors)
    sample = _sample(lines, designed)
    clusters = None if cluster is None else _numbers(lines["_cluster"])
    kinds = {kind: int(sample.count[sample.kind == kind].sum()) for kind in (CENSORED, OF_CAUSE, COMPETING)}
    notes.append(
        f"{kinds[OF_CAUSE]} events of {cause}, {kinds[COMPETING]} of competing causes, {kinds[CENSORED]} censored"
    )
    if clusters is not None:
        notes.append(f"{int(sample.count.sum())} rows lie in {int(clusters.max()) + 1} clusters of {cluster}")
    if frequency is not None:
        notes.append(f"{frequency} says how many rows each row stands for")
    counts: dict[str, object] = {"n": int(sample.count.sum()), "events": kinds[OF_CAUSE]}
    return CompetingRows(sample, designed, clusters, counts, tuple(notes))


def _refuse_late(data: pl.DataFrame) -> None:
    late = data.filter(pl.col("entry") > 0)
    if late.height:
        raise EstimationError(
            f"{late.height} of {data.height} rows enter late (subjects {some(late['subject_id'].unique().sort())}); "
            "the weights of a subdistribution hazard are for who is seen from day 0: use cause_specific, which allows "
            "late entry, or leave them out"
        )


def _refuse_repeats(rows: pl.DataFrame) -> None:
    repeated = rows.filter(pl.col("subject_id").is_duplicated())["subject_id"].unique().sort()
    if len(repeated):
        raise EstimationError(
            f"{len(repeated)} subjects have more than one row ({some(repeated)}); rows of one subject are not "
            "independent and plain standard errors are too small: pass cluster='subject_id', or keep one row each"
        )


def _counted(data: pl.DataFrame, frequency: str | None) -> pl.DataFrame:
    weights = weighting(data, frequency, None)
    size = pl.lit(1) if weights.frequency is None else pl.col(weights.frequency)
    return data.with_columns(size.cast(pl.Int64).alias("_count")).filter(pl.col("_count") > 0)


def _complete(rows: pl.DataFrame, needed: list[str]) -> tuple[pl.DataFrame, list[str]]:
    """Return the rows without a missing value, and a note on the others."""
    empty = {
        name: pl.col(name).is_null() | (pl.col(name).is_nan() if rows.schema[name].is_float() else False)
        for name in needed
    }
    kept = rows.filter(~pl.any_horizontal(empty.values()))
    total, left = int(rows["_count"].sum()), int(kept["_count"].sum())
    if left == total:
        return kept, []
    gaps = {name: int(rows.filter(found)["_count"].sum()) for name, found in empty.items()}
    lacking = ", ".join(f"{name} {gap}" for name, gap in gaps.items() if gap)
    if not left:
        raise EstimationError(f"each of {total} rows lacks a value ({lacking}); none is left to fit")
    return kept, [f"{total - left} of {total} rows were left out for missing values ({lacking})"]


def _lines(
    rows: pl.DataFrame, cause: str, used: list[str], cluster: str | None, censoring_by: Sequence[str], *, alike: bool
) -> pl.DataFrame:
    """Return rows that are alike in all that the fit reads as one line; each for itself where not `alike`."""
    own = (pl.col("cause").cast(pl.String) == cause).fill_null(False)
    kind = pl.when(own).then(OF_CAUSE).when(pl.col("right").is_not_null()).then(COMPETING).otherwise(CENSORED)
    stratum = pl.struct(censoring_by).rank("dense") - 1 if censoring_by else pl.lit(0)
    coded = rows.with_columns(
        _time=pl.col("left").cast(pl.Float64),
        _kind=kind.cast(pl.Int64),
        _stratum=stratum.cast(pl.Int64),
        _cluster=pl.lit("") if cluster is None else text(rows[cluster]),
    )
    keys = [*_KEYS, *used, "_stratum", "_cluster"]
    lines = coded.group_by(keys).agg(pl.col("_count").sum()).sort(keys)
    if alike:
        return lines
    each = np.repeat(np.arange(lines.height), lines["_count"].to_numpy())
    return lines[each].with_columns(_count=pl.lit(1, dtype=pl.Int64))


def _refuse_few(lines: pl.DataFrame, cause: str) -> None:
    if not (lines["_kind"] == OF_CAUSE).any():
        n = int(lines["_count"].sum())
        raise EstimationError(f"0 events of {cause!r} among {n} rows without a missing value; nothing can be fitted")


def _sample(lines: pl.DataFrame, designed: Design) -> SubdistributionSample:
    names = tuple(coefficient.name for coefficient in designed.coefficients)
    count = lines["_count"].cast(pl.Float64).to_numpy()
    time, kind, stratum = (lines[name].to_numpy() for name in ("_time", "_kind", "_stratum"))
    return SubdistributionSample(designed.matrix, names, time, kind, count, stratum)


def _numbers(values: pl.Series) -> NDArray[np.int64]:
    return values.rank("dense").cast(pl.Int64).to_numpy() - 1
