"""What a diary row must be, asked of every row: the slow way, for subjects whose rows are out of order or unsound."""

from __future__ import annotations

import polars as pl

from cohort.records.diary_pieces import FARTHEST
from cohort.records.rules import CONFLICT, EXACT_DUPLICATE

_ROW = ["subject", "day", "count"]


def judged(rows: pl.DataFrame, subjects: pl.DataFrame | None) -> pl.DataFrame:
    """Return the rows with `reason`: why a row is refused, null where it is sound. The sound rows are in order.

    A row is refused by the first rule that it breaks; copies and contradictions are looked for among what is left. Of
    exact copies the first is kept, of a contradiction none.

    Args:
        rows: `subject, day, count`, in any order.
        subjects: SUBJECTS; None is everyone.
    """
    alone = rows.with_columns(reason=_of_one_row(rows.schema["count"]))
    if subjects is not None:
        alone = alone.with_columns(reason=pl.coalesce("reason", _of_its_subject(alone, subjects)))
    left = alone.filter(pl.col("reason").is_null()).sort(_ROW)
    copy = pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).shift(1)) for name in _ROW)
    left = left.with_columns(copy=copy)
    copies = left.filter("copy").with_columns(reason=pl.lit(EXACT_DUPLICATE))
    once = left.filter(~pl.col("copy"))
    same = pl.col("subject").eq(pl.col("subject").shift(1)) & pl.col("day").eq(pl.col("day").shift(1))
    twin = (same | same.shift(-1)).fill_null(False)
    once = once.with_columns(reason=pl.when(twin).then(pl.lit(CONFLICT)))
    parts = (alone.filter(pl.col("reason").is_not_null()), copies, once)
    return pl.concat([part.select(*_ROW, "reason") for part in parts])


def sound(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the judged rows that are sound."""
    return rows.filter(pl.col("reason").is_null()).drop("reason")


def _of_one_row(count: pl.DataType) -> pl.Expr:
    day, seizures = pl.col("day"), pl.col("count")
    whole = seizures.is_finite() & (seizures == seizures.floor()) if count.is_float() else pl.lit(True)
    return (
        pl.when(pl.col("subject").is_null())
        .then(pl.lit("no subject"))
        .when(day.is_null())
        .then(pl.lit("no day"))
        .when(~day.is_between(-FARTHEST, FARTHEST, closed="none"))
        .then(pl.lit(f"day not between -{FARTHEST} and {FARTHEST}"))
        .when(~whole)
        .then(pl.lit("count is not a whole number"))
        .when(seizures < 0)
        .then(pl.lit("negative count"))
    )


def _of_its_subject(rows: pl.DataFrame, subjects: pl.DataFrame) -> pl.Series:
    named = rows.select("day", subject_id=pl.col("subject").cast(pl.String))
    known = subjects.select("subject_id", "first_day", "last_day", known=pl.lit(True))
    day = pl.col("day")
    return (
        named.join(known, on="subject_id", how="left", maintain_order="left")
        .select(
            pl.when(pl.col("known").is_null())
            .then(pl.lit("subject is not in the subject table"))
            .when((day < pl.col("first_day")) | (day > pl.col("last_day")))
            .then(pl.lit("outside the subject's days of observation"))
        )
        .to_series()
    )
