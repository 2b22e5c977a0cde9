"""A daily diary of whole subjects, told shortly: what was recorded, without a row for each quiet day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

Whole = npt.NDArray[np.int64]

_SUBJECT_BITS = 32
_ZERO = 2**31  # a day's place within its subject's keys; days lie within FARTHEST of day 0, so keys never touch
FARTHEST = 2**30


@dataclass(frozen=True, eq=False)
class Pieces:
    """The recorded days of some subjects, each subject wholly, as pieces in the order of their days.

    A piece is a run of recorded days one after another; only its first day may hold seizures. Days that no piece covers
    are missing. A day is found by its key, which rises over the days of a subject and from one subject to the next, so
    that a period of every subject is found by one search.

    Attributes:
        subjects: The subjects.
        last_row: The last day with a row of each subject, even one recorded as missing.
        first: The key of each piece's first day.
        last: The key of each piece's last day.
        count: The seizures on each piece's first day.
    """

    subjects: pl.Series
    last_row: Whole
    first: Whole
    last: Whole
    count: Whole

    @classmethod
    def none(cls) -> Pieces:
        """Return the pieces of nobody."""
        nothing = np.empty(0, dtype=np.int64)
        return cls(pl.Series(dtype=pl.String), nothing, nothing, nothing, nothing)

    def seizure_days(self) -> Whole:
        """Return the keys of the days with seizures."""
        return self.first[self.count > 0]

    def touching(self, from_key: Whole, to_key: Whole) -> tuple[Whole, Whole]:
        """Return which pieces have a day in each period: the first of them, and the one behind the last."""
        start = np.searchsorted(self.last, from_key)
        return start, np.maximum(start, np.searchsorted(self.first, to_key, side="right"))

    def records_of(self, subject: Whole, names: pl.Series) -> pl.DataFrame:
        """Return the pieces of some subjects as the columns of `cohort.records.derive.diary`.

        Args:
            subject: Which subjects, each once, as places in `subjects`.
            names: What they are called in the result.
        """
        start, stop = self.touching(key(subject, np.int64(-FARTHEST)), key(subject, np.int64(FARTHEST)))
        chosen = np.repeat(start - np.cumsum(stop - start) + (stop - start), stop - start) + np.arange(
            (stop - start).sum()
        )
        rows = pl.DataFrame(
            {
                "subject_id": names.gather(np.repeat(np.arange(subject.size), stop - start)),
                "day": day_of(self.first[chosen]),
                "days": self.last[chosen] - self.first[chosen] + 1,
                "known": self.count[chosen],
            }
        )
        held = pl.col("known") > 0
        seizures = rows.filter(held).with_columns(days=pl.lit(1, dtype=pl.Int64))
        day, days = pl.col("day") + held, pl.col("days") - held
        quiet = rows.with_columns(day, days, known=pl.lit(0, dtype=pl.Int64)).filter(pl.col("days") > 0)
        both = pl.concat([seizures, quiet]).with_columns(count="known")
        return both.select("subject_id", "day", "days", "count", "known").sort("subject_id", "day")


def key(subject: Whole, day: Whole | np.int64) -> Whole:
    """Return the keys of days of subjects."""
    placed: Whole = (subject << _SUBJECT_BITS) + (np.clip(day, -FARTHEST, FARTHEST) + _ZERO)
    return placed


def day_of(keys: Whole) -> Whole:
    """Return the days of keys."""
    days: Whole = (keys & (2**_SUBJECT_BITS - 1)) - _ZERO
    return days


def summed(values: Whole, start: Whole, stop: Whole) -> Whole:
    """Return the sum of `values[start:stop]` for each pair; 0 where it is empty."""
    return _reduced(np.add, values, start, stop, 0)


def largest(values: Whole, start: Whole, stop: Whole) -> Whole:
    """Return the largest of `values[start:stop]` for each pair; -1 where it is empty."""
    return _reduced(np.maximum, values, start, stop, -1)


def _reduced(reduce: np.ufunc, values: Whole, start: Whole, stop: Whole, empty: int) -> Whole:
    """Reduce slices; `reduceat` takes an empty slice for its first element and none that begins behind the end."""
    held = stop > start
    result = np.full(start.size, empty, dtype=np.int64)
    if held.any():
        bounds = np.column_stack([start[held], stop[held]]).ravel()
        if bounds.max() == values.size:
            values, bounds = _to_the_end(values, bounds)
        result[held] = reduce.reduceat(values, bounds)[::2]
    return result


def _to_the_end(values: Whole, bounds: Whole) -> tuple[Whole, Whole]:
    """Return both so that no bound lies behind the last value: a last slice may go without its end."""
    if np.argmax(bounds) == bounds.size - 1:
        return values, bounds[:-1]
    return np.append(values, values[-1]), bounds
