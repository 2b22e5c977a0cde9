"""Rows that are counted: outcomes in the order of a subject's treatments, or a table of counts, checked."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from analyses.estimates.groups import require
from cohort.closed_lists import VERDICTS
from cohort.errors import EstimationError, some

COUNTS = ("tried", "met", "not_met", "undetermined", "intolerance")
PREVIOUS = ("none", "inefficacy", "intolerance", "undetermined")
_KINDS = pl.Enum(COUNTS[1:])
_ENDINGS = pl.Enum(PREVIOUS)


def is_outcomes(data: pl.DataFrame) -> bool:
    """Return whether the rows are outcomes; else they are counts."""
    return {"subject_id", "verdict"} <= set(data.columns)


def with_covariates(data: pl.DataFrame, covariates: Sequence[str], subjects: pl.DataFrame | None) -> pl.DataFrame:
    """Return outcomes with the covariates that only the subjects' own frame has.

    Raises:
        EstimationError: A covariate is in neither frame, or a subject has no row or several among the subjects.
    """
    wanted = [name for name in covariates if name not in data.columns]
    if not wanted:
        return data
    if subjects is None:
        require(data, wanted, "covariates")
        return data
    require(subjects, ["subject_id", *wanted], "subjects with covariates")
    if subjects["subject_id"].is_duplicated().any():
        raise EstimationError("a subject has several rows among the subjects with covariates; expected one each")
    unknown = data.join(subjects, on="subject_id", how="anti")
    if unknown.height:
        raise EstimationError(
            f"{unknown.height} outcomes belong to subjects without covariates, as {some(unknown['subject_id'])}"
        )
    known = subjects.select("subject_id", *wanted)
    return data.join(known, on="subject_id", how="left", maintain_order="left")


def of_outcomes(data: pl.DataFrame, covariates: list[str]) -> pl.DataFrame:
    """Return outcomes as counts, one treatment a row, without what comes after a met treatment."""
    steps = kinds(data, covariates).filter(~pl.col("late"))
    keys = ["treatment_no", "failures", "previous", *covariates]
    counted = steps.group_by([*keys, "kind"]).agg(tried=pl.len().cast(pl.Int64))
    each = [
        pl.when(pl.col("kind") == name).then("tried").otherwise(pl.lit(0, pl.Int64)).alias(name) for name in COUNTS[1:]
    ]
    return counted.select(*keys, "tried", *each).with_columns(pl.col("previous").cast(pl.String))


def kinds(data: pl.DataFrame, covariates: list[str]) -> pl.DataFrame:
    """Return the treatments in order, with their kind, earlier failures, how the last ended, and if one was met before.

    Sums run over the sorted whole and are set back where a subject begins; windows by subject take several times as
    long. Columns: `undecided` (the verdict was "undetermined"), `kind`, `failures`, `previous`, `late`, `place`.

    Raises:
        EstimationError: The outcomes cannot be counted.
    """
    _check_outcomes(data)
    met, not_met = _says(data, "verdict", "met"), _says(data, "verdict", "not met")
    intolerant = _says(data, "reason", "stopped for intolerance") | _says(data, "stop_reason", "intolerance")
    kind = pl.when(met).then(_kind("met")).when(intolerant).then(_kind("intolerance"))
    steps = data.select(
        "subject_id",
        pl.col("treatment_no").cast(pl.Int64),
        *covariates,
        undecided=~met & ~not_met,
        kind=kind.when(not_met).then(_kind("not_met")).otherwise(_kind("undetermined")),
    )
    if not _in_order(steps):
        steps = steps.sort("subject_id", "treatment_no")
    begins, last = _begins(), pl.col("kind").shift(1)
    previous = pl.when(begins).then(_ending("none")).when(last == "not_met").then(_ending("inefficacy"))
    previous = previous.when(last == "intolerance").then(_ending("intolerance"))
    steps = steps.with_columns(
        failures=_before(pl.col("kind") == "not_met"),
        late=_before(pl.col("kind") == "met") > 0,
        place=_before(pl.col("treatment_no").is_not_null()) + 1,
        previous=previous.when(last == "undetermined").then(_ending("undetermined")),
    )
    _check_places(steps)
    return steps


def _begins() -> pl.Expr:
    return (pl.col("subject_id") != pl.col("subject_id").shift(1)).fill_null(True)


def _before(flag: pl.Expr) -> pl.Expr:
    """Return how many of the subject's earlier rows have the flag."""
    earlier = flag.cast(pl.Int64).cum_sum() - flag.cast(pl.Int64)
    return earlier - pl.when(_begins()).then(earlier).forward_fill()


def _in_order(steps: pl.DataFrame) -> bool:
    rising = (pl.col("treatment_no") >= pl.col("treatment_no").shift(1)) | _begins()
    return bool(steps["subject_id"].is_sorted() and steps.select(rising.all()).item())


def _kind(name: str) -> pl.Expr:
    return pl.lit(name, dtype=_KINDS)


def _ending(name: str) -> pl.Expr:
    return pl.lit(name, dtype=_ENDINGS)


def _says(data: pl.DataFrame, column: str, word: str) -> pl.Expr:
    """Return whether a column that may be absent holds a word; an Enum is compared by its codes."""
    if column not in data.columns:
        return pl.lit(False)
    dtype = data.schema[column]
    if isinstance(dtype, pl.Enum):
        return (pl.col(column) == word).fill_null(False) if word in dtype.categories else pl.lit(False)
    return (pl.col(column).cast(pl.String) == word).fill_null(False)


def _check_outcomes(data: pl.DataFrame) -> None:
    require(data, ["subject_id", "treatment_no", "verdict"], "outcomes")
    for name in ("subject_id", "treatment_no", "verdict"):
        if data[name].null_count():
            raise EstimationError(
                f"{data[name].null_count()} of {data.height} outcomes have no {name}; expected one each"
            )
    _one_of_each(data, ["criterion"])
    unknown = [word for word in data["verdict"].unique().cast(pl.String).sort() if word not in VERDICTS]
    if unknown:
        raise EstimationError(f"{len(unknown)} verdicts are unknown: {some(unknown)}; they are {some(VERDICTS)}")


def _check_places(steps: pl.DataFrame) -> None:
    off = steps.filter(pl.col("place") != pl.col("treatment_no"))
    if not off.height:
        return
    who = off["subject_id"].unique().sort()
    raise EstimationError(
        f"{len(who)} subjects, as {some(who)}, have treatment numbers that are not 1, 2 .. without a gap or a repeat; "
        "what came before a treatment would not be known: number them anew, keep one row a subject and treatment, or "
        "leave those subjects out"
    )


def of_table(data: pl.DataFrame, covariates: list[str]) -> pl.DataFrame:
    """Return a table of counts with every column that a pattern has.

    Raises:
        EstimationError: A column is missing, or counts are negative, fractional or contradict each other.
    """
    require(data, ["treatment_no", "tried", "met", *covariates], "neither outcomes nor counts by treatment number")
    _one_of_each(data, [name for name in ("criterion", "study") if name not in covariates])
    whole = [_whole(data, name) for name in ("treatment_no", "tried", "met")]
    whole += [_whole(data, name, absent=0) for name in ("undetermined", "intolerance")]
    own = [name for name in ("failures", "previous") if name in data.columns]
    table = data.select(*whole, _whole(data, "not_met"), *covariates, *own)
    rest = pl.col("tried") - pl.col("met") - pl.col("undetermined") - pl.col("intolerance")
    table = table.with_columns(pl.col("not_met").fill_null(rest))
    table = table.with_columns(_failures(table), _previous(table))
    _check_counts(table)
    return table


def _whole(data: pl.DataFrame, name: str, absent: int | None = None) -> pl.Expr | pl.Series:
    """Return a column of counts as whole numbers."""
    if name not in data.columns:
        return pl.lit(absent, pl.Int64).alias(name)
    if not data[name].dtype.is_numeric() and data[name].dtype != pl.Null:
        raise EstimationError(f"{name} is {data[name].dtype}; expected whole numbers")
    numbers = data[name].cast(pl.Float64)
    broken = numbers.filter(numbers.is_not_null() & ((numbers < 0) | (numbers != numbers.round()) | numbers.is_nan()))
    if len(broken):
        raise EstimationError(f"{len(broken)} values of {name} are no counts, as {some(broken)}; expected 0, 1, 2 ..")
    if absent is not None:
        return data[name].cast(pl.Int64).fill_null(absent)
    if name != "not_met" and numbers.null_count():
        raise EstimationError(
            f"{numbers.null_count()} of {data.height} rows have no {name}; leave those treatments out"
        )
    return data[name].cast(pl.Int64)


def _failures(table: pl.DataFrame) -> pl.Expr:
    every = pl.col("treatment_no") - 1
    return (
        pl.col("failures").cast(pl.Int64).fill_null(every) if "failures" in table.columns else every.alias("failures")
    )


def _previous(table: pl.DataFrame) -> pl.Expr:
    said = pl.col("previous").cast(pl.String) if "previous" in table.columns else pl.lit(None, pl.String)
    return pl.when(pl.col("treatment_no") == 1).then(pl.lit("none")).otherwise(said).alias("previous")


def _check_counts(table: pl.DataFrame) -> None:
    apart = table.filter(pl.col("tried") != pl.sum_horizontal(COUNTS[1:]))
    if apart.height:
        example = apart.row(0, named=True)
        raise EstimationError(
            f"{apart.height} rows have counts that do not add up, as treatment {example['treatment_no']}: "
            + ", ".join(f"{example[name]} {name.replace('_', ' ')}" for name in COUNTS)
            + "; expected tried = met + not met + undetermined + intolerance"
        )
    least = table.select(pl.min_horizontal(pl.col(COUNTS).min(), pl.col("treatment_no").min() - 1)).item()
    if least is not None and least < 0:
        raise EstimationError(
            "more met, were undetermined or stopped than tried a treatment, or a treatment is below 1"
        )
    odd = table.filter((pl.col("failures") < 0) | (pl.col("failures") >= pl.col("treatment_no")))
    if odd.height:
        raise EstimationError(
            f"{odd.height} rows have as many failures as treatments, or fewer than 0; expected 0 .. k-1"
        )
    begun = table.filter((pl.col("previous") == "none") & (pl.col("treatment_no") > 1)).height
    if begun:
        raise EstimationError(f"{begun} rows of treatment 2 or later have previous='none'; it is for treatment 1 alone")
    said = table["previous"].drop_nulls().unique().sort()
    unknown = [word for word in said if word not in PREVIOUS]
    if unknown:
        raise EstimationError(
            f"{len(unknown)} words in previous are unknown: {some(unknown)}; they are {some(PREVIOUS, 4)}"
        )


def _one_of_each(data: pl.DataFrame, columns: Sequence[str]) -> None:
    for name in columns:
        found: list[str] = data[name].unique().cast(pl.String).sort().to_list() if name in data.columns else []
        if len(found) > 1:
            raise EstimationError(
                f"rows of {len(found)} {name} values were given ({some(found)}); one succession is counted at a time: "
                f"keep the rows of one, or pass the column as by="
            )
