"""Many log-rank tests at once, against hand work and against the test of one study."""

import math

import numpy as np
import polars as pl
import pytest

from analyses.estimates.survival.log_rank import log_rank
from analyses.estimates.survival.log_rank_many import log_rank_many
from cohort.errors import EstimationError


def events_of(at_risk, events):
    """EVENTS of one study with these counts at the times 1, 2, ...; who is no longer at risk was censored before."""
    rows = []
    for arm, risk, died in zip(("control", "drug"), at_risk, events, strict=True):
        left = [*risk[1:], 0]
        for time, (now, gone, later) in enumerate(zip(risk, died, left, strict=True), start=1):
            rows += [(arm, float(time), float(time))] * int(gone)
            rows += [(arm, float(time), None)] * int(now - gone - later)
    frame = pl.DataFrame(
        rows, schema={"arm": pl.Enum(["control", "drug"]), "left": pl.Float64, "right": pl.Float64}, orient="row"
    )
    return frame.with_columns(
        subject_id=pl.int_range(pl.len()).cast(pl.String),
        entry=pl.lit(0.0),
        cause=pl.when(pl.col("right").is_not_null()).then(pl.lit("event")),
    )


def drawn_counts(studies, times, size, seed):
    rng = np.random.default_rng(seed)
    at_risk, events = np.zeros((2, studies, 2, times), dtype=np.int64)
    left = np.full((studies, 2), size)
    for j in range(times):
        at_risk[:, :, j] = left
        events[:, :, j] = rng.binomial(left, [0.15, 0.2])
        left = left - events[:, :, j]
        left = left - rng.binomial(left, 0.1)
    return at_risk, events


def test_a_small_study_by_hand():
    # Time 1: 2 of 5 at risk, 3 of them control: E = 6/5, V = 2 (3/4) (3/5) (2/5) = 9/25.
    # Time 2: 1 of 2 at risk, 1 of them control: E = 1/2, V = 1/4. Observed in the control arm: 2.
    found = log_rank_many([[[3, 1], [2, 1]]], [[[1, 1], [1, 0]]])
    assert found.observed.tolist() == [[2, 1]]
    assert found.expected[0] == pytest.approx([1.7, 1.3])
    assert found.variance[0] == pytest.approx(0.61)
    assert found.chi_square[0] == pytest.approx(0.09 / 0.61)
    assert found.p_value[0] == pytest.approx(math.erfc(math.sqrt(0.045 / 0.61)))


def test_every_study_is_the_test_of_one_study():
    at_risk, events = drawn_counts(studies=60, times=5, size=12, seed=4)
    many = log_rank_many(at_risk, events)
    for i in range(60):
        one = log_rank(events_of(at_risk[i], events[i]))
        values = one.frame["estimate"].to_numpy()
        assert np.array_equal(values[:2], many.observed[i])
        assert values[2:4] == pytest.approx(many.expected[i], rel=1e-12)
        assert values[4] == pytest.approx(many.variance[i], rel=1e-12)
        assert values[5] == pytest.approx(many.chi_square[i], rel=1e-12)
        assert one.frame["p_value"][5] == pytest.approx(many.p_value[i], rel=1e-12)


def test_times_without_events_and_their_order_change_nothing():
    at_risk, events = drawn_counts(studies=20, times=3, size=30, seed=5)
    padded = [
        np.concatenate([counts, zeros], axis=2)[:, :, [3, 0, 1, 4, 2]]
        for counts, zeros in ((at_risk, np.tile([30, 0], (20, 2, 1))), (events, np.zeros((20, 2, 2), dtype=np.int64)))
    ]
    assert log_rank_many(*padded).chi_square == pytest.approx(log_rank_many(at_risk, events).chi_square, rel=1e-13)


def test_exchanging_the_groups_changes_no_test():
    at_risk, events = drawn_counts(studies=20, times=4, size=30, seed=6)
    swapped = log_rank_many(at_risk[:, ::-1], events[:, ::-1])
    assert swapped.chi_square == pytest.approx(log_rank_many(at_risk, events).chi_square, rel=1e-10)


def test_where_nothing_is_compared_there_is_no_test():
    # nobody has the event; the event falls where one group is gone; all at risk have it at once
    at_risk = [[[3], [3]], [[0], [3]], [[2], [2]]]
    events = [[[0], [0]], [[0], [1]], [[2], [2]]]
    found = log_rank_many(at_risk, events)
    assert np.isnan(found.chi_square).all()
    assert np.isnan(found.p_value).all()
    for risk, died in zip(at_risk, events, strict=True):
        with pytest.raises(EstimationError):
            log_rank(events_of(risk, died))


@pytest.mark.parametrize(
    ("at_risk", "events", "words"),
    [
        ([[[3], [3]]], [[[1, 0], [1, 0]]], "shape"),
        ([[3, 3]], [[1, 1]], "shape"),
        ([[[3], [3], [3]]], [[[1], [1], [1]]], "shape"),
        ([[[3], [3]], [[3], [3]]], [[[1], [1]], [[4], [0]]], "1 of 2 studies .* number 1"),
        ([[[3], [3]]], [[[-1], [0]]], "fewer than 0"),
    ],
)
def test_counts_that_cannot_be_are_refused(at_risk, events, words):
    with pytest.raises(EstimationError, match=words):
        log_rank_many(at_risk, events)
