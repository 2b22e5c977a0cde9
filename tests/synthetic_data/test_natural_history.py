"""Diaries that nobody treats: their rates are the truth's, and chance alone makes responders."""

from dataclasses import replace
from math import exp, log, sqrt

import numpy as np
import polars as pl
import pytest

import cohort
from cohort.criteria import SEIZURE_RESPONSE_50, Period
from cohort.errors import TruthError
from synthetic_data.diary.truth import Diary
from synthetic_data.natural_history.truth import NaturalHistoryTruth
from synthetic_data.presets import DIARY_YEAR
from synthetic_data.simulation import simulate, simulate_with_latent

PLAIN = NaturalHistoryTruth(diary=Diary(missing=0.0), days=365)


def true(truth, statistic, at=None):
    found = truth.estimates().filter(statistic=statistic)
    return found.filter(pl.col("at") == at)["estimate"].item() if at else found["estimate"].item()


def test_the_mean_and_the_median_of_a_log_normal_rate_are_those_of_its_formula():
    scale = 28 / 30
    assert true(PLAIN, "mean") == pytest.approx(scale * exp(1.23 + 1.15**2 / 2), rel=1e-12)
    assert true(PLAIN, "quantile", 0.5) == pytest.approx(scale * exp(1.23), rel=1e-12)


def test_a_floor_cuts_the_distribution_below():
    floored = replace(PLAIN, diary=Diary(rate_floor=4.0, missing=0.0))
    _, latent = simulate_with_latent(replace(floored, days=1), subjects=20_000, seed=1)
    assert latent["rate28"].min() >= 4.0
    for at in (0.25, 0.5, 0.75):
        below = (latent["rate28"] < true(floored, "quantile", at)).mean()
        assert abs(below - at) < 4.5 * sqrt(at * (1 - at) / 20_000)
    logs = np.minimum(latent["rate28"].to_numpy(), 1e9)
    assert abs(logs.mean() - true(floored, "mean")) < 4.5 * logs.std() / sqrt(20_000)


def test_the_mean_of_the_written_counts_is_the_true_mean():
    truth = replace(PLAIN, diary=Diary(missing=0.1, under_reporting=0.3, cluster_share=0.5, log_rate_sd=0.5))
    study = simulate(truth, subjects=3_000, seed=3)
    counts = study.seizures.group_by("subject_id").agg(pl.col("count").sum(), missing=pl.col("count").is_null().sum())
    everyone = study.subjects.join(counts, on="subject_id", how="left").fill_null(0)
    rate = 28 * everyone["count"].to_numpy() / (365 - everyone["missing"].to_numpy())
    assert abs(rate.mean() - true(truth, "mean")) < 4.5 * rate.std() / sqrt(3_000)


def test_every_day_is_written_in_a_daily_diary():
    study = simulate(DIARY_YEAR, subjects=20, seed=1)
    assert study.seizures.height == 20 * 365
    assert study.observed.is_empty()
    assert 0.02 < study.seizures["count"].null_count() / study.seizures.height < 0.04


def test_chance_alone_makes_responders():
    study = simulate(replace(DIARY_YEAR, days=168), subjects=1_500, seed=1)
    rule = replace(SEIZURE_RESPONSE_50, baseline=Period(0, 83), treatment=Period(84, 167))
    found = cohort.classify(study, rule)
    share = (found["verdict"] == "met").mean()
    assert 0.05 < share < 0.3


@pytest.mark.parametrize(
    ("change", "message"),
    [({"days": 0}, "days is 0"), ({"share_female": 2}, "share_female"), ({"diary": 3}, "diary is a int")],
)
def test_a_natural_history_that_contradicts_itself_is_refused(change, message):
    with pytest.raises(TruthError, match=message):
        replace(PLAIN, **change)


def test_the_formula_of_the_scale_is_thirty_days():
    assert true(replace(PLAIN, diary=Diary(log_rate_mean=log(30.0))), "quantile", 0.5) == pytest.approx(28.0)
