"""Daily diaries in Parquet that are too big to hold: read block by block, each subject wholly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from cohort.errors import RecordError, some
from cohort.records.diary_rows import judged, sound


@dataclass(frozen=True, kw_only=True, eq=False)
class DiaryScan:
    """A daily seizure diary in Parquet: one row a subject and day.

    It is no table of `Study`: a study's tables are sound frames, held in memory and checked against each other when it
    is made; a diary that is too big to hold is checked while it is read. `cohort.classify_diary` takes both, the study
    for its subjects and treatments.

    Rows may come in any order. Where each subject's rows stand together and in the order of their days, the diary is
    read once, in blocks; memory depends on the size of a block, not on the number of rows. Other subjects are read a
    second time and sorted: slower, with the same answer. A row must be what `cohort.read` asks of a row of SEIZURES: of
    exact copies one is kept, of rows that contradict each other none, and what is refused is counted.

    Missing: a null count was recorded as missing, a day without a row is missing; neither is ever zero.

    Attributes:
        source: A Parquet file, a folder of them, or a pattern such as "diary/*.parquet".
        subject_id: The column of the subject: whole numbers or text.
        day: The column of the day: whole numbers from the study's index, which is day 0.
        count: The column of the seizures of that day.
        block_rows: How many rows are read at a time: memory grows with it; far below a million, time does as well.

    Raises:
        RecordError: There is no such file, it is no Parquet, a column is absent or of a type that cannot be meant, or
            there is a column `days` or `type`: totals over several days, or several rows a day, are for `cohort.read`.
    """

    source: str | Path
    subject_id: str = "subject_id"
    day: str = "day"
    count: str = "count"
    block_rows: int = 4_000_000
    _rows: pl.LazyFrame = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not isinstance(self.block_rows, int) or self.block_rows < 1:
            raise RecordError(f"block_rows is a whole number from 1 up, not {self.block_rows!r}")
        if not isinstance(self.source, str | Path):
            raise RecordError(f"source is the path of a Parquet file, not a {type(self.source).__name__}")
        strange = [name for name in (self.subject_id, self.day, self.count) if not isinstance(name, str)]
        if strange:
            raise RecordError(f"columns are named by texts, not by {some(strange)}")
        names = {"subject": self.subject_id, "day": self.day, "count": self.count}
        object.__setattr__(self, "_rows", opened(self.source, names))

    @property
    def rows(self) -> pl.LazyFrame:
        """The rows, not read yet: `subject, day, count`."""
        return self._rows

    @property
    def height(self) -> int:
        """How many rows there are."""
        return int(self._rows.select(pl.len()).collect().item())

    def seizures(self, *subject_ids: str) -> pl.DataFrame:
        """Return the sound rows of some subjects, or of all, as SEIZURES: to make a `Study` of them and explain it."""
        named = pl.col("subject").cast(pl.String)
        wanted = named.is_in(list(subject_ids)) if subject_ids else pl.lit(True)
        rows = sound(judged(self._rows.filter(wanted).collect(engine="streaming"), None))
        return rows.select(
            subject_id=named,
            day=pl.col("day").cast(pl.Int64),
            days=pl.lit(1, dtype=pl.Int64),
            count=pl.col("count").cast(pl.Int64),
            type=pl.lit(None, dtype=pl.String),
        )

    def encoded(self, file: str | Path) -> DiaryScan:
        """Write the diary to a new Parquet file whose subjects are encoded as a dictionary, and return its scan.

        Text is compared letter by letter; encoded once, it is as fast as whole numbers in every later reading. Row for
        row it is the same diary: nothing is sorted or refused here.

        Raises:
            RecordError: The file exists.
        """
        if Path(file).exists():
            raise RecordError(f"{Path(file).name} exists already; name a new file")
        named = pl.col("subject").cast(pl.String).cast(pl.Categorical)
        columns = named.alias(self.subject_id), pl.col("day").alias(self.day), pl.col("count").alias(self.count)
        self._rows.select(columns).sink_parquet(file, row_group_size=_GROUP)
        return replace(self, source=file)


def opened(source: str | Path, names: dict[str, str]) -> pl.LazyFrame:
    """Return `subject, day, count` of Parquet.

    Raises:
        RecordError: It cannot be read, or a column is absent, of a wrong type, or says that rows are no diary days.
    """
    try:
        frame = pl.scan_parquet(source, missing_columns="raise")
        schema = frame.collect_schema()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise RecordError(f"{source} cannot be read as Parquet: {error}") from error
    absent = [name for name in names.values() if name not in schema]
    if absent:
        raise RecordError(f"{source}: {len(absent)} columns are missing: {some(absent)}; it has {some(schema, 9)}")
    for name, why in _NO_DIARY.items():
        if name in schema and name not in names.values():
            raise RecordError(
                f"{source} has a column {name!r}: {why}. Read it with `cohort.read`, or add it up to one "
                "row a subject and day"
            )
    for name, column in names.items():
        if not _TYPES[name](schema[column]):
            raise RecordError(f"{source}: {column!r} is {schema[column]}; {_MEANT[name]}")
    return frame.select(**{name: pl.col(column) for name, column in names.items()})


def _is_name(dtype: pl.DataType) -> bool:
    return dtype.is_integer() or isinstance(dtype, pl.String | pl.Categorical | pl.Enum)


_GROUP = 1_000_000
_NO_DIARY = {"days": "its rows may be totals over several days", "type": "a day may have several rows"}
_TYPES: dict[str, Callable[[pl.DataType], bool]] = {
    "subject": _is_name,
    "day": lambda dtype: dtype.is_integer(),
    "count": lambda dtype: dtype.is_integer() or dtype.is_float(),
}
_MEANT = {
    "subject": "a subject is whole numbers or text",
    "day": "a day is a whole number counted from the study's index, which is day 0",
    "count": "a count is a number",
}
