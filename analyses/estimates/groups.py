"""Who is compared with whom: the levels of a grouping column, in the order in which they are reported."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from cohort.errors import EstimationError, some

Label = str | None


@dataclass(frozen=True)
class Grouped:
    """Rows with the number of their group.

    Attributes:
        frame: The rows that belong to a group, with the added column `_group` (0 for the first label).
        labels: The groups in reporting order; (None,) for everyone together.
        notes: What was left out.
    """

    frame: pl.DataFrame
    labels: tuple[Label, ...]
    notes: tuple[str, ...] = ()


def grouped(data: pl.DataFrame, by: str | None) -> Grouped:
    """Return `data` with the number of each row's group.

    Enum levels keep their order and all appear, even without rows; other levels are those found, sorted. Rows whose
    group is null belong to no group; a note counts them.

    Raises:
        EstimationError: `by` is not a column, or no row has a value in it.
    """
    if by is None:
        return Grouped(data.with_columns(_group=pl.lit(0, dtype=pl.Int64)), (None,))
    require(data, [by], "the column to group by")
    kept = data.filter(has_value(data, by))
    found = levels(kept[by])
    if not found:
        raise EstimationError(
            f"none of {data.height} rows has a value in {by!r}; pass by=None to take everyone together"
        )
    numbers = pl.Series(range(len(found)), dtype=pl.Int64)
    group = text(kept[by]).replace_strict(pl.Series(found, dtype=pl.String), numbers, return_dtype=pl.Int64)
    left_out = data.height - kept.height
    notes = (f"{left_out} of {data.height} rows have no value in {by} and belong to no group",) if left_out else ()
    return Grouped(kept.with_columns(group.alias("_group")), tuple(found), notes)


def levels(values: pl.Series) -> list[str]:
    """Return the levels of a column as text: an Enum's own order, else sorted; a null is no level.

    Raises:
        EstimationError: The column holds lists, structs or objects.

    >>> levels(pl.Series([10, 2, None]))
    ['2', '10']
    """
    if values.dtype.is_nested() or values.dtype == pl.Object:
        raise EstimationError(f"{values.name!r} holds {values.dtype}; levels are told by text, numbers or Booleans")
    if isinstance(values.dtype, pl.Enum):
        return list(values.dtype.categories)
    if isinstance(values.dtype, pl.Categorical):
        values = values.cast(pl.String)
    return text(values.drop_nulls().unique().sort()).to_list()


def text(values: pl.Series) -> pl.Series:
    """Return a column's values as they are printed (a Boolean as true and false)."""
    return values.cast(pl.String)


def require(data: pl.DataFrame, columns: Iterable[str], what: str) -> None:
    """Refuse what is no polars.DataFrame, or lacks columns.

    Raises:
        EstimationError: A column is missing, or the data are of another kind.
    """
    require_frame(data, what)
    absent = [name for name in columns if name not in data.columns]
    if absent:
        raise EstimationError(f"{what}: {some(absent, 9)} is not among the columns {some(data.columns, 12)}")


def require_frame(data: object, what: str) -> None:
    """Refuse data that are no polars.DataFrame, such as a LazyFrame or a pandas frame.

    Raises:
        EstimationError: The data are of another kind.
    """
    if isinstance(data, pl.DataFrame):
        return
    advice = (
        "call .collect() first" if isinstance(data, pl.LazyFrame) else "see polars.from_pandas and polars.DataFrame"
    )
    kind = f"{type(data).__module__.split('.')[0]}.{type(data).__qualname__}"
    raise EstimationError(f"{what}: a {kind} was given; expected a polars.DataFrame ({advice})")


def has_value(data: pl.DataFrame, name: str) -> pl.Expr:
    """Return where a column tells something: neither null nor, among fractions, not a number."""
    told = pl.col(name).is_not_null()
    return told & pl.col(name).is_not_nan() if data.schema[name].is_float() else told


def reference_level(labels: tuple[Label, ...], by: str | None, reference: str | None) -> Label:
    """Return the level with which the others are compared: the first, or the one asked for.

    Raises:
        EstimationError: There are not two groups, or `reference` is not one of them.
    """
    if by is None or len(labels) < 2:
        raise EstimationError(f"a comparison needs at least two groups; by={by!r} has {len(labels)}: {some(labels)}")
    if reference is None:
        return labels[0]
    if reference not in labels:
        raise EstimationError(f"reference={reference!r} is not a level of {by!r}; it has {some(labels, 9)}")
    return reference


def nothing_compared(base: Label, present: Iterable[Label], by: str | None) -> tuple[str, ...]:
    """Say that the level with which the others are compared has no rows."""
    held = tuple(present)
    if base in held:
        return ()
    return (
        f"{by} has no rows with {base!r}, with which the others are compared; pass one of {some(held)} as reference",
    )
