"""If a Study exists, it is sound."""

import math
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cohort.errors import RecordError
from cohort.records.rules import unsound
from cohort.records.study import Study
from cohort.schemas import RATINGS, RECORD_FRAMES, SUBJECTS
from tests.records.tables import SUBJECT, rating, ratings, seizures, study


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"ratings": ratings(rating(score=53))}, r"ratings: 1 unsound rows \(score outside 0 to 52.*\), subjects 'a'"),
        ({"ratings": ratings(rating(subject="c"))}, "subject is not in the subject table"),
        ({"ratings": ratings(rating(), rating())}, "exact duplicate of a row"),
        ({"ratings": ratings(rating(), rating(score=1))}, "2 unsound rows.*conflicts with another row"),
        ({"ratings": ratings(rating(scale="HAMD"))}, "unknown scale"),
        ({"ratings": ratings(rating(visit="w9"))}, "1 visits are not among the study's visits: 'w9'; list them"),
        ({"ratings": ratings(rating(day=85.0))}, "outside the subject's days of observation"),
        ({"ratings": ratings(rating(day=math.nan))}, "day is not a finite number"),
        ({"ratings": ratings(rating(score=math.inf))}, "score is not a finite number"),
        ({"ratings": ratings(rating()).drop("day")}, "ratings: 1 required columns are missing: 'day'"),
        (
            {"ratings": ratings(rating()).with_columns(rater=pl.lit("r"))},
            "1 columns are not part of this frame: 'rater'",
        ),
        ({"ratings": ratings(rating()).with_columns(day=pl.lit("soon"))}, "ratings: a column has the wrong type"),
        ({"ratings": ratings(rating(day=None))}, r"ratings\.day: 1 rows are null where a value is required"),
        ({"ratings": {"subject_id": ["a"]}}, "ratings: a polars DataFrame is needed, this is a dict"),
        ({"seizures": seizures(("a", 0, 1, -1, None))}, "negative count"),
        ({"seizures": seizures(("a", 0, 2, 1, None), ("a", 1, 1, 1, None))}, "2 unsound rows.*overlaps another record"),
        (
            {"seizures": seizures(("a", 0, 1, 1, None)).with_columns(count=pl.lit(1.5))},
            r"seizures\.count: 1 values are not whole numbers",
        ),
        ({"arms": ("y",)}, r"1 arms are not among the study's arms \['y'\]: 'x'"),
        ({"arms": ("y", "x", "x")}, "an arm is named twice"),
        ({"visits": ("w0", "w0")}, "a visit is named twice"),
        ({"subjects": SUBJECT.with_columns(arm=pl.lit(None))}, "2 subjects have no arm; give each one of"),
        ({"subjects": pl.concat([SUBJECT, SUBJECT])}, "2 unsound rows.*exact duplicate"),
        ({"subjects": SUBJECT.with_columns(last_day=-29)}, "last_day before first_day"),
        ({"subjects": SUBJECT.with_columns(score=1)}, "a covariate cannot be called 'score'"),
        ({"subjects": SUBJECT.with_columns(_x=1)}, "a covariate cannot be called '_x'"),
        ({"subjects": SUBJECT.with_columns(age=math.inf)}, "age is not a finite number"),
        ({"subjects": SUBJECT.with_columns(born=pl.date(2000, 1, 1))}, "the covariate 'born' is of type Date; give it"),
    ],
)
def test_an_unsound_study_does_not_exist(tables: dict[str, Any], message: str) -> None:
    with pytest.raises(RecordError, match=message):
        study(**tables)


def test_a_study_names_no_more_than_three_subjects() -> None:
    people = pl.DataFrame({"subject_id": list("abcde")})
    bad = ratings(*(rating(score=99, subject=who, visit=None) for who in "abcde"))
    with pytest.raises(RecordError, match=r"5 unsound rows .*'a', 'b', 'c' and 2 more$"):
        Study(name="s", subjects=people, ratings=bad)


def test_absent_tables_are_empty_and_absent_columns_null() -> None:
    made = Study(name="s", subjects=pl.DataFrame({"subject_id": ["b", "a"]}))
    assert made.subjects.rows() == [("a", None, None, None), ("b", None, None, None)]
    assert all(made.table(name).is_empty() for name in RECORD_FRAMES if name != "subjects")
    assert made.table("ratings").schema == RATINGS.schema
    with pytest.raises(RecordError, match="no table is called 'drugs'; there are 'subjects', 'ratings'"):
        made.table("drugs")


def test_the_arm_is_an_enum_with_the_control_first() -> None:
    assert study().subjects["arm"].dtype == pl.Enum(["y", "x"])
    assert study().subjects.sort("arm")["subject_id"].to_list() == ["b", "a"]


def test_covariates_have_the_types_in_which_a_file_is_read() -> None:
    people = SUBJECT.with_columns(age=pl.lit(40), on_diet=pl.lit(value=True), site=pl.lit("x").cast(pl.Categorical))
    made = study(subjects=people.with_columns(sex=pl.lit("F").cast(pl.Enum(["M", "F"])))).subjects
    assert made.schema["age"] == pl.Float64
    assert made["on_diet"].to_list() == ["true", "true"]
    assert made.schema["site"] == pl.String
    assert made.schema["sex"] == pl.Enum(["M", "F"])
    assert list(made.columns)[: len(SUBJECTS.columns)] == list(SUBJECTS.columns)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 5)), min_size=1, max_size=6))
def test_overlaps_are_those_of_the_slow_definition(spans: list[tuple[int, int]]) -> None:
    """Every pair of spans, one by one: the same span or apart is sound, anything else is not."""

    def clash(one: tuple[int, int], two: tuple[int, int]) -> bool:
        return one != two and one[0] < two[0] + two[1] and two[0] < one[0] + one[1]

    frame = seizures(*(("a", *span, 1, f"type {number}") for number, span in enumerate(spans)))
    slow = [row for row, one in enumerate(spans) if any(clash(one, two) for two in spans)]
    assert unsound("seizures", frame, SUBJECT)["row"].to_list() == slow
