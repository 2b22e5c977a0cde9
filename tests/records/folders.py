"""Small study folders, written for one test each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cohort.records.inspect import Inspection, inspect
from cohort.records.study import Study
from cohort.schemas import RECORD_FRAMES

HEAD = """
[study]
name = "small"
arms = ["control", "active"]
visits = ["baseline", "week 2", "week 4"]
"""
# Subjects a and b; observed from day -28 to day 84.
PEOPLE = """
[records.subjects]
file = "people.csv"
columns.subject_id = "id"
columns.arm = "arm"
columns.first_day = { constant = -28 }
columns.last_day = { constant = 84 }
"""
PEOPLE_CSV = "id,arm\na,control\nb,active\n"
RATINGS = """
[records.ratings]
file = "ratings.csv"
columns.subject_id = "id"
columns.day = "day"
columns.visit = "visit"
columns.scale = { constant = "HAMD17" }
columns.score = "score"
"""
SEIZURES = """
[records.seizures]
file = "seizures.csv"
columns.subject_id = "id"
columns.day = "day"
columns.days = "days"
columns.count = "count"
columns.type = "type"
"""
ANY_SHARE = "[records]\nmax_refused_share = 1.0\n"


def write_folder(folder: Path, toml: str, files: Mapping[str, str | bytes]) -> Path:
    """Write a study folder and return the path of its study file."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    (folder / "study.toml").write_text(toml)
    return folder / "study.toml"


def with_people(folder: Path, toml: str = "", **files: str | bytes) -> Path:
    """Write a folder with subjects a and b and more tables; `ratings=` is the content of ratings.csv."""
    csvs = {f"{name}.csv": content for name, content in files.items()}
    return write_folder(folder, HEAD + ANY_SHARE + PEOPLE + toml, {"people.csv": PEOPLE_CSV, **csvs})


def refused(inspection: Inspection, table: str) -> list[tuple[int, str]]:
    """Return the refused rows of a table: where, and why."""
    return inspection.refused.filter(table=table).select("row", "reason").rows()


def frames_of(study: Study) -> dict[str, Any]:
    """Return every frame of a study with its schema, to be compared exactly."""
    return {name: [study.table(name).schema, study.table(name).rows()] for name in RECORD_FRAMES}


def rated(folder: Path, *lines: str) -> Inspection:
    """Inspect a study with these lines of ratings: id, day, visit, score."""
    return inspect(with_people(folder, RATINGS, ratings="\n".join(["id,day,visit,score", *lines])))


def counted(folder: Path, *lines: str) -> Inspection:
    """Inspect a study with these lines of seizures: id, day, days, count, type."""
    return inspect(with_people(folder, SEIZURES, seizures="\n".join(["id,day,days,count,type", *lines])))
