"""Accelerated failure times against their slow likelihood, their limits, and the shape in which data come."""

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analyses.estimates.regression.accelerated_failure import accelerated_failure
from cohort.errors import EstimationError
from tests.parametric.slow_likelihoods import accelerated, one_row
from tests.parametric.small_intervals import exact, intervals

DISTRIBUTIONS = ("Weibull", "exponential", "lognormal", "loglogistic")
DAYS = st.integers(1, 12)
KINDS = st.sampled_from(["exact", "right", "left", "between"])
ROW = st.tuples(KINDS, DAYS, st.integers(1, 6), st.integers(0, 3), st.booleans())


def ends(kind, day, length, _, late):
    """Return entry, left and right of a drawn row."""
    left = 0 if kind == "left" else day
    right = {"exact": day, "right": None, "left": day, "between": day + length}[kind]
    return (day / 2 if late and kind != "left" else 0.0), float(left), right


def fitted(rows, distribution, **more):
    timed = [ends(*row) for row in rows]
    data = intervals([row[1:] for row in timed], [row[0] for row in timed], x=[row[3] for row in rows])
    try:
        return timed, accelerated_failure(data, "x", distribution=distribution, **more)
    except EstimationError:
        assume(False)


def parameters(found):
    return [found.value(name) for name in ("log time", "log time ratio", "scale")]


@settings(deadline=None, max_examples=20)
@given(st.lists(ROW, min_size=8, max_size=25), st.sampled_from(DISTRIBUTIONS))
def test_the_slow_likelihood_is_reached_and_highest(rows, distribution):
    timed, found = fitted(rows, distribution)
    matrix = np.array([[row[3]] for row in rows], dtype=float)
    best = parameters(found)
    reached = accelerated(distribution, best, timed, matrix)
    assert found.value("log likelihood", term="fitted") == pytest.approx(reached, rel=1e-9)
    for place in range(3 - (distribution == "exponential")):
        for step in (-1e-3, 1e-3):
            near = [value + step * (i == place) for i, value in enumerate(best)]
            assert accelerated(distribution, near, timed, matrix) <= reached + 1e-10


@settings(deadline=None, max_examples=8)
@given(st.lists(ROW, min_size=8, max_size=20), st.sampled_from(DISTRIBUTIONS))
def test_clustered_errors_are_those_of_differenced_scores(rows, distribution):
    timed, found = fitted(rows, distribution, cluster="subject_id")
    plain = fitted(rows, distribution)[1].model.covariance
    best, size = parameters(found), len(plain)

    def score(place, row, x):
        def at(step):
            moved = [*best[:2], np.log(best[2])]
            moved[place] += step
            return one_row(distribution, moved[0] + moved[1] * x, np.exp(moved[2]), *row)

        return (at(1e-5) - at(-1e-5)) / 2e-5

    scores = np.array([[score(k, one, row[3]) for k in range(size)] for one, row in zip(timed, rows, strict=True)])
    wanted = plain @ scores.T @ scores @ plain
    assert found.model.covariance == pytest.approx(wanted, rel=1e-4, abs=1e-6 * np.abs(wanted).max())


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_dated_events_are_the_limit_of_narrow_intervals(distribution):
    times, x = np.array([2.0, 3, 5, 5, 8, 13, 21, 9]), [0, 1, 0, 1, 1, 0, 1, 0]
    dated = accelerated_failure(exact(times, [True] * 8, x=x), "x", distribution=distribution)
    for width in (1e-3, 1e-6):
        narrow = intervals([(t * (1 - width / 2), t * (1 + width / 2)) for t in times], x=x)
        found = accelerated_failure(narrow, "x", distribution=distribution)
        assert parameters(found) == pytest.approx(parameters(dated), rel=100 * width**2 + 1e-9, abs=1e-9)
        likelihood = found.value("log likelihood", term="fitted") - np.log(times * width).sum()
        assert likelihood == pytest.approx(dated.value("log likelihood", term="fitted"), rel=100 * width**2 + 1e-9)


@settings(deadline=None, max_examples=8)
@given(st.lists(st.tuples(ROW, st.integers(0, 3)), min_size=8, max_size=15), st.sampled_from(DISTRIBUTIONS))
def test_frequencies_are_so_many_rows(weighted, distribution):
    rows = [row for row, _ in weighted]
    timed = [ends(*row) for row in rows]
    data = intervals([row[1:] for row in timed], [row[0] for row in timed], x=[row[3] for row in rows])
    data = data.with_columns(times=pl.Series([number for _, number in weighted]))
    each = data.with_columns(pl.int_ranges("times").alias("copy")).explode("copy", empty_as_null=False)
    each = each.with_columns(subject_id=pl.int_range(pl.len()).cast(pl.String))
    try:
        found = accelerated_failure(data, "x", distribution=distribution, frequency="times")
    except EstimationError:
        assume(False)
    assert found.frame.equals(accelerated_failure(each, "x", distribution=distribution).frame)


def test_a_formula_of_all_rows_sees_frequencies_too():
    data = exact([2, 5, 7, 11, 3], [True] * 5, x=[1, 4, 2, 8, 5], many=[1, 2, 1, 3, 2])
    each = data[[0, 1, 1, 2, 3, 3, 3, 4, 4]].with_columns(subject_id=pl.int_range(pl.len()).cast(pl.String))
    found = accelerated_failure(data, "center(x)", frequency="many")
    assert found.frame.equals(accelerated_failure(each, "center(x)").frame)
    assert found.value("log time") != accelerated_failure(data, "center(x)").value("log time")


@settings(deadline=None, max_examples=8)
@given(st.lists(ROW, min_size=8, max_size=15), st.randoms())
def test_the_order_of_rows_changes_no_bit(rows, random):
    timed = [ends(*row) for row in rows]
    data = intervals([row[1:] for row in timed], [row[0] for row in timed], x=[row[3] for row in rows])
    order = list(range(len(rows)))
    random.shuffle(order)
    try:
        found = accelerated_failure(data, "x")
    except EstimationError:
        assume(False)
    assert found.frame.equals(accelerated_failure(data[order], "x").frame)


@pytest.mark.parametrize("unit", [1e-6, 365.25, 1e9])
@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_the_unit_of_time_moves_the_intercept_alone(unit, distribution):
    rows = [(2, 2), (0, 3), (4, 9), (5, None), (6, 6), (7, 20), (9, 9), (1, None)]
    x = [0, 1, 0, 1, 1, 0, 1, 0]
    found = accelerated_failure(intervals(rows, x=x), "x", distribution=distribution)
    scaled = intervals([(a * unit, None if b is None else b * unit) for a, b in rows], x=x)
    other = accelerated_failure(scaled, "x", distribution=distribution)
    assert other.value("log time") == pytest.approx(found.value("log time") + np.log(unit), rel=1e-9)
    assert parameters(other)[1:] == pytest.approx(parameters(found)[1:], rel=1e-8, abs=1e-10)
    assert other.model.covariance[1:, 1:] == pytest.approx(found.model.covariance[1:, 1:], rel=1e-7)
