"""How well the loader catches what is wrong in a messy folder: its doings held against the log of blemishes."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from cohort.errors import RecordError
from cohort.records.inspect import Inspection, inspect
from cohort.records.study import Study
from cohort.schemas import RECORD_FRAMES
from synthetic_data.blemishes.log import BLEMISHES, LOG
from synthetic_data.blemishes.manner import in_text

SOUND = "without a blemish"
# What a caution says, and of how many; the log's rule names it.
_CAUTIONS = {
    "no baseline": r"(\d+) of \d+ subjects rated on .+ have no baseline",
    "visits out of order": r"(\d+) subjects have visits out of order",
    "several baselines": r"(\d+) subjects were rated at more than one visit on or before day 0",
    "stop without a day": r"(\d+) of \d+ treatments have a reason for stopping and no day",
}
_PLACE = ["table", "file", "row"]


def catch(study_file: str | Path) -> pl.DataFrame:
    """Return, for each kind of blemish, how many there are and of how many the loader made what it should.

    A blemish that is to be refused is as expected where all its rows are refused; one that is to be repaired where
    the record stands once and says what the sound study said (of a copy: where its row is set aside); one that is to
    be reported where its rows are kept and a caution tells of at least so many; an undetectable one where its row is
    kept. Anything else is missed: the logged fate is a prediction, and a loader that refuses what it cannot know is
    wrong too.

    Args:
        study_file: The study.toml of a folder that `synthetic_data.write_messy` made.

    Returns:
        `kind, fate, blemishes, as_expected, missed`, kinds in the order of the log. The last line, "without a
        blemish", counts rows: those that carry none, those of them that were kept, and the false alarms.

    Raises:
        RecordError: The study cannot be read, or no `blemishes.csv` lies beside the study file.
    """
    held = _held_against(Path(study_file))
    by_blemish = held.log.group_by("blemish_no").agg(pl.col("kind", "fate").first(), pl.col("as_expected").all())
    counted = by_blemish.group_by("kind", "fate").agg(
        first=pl.col("blemish_no").min(), blemishes=pl.len().cast(pl.Int64), as_expected=_count(pl.col("as_expected"))
    )
    kinds = counted.sort("first", "fate").select("kind", "fate", "blemishes", "as_expected")
    carrying = held.log.drop_nulls("row").select(_PLACE).unique().height
    sound, alarms = int(held.found.counts["rows_read"].sum()) - carrying, held.false_alarms.height
    last = pl.DataFrame([(SOUND, "kept", sound, sound - alarms)], schema=kinds.schema, orient="row")
    return pl.concat([kinds, last]).with_columns(missed=pl.col("blemishes") - pl.col("as_expected"))


def missed_blemishes(study_file: str | Path) -> pl.DataFrame:
    """Return the rows of the log with which the loader did not what it should, and the rows refused without a blemish.

    Returns:
        The columns of blemishes.csv, and `found`: what the loader did.

    Raises:
        RecordError: The study cannot be read, or no `blemishes.csv` lies beside the study file.
    """
    held = _held_against(Path(study_file))
    alarms = held.false_alarms.select(
        *_PLACE, "subject_id", kind=pl.lit(SOUND), fate=pl.lit("kept"), found=pl.format("refused: {}", "reason")
    )
    lines = held.log.filter(~pl.col("as_expected")).drop("as_expected")
    return pl.concat([lines, alarms], how="diagonal")


@dataclass(frozen=True, eq=False)
class _Held:
    """The log with `found` and `as_expected`, what was read, and the refused rows that no line of the log names."""

    log: pl.DataFrame
    found: Inspection
    false_alarms: pl.DataFrame


def _held_against(study_file: Path) -> _Held:
    path = study_file.parent / LOG
    if not path.is_file():
        raise RecordError(f"{path}: there is no such log; `synthetic_data.write_messy` writes it with the records")
    found = inspect(study_file)
    refused = found.refused.group_by(_PLACE).agg(_reason=pl.col("reason").first())
    log = pl.read_csv(path, schema=BLEMISHES).with_row_index("_line")
    for more, on in ((refused, _PLACE), (_records(log, found.study), "_line"), (_rows_read(log, found), "_line")):
        log = log.join(more, on=on, how="left", maintain_order="left")
    value = pl.format("{} records, value {}", "_records", pl.col("_value").fill_null("missing"))
    did = pl.coalesce(pl.format("refused: {}", "_reason"), value, pl.lit("kept, or not reported"))
    log = log.with_columns(as_expected=_as_expected(log, found), found=did)
    alarms = found.refused.join(log.drop_nulls("row"), on=_PLACE, how="anti")
    return _Held(log.select(*BLEMISHES, "found", "as_expected"), found, alarms)


def _as_expected(log: pl.DataFrame, found: Inspection) -> pl.Expr:
    """Tell for each line whether the loader did what the fate says."""
    kept, once = pl.col("_reason").is_null(), (pl.col("_records") == 1).fill_null(False)
    gone = ~pl.col("subject_id").is_in(found.study.subjects["subject_id"].to_list())
    whole_file = (pl.col("_read").cast(pl.String) == pl.col("after")).fill_null(False)
    as_before = once & kept & pl.col("_value").eq_missing(pl.col("before"))
    repaired = (
        pl.when(pl.col("record").is_null())
        .then(whole_file)
        .when(pl.col("column").is_null())
        .then(once & ~kept)
        .otherwise(as_before)
    )
    return (
        pl.when(pl.col("fate") == "refused")
        .then(pl.when(pl.col("row").is_null()).then(gone).otherwise(~kept))
        .when(pl.col("fate") == "repaired")
        .then(repaired)
        .when(pl.col("fate") == "reported")
        .then(kept & pl.col("rule").is_in(_told(log, found.cautions)))
        .otherwise(kept)
    )


def _records(log: pl.DataFrame, study: Study) -> pl.DataFrame:
    """Return for each line to be repaired how many records have its key, and what stands there as text."""
    lines = log.filter(fate="repaired").drop_nulls("record")
    parts = [pl.DataFrame(schema={"_line": log.schema["_line"], "_records": pl.Int64, "_value": pl.String})]
    for (table, column), some in lines.group_by("table", "column", maintain_order=True):
        frame, keys = study.table(str(table)), RECORD_FRAMES[str(table)].keys
        value = in_text(frame[str(column)]) if column else pl.Series([None] * frame.height, dtype=pl.String)
        records = frame.select(keys).with_columns(_value=value, _is=pl.lit(value=True))
        schema = {name: frame.schema[name] for name in keys}
        wanted = pl.DataFrame([json.loads(record) for record in some["record"]], schema=schema)
        joined = wanted.with_columns(some["_line"]).join(records, on=keys, how="left", nulls_equal=True)
        parts.append(joined.group_by("_line").agg(_records=_count(pl.col("_is")), _value=pl.col("_value").first()))
    return pl.concat(parts)


def _rows_read(log: pl.DataFrame, found: Inspection) -> pl.DataFrame:
    """Return for each line about a file as a whole how many of its rows were read into that table."""
    read = found.counts.select("table", "file", _read="rows_read")
    files = log.filter(pl.col("row").is_null() & pl.col("record").is_null() & pl.col("file").is_not_null())
    return files.select("_line", "table", "file").join(read, on=["table", "file"]).select("_line", "_read")


def _told(log: pl.DataFrame, cautions: tuple[str, ...]) -> list[str]:
    """Return the rules of which the cautions tell at least as often as the log."""
    reported = log.filter(fate="reported")
    told = []
    for rule, pattern in _CAUTIONS.items():
        lines = reported.filter(rule=rule)
        logged = lines.height if rule == "stop without a day" else lines["subject_id"].n_unique()
        counts = [int(match[1]) for caution in cautions if (match := re.match(pattern, caution))]
        if counts and sum(counts) >= logged:
            told.append(rule)
    return told


def _count(mask: pl.Expr) -> pl.Expr:
    return mask.sum().cast(pl.Int64)
