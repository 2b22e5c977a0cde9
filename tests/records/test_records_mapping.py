"""From a source's columns, codes, dates and units to ours."""

from pathlib import Path

import pytest

from cohort.records.inspect import Inspection, inspect
from tests.records.folders import (
    ANY_SHARE,
    HEAD,
    RATINGS,
    refused,
    with_people,
    write_folder,
)

DATED = """
[records.subjects]
file = "people.csv"
columns.subject_id = "id"
index_date = { column = "start", date = "iso" }
"""


def dated(folder: Path, pattern: str, *cells: str, people: str = "id,start\na,2021-03-01\nb,\n") -> Inspection:
    """Inspect ratings of subject a on dates written so."""
    toml = HEAD.replace('arms = ["control", "active"]\n', "") + ANY_SHARE + DATED
    day = f'{{ column = "day", date = "{pattern}" }}'
    lines = "\n".join(["id,day,visit,score", *(f"a,{cell},,20" for cell in cells)])
    files = {"people.csv": people, "ratings.csv": lines}
    return inspect(write_folder(folder, toml + RATINGS.replace('"day"', day), files))


@pytest.mark.parametrize(
    ("pattern", "cells"),
    [
        ("iso", ("2021-02-28", "2021-03-01", "2021-03-15")),
        ("%d.%m.%Y", ("28.02.2021", "01.03.2021", "15.03.2021")),
        ("%d%b%Y", ("28FEB2021", "01MAR2021", "15MAR2021")),
        ("sas", ("22339", "22340", "22354")),
        ("excel", ("44255", "44256", "44270.75")),
    ],
)
def test_dates_become_days(tmp_path: Path, pattern: str, cells: tuple[str, ...]) -> None:
    """SAS: 2021-03-01 is 61 * 365 + 16 leap days + 59 = 22340 days after 1960-01-01; Excel counts 21916 more."""
    assert dated(tmp_path, pattern, *cells).study.ratings["day"].to_list() == [-1, 0, 14]


@pytest.mark.parametrize(
    ("pattern", "cell"),
    [
        ("iso", "2021-02-30"),
        ("iso", "2021-13-01"),
        ("iso", "01.03.2021"),
        ("iso", "soon"),
        ("iso", "1821-03-01"),
        ("iso", "2021-03"),
        ("%d.%m.%Y", "30.02.2021"),
        ("sas", "1152921504606846976"),
        ("sas", "1e300"),
        ("sas", "soon"),
        ("excel", "-1e9"),
    ],
)
def test_what_is_no_date_is_refused(tmp_path: Path, pattern: str, cell: str) -> None:
    found = dated(tmp_path, pattern, cell)
    assert refused(found, "ratings") == [(1, "not a date, or no such day")]
    assert found.refused.filter(table="ratings")["detail"].to_list() == [f"day is '{cell}'"]


def test_a_subject_without_an_index_date_is_refused(tmp_path: Path) -> None:
    found = dated(tmp_path, "iso", "2021-03-01")
    assert refused(found, "subjects") == [(2, "index date is not a date, or no such day")]


def test_a_date_in_a_study_without_index_dates_is_refused(tmp_path: Path) -> None:
    toml = RATINGS.replace('"day"', '{ column = "day", date = "iso" }')
    found = inspect(with_people(tmp_path, toml, ratings="id,day,visit,score\na,2021-03-01,,20\n"))
    assert refused(found, "ratings") == [(1, "the subject has no index date")]


@pytest.mark.parametrize("order", [("a,2021-03-01", "a,2021-03-02"), ("a,2021-03-02", "a,2021-03-01")])
def test_a_subject_with_two_index_dates_is_refused_in_either_order(tmp_path: Path, order: tuple[str, str]) -> None:
    found = dated(tmp_path, "iso", "2021-03-01", people="\n".join(["id,start", *order, "b,2021-03-01"]))
    reason = "the subject has several index dates"
    assert refused(found, "subjects") == [(1, reason), (2, reason)]
    assert refused(found, "ratings") == [(1, "the subject has no index date")]
    assert found.study.subjects["subject_id"].to_list() == ["b"]


def test_cdisc_study_days_have_no_day_0(tmp_path: Path) -> None:
    toml = RATINGS.replace('"day"', '{ column = "day", study_day = true }')
    lines = "id,day,visit,score\na,-1,,20\na,1,,20\na,15,,20\na,0,,20\na,0.5,,20\n"
    found = inspect(with_people(tmp_path, toml, ratings=lines))
    assert found.study.ratings["day"].to_list() == [-1, 0, 14]
    reason = "CDISC study days have no day 0"
    assert refused(found, "ratings") == [(4, reason), (5, reason)]


@pytest.mark.parametrize(
    ("unit", "cells", "days"),
    [
        ("weeks", ("-4", "2", "1.5"), [-28, 10.5, 14]),
        ("hours", ("12", "72", "-24"), [-1, 0.5, 3]),
        ("minutes", ("1440", "4320", "36"), [0.025, 1, 3]),
        ("days", ("0", "1", "2"), [0, 1, 2]),
    ],
)
def test_units_of_time(tmp_path: Path, unit: str, cells: tuple[str, ...], days: list[float]) -> None:
    toml = RATINGS.replace('"day"', f'{{ column = "day", unit = "{unit}" }}')
    lines = "\n".join(["id,day,visit,score", *(f"a,{cell},,20" for cell in cells)])
    assert inspect(with_people(tmp_path, toml, ratings=lines)).study.ratings["day"].to_list() == days


TREATMENTS = """
[records.treatments]
file = "treatments.csv"
columns.subject_id = "id"
columns.treatment_no = "no"
columns.drug = "drug"
columns.kind = { constant = "drug" }
columns.daily_dose = { column = "dose", unit = "UNIT" }
columns.start_day = { constant = 0 }
"""


@pytest.mark.parametrize(("unit", "doses"), [("g", [9000, 1200]), ("mg", [9, 1.2]), ("ug", [0.009, 0.0012])])
def test_units_of_mass(tmp_path: Path, unit: str, doses: list[float]) -> None:
    lines = "id,no,drug,dose\na,1,x,9\nb,1,x,1.2\nb,2,x,1e306\n"
    found = inspect(with_people(tmp_path, TREATMENTS.replace("UNIT", unit), treatments=lines))
    assert found.study.treatments["daily_dose"].head(2).to_list() == doses
    assert refused(found, "treatments") == ([(3, "not a number")] if unit == "g" else [])


def test_decimal_commas(tmp_path: Path) -> None:
    """1.250 is no number there: it may mean a thousand."""
    toml = RATINGS.replace('"day"', "{ constant = 0.5 }") + 'separator = ";"\ndecimal = ","\n'
    lines = "id;visit;score\na;baseline;20,5\na;week 2;21\nb;week 2;1.250\n"
    found = inspect(with_people(tmp_path, toml, ratings=lines))
    assert found.study.ratings.select("day", "score").rows() == [(0.5, 20.5), (0.5, 21)]
    assert refused(found, "ratings") == [(3, "not a number")]


def test_codes_missing_values_and_constants(tmp_path: Path) -> None:
    toml = """
[records.ratings]
file = "ratings.csv"
missing = ["NA", "unknown"]
columns.subject_id = "id"
columns.day = { constant = 0 }
columns.visit = { column = "visit", codes = { 1 = "baseline", 2 = "week 2" } }
columns.scale = { constant = "HAMD17" }
columns.score = { column = "score", missing = [-9, 99] }
"""
    lines = "id,visit,score\na,1,-9\na,2,99\na,NA,7\nb,1,\nb,2,unknown\nb,3,7\nb,,8\n"
    found = inspect(with_people(tmp_path, toml, ratings=lines))
    assert found.study.ratings.select("subject_id", "visit", "score").rows() == [
        ("a", "baseline", None),
        ("a", "week 2", None),
        ("a", None, 7),
        ("b", "baseline", None),
        ("b", "week 2", None),
        ("b", None, 8),
    ]
    assert refused(found, "ratings") == [(6, "code is not listed in study.toml")]


def test_a_missing_value_where_one_is_needed_refuses_the_row(tmp_path: Path) -> None:
    toml = RATINGS.replace('"day"', '{ column = "day", missing = [-9] }')
    found = inspect(with_people(tmp_path, toml, ratings="id,day,visit,score\na,-9,,20\n"))
    assert refused(found, "ratings") == [(1, "missing day")]


def test_only_where(tmp_path: Path) -> None:
    toml = TREATMENTS.replace('{ column = "dose", unit = "UNIT" }', '{ column = "dose", only_where = { ok = 1 } }')
    toml += 'columns.stop_day = { column = "end", only_where = { ok = 1, drug = "x" } }\n'
    lines = "id,no,drug,dose,end,ok\na,1,x,5,9,1\na,2,x,5,9,0\na,3,y,5,9,1\na,4,x,5,9,\n"
    found = inspect(with_people(tmp_path, toml, treatments=lines))
    assert found.study.treatments.select("daily_dose", "stop_day").rows() == [
        (5, 9),
        (None, None),
        (5, None),
        (None, None),
    ]
