"""Delimited text, and files that are not what they should be."""

import codecs
from pathlib import Path

import polars as pl
import pytest

from cohort.errors import RecordError
from cohort.records.inspect import inspect, read
from tests.records.folders import (
    HEAD,
    PEOPLE,
    PEOPLE_CSV,
    RATINGS,
    rated,
    refused,
    with_people,
    write_folder,
)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"ratings\.csv is empty \(0 bytes\)"):
        inspect(with_people(tmp_path, RATINGS, ratings=""))


def test_a_file_of_blank_lines_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"ratings\.csv is empty: not even a header line"):
        inspect(with_people(tmp_path, RATINGS, ratings="\n\n"))


def test_a_header_without_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"ratings\.csv has a header and no rows.*leave it out of study\.toml"):
        inspect(with_people(tmp_path, RATINGS, ratings="id,day,visit,score\n"))


def test_a_missing_column_is_refused_and_named(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"ratings\.csv: 1 columns are missing: 'score'; the file has 'id', 'day', "):
        inspect(with_people(tmp_path, RATINGS, ratings="id,day,visit,total\na,0,baseline,20\n"))


def test_a_wrong_separator_shows_in_the_message(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"4 columns are missing.*the file has 'id;day;visit;score'.*`separator`"):
        inspect(with_people(tmp_path, RATINGS, ratings="id;day;visit;score\na;0;baseline;20\n"))


def test_a_header_that_names_a_column_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="1 column names stand twice in the header: 'day'"):
        inspect(with_people(tmp_path, RATINGS, ratings="id,day,day,visit,score\na,0,0,baseline,20\n"))


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_a_wrong_encoding_is_refused_with_its_line(tmp_path: Path, mark: bytes) -> None:
    people = mark + "id,arm\na,control\nJosé,active\n".encode("latin-1")
    path = write_folder(tmp_path, HEAD + PEOPLE, {"people.csv": people})
    with pytest.raises(RecordError, match=r'not utf-8: byte 0xe9 in line 3 does not fit.*encoding = "latin-1"'):
        inspect(path)


def test_the_right_encoding_reads_it(tmp_path: Path) -> None:
    people = "id,arm\na,control\nJosé,active\n".encode("latin-1")
    path = write_folder(tmp_path, HEAD + PEOPLE + 'encoding = "latin-1"\n', {"people.csv": people})
    assert read(path).subjects["subject_id"].to_list() == ["José", "a"]


def test_an_encoding_that_does_not_exist(tmp_path: Path) -> None:
    path = write_folder(tmp_path, HEAD + PEOPLE + 'encoding = "latin-99"\n', {"people.csv": PEOPLE_CSV})
    with pytest.raises(RecordError, match="no encoding is called 'latin-99'"):
        inspect(path)


@pytest.mark.parametrize("encoding", ["", 'encoding = "utf-8"\n'])
def test_a_byte_order_mark_is_not_part_of_the_first_column(tmp_path: Path, encoding: str) -> None:
    people = codecs.BOM_UTF8 + PEOPLE_CSV.encode()
    path = write_folder(tmp_path, HEAD + PEOPLE + encoding, {"people.csv": people})
    assert read(path).subjects.height == 2


def test_other_separators(tmp_path: Path) -> None:
    path = with_people(tmp_path, RATINGS + 'separator = ";"\n', ratings="id;day;visit;score\na;0;baseline;20\n")
    assert inspect(path).study.ratings.height == 1
    path = with_people(tmp_path, RATINGS.replace(".csv", ".tsv"))
    (tmp_path / "ratings.tsv").write_text("id\tday\tvisit\tscore\na\t0\tbaseline\t20\n")
    assert inspect(path).study.ratings.height == 1


def test_a_row_number_points_at_the_line_on_which_the_row_begins(tmp_path: Path) -> None:
    lines = ['a,0,"base\nline",20', "", "", "b,0,baseline,99", "\r", 'b,14,"week\r\n2",20', "c,0,baseline,20"]
    found = rated(tmp_path, *lines)
    text = (tmp_path / "ratings.csv").read_bytes().decode().replace("\r\n", "\n").replace("\r", "\n").split("\n")
    where = {row: text[row] for row, _ in refused(found, "ratings")}
    assert where == {1: 'a,0,"base', 5: "b,0,baseline,99", 7: 'b,14,"week', 9: "c,0,baseline,20"}


def test_a_quote_that_is_not_closed_swallows_nothing(tmp_path: Path) -> None:
    with pytest.raises(
        RecordError, match=r"ratings\.csv: the row that begins on line 3 cannot be read.*quotation mark"
    ):
        rated(tmp_path, "a,0,baseline,20", 'a,14,"week 2,20', "b,0,baseline,20", "b,14,week 2,20")


def test_windows_line_ends_and_spaces_around_names_and_cells(tmp_path: Path) -> None:
    people = "id , arm\r\n a ,control \r\n b,\tactive\r\n"
    study = read(write_folder(tmp_path, HEAD + PEOPLE, {"people.csv": people}))
    assert study.subjects.select("subject_id", "arm").rows() == [("a", "control"), ("b", "active")]


def test_text_ids_keep_their_zeros_and_numeric_ids_lose_their_fraction(tmp_path: Path) -> None:
    csv = write_folder(tmp_path / "csv", HEAD + PEOPLE, {"people.csv": "id,arm\n007,control\n7.0,active\n"})
    assert read(csv).subjects["subject_id"].to_list() == ["007", "7.0"]
    toml = HEAD + PEOPLE.replace(".csv", ".parquet")
    parquet = write_folder(tmp_path / "parquet", toml, {})
    frame = pl.DataFrame({"id": [7.0, 7.5], "arm": ["control", "active"]})
    frame.write_parquet(tmp_path / "parquet/people.parquet")
    assert read(parquet).subjects["subject_id"].to_list() == ["7", "7.5"]


@pytest.mark.parametrize("names", [("_row", "_fields"), ("_reason", "row"), ("_source", "reason"), ("_known", "_bad")])
def test_source_columns_may_be_named_like_anything_inside(tmp_path: Path, names: tuple[str, str]) -> None:
    first, second = names
    lines = f"id,day,visit,{first},{second}\na,0,baseline,20,3\nb,0,baseline,99,4\n"
    found = inspect(with_people(tmp_path, RATINGS.replace('"score"', f'"{first}"'), ratings=lines))
    assert found.study.ratings["score"].to_list() == [20]
    assert refused(found, "ratings") == [(2, "score outside 0 to 52 of HAMD17")]


def test_a_source_may_lie_above_the_study_file_and_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/real.csv").write_text(PEOPLE_CSV)
    (tmp_path / "data/people.csv").symlink_to("real.csv")
    toml = HEAD + PEOPLE.replace("people.csv", "../data/people.csv")
    found = inspect(write_folder(tmp_path / "study", toml, {}))
    assert found.study.subjects.height == 2
    assert list(found.inputs) == ["study.toml", "../data/people.csv"]


def test_a_broken_link_and_a_folder_are_no_files(tmp_path: Path) -> None:
    path = write_folder(tmp_path, HEAD + PEOPLE, {})
    (tmp_path / "people.csv").symlink_to("nowhere.csv")
    with pytest.raises(RecordError, match=r"people\.csv: the file is not there"):
        inspect(path)
    (tmp_path / "people.csv").unlink()
    (tmp_path / "people.csv").mkdir()
    with pytest.raises(RecordError, match=r"people\.csv is a folder; `file` names one file"):
        inspect(path)


def test_the_inputs_are_hashed(tmp_path: Path) -> None:
    """The digest is that of `printf 'id,arm\\na,control\\nb,active\\n' | sha256sum`."""
    found = inspect(with_people(tmp_path))
    assert found.inputs["people.csv"] == "9aa191eb90583a004c0a10458d3320e549107265f0c5d66416ae025f3d3db8d8"
