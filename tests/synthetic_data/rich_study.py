"""A study that fills every table: several scales, items, seizure types that share a span, combinations, doses, gaps."""

from __future__ import annotations

import numpy as np
import polars as pl

from cohort.records.study import Study
from cohort.schemas import RECORD_FRAMES

VISITS = ("baseline", "week 2", "week 4")


def rich_study(subjects: int, seed: int, *, arms: bool = True, whole_days: bool = False) -> Study:
    """Return a sound study drawn at random; subject 0 has no end of observation, some have no records of a kind."""
    rng = np.random.default_rng(seed)
    ids = [f"S{number:03}" for number in range(subjects)]
    ends = [None if number == 0 else int(rng.integers(120, 200)) for number in range(subjects)]
    people = pl.DataFrame(
        {
            "subject_id": ids,
            "arm": [("usual care", "early switch")[number % 2] if arms else None for number in range(subjects)],
            "first_day": [None if number % 5 == 0 else -60 for number in range(subjects)],
            "last_day": ends,
            "age at onset": [None if number % 4 == 1 else float(rng.integers(2, 70)) for number in range(subjects)],
            "sex": pl.Series(
                [("female", "male")[number % 2] for number in range(subjects)], dtype=pl.Enum(["female", "male"])
            ),
            "note": [None if number % 3 else f"says\n“{number}”, mostly" for number in range(subjects)],
        },
        schema_overrides={"arm": pl.String, "first_day": pl.Int64, "last_day": pl.Int64, "age at onset": pl.Float64},
    )
    rows: dict[str, list[tuple[object, ...]]] = {name: [] for name in RECORD_FRAMES if name != "subjects"}
    for who in ids:
        _ratings(rows, who, rng, whole_days)
        _seizures(rows, who, rng)
        _treatments(rows, who, rng)
        _others(rows, who, rng)
    frames = {
        name: pl.DataFrame(lines, schema=RECORD_FRAMES[name].schema, orient="row") for name, lines in rows.items()
    }
    return Study(
        name="rich", arms=("usual care", "early switch") if arms else (), visits=VISITS, subjects=people, **frames
    )


def _ratings(rows, who, rng, whole_days):
    for scale, most in (("HAMD17", 52), ("MADRS", 60)):
        for place, visit in enumerate(VISITS):
            day = 14 * place + (0 if whole_days else float(rng.integers(0, 4)) / 4) - (scale == "MADRS" and place == 0)
            score = None if rng.random() < 0.1 else float(rng.integers(0, most + 1))
            rows["ratings"].append((who, day, visit, scale, score))
    rows["ratings"].append((who, float(rng.integers(50, 90)), None, "HAMD17", 12.5))
    for item in (1, 2, 3):
        rows["items"].append((who, 0.0, "baseline", "PHQ-9", item, float(rng.integers(0, 4))))


def _seizures(rows, who, rng):
    day = -56
    while day < 90 and rng.random() < 0.97:
        days = int(rng.choice([1, 7, 14]))
        for kind in ("focal", "tonic-clonic")[: int(rng.integers(1, 3))]:
            count = None if rng.random() < 0.1 else int(rng.integers(0, 12))
            rows["seizures"].append((who, day, days, count, kind))
        day += days + int(rng.integers(0, 3))
    rows["observed"] += [(who, -56, -1), (who, 0, int(rng.integers(60, 110)))]


def _treatments(rows, who, rng):
    for number in range(1, int(rng.integers(2, 4))):
        start = 30 * (number - 1)
        stop = start + int(rng.integers(5, 30)) if rng.random() < 0.7 else None
        why = str(rng.choice(["inefficacy", "intolerance"])) if stop is not None else None
        for drug in ("lamotrigine", "valproate")[: int(rng.integers(1, 3))]:
            dose = None if rng.random() < 0.2 else float(rng.integers(1, 20)) * 50
            rows["treatments"].append((who, number, drug, "drug", dose, start, stop, why, round(rng.random(), 2)))
            for step in range(int(rng.integers(0, 3))):
                rows["doses"].append((who, number, drug, start + 2 * step, 12.5 * (step + 1), None))
        if rng.random() < 0.5:
            rows["treatments"].append((who, number, "VNS", "stimulation", None, start, stop, why, None))
            for setting, value, unit in (("current", 0.25, "mA"), ("pulse width", 250.0, "us"), ("mode", None, None)):
                for step in range(int(rng.integers(0, 3))):
                    rows["settings"].append((who, number, "VNS", start + 2 * step, setting, value, unit))


def _others(rows, who, rng):
    day = int(rng.integers(0, 100))
    rows["adverse_effects"].append((who, day, day + 3, 1, "rash", "mild", bool(rng.random() < 0.2)))
    rows["adverse_effects"].append((who, day, None, None, "fall", None, None))
    rows["findings"].append((who, day + 0.25, "CRP", round(float(rng.random()), 3), "mg/l", None))
    rows["findings"].append((who, float(day), "EEG", None, None, "spikes"))
    rows["episodes"].append((who, "status epilepticus", day + 0.5, day + 0.75))
