"""Faults in days: swapped, shifted, or past the end."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import polars as pl

from synthetic_data.blemishes.draft import Draft
from synthetic_data.blemishes.judgement import moved_rating, moved_treatment, stranded_settings

_SPANS = {
    "treatments": ("start_day", "stop_day"),
    "observed": ("from_day", "to_day"),
    "episodes": ("from_day", "to_day"),
}
# The column of which it is told that it lies after the last day of observation.
_ENDS = {
    "ratings": "day",
    "items": "day",
    "seizures": "day",
    "observed": "to_day",
    "treatments": "stop_day",
    "doses": "from_day",
}


def stop_before_start(draft: Draft) -> None:
    """The first and the last day of a span were swapped: refused, it would end before it begins."""
    rule = "a span ends before it begins"
    for table, (first, last) in _SPANS.items():
        if table not in draft.tables:
            continue
        cells = draft.tables[table].cells
        for row in draft.pick(table, pl.col(last) > pl.col(first)):
            begin, end = cells[first][row], cells[last][row]
            lines = [
                draft.change(table, row, last, begin, ("refused", rule)),
                draft.change(table, row, first, end, ("refused", rule)),
            ]
            draft.note(*lines, *(draft.fallen_with(row) if table == "treatments" else []))


def after_the_end(draft: Draft) -> None:
    """A record lies up to 30 days behind the subject's last day under observation: refused."""
    rule = "after the subject's last day of observation"
    lasts = draft.study.subjects["last_day"]
    for table, column in _ENDS.items():
        if table not in draft.tables:
            continue
        held = draft.tables[table]
        known = lasts.gather(held.who).is_not_null().to_numpy() & held.clean[column].is_not_null().to_numpy()
        for row in draft.pick(table, known):
            day = lasts[int(held.who[row])] + int(draft.rng.integers(1, 31))
            line = draft.change(table, row, column, draft.day_text(table, row, column, day), ("refused", rule))
            draft.note(line, *(draft.fallen_with(row) if table == "treatments" else []))


def day_and_month_swapped(draft: Draft) -> None:
    """In an ISO date, day and month changed places.

    Where the day is above 12 there is no such date: refused. Else the date is possible, and what it says of the
    records decides: refused where it leaves the days of observation or a course would end before it begins, reported
    where visits come to stand out of order or a baseline is lost, and otherwise no loader can see it.
    """
    for table, manner in draft.manners.items():
        for column in manner.dated:
            held = draft.tables[table]
            swapped = [_swapped(text) for text in held.cells[column]]
            differs = np.array(
                [after not in (None, text) for after, text in zip(swapped, held.cells[column], strict=True)]
            )
            if table == "ratings":  # two ratings without a visit might come to stand on one day
                differs &= held.clean["visit"].is_not_null().to_numpy()
            for row in draft.pick(table, differs, whole_subject=table == "ratings"):
                _swap(draft, table, column, row, str(swapped[row]))


def _swapped(text: str | None) -> str | None:
    return None if text is None else f"{text[:4]}-{text[8:]}-{text[5:7]}"


def _swap(draft: Draft, table: str, column: str, row: int, after: str) -> None:
    held = draft.tables[table]
    try:
        day = float((date.fromisoformat(after) - draft.dates[held.who[row]]).days)
        judge = moved_rating if table == "ratings" else moved_treatment
        fate, rule = judge(draft, row, column, day)
    except ValueError:
        day, fate, rule = math.nan, "refused", "no such date"
    line = draft.change(table, row, column, after, (fate, rule))
    fallen = []
    if table == "treatments":
        fallen = draft.fallen_with(row) if fate == "refused" else stranded_settings(draft, row, column, day)
    draft.note(line, *fallen)


def stop_without_day(draft: Draft) -> None:
    """A treatment has a reason for stopping and no day: reported, and it counts as going on."""
    if "treatments" not in draft.tables:
        return
    stopped = pl.col("stop_day").is_not_null() & pl.col("stop_reason").is_not_null()
    for row in draft.pick("treatments", stopped):
        line = draft.change("treatments", row, "stop_day", None, ("reported", "stop without a day"))
        draft.note(line)
