"""Parquet and SAS beside delimited text: the same study from each."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pyreadstat
import pytest

from cohort.errors import RecordError
from cohort.records.formats import read_source
from cohort.records.inspect import inspect, read
from cohort.records.study import Study
from tests.records.folders import (
    HEAD,
    PEOPLE_CSV,
    frames_of,
    with_people,
    write_folder,
)

REFERENCE = Path(__file__).parents[2] / "../shared/reference"


PEOPLE_FRAME = pl.DataFrame({"ID": [7.0, 12.0], "ARM": ["control", "active"], "AGE": [31.5, 40.0], "SEX": ["F", "M"]})


RATINGS_FRAME = pl.DataFrame(
    {
        "ID": [7.0, 7.0, 12.0, 12.0],
        "WHEN": [date(2021, 1, 1), date(2021, 1, 15), date(2021, 3, 1), date(2021, 3, 14)],
        "VISIT": ["baseline", "week 2", "baseline", "week 2"],
        "SCORE": [24.0, 11.5, 30.0, None],
    }
)


INDEX = pl.DataFrame({"ID": [7.0, 12.0], "INDEX": [date(2021, 1, 1), date(2021, 3, 1)]})


def same_study(folder: Path, suffix: str, write: Callable[[pl.DataFrame, Path], None]) -> Study:
    write(PEOPLE_FRAME.join(INDEX, on="ID"), folder / f"people.{suffix}")
    write(RATINGS_FRAME, folder / f"ratings.{suffix}")
    toml = f"""
[records.subjects]
file = "people.{suffix}"
columns.subject_id = "ID"
columns.arm = "ARM"
index_date = {{ column = "INDEX", date = "iso" }}
covariates.age = "AGE"
covariates.sex = {{ column = "SEX", levels = ["M", "F"] }}
[records.ratings]
file = "ratings.{suffix}"
columns.subject_id = "ID"
columns.day = {{ column = "WHEN", date = "iso" }}
columns.visit = "VISIT"
columns.scale = {{ constant = "HAMD17" }}
columns.score = "SCORE"
"""
    return read(write_folder(folder, HEAD + toml, {}))


def as_csv(frame: pl.DataFrame, path: Path) -> None:
    frame.with_columns(pl.col("ID").cast(pl.Int64)).write_csv(path)


def as_parquet(frame: pl.DataFrame, path: Path) -> None:
    frame.write_parquet(path)


def as_xpt(frame: pl.DataFrame, path: Path) -> None:
    pyreadstat.write_xport(frame, path, file_format_version=5)


def test_csv_parquet_and_xpt_give_the_same_study(tmp_path: Path) -> None:
    made = {}
    for suffix, write in (("csv", as_csv), ("parquet", as_parquet), ("xpt", as_xpt)):
        (tmp_path / suffix).mkdir()
        made[suffix] = same_study(tmp_path / suffix, suffix, write)
    assert frames_of(made["csv"]) == frames_of(made["parquet"]) == frames_of(made["xpt"])
    study = made["xpt"]
    assert study.ratings.rows() == [
        ("12", 0.0, "baseline", "HAMD17", 30.0),
        ("12", 13.0, "week 2", "HAMD17", None),
        ("7", 0.0, "baseline", "HAMD17", 24.0),
        ("7", 14.0, "week 2", "HAMD17", 11.5),
    ]
    assert study.subjects["sex"].dtype == pl.Enum(["M", "F"])
    assert study.subjects["age"].to_list() == [40.0, 31.5]


def test_sas7bdat_is_read_in_place() -> None:
    path = REFERENCE / "01_antidepressant_hamd/chapter15_example.sas7bdat"
    if not path.exists():
        pytest.skip("the reference file chapter15_example.sas7bdat is not beside the checkout")
    rows = read_source(path)
    assert rows.cells.height == 608
    assert rows.number.to_list() == list(range(1, 609))
    study = read(Path(__file__).parents[2] / "examples/antidepressant/study.toml")
    assert study.subjects.height == 172
    assert study.subjects["arm"].dtype == pl.Enum(["PLACEBO", "DRUG"])
    text = pl.read_csv(REFERENCE / "01_antidepressant_hamd/hamd17.csv")
    assert study.ratings.filter(pl.col("day") > 0)["score"].sum() == text["HAMDTL17"].sum()
    ids = study.subjects["subject_id"]
    assert ids.str.contains(".", literal=True).sum() == 0, "1503.0 is 1503"


@pytest.mark.parametrize("suffix", ["parquet", "sas7bdat", "xpt"])
def test_a_damaged_binary_file_is_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"people.{suffix}"
    path.write_bytes(b"id,arm\nthis is no such file\n" * 40)
    with pytest.raises(RecordError, match=rf"people\.{suffix} cannot be read as"):
        read_source(path)


def test_a_truncated_parquet_file_is_refused(tmp_path: Path) -> None:
    PEOPLE_FRAME.write_parquet(tmp_path / "whole.parquet")
    (tmp_path / "half.parquet").write_bytes((tmp_path / "whole.parquet").read_bytes()[:-100])
    with pytest.raises(RecordError, match=r"half\.parquet cannot be read as Parquet"):
        read_source(tmp_path / "half.parquet")


def test_a_kind_of_file_that_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "people.xlsx").write_bytes(b"PK")
    with pytest.raises(RecordError, match=r"files ending in '\.xlsx' are not read; these are: '\.csv'"):
        read_source(tmp_path / "people.xlsx")


def parquet_effects(folder: Path, frame: pl.DataFrame, people: str = PEOPLE_CSV) -> pl.DataFrame:
    toml = """
[records.adverse_effects]
file = "effects.parquet"
columns.subject_id = "id"
columns.day = "day"
columns.effect = "effect"
columns.serious = "serious"
"""
    path = with_people(folder, toml, people=people)
    frame.write_parquet(folder / "effects.parquet")
    return inspect(path).study.adverse_effects


def test_boolean_and_categorical_parquet_columns(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {"id": ["a", "b", "b"], "day": [1, 2, 3], "effect": ["rash"] * 3, "serious": [True, False, None]}
    )
    effects = parquet_effects(tmp_path, frame.with_columns(pl.col("effect", "id").cast(pl.Categorical)))
    assert effects["serious"].to_list() == [True, False, None]
    assert effects["subject_id"].to_list() == ["a", "b", "b"]


@pytest.mark.parametrize("dtype", [pl.Int8, pl.UInt16, pl.Float32, pl.Decimal(10, 2), pl.Int64])
def test_every_kind_of_number_is_a_number(tmp_path: Path, dtype: pl.DataType) -> None:
    frame = pl.DataFrame({"id": [1, 2], "day": [5, 6], "effect": ["rash"] * 2, "serious": [1, 0]})
    frame = frame.with_columns(pl.col("id", "day", "serious").cast(dtype))
    effects = parquet_effects(tmp_path, frame, people="id,arm\n1,control\n2,active\n")
    assert effects.select("subject_id", "day", "serious").rows() == [("1", 5, True), ("2", 6, False)]


def test_a_date_and_a_datetime_column_are_days(tmp_path: Path) -> None:
    toml = """
[records.subjects]
file = "people.parquet"
columns.subject_id = "id"
columns.last_day = { column = "end", date = "%d/%m/%Y" }
index_date = { column = "start", date = "sas" }
"""
    frame = pl.DataFrame(
        {
            "id": ["a", "b"],
            "start": [date(2020, 2, 28)] * 2,
            "end": [datetime(2020, 3, 1, 23, 59), datetime(2021, 2, 28)],
        }
    )
    path = write_folder(tmp_path, HEAD.replace('arms = ["control", "active"]\n', "") + toml, {})
    frame.write_parquet(tmp_path / "people.parquet")
    assert read(path).subjects["last_day"].to_list() == [2, 366]


def test_a_column_of_lists_is_refused(tmp_path: Path) -> None:
    frame = pl.DataFrame({"id": ["a"], "day": [1], "effect": [["rash", "fever"]], "serious": [True]})
    with pytest.raises(RecordError, match="column 'effect' is of type List"):
        parquet_effects(tmp_path, frame)
