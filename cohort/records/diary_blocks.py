"""From rows of a diary to pieces: marks, which are the rows that say something, and what they stand for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from cohort.records.diary_pieces import FARTHEST, Pieces, Whole, key

_SUBJECT, _DAY, _COUNT = pl.col("subject"), pl.col("day"), pl.col("count")
# A row says nothing new if it follows the day before of the same subject without a seizure.
_SAYS = _DAY.ne_missing(_DAY.shift(1) + 1) | _SUBJECT.ne_missing(_SUBJECT.shift(1)) | _COUNT.ne_missing(0)


@dataclass(frozen=True, eq=False)
class Sorted:
    """What some marks hold.

    Attributes:
        pieces: The pieces of the subjects that are sound and in order.
        again: The other subjects, to be read again.
    """

    pieces: Pieces
    again: pl.Series


def marks(rows: pl.LazyFrame, height: int, until: int | None = None) -> pl.DataFrame:
    """Return the rows that say something: `subject, day, upto, count`.

    All rows from one mark to the next are consecutive days of its subject, up to the day `upto`; those behind the
    mark hold no seizure.

    Args:
        rows: `subject, day, count`.
        height: How many rows these are.
        until: The last day that counts.
    """
    found = rows.with_row_index("row").filter(_SAYS).collect(engine="streaming")
    following = pl.col("row").cast(pl.Int64).shift(-1).fill_null(height)
    day = _DAY.cast(pl.Int64)
    told = found.select("subject", day, upto=day + (following - pl.col("row") - 1), count="count")
    if until is None:
        return told
    return told.filter(_DAY.le(until).fill_null(True)).with_columns(pl.col("upto").clip(upper_bound=until))


def starts_of(subjects: pl.Series) -> npt.NDArray[np.intp]:
    """Return where another subject begins than in the row before."""
    if subjects.is_empty():
        return np.empty(0, dtype=np.intp)
    changes = subjects[1:].ne_missing(subjects[:-1]).to_numpy()
    return np.concatenate([[0], np.flatnonzero(changes) + 1])


def sort_out(told: pl.DataFrame, subjects: pl.DataFrame | None = None) -> Sorted:
    """Return the pieces of the subjects whose rows are sound and in order, and who the others are.

    Args:
        told: Marks of whole subjects.
        subjects: SUBJECTS, as far as their days of observation bind; None where nothing does.
    """
    starts = starts_of(told["subject"])
    if not starts.size:
        return Sorted(Pieces.none(), told["subject"])
    position = np.repeat(np.arange(starts.size), np.diff(starts, append=told.height))
    day, upto = (told[name].fill_null(FARTHEST).to_numpy() for name in ("day", "upto"))
    first = key(position, day)
    last = first + (upto - day)
    who = told["subject"].gather(starts)
    ends = np.append(starts[1:], told.height) - 1
    faults = _faults(told, first, last)
    faulty = np.zeros(starts.size, dtype=np.bool_) if faults is None else np.logical_or.reduceat(faults, starts)
    faulty |= _outside(who, day[starts], upto[ends], subjects)
    if not faulty.any():
        return Sorted(_pieces(who, upto[ends], first, last, told["count"]), who.clear())
    rest = sort_out(told.filter(pl.Series(~faulty[position])))
    return Sorted(rest.pieces, who.filter(pl.Series(faulty)))


def _faults(told: pl.DataFrame, first: Whole, last: Whole) -> npt.NDArray[np.bool_] | None:
    """Return which marks are unsound or do not come behind the one before; None where, as most often, none are."""
    in_order = first[1:] > last[:-1]
    if in_order.all() and told.select(_all_sound(told.schema["count"])).item():
        return None
    count = _COUNT.is_finite() & _COUNT.eq(_COUNT.floor()) if told.schema["count"].is_float() else pl.lit(True)
    sound = (count & (_COUNT >= 0)).fill_null(True) & _SUBJECT.is_not_null()
    near = ((_DAY > -FARTHEST) & (pl.col("upto") < FARTHEST)).fill_null(False)
    faults: npt.NDArray[np.bool_] = told.select(~(sound & near)).to_series().to_numpy().copy()
    faults[1:] |= ~in_order
    return faults


def _all_sound(count: pl.DataType) -> pl.Expr:
    """Return whether every mark is sound: by the extremes, which are found faster than the faults."""
    whole = (_COUNT.is_finite() & _COUNT.eq(_COUNT.floor())).all() if count.is_float() else pl.lit(True)
    present = ~_SUBJECT.has_nulls() & ~_DAY.has_nulls()
    near = (_DAY.min() > -FARTHEST) & (pl.col("upto").max() < FARTHEST)
    return present & near & whole & (_COUNT.min() >= 0).fill_null(True)


def _outside(who: pl.Series, from_day: Whole, to_day: Whole, subjects: pl.DataFrame | None) -> npt.NDArray[np.bool_]:
    """Return who is not in the subject table, or has a row outside the days of observation."""
    if subjects is None:
        return np.zeros(len(who), dtype=np.bool_)
    known = subjects.select("subject_id", "first_day", "last_day", known=pl.lit(True))
    seen = pl.DataFrame({"subject_id": who.cast(pl.String), "from_day": from_day, "to_day": to_day})
    joined = seen.join(known, on="subject_id", how="left", maintain_order="left")
    early, late = pl.col("from_day") < pl.col("first_day"), pl.col("to_day") > pl.col("last_day")
    return joined.select((pl.col("known").is_null() | early | late).fill_null(False)).to_series().to_numpy().copy()


def _pieces(who: pl.Series, last_row: Whole, first: Whole, last: Whole, count: pl.Series) -> Pieces:
    """Return the pieces; the day of a mark without a count is missing, the days behind it are not."""
    missing = count.is_null()
    seizures = count.fill_null(0).cast(pl.Int64).to_numpy()
    if missing.any():
        first = first + missing.to_numpy()
        held = last >= first
        first, last, seizures = first[held], last[held], seizures[held]
    return Pieces(who.cast(pl.String), last_row, first, last, seizures)
