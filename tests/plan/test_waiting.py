"""Subjects in several groups, and subjects that nobody names."""

import polars as pl
import pytest

import analyses
from analyses.plan.waiting import Waiting
from cohort.errors import EstimationError

TREATMENTS = pl.DataFrame(
    {
        "subject_id": ["1", "1", "2", "3", "3"],
        "treatment_no": [1, 2, 1, 1, None],
        "entry": 0.0,
        "left": [5.0, 7.0, 9.0, 4.0, 6.0],
        "right": [5.0, 7.0, None, 4.0, 6.0],
        "cause": ["freedom", "freedom", None, "freedom", "freedom"],
    }
)


def test_who_stands_in_several_columns_is_counted_once():
    assert Waiting(TREATMENTS, "freedom", "freedom", "treatment_no", 0.95).shared == 1
    assert Waiting(TREATMENTS, "freedom", "freedom", None, 0.95).shared == 0


@pytest.mark.parametrize(
    "estimate",
    [
        lambda rows: analyses.event_rates(rows, "1"),
        lambda rows: analyses.mean_cumulative(rows, by=None),
        lambda rows: analyses.recurrent(rows.with_columns(dose=pl.int_range(pl.len())), "dose"),
    ],
)
def test_rows_without_a_subject_are_no_history(estimate):
    nameless = TREATMENTS.with_columns(subject_id=pl.Series(["1", None, "2", "3", "4"]))
    with pytest.raises(EstimationError, match="1 of 5 rows have no subject_id"):
        estimate(nameless.drop("treatment_no"))
