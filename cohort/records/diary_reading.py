"""One reading of a diary: subjects in order block by block, the others a second time, sorted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import ceil

import polars as pl

from cohort.records.diary_blocks import marks, sort_out, starts_of
from cohort.records.diary_pieces import Pieces
from cohort.records.diary_rows import judged, sound
from cohort.records.diary_scan import DiaryScan

Answer = Callable[[Pieces], list[pl.DataFrame]]
"""Given some subjects at a time, each once and wholly, returns frames with a column `subject_id`."""

REFUSALS = pl.Schema({"reason": pl.String(), "rows": pl.Int64()})
_SUBJECT = pl.col("subject")
_SCATTERED = 0.5  # of a block's subjects, those met before: with more, reading on in order is in vain


@dataclass(frozen=True, eq=False)
class Reading:
    """What reading a diary once found.

    Attributes:
        answers: The frames of `answer`, all subjects together.
        rows_read: How many rows there were.
        refused: `reason, rows`: how many of them were refused, and why.
        subjects_sorted: How many subjects were read a second time, their rows being unsound or out of order.
    """

    answers: list[pl.DataFrame]
    rows_read: int
    refused: pl.DataFrame
    subjects_sorted: int


def read_diary(
    scan: DiaryScan, answer: Answer, subjects: pl.DataFrame | None = None, until: int | None = None
) -> Reading:
    """Read a diary and return what `answer` says of its subjects.

    Args:
        scan: The diary.
        answer: What is asked.
        subjects: SUBJECTS; rows of others, and outside their days of observation, are refused. None is everyone in the
            diary.
        until: Rows after this day are left out.
    """
    asked = _Asked(scan, answer, subjects, until, scan.height)
    in_order, again, share = _in_order(asked)
    sorted_out, refused, many = _sorted(asked, again, ceil(share * asked.height / scan.block_rows))
    answers = [answer(Pieces.none()), *(_without(again, frames) for frames in in_order), *sorted_out]
    return Reading([pl.concat(frames) for frames in zip(*answers, strict=True)], asked.height, refused, many)


@dataclass(frozen=True, eq=False)
class _Asked:
    """What is read, and what is asked of it."""

    scan: DiaryScan
    answer: Answer
    subjects: pl.DataFrame | None
    until: int | None
    height: int


def _in_order(asked: _Asked) -> tuple[list[list[pl.DataFrame]], pl.Series | None, float]:
    """Return the answers for subjects in order, who is to be read again (None is everyone), and their share."""
    answers = []
    met = again = asked.scan.rows.select("subject").head(0).collect().to_series()
    for told in _whole_subjects(asked):
        who = told["subject"].gather(starts_of(told["subject"]))
        repeated = who.is_in(met.implode(), nulls_equal=True) | who.is_duplicated()
        if repeated.sum() > _SCATTERED * len(repeated):
            return [], None, 1.0
        block = sort_out(told, asked.subjects)
        met = pl.concat([met, who])
        again = pl.concat([again, block.again, who.filter(repeated)]).unique()
        answers.append(asked.answer(block.pieces))
    return answers, again, len(again) / max(1, len(met))


def _whole_subjects(asked: _Asked) -> Iterator[pl.DataFrame]:
    """Yield the marks of the diary, block by block, a subject never parted; the next block is read meanwhile."""
    rows, height, size = asked.scan.rows, asked.height, asked.scan.block_rows
    blocks = [(start, min(size, height - start)) for start in range(0, height, size)]
    left: list[pl.DataFrame] = []
    with ThreadPoolExecutor(1) as reader:
        coming = [reader.submit(marks, rows.slice(*block), block[1], asked.until) for block in blocks[:1]]
        for block in [*blocks[1:], None]:
            if not coming:
                break
            told = pl.concat([*left, coming.pop().result()], rechunk=True)
            if block is not None:
                coming.append(reader.submit(marks, rows.slice(*block), block[1], asked.until))
            last = starts_of(told["subject"])[-1] if coming and told.height else told.height
            if last:
                yield told[:last]
            left = [told[last:]]


def _sorted(asked: _Asked, again: pl.Series | None, parts: int) -> tuple[list[list[pl.DataFrame]], pl.DataFrame, int]:
    """Return the answers for subjects out of order, what was refused of their rows, and how many they are."""
    rows = asked.scan.rows
    if again is not None:
        rows = rows.filter(_SUBJECT.is_in(again.implode(), nulls_equal=True))
    if asked.until is not None:
        rows = rows.filter(pl.col("day").le(asked.until).fill_null(True))
    answers, refused, many = [], [pl.DataFrame(schema=REFUSALS)], 0
    for part in range(parts):
        found = judged(rows.filter(_SUBJECT.hash() % parts == part).collect(engine="streaming"), asked.subjects)
        refused.append(found.drop_nulls("reason").group_by("reason").agg(rows=pl.len().cast(pl.Int64)))
        block = sort_out(marks(sound(found).lazy(), found["reason"].null_count()))
        many += found["subject"].drop_nulls().n_unique()
        answers.append(asked.answer(block.pieces))
    total = pl.concat(refused).group_by("reason").agg(pl.col("rows").sum())
    return answers, total.sort("rows", "reason", descending=[True, False]), many


def _without(subjects: pl.Series | None, frames: list[pl.DataFrame]) -> list[pl.DataFrame]:
    """Return the frames without subjects that are read again: what stood in one place is not all of their rows."""
    if subjects is None or subjects.is_empty():
        return frames
    named = subjects.cast(pl.String).implode()
    return [frame.filter(~pl.col("subject_id").is_in(named)) for frame in frames]
