"""What of the true seizures is written down."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from synthetic_data.diary.counts import Ints, draw_counts
from synthetic_data.diary.habits import Floats, Habits, habits_taken
from synthetic_data.diary.truth import Diary

Left = Callable[[slice], Floats]


def draw_diary(
    diary: Diary, habits: Habits, days: Ints, left: Left, rng: np.random.Generator, *, block: int = 1000
) -> pl.DataFrame:
    """Draw the diaries of all subjects.

    Args:
        diary: What is true of diaries.
        habits: The subjects'.
        days: Consecutive days.
        left: From a slice of subjects to what treatments leave of the untreated rate, by subject and day (1 untreated,
            0 no seizures); NaN on days on which the subject is not under observation. Nothing is written there; the
            seizures of those days, which nobody sees, come at the untreated rate.
        rng: Where randomness comes from.
        block: Subjects whose days are held in memory at once.

    Returns:
        `who` (the subject's position), `day`, `count` (null on days recorded as missing), sorted: every observed day
        where the form is "daily", else the days with seizures and the missing ones.
    """
    parts = [
        _block(diary, habits, days, left, rng, block=slice(at, at + block))
        for at in range(0, habits.rate28.size, block)
    ]
    return pl.concat(parts)


def written_counts(diary: Diary, counts: Ints, rng: np.random.Generator) -> Ints:
    """Return what is written down of true counts: each seizure is forgotten with the chance `under_reporting`."""
    if diary.under_reporting == 0:
        return counts
    kept, some = counts.copy(), counts > 0
    kept[some] = rng.binomial(counts[some], 1 - diary.under_reporting)
    return kept


def missing_days(diary: Diary, counts: Ints, rng: np.random.Generator, *, beyond: int = 0) -> NDArray[np.bool_]:
    """Return which days are recorded as missing, by subject and day.

    Single days, whatever happened on them; and, on the days after one with `gap_seizures` true seizures or more, gaps.
    `beyond` adds that many days behind the last, on which only gaps that began before can run.
    """
    missing = _gaps(diary, counts, beyond, rng)
    missing[:, : counts.shape[1]] |= rng.random(counts.shape, dtype=np.float32) < diary.missing
    return missing


def diary_frame(
    diary: Diary, days: Ints, written: Ints, missing: NDArray[np.bool_], observed: NDArray[np.bool_], *, first: int = 0
) -> pl.DataFrame:
    """Return the diary of a block of subjects as `who, day, count`; see `draw_diary`.

    Args:
        diary: What is true of diaries.
        days: Consecutive days.
        written: Seizures written down, by subject and day.
        missing: Whether the day was recorded as missing.
        observed: Whether the subject was under observation.
        first: The position of the block's first subject.
    """
    shown = observed if diary.form == "daily" else observed & ((written > 0) | missing)
    who, when = np.nonzero(shown)
    return pl.DataFrame({"who": who + first, "day": days[when], "count": written[shown]}).with_columns(
        count=pl.when(~pl.Series(missing[shown])).then("count")
    )


def _gaps(diary: Diary, counts: Ints, beyond: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    subjects, days = counts.shape[0], counts.shape[1] + beyond
    if diary.gap_chance == 0:
        return np.zeros((subjects, days), dtype=np.bool_)
    who, when = np.nonzero(counts >= diary.gap_seizures)
    follows = rng.random(who.size) < diary.gap_chance
    who, when = who[follows], when[follows]
    length = rng.integers(*diary.gap_days, size=who.size, endpoint=True)
    edges = np.zeros((subjects, days + 1), dtype=np.int64)
    np.add.at(edges, (who, when + 1), 1)
    np.add.at(edges, (who, np.minimum(when + 1 + length, days)), -1)
    gaps: NDArray[np.bool_] = np.cumsum(edges, axis=1)[:, :days] > 0
    return gaps


def _block(
    diary: Diary, habits: Habits, days: Ints, left: Left, rng: np.random.Generator, *, block: slice
) -> pl.DataFrame:
    rest = left(block)
    observed = ~np.isnan(rest)
    counts = draw_counts(diary, habits_taken(habits, block), days, np.where(observed, rest, 1.0), rng)
    missing = missing_days(diary, counts, rng)
    return diary_frame(diary, days, written_counts(diary, counts, rng), missing, observed, first=block.start)
