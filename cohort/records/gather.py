"""One table from its sources: candidates, several rows that state one record, rules, and what was refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from cohort.records.mapping import DETAIL, REASON, SOURCE_COLUMN, SOURCE_ROW, candidates
from cohort.records.rules import unsound
from cohort.records.study_file import TableSpec
from cohort.schemas import RECORD_FRAMES

REFUSED = pl.Schema(
    {
        "table": pl.String(),
        "file": pl.String(),
        "row": pl.Int64(),
        "column": pl.String(),
        "subject_id": pl.String(),
        "reason": pl.String(),
        "detail": pl.String(),
    }
)
COUNTS = pl.Schema(
    {
        "table": pl.String(),
        "file": pl.String(),
        "rows_read": pl.Int64(),
        "rows_kept": pl.Int64(),
        "rows_refused": pl.Int64(),
        "records": pl.Int64(),
    }
)


@dataclass(frozen=True)
class Source:
    """One source of a table: the file's rows and what study.toml says of them."""

    rows: pl.DataFrame
    spec: TableSpec


@dataclass(frozen=True)
class Gathered:
    """One table's sound records, its refused rows (REFUSED) and its counts, one line a source (COUNTS)."""

    records: pl.DataFrame
    refused: pl.DataFrame
    counts: pl.DataFrame


def gather(
    table: str,
    sources: Sequence[Source],
    *,
    dates: Mapping[str, object],
    arms: tuple[str, ...],
    visits: tuple[str, ...],
    subjects: pl.DataFrame,
    treatments: pl.DataFrame,
) -> Gathered:
    """Return one table of a study from all its sources.

    Args:
        table: The frame's name in `cohort.schemas`.
        sources: Its sources.
        dates: The date of day 0 by subject.
        arms: The study's arms.
        visits: The study's visits; empty where the records name them.
        subjects: The sound subjects; ignored for the table of subjects itself.
        treatments: The sound treatments, for doses.
    """
    rows = [_candidates(table, source, dates, arms, position) for position, source in enumerate(sources)]
    candidate = pl.concat(rows, how="diagonal_relaxed").with_columns(_unknown_visit(table, visits)).with_row_index("_candidate")
    groups = _records(table, candidate.filter(pl.col(REASON).is_null()), [source.spec for source in sources])
    records = groups.drop("_candidates", "_source")
    bad = unsound(table, records, records if table == "subjects" else subjects, treatments)
    refused = pl.concat([_unreadable(candidate), _broken(candidate, groups, bad)]).sort("_candidate")
    kept = groups.with_row_index("row").join(bad, on="row", how="anti", maintain_order="left")
    return Gathered(
        records.with_row_index("row").join(bad, on="row", how="anti", maintain_order="left").drop("row"),
        _listing(table, candidate, refused, sources),
        _counts(table, candidate, refused, kept, sources),
    )


def _candidates(table: str, source: Source, dates: Mapping[str, object], arms: tuple[str, ...], position: int) -> pl.DataFrame:
    found = candidates(table, source.rows, source.spec, dates, arms)
    return found.with_columns(_source=pl.lit(position, dtype=pl.Int64))


def _unknown_visit(table: str, visits: tuple[str, ...]) -> list[pl.Expr]:
    if table not in ("ratings", "items") or not visits:
        return []
    unknown = pl.col("visit").is_not_null() & ~pl.col("visit").is_in(list(visits)) & pl.col(REASON).is_null()
    return [
        pl.when(unknown).then(pl.lit("unknown visit")).otherwise(REASON).alias(REASON),
        pl.when(unknown).then(pl.format("visit is '{}'", "visit")).otherwise(DETAIL).alias(DETAIL),
    ]


def _records(table: str, sound: pl.DataFrame, specs: Sequence[TableSpec]) -> pl.DataFrame:
    """Return one line a record with `_candidates`, the candidate rows that state it, and `_source`."""
    ours = [name for name in sound.columns if not name.startswith("_")]
    repeated = [position for position, spec in enumerate(specs) if spec.repeated]
    events = [position for position, spec in enumerate(specs) if spec.events]
    alone = ~pl.col("_source").is_in(repeated + events)
    parts = [sound.filter(alone).with_columns(_candidates=pl.concat_list("_candidate"))]
    stated = sound.filter(pl.col("_source").is_in(repeated))
    parts.append(stated.group_by([*ours, "_source"], maintain_order=True).agg(_candidates="_candidate"))
    if events:
        days = [name for name in ours if name != "count"]
        happened = sound.filter(pl.col("_source").is_in(events)).group_by([*days, "_source"], maintain_order=True)
        parts.append(happened.agg(pl.col("count").sum(), _candidates="_candidate"))
    return pl.concat([part.select(*ours, "_source", "_candidates") for part in parts])


def _unreadable(candidate: pl.DataFrame) -> pl.DataFrame:
    return candidate.filter(pl.col(REASON).is_not_null()).select("_candidate", reason=REASON, detail=DETAIL)


def _broken(candidate: pl.DataFrame, groups: pl.DataFrame, bad: pl.DataFrame) -> pl.DataFrame:
    """Return the candidate rows behind the records that broke a rule."""
    rows = groups.with_row_index("row").join(bad, on="row").select("reason", _candidate="_candidates").explode("_candidate")
    return rows.select("_candidate", "reason", detail=pl.lit(None, dtype=pl.String)).cast({"_candidate": candidate.schema["_candidate"]})


def _listing(table: str, candidate: pl.DataFrame, refused: pl.DataFrame, sources: Sequence[Source]) -> pl.DataFrame:
    names = {position: source.spec.file for position, source in enumerate(sources)}
    listed = refused.join(candidate.drop("reason", "detail", strict=False), on="_candidate", how="left", maintain_order="left")
    return listed.select(
        pl.lit(table).alias("table"),
        pl.col("_source").replace_strict(names, return_dtype=pl.String).alias("file"),
        pl.col(SOURCE_ROW).cast(pl.Int64).alias("row"),
        pl.col(SOURCE_COLUMN).alias("column"),
        "subject_id",
        "reason",
        pl.coalesce("detail", _what_it_said(table)).alias("detail"),
    ).cast(dict(REFUSED))


def _what_it_said(table: str) -> pl.Expr:
    """Return the record in words, for a rule that looks at more than one cell."""
    shown = [name for name in RECORD_FRAMES[table].columns if name != "subject_id"]
    parts = [pl.format(name + " {}", pl.col(name).cast(pl.String)) for name in shown]
    return pl.concat_str(parts, separator=", ", ignore_nulls=True)


def _counts(
    table: str, candidate: pl.DataFrame, refused: pl.DataFrame, kept: pl.DataFrame, sources: Sequence[Source]
) -> pl.DataFrame:
    lost = candidate.join(refused, on="_candidate", how="semi")
    lines = []
    for position, source in enumerate(sources):
        read_rows = candidate.filter(_source=position).height
        refused_rows = lost.filter(_source=position).height
        records = kept.filter(_source=position).height
        lines.append((table, source.spec.file, read_rows, read_rows - refused_rows, refused_rows, records))
    return pl.DataFrame(lines, schema=COUNTS, orient="row")
