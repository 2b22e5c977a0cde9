"""Counting by adding up whole days gives what counting of any rows gives; faults are found on the way."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyses.estimates import event_counts
from analyses.estimates.event_counts import count_events
from analyses.estimates.weighting import weighting
from cohort.errors import EstimationError

ARMS = pl.Enum(["A", "B", "C"])
ROW = st.tuples(st.integers(0, 12), st.sampled_from([None, "late", "early", "other"]), st.sampled_from("AB"))


def frame(rows):
    """Return EVENTS from the start; the first row's subject comes last by name, so that names are in no order."""
    held = {
        "subject_id": [str(len(rows) - number) for number in range(len(rows))],
        "arm": pl.Series([arm for _, _, arm in rows], dtype=ARMS),
        "entry": 0.0,
        "left": pl.Series([float(day) for day, _, _ in rows], dtype=pl.Float64),
        "cause": pl.Series([cause for _, cause, _ in rows], dtype=pl.String),
    }
    return pl.DataFrame(held).with_columns(right=pl.when(pl.col("cause").is_not_null()).then("left"))


@settings(deadline=None, max_examples=60)
@given(st.lists(ROW, min_size=1, max_size=40), st.sampled_from([None, "arm"]))
def test_both_ways_of_counting_agree(rows, by):
    events = frame(rows)
    fast, none = event_counts._whole_days(events, by), weighting(events, None, None)
    slow = event_counts._arranged(events, event_counts._counted(events, by, [], none), by, [], none)
    assert fast.cells.select(slow.cells.columns).equals(slow.cells)
    assert (fast.labels, fast.strata, fast.causes) == (slow.labels, slow.strata, slow.causes)
    assert (fast.rows, fast.notes) == (slow.rows, slow.notes)


@pytest.mark.parametrize(
    "change",
    [
        {"left": pl.col("left") + 0.5},
        {"entry": pl.when(pl.col("left") > 3).then(1.0).otherwise(0.0)},
        {"arm": pl.when(pl.col("left") > 3).then(pl.col("arm"))},
        {"left": pl.col("left") * 1e7},
    ],
    ids=["parts of days", "late entry", "no arm", "many days"],
)
def test_other_rows_are_counted_the_long_way(change):
    events = frame([(2, None, "A"), (4, "late", "B"), (5, "late", "A")]).with_columns(**change)
    events = events.with_columns(right=pl.when(pl.col("cause").is_not_null()).then("left"))
    assert event_counts._whole_days(events, "arm") is None
    assert count_events(events, "arm").cells["_count"].sum() == events["arm"].count()


def test_a_fault_is_found_in_one_row_of_many():
    events = frame([(2, None, "A"), (4, "late", "B"), (5, "late", "A")])
    for column, value in (("left", None), ("entry", float("nan")), ("left", -1.0), ("right", 9.0)):
        bad = events.with_columns(pl.when(pl.col("subject_id") == "2").then(value).otherwise(column).alias(column))
        with pytest.raises(EstimationError, match="1 of 3 times"):
            count_events(bad, "arm")


def test_frequencies_count_the_expanded_rows():
    events = frame([(2, None, "A"), (4, "late", "B"), (5, "late", "A")]).with_columns(times=pl.Series([2, 0, 3]))
    expanded = pl.concat([frame([(2, None, "A")] * 2), frame([(5, "late", "A")] * 3)])
    found, wanted = count_events(events, "arm", frequency="times"), count_events(expanded, "arm")
    assert found.cells.equals(wanted.cells.select(found.cells.columns))
    assert found.rows == 5


def test_strata_are_numbered_in_order_and_hold_their_rows():
    events = frame([(2, None, "A"), (4, "late", "B"), (5, "late", "A")]).with_columns(
        site=pl.Series([2, 1, 2]), sex=pl.Series(["m", "f", None])
    )
    found = count_events(events, "arm", strata=["site", "sex"])
    assert found.strata == ("1, f", "2, m")
    assert found.tally(0, 1).time.tolist() == [2.0]
    assert "1 of 3 rows have no value in sex and belong to no stratum" in found.notes


@pytest.mark.parametrize("by", [None, "arm"])
def test_causes_that_do_not_occur_are_no_causes(by):
    events = frame([(2, None, "A"), (4, "late", "B"), (5, "late", "A")])
    named = events.with_columns(pl.col("cause").cast(pl.Enum(["early", "late", "never"])))
    for data in (named, named.with_columns(pl.col("left", "right") + 0.5)):
        assert count_events(data, by).causes == ("late",)
