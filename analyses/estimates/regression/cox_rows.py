"""EVENTS with covariates, checked and narrowed to the rows that a Cox regression can use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analyses.estimates.event_faults import check_columns, has_faults, refuse_faults
from analyses.estimates.event_times import causes_note
from analyses.estimates.groups import Label, require, text
from analyses.estimates.weighting import Weighting, weighting
from cohort.errors import EstimationError, some

Floats = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class UsableRows:
    """Rows that lack nothing.

    Attributes:
        frame: The rows, in the caller's order.
        order: Which of the caller's rows they are.
        weights: Which column holds weights of which kind.
        strata: The strata's names; (None,) without strata.
        stratum: The number of each row's stratum; empty without strata.
        cluster: The column of what is independent; None where rows are.
        notes: What was left out.
    """

    frame: pl.DataFrame
    order: Places
    weights: Weighting
    strata: tuple[Label, ...]
    stratum: Places
    cluster: str | None
    notes: tuple[str, ...]

    def numbers(self, name: str | None) -> Floats:
        """Return a column as numbers; none without a column."""
        return np.zeros(0) if name is None else self.frame[name].cast(pl.Float64).to_numpy()

    @cached_property
    def event(self) -> NDArray[np.bool_]:
        """Which rows end with an event."""
        return self.frame["right"].is_not_null().to_numpy()

    @property
    def clusters(self) -> Places | None:
        """The number of each row's cluster, clusters in the order of their names."""
        if self.cluster is None:
            return None
        return self.frame.select(text(self.frame[self.cluster]).rank("dense") - 1).to_series().cast(pl.Int64).to_numpy()


def usable_rows(
    data: pl.DataFrame, used: Sequence[str], *, strata: Sequence[str], cluster: str | None, weights: Weighting
) -> UsableRows:
    """Return the rows of EVENTS that have all covariates `used`, their strata and their cluster.

    Raises:
        EstimationError: Times cannot be used; a column is missing; rows of a subject are not independent and nothing
            says so; no row is left.
    """
    check_columns(data)
    require(data, strata, "the columns of strata")
    if cluster is not None:
        require(data, [cluster], "the column to cluster by")
    if has_faults(data):
        refuse_faults(data)
    order = np.arange(data.height)
    if weights.frequency is not None:
        counted = (data[weights.frequency] > 0).to_numpy()
        data, order = data.filter(counted), order[counted]
    cluster = _cluster(data, cluster, weights)
    kept, order, notes = _complete(data, order, [*used, *strata, *([cluster] if cluster else [])])
    names, stratum = _strata(kept, strata)
    causes = kept["cause"].drop_nulls().unique().sort().to_list() if "cause" in kept.columns else []
    return UsableRows(kept, order, weights, names, stratum, cluster, (*notes, *causes_note(causes)))


def _cluster(data: pl.DataFrame, cluster: str | None, weights: Weighting) -> str | None:
    if cluster is not None:
        return cluster
    dependent = _dependent_subjects(data)
    if not len(dependent):
        return None
    if weights.case_weights is not None:
        return "subject_id"
    raise EstimationError(
        f"{len(dependent)} subjects have more than one row ({some(dependent)}) at a time or beyond an event; these are "
        "not independent and plain standard errors are too small: pass cluster='subject_id', or keep one row each"
    )


def _dependent_subjects(data: pl.DataFrame) -> pl.Series:
    """Return the subjects whose rows are more than one history: they overlap, or go on after an event."""
    subjects = data["subject_id"]
    if (subjects.shift(1) < subjects).all():
        return subjects.head(0)
    spans = data.select("subject_id", "entry", "left", event=pl.col("right").is_not_null())
    spans = spans.filter(pl.col("subject_id").is_duplicated()).sort("subject_id", "entry", "left")
    # Who is there from the start is at risk on day 0 too, so that a second row with entry 0 overlaps the first.
    overlaps = (pl.col("entry").shift(-1) < pl.col("left")) | (pl.col("entry").shift(-1) == 0)
    follows = pl.col("subject_id").shift(-1) == pl.col("subject_id")
    dependent = spans.filter(follows & (overlaps | pl.col("event")))
    return dependent["subject_id"].unique().sort()


def _complete(rows: pl.DataFrame, order: Places, names: Sequence[str]) -> tuple[pl.DataFrame, Places, tuple[str, ...]]:
    """Return the rows without missing values, which they are, and a note on the others."""
    gaps = {name: _empty(rows[name]) for name in dict.fromkeys(names)}
    lacking = {name: int(empty.sum()) for name, empty in gaps.items() if empty is not None}
    if not lacking:
        return rows, order, ()
    full = ~np.logical_or.reduce([empty.to_numpy() for empty in gaps.values() if empty is not None])
    left_out = int((~full).sum())
    if left_out == rows.height:
        raise EstimationError(f"each of {rows.height} rows lacks {some(lacking)}; none is left to fit")
    counted = ", ".join(f"{name} {count}" for name, count in lacking.items())
    note = f"{left_out} of {rows.height} rows were left out for missing values ({counted})"
    return rows.filter(full), order[full], (note,)


def _empty(values: pl.Series) -> pl.Series | None:
    """Return where a column is empty; None where it is nowhere."""
    if values.null_count():
        return values.is_null() | values.is_nan().fill_null(True) if values.dtype.is_float() else values.is_null()
    if values.dtype.is_float() and values.is_nan().any():
        return values.is_nan()
    return None


def _strata(rows: pl.DataFrame, names: Sequence[str]) -> tuple[tuple[Label, ...], Places]:
    if not names:
        return (None,), np.zeros(0, dtype=np.int64)
    keys = rows.select(names)
    found = keys.unique().sort(names)
    labels = tuple(", ".join(str(value) for value in row) for row in found.rows())
    numbered = keys.join(found.with_row_index("_stratum"), on=list(names), how="left", maintain_order="left")
    return labels, numbered["_stratum"].cast(pl.Int64).to_numpy()


def events_of(rows: UsableRows, factors: dict[str, list[str]]) -> tuple[int, int]:
    """Return how many rows and events there are, a row of frequency f being f, after asking that they can be fitted.

    Raises:
        EstimationError: There is no event, or none at some level of a factor.
    """
    frequency, event = rows.numbers(rows.weights.frequency), rows.event
    total = int(frequency.sum()) if len(frequency) else rows.frame.height
    events = int(frequency[event].sum()) if len(frequency) else int(event.sum())
    if not events:
        raise EstimationError(f"0 events among {total} rows; a hazard ratio needs events in every group")
    for name, found in factors.items():
        with_events = set(text(rows.frame[name].filter(event).unique()).to_list())
        silent = [level for level in found if level not in with_events]
        if silent:
            raise EstimationError(
                f"{name} has 0 events at {some(silent)}; its hazard ratio would be 0 or infinite: merge levels, "
                "leave it out, or report counts"
            )
    return total, events


def empty_levels(rows: pl.DataFrame, factors: dict[str, list[str]]) -> tuple[str, ...]:
    """Say which levels of an Enum have no rows."""
    declared = {name: dtype.categories.to_list() for name in factors if isinstance(dtype := rows.schema[name], pl.Enum)}
    empty = {name: [level for level in levels if level not in factors[name]] for name, levels in declared.items()}
    return tuple(
        f"{name} has no rows with {some(levels, 9)}; no coefficient is given"
        for name, levels in empty.items()
        if levels
    )


def weights_of(
    data: pl.DataFrame, frequency: str | None, case_weights: str | None, *, ties: str, cluster: str | None
) -> Weighting:
    """Return what weights mean, after asking that the treatment of ties knows them.

    Raises:
        EstimationError: The treatment of ties is none that is known; robust errors or case weights meet exact ties;
            weights cannot be used (see `weighting`).
    """
    if ties not in {"efron", "breslow", "exact"}:
        raise EstimationError(f"ties={ties!r} was asked for; known are 'efron', 'breslow' and 'exact'")
    if ties == "exact" and (cluster is not None or case_weights is not None):
        asked = f"cluster={cluster!r}" if cluster is not None else f"case_weights={case_weights!r}"
        raise EstimationError(
            f"ties='exact' has no residuals for the robust errors that {asked} needs; take ties='efron' or 'breslow'"
        )
    return weighting(data, frequency, case_weights)
