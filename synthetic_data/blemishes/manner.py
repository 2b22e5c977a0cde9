"""How a study is put on paper: which columns hold dates, what stands for missing, which spellings mean one word."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import polars as pl

from cohort.records.study import Study
from cohort.schemas import RECORD_FRAMES

# The days that are written as dates, by table; all others stay numbers.
DAY_COLUMNS = {"treatments": ("start_day", "stop_day"), "ratings": ("day",)}
MISSING_WORDS = ("NA", ".")
MISSING_NUMBERS = ("-9", "999")
_MOST_WORDS = 30


@dataclass(frozen=True)
class Manner:
    """How one table is written.

    Attributes:
        dated: The columns that hold ISO dates.
        missing: What stands for missing in any column.
        missing_in: What else stands for missing, by column.
        codes: By column, each accepted spelling and the word that it means.
    """

    dated: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    missing_in: dict[str, tuple[str, ...]] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)


def manners(study: Study) -> dict[str, Manner]:
    """Return how each table that holds something is written."""
    dated = dated_table(study)
    return {
        table: _manner(table, study.table(table), DAY_COLUMNS[table] if table == dated else ())
        for table in RECORD_FRAMES
        if study.table(table).height
    }


def dated_table(study: Study) -> str | None:
    """Return the table whose days are written as dates: treatments, else ratings that all fall on whole days."""
    if study.treatments.height:
        return "treatments"
    whole = study.ratings.height > 0 and bool((study.ratings["day"] == study.ratings["day"].floor()).all())
    return "ratings" if whole else None


def index_column(study: Study) -> str:
    """Return the name under which the subject table holds the date of day 0."""
    name = "date_of_day_0"
    while name in study.subjects.columns:
        name += "_"
    return name


def index_dates(study: Study, rng: np.random.Generator) -> list[date]:
    """Return a date of day 0 for each subject, from 2012 to 2019."""
    days = rng.integers(0, 365 * 8, size=study.subjects.height)
    return [date(2012, 1, 1) + timedelta(days=int(day)) for day in days]


def in_text(series: pl.Series) -> pl.Series:
    """Return a column as it is written: whole numbers without a fraction, null where nothing is written."""
    if series.dtype.is_float():
        whole = pl.col("x") == pl.col("x").floor()
        number = pl.when(whole & (pl.col("x").abs() < 2**53)).then(pl.col("x").cast(pl.Int64, strict=False))
        text = pl.coalesce(number.cast(pl.String), pl.col("x").cast(pl.String))
        return series.to_frame("x").select(text.alias(series.name)).to_series()
    return series.cast(pl.String)


def _manner(table: str, frame: pl.DataFrame, dated: tuple[str, ...]) -> Manner:
    texts = {name: set(in_text(frame[name]).drop_nulls().unique()) for name in frame.columns}
    missing = tuple(word for word in MISSING_WORDS if not any(word in held for held in texts.values()))
    ours = RECORD_FRAMES[table]
    values = [name for name in frame.columns if _is_value(table, name) and frame.schema[name].is_numeric()]
    numbers = {name: tuple(code for code in MISSING_NUMBERS if code not in texts[name]) for name in values}
    worded = [name for name, dtype in frame.schema.items() if isinstance(dtype, pl.String | pl.Enum)]
    codes = {
        name: _spellings(texts[name], missing) for name in worded if name not in ("subject_id", *_untold(ours.name))
    }
    return Manner(dated, missing, numbers, {name: spelt for name, spelt in codes.items() if spelt})


def _untold(table: str) -> tuple[str, ...]:
    """Return the columns whose words a data manager does not list."""
    return ("unit", "result") if table == "findings" else ()


def _is_value(table: str, name: str) -> bool:
    """Tell whether a column holds what was measured: nullable, in no key, and no day."""
    frame = RECORD_FRAMES[table]
    if name not in frame.columns:
        return True
    nullable = frame.columns[name].nullable and name not in frame.keys
    return nullable and not name.endswith("day") and name != "treatment_no"


def _spellings(words: Iterable[str], missing: tuple[str, ...]) -> dict[str, str]:
    """Return each spelling and its word; nothing where there are too many words or one spelling would mean two."""
    words = sorted(words)
    found: dict[str, str] = {}
    for word in words:
        for spelling in dict.fromkeys((word, word.lower(), word.upper(), word.capitalize())):
            if found.get(spelling, word) != word:
                return {}
            if spelling not in missing:
                found[spelling] = word
    return found if len(words) <= _MOST_WORDS else {}
