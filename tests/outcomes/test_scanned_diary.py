"""A diary read block by block answers as the same diary held in memory, whatever its rows look like."""

from dataclasses import replace
from random import Random

import polars as pl
import pytest

from cohort import RecordError
from cohort.criteria import (
    ILAE_2010_FREEDOM,
    SEIZURE_RESPONSE_50,
    SEIZURE_RESPONSE_75,
    SEIZURE_RESPONSE_100,
    Period,
)
from cohort.errors import CriterionError
from cohort.outcomes.registry import classify, judge
from cohort.outcomes.seizures.scanned import classify_diary
from cohort.records.derive import seizure_changes
from cohort.records.diary_scan import DiaryScan
from cohort.records.rules import unsound
from cohort.records.study import Study
from cohort.schemas import SEIZURES
from tests.outcomes.drawn_studies import drawn

PERIODS = (Period(-56, -1), Period(0, 83))
CRITERIA = [
    ILAE_2010_FREEDOM,
    replace(ILAE_2010_FREEDOM, min_days=30, times=1, lookback_days=60),
    replace(ILAE_2010_FREEDOM, min_days=20, times=2, min_observed=70, max_gap_days=3),
    replace(ILAE_2010_FREEDOM, min_days=25, times=0, min_observed=100, max_gap_days=0),
    replace(ILAE_2010_FREEDOM, min_days=40, interval_before="first treatment"),
    SEIZURE_RESPONSE_50,
    replace(SEIZURE_RESPONSE_75.between((-30, -1), (10, 50)), min_observed=50),
    SEIZURE_RESPONSE_100,
]


def rows_of(seed, names, faults):
    """Diary rows of some subjects: quiet ones and restless ones, gaps short and long, counts missing, and faults."""
    draw = Random(seed)
    rows = []
    for who in names:
        if draw.random() < 0.1:
            continue
        seizing, missing, skipping = draw.choice([0, 0.01, 0.3, 1]), draw.choice([0, 0.02, 0.5]), draw.choice([0, 0.05])
        day, last = draw.choice([-100, -60, 3]), draw.choice([20, 90, 400, 700])
        while day <= last:
            count = None if draw.random() < missing else draw.randint(1, 5) if draw.random() < seizing else 0
            if draw.random() >= skipping:
                rows.append((who, day, count))
            day += 1 if draw.random() < 0.995 else draw.choice([4, 15, 16, 40])
    for _ in range(faults if rows else 0):
        who, day, count = draw.choice(rows)
        rows.insert(draw.randrange(len(rows)), draw.choice(FAULTS)(who, day, count))
    return rows


FAULTS = [
    lambda who, day, count: (who, day, count),
    lambda who, day, count: (who, day, 7),
    lambda who, day, count: (who, day, None),
    lambda who, day, _: (who, day + 1000, -1),
    lambda who, day, _: ("nobody", day, 1),
    lambda who, day, _: (who, 100_000, 1),
    lambda who, day, _: (None, day, 1),
    lambda who, day, _: (who, None, 1),
    lambda who, day, _: (who, day + 2000, 0),
]


def frame_of(rows):
    return pl.DataFrame(rows, schema={"subject_id": pl.String, "day": pl.Int64, "count": pl.Int64}, orient="row")


def scan_of(folder, frame, block_rows=1000, **columns):
    frame.write_parquet(folder / "diary.parquet", row_group_size=500)
    return DiaryScan(source=folder / "diary.parquet", block_rows=block_rows, **columns)


def in_memory(study, frame):
    """The study with the sound rows of the diary, by the loader's own rules, and how many rows were not."""
    whole = frame.drop_nulls(["subject_id", "day"]).with_columns(days=1, type=pl.lit(None, dtype=pl.String))
    seizures = SEIZURES.conform(whole)
    bad = unsound("seizures", seizures, study.subjects)
    sound = seizures.with_row_index("row").join(bad, on="row", how="anti").drop("row")
    return replace(study, seizures=sound), bad.height + frame.height - whole.height


def same(study, scan, frame, as_of=None):
    whole, refused = in_memory(study, frame)
    answer = classify_diary(scan, CRITERIA, study=study, periods=PERIODS, as_of=as_of)
    judgements = [judge(whole, criterion, as_of) for criterion in CRITERIA]
    assert answer.outcomes.equals(pl.concat([found.outcomes for found in judgements]))
    assert answer.evidence.equals(pl.concat([found.evidence for found in judgements]))
    known = whole if as_of is None else whole.known_at(as_of)
    days = [(period.from_day, period.to_day) for period in PERIODS]
    assert answer.changes.equals(seizure_changes(known, *days))
    assert answer.rows_read == frame.height
    if as_of is None:
        assert answer.refused["rows"].sum() == refused
    return answer


def study_of(seed):
    study = drawn(seed)
    return replace(study, seizures=SEIZURES.empty())


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("order", ["in order", "subjects shuffled", "rows shuffled", "by day"])
def test_sound_rows_in_any_order(tmp_path, seed, order):
    study = study_of(seed)
    names = [*study.subjects["subject_id"]]
    if order == "subjects shuffled":
        Random(seed).shuffle(names)
    frame = frame_of(rows_of(seed, names, faults=0))
    if order == "rows shuffled":
        frame = frame.sample(fraction=1, shuffle=True, seed=seed)
    elif order == "by day":
        frame = frame.sort("day", "subject_id")
    answer = same(study, scan_of(tmp_path, frame), frame, as_of=None if seed % 3 else 150.5)
    assert answer.subjects_sorted == 0 or order in ("rows shuffled", "by day")


@pytest.mark.parametrize("seed", range(10))
def test_copies_contradictions_and_rows_out_of_place(tmp_path, seed):
    study = study_of(seed)
    frame = frame_of(rows_of(seed, study.subjects["subject_id"], faults=1 + seed % 7))
    same(study, scan_of(tmp_path, frame, block_rows=700 + 100 * seed), frame)


@pytest.mark.parametrize("block_rows", [1, 7, 365, 1_000_000])
def test_blocks_of_any_size(tmp_path, block_rows):
    study = study_of(1)
    frame = frame_of([row for row in rows_of(1, study.subjects["subject_id"], faults=2) if (row[1] or 0) < 60])
    same(study, scan_of(tmp_path, frame, block_rows), frame)


@pytest.mark.parametrize("dtypes", [(pl.Int32, pl.Int16, pl.UInt8), (pl.UInt64, pl.Int64, pl.Float64)])
def test_subjects_as_numbers(tmp_path, dtypes):
    study = study_of(2)
    names = {name: str(number) for number, name in enumerate(study.subjects["subject_id"])}
    subjects, treatments = (
        table.with_columns(pl.col("subject_id").replace_strict(names)) for table in (study.subjects, study.treatments)
    )
    study = Study(name="numbered", subjects=subjects, treatments=treatments)
    frame = frame_of(rows_of(2, names.values(), faults=0))
    typed = frame.select(pl.col(name).cast(dtype) for name, dtype in zip(frame.columns, dtypes, strict=True))
    same(study, scan_of(tmp_path, typed), frame)
    shuffled = typed.sample(fraction=1, shuffle=True, seed=1)
    same(study, scan_of(tmp_path, shuffled), frame)


def test_encoded_once(tmp_path):
    study = study_of(3)
    frame = frame_of(rows_of(3, study.subjects["subject_id"], faults=3))
    encoded = scan_of(tmp_path, frame).encoded(tmp_path / "encoded.parquet")
    assert encoded.rows.collect_schema()["subject"] == pl.Categorical
    same(study, encoded, frame)
    with pytest.raises(RecordError, match="exists already"):
        encoded.encoded(tmp_path / "encoded.parquet")


def test_several_files(tmp_path):
    study = study_of(4)
    frame = frame_of(rows_of(4, study.subjects["subject_id"], faults=2))
    folder = tmp_path / "diary"
    folder.mkdir()
    for number, part in enumerate(frame.iter_slices(777)):
        part.write_parquet(folder / f"{number:03}.parquet")
    same(study, DiaryScan(source=folder, block_rows=1000), frame)
    same(study, DiaryScan(source=folder / "*.parquet", block_rows=1000), frame)


def test_everyone_under_one_treatment(tmp_path):
    frame = frame_of(rows_of(5, [f"s{n}" for n in range(20)], faults=0))
    subjects = frame.select("subject_id").unique()
    course = subjects.with_columns(treatment_no=1, drug=pl.lit("treatment"), kind=pl.lit("drug"), start_day=10)
    study = Study(name="one", subjects=subjects, treatments=course)
    whole, _ = in_memory(study, frame)
    answer = classify_diary(scan_of(tmp_path, frame), CRITERIA, start_day=10, periods=PERIODS)
    assert answer.outcomes.equals(pl.concat([classify(whole, criterion) for criterion in CRITERIA]))


def test_rows_of_a_subject_for_a_study(tmp_path):
    frame = frame_of([("a", 1, 2), ("b", 0, 1), ("a", 0, 0), ("a", 0, 0), ("a", 2, 1), ("a", 2, 3)])
    scan = scan_of(tmp_path, frame)
    assert scan.seizures("a").select("subject_id", "day", "count").rows() == [("a", 0, 0), ("a", 1, 2)]
    assert scan.seizures().height == 3
    assert SEIZURES.conform(scan.seizures()).height == 3


def test_what_is_refused_is_counted(tmp_path):
    rows = [("a", 0, 0), ("a", 0, 0), ("a", 1, 1), ("a", 1, 2), ("a", 2, -1), ("a", None, 1), (None, 3, 1), ("a", 3, 1)]
    answer = classify_diary(scan_of(tmp_path, frame_of(rows)), periods=(Period(-1, -1), Period(0, 9)))
    assert dict(answer.refused.iter_rows()) == {
        "conflicts with another row for the same key": 2,
        "exact duplicate of a row that was kept": 1,
        "negative count": 1,
        "no day": 1,
        "no subject": 1,
    }
    assert answer.changes.select("seizures", "observed_days").row(0) == (1, 2)
    assert answer.subjects_sorted == 1


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({"subject_id": ["a"], "day": [0]}, "1 columns are missing: 'count'"),
        ({"subject_id": ["a"], "day": [0.5], "count": [1]}, "a day is a whole number"),
        ({"subject_id": [1.0], "day": [0], "count": [1]}, "a subject is whole numbers or text"),
        ({"subject_id": ["a"], "day": [0], "count": ["1"]}, "a count is a number"),
        ({"subject_id": ["a"], "day": [0], "count": [1], "days": [14]}, "totals over several days"),
        ({"subject_id": ["a"], "day": [0], "count": [1], "type": ["x"]}, "several rows"),
    ],
)
def test_files_that_are_no_diary(tmp_path, rows, message):
    with pytest.raises(RecordError, match=message):
        scan_of(tmp_path, pl.DataFrame(rows))


def test_no_such_file(tmp_path):
    with pytest.raises(RecordError, match="cannot be read as Parquet"):
        DiaryScan(source=tmp_path / "none.parquet")


def test_what_a_diary_cannot_answer(tmp_path):
    frame = frame_of([("s0", 0, 0)])
    scan = scan_of(tmp_path, frame)
    with pytest.raises(CriterionError, match="a diary answers"):
        classify_diary(scan, [Period(0, 1)])
    study = study_of(1)
    with pytest.raises(RecordError, match="seizure records of its own"):
        classify_diary(scan, [ILAE_2010_FREEDOM], study=drawn(1))
    with pytest.raises(CriterionError, match="no treatments"):
        classify_diary(scan, [ILAE_2010_FREEDOM], study=Study(name="untreated", subjects=study.subjects))


def test_counts_that_are_fractions_are_refused(tmp_path):
    frame = pl.DataFrame({"subject_id": ["a"] * 4, "day": [0, 1, 2, 3], "count": [1.0, 0.5, float("nan"), None]})
    answer = classify_diary(scan_of(tmp_path, frame), periods=(Period(-1, -1), Period(0, 9)))
    assert dict(answer.refused.iter_rows()) == {"count is not a whole number": 2}
    assert answer.changes.select("seizures", "observed_days").row(0) == (1, 1)


def test_an_empty_diary(tmp_path):
    scan = scan_of(tmp_path, frame_of([]))
    answer = classify_diary(scan, [ILAE_2010_FREEDOM], periods=PERIODS)
    assert (answer.outcomes.height, answer.changes.height, answer.rows_read) == (0, 0, 0)
    with pytest.raises(CriterionError, match="no rows"):
        classify_diary(scan, [ILAE_2010_FREEDOM], study=study_of(1))
