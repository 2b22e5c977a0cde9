"""The items behind a total."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cohort.scales import HAMD17
from synthetic_data.hamd.items import ITEM_MEANS, allocate
from synthetic_data.presets.hamd import HAMD_STUDY
from synthetic_data.simulation import simulate

MOST = np.array([most for _, most in HAMD17.item_maxima])
FORMS = replace(HAMD_STUDY, items=True, item_missing=0.05)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 52), min_size=0, max_size=30), st.integers(0, 2**32))
def test_items_add_up_and_stay_within_their_range(totals, seed):
    totals = np.array(totals, dtype=np.int64)
    items = allocate(totals, np.arange(totals.size) // 5, np.random.default_rng(seed))
    assert items.shape == (totals.size, 17)
    assert (items.sum(axis=1) == totals).all()
    assert ((items >= 0) & (items <= MOST)).all()


def test_no_points_and_all_points():
    items = allocate(np.array([0, 52, 1]), np.arange(3), np.random.default_rng(1))
    assert not items[0].any()
    assert (items[1] == MOST).all()
    assert items[2].max() == 1


def test_items_have_the_published_means_at_the_published_total():
    """Table 3 of Rush 2006 has means of 0.97, 0.91 ... at a mean total of 11.4; totals of 11 and 12 stand for it."""
    assert sum(ITEM_MEANS) == pytest.approx(11.36)
    totals = np.where(np.arange(50_000) % 25 < 16, 11, 12)  # 11.36 on average
    items = allocate(totals, np.arange(totals.size), np.random.default_rng(2))
    error = items.std(axis=0) / math.sqrt(totals.size)
    assert np.abs(items.mean(axis=0) - ITEM_MEANS).max() < 0.02 + 4.5 * error.max()
    assert {1, 7} <= set(np.argsort(-items.mean(axis=0))[:4] + 1)  # depressed mood, work and interests


def test_a_subject_keeps_its_symptoms():
    subjects = 20_000
    items = allocate(np.full(2 * subjects, 18), np.repeat(np.arange(subjects), 2), np.random.default_rng(3))
    apart = items - items.mean(axis=0)
    one, two = apart[::2], apart[1::2]
    within = (one * two).sum(axis=0) / (apart**2).sum(axis=0) * 2
    between = (one[1:] * two[:-1]).sum(axis=0) / (apart**2).sum(axis=0) * 2
    assert (within[:16] > 0.3).all()  # insight apart: it is hardly ever scored
    assert np.abs(between).max() < 4.5 / math.sqrt(subjects)


@pytest.fixture(scope="module")
def study():
    return simulate(FORMS, subjects=2_000, seed=6)


def test_every_rating_has_its_form(study):
    assert study.items.height == 17 * study.ratings.height
    forms = study.items.group_by("subject_id", "visit", "day").agg(
        pl.col("score").sum().alias("sum"), pl.col("score").null_count().alias("missing"), pl.len().alias("n")
    )
    both = study.ratings.join(forms, on=["subject_id", "visit", "day"], how="left")
    assert both["n"].unique().to_list() == [17]
    assert both.filter(missing=0).select((pl.col("sum") == pl.col("score")).all()).item()
    assert both.filter(missing=0).height > 1_000
    assert both.select((pl.col("sum") <= pl.col("score")).all()).item()


def test_items_are_lost_completely_at_random(study):
    share = study.items["score"].null_count() / study.items.height
    assert share == pytest.approx(0.05, abs=4.5 * math.sqrt(0.05 * 0.95 / study.items.height))


def test_a_prorated_total_is_near_the_total_of_the_complete_form(study):
    """Prorating: 52 * sum / maxima of the items that are there (vector: 15 without two items of 2 points is 16.25)."""
    assert 52 * 15 / 48 == 16.25
    most = pl.col("item").replace_strict(dict(HAMD17.item_maxima), return_dtype=pl.Float64)
    rated = pl.col("score").is_not_null()
    forms = study.items.group_by("subject_id", "visit").agg(
        prorated=52 * pl.col("score").sum() / most.filter(rated).sum(),
        missing=(~rated).sum(),
    )
    both = study.ratings.join(forms, on=["subject_id", "visit"]).filter(pl.col("missing").is_between(1, 3))
    off = both.with_columns(off=pl.col("prorated") - pl.col("score"))
    assert off["off"].std() < 2
    assert abs(off["off"].mean()) < 0.2


def test_forms_are_the_same_with_the_same_seed():
    one, two = (simulate(FORMS, subjects=50, seed=6).items for _ in range(2))
    assert one.equals(two)


def test_a_complete_form_has_no_gaps():
    assert simulate(replace(FORMS, item_missing=0.0), subjects=20, seed=1).items["score"].null_count() == 0
