"""Curves, restricted means and differences against their slow definitions, expanded rows, and the order of the rows."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import partial

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analyses.estimates.survival.adjusted_restricted_mean import adjusted_restricted_mean
from analyses.estimates.survival.fixed_time import survival_differences
from analyses.estimates.survival.kaplan_meier import kaplan_meier
from analyses.estimates.survival.nelson_aalen import nelson_aalen
from analyses.estimates.survival.person_time import person_time
from analyses.estimates.survival.restricted_mean import restricted_mean
from cohort.errors import EstimationError

ARMS = ("control", "drug")
# Few days, so that ties, censorings on the day of an event and entries on the day of an event abound.
LENGTH, SEEN, WEIGHT = st.integers(1, 8), st.booleans(), st.integers(1, 6)
ROW = st.tuples(st.sampled_from(ARMS), st.integers(0, 4), LENGTH, SEEN, WEIGHT)
START = st.tuples(st.sampled_from(ARMS), st.just(0), LENGTH, SEEN, WEIGHT)
FEW_LATE, FEW = (st.lists(row, min_size=2, max_size=9) for row in (ROW, START))
LATE, PLAIN = (st.lists(row, min_size=2, max_size=25) for row in (ROW, START))
few = partial(settings, deadline=None)


def events(rows) -> pl.DataFrame:
    """Rows of arm, entry, days until the end, event, and a number that is a weight, a frequency or a covariate."""
    ended = [float(entry + length) if seen else None for _, entry, length, seen, _ in rows]
    return pl.DataFrame(
        {
            "subject_id": [f"{i:03}" for i in range(len(rows))],
            "arm": pl.Series([row[0] for row in rows], dtype=pl.Enum(ARMS)),
            "entry": [float(row[1]) for row in rows],
            "left": [float(row[1] + row[2]) for row in rows],
            "right": pl.Series(ended, dtype=pl.Float64),
            "x": [row[4] for row in rows],
            "w": [row[4] / 3 for row in rows],
        }
    )


def risk(rows, weights, t):  # what is at risk on day t, and what of it has the event
    inside = [(w, row) for w, row in zip(weights, rows, strict=True) if row[1] < t <= row[1] + row[2]]
    return sum(w for w, _ in inside), sum(w for w, row in inside if row[3] and row[1] + row[2] == t)


def survival(rows, weights, day) -> Fraction:
    s = Fraction(1)
    for t in sorted({row[1] + row[2] for row in rows if row[3] and row[1] + row[2] <= day}):
        n, d = risk(rows, weights, t)
        s *= 1 - Fraction(d) / n
    return s


def hazard(rows, weights, day) -> Fraction:
    days = {row[1] + row[2] for row in rows if row[3] and row[1] + row[2] <= day}
    return sum((Fraction(d) / n for n, d in (risk(rows, weights, t) for t in days)), Fraction(0))


def area(rows, weights, until) -> Fraction:
    return sum((survival(rows, weights, t) for t in range(until)), Fraction(0))


def jackknifed(quantity, rows, at) -> float:
    """The root of the squared changes that each row's weight makes, by small exact steps of the weights."""
    weights, step, total = [Fraction(row[4], 3) for row in rows], Fraction(1, 10**7), 0.0
    for i, weight in enumerate(weights):
        up, down = ([*weights[:i], weight + sign * step, *weights[i + 1 :]] for sign in (1, -1))
        slope = (quantity(rows, up, at) - quantity(rows, down, at)) / (2 * step)
        total += float(weight * slope) ** 2
    return math.sqrt(total)


@few(max_examples=25)
@given(st.one_of(FEW, FEW_LATE), st.integers(1, 11))
def test_case_weights_have_errors_by_the_infinitesimal_jackknife(rows, day):
    assume(day <= max(row[1] + row[2] for row in rows))
    weights = [Fraction(row[4], 3) for row in rows]
    for estimate, quantity in ((kaplan_meier, survival), (nelson_aalen, hazard)):
        found = estimate(events(rows), by=None, times=[day], case_weights="w").frame.filter(term="time point")
        wanted = float(quantity(rows, weights, day))
        assert found["estimate"].item() == pytest.approx(wanted, rel=1e-12, abs=1e-15)
        if estimate is kaplan_meier and wanted == 0:
            assert found["std_error"].item() is None
        else:
            assert found["std_error"].item() == pytest.approx(jackknifed(quantity, rows, day), rel=1e-6, abs=1e-9)


def test_an_error_that_is_nothing_is_no_rounding():
    """One has the event before six others enter: S is 0 and the hazard 1 without a doubt, whatever the weights."""
    rows = [("control", 0, 1, True, 1), *[("control", 1, 1, False, 1)] * 6]
    found = nelson_aalen(events(rows), by=None, times=[1], case_weights="w").frame.filter(term="time point")
    assert found["std_error"].to_list() == [0.0]


@few(max_examples=25)
@given(st.one_of(FEW, FEW_LATE), st.integers(1, 11))
def test_restricted_means_are_areas(rows, until):
    assume(until <= max(row[1] + row[2] for row in rows))
    ones = [1] * len(rows)
    found = restricted_mean(events(rows), by=None, until=until).frame.row(0, named=True)
    assert found["estimate"] == pytest.approx(float(area(rows, ones, until)), rel=1e-12)
    weighted = restricted_mean(events(rows), by=None, until=until, case_weights="w").frame.row(0, named=True)
    weights = [Fraction(row[4], 3) for row in rows]
    assert weighted["estimate"] == pytest.approx(float(area(rows, weights, until)), rel=1e-12)
    assert weighted["std_error"] == pytest.approx(jackknifed(area, rows, until), rel=1e-6, abs=1e-8)
    if all(row[1] == 0 for row in rows):
        # Of equal rows that are seen from the start the two errors are one.
        alike = [(*row[:4], 3) for row in rows]
        assert found["std_error"] == pytest.approx(jackknifed(area, alike, until), rel=1e-6, abs=1e-8)


@few(max_examples=25)
@given(LATE)
def test_nelson_aalen_is_its_definition(rows):
    days = {row[1] + row[2] for row in rows}
    found = nelson_aalen(events(rows), by=None, times=sorted(days)).frame.filter(term="time point")
    for day, h, error in found.select("at", "estimate", "std_error").iter_rows():
        assert h == pytest.approx(float(hazard(rows, [1] * len(rows), day)), rel=1e-12)
        sums = (risk(rows, [1] * len(rows), t) for t in days if t <= day)
        assert error**2 == pytest.approx(float(sum(Fraction(d, n**2) for n, d in sums if d)), rel=1e-12)


def slow_regression(rows, until, together) -> tuple[np.ndarray, np.ndarray]:
    """The weighted regression of Tian, Zhao and Wei, by loops over subjects; survRM2's formulas where together."""
    y = np.array([min(row[2], until) for row in rows], dtype=float)
    known = np.array([row[3] or row[2] >= until for row in rows])
    # Who is censored on the day of an event is censored after it.
    order = y if together else y + 0.5 * ~known
    arm = np.array([row[0] for row in rows])
    x = np.column_stack([np.ones(len(rows)), arm == "drug", [row[4] for row in rows]]).astype(float)
    weight = np.zeros(len(rows))
    for i in np.flatnonzero(known):
        chance = 1.0
        for t in np.unique(order[~known & (arm == arm[i]) & (order <= order[i])]):
            chance *= 1 - np.sum(~known & (arm == arm[i]) & (order == t)) / np.sum((arm == arm[i]) & (order >= t))
        weight[i] = 1 / chance if chance > 0 else 0
    beta = np.linalg.solve(x.T @ (x * weight[:, None]), x.T @ (weight * y))
    score = x * (weight * (y - x @ beta))[:, None]
    influence = score.copy()
    for i in range(len(rows)):
        for k in np.flatnonzero(~known & (arm == arm[i]) & (order <= order[i])):
            later = (arm == arm[i]) & (order >= order[k])
            lost = np.sum(~known & (arm == arm[i]) & (order == order[k]))
            left = later.sum() - (0 if together else lost)
            if left:
                influence[i] -= score[later].sum(axis=0) / (later.sum() * left)
                influence[i] += score[later].sum(axis=0) / left if k == i else 0
    bread = np.linalg.inv(x.T @ x)
    return beta, bread @ influence.T @ influence @ bread


@few(max_examples=25)
@given(st.lists(START, min_size=8, max_size=25), st.integers(2, 6), st.booleans())
def test_adjusted_means_are_their_definition(rows, until, together):
    ties = "together" if together else "events first"
    try:
        found = adjusted_restricted_mean(events(rows), "arm + x", until=until, ties=ties)
    except EstimationError:
        return
    beta, covariance = slow_regression(rows, until, together)
    assume(np.all(np.isfinite(covariance)) and np.linalg.cond(covariance) < 1e12)
    assert found.model.coefficients == pytest.approx(beta, rel=1e-7, abs=1e-9)
    assert found.model.covariance == pytest.approx(covariance, rel=1e-7, abs=1e-9)


@few(max_examples=25)
@given(PLAIN, st.integers(2, 6))
def test_an_adjusted_mean_without_further_covariates_is_the_area(rows, until):
    try:
        ours = adjusted_restricted_mean(events(rows), "arm", until=until).frame
    except EstimationError:
        return
    wanted = restricted_mean(events(rows), until=until).frame.filter(statistic="restricted mean difference")
    for name in ("estimate", "std_error", "conf_low", "conf_high", "p_value"):
        told, area_told = ours.filter(term="arm")[name].item(), wanted[name].item()
        assert told == pytest.approx(area_told, rel=1e-6, abs=1e-7) if area_told is not None else True


@few(max_examples=25)
@given(PLAIN, st.integers(1, 6), st.sampled_from(["plain", "log", "log-log", "arcsine", "logit"]))
def test_differences_are_those_of_the_curves(rows, day, transform):
    assume({row[0] for row in rows} == set(ARMS))
    low, high = kaplan_meier(events(rows), times=[day]).frame.filter(term="time point").iter_rows(named=True)
    row, test = survival_differences(events(rows), times=[day], transform=transform).frame.iter_rows(named=True)
    if low["estimate"] is None or high["estimate"] is None:
        assert (row["estimate"], test["estimate"]) == (None, None)
        return
    assert row["estimate"] == pytest.approx(high["estimate"] - low["estimate"], abs=1e-15)
    if row["std_error"] is not None:
        assert row["std_error"] == pytest.approx(math.hypot(low["std_error"], high["std_error"]), rel=1e-12)
    if transform == "plain" and test["estimate"] is not None:
        assert test["estimate"] == pytest.approx((row["estimate"] / row["std_error"]) ** 2, rel=1e-9, abs=1e-15)
    assert row["p_value"] == test["p_value"]


VERBS = {
    "kaplan_meier": partial(kaplan_meier, times=[2, 5]),
    "nelson_aalen": partial(nelson_aalen, times=[2, 5]),
    "restricted_mean": partial(restricted_mean, until=2 / 7),
    "survival_differences": partial(survival_differences, times=[2, 5]),
    "person_time": person_time,
}


def answer(estimate, data: pl.DataFrame, **weights) -> str | list[tuple]:
    """All numbers of an estimate, or the words with which it was refused."""
    try:
        return estimate(data, **weights).frame.rows()
    except EstimationError as error:
        return str(error)


def _expanded(data, rows):
    repeated = data[np.repeat(np.arange(len(rows)), [row[4] for row in rows])]
    return repeated.with_columns(subject_id=pl.int_range(pl.len()).cast(pl.String).str.zfill(4))


@few(max_examples=20)
@given(LATE)
def test_frequencies_are_expanded_rows_to_the_last_digit(rows):
    data = events(rows).with_columns(pl.col("entry", "left", "right") / 7)
    expanded = _expanded(data, rows)
    for name, estimate in VERBS.items():
        assert answer(estimate, data, frequency="x") == answer(estimate, expanded), name


@few(max_examples=20)
@given(st.lists(START, min_size=8, max_size=15))
def test_frequencies_of_adjusted_means_are_expanded_rows(rows):
    data, expanded = events(rows), _expanded(events(rows), rows)
    adjusted = partial(adjusted_restricted_mean, formula="arm", until=4)
    counted = answer(adjusted, data, frequency="x")
    assert isinstance(counted, str) or counted == answer(adjusted, expanded)


@few(max_examples=20)
@given(LATE, st.randoms(use_true_random=False))
def test_nothing_depends_on_the_order_of_the_rows(rows, random):
    shuffled = list(range(len(rows)))
    random.shuffle(shuffled)
    # Thirds and sevenths have no exact binary form: an order of summation would show.
    data = events(rows).with_columns(pl.col("entry", "left", "right") / 7)
    for name, estimate in VERBS.items():
        assert answer(estimate, data[shuffled]) == answer(estimate, data), name
        if name != "person_time":
            weighted = answer(estimate, data, case_weights="w")
            assert answer(estimate, data[shuffled], case_weights="w") == weighted, name
    adjusted = partial(adjusted_restricted_mean, formula="arm + x", until=2 / 7)
    assert answer(adjusted, data[shuffled]) == answer(adjusted, data)
