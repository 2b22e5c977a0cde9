"""Records that stand twice."""

from __future__ import annotations

import numpy as np
import polars as pl

from cohort.scales import SCALES
from synthetic_data.blemishes.draft import Draft
from synthetic_data.blemishes.log import Line
from synthetic_data.blemishes.manner import in_text

# What a second version of a record states otherwise.
_VALUES = {
    "ratings": "score",
    "items": "score",
    "seizures": "count",
    "treatments": "daily_dose",
    "doses": "daily_dose",
    "settings": "value",
    "findings": "value",
}


def exact_copy(draft: Draft) -> None:
    """A row was entered twice, every cell the same: repaired, one is kept."""
    rule = "of exact copies one is kept"
    for table, held in draft.tables.items():
        for row in draft.pick(table, np.ones(held.who.size, dtype=np.bool_)):
            behind = int(draft.rng.integers(row, held.who.size))
            copy = draft.copy(table, row, behind=behind)
            who = held.clean["subject_id"][row]
            draft.note(Line(table, copy, None, who, None, None, "repaired", rule, held.key(row)))


def contradiction(draft: Draft) -> None:
    """A record was entered twice with different values: nobody can tell which is true, so both rows are refused."""
    rule = "rows with one key state different values"
    for table, column in _VALUES.items():
        if table not in draft.tables:
            continue
        held = draft.tables[table]
        for row in draft.pick(table, pl.col(column).is_not_null()):
            before = held.cells[column][row]
            after = _otherwise(draft, table, row, column)
            copy = draft.copy(table, row, behind=int(draft.rng.integers(held.who.size)), **{column: after})
            own = draft.line(table, row, ("refused", rule), column=column, after=before)
            other = Line(table, copy, column, own.subject_id, before, after, "refused", rule, own.record)
            fallen = draft.fallen_with(row) if table == "treatments" else []
            draft.note(other, own, *fallen)


def _otherwise(draft: Draft, table: str, row: int, column: str) -> str:
    """Return another value that could be true as well."""
    frame = draft.tables[table].clean
    value = frame[column][row]
    other = value + 1
    if column == "score" and other > _most(frame, row):
        other = value - 1
    if column in ("daily_dose", "value"):
        other = value * 2 or 1
    return str(in_text(pl.Series([other], dtype=frame.schema[column]))[0])


def _most(frame: pl.DataFrame, row: int) -> float:
    scale = SCALES[frame["scale"][row]]
    return dict(scale.item_maxima)[frame["item"][row]] if "item" in frame.columns else scale.high


def subject_twice(draft: Draft) -> None:
    """A subject stands in the subject table twice, in two arms (without arms: with two values of another column).

    Both rows are refused, and every record of the subject with them.
    """
    rule = "rows with one key state different values"
    held = draft.tables["subjects"]
    for subject in draft.pick_subjects(np.ones(held.who.size, dtype=np.bool_)):
        told = _other_subject(draft, subject)
        if told is None:
            continue
        column, after = told
        before = held.cells[column][subject]
        behind = int(draft.rng.integers(held.who.size))
        copy = draft.copy("subjects", subject, behind=behind, **{column: after})
        own = draft.line("subjects", subject, ("refused", rule), column=column, after=before)
        other = Line("subjects", copy, column, own.subject_id, before, after, "refused", rule, own.record)
        draft.note(other, own, *draft.fallen_records(subject))


def _other_subject(draft: Draft, subject: int) -> tuple[str, str] | None:
    """Return a column of the subject table and another sound text for it; None where there is nothing to differ in."""
    held = draft.tables["subjects"]
    arms = [arm for arm in draft.study.arms if arm != held.clean["arm"][subject]]
    if arms:
        return "arm", str(draft.rng.choice(arms))
    last = held.clean["last_day"][subject]
    if last is not None:
        return "last_day", str(last + 1)
    for name in draft.study.covariates:
        words = [word for word in dict.fromkeys(held.cells[name]) if word not in (None, held.cells[name][subject])]
        if words:
            return name, str(words[0])
    return None
