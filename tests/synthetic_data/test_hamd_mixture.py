"""Classes of response, rater error, a threshold at entry and inflation: by hand, and closed form against long draws."""

from __future__ import annotations

import math
from dataclasses import replace
from math import inf
from statistics import NormalDist

import numpy as np
import polars as pl
import pytest

from cohort.errors import TruthError
from synthetic_data.hamd.answers import class_shares, enrolled_shares, hypothetical, pair_tables
from synthetic_data.hamd.mechanisms import Dosing, Entry, ResponseClass, Stopping
from synthetic_data.hamd.scores import draw_scores
from synthetic_data.hamd.truth import HamdTruth
from synthetic_data.presets.hamd import HAMD_MIXTURE, HAMD_STUDY
from synthetic_data.simulation import simulate_with_latent

PHI = NormalDist().cdf
NOBODY_LEAVES = (-inf,) * 4

# Two visits and no spread: everybody in the control arm goes from 20 to 12, in the other from 20 to 9.
STILL = HamdTruth(
    means=((20.0, 12.0), (20.0, 9.0)),
    covariance=((0.0, 0.0), (0.0, 0.0)),
    dropout_intercepts=(-inf,),
    visits=("baseline", "week 6"),
    visit_days=(0, 42),
)
TWO_CLASSES = (
    ResponseClass(name="well", shares=(0.25, 0.5), shift=(0.0, -5.0)),
    ResponseClass(name="ill", shares=(0.75, 0.5), shift=(0.0, 4.0)),
)
# A normal baseline of 18 with SD 4, later scores that have nothing to do with it.
WIDE = replace(STILL, means=((18.0, 12.0), (18.0, 12.0)), covariance=((16.0, 0.0), (0.0, 9.0)))


def drawn(truth, subjects=150_000, seed=7):
    """Return recorded scores of both arms, as if nobody had left, by arm, subject and visit."""
    arm = np.repeat([0, 1], subjects).reshape(2, subjects)
    return draw_scores(truth, arm, np.random.default_rng(seed))


def test_without_spread_a_mixture_is_its_shares():
    truth = replace(STILL, classes=TWO_CLASSES)
    exact = hypothetical(truth)  # control: 7 or 16 points, other arm: 4 or 13
    assert exact.start == pytest.approx([20, 20])
    assert exact.mean[:, 0] == pytest.approx([0.25 * 7 + 0.75 * 16, 0.5 * 4 + 0.5 * 13])
    assert exact.remission[:, 0] == pytest.approx([0.25, 0.5])
    assert exact.response[:, 0] == pytest.approx([0.25, 0.5])
    assert class_shares(truth) == pytest.approx(np.array([[0.25, 0.75], [0.5, 0.5]]))


def test_everybody_in_one_class_is_a_study_with_shifted_means():
    shift = (0.5, -1.0, -2.0, -3.0, -4.0)
    one = ResponseClass(name="all", shares=(1.0, 1.0), shift=shift)
    moved = tuple(tuple(mean + by for mean, by in zip(arm, shift, strict=True)) for arm in HAMD_STUDY.means)
    with_class, without = (
        hypothetical(truth) for truth in (replace(HAMD_STUDY, classes=(one,)), replace(HAMD_STUDY, means=moved))
    )
    assert with_class.mean == pytest.approx(without.mean, abs=1e-12)
    assert with_class.response == pytest.approx(without.response, abs=1e-12)


def test_rater_error_is_variance_on_the_diagonal():
    noisy = replace(HAMD_STUDY, rater_sd=2.0)
    covariance = np.array(HAMD_STUDY.covariance) + 4 * np.eye(5)
    wide = replace(HAMD_STUDY, covariance=tuple(map(tuple, covariance.tolist())))
    assert pair_tables(noisy) == pytest.approx(pair_tables(wide), abs=1e-13)
    reliability = noisy.estimates().filter(statistic="reliability", term="week 6")["estimate"].item()
    assert reliability == pytest.approx(8.17**2 / (8.17**2 + 4))


def test_two_ratings_of_one_severity_agree_as_the_reliability_says():
    truth = replace(HAMD_STUDY, means=((26.0,) * 5,) * 2, rater_sd=3.0, dropout_intercepts=NOBODY_LEAVES)
    latent = drawn(truth, 60_000).latent
    severity, score = latent.severity[0, :, 4], latent.on_treatment[0, :, 4]
    found = np.corrcoef(severity, score)[0, 1] ** 2  # the rounding's variance of 1/12 beside 66.7 + 9
    assert found == pytest.approx(8.17**2 / (8.17**2 + 9 + 1 / 12), abs=0.005)


def test_who_enters_by_hand():
    chance = 1 - PHI((17.5 - 18) / 4)
    near = PHI((17.5 - 18) / 4) - PHI((14.5 - 18) / 4)
    truth = replace(WIDE, entry=Entry(score=18, inflation=0.4, reach=3))
    assert enrolled_shares(truth) == pytest.approx(np.array([[chance, 0.4 * near]] * 2), abs=1e-12)
    spike = PHI((18.5 - 18) / 4) - PHI((17.5 - 18) / 4) + 0.4 * near
    tables = pair_tables(truth).sum(axis=3)
    assert tables[:, 0, 18] == pytest.approx([spike / (chance + 0.4 * near)] * 2, abs=1e-12)
    assert not tables[:, 0, :18].any()
    rows = truth.estimates().filter(pl.col("group") == "drug", pl.col("reference").is_null(), statistic="share")
    shares = dict(rows.filter(at=0.0).select("criterion", "estimate").iter_rows())
    assert shares["enrolled of those screened"] == pytest.approx(chance + 0.4 * near)
    assert shares["baseline raised to the threshold"] == pytest.approx(0.4 * near / (chance + 0.4 * near))


def test_mean_at_entry_is_that_of_a_truncated_normal():
    truth = replace(WIDE, means=((24.0, 12.0),) * 2, entry=Entry(score=20))
    points = np.arange(20, 53)
    chances = np.array([PHI((k + 0.5 - 24) / 4) - PHI((k - 0.5 - 24) / 4) for k in points])
    assert hypothetical(truth).start == pytest.approx([points @ chances / chances.sum()] * 2, abs=1e-9)


def test_what_has_nothing_to_do_with_the_baseline_is_not_selected_at_entry():
    entered, everybody = (hypothetical(truth) for truth in (replace(WIDE, entry=Entry(score=18)), WIDE))
    assert entered.mean == pytest.approx(everybody.mean, abs=1e-12)
    assert (entered.start > everybody.start + 2).all()  # so that the scores fall without any treatment


def test_a_threshold_falls_back_in_part_where_scores_are_related():
    related = replace(WIDE, means=((18.0, 18.0),) * 2, covariance=((16.0, 9.6), (9.6, 16.0)), entry=Entry(score=18))
    exact = hypothetical(related)
    assert (exact.mean[0, 0] - 18) / (exact.start[0] - 18) == pytest.approx(0.6, abs=0.01)  # the correlation


def test_inflation_makes_a_spike_and_a_fall():
    honest = replace(WIDE, means=((18.0, 18.0),) * 2, covariance=((16.0, 14.0), (14.0, 16.0)), entry=Entry(score=18))
    inflated = replace(honest, entry=Entry(score=18, inflation=0.8))
    at, next_to_it = (drawn(inflated, 40_000).recorded[..., 0] == score for score in (18, 19))
    assert at.mean() > 1.5 * next_to_it.mean()
    fair, raised = hypothetical(honest), hypothetical(inflated)
    assert raised.mean[0, 0] - raised.start[0] < fair.mean[0, 0] - fair.start[0] - 0.3


def test_raised_subjects_have_the_threshold_and_later_scores_of_their_own():
    study, latent = simulate_with_latent(HAMD_MIXTURE, subjects=4_000, seed=3)
    baseline = latent.filter(visit="baseline")
    assert baseline["score"].min() == 18
    raised = baseline.filter("raised")
    assert raised["score"].unique().to_list() == [18]
    assert 16 < raised["severity"].mean() < 17  # 15 to 17 as rated, and what they truly were
    assert raised.height / 4_000 == pytest.approx(0.133, abs=4.5 * math.sqrt(0.133 * 0.867 / 4_000))
    assert study.ratings.filter(visit="baseline").height == 4_000


CASES = {
    "mixture": replace(HAMD_STUDY, classes=HAMD_MIXTURE.classes),
    "entry": replace(HAMD_STUDY, entry=Entry(score=18, inflation=0.5)),
    "everything": HAMD_MIXTURE,
}


@pytest.mark.parametrize("truth", CASES.values(), ids=CASES)
def test_closed_form_against_a_long_draw(truth):
    latent = drawn(truth).latent
    scores, exact = latent.on_treatment.astype(np.int64), hypothetical(truth)
    start = scores[..., :1]
    checks = (
        (start, exact.start[:, None]),
        (scores[..., 1:], exact.mean),
        (scores[..., 1:] <= 7, exact.remission),
        ((2 * scores[..., 1:] <= start) & (start > 0), exact.response),
        (latent.raised[..., None], enrolled_shares(truth)[:, 1:] / enrolled_shares(truth).sum(axis=1, keepdims=True)),
        (latent.kind[..., None] == np.arange(len(truth.classes) or 1), class_shares(truth) if truth.classes else 1.0),
    )
    for values, expected in checks:
        error = np.maximum(values.std(axis=1), 1e-9) / math.sqrt(values.shape[1])
        assert np.abs((values.mean(axis=1) - expected) / error).max() < 4.5


def test_pairs_are_drawn_as_the_tables_say():
    latent = drawn(HAMD_MIXTURE).latent
    scores = latent.on_treatment.astype(np.int64)
    for arm in (0, 1):
        counts = np.zeros((53, 53))
        np.add.at(counts, (scores[arm, :, 0], scores[arm, :, 4]), 1)
        expected = pair_tables(HAMD_MIXTURE)[arm, 3] * scores.shape[1]
        often = expected >= 20
        deviation = ((counts - expected)[often] ** 2 / expected[often]).sum()
        cells = int(often.sum())
        assert abs(deviation - cells) < 4.5 * math.sqrt(2 * cells)


def test_the_preset_is_the_published_study():
    estimates = HAMD_MIXTURE.estimates()
    changes = estimates.filter(pl.col("term") == "week 6", statistic="mean change difference")["estimate"].item()
    assert changes == pytest.approx(-1.75, abs=0.06)
    latent = drawn(HAMD_MIXTURE, 100_000).latent
    fall = latent.on_treatment[..., 0].astype(np.int64) - latent.on_treatment[..., 4]
    for kind, published in enumerate((16.0, 8.9, 1.7)):
        mine = fall[latent.kind == kind]
        assert mine.mean() == pytest.approx(published, abs=0.02 + 4.5 * mine.std() / math.sqrt(mine.size))


def test_dials_that_are_off_draw_the_very_same_study():
    on = replace(HAMD_STUDY, dosing=Dosing(drug="x", starting_dose=1, daily_dose=1), items=True)
    for truth in (on, replace(HAMD_STUDY, item_missing=0.0)):
        study, _ = simulate_with_latent(truth, subjects=200, seed=5)
        plain, _ = simulate_with_latent(HAMD_STUDY, subjects=200, seed=5)
        assert study.ratings.equals(plain.ratings)


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 1, 4)])
@pytest.mark.parametrize("truth", [HAMD_STUDY, HAMD_MIXTURE], ids=["plain", "mixture"])
def test_scores_have_the_arrangement_of_the_arms(truth, shape):
    arm = np.zeros(shape, dtype=np.int8)
    scores = draw_scores(truth, arm, np.random.default_rng(1))
    assert scores.recorded.shape == scores.present.shape == (*shape, 5)
    assert (scores.latent is None) == truth.plain
    if scores.latent is not None:
        assert scores.latent.kind.shape == shape
        assert scores.latent.severity.shape == (*shape, 5)


def test_an_arrangement_changes_nothing_but_the_shape():
    arm = np.arange(9_000) % 2
    for truth in (HAMD_STUDY, HAMD_MIXTURE):
        flat, shaped = (draw_scores(truth, a, np.random.default_rng(3)).recorded for a in (arm, arm.reshape(3, 50, 60)))
        assert (flat.reshape(3, 50, 60, 5) == shaped).all()


BAD = {
    "add up to 0.5": {"classes": (ResponseClass(name="a", shares=(0.5, 1.0), shift=(0.0,) * 5),)},
    "named twice": {"classes": (ResponseClass(name="a", shares=(0.5, 0.5), shift=(0.0,) * 5),) * 2},
    "one for each visit": {"classes": (ResponseClass(name="a", shares=(1.0, 1.0), shift=(0.0,)),)},
    "rater_sd is -1": {"rater_sd": -1.0},
    "of those screened would enter at 52": {"entry": Entry(score=52)},
    "visit after baseline": {"stopping": Stopping(intolerance=((0.1,), (0.1,)), intercepts=(-inf,) * 4)},
    "set items=True": {"item_missing": 0.1},
    "intermittent is 2": {"intermittent": 2},
}


@pytest.mark.parametrize(("said", "changes"), BAD.items(), ids=BAD)
def test_contradictions_are_refused(said, changes):
    with pytest.raises(TruthError, match=said):
        replace(HAMD_STUDY, **changes)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Entry(score=18.5), "whole number"),
        (lambda: Entry(score=18, reach=0), "reach is 0"),
        (lambda: Entry(score=18, inflation=1.5), "share from 0 to 1"),
        (lambda: ResponseClass(name="a", shares=(1.2, 0.0), shift=(0.0,)), "share from 0 to 1"),
        (lambda: Stopping(intolerance=((2.0,), (0.0,)), intercepts=(0.0,)), "intolerance is 2"),
        (lambda: Stopping(intolerance=((0.0,), (0.0,)), intercepts=(inf,)), "not finite"),
        (lambda: Dosing(drug="x", starting_dose=20, daily_dose=10), "first <= second"),
    ],
)
def test_mechanisms_check_themselves(make, said):
    with pytest.raises(TruthError, match=said):
        make()
