"""What a day that is possible but wrong does to the records: decided from the study, without any loader."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import polars as pl

from synthetic_data.blemishes.draft import Draft
from synthetic_data.blemishes.log import Line, Verdict

_UNSEEN = "undetectable", "a possible day within the days of observation"


def moved_treatment(draft: Draft, row: int, column: str, day: float) -> Verdict:
    """Return the fate of a treatment whose start or stop is now on another day."""
    held = draft.tables["treatments"]
    days = {name: held.clean[name][row] for name in ("start_day", "stop_day")} | {column: day}
    start, stop = days["start_day"], days["stop_day"]
    last = draft.study.subjects["last_day"][int(held.who[row])]
    if stop is not None and stop < start:
        return "refused", "a span ends before it begins"
    if last is not None and max(start, start if stop is None else stop) > last:
        return "refused", "after the subject's last day of observation"
    return _UNSEEN


def stranded_settings(draft: Draft, row: int, column: str, day: float) -> list[Line]:
    """Return the lines of settings that lie outside a treatment whose start or stop is now on another day."""
    days = draft.tables["treatments"].clean.select("start_day", "stop_day").row(row, named=True) | {column: day}
    start, stop = days["start_day"], math.inf if days["stop_day"] is None else days["stop_day"]
    why: Verdict = ("refused", "outside the days of the treatment")
    own = {other: draft.tables["settings"].clean["from_day"][other] for other in draft.settings_of(row)}
    return [draft.line("settings", other, why) for other, begun in own.items() if not start <= begun <= stop]


def moved_item(draft: Draft, row: int, column: str, day: float) -> Verdict:
    """Return the fate of an item's score that is now on another day."""
    del column
    return _UNSEEN if _under_observation(draft, "items", row, day) else ("refused", "outside the days of observation")


def moved_rating(draft: Draft, row: int, column: str, day: float) -> Verdict:
    """Return the fate of a rating that is now on another day; the subject's other ratings carry no fault.

    The reports are those of `cohort.read`: no baseline, visits out of order, several visits on or before day 0.
    """
    del column
    if not _under_observation(draft, "ratings", row, day):
        return "refused", "outside the days of observation"
    held = draft.tables["ratings"]
    scale = held.clean["scale"][row]
    rows = [other for other in held.of_subject(int(held.who[row])) if held.clean["scale"][other] == scale]
    before = held.clean[rows].select("day", "visit", "score")
    days = np.where(np.array(rows) == row, day, before["day"].to_numpy())
    after = before.with_columns(day=pl.Series(days))
    if _without_baseline(after) and not _without_baseline(before):
        return "reported", "no baseline"
    if _out_of_order(after, draft.study.visits) and not _out_of_order(before, draft.study.visits):
        return "reported", "visits out of order"
    if _baseline_visits(after) > 1 >= _baseline_visits(before):
        return "reported", "several baselines"
    return _UNSEEN


def _under_observation(draft: Draft, table: str, row: int, day: float) -> bool:
    subject = draft.study.subjects.row(int(draft.tables[table].who[row]), named=True)
    first, last = subject["first_day"], subject["last_day"]
    return (first is None or np.floor(day) >= first) and (last is None or np.floor(day) <= last)


def _without_baseline(ratings: pl.DataFrame) -> bool:
    scored = ratings.drop_nulls("score")
    return scored.height > 0 and scored.filter(pl.col("day") <= 0).is_empty()


def _out_of_order(ratings: pl.DataFrame, visits: tuple[str, ...]) -> bool:
    day_of = dict(ratings.drop_nulls("visit").select("visit", "day").iter_rows())
    days = [day_of[visit] for visit in visits if visit in day_of]
    return any(later < sooner for sooner, later in pairwise(days))


def _baseline_visits(ratings: pl.DataFrame) -> int:
    return ratings.filter(pl.col("day") <= 0)["visit"].drop_nulls().n_unique()
