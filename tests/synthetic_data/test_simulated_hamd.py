"""The HAM-D study: its records, its calibration, and its truth found again in its records."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from synthetic_data.presets import HAMD_STUDY
from synthetic_data.simulation import simulate, simulate_with_latent

VISITS = list(HAMD_STUDY.visits)
NOBODY_LEAVES = replace(HAMD_STUDY, dropout_intercepts=(-math.inf,) * 4)

# What was measured on the study after Goldstein 2004, of those seen.
MEANS = {"placebo": [17.2, 15.7, 14.3, 12.7, 12.0], "drug": [18.6, 16.8, 14.0, 11.9, 10.5]}
SDS = [5.5, 5.9, 7.0, 7.1, 7.5]
CORRELATIONS = {
    ("baseline", "week 1"): 0.67,
    ("baseline", "week 2"): 0.54,
    ("baseline", "week 4"): 0.46,
    ("baseline", "week 6"): 0.47,
    ("week 1", "week 2"): 0.76,
    ("week 1", "week 4"): 0.68,
    ("week 1", "week 6"): 0.66,
    ("week 2", "week 4"): 0.78,
    ("week 2", "week 6"): 0.73,
    ("week 4", "week 6"): 0.85,
}


def wide(study) -> pl.DataFrame:
    """One row a subject, one column a visit, null where there is no record."""
    scores = study.ratings.pivot(on="visit", index="subject_id", values="score")
    return study.subjects.select("subject_id", "arm").join(scores, on="subject_id").select("subject_id", "arm", *VISITS)


@pytest.fixture(scope="module")
def large() -> pl.DataFrame:
    return wide(simulate(HAMD_STUDY, subjects=200_000, seed=11))


@pytest.fixture(scope="module")
def complete() -> pl.DataFrame:
    return wide(simulate(NOBODY_LEAVES, subjects=100_000, seed=12))


@pytest.mark.parametrize("arm", MEANS)
@pytest.mark.parametrize("j", range(5))
def test_mean_scores_of_those_seen_are_the_study_s(large, arm, j):
    scores = large.filter(pl.col("arm") == arm)[VISITS[j]].drop_nulls()
    assert scores.mean() == pytest.approx(MEANS[arm][j], abs=0.01 + 4 * scores.std() / math.sqrt(scores.len()))


@pytest.mark.parametrize("j", range(5))
def test_spreads_of_those_seen_are_the_study_s(large, j):
    scores = large[VISITS[j]].drop_nulls()
    assert scores.std() == pytest.approx(SDS[j], abs=0.01 + 4 * SDS[j] / math.sqrt(2 * scores.len()))


@pytest.mark.parametrize(("early", "late"), CORRELATIONS)
def test_correlations_of_those_seen_are_the_study_s(large, early, late):
    both = large.select(early, late).drop_nulls()
    wanted = CORRELATIONS[early, late]
    found = np.corrcoef(both.to_numpy().T)[0, 1]
    assert found == pytest.approx(wanted, abs=0.002 + 4 * (1 - wanted**2) / math.sqrt(both.height))


def test_a_quarter_leaves_and_never_comes_back(large):
    seen = large.select(pl.col(VISITS).is_not_null()).to_numpy()
    assert seen[:, :2].all()
    assert (seen[:, 1:] <= seen[:, :-1]).all()
    assert 1 - seen[:, 4].mean() == pytest.approx(43 / 172, abs=0.01)
    leaving = [1 - seen[seen[:, j - 1], j].mean() for j in (2, 3, 4)]
    assert leaving == pytest.approx([14 / 172, 9 / 158, 20 / 149], abs=0.005)


@pytest.mark.parametrize("j", [1, 2, 3])
def test_leavers_had_improved_less_by_two_to_three_points(large, j):
    change = pl.col(VISITS[j]) - pl.col("baseline")
    here = large.filter(pl.col(VISITS[j]).is_not_null())
    stays = pl.col(VISITS[j + 1]).is_not_null()
    apart = here.filter(~stays).select(change).to_series().mean() - here.filter(stays).select(change).to_series().mean()
    assert 1.5 < apart < 4.5  # 2.4, 2.2 and 3.2 in the study


def test_the_chance_of_leaving_is_the_truth_s(large):
    """Among those with the same improvement so far, the share that leaves before week 6 is expit(a - 0.1 x)."""
    here = large.filter(pl.col("week 4").is_not_null()).with_columns(gain=pl.col("baseline") - pl.col("week 4"))
    for gain in (-4, 0, 5, 12):
        same = here.filter(gain=gain)
        chance = 1 / (1 + math.exp(1.44 + 0.1 * gain))
        bound = 4 * math.sqrt(chance * (1 - chance) / same.height)
        assert same["week 6"].is_null().mean() == pytest.approx(chance, abs=bound)


@pytest.mark.parametrize(
    ("arm", "n", "response", "remission"), [("drug", 84, 0.345, 0.238), ("placebo", 88, 0.227, 0.205)]
)
def test_what_was_not_fitted_is_within_the_study_s_own_error(large, arm, n, response, remission):
    """Response and remission at week 6, leavers counted as failures."""
    mine = large.filter(pl.col("arm") == arm)
    responded = ((2 * pl.col("week 6") <= pl.col("baseline")) & (pl.col("baseline") > 0)).fill_null(False)
    shares = mine.select(responded.mean().alias("response"), (pl.col("week 6") <= 7).fill_null(False).mean())
    for found, studied in zip(shares.row(0), (response, remission), strict=True):
        assert found == pytest.approx(studied, abs=2 * math.sqrt(studied * (1 - studied) / n))


def test_every_true_value_is_found_again_in_the_records(complete):
    """Plain shares and means of recorded scores, where nobody leaves, against the closed form."""
    checked = 0
    for row in (
        HAMD_STUDY.estimates()
        .filter(pl.col("reference").is_null(), pl.col("std_error").is_null())
        .iter_rows(named=True)
    ):
        mine = complete.filter(pl.col("arm") == row["group"])
        day = dict(zip(HAMD_STUDY.visit_days, VISITS, strict=True))[int(row["at"])]
        if row["statistic"] == "mean":
            values = mine[day]
        elif row["statistic"] == "mean change":
            values = mine[day] - mine["baseline"]
        elif row["criterion"] == f"HAMD17 remission (<= 7) at {day}":
            values = (mine[day] <= 7).cast(pl.Float64)
        else:
            assert row["criterion"] == f"HAMD17 response (>= 50%) at {day}"
            values = ((2 * mine[day] <= mine["baseline"]) & (mine["baseline"] > 0)).cast(pl.Float64)
        assert values.mean() == pytest.approx(row["estimate"], abs=4 * values.std() / math.sqrt(values.len())), row
        checked += 1
    assert checked == 2 * (5 + 4 + 4 + 4)


def test_leaving_changes_nothing_in_the_truth():
    assert_frame_equal(HAMD_STUDY.estimates(), NOBODY_LEAVES.estimates())


def test_records_are_those_of_the_latent_scores_that_were_seen():
    study, latent = simulate_with_latent(HAMD_STUDY, subjects=301, seed=3)
    assert latent.height == 301 * 5
    assert not latent["seen"].all()
    seen = latent.filter("seen").select("subject_id", "visit", pl.col("score").cast(pl.Float64))
    recorded = study.ratings.select("subject_id", "visit", "score")
    assert_frame_equal(recorded, seen, check_row_order=False)


def test_arms_are_balanced_and_the_control_comes_first():
    study = simulate(HAMD_STUDY, subjects=301, seed=3)
    assert study.arms == ("placebo", "drug")
    assert study.subjects.schema["arm"] == pl.Enum(["placebo", "drug"])
    assert sorted(study.subjects["arm"].value_counts()["count"]) == [150, 151]
    assert study.subjects["arm"].cast(pl.String).head(20).n_unique() == 2  # allocated at random, not in two blocks


def test_ratings_fall_near_their_day_and_scores_are_whole_points():
    study = simulate(HAMD_STUDY, subjects=2000, seed=4)
    nominal = pl.col("visit").replace_strict(
        dict(zip(VISITS, HAMD_STUDY.visit_days, strict=True)), return_dtype=pl.Int64
    )
    ratings = study.ratings.with_columns(off=pl.col("day") - nominal)
    assert ratings.filter(visit="baseline")["off"].unique().to_list() == [0]
    assert sorted(ratings.filter(pl.col("visit") != "baseline")["off"].unique()) == [-3, -2, -1, 0, 1, 2, 3]
    assert ratings["score"].is_between(0, 52).all()
    assert (ratings["score"] == ratings["score"].round()).all()
    assert ratings["score"].min() == 0  # some are held at the scale's end
    last = study.ratings.group_by("subject_id").agg(pl.col("day").max().cast(pl.Int64).alias("last_day"))
    assert_frame_equal(study.subjects.select("subject_id", "last_day"), last.sort("subject_id"))


def test_without_jitter_every_rating_is_on_its_day():
    study = simulate(replace(HAMD_STUDY, day_jitter=0), subjects=50, seed=4)
    assert set(study.ratings["day"]) == set(HAMD_STUDY.visit_days)


def test_the_same_seed_makes_the_same_study():
    one, two = (simulate(HAMD_STUDY, subjects=100, seed=9) for _ in range(2))
    other = simulate(HAMD_STUDY, subjects=100, seed=10)
    assert one.subjects.equals(two.subjects)
    assert one.ratings.equals(two.ratings)
    assert not one.ratings.equals(other.ratings)


def test_one_subject_is_a_study():
    assert simulate(HAMD_STUDY, subjects=1, seed=0).subjects["subject_id"].to_list() == ["S0001"]
