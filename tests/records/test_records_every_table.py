"""Every table of records is read from a study file, written, and read again."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cohort.errors import RecordError
from cohort.records.inspect import inspect, read
from cohort.records.study import Study
from cohort.records.write import write
from cohort.schemas import RECORD_FRAMES, SUBJECTS
from synthetic_data import EPILEPSY_CLINIC, HAMD_STUDY, ClinicTruth, HamdTruth, simulate
from tests.records.folders import frames_of, write_folder
from tests.records.full_study import FILES, FULL

EXPECTED = {
    "subjects": [
        ("007", "early switch", -28, 364, 8.5, "male", 'says "fine", mostly'),
        ("x y", "usual care", -17, None, None, "female", None),
    ],
    "ratings": [
        ("007", 0, "baseline", "MADRS", 31),
        ("007", 29, "week 4", "MADRS", 12.5),
        ("x y", 0, "baseline", "MADRS", None),
    ],
    "items": [("007", 0.5, "baseline", "PHQ-9", 1, 3), ("007", 0.5, "baseline", "PHQ-9", 2, 0)],
    "seizures": [
        ("007", -28, 28, 9, "focal"),
        ("007", 0, 14, 3, "focal"),
        ("007", 0, 14, 1, "tonic-clonic"),
        ("007", 14, 14, None, "focal"),
    ],
    "observed": [("x y", -10, 13), ("x y", 20, 40)],
    "treatments": [
        ("007", 1, "carbamazepine", "drug", 400, 0, 59, "inefficacy", 0.95),
        ("007", 2, "ketogenic", "diet", None, 67, None, None, None),
        ("007", 2, "lamotrigine", "drug", None, 60, None, None, None),
    ],
    "doses": [("007", 2, "lamotrigine", 60, 25, 1), ("007", 2, "lamotrigine", 74, 50, None)],
    "settings": [
        ("007", 2, "ketogenic", 67, "energy", 1200, "kcal"),
        ("007", 2, "ketogenic", 67, "ratio", 3, None),
        ("007", 2, "ketogenic", 81, "energy", None, "kcal"),
        ("007", 2, "ketogenic", 81, "ratio", 4, None),
    ],
    "adverse_effects": [("007", 10, 14, 1, "rash", "mild", False), ("007", 70, None, 2, "fall", "severe", True)],
    "findings": [("007", 0.25, "CRP", 3.5, "mg/l", None), ("007", 0, "EEG", None, None, "spikes")],
    "episodes": [("007", "status epilepticus", 20.5, 20.75), ("x y", "depressive episode", -5, None)],
}


@pytest.fixture
def full(tmp_path: Path) -> Study:
    return read(write_folder(tmp_path / "full", FULL, FILES))


@pytest.mark.parametrize("table", RECORD_FRAMES)
def test_every_table_is_read(full: Study, table: str) -> None:
    frame = RECORD_FRAMES[table]
    assert full.table(table).rows() == EXPECTED[table]
    if table != "subjects":
        assert full.table(table).schema == frame.schema
    assert full.inspection is not None
    assert full.inspection.refused.is_empty()


def test_the_subjects_carry_their_covariates(full: Study) -> None:
    assert full.covariates == ("age at onset", "sex", "note")
    assert full.subjects.columns == [*SUBJECTS.columns, "age at onset", "sex", "note"]
    assert full.subjects["arm"].dtype == pl.Enum(["usual care", "early switch"])
    assert full.subjects["sex"].dtype == pl.Enum(["female", "male"])


def test_every_column_of_every_table_holds_something_somewhere(full: Study) -> None:
    empty = [
        (name, column)
        for name, frame in RECORD_FRAMES.items()
        for column in frame.columns
        if full.table(name)[column].null_count() == full.table(name).height
    ]
    assert empty == []


def test_a_study_shows_its_counts_and_names_nobody(full: Study) -> None:
    assert repr(full) == (
        "Study('clinic': subjects 2, ratings 3, items 2, seizures 4, observed 2, treatments 3, doses 2, "
        "settings 4, adverse_effects 2, findings 2, episodes 2)"
    )
    assert "007" not in full._repr_html_()
    odd = Study(name="a<b", subjects=full.subjects.select("subject_id"))
    assert "<caption>a&lt;b</caption>" in odd._repr_html_()


def test_what_is_written_is_read_again(full: Study, tmp_path: Path) -> None:
    again = read(write(full, tmp_path / "again", analysis="[analysis]\nseed = 1\n"))
    assert frames_of(again) == frames_of(full)
    assert (again.name, again.title, again.index, again.arms, again.visits) == (
        full.name,
        full.title,
        full.index,
        full.arms,
        full.visits,
    )
    assert again.inspection is not None
    assert again.inspection.analysis == {"seed": 1}
    assert again.inspection.refused.is_empty()


TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8).filter(
    lambda text: text == text.strip(" \t\n\r") and text.strip() == text
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    ids=st.lists(TEXT, min_size=2, max_size=4, unique=True),
    name=TEXT.filter(lambda text: not text.startswith("_")),
    words=st.lists(TEXT, min_size=1, max_size=3, unique=True),
    number=st.floats(allow_nan=False, allow_infinity=False),
    title=st.text(max_size=5),
)
def test_any_text_and_any_number_comes_back(
    tmp_path_factory: pytest.TempPathFactory, ids: list[str], name: str, words: list[str], number: float, title: str
) -> None:
    subjects = pl.DataFrame(
        {
            "subject_id": ids,
            f"{name}-level": pl.Series([*words, *[None] * 9][: len(ids)], dtype=pl.Enum(words)),
            f"{name}-text": [None, *ids[1:]],
            f"{name}-none": pl.Series([None] * len(ids), dtype=pl.Float64),
            "seen": range(len(ids)),
        }
    )
    findings = pl.DataFrame({"subject_id": ids[:1], "day": [0.1], "finding": words[:1], "value": [number]})
    visits = tuple(words)
    ratings = pl.DataFrame(
        {"subject_id": ids[:1], "day": [0], "visit": words[:1], "scale": ["HAMD17"], "score": [None]}
    )
    study = Study(name=name, title=title, subjects=subjects, findings=findings, visits=visits, ratings=ratings, arms=())
    again = inspect(write(study, tmp_path_factory.mktemp("any") / "study"))
    assert again.refused.is_empty()
    assert frames_of(again.study) == frames_of(study)
    assert (again.study.name, again.study.title, again.study.visits) == (name, title, visits)


@pytest.mark.parametrize(
    "word", ["NA", ".", "null", "nan", "true", "1e5", "#x", "'", '"', "a,b", "a\nb", "a\rb", "\x7f"]
)
def test_words_that_look_like_something_else_come_back(tmp_path: Path, word: str) -> None:
    subjects = pl.DataFrame({"subject_id": [word, "other"], "arm": [word, word]})
    study = Study(name=word, arms=(word,), subjects=subjects.with_columns(note=pl.lit(word)))
    assert frames_of(read(write(study, tmp_path / "new"))) == frames_of(study)


@pytest.mark.parametrize("truth", [HAMD_STUDY, EPILEPSY_CLINIC], ids=["hamd", "clinic"])
def test_a_simulated_study_is_told_from_a_read_one_by_nothing(tmp_path: Path, truth: HamdTruth | ClinicTruth) -> None:
    study = simulate(truth, seed=1, subjects=20)
    again = inspect(write(study, tmp_path / "new"))
    assert again.refused.is_empty()
    assert frames_of(again.study) == frames_of(study)


def test_records_that_were_all_missing_come_back(tmp_path: Path) -> None:
    subjects = pl.DataFrame({"subject_id": ["a"]})
    seizures = pl.DataFrame({"subject_id": ["a"], "day": [1], "days": [1], "count": [None]})
    study = Study(name="s", subjects=subjects, seizures=seizures)
    assert read(write(study, tmp_path / "new")).seizures.rows() == [("a", 1, 1, None, None)]


def test_writing_overwrites_nothing(full: Study, tmp_path: Path) -> None:
    (tmp_path / "held").mkdir()
    (tmp_path / "held/notes.txt").write_text("keep")
    with pytest.raises(RecordError, match="is not empty; name a new folder"):
        write(full, tmp_path / "held")
    with pytest.raises(RecordError, match=r"notes\.txt is a file; name a new folder"):
        write(full, tmp_path / "held/notes.txt")
    assert [path.name for path in (tmp_path / "held").iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("word", ["", " a", "a\n", "\u00a0a"])
def test_writing_refuses_text_that_would_not_come_back(tmp_path: Path, word: str) -> None:
    study = Study(name="s", subjects=pl.DataFrame({"subject_id": ["a"], "note": [word]}))
    with pytest.raises(RecordError, match=r"subjects\.note: 1 texts are empty or have spaces around them"):
        write(study, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_writing_refuses_a_study_of_nobody(tmp_path: Path) -> None:
    study = Study(name="s", subjects=pl.DataFrame({"subject_id": []}, schema={"subject_id": pl.String}))
    with pytest.raises(RecordError, match="no subjects; there is nothing to write"):
        write(study, tmp_path / "new")
