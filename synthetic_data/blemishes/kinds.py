"""The kinds of blemishes, in the order in which they choose their rows: those that need a whole subject first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from synthetic_data.blemishes.absent import no_baseline, unknown_subject
from synthetic_data.blemishes.days import after_the_end, day_and_month_swapped, stop_before_start, stop_without_day
from synthetic_data.blemishes.doubles import contradiction, exact_copy, subject_twice
from synthetic_data.blemishes.draft import Draft
from synthetic_data.blemishes.values import (
    case_and_spaces,
    dose_in_grams,
    impossible_count,
    listed_missing_code,
    misspelt_word,
    score_out_of_range,
    unlisted_missing_code,
    weeks_for_days,
)


def table_in_several_files(draft: Draft) -> None:
    """The largest table comes in three files of three exports: repaired, they are sources of one table."""
    largest = max((held.who.size, table) for table, held in draft.tables.items())[1]
    if draft.tables[largest].who.size >= 3:
        draft.several.add(largest)


KINDS: Mapping[str, Callable[[Draft], None]] = MappingProxyType(
    {
        "unknown subject": unknown_subject,
        "subject twice": subject_twice,
        "no baseline": no_baseline,
        "day and month swapped": day_and_month_swapped,
        "weeks for days": weeks_for_days,
        "exact copy": exact_copy,
        "contradiction": contradiction,
        "stop before start": stop_before_start,
        "after the end": after_the_end,
        "stop without a day": stop_without_day,
        "dose in grams": dose_in_grams,
        "listed missing code": listed_missing_code,
        "unlisted missing code": unlisted_missing_code,
        "score out of range": score_out_of_range,
        "impossible count": impossible_count,
        "case and spaces": case_and_spaces,
        "misspelt word": misspelt_word,
        "table in several files": table_in_several_files,
    }
)
"""Every kind by its name in the log; what each is, and what becomes of it, is said where it is made."""
