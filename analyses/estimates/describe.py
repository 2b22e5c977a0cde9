"""What a group looks like: means and quantiles of numbers, counts and shares of words."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analyses.estimates.groups import Grouped, Label, grouped, levels, require, text
from analyses.estimates.result import Estimates, estimates_frame
from cohort.errors import EstimationError, some

Row = dict[str, object]
WORDS = (pl.String, pl.Enum, pl.Categorical, pl.Boolean)
QUARTILES = {"q1": 0.25, "median": 0.5, "q3": 0.75}


@dataclass(frozen=True)
class _Cell:
    """The values of one column in one group at one level of `within`."""

    criterion: str
    level: str | None
    group: Label
    values: pl.Series


def describe(
    data: pl.DataFrame,
    columns: Sequence[str],
    *,
    by: str | None = "arm",
    within: str | None = None,
    quantile_type: int = 7,
) -> Estimates:
    """Return summaries of columns, by group.

    For a column of numbers: "n" (values that are there), "missing", "mean" (with its standard error), "sd" (n - 1),
    "q1", "median", "q3", "min", "max" and "sum"; `criterion` is the column, `term` the level of `within`. For words
    and Booleans: "count" and "share" per level (`term` is the level, or "within level: level"; `n` the values that
    are there, `events` the count) and "missing". Null and NaN are missing; only rows that exist can be counted as
    missing. `n` of a "missing" row is all rows. What does not exist (the mean of nothing, the sd of one value) is
    null.

    Args:
        data: One row a unit (or a unit and visit), with the columns.
        columns: What to describe, in the order of the report.
        by: The grouping column; None for everyone together.
        within: A second grouping, such as the visit; rows without a level are left out, with a note.
        quantile_type: 7 (R's default), or 2 (SAS's PCTLDEF=5), which gives "n", "q1 (type 2)", "median (type 2)" and
            "q3 (type 2)" of number columns alone.

    Raises:
        EstimationError: A column is missing, is neither numbers nor words, or holds infinite values; or the type is
            unknown.

    Sources: Hyndman RJ, Fan Y. Am Stat 1996;50:361-5 (quantile types).

    >>> data = pl.DataFrame({"arm": "drug", "score": [7, 9, 20]})
    >>> describe(data, ["score"]).value("median")
    9.0
    """
    if isinstance(columns, str):
        raise EstimationError(f"columns is a list of names, as in [{columns!r}]")
    if quantile_type not in (2, 7):
        raise EstimationError(f"quantile_type={quantile_type} was given; it is 7 (R's default) or 2 (SAS's PCTLDEF=5)")
    require(data, [*columns, *([within] if within else [])], "data to describe")
    groups, notes = _placed(data, by, within)
    rows: list[Row] = []
    for column in columns:
        rows += _column_rows(groups, column, within, quantile_type)
    kind = "R's default" if quantile_type == 7 else "SAS's PCTLDEF=5"
    numeric = any(data.schema[column].is_numeric() for column in columns)
    method = f"Summaries by group; quantiles of type {quantile_type} ({kind})" if numeric else "Counts by group"
    return Estimates(estimates_frame(rows), method, notes)


def quantile(values: NDArray[np.float64], p: float, quantile_type: int) -> float:
    """Return a quantile of sorted values, by Hyndman and Fan's type 7 or 2.

    >>> quantile(np.array([1.0, 2.0, 3.0, 4.0]), 0.25, 7), quantile(np.array([1.0, 2.0, 3.0, 4.0]), 0.25, 2)
    (1.75, 1.5)
    """
    n = len(values)
    if quantile_type == 7:
        place = (n - 1) * p
        below = math.floor(place)
        above = min(below + 1, n - 1)
        return float(values[below] + (place - below) * (values[above] - values[below]))
    place = n * p
    whole = math.floor(place)
    if place > whole:
        return float(values[whole])
    return float((values[max(whole - 1, 0)] + values[min(whole, n - 1)]) / 2)


def _placed(data: pl.DataFrame, by: str | None, within: str | None) -> tuple[Grouped, tuple[str, ...]]:
    groups = grouped(data, by)
    if within is None:
        return groups, groups.notes
    kept = groups.frame.filter(pl.col(within).is_not_null())
    left_out = groups.frame.height - kept.height
    note = (f"{left_out} of {groups.frame.height} rows have no value in {within} and are left out",) if left_out else ()
    return Grouped(kept, groups.labels), (*groups.notes, *note)


def _column_rows(groups: Grouped, column: str, within: str | None, quantile_type: int) -> list[Row]:
    values = groups.frame[column]
    describe_cell: Callable[[_Cell], list[Row]]
    if values.dtype in WORDS:
        if quantile_type == 2:
            raise EstimationError(f"{column!r} holds words; ask for quantiles of type 2 of columns of numbers alone")
        describe_cell = partial(_words, found=levels(values) if values.dtype != pl.Boolean else ["false", "true"])
    elif values.dtype.is_numeric():
        _refuse_infinite(values, column)
        describe_cell = _numbers if quantile_type == 7 else _quartiles_of_type_2
    else:
        raise EstimationError(f"{column!r} has the type {values.dtype}; numbers, words and Booleans can be described")
    return [row for cell in _cells(groups, column, within) for row in describe_cell(cell)]


def _cells(groups: Grouped, column: str, within: str | None) -> Iterator[_Cell]:
    placed = groups.frame
    steps = levels(placed[within]) if within else [None]
    for step in steps:
        here = placed.filter(text(placed[within]) == step) if within else placed
        for number, label in enumerate(groups.labels):
            yield _Cell(column, step, label, here.filter(_group=number)[column])


def _numbers(cell: _Cell) -> list[Row]:
    values = _sorted(cell.values)
    n = len(values)
    named: Row = {"criterion": cell.criterion, "term": cell.level, "group": cell.group, "n": n}
    rows = [
        named | {"statistic": "n", "estimate": n},
        named | {"statistic": "missing", "estimate": len(cell.values) - n, "n": len(cell.values)},
    ]
    # fsum rounds once, so that neither the order of the rows nor the number of threads can change a digit.
    total = math.fsum(values) if n else None
    mean = total / n if total is not None else None
    sd = math.sqrt(math.fsum((values - mean) ** 2) / (n - 1)) if mean is not None and n > 1 else None
    error = sd / math.sqrt(n) if sd is not None else None
    numbers = {"mean": mean, "sd": sd}
    numbers |= {name: quantile(values, p, 7) if n else None for name, p in QUARTILES.items()}
    numbers |= {"min": float(values[0]) if n else None, "max": float(values[-1]) if n else None, "sum": total}
    rows += [named | {"statistic": name, "estimate": number} for name, number in numbers.items()]
    rows[2]["std_error"] = error
    return rows


def _quartiles_of_type_2(cell: _Cell) -> list[Row]:
    values = _sorted(cell.values)
    n = len(values)
    named: Row = {"criterion": cell.criterion, "term": cell.level, "group": cell.group, "n": n}
    quartiles = {f"{name} (type 2)": quantile(values, p, 2) if n else None for name, p in QUARTILES.items()}
    return [named | {"statistic": name, "estimate": number} for name, number in ({"n": n} | quartiles).items()]


def _words(cell: _Cell, found: list[str]) -> list[Row]:
    counts = dict(text(cell.values.drop_nulls()).value_counts().iter_rows())
    n = sum(counts.values())
    named: Row = {"criterion": cell.criterion, "group": cell.group, "n": n}
    rows: list[Row] = []
    for level in found:
        count = counts.get(level, 0)
        share = count / n if n else None
        error = math.sqrt(share * (1 - share) / n) if share is not None else None
        at = named | {"term": level if cell.level is None else f"{cell.level}: {level}", "events": count}
        rows.append(at | {"statistic": "count", "estimate": count})
        rows.append(at | {"statistic": "share", "estimate": share, "std_error": error})
    missing = {"statistic": "missing", "estimate": cell.values.null_count(), "n": len(cell.values)}
    return [*rows, named | missing | {"term": cell.level}]


def _sorted(values: pl.Series) -> NDArray[np.float64]:
    numbers = values.drop_nulls().cast(pl.Float64).drop_nans().sort()
    return numbers.to_numpy()


def _refuse_infinite(values: pl.Series, column: str) -> None:
    infinite = values.drop_nulls().cast(pl.Float64)
    infinite = infinite.filter(infinite.is_infinite())
    if len(infinite):
        raise EstimationError(
            f"{len(infinite)} values of {column!r} are infinite ({some(infinite)}); a percent change from 0 does not "
            "exist: make these null or leave them out"
        )
