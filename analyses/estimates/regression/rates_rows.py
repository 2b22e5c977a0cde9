"""Counts with their exposure and covariates, read from rows of counts or added up from EVENTS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analyses.estimates.event_times import causes_note
from analyses.estimates.groups import require, require_frame, text
from analyses.estimates.recurrent.histories import levels_of, ordered
from analyses.estimates.regression.coefficients import Coefficient
from analyses.estimates.regression.design import Design, design, factor_levels, variables
from analyses.estimates.regression.rates_likelihood import CountSample
from analyses.estimates.weighting import weighting
from cohort.errors import EstimationError, some

_MOST = 10_000_000


@dataclass(frozen=True, eq=False)
class CountRows:
    """Checked rows, sorted so that nothing depends on their order.

    Attributes:
        sample: Counts, exposures and columns.
        coefficients: What the columns after the first stand for.
        design: The formula's columns; None where it is "1".
        clusters: Number of each row's cluster; None without clusters.
        notes: What was left out, and what a reader must know.
    """

    sample: CountSample
    coefficients: tuple[Coefficient, ...]
    design: Design | None
    clusters: NDArray[np.int64] | None
    notes: tuple[str, ...]


def count_rows(
    data: pl.DataFrame,
    formula: str,
    *,
    count: str | None,
    exposure: str | None,
    cluster: str | None,
    frequency: str | None,
) -> CountRows:
    """Return one row a subject: from a frame of counts, or where `count` is None from EVENTS, added up.

    Raises:
        EstimationError: See `event_rates`.
    """
    if (count is None) != (exposure is None):
        raise EstimationError(
            f"count={count!r} and exposure={exposure!r} were given; name both columns, or neither to add up EVENTS"
        )
    require_frame(data, "the data")
    used = [] if str(formula).strip() == "1" else variables(formula, data.columns)
    kept = [name for name in dict.fromkeys([*used, cluster, frequency]) if name is not None]
    require(data, kept, "the columns that are read")
    if count is None or exposure is None:
        rows, notes = _added_up(data, kept)
    else:
        rows, notes = _counted(data, count, exposure, cluster), []
    rows, left_out = _complete(rows, [name for name in kept if name != frequency])
    rows = _weighed(rows, frequency)
    _refuse_no_exposure(rows)
    order = [*used, "_count", "_exposure", "_frequency", *([] if cluster is None else [cluster])]
    rows = rows.sort(list(dict.fromkeys(order)))
    factors = factor_levels(rows, used)
    _refuse_too_few_events(rows, factors)
    designed = design(rows.select(used), formula, factors) if used else None
    matrix = np.ones((rows.height, 1)) if designed is None else np.column_stack([np.ones(rows.height), designed.matrix])
    numbers = (rows[name].to_numpy() for name in ("_count", "_exposure", "_frequency"))
    clusters = None if cluster is None else text(rows[cluster]).rank("dense").cast(pl.Int64).to_numpy() - 1
    coefficients = () if designed is None else designed.coefficients
    return CountRows(CountSample(matrix, *numbers), coefficients, designed, clusters, (*notes, *left_out))


def _added_up(data: pl.DataFrame, kept: Sequence[str]) -> tuple[pl.DataFrame, list[str]]:
    rows = ordered(data)
    fixed = [name for name in kept if name != "subject_id"]
    uneven = rows.group_by("subject_id").agg(pl.col(name).n_unique() for name in fixed)
    changing = [name for name in fixed if (uneven[name] > 1).any()]
    if changing:
        who = uneven.filter(pl.any_horizontal(pl.col(name) > 1 for name in changing))["subject_id"].sort()
        raise EstimationError(
            f"{some(changing)} changes from row to row in {len(who)} subjects ({some(who)}); a rate is of the whole "
            "time of a subject: use `recurrent`, or give one row each with its `count` and `exposure`"
        )
    number = (rows["subject_id"] != rows["subject_id"].shift(1)).fill_null(value=False).cast(pl.Int64).cum_sum()
    # Sums in the order of the sorted rows are the same in every run.
    days = np.bincount(number.to_numpy(), (rows["_time"] - rows["_entry"]).to_numpy())
    events = np.bincount(number.to_numpy(), rows["_event"].cast(pl.Float64).to_numpy())
    first = rows.unique("subject_id", keep="first", maintain_order=True).select("subject_id", *fixed)
    counted = first.with_columns(_count=pl.Series(events.astype(np.int64)), _exposure=pl.Series(days))
    return counted, list(causes_note(levels_of(rows)))


def _counted(data: pl.DataFrame, count: str, exposure: str, cluster: str | None) -> pl.DataFrame:
    require(data, [count, exposure], "the columns of counts and exposures")
    for name in (count, exposure):
        if not data.schema[name].is_numeric():
            raise EstimationError(f"{name!r} is {data.schema[name]}, not numbers")
    if not data.height:
        raise EstimationError("there are 0 rows; at least one is needed")
    repeated = data.filter(pl.col("subject_id").is_duplicated()) if "subject_id" in data.columns else data.clear()
    if repeated.height and cluster is None:
        who = repeated["subject_id"].unique().sort()
        raise EstimationError(
            f"{len(who)} subjects have more than one row ({some(who)}); rows of one subject are not independent: pass "
            "cluster='subject_id', or add them up"
        )
    number = pl.col(count).cast(pl.Float64)
    bad = data.filter(~((number >= 0) & (number == number.floor()) & (number <= _MOST)).fill_null(value=False))
    if bad.height:
        raise EstimationError(
            f"{bad.height} of {data.height} counts in {count!r} are not whole numbers from 0 to {_MOST}: "
            f"{some(bad[count].to_list())}; mend these rows or leave them out"
        )
    return data.with_columns(_count=number.cast(pl.Int64), _exposure=pl.col(exposure).cast(pl.Float64))


def _complete(rows: pl.DataFrame, needed: Sequence[str]) -> tuple[pl.DataFrame, list[str]]:
    empty = {
        name: pl.col(name).is_null() | (pl.col(name).is_nan() if rows.schema[name].is_float() else False)
        for name in needed
    }
    kept = rows.filter(~pl.any_horizontal(empty.values())) if empty else rows
    gaps = {name: rows.filter(found).height for name, found in empty.items()}
    counted = ", ".join(f"{name} {gap}" for name, gap in gaps.items() if gap)
    if not kept.height:
        raise EstimationError(f"each of {rows.height} rows lacks a value ({counted}); none is left to fit")
    left_out = rows.height - kept.height
    return kept, [f"{left_out} of {rows.height} rows were left out for missing values ({counted})"] if left_out else []


def _weighed(rows: pl.DataFrame, frequency: str | None) -> pl.DataFrame:
    weights = weighting(rows, frequency, None)
    size = pl.lit(1.0) if weights.frequency is None else pl.col(weights.frequency).cast(pl.Float64)
    return rows.with_columns(_frequency=size).filter(pl.col("_frequency") > 0)


def _refuse_no_exposure(rows: pl.DataFrame) -> None:
    time = pl.col("_exposure")
    bad = rows.filter(~((time > 0) & time.is_finite()).fill_null(value=False))
    if bad.height:
        who = f" (subjects {some(bad['subject_id'].sort())})" if "subject_id" in rows.columns else ""
        raise EstimationError(
            f"{bad.height} of {rows.height} rows have no exposure, the time in which events are counted being 0, "
            f"negative or missing{who}; leave these rows out"
        )


def _refuse_too_few_events(rows: pl.DataFrame, factors: dict[str, list[str]]) -> None:
    if not rows["_count"].sum():
        raise EstimationError(f"0 events among {rows.height} rows; a rate ratio needs events in every group")
    for name, found in factors.items():
        with_events = set(text(rows.filter(pl.col("_count") > 0)[name]).to_list())
        silent = [level for level in found if level not in with_events]
        if silent:
            raise EstimationError(
                f"{name} has 0 events at {some(silent)}; its rate ratio would be 0 or infinite: merge levels, leave it "
                "out, or report counts"
            )
