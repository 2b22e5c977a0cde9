"""Times put into the periods between visits, and subjects at risk counted by period and pattern of covariates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analyses.estimates.event_faults import check_columns, refuse_faults
from analyses.estimates.regression.alike_rows import AlikeRows
from cohort.errors import EstimationError, some

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Cells:
    """Subjects at risk of the event in a period, one line a pattern of covariates (and cluster) and period.

    Attributes:
        period: Number of the period, from 0.
        matrix: Covariates, one column a coefficient.
        met: How many had the event in the period.
        tried: How many were at risk in the whole of it, or up to their event.
        cluster: The number of the cluster; None without clusters.
    """

    period: Integers
    matrix: Floats
    met: Floats
    tried: Floats
    cluster: Integers | None

    def of(self, kept: NDArray[np.bool_]) -> Cells:
        """Return some of the lines."""
        cluster = None if self.cluster is None else self.cluster[kept]
        return Cells(self.period[kept], self.matrix[kept], self.met[kept], self.tried[kept], cluster)


def period_ends(events: pl.DataFrame, periods: Sequence[float] | None) -> Floats:
    """Return the last days of the periods; without `periods` every day on which an event was dated or seen.

    Where times are interval-censored, the days after which these events came end a period too.

    Raises:
        EstimationError: Days are not ascending, finite and above 0, or there are no events to take them from.
    """
    if periods is not None:
        ends = _days(periods)
        if not len(ends) or not np.all(np.diff(ends, prepend=0.0) > 0) or not math.isfinite(ends[-1]):
            given = list(periods) if isinstance(periods, Sequence) else periods
            raise EstimationError(
                f"periods={given!r} were given; give the last day of each period, ascending and above 0, as in "
                "(7, 14, 28)"
            )
        return ends
    check_columns(events)
    refuse_faults(events, intervals=True)
    ended = events.filter(pl.col("right").is_not_null())
    days = pl.concat([ended["right"], ended.filter(pl.col("left") < pl.col("right"))["left"]]).cast(pl.Float64)
    found = np.unique(days.to_numpy())
    if not len(found[found > 0]):
        raise EstimationError(f"0 of {events.height} rows have the event after day 0; no period ends with one")
    return found[found > 0]


def _days(periods: Sequence[float]) -> Floats:
    """Return days as numbers; none where they are not numbers, or no list."""
    try:
        return np.asarray(list(periods), dtype=float)
    except (TypeError, ValueError):
        return np.empty(0)


def in_periods(timed: pl.DataFrame, ends: Floats) -> pl.DataFrame:
    """Return times as numbers of periods, from 0.

    `_entry` becomes the first period at risk in the whole of it, `_left` the number of periods without the event, and
    `_right` one more where the period after these has it, else infinite. A time after the last period is one without
    the event. Who has the event in the period in which it entered, or is censored in it, is at risk in no period.

    Raises:
        EstimationError: An event lies in one of several periods, as after a missed visit.
    """
    entry, left, right = (timed[name].to_numpy() for name in ("_entry", "_left", "_right"))
    ended = np.isfinite(right)
    first = np.searchsorted(np.append(0.0, ends[:-1]), entry, side="left")
    since, until = np.searchsorted(ends, left, side="right"), np.searchsorted(ends, right, side="left")
    exact = ended & (left == right)
    period = np.where(exact, until, since)
    _refuse_spans(timed, ended & (since < until) & ~exact, ends)
    survived = np.where(ended, period, since)
    here = ended & (period < len(ends))
    stop = np.where(here, period + 1.0, math.inf)
    return timed.with_columns(
        pl.Series("_entry", first.astype(float)),
        pl.Series("_left", survived.astype(float)),
        pl.Series("_right", stop),
    )


def _refuse_spans(timed: pl.DataFrame, spans: NDArray[np.bool_], ends: Floats) -> None:
    if not spans.any():
        return
    subjects = some(timed.filter(pl.Series(spans))["subject_id"].unique().sort())
    raise EstimationError(
        f"{int(spans.sum())} of {timed.height} events lie in one of several periods (subjects {subjects}), as after a "
        f"missed visit; the periods end on {some(f'{end:g}' for end in ends)}: give fewer and longer periods, or use "
        "interval_cox or accelerated_failure, which keep such events"
    )


def cells(rows: AlikeRows, size: int) -> Cells:
    """Return who is at risk in each of `size` periods, counted by pattern of covariates."""
    keys = [name for name in rows.frame.columns if name not in ("_entry", "_left", "_right", "_count")]
    pattern, first = _patterns(rows.frame, keys)
    start, stop = rows.times("_entry").astype(int), rows.times("_left").astype(int)
    event = np.isfinite(rows.times("_right")) & (stop >= start)
    tried = np.zeros((len(first), size + 1))
    met = np.zeros((len(first), size))
    inside = stop + event > start
    np.add.at(tried, (pattern[inside], start[inside]), rows.count[inside])
    np.add.at(tried, (pattern[inside], (stop + event)[inside]), -rows.count[inside])
    np.add.at(met, (pattern[event], stop[event]), rows.count[event])
    at_risk = np.cumsum(tried, axis=1)[:, :size]
    line, period = np.nonzero(at_risk)
    clusters = None if rows.clusters is None else rows.clusters[first][line]
    return Cells(period, rows.matrix[first][line], met[line, period], at_risk[line, period], clusters)


def _patterns(frame: pl.DataFrame, keys: Sequence[str]) -> tuple[Integers, Integers]:
    """Return the number of each line's pattern, and the first line that has it."""
    if not keys:
        return np.zeros(frame.height, dtype=np.int64), np.zeros(1, dtype=np.int64)
    lines = frame.select(keys).with_row_index("_line")
    found = lines.group_by(keys).agg(pl.col("_line").min()).sort(keys).with_row_index("_pattern")
    numbered = lines.join(found.drop("_line"), on=keys, how="left", maintain_order="left")
    return numbered["_pattern"].cast(pl.Int64).to_numpy(), found["_line"].cast(pl.Int64).to_numpy()
