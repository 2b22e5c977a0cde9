"""Counts beyond belief are capped at one seizure every ten minutes, and listed."""

import polars as pl
import pytest

import cohort
from cohort.errors import RecordError
from tests.outcomes.small_studies import diary_study

STUDY = diary_study({"a": [(-2, 1, 145), (-1, 1, 144), (0, 14, 14 * 144 + 1), (14, 1, None)], "b": [(0, 1, 3)]})


def test_a_day_holds_144_and_a_total_as_many_on_each_of_its_days():
    assert cohort.with_capped_counts(STUDY).seizures["count"].to_list() == [144, 144, 2016, None, 3]
    assert cohort.innumerable_counts(STUDY).select("subject_id", "day", "count", "capped").rows() == [
        ("a", -2, 145, 144),
        ("a", 0, 2017, 2016),
    ]
    assert cohort.innumerable_counts(cohort.with_capped_counts(STUDY)).is_empty()
    assert cohort.with_capped_counts(STUDY, 2).seizures["count"].max() == 28


def test_what_does_not_change():
    before, after = (
        cohort.diary_measures(each, (-2, -1), (0, 14)) for each in (STUDY, cohort.with_capped_counts(STUDY))
    )
    same = pl.col("baseline_days", "observed_days", "longest_free", "baseline_free_days28")
    assert before.select(same).equals(after.select(same))
    assert (before["baseline_seizures"][0], after["baseline_seizures"][0]) == (289, 288)


@pytest.mark.parametrize("ask", [cohort.innumerable_counts, cohort.with_capped_counts])
def test_a_cap_of_nothing_is_refused(ask):
    with pytest.raises(RecordError, match="leaves none"):
        ask(STUDY, 0)
