"""What was found of a study is remembered with it."""

import gc
import weakref

import polars as pl
import pytest

from cohort.errors import RecordError
from cohort.records.remembered import as_known_at, remembered
from cohort.records.study import Study


def study(name):
    return Study(name=name, subjects=pl.DataFrame({"subject_id": ["a", "b"]}))


def counted():
    asked = []

    @remembered
    def size(of, factor, *, more=0):
        asked.append((of.name, factor, more))
        return of.subjects.height * (len(factor) if isinstance(factor, list) else factor) + more

    return size, asked


def test_each_study_and_each_question_is_worked_out_once():
    size, asked = counted()
    one, other = study("one"), study("other")
    assert [size(one, 2), size(one, 2), size(one, 3), size(other, 2), size(one, 2, more=1)] == [4, 4, 6, 4, 5]
    assert asked == [("one", 2, 0), ("one", 3, 0), ("other", 2, 0), ("one", 2, 1)]


def test_a_rule_without_a_hash_is_worked_out_each_time():
    size, asked = counted()
    one = study("one")
    assert [size(one, [1, 2]), size(one, [1, 2])] == [4, 4]
    assert len(asked) == 2


def test_an_error_of_the_function_is_its_own():
    @remembered
    def broken(of):
        raise TypeError(f"{of.name} has no such thing")

    with pytest.raises(TypeError, match="one has no such thing"):
        broken(study("one"))


def test_a_study_is_not_kept_alive():
    size, _ = counted()
    one = study("one")
    size(one, 2)
    gone = weakref.ref(one)
    del one
    gc.collect()
    assert gone() is None


def test_the_study_as_of_a_day_is_one_while_the_day_is_the_same():
    one = study("one")
    first = as_known_at(one, 30)
    assert as_known_at(one, 30) is first
    assert as_known_at(one, 31) is not first
    assert as_known_at(one, None) is one
    with pytest.raises(RecordError, match="as of day nan"):
        as_known_at(one, float("nan"))
