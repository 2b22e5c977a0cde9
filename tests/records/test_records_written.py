"""What is written comes back: every table, in every kind of file, and a clear word where a kind cannot hold it."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cohort.errors import RecordError
from cohort.records.formats import read_source
from cohort.records.formats.written import WRITERS, source_names, write_source
from cohort.records.inspect import read
from cohort.records.study import Study
from cohort.records.write import write
from cohort.schemas import RECORD_FRAMES
from tests.records.folders import frames_of, write_folder
from tests.records.full_study import FILES, FULL


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return read(write_folder(tmp_path_factory.mktemp("full"), FULL, FILES))


def as_form(study: Study, folder: Path, suffix: str) -> Path:
    """Write the study, then each of its files again in another form, the study file's names mended."""
    path = write(study, folder)
    toml = path.read_text()
    for table in RECORD_FRAMES:
        frame = study.table(table)
        names = source_names(frame.columns, suffix)
        (folder / f"{table}.csv").unlink()
        write_source(frame.rename(names), folder / f"{table}{suffix}")
        for name, theirs in names.items():
            toml = toml.replace(f'column = "{name}"', f'column = "{theirs}"')
    path.write_text(toml.replace('.csv"', f'{suffix}"'))
    return path


@pytest.mark.parametrize("suffix", WRITERS)
def test_every_table_comes_back_from_every_kind_of_file(full: Study, tmp_path: Path, suffix: str) -> None:
    again = read(as_form(full, tmp_path / "again", suffix))
    assert frames_of(again) == frames_of(full)
    assert again.inspection is not None
    assert again.inspection.refused.is_empty()


@pytest.mark.parametrize("suffix", WRITERS)
def test_nulls_words_numbers_and_days_come_back(tmp_path: Path, suffix: str) -> None:
    frame = pl.DataFrame(
        {
            "a_name_of_more_than_8_characters": ["x" * 300, "é" * 200, None],
            "level": pl.Series(["low", None, "high"], dtype=pl.Enum(["low", "high"])),
            "nothing": [None, None, None],
            "number": [0.1, None, -1 / 3],
            "whole": [1, None, -(2**53)],
            "yes": [True, None, False],
            "day": [date(2021, 2, 28), None, date(1959, 1, 1)],
        }
    )
    write_source(frame, tmp_path / f"file{suffix}")
    rows = read_source(tmp_path / f"file{suffix}")
    cells = rows.cells
    assert cells.columns == frame.columns
    text = cells.select("a_name_of_more_than_8_characters", "level", "nothing").with_columns(pl.all().replace("", None))
    assert text.rows() == [("x" * 300, "low", None), ("é" * 200, None, None), (None, "high", None)]
    assert cells["number"].cast(pl.Float64, strict=False).to_list() == [0.1, None, -1 / 3]
    assert cells["whole"].cast(pl.Float64, strict=False).to_list() == [1, None, -(2**53)]
    yes = {".csv": ["true", "", "false"], ".parquet": [True, None, False], ".xpt": [1, None, 0]}
    assert cells["yes"].to_list() == yes[suffix]
    assert cells["day"].cast(pl.String).replace("", None).to_list() == ["2021-02-28", None, "1959-01-01"]


@settings(max_examples=50, deadline=None)
@given(numbers=st.lists(st.floats(allow_nan=False, allow_infinity=False, width=64), min_size=1, max_size=5))
def test_a_transport_file_holds_a_number_to_the_last_bit_or_refuses_it(
    tmp_path_factory: pytest.TempPathFactory, numbers: list[float]
) -> None:
    path = tmp_path_factory.mktemp("numbers") / "n.xpt"
    inside = all(number == 0 or 16.0**-65 <= abs(number) < 16.0**63 for number in numbers)
    if inside:
        write_source(pl.DataFrame({"n": numbers}), path)
        assert read_source(path).cells["n"].to_list() == numbers
    else:
        with pytest.raises(RecordError, match=r"values of 'n' cannot stand in a SAS transport file"):
            write_source(pl.DataFrame({"n": numbers}), path)


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ({"age at onset": [1]}, r"1 column names cannot stand.*'age at onset'; a name has at most 32 letters"),
        ({"a": [1], "A": [2]}, r"2 column names cannot stand.*'a', 'A'.*not only in capitals"),
        ({"1st": [1], "x" * 33: [1], "é": [1]}, "3 column names cannot stand"),
        ({"n": [float("inf"), float("nan"), 1e76, 1e-80, 1.0]}, r"4 values of 'n'.*about 5e-79 to 7e75"),
        ({"n": [2**53 + 1, -(2**53) - 1, 2**53]}, r"2 values of 'n'.*whole numbers up to 2\^53"),
        ({"t": ["x" * 32_768, "a\0b", "x" * 32_767]}, r"2 values of 't'.*'xxxxxxxxxxxxxxxxxxxx'.*at most 32,767 bytes"),
    ],
)
def test_what_a_transport_file_cannot_hold_is_refused(tmp_path: Path, frame: dict[str, object], message: str) -> None:
    with pytest.raises(RecordError, match=message):
        write_source(pl.DataFrame(frame), tmp_path / "f.xpt")
    assert not (tmp_path / "f.xpt").exists()


def test_no_other_kind_of_file_is_written(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"ending in '\.sas7bdat' are not written; these are: '\.csv', '\.parquet'"):
        write_source(pl.DataFrame({"a": [1]}), tmp_path / "f.sas7bdat")


@pytest.mark.parametrize("suffix", WRITERS)
def test_the_same_frame_makes_the_same_bytes(tmp_path: Path, suffix: str, full: Study) -> None:
    write_source(full.treatments, tmp_path / f"one{suffix}")
    write_source(full.treatments, tmp_path / f"two{suffix}")
    assert (tmp_path / f"one{suffix}").read_bytes() == (tmp_path / f"two{suffix}").read_bytes()
    if suffix == ".xpt":
        assert (tmp_path / "one.xpt").read_bytes()[:640].count(b"01JAN60:00:00:00") == 4


@pytest.mark.parametrize("names", [["a" * 40, "a" * 41, "A" * 32], ["", " ", "é"], ["x", "X", "x_2", "X_2"]])
def test_names_for_sas_are_free_and_stay_so(tmp_path: Path, names: list[str]) -> None:
    found = source_names(names, ".xpt")
    assert list(found) == names
    assert len({name.lower() for name in found.values()}) == len(names)
    write_source(pl.DataFrame({name: [1] for name in found.values()}), tmp_path / "f.xpt")
    assert read_source(tmp_path / "f.xpt").cells.columns == list(found.values())
    assert source_names(names, ".csv") == {name: name for name in names}
