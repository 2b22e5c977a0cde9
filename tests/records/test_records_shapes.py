"""Rows that belong to a table, wide tables, repeated rows, listed events, several sources."""

from pathlib import Path

import polars as pl
import pytest

from cohort.errors import RecordError
from cohort.records.inspect import inspect, read
from tests.records.folders import (
    ANY_SHARE,
    HEAD,
    PEOPLE,
    RATINGS,
    SEIZURES,
    counted,
    refused,
    with_people,
    write_folder,
)


def test_where_takes_the_rows_of_a_table_and_leaves_the_others(tmp_path: Path) -> None:
    lines = "id,day,visit,score,what\na,0,baseline,20,HAMD\na,0,baseline,130,weight\nb,0,baseline,99,HAMD\n"
    found = inspect(with_people(tmp_path, RATINGS + 'where = { what = "HAMD" }\n', ratings=lines))
    assert found.study.ratings["score"].to_list() == [20]
    assert refused(found, "ratings") == [(3, "score outside 0 to 52 of HAMD17")]
    assert found.counts.filter(table="ratings")["rows_read"].to_list() == [2]


def test_a_broken_line_is_refused_whatever_where_says(tmp_path: Path) -> None:
    lines = "id,day,visit,score,what\na,0,baseline,20,HAMD\na,0,x,baseline,130,weight\n"
    found = inspect(with_people(tmp_path, RATINGS + 'where = { what = "HAMD" }\n', ratings=lines))
    assert refused(found, "ratings") == [(2, "line has not as many fields as the header")]


def test_where_that_no_row_has_refuses_the_study(tmp_path: Path) -> None:
    lines = "id,day,visit,score,what\na,0,baseline,20,HAMD\n"
    with pytest.raises(RecordError, match=r"ratings\.csv: no row has \{'what': 'hamd'\}; mend `where`, or leave"):
        inspect(with_people(tmp_path, RATINGS + 'where = { what = "hamd" }\n', ratings=lines))


@pytest.mark.parametrize(("value", "kept"), [("true", [20]), ("false", [30])])
def test_where_on_a_boolean_column(tmp_path: Path, value: str, kept: list[float]) -> None:
    frame = pl.DataFrame(
        {"id": ["a", "a"], "day": [0, 1], "visit": [None, None], "score": [20, 30], "ok": [True, False]}
    )
    path = with_people(tmp_path, RATINGS.replace(".csv", ".parquet") + f"where = {{ ok = {value} }}\n")
    frame.with_columns(pl.col("visit").cast(pl.String)).write_parquet(tmp_path / "ratings.parquet")
    assert inspect(path).study.ratings["score"].to_list() == kept


def test_repeated_takes_what_stands_on_many_rows_once(tmp_path: Path) -> None:
    people = "id,arm,visit\na,control,1\na,control,2\nb,active,1\nb,control,2\na,unknown,3\n"
    found = inspect(write_folder(tmp_path, HEAD + ANY_SHARE + PEOPLE + "repeated = true\n", {"people.csv": people}))
    assert found.study.subjects.select("subject_id", "arm").rows() == [("a", "control")]
    conflict = "conflicts with another row for the same key"
    assert refused(found, "subjects") == [(3, conflict), (4, conflict), (5, "unknown arm")]
    assert found.counts.row(0) == ("subjects", "people.csv", 5, 2, 3, 1)


def test_without_repeated_the_copies_are_refused(tmp_path: Path) -> None:
    people = "id,arm,visit\na,control,1\na,control,2\n"
    found = inspect(write_folder(tmp_path, HEAD + ANY_SHARE + PEOPLE, {"people.csv": people}))
    assert refused(found, "subjects") == [(2, "exact duplicate of a row that was kept")]


def test_a_wide_table_gives_one_record_a_cell(tmp_path: Path) -> None:
    toml = """
[records.seizures]
file = "wide.csv"
columns.subject_id = "id"
columns.type = { constant = "focal" }
wide = [
  { column = "before", day = -28, days = 28 },
  { column = "w2", day = 0, days = 14 },
  { column = "w4", day = 14, days = 14 },
]
"""
    found = inspect(with_people(tmp_path, toml, wide="id,before,w2,w4\na,10,5,NA\nb,7,1.5,0\n"))
    assert found.study.seizures.rows() == [
        ("a", -28, 28, 10, "focal"),
        ("a", 0, 14, 5, "focal"),
        ("a", 14, 14, None, "focal"),
        ("b", -28, 28, 7, "focal"),
        ("b", 14, 14, 0, "focal"),
    ]
    assert found.refused.rows() == [
        ("seizures", "wide.csv", 2, "w2", "b", "fractional count", "count is '1.5'"),
    ]
    assert found.counts.filter(table="seizures").rows() == [("seizures", "wide.csv", 6, 5, 1, 5)]


EVENTS = """
[records.seizures]
file = "seizures.csv"
events = true
columns.subject_id = "id"
columns.day = "day"
columns.type = "type"
"""


def test_events_of_a_day_are_added_up(tmp_path: Path) -> None:
    lines = "id,day,type\na,3,focal\na,3,focal\na,3,tonic\nb,3,focal\na,3,focal\na,99,focal\na,99,focal\n"
    found = inspect(with_people(tmp_path, EVENTS, seizures=lines))
    assert found.study.seizures.rows() == [("a", 3, 1, 3, "focal"), ("a", 3, 1, 1, "tonic"), ("b", 3, 1, 1, "focal")]
    outside = "outside the subject's days of observation"
    assert refused(found, "seizures") == [(6, outside), (7, outside)]
    assert found.counts.filter(table="seizures").rows() == [("seizures", "seizures.csv", 7, 5, 2, 3)]


def test_a_missing_count_makes_the_day_missing_and_a_negative_one_hides_in_no_sum(
    tmp_path: Path,
) -> None:
    lines = "id,day,type,n\na,3,,2\na,3,,\na,4,,3\na,4,,-1\nb,4,,2\nb,4,,1\n"
    found = inspect(with_people(tmp_path, EVENTS + 'columns.count = "n"\n', seizures=lines))
    assert found.study.seizures.select("subject_id", "day", "count").rows() == [
        ("a", 3, None),
        ("a", 4, 3),
        ("b", 4, 3),
    ]
    assert refused(found, "seizures") == [(4, "negative count")]


def test_a_table_may_have_several_sources(tmp_path: Path) -> None:
    second = SEIZURES.replace("[records.seizures]", "[[records.seizures]]").replace("seizures.csv", "more.csv")
    toml = SEIZURES.replace("[records.seizures]", "[[records.seizures]]") + second
    found = inspect(
        with_people(
            tmp_path,
            toml,
            seizures="id,day,days,count,type\na,1,1,0,\n",
            more="id,day,days,count,type\na,1,1,0,\na,2,1,5,\n",
        )
    )
    assert found.study.seizures["count"].to_list() == [0, 5]
    assert found.refused.select("file", "row", "reason").rows() == [
        ("more.csv", 1, "exact duplicate of a row that was kept")
    ]
    assert found.counts.filter(table="seizures").select("file", "rows_read", "rows_kept", "rows_refused").rows() == [
        ("seizures.csv", 1, 1, 0),
        ("more.csv", 2, 1, 1),
    ]


def test_two_sources_must_agree_on_a_covariates_type(tmp_path: Path) -> None:
    one = PEOPLE.replace("[records.subjects]", "[[records.subjects]]") + 'covariates.site = "site"\n'
    files = {"people.csv": "id,arm,site\na,control,1\n", "more.csv": "id,arm,site\nb,active,east\n"}
    path = write_folder(tmp_path, HEAD + one + one.replace("people.csv", "more.csv"), files)
    with pytest.raises(
        RecordError, match=r"covariate 'site' is read as Float64 from people\.csv and as String from more"
    ):
        read(path)


def test_a_covariate_is_a_number_where_every_cell_is_one(tmp_path: Path) -> None:
    toml = """covariates.age = "age"
covariates.site = { column = "site", type = "text" }
covariates.note = "note"
"""
    people = "id,arm,age,site,note\na,control,31.5,007,1\nb,active,,8,x\n"
    study = read(write_folder(tmp_path, HEAD + PEOPLE + toml, {"people.csv": people}))
    assert study.covariates == ("age", "site", "note")
    assert study.subjects.select("age", "site", "note").rows() == [(31.5, "007", "1"), (None, "8", "x")]


def test_visits_that_are_not_listed_stand_in_the_order_of_their_median_day(tmp_path: Path) -> None:
    toml = HEAD.replace('visits = ["baseline", "week 2", "week 4"]\n', "") + PEOPLE + RATINGS
    lines = "id,day,visit,score\na,14,w2,20\nb,29,w2,20\na,0,w0,20\nb,-1,w0,20\na,28,w4,20\n"
    files = {"people.csv": "id,arm\na,control\nb,active\n", "ratings.csv": lines}
    assert inspect(write_folder(tmp_path, toml, files)).study.visits == ("w0", "w2", "w4")


def test_a_seizure_record_covers_one_day_where_nothing_is_said(tmp_path: Path) -> None:
    toml = SEIZURES.replace('columns.days = "days"\n', "")
    found = inspect(with_people(tmp_path, toml, seizures="id,day,count,type\na,1,4,\n"))
    assert found.study.seizures["days"].to_list() == [1]


def test_a_study_without_ratings_or_visits(tmp_path: Path) -> None:
    toml = HEAD.replace('visits = ["baseline", "week 2", "week 4"]\n', "") + PEOPLE
    study = read(write_folder(tmp_path, toml, {"people.csv": "id,arm\na,control\n"}))
    assert study.visits == ()
    assert study.ratings.is_empty()
    assert counted(tmp_path / "more", "a,1,1,0,").cautions == ()
