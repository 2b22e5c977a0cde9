"""Time and order together: curves, rates and days without success by treatment, counted by hand."""

import math

import numpy as np
import polars as pl
import pytest

import analyses
from analyses.displays.figures import svg
from analyses.estimates.result import Estimates
from cohort.errors import EstimationError

# subject, treatment, entry, day, what ended it
FIVE = [
    ("a", 1, 0, 10, "free"),
    ("b", 1, 0, 20, "stopped"),
    ("b", 2, 0, 30, "free"),
    ("c", 1, 0, 40, "stopped"),
    ("c", 2, 0, 30, "stopped"),
    ("c", 3, 0, 25, None),
    ("d", 1, 5, 25, "free"),
    ("e", 1, 0, 30, None),
]


def as_events(rows):
    frame = pl.DataFrame(rows, schema=["subject_id", "treatment_no", "entry", "left", "cause"], orient="row")
    frame = frame.with_columns(pl.col("entry", "left").cast(pl.Float64), event_no=pl.lit(1))
    return frame.with_columns(right=pl.when(pl.col("cause").is_not_null()).then("left"))


def days(found, group):
    rows = found.frame.filter(statistic="days without success", group=group)
    return {row["term"]: row for row in rows.iter_rows(named=True)}


def test_days_without_success_are_counted_by_subject():
    """On treatment 1: a 0, b 20, c 40, d 0, e 30 of 30 (no success seen). On 2: b 0, c 30. On 3: c 25."""
    found = analyses.treatment_times(as_events(FIVE), cause="free")
    first, second, third = (days(found, group) for group in "123")
    assert first["on this treatment"]["estimate"] == 18
    error = math.sqrt(sum((y - 18) ** 2 for y in (0, 20, 40, 0, 30)) / 4 / 5)
    assert first["on this treatment"]["std_error"] == pytest.approx(error, rel=1e-14)
    assert first["on this treatment"]["conf_high"] == pytest.approx(18 + 1.959963984540054 * error, rel=1e-14)
    assert (first["total on this treatment"]["estimate"], first["total on this treatment"]["events"]) == (90, 3)
    assert first["total on this treatment"]["std_error"] == pytest.approx(5 * error, rel=1e-14)
    assert (second["on this treatment"]["estimate"], second["on this treatment"]["n"]) == (15, 2)
    assert second["before this treatment"]["estimate"] == (20 + 40) / 2
    assert second["up to this treatment"]["estimate"] == (20 + 70) / 2
    assert second["up to this treatment, whole cohort"]["estimate"] == (0 + 20 + 70 + 0 + 30) / 5
    assert third["before this treatment"]["estimate"] == 70
    assert third["before this treatment"]["std_error"] is None
    assert third["up to this treatment, whole cohort"]["estimate"] == (20 + 95 + 30) / 5


def test_counts_rates_and_curves_by_hand():
    """On treatment 1: 10 free of 5 at risk, 20 stopped of 4, 25 free of 3, 30 still on, 40 stopped."""
    found = analyses.treatment_times(as_events(FIVE), cause="free", times=[25])
    assert [found.value("tried", group=group) for group in "123"] == [5, 2, 1]
    assert found.frame.filter(statistic="tried")["n"].to_list() == [5, 5, 5]
    assert found.value("cumulative incidence", group="1", at=25.0) == pytest.approx(1 / 5 + 4 / 5 * 3 / 4 * 1 / 3)
    assert [found.value("events", group=group) for group in "123"] == [2, 1, 0]
    assert found.value("person-time", group="1") == 10 + 20 + 40 + 20 + 30
    assert found.value("rate per 1000 days", group="1") == pytest.approx(1000 * 2 / 120)
    assert found.value("quantile", group="1") is None
    assert found.value("quantile", group="2") == 30
    assert found.value("at risk", group="1", at=25.0) == 3
    notes = " ".join(found.notes)
    assert "2 of 8 treatments were going on" in notes
    assert "1 of 8 treatments came under observation late" in notes


def test_the_median_waits_for_half_of_all_who_tried():
    rows = [(f"s{k}", 1, 0, 10 * k, "free" if k <= 5 else "stopped") for k in range(1, 11)]
    found = analyses.treatment_times(as_events(rows), cause="free")
    assert found.value("quantile") == 50


def test_cohorts_stand_side_by_side_and_each_is_what_it_is_alone():
    both = pl.concat(
        [
            as_events(FIVE).with_columns(clinic=pl.lit("east")),
            as_events(FIVE[:5]).with_columns(clinic=pl.lit("west"), subject_id=pl.lit("w") + pl.col("subject_id")),
            as_events(FIVE[:1]).with_columns(clinic=pl.lit(None, dtype=pl.String), subject_id=pl.lit("z")),
        ]
    )
    found = analyses.treatment_times(both.sample(fraction=1, shuffle=True, seed=2), cause="free", by="clinic")
    alone = analyses.treatment_times(as_events(FIVE), cause="free")
    east = found.frame.filter(population="east").drop("population")
    assert east.equals(alone.frame.drop("population"))
    assert found.value("tried", group="2", population="west") == 2
    assert found.notes[0] == "1 of 14 rows have no value in clinic and belong to no cohort"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([*FIVE, ("a", 1, 0, 5, None)], "2 rows are one of several of a subject and treatment"),
        ([*FIVE, ("z", 0, 0, 5, None)], "1 of 9 rows have no treatment number from 1 on"),
        ([("a", 1, 0, 5, None)], "0 events"),
        ([("a", 1, 0, 5, "stopped")], "'free' does not occur"),
        ([("a", 1, 6, 5, "free")], "late entry"),
    ],
)
def test_rows_that_cannot_be_used(rows, message):
    with pytest.raises(EstimationError, match=message):
        analyses.treatment_times(as_events(rows), cause="free")


def test_columns_and_cohorts_that_cannot_be_used():
    events = as_events(FIVE)
    with pytest.raises(EstimationError, match="treatment_no"):
        analyses.treatment_times(events.drop("treatment_no"), cause="free")
    with pytest.raises(EstimationError, match="whole numbers"):
        analyses.treatment_times(events.with_columns(pl.col("treatment_no").cast(pl.Float64)), cause="free")
    halves = events.with_columns(clinic=pl.when(pl.col("subject_id") == "e").then(pl.lit("e")).otherwise(pl.lit("o")))
    with pytest.raises(EstimationError, match="none of 1 treatments of 'e' ended with 'free'"):
        analyses.treatment_times(halves, cause="free", by="clinic")
    with pytest.raises(EstimationError, match="pass by=None for one cohort"):
        analyses.treatment_times(events.with_columns(clinic=pl.lit(None, dtype=pl.String)), cause="free", by="clinic")


def test_a_treatment_that_was_skipped_is_told():
    found = analyses.treatment_times(as_events([*FIVE, ("g", 3, 0, 9, "free")]), cause="free")
    assert any(note.startswith("1 of 6 subjects lack a row for a treatment before their last") for note in found.notes)


def test_the_error_of_a_mean_is_the_spread_of_means_over_cohorts():
    """A subject's treatments hang together; each subject counts once in the error of its days."""
    rng = np.random.default_rng(3)

    def draw():
        slow = rng.gamma(2, 0.5, 60)
        rows = []
        for k, pace in enumerate(slow):
            first, second = rng.exponential(30 * pace, 2)
            rows += [(f"s{k}", 1, 0, first, "stopped"), (f"s{k}", 2, 0, second, "free" if k % 2 else "stopped")]
        return days(analyses.treatment_times(as_events(rows), cause="free"), "2")["up to this treatment"]

    found = [draw() for _ in range(30)]
    spread = np.std([row["estimate"] for row in found], ddof=1)
    assert np.mean([row["std_error"] for row in found]) == pytest.approx(spread, rel=0.3)


def test_the_figure_has_a_curve_a_treatment_and_the_numbers_at_risk():
    found = analyses.treatment_times(as_events(FIVE), cause="free", times=[0, 25])
    drawn = svg(analyses.treatment_times_figure(found, below=["at risk", "events"]))
    for text in (
        "Treatment 1",
        "Treatment 3",
        "At risk",
        "Events",
        "Share with free, of those who tried the treatment",
    ):
        assert text in drawn
    assert "Treatment 3" not in svg(analyses.treatment_times_figure(found, last=2))
    with pytest.raises(EstimationError, match="last=0 leaves none of the treatments 1, 2, 3"):
        analyses.treatment_times_figure(found, last=0)
    other = Estimates(found.frame.with_columns(group=pl.lit("drug")), "")
    with pytest.raises(EstimationError, match="not by treatment number"):
        analyses.treatment_times_figure(other)
    two = Estimates(pl.concat([found.frame, found.frame.with_columns(population=pl.lit("west"))]), "")
    with pytest.raises(EstimationError, match="2 sets of curves"):
        analyses.treatment_times_figure(two)
