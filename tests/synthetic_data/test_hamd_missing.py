"""What is missing: at random, not at random, completely at random."""

from __future__ import annotations

import math
from dataclasses import replace
from math import inf

import numpy as np
import pytest

from synthetic_data.hamd.mechanisms import Entry
from synthetic_data.hamd.scores import draw_scores
from synthetic_data.presets.hamd import HAMD_STUDY

UNSEEN = replace(HAMD_STUDY, dropout_unseen_slope=0.1)
# A rater's error of 0 points is still another way through the program: all that is not plain goes there.
SAME = replace(HAMD_STUDY, entry=Entry(score=0))
MISSED = replace(HAMD_STUDY, intermittent=0.1)


def drawn(truth, subjects=150_000, seed=4):
    return draw_scores(truth, np.arange(subjects) % 2, np.random.default_rng(seed))


def dependence(scores, j, history):
    """Return z of leaving before visit j on the score at j, among those with the same history and arm."""
    here = scores.present[:, j - 1]
    leaves = ~scores.present[here, j]
    score = scores.recorded[here, j].astype(float)
    _, stratum = np.unique(np.column_stack([history[here], np.flatnonzero(here) % 2]), axis=0, return_inverse=True)
    n = np.bincount(stratum)
    share, mean = np.bincount(stratum, leaves) / n, np.bincount(stratum, score) / n
    off, apart = leaves - share[stratum], score - mean[stratum]
    within = np.bincount(stratum, apart**2)
    return (off * apart).sum() / math.sqrt((share * (1 - share) * within).sum())


def improvement(scores, j):
    """Return the whole observed history that matters: baseline minus the score before visit j."""
    return (scores.recorded[:, 0].astype(int) - scores.recorded[:, j - 1])[:, None]


@pytest.mark.parametrize("truth", [HAMD_STUDY, SAME], ids=["plain", "the other way through"])
@pytest.mark.parametrize("j", [2, 3, 4])
def test_at_random_the_unseen_score_tells_nothing_beyond_the_history(truth, j):
    scores = drawn(truth)
    assert abs(dependence(scores, j, improvement(scores, j))) < 4.5
    # Without the history it does, of course: who has not improved leaves, and has a high score later too.
    assert dependence(scores, j, np.zeros((scores.recorded.shape[0], 1))) > 10


@pytest.mark.parametrize("j", [2, 3, 4])
def test_not_at_random_the_unseen_score_tells_more(j):
    scores = drawn(UNSEEN)
    assert dependence(scores, j, improvement(scores, j)) > 10


def excess(leaves, log_odds, weight):
    """Return z of leaving more often than those log odds say, weighted."""
    chance = 1 / (1 + np.exp(-log_odds))
    return ((leaves - chance) * weight).sum() / math.sqrt((chance * (1 - chance) * weight**2).sum())


def test_the_chance_of_leaving_has_both_improvements_in_it():
    scores = drawn(UNSEEN)
    for j, intercept in ((2, -2.34), (3, -2.59), (4, -1.44)):
        here = scores.present[:, j - 1]
        seen, unseen = (scores.recorded[here, 0].astype(float) - scores.recorded[here, visit] for visit in (j - 1, j))
        for weight in (np.ones_like(seen), seen, unseen):
            assert abs(excess(~scores.present[here, j], intercept - 0.1 * seen - 0.1 * unseen, weight)) < 4.5


def test_both_ways_through_the_program_draw_the_same_study():
    one, other = drawn(HAMD_STUDY, 200_000, seed=1), drawn(SAME, 200_000, seed=2)
    for values in ("recorded", "present"):
        mine, theirs = (getattr(scores, values).astype(float) for scores in (one, other))
        error = np.sqrt((mine.var(axis=0) + theirs.var(axis=0)) / 200_000)
        assert (np.abs(mine.mean(axis=0) - theirs.mean(axis=0)) <= 4.5 * error).all()
    correlations = [np.corrcoef(scores.recorded.T.astype(float)) for scores in (one, other)]
    assert np.abs(correlations[0] - correlations[1]).max() < 4.5 * math.sqrt(2 / 200_000)


def test_the_observed_mean_is_too_low_and_more_so_where_missing_is_not_at_random():
    whole = HAMD_STUDY.estimates().filter(statistic="mean", term="week 6", group="placebo")["estimate"].item()

    def observed(truth):
        rows = truth.analysed_estimates().filter(statistic="mean", term="observed cases", group="placebo", at=42.0)
        return rows["estimate"].item()

    assert observed(UNSEEN) + 0.3 < observed(HAMD_STUDY) < whole - 0.3


def test_missed_visits_are_missed_at_random_and_subjects_come_back():
    scores = drawn(MISSED)
    nobody_leaves = replace(MISSED, dropout_intercepts=(-inf,) * 4)
    present = drawn(nobody_leaves).present
    assert present[:, 0].all()
    missed = ~present[:, 1:]
    assert missed.mean() == pytest.approx(0.1, abs=4.5 * math.sqrt(0.09 / missed.size))
    assert abs(np.corrcoef(missed[:, 0], missed[:, 1])[0, 1]) < 4.5 / math.sqrt(len(missed))
    kept = drawn(nobody_leaves).recorded[:, 4].astype(float)
    assert abs(np.corrcoef(missed[:, 3], kept)[0, 1]) < 4.5 / math.sqrt(len(missed))
    came_back = ~scores.present[:, 2] & scores.present[:, 3]
    assert came_back.mean() > 0.05


def test_after_a_missed_visit_the_last_score_seen_counts():
    scores = drawn(MISSED, 400_000)
    gone = scores.latent.gone_from
    gap = ~scores.present[:, 3] & (gone > 3) & scores.present[:, 2]
    seen, missed = (scores.recorded[gap, 0].astype(float) - scores.recorded[gap, visit] for visit in (2, 3))
    for weight in (np.ones_like(seen), seen):
        assert abs(excess(gone[gap] == 4, -1.44 - 0.1 * seen, weight)) < 4.5
    # Were it the score that nobody saw, who had improved more by then would leave more often than that.
    assert excess(gone[gap] == 4, -1.44 - 0.1 * missed, missed) > 6


def test_shares_who_left_are_those_who_are_not_there_again():
    rows = HAMD_STUDY.analysed_estimates().filter(criterion="left the study", group="drug", statistic="share")
    present = drawn(HAMD_STUDY).present[1::2]
    for j, day in enumerate((7, 14, 28, 42), start=1):
        share, error = rows.filter(at=float(day)).select("estimate", "std_error").row(0)
        bound = 4.5 * math.hypot(math.sqrt(share * (1 - share) / len(present)), error)
        assert 1 - present[:, j].mean() == pytest.approx(share, abs=bound)
