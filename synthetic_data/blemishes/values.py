"""Faults in values: units, codes for missing, impossible numbers, spellings."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cohort.scales import SCALES
from synthetic_data.blemishes.draft import Draft
from synthetic_data.blemishes.judgement import moved_item, moved_rating

_NUMBERS = {
    "ratings": ("score",),
    "items": ("score",),
    "seizures": ("count",),
    "treatments": ("daily_dose", "adherence"),
    "doses": ("daily_dose", "adherence"),
    "settings": ("value",),
    "findings": ("value",),
}
_UNLISTED = ("unknown", "ND", "n/a", "?")


def dose_in_grams(draft: Draft) -> None:
    """A dose was written in grams where the column holds milligrams: no dose is impossible, so nobody can see it."""
    why = "no dose is impossible: 1000 times less may be true"
    for table in ("treatments", "doses"):
        if table not in draft.tables:
            continue
        doses = draft.tables[table].clean["daily_dose"]
        for row in draft.pick(table, pl.col("daily_dose") > 0):
            line = draft.change(table, row, "daily_dose", f"{doses[row] / 1000:g}", ("undetectable", why))
            draft.note(line)


def weeks_for_days(draft: Draft) -> None:
    """A day or a length was written in weeks where the column holds days, or weeks were made days twice.

    Of a rating the day that results decides, as with swapped dates. A seizure total that seems to cover a
    seventh of its days cannot be told from a shorter one.
    """
    for table, judge in (("ratings", moved_rating), ("items", moved_item)):
        if table in draft.tables and not draft.manners[table].dated:
            days = draft.tables[table].clean["day"]
            named = (pl.col("day") != 0) & pl.col("visit").is_not_null()
            for row in draft.pick(table, named, whole_subject=True):
                day = round(days[row] / 7, 1) if draft.rng.random() < 0.5 else days[row] * 7
                text = draft.day_text(table, row, "day", day)
                draft.note(draft.change(table, row, "day", text, judge(draft, row, "day", day)))
    if "seizures" in draft.tables:
        alone = pl.struct("subject_id", "day", "days").is_unique()
        for row in draft.pick("seizures", alone & (pl.col("days") >= 7) & (pl.col("days") % 7 == 0)):
            weeks = str(draft.tables["seizures"].clean["days"][row] // 7)
            line = draft.change("seizures", row, "days", weeks, ("undetectable", "a total over fewer days may be true"))
            draft.note(line)


def listed_missing_code(draft: Draft) -> None:
    """A missing value is written as -9, 999, NA or a point, as the study file lists: repaired, it is missing.

    Where a table holds no missing value, one is lost first: `before` is what the record says after the loss.
    """
    rule = "listed in study.toml as missing"
    for table, held in draft.tables.items():
        codes = {name: _missing_codes(draft, table, name) for name in held.cells if name in held.clean.columns}
        holes = {name: held.clean[name].is_null().to_numpy() for name in codes if codes[name]}
        some = {name: hole for name, hole in holes.items() if hole.any() and not hole.all()}
        lost = [name for name in draft.manners[table].missing_in if name in holes]
        fitting = some or {name: np.ones(held.who.size, dtype=np.bool_) for name in lost}
        if not fitting:
            continue
        for row in draft.pick(table, np.logical_or.reduce(list(fitting.values()))):
            column = str(draft.rng.choice([name for name, hole in fitting.items() if hole[row]]))
            held.cells[column][row] = None
            after = str(draft.rng.choice(codes[column]))
            draft.note(draft.change(table, row, column, after, ("repaired", rule)))


def _missing_codes(draft: Draft, table: str, column: str) -> tuple[str, ...]:
    manner = draft.manners[table]
    return () if column in ("subject_id", "arm") else (*manner.missing, *manner.missing_in.get(column, ()))


def unlisted_missing_code(draft: Draft) -> None:
    """Missing was written as 99 in a score, or as a word in another number, and no study file lists that: refused."""
    for table, columns in _NUMBERS.items():
        held = [column for column in columns if table in draft.tables and draft.tables[table].clean[column].count()]
        if not held:
            continue
        for row in draft.pick(table, pl.any_horizontal(pl.col(name).is_not_null() for name in held)):
            filled = [name for name in held if draft.tables[table].clean[name][row] is not None]
            column = str(draft.rng.choice(filled))
            is_score = column == "score"
            after = "99" if is_score else str(draft.rng.choice(_UNLISTED))
            rule = "score outside its scale" if is_score else "not a number"
            line = draft.change(table, row, column, after, ("refused", rule))
            draft.note(line, *(draft.fallen_with(row) if table == "treatments" else []))


def score_out_of_range(draft: Draft) -> None:
    """A score lies below its scale or above it: refused."""
    for table in ("ratings", "items"):
        if table not in draft.tables:
            continue
        frame = draft.tables[table].clean
        for row in draft.pick(table, pl.col("score").is_not_null()):
            scale = SCALES[frame["scale"][row]]
            most = dict(scale.item_maxima)[frame["item"][row]] if table == "items" else scale.high
            off = int(draft.rng.integers(1, 9))
            after = str(int(scale.high if table == "ratings" else most) + off if draft.rng.random() < 0.5 else -off)
            line = draft.change(table, row, "score", after, ("refused", "score outside its scale"))
            draft.note(line)


def impossible_count(draft: Draft) -> None:
    """A count of seizures is negative or has a fraction: refused."""
    if "seizures" not in draft.tables:
        return
    counts = draft.tables["seizures"].clean["count"]
    for row in draft.pick("seizures", pl.col("count").is_not_null()):
        negative = draft.rng.random() < 0.5
        after = str(-int(draft.rng.integers(1, 9))) if negative else f"{counts[row]}.5"
        rule = "a count is not negative" if negative else "a count is whole"
        draft.note(draft.change("seizures", row, "count", after, ("refused", rule)))


def case_and_spaces(draft: Draft) -> None:
    """A word has capitals or spaces that it should not have ("Placebo", "DRUG ", "f"): repaired.

    Spaces around a text are trimmed; capitals are covered by the codes that the study file lists.
    """
    rule = "spaces are trimmed; study.toml lists the spellings"
    for table, held in draft.tables.items():
        columns = ["subject_id", *draft.manners[table].codes]
        for row in draft.pick(table, np.ones(held.who.size, dtype=np.bool_)):
            column = str(draft.rng.choice([name for name in columns if held.cells[name][row] is not None]))
            word = str(held.cells[column][row])
            spellings = [code for code, meant in _codes(draft, table, column).items() if meant == word != code]
            spelling = str(draft.rng.choice(spellings)) if spellings else word
            after = spelling if spellings and draft.rng.random() < 0.5 else f" {spelling} "
            draft.note(draft.change(table, row, column, after, ("repaired", rule)))


def misspelt_word(draft: Draft) -> None:
    """Two letters of a word changed places, and no study file lists that spelling: refused."""
    for table, held in draft.tables.items():
        columns = [] if table == "subjects" else list(draft.manners[table].codes)
        if not columns:
            continue
        for row in draft.pick(table, _long_words(draft, table, columns)):
            wrong = {name: _misspelt(draft, table, name, held.cells[name][row]) for name in columns}
            column = str(draft.rng.choice([name for name, word in wrong.items() if word]))
            line = draft.change(table, row, column, wrong[column], ("refused", "code is not listed in study.toml"))
            draft.note(line, *(draft.fallen_with(row) if table == "treatments" else []))


def _codes(draft: Draft, table: str, column: str) -> dict[str, str]:
    return draft.manners[table].codes.get(column, {})


def _long_words(draft: Draft, table: str, columns: list[str]) -> NDArray[np.bool_]:
    cells = draft.tables[table].cells
    wrong = {
        name: {word: _misspelt(draft, table, name, word) is not None for word in set(cells[name])} for name in columns
    }
    return np.array([any(wrong[name][cells[name][row]] for name in columns) for row in range(len(cells[columns[0]]))])


def _misspelt(draft: Draft, table: str, column: str, word: str | None) -> str | None:
    """Return the word with its first two differing neighbours behind the first letter swapped, if that is unlisted."""
    for at in range(1, len(word or "") - 1):
        wrong = f"{str(word)[:at]}{str(word)[at + 1]}{str(word)[at]}{str(word)[at + 2 :]}"
        if wrong != word and wrong not in _codes(draft, table, column) and wrong == wrong.strip():
            return wrong
    return None
