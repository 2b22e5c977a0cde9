"""What Turnbull's estimate refuses, and when it gives no errors."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from analyses.estimates.interval.turnbull import turnbull
from cohort.errors import EstimationError
from tests.interval.interval_frames import events

JITTERED = [(0, 8), (6, 15), (8, 16), (13, None)]


@pytest.mark.parametrize(
    ("frame", "asked", "said"),
    [
        (events([(5, 3), (1, 2)]), {}, "1 of 2 times end before they begin"),
        (events([(-1, 3)]), {}, "negative"),
        (events([(float("inf"), None)]), {}, "not finite"),
        (events([(1, 2)]).drop("left"), {}, "left"),
        (events([(1, 2)]).clear(), {}, "0 rows"),
        (events([(1, 2)]).with_columns(arm=pl.lit(None, dtype=pl.Enum(["A"]))), {}, "none of 1 rows has a value"),
        (events([(1, 2)]).with_columns(cause=pl.lit(None, dtype=pl.String)), {}, "contradict"),
        (events([(1, 2)]), {"times": [-1]}, "not negative"),
        (events([(1, 2)]), {"probabilities": [1]}, "between 0 and 1"),
        (events([(1, 2)]), {"confidence": 95}, "between 0 and 1"),
        (events([(1, 2)]), {"by": "dose"}, "dose"),
        (events([(1, 2)]).with_columns(w=0.5), {"frequency": "w"}, "whole numbers"),
        (events(JITTERED), {"grid": [14, 7]}, "ascending"),
        (events(JITTERED), {"grid": ["week"]}, "ascending"),
        (events(JITTERED), {"grid": [14]}, "nearest to the same nominal day"),
        (events(JITTERED), {"grid": [9, 17]}, "in the middle between"),
        (events([(3, 3)]), {"grid": [7]}, "1 times are exact"),
    ],
)
def test_refusals(frame, asked, said):
    with pytest.raises(EstimationError, match=said):
        turnbull(frame, **asked)


def draw(days, rng, chance, n=120):
    """Return times seen at those visits to which a subject comes, each with a chance."""
    time = rng.exponential(20, n)
    rows = []
    for t in time:
        came = [0.0, *(day for day in days(rng) if rng.random() < chance)]
        before = [day for day in came if day < t]
        later = [day for day in came if day >= t]
        rows.append((before[-1], later[0] if later else None))
    return events(rows)


@pytest.mark.parametrize(
    ("days", "chance", "told"),
    [
        (lambda rng: [7, 14, 28, 42], 1.0, True),
        (lambda rng: [7, 14, 28, 42], 0.7, True),
        (lambda rng: range(2, 42, 2), 0.4, False),
        (lambda rng: np.array([7, 14, 28, 42]) + rng.integers(-3, 4, 4), 1.0, False),
        (lambda rng: np.array([7, 14, 28, 42]) + rng.uniform(-1, 1, 4), 1.0, False),
    ],
    ids=["all visits", "some missed", "twenty visits, most missed", "days off", "parts of days off"],
)
def test_errors_are_told_where_visits_share_a_grid(days, chance, told):
    found = turnbull(draw(days, np.random.default_rng(5), chance), by=None, times=[43])
    curve = found.frame.filter(pl.col("at") > 0, statistic="survival", term="curve")
    assert (curve["std_error"].null_count() == 0) is told
    assert any("share no grid" in note for note in found.notes) is not told
    assert found.model[0].shared_grid is told


def test_causes_and_repeats_are_noted():
    frame = events([(0, 1), (1, 2)]).with_columns(subject_id=pl.lit("1"), cause=pl.Series(["relapse", "remission"]))
    notes = " ".join(turnbull(frame, by=None).notes)
    assert "1 subjects have more than one row" in notes
    assert "2 causes are taken together" in notes
