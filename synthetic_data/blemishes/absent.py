"""Rows that are not there."""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic_data.blemishes.draft import Draft
from synthetic_data.blemishes.log import Line


def unknown_subject(draft: Draft) -> None:
    """A subject is not in the subject table: every record of the subject is refused."""
    subjects = draft.tables["subjects"]
    recorded = np.zeros(subjects.who.size, dtype=np.bool_)
    for table, held in draft.tables.items():
        recorded[held.who] |= table != "subjects"
    for subject in draft.pick_subjects(recorded):
        subjects.removed.add(subject)
        who = subjects.clean["subject_id"][subject]
        rule, key = "not in the subject table", subjects.key(subject)
        gone = Line("subjects", None, "subject_id", who, who, None, "refused", rule, key)
        draft.note(gone, *draft.fallen_records(subject))


def no_baseline(draft: Draft) -> None:
    """The ratings of a subject on or before day 0 are not there, later ones are: reported, nothing is refused."""
    if "ratings" not in draft.tables:
        return
    held = draft.tables["ratings"]
    before = held.clean.select(pl.col("day") <= 0).to_series().to_numpy()
    scored = held.clean["score"].is_not_null().to_numpy()
    fitting: dict[int, str] = {}
    for scale in held.clean["scale"].unique().sort():
        here = (held.clean["scale"] == scale).to_numpy() & scored
        both = np.intersect1d(held.who[here & before], held.who[here & ~before])
        fitting |= {int(subject): scale for subject in both}
    suits = np.zeros(draft.closed.size, dtype=np.bool_)
    suits[list(fitting)] = True
    for subject in draft.pick_subjects(suits):
        scale = fitting[subject]
        gone = [row for row in held.of_subject(subject) if before[row] and held.clean["scale"][row] == scale]
        held.removed |= set(gone)
        draft.note(*(_taken_away(draft, row) for row in gone))


def _taken_away(draft: Draft, row: int) -> Line:
    line = draft.line("ratings", row, ("reported", "no baseline"), column="score")
    return Line("ratings", None, "score", line.subject_id, line.before, None, line.fate, line.rule, line.record)
