"""The mean cumulative function held against its definition, and what it refuses."""

import math
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from analyses.estimates.recurrent.mean_cumulative import mean_cumulative
from cohort.errors import EstimationError
from tests.recurrent import slow_mean
from tests.recurrent.histories_drawn import as_events, some_histories

DAYS = [0, 1, 2, 3, 5, 8]
QUICK = settings(max_examples=60, deadline=None)


def points(found, group="A"):
    return found.frame.filter(statistic="mean cumulative function", term="time point", group=group)


def agrees(histories, found):
    last = max(time for history in histories for _, time, _ in history)
    for row in points(found).iter_rows(named=True):
        if row["at"] > last:
            assert row["estimate"] is None
            continue
        assert row["estimate"] == pytest.approx(float(slow_mean.mean(histories, row["at"])), rel=1e-12)
        slow = math.sqrt(slow_mean.variance(histories, row["at"]))
        assert row["std_error"] == pytest.approx(slow, rel=1e-9, abs=1e-12)
        assert row["n"] == sum(slow_mean.at_risk(history, row["at"]) for history in histories)


@QUICK
@given(some_histories())
def test_it_is_its_definition(histories):
    agrees(histories, mean_cumulative(as_events(histories), times=DAYS))


@QUICK
@given(some_histories(terminal=True))
def test_it_is_its_definition_where_some_die(histories):
    if not any(how == 2 for history in histories for _, _, how in history):
        return
    agrees(histories, mean_cumulative(as_events(histories), times=DAYS, terminal="death"))


def test_the_slow_variance_is_made_of_derivatives():
    histories = [[(0, 2, 1), (2, 5, 2)], [(0, 2, 1), (2, 6, 0)], [(1, 3, 1), (3, 6, 1)], [(0, 5, 2)], [(0, 7, 1)]]
    step, total = Fraction(1, 10**8), Fraction(0)
    for i in range(len(histories)):
        weights = [Fraction(1) + step * (i == k) for k in range(len(histories))]
        total += ((slow_mean.mean(histories, 7, weights) - slow_mean.mean(histories, 7)) / step) ** 2
    assert float(slow_mean.variance(histories, 7)) == pytest.approx(float(total), rel=1e-7)


@settings(max_examples=15, deadline=None)
@given(some_histories(terminal=True), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(histories, random):
    events = as_events(histories, [random.choice("AB") for _ in histories])
    terminal = "death" if "death" in events["cause"].to_list() else None
    mixed = events.sample(fraction=1, shuffle=True, seed=random.randrange(1000))
    first, second = (mean_cumulative(frame, times=DAYS, terminal=terminal) for frame in (events, mixed))
    assert_frame_equal(first.frame, second.frame, check_exact=True)


@settings(max_examples=15, deadline=None)
@given(some_histories(), st.lists(st.integers(0, 3), min_size=6, max_size=6))
def test_a_frequency_is_so_many_equal_subjects(histories, sizes):
    sizes = [2, *sizes[1 : len(histories)]]
    histories[0] = [(0, 4, 2)]
    each = pl.DataFrame({"subject_id": [f"s{i:03}" for i in range(len(histories))], "size": sizes})
    written_out = as_events([h for h, size in zip(histories, sizes, strict=True) for _ in range(size)])
    options = {"times": DAYS, "terminal": "death"}
    found = mean_cumulative(as_events(histories).join(each, on="subject_id"), frequency="size", **options)
    assert_frame_equal(found.frame, mean_cumulative(written_out, **options).frame, rel_tol=1e-10, abs_tol=1e-12)


def test_groups_are_compared_at_the_times_asked_for():
    histories = [[(0, 2, 1), (2, 6, 0)], [(0, 3, 1), (3, 6, 1)], [(0, 6, 0)], [(0, 1, 1), (1, 4, 1), (4, 6, 0)]]
    found = mean_cumulative(as_events(histories, list("AABB")), times=[5], reference="B")
    a, b = (points(found, group).row(0, named=True) for group in "AB")
    row = found.frame.filter(statistic="mean cumulative difference").row(0, named=True)
    assert (row["group"], row["reference"], row["at"]) == ("A", "B", 5)
    assert row["estimate"] == pytest.approx(a["estimate"] - b["estimate"])
    assert row["std_error"] == pytest.approx(math.hypot(a["std_error"], b["std_error"]))
    assert row["conf_high"] - row["conf_low"] == pytest.approx(2 * 1.959963984540054 * row["std_error"])
    ratio = found.frame.filter(statistic="mean cumulative ratio").row(0, named=True)
    assert ratio["estimate"] == pytest.approx(a["estimate"] / b["estimate"])
    assert ratio["conf_low"] * ratio["conf_high"] == pytest.approx(ratio["estimate"] ** 2)


def test_a_group_without_rows_or_events_has_no_curve_and_no_comparison():
    events = as_events([[(0, 5, 0)], [(0, 6, 0)]])
    found = mean_cumulative(events, times=[5])
    a, b = (points(found, group).row(0, named=True) for group in "AB")
    assert (a["estimate"], a["std_error"], a["conf_low"], a["n"]) == (0, 0, None, 2)
    assert (b["estimate"], b["std_error"], b["n"], b["events"]) == (None, None, 0, 0)
    assert found.frame.filter(statistic="mean cumulative difference")["estimate"].to_list() == [None]
    assert [curve.group for curve in found.model] == ["A"]


def test_one_subject_has_no_error():
    found = mean_cumulative(as_events([[(0, 2, 1), (2, 5, 1)]]), times=[5])
    assert points(found).select("estimate", "std_error", "conf_low").row(0) == (2, None, None)
    assert "one subject" in found.notes[0]


def test_an_event_on_day_0_is_counted_and_its_subject_once():
    found = mean_cumulative(as_events([[(0, 0, 1), (0, 4, 1)], [(0, 4, 0)]]), times=[0, 4])
    assert points(found)["estimate"].to_list() == [0.5, 1.0]
    assert points(found)["n"].to_list() == [2, 2]


def test_a_stretch_without_anybody_is_told():
    found = mean_cumulative(as_events([[(1, 2, 1)], [(4, 6, 1)]]))
    assert [note.split("; ")[0] for note in found.notes] == [
        "A: nobody is under observation up to day 1",
        "A: nobody is under observation from day 2 to day 4",
    ]


def test_who_is_in_two_groups_is_not_compared():
    events = as_events([[(0, 2, 1), (2, 4, 0)], [(0, 4, 1)]])
    crossed = events.with_columns(arm=pl.when(entry=2).then(pl.lit("B")).otherwise(pl.col("arm").cast(pl.String)))
    found = mean_cumulative(crossed, times=[4])
    assert found.frame.filter(pl.col("statistic").str.starts_with("mean cumulative d")).is_empty()
    assert any("more than one level" in note for note in found.notes)


@pytest.mark.parametrize(
    ("histories", "options", "words"),
    [
        ([[(0, 4, 1), (3, 6, 0)]], {}, "1 of 2 rows begin before the subject's row before them has ended"),
        ([[(0, 0, 1), (0, 0, 0)]], {}, "1 of 2 rows begin before"),
        ([[(0, 4, 2), (4, 6, 0)]], {"terminal": "death"}, "1 subjects have rows after 'death'"),
        ([[(0, 4, 1)]], {"terminal": "deth"}, "terminal='deth' is not among the causes of 1 events"),
        ([[(0, 4, 1)]], {"times": [-1]}, "not negative"),
        ([[(0, 4, 1)]], {"limits": "log-log"}, "limits='log-log'"),
        ([[(0, 4, 1)]], {"reference": "C"}, "reference='C' is not a level"),
        ([[(0, 4, 1)]], {"confidence": 1}, "between 0 and 1"),
    ],
)
def test_refused(histories, options, words):
    with pytest.raises(EstimationError, match=words):
        mean_cumulative(as_events(histories), **options)


def test_a_subject_has_one_frequency():
    events = as_events([[(0, 2, 1), (2, 5, 0)]]).with_columns(size=pl.Series([1, 2]))
    with pytest.raises(EstimationError, match="1 subjects have rows that differ in 'size'"):
        mean_cumulative(events, frequency="size")
