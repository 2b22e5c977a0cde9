"""Turnbull's estimate against its slow definition, and what must not change it."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyses.estimates.interval import interior
from analyses.estimates.interval.npmle import GAP, npmle
from analyses.estimates.interval.support import support, support_range
from analyses.estimates.interval.turnbull import turnbull
from analyses.estimates.survival.kaplan_meier import kaplan_meier
from tests.interval.interval_frames import ends, events, slow_masses, slow_support

# Left end, and how far on the right end lies; 0 is a known day, None right-censored. Few days, so that ends abound.
TIME = st.tuples(st.integers(0, 7), st.sampled_from([0, 1, 2, 3, 5, None]))
ROWS = st.lists(TIME.map(lambda t: (t[0], None if t[1] is None else t[0] + t[1])), min_size=1, max_size=20)


def counted(left, right):
    found, counts = np.unique(np.stack([left, right], axis=1), axis=0, return_counts=True)
    return found[:, 0], found[:, 1], counts


def visits(n, rng, *, jitter):
    """Return times seen at fourteen visits 28 days apart, each up to `jitter` days off."""
    time = rng.exponential(140, n)
    days = 28.0 * np.arange(14) + rng.uniform(-jitter, jitter, (n, 14)) * (np.arange(14) > 0)
    seen = (days < time[:, None]).sum(axis=1)
    row = np.arange(n)
    return days[row, seen - 1], np.where(seen < 14, days[row, np.minimum(seen, 13)], np.inf)


@settings(max_examples=80, deadline=None)
@given(ROWS)
def test_support_and_what_each_time_holds(rows):
    left, right = ends(rows)
    begin, end = support(left, right)
    cells = slow_support(rows)
    assert [(2 * a + (a < b), 2 * b) for a, b in zip(begin, end, strict=True)] == cells
    first, after = support_range(left, right, begin, end)
    for a, b, i, j in zip(left, right, first, after, strict=True):
        inside = [2 * a + (a < b) <= c and d <= 2 * b for c, d in cells]
        assert inside == [i <= number < j for number in range(len(cells))]
        assert i < j


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_masses_of_the_slow_definition(rows):
    found = npmle(*counted(*ends(rows)))
    mass, log_likelihood = slow_masses(rows)
    assert found.log_likelihood >= log_likelihood - 1e-9
    assert found.log_likelihood == pytest.approx(log_likelihood, abs=1e-6)
    assert found.mass == pytest.approx(mass, abs=2e-3)
    assert found.mass.sum() == pytest.approx(1, abs=1e-14)
    assert -1e-9 < found.gap < GAP
    held = found.mass > 0
    assert found.runs.gradient(found.mass)[held] == pytest.approx(np.ones(held.sum()), abs=1e-10)
    # The masses are the only ones: what each time holds of them tells them apart.
    runs = zip(found.runs.first, found.runs.after, strict=True)
    table = [[i <= number < j for number in np.flatnonzero(held)] for i, j in runs]
    assert np.linalg.matrix_rank(np.array(table, dtype=float)) == held.sum()


@settings(max_examples=20, deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_rows_may_stand_in_any_order_or_be_counted(rows, random):
    found = turnbull(events(rows), by=None, times=[1, 4])
    shuffled = random.sample(rows, len(rows))
    assert turnbull(events(shuffled), by=None, times=[1, 4]).frame.equals(found.frame)
    once = sorted(set(rows), key=str)
    frame = events(once).with_columns(rows=pl.Series([rows.count(row) for row in once]))
    assert turnbull(frame, by=None, times=[1, 4], frequency="rows").frame.equals(found.frame)


@settings(max_examples=20, deadline=None)
@given(ROWS)
def test_known_days_are_kaplan_and_meiers(rows):
    known = events([(left, None if right is None else left) for left, right in rows])
    # The general way gives the product of fractions too.
    left, right = ends([(left, None if right is None else left) for left, right in rows])
    found = npmle(*counted(left, right))
    theirs = kaplan_meier(known, by=None, times=[0, 3, 6]).frame.filter(statistic="survival")
    ours = turnbull(known, by=None, times=[0, 3, 6]).frame.filter(statistic="survival")
    columns = ["term", "at", "estimate", "std_error", "conf_low", "conf_high"]
    seen = pl.col("at") <= float(left.max())
    assert ours.filter(seen).select(columns).equals(theirs.filter(seen).select(columns))
    curve = theirs.filter(pl.col("at") > 0, term="curve")
    after = dict(zip(found.right, 1 - np.cumsum(found.mass), strict=True))
    assert [after[t] for t in curve["at"]] == pytest.approx(curve["estimate"].to_list(), abs=1e-12)


@settings(max_examples=25, deadline=None)
@given(ROWS)
def test_many_masses_are_found_as_few_are(rows):
    """The ways for many masses (sparse equations, and few intervals let in at a time) give the same."""
    few = npmle(*counted(*ends(rows)))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(interior, "_DENSE", 0)
        patched.setattr("analyses.estimates.interval.npmle._FEW", 0)
        many = npmle(*counted(*ends(rows)))
    assert many.mass == pytest.approx(few.mass, abs=1e-9)
    assert many.gap < GAP


@pytest.mark.parametrize("jitter", [0, 3, 12])
def test_three_thousand_subjects(jitter):
    rng = np.random.default_rng(11)
    found = npmle(*counted(*visits(3000, rng, jitter=jitter)))
    assert found.gap < GAP
    assert found.mass.min() == 0 or jitter == 0
    day = 28 * 5 + jitter
    assert found.mass[found.right <= day].sum() == pytest.approx(1 - math.exp(-1), abs=0.06)
