"""One table from its sources: candidates, several rows that state one record, rules, and what was refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from cohort.errors import RecordError
from cohort.records.mapping import DETAIL, REASON, SOURCE_COLUMN, SOURCE_ROW, Source, candidates
from cohort.records.rules import unsound
from cohort.records.study_file import TableSpec

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


@dataclass(frozen=True, eq=False)
class Gathered:
    """One table's sound records, its refused rows (REFUSED) and its counts, one line a source (COUNTS)."""

    records: pl.DataFrame
    refused: pl.DataFrame
    counts: pl.DataFrame


def gather(
    table: str,
    sources: Sequence[Source],
    *,
    dates: Mapping[str, date],
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
        treatments: The sound treatments, for doses and settings.

    Raises:
        RecordError: A source lacks a column, or two sources give a covariate different types.
    """
    parts = [
        candidates(table, source, dates, arms).with_columns(_source=pl.lit(position, dtype=pl.Int64))
        for position, source in enumerate(sources)
    ]
    _require_same_types(parts, sources)
    rows = pl.concat(parts, how="diagonal").with_columns(_unknown_visit(table, visits)).with_row_index("_candidate")
    groups = _records(rows.filter(pl.col(REASON).is_null()), [source.spec for source in sources])
    groups = groups.with_row_index("_record")
    records = groups.drop("_record", "_candidates", "_source")
    bad = unsound(table, records, subjects, treatments).rename({"row": "_record", "reason": "_broken"})
    kept = groups.join(bad, on="_record", how="anti", maintain_order="left")
    refused = pl.concat([_unreadable(rows), _broken(groups.join(bad, on="_record"), records.columns)])
    listed = refused.join(rows.select("_candidate", *_PLACE), on="_candidate", how="left").sort("_candidate")
    return Gathered(
        kept.select(records.columns), _listing(table, listed, sources), _counts(table, rows, listed, kept, sources)
    )


_PLACE = (SOURCE_ROW, SOURCE_COLUMN, "_source", "subject_id")


def _require_same_types(parts: Sequence[pl.DataFrame], sources: Sequence[Source]) -> None:
    """Refuse a covariate that one source holds as numbers and another as text, or under other levels."""
    seen: dict[str, tuple[pl.DataType, str]] = {}
    for part, source in zip(parts, sources, strict=True):
        for name, dtype in part.schema.items():
            before, where = seen.setdefault(name, (dtype, source.spec.file))
            if before != dtype:
                raise RecordError(
                    f"the covariate {name!r} is read as {before} from {where} and as {dtype} from {source.spec.file}; "
                    "give it the same `type` or `levels` in both"
                )


def _unknown_visit(table: str, visits: tuple[str, ...]) -> list[pl.Expr]:
    if table not in ("ratings", "items") or not visits:
        return []
    unknown = pl.col("visit").is_not_null() & ~pl.col("visit").is_in(list(visits)) & pl.col(REASON).is_null()
    return [
        pl.when(unknown).then(pl.lit("unknown visit")).otherwise(REASON).alias(REASON),
        pl.when(unknown).then(pl.format("visit is '{}'", "visit")).otherwise(DETAIL).alias(DETAIL),
    ]


def _records(sound: pl.DataFrame, specs: Sequence[TableSpec]) -> pl.DataFrame:
    """Return one line a record with `_candidates`, the candidate rows that state it, and `_source`."""
    ours = [name for name in sound.columns if not name.startswith("_")]
    repeated = pl.col("_source").is_in([position for position, spec in enumerate(specs) if spec.repeated])
    event = pl.col("_source").is_in([position for position, spec in enumerate(specs) if spec.events])
    alone = sound.filter(~repeated & ~event).with_columns(_candidates=pl.concat_list("_candidate"))
    stated = sound.filter(repeated).group_by([*ours, "_source"], maintain_order=True).agg(_candidates="_candidate")
    parts = [alone, stated, *([_added_up(sound.filter(event), ours)] if any(spec.events for spec in specs) else [])]
    return pl.concat([part.select(*ours, "_source", "_candidates") for part in parts])


def _added_up(events: pl.DataFrame, ours: list[str]) -> pl.DataFrame:
    """Return the events of one subject, day and type as one record; a negative count may not hide in a sum."""
    keys = [
        *(name for name in ours if name != "count"),
        "_source",
        (pl.col("count") < 0).fill_null(False).alias("_bad"),
    ]
    total = pl.when(pl.col("count").is_not_null().all()).then(pl.col("count").sum())
    return events.group_by(keys, maintain_order=True).agg(count=total, _candidates="_candidate")


def _unreadable(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(pl.col(REASON).is_not_null()).select("_candidate", reason=REASON, detail=DETAIL)


def _broken(broken: pl.DataFrame, ours: list[str]) -> pl.DataFrame:
    """Return the candidate rows behind the records that broke a rule, with what the record says."""
    said = [pl.concat_str(pl.lit(f"{name} "), pl.col(name).cast(pl.String)) for name in ours if name != "subject_id"]
    return broken.select(
        pl.col("_candidates").alias("_candidate"),
        reason="_broken",
        detail=pl.concat_str(said, separator=", ", ignore_nulls=True),
    ).explode("_candidate")


def _listing(table: str, refused: pl.DataFrame, sources: Sequence[Source]) -> pl.DataFrame:
    names = {position: source.spec.file for position, source in enumerate(sources)}
    return refused.select(
        table=pl.lit(table),
        file=pl.col("_source").replace_strict(names, return_dtype=pl.String),
        row=SOURCE_ROW,
        column=SOURCE_COLUMN,
        subject_id="subject_id",
        reason="reason",
        detail="detail",
    ).match_to_schema(REFUSED)


def _counts(
    table: str, rows: pl.DataFrame, refused: pl.DataFrame, kept: pl.DataFrame, sources: Sequence[Source]
) -> pl.DataFrame:
    lines = []
    for position, source in enumerate(sources):
        read, lost, records = (frame.filter(_source=position).height for frame in (rows, refused, kept))
        lines.append((table, source.spec.file, read, read - lost, lost, records))
    return pl.DataFrame(lines, schema=COUNTS, orient="row")
