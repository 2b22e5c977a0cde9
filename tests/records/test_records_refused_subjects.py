"""Subjects that are refused, and when their share refuses the study."""

from pathlib import Path

import pytest

from cohort.errors import RecordError
from cohort.records.inspect import Inspection, inspect, read
from tests.records.folders import (
    ANY_SHARE,
    HEAD,
    PEOPLE,
    PEOPLE_CSV,
    RATINGS,
    SEIZURES,
    refused,
    write_folder,
)


def subjects_found(folder: Path, people: str, toml: str = "") -> Inspection:
    return inspect(write_folder(folder, HEAD + ANY_SHARE + PEOPLE + toml, {"people.csv": people}))


def test_an_unknown_arm_refuses_one_row(tmp_path: Path) -> None:
    found = subjects_found(tmp_path, "id,arm\na,control\nb,placebo\nc,\n")
    assert refused(found, "subjects") == [(2, "unknown arm"), (3, "unknown arm")]
    assert found.refused["detail"][0] == "arm is 'placebo', not one of 'control', 'active'"


def test_an_arm_unknown_for_everyone_refuses_the_study(tmp_path: Path) -> None:
    path = write_folder(tmp_path, HEAD + PEOPLE, {"people.csv": "id,arm\na,Control\nb,Active\n"})
    with pytest.raises(RecordError, match=r"subjects: 2 of 2 rows were refused.*unknown arm.*'Control', not one of"):
        read(path)


def test_no_subject_left_refuses_the_study_whatever_the_bound(tmp_path: Path) -> None:
    path = write_folder(tmp_path, HEAD + ANY_SHARE + PEOPLE, {"people.csv": "id,arm\na,Control\n"})
    with pytest.raises(RecordError, match="no subject is left"):
        read(path)


def test_an_exact_duplicate_of_a_subject_is_kept_once(tmp_path: Path) -> None:
    found = subjects_found(tmp_path, "id,arm\na,control\nb,active\na,control\n")
    assert refused(found, "subjects") == [(3, "exact duplicate of a row that was kept")]
    assert found.study.subjects["subject_id"].to_list() == ["a", "b"]


def test_a_subject_in_two_arms_is_refused_with_all_records(tmp_path: Path) -> None:
    path = write_folder(
        tmp_path,
        HEAD + ANY_SHARE + PEOPLE + RATINGS,
        {
            "people.csv": "id,arm\na,control\na,active\nb,active\n",
            "ratings.csv": "id,day,visit,score\na,0,baseline,20\n",
        },
    )
    found = inspect(path)
    reason = "conflicts with another row for the same key"
    assert refused(found, "subjects") == [(1, reason), (2, reason)]
    assert refused(found, "ratings") == [(1, "subject is not in the subject table")]


@pytest.mark.parametrize("order", [("a,control,30", "a,control,31"), ("a,control,31", "a,control,30")])
def test_a_subject_with_two_ages_is_refused_in_either_order(tmp_path: Path, order: tuple[str, str]) -> None:
    lines = "\n".join(["id,arm,age", *order, "b,active,40"])
    found = subjects_found(tmp_path, lines, 'covariates.age = "age"\n')
    assert [row for row, _ in refused(found, "subjects")] == [1, 2]
    assert "age 30.0" in found.refused.sort("detail")["detail"][0]


def test_an_unlisted_covariate_level_is_refused(tmp_path: Path) -> None:
    toml = 'covariates.sex = { column = "sex", levels = ["female", "male"] }\n'
    found = subjects_found(tmp_path, "id,arm,sex\na,control,female\nb,active,other\n", toml)
    assert refused(found, "subjects") == [(2, "not one of 'female', 'male'")]


def test_an_unlisted_code_is_refused(tmp_path: Path) -> None:
    toml = 'covariates.sex = { column = "sex", codes = { F = "female", M = "male" } }\n'
    found = subjects_found(tmp_path, "id,arm,sex\na,control,F\nb,active,X\n", toml)
    assert refused(found, "subjects") == [(2, "code is not listed in study.toml")]
    assert found.refused["detail"].to_list() == ["sex is 'X'"]


def test_a_row_that_is_refused_makes_no_text_of_a_covariate(tmp_path: Path) -> None:
    lines = "id,arm,age\na,control,30\nb,active,x,40\nc,placebo,old\nd,,young\n"
    found = subjects_found(tmp_path, lines, 'covariates.age = "age"\n')
    assert found.study.subjects["age"].to_list() == [30.0]
    assert [row for row, _ in refused(found, "subjects")] == [2, 3, 4]


def test_a_code_that_is_not_listed_makes_no_text_of_a_covariate(tmp_path: Path) -> None:
    toml = 'covariates.dose = { column = "dose", codes = { low = 5, high = 10 } }\n'
    found = subjects_found(tmp_path, "id,arm,dose\na,control,low\nb,active,high\nc,active,none\n", toml)
    assert found.study.subjects["dose"].to_list() == [5, 10]
    assert refused(found, "subjects") == [(3, "code is not listed in study.toml")]


def test_a_covariate_said_to_be_a_number_refuses_words(tmp_path: Path) -> None:
    toml = 'covariates.age = { column = "age", type = "number" }\n'
    found = subjects_found(tmp_path, "id,arm,age\na,control,30\nb,active,old\n", toml)
    assert refused(found, "subjects") == [(2, "not a number")]


def test_the_bound_is_a_share_of_each_table(tmp_path: Path) -> None:
    lines = ["id,day,days,count,type", *(f"a,{day},1,0," for day in range(9)), "a,9,1,-1,"]
    files = {"people.csv": PEOPLE_CSV, "seizures.csv": "\n".join(lines)}
    assert read(write_folder(tmp_path, HEAD + PEOPLE + SEIZURES, files)).seizures.height == 9
    tight = "[records]\nmax_refused_share = 0.09\n"
    with pytest.raises(RecordError, match=r"seizures: 1 of 10 rows.*0\.09.*max_refused_share.*1 rows: negative count"):
        read(write_folder(tmp_path, HEAD + tight + PEOPLE + SEIZURES, files))


def test_the_bound_itself_is_allowed_where_floats_would_round(tmp_path: Path) -> None:
    """0.29 * 100 is 28.999999999999996 in binary; 29 of 100 rows are not more than 0.29."""
    lines = ["id,day,score,visit", *(f"a,{day / 1000},{20 if day < 71 else 99}," for day in range(100))]
    toml = HEAD + "[records]\nmax_refused_share = 0.29\n" + PEOPLE + RATINGS
    found = inspect(write_folder(tmp_path, toml, {"people.csv": PEOPLE_CSV, "ratings.csv": "\n".join(lines)}))
    found.check()
    assert found.study.ratings.height == 71
