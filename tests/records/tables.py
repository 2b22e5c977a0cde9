"""Studies made from tables, for one test each."""

from __future__ import annotations

from typing import Any

import polars as pl

from cohort.records.study import Study
from cohort.schemas import OBSERVED, RATINGS, SEIZURES

SUBJECT = pl.DataFrame({"subject_id": ["a", "b"], "arm": ["x", "y"], "first_day": [-28, -28], "last_day": [84, 84]})


def study(**tables: Any) -> Study:
    return Study(**{"name": "s", "arms": ("y", "x"), "visits": ("w0", "w2"), "subjects": SUBJECT, **tables})


def rating(
    day: float | None = 0.0,
    score: float | None = 20.0,
    subject: str = "a",
    visit: str | None = "w0",
    scale: str = "HAMD17",
) -> dict[str, Any]:
    return {"subject_id": subject, "day": day, "visit": visit, "scale": scale, "score": score}


def ratings(*rows: Any) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=RATINGS.schema)


def seizures(*rows: Any) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=SEIZURES.schema, orient="row")


VISITS = ("screening", "baseline", "week 2", "week 4", "week 6")


def rated(*rows: Any, subjects: str = "abcde", **more: Any) -> Study:
    """Return a study from rows of subject, day, visit, score on MADRS."""
    lines = [(who, float(day), visit, "MADRS", score) for who, day, visit, score in rows]
    people = pl.DataFrame({"subject_id": list(subjects), "age": list(range(40, 40 + len(subjects)))})
    return Study(
        name="s",
        subjects=people,
        visits=VISITS,
        ratings=pl.DataFrame(lines, schema=RATINGS.schema, orient="row"),
        **more,
    )


def counted(*rows: Any, observed: Any = (), subjects: str = "abc", **more: Any) -> Study:
    """Return a study from rows of subject, day, days, count, type, and spans of observation."""
    return Study(
        name="s",
        subjects=pl.DataFrame({"subject_id": list(subjects)}),
        seizures=pl.DataFrame(list(rows), schema=SEIZURES.schema, orient="row"),
        observed=pl.DataFrame(list(observed), schema=OBSERVED.schema, orient="row"),
        **more,
    )
