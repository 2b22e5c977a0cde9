"""Stopping treatment: the ways to handle it by hand, in order, in the records, and found again by the analyses."""

from __future__ import annotations

import math
from dataclasses import replace
from math import inf

import numpy as np
import polars as pl
import pytest

import analyses
import cohort
from cohort.criteria import HAMD17_REMISSION, HAMD17_RESPONSE
from synthetic_data.hamd.courses import drug_effect
from synthetic_data.hamd.mechanisms import Dosing, Stopping
from synthetic_data.hamd.scores import draw_scores
from synthetic_data.hamd.truth import HamdTruth
from synthetic_data.presets.hamd import HAMD_MIXTURE, HAMD_STUDY
from synthetic_data.simulation import simulate, simulate_with_latent

# Nobody differs: 20, 12, 10 on placebo and 20, 9, 6 on drug. Of the treated 10 percent stop before the second visit and
# 20 percent of the others before the third; the effect, 3 and 4 points, is then lost.
BY_HAND = HamdTruth(
    means=((20.0, 12.0, 10.0), (20.0, 9.0, 6.0)),
    covariance=((0.0,) * 3,) * 3,
    dropout_intercepts=(-inf, -inf),
    visits=("baseline", "week 2", "week 6"),
    visit_days=(0, 14, 42),
    stopping=Stopping(intolerance=((0.0, 0.0), (0.1, 0.2)), intercepts=(-inf, -inf), stays=1.0),
)
STOPPING = Stopping(
    intolerance=((0.02, 0.02, 0.01, 0.01), (0.08, 0.05, 0.02, 0.02)),
    intercepts=(-3.0, -2.5, -2.0, -1.5),
    slope=0.1,
    stays=0.5,
    effect_lost=0.6,
)
STOPS = replace(HAMD_STUDY, stopping=STOPPING)
# The mixture without its forms, which cost time and change nothing here.
MIXTURE = replace(HAMD_MIXTURE, items=False, item_missing=0.0)


def value(estimates, statistic, at, **where):
    found = estimates.filter(pl.col("at") == at, statistic=statistic, **where)
    assert found.height == 1, found
    return found.select("estimate", "std_error").row(0)


WANTED = [  # strategy, mean score, remission, response of the treated at week 6
    ("treatment policy", 0.28 * 10 + 0.72 * 6, 0.72, 1.0),
    ("while on treatment", 0.1 * 20 + 0.18 * 9 + 0.72 * 6, 0.72, 0.9),
    ("composite", 0.28 * 20 + 0.72 * 6, 0.72, 0.72),
]


@pytest.mark.parametrize(("strategy", "mean", "remission", "response"), WANTED)
def test_strategies_by_hand(strategy, mean, remission, response):
    estimates = BY_HAND.estimates().filter(term=strategy, group="drug")
    checks = (
        ("mean", {"criterion": "HAMD17"}, mean),
        ("mean change", {"criterion": "HAMD17"}, mean - 20),
        ("mean difference", {"reference": "placebo"}, mean - 10),
        ("share", {"criterion": "HAMD17 remission (<= 7) at week 6"}, remission),
        ("share", {"criterion": "HAMD17 response (>= 50%) at week 6"}, response),
    )
    for statistic, where, wanted in checks:
        found, error = value(estimates, statistic, 42.0, **where)
        assert abs(found - wanted) <= 4.5 * error
        assert error < 0.02


def test_hypothetical_rows_do_not_know_of_stopping():
    def kept(truth):
        return truth.estimates().filter(pl.col("std_error").is_null())

    assert kept(STOPS).equals(kept(HAMD_STUDY))


def test_shares_who_stopped_by_hand():
    estimates = BY_HAND.estimates().filter(criterion="stopped treatment", term="intolerance", group="drug")
    for at, wanted in ((14.0, 0.1), (42.0, 0.28)):
        found, error = value(estimates, "share", at)
        assert abs(found - wanted) < 4.5 * error


def test_losing_part_of_the_effect_costs_that_part():
    """From 30 to 28 on placebo and to 3 on drug, 25 points of effect; four tenths lost leave 13."""
    part = replace(
        BY_HAND,
        means=((30.0, 29.0, 28.0), (30.0, 20.0, 3.0)),
        stopping=replace(BY_HAND.stopping, effect_lost=0.4),
    )
    found, error = value(part.estimates().filter(group="drug"), "mean", 42.0, term="treatment policy")
    assert abs(found - (0.28 * 13 + 0.72 * 3)) < 4.5 * error


def test_who_stopped_is_no_remitter_under_composite_even_if_remitted_at_baseline():
    mild = replace(BY_HAND, means=((6.0, 5.0, 5.0), (6.0, 5.0, 4.0)))
    estimates = mild.estimates().filter(criterion="HAMD17 remission (<= 7) at week 6", group="drug", statistic="share")
    shares = dict(estimates.select("term", "estimate").iter_rows())
    for term in ("had nobody left", "treatment policy", "while on treatment"):
        assert shares[term] == pytest.approx(1, abs=1e-12)
    assert shares["composite"] == pytest.approx(0.72, abs=0.01)


def test_the_effect_counts_the_classes():
    # No difference between the arms' means; large responders 14.9 points apart, and so on, at week 6.
    falls = -np.array([15.83, 7.96, 0.71])
    by_shares = falls @ (np.array([0.245, 0.633, 0.122]) - np.array([0.096, 0.689, 0.215]))
    assert drug_effect(HAMD_MIXTURE)[[0, -1]] == pytest.approx([0.0, by_shares])
    assert drug_effect(HAMD_STUDY)[-1] == pytest.approx((10.63 - 18.59) - (12.37 - 17.21))


@pytest.mark.parametrize("truth", [STOPS, MIXTURE], ids=["plain scores", "mixture"])
def test_treatment_policy_lies_between_nothing_and_the_hypothetical_difference(truth):
    estimates = truth.estimates().filter(pl.col("reference").is_not_null(), statistic="mean change difference")
    for visit, day in zip(truth.visits[2:], truth.visit_days[2:], strict=True):
        whole, _ = value(estimates, "mean change difference", float(day), term=visit)
        policy, error = value(estimates, "mean change difference", float(day), term="treatment policy")
        assert whole < policy - 4.5 * error < policy + 4.5 * error < 0


def test_nothing_is_lost_where_the_effect_lasts():
    lasting = replace(STOPS, stopping=replace(STOPPING, effect_lost=0.0))
    scores = draw_scores(lasting, np.ones(5_000, dtype=np.int8), np.random.default_rng(1))
    assert (scores.latent.off_from < 5).any()
    assert (scores.recorded == scores.latent.on_treatment).all()


def test_placebo_loses_nothing_and_the_drug_only_after_stopping():
    scores = draw_scores(STOPS, np.arange(20_000) % 2, np.random.default_rng(2))
    latent = scores.latent
    off = np.arange(5) >= latent.off_from[:, None]
    changed = scores.recorded != latent.on_treatment
    assert not changed[::2].any()
    assert not changed[~off].any()
    assert changed[1::2][off[1::2]].any()
    # Week 1 is left out: the effect there is a tenth of a point and the other way round.
    assert (scores.recorded >= latent.on_treatment)[:, 2:].all()


def test_stopping_depends_on_improvement_as_the_truth_says():
    quiet = replace(STOPS, stopping=replace(STOPPING, intolerance=((0.0,) * 4,) * 2))
    latent = draw_scores(quiet, np.ones(200_000, dtype=np.int8), np.random.default_rng(3)).latent
    gain = latent.on_treatment[:, 0].astype(int) - latent.on_treatment[:, 3]
    for improvement in (-3, 4, 10):
        here = (latent.off_from > 3) & (gain == improvement)
        chance = 1 / (1 + math.exp(1.5 + 0.1 * improvement))
        bound = 4.5 * math.sqrt(chance * (1 - chance) / here.sum())
        assert (latent.off_from[here] == 4).mean() == pytest.approx(chance, abs=bound)


@pytest.fixture(scope="module")
def recorded():
    truth = replace(STOPS, dosing=Dosing(drug="escitalopram", starting_dose=10, daily_dose=20))
    return simulate_with_latent(truth, subjects=4_000, seed=8)


def test_treatments_are_those_of_the_arm(recorded):
    study, _ = recorded
    both = study.treatments.join(study.subjects, on="subject_id")
    assert both.select("arm", "drug", "kind").unique().sort("kind").rows() == [
        ("drug", "escitalopram", "drug"),
        ("placebo", "placebo", "placebo"),
    ]
    assert study.treatments.height == 4_000
    assert (study.treatments["stop_day"].is_null() == study.treatments["adherence"].is_null()).all()
    assert study.treatments["adherence"].drop_nulls().is_between(0.85, 1).all()


def test_a_stop_lies_between_the_visits_that_it_separates(recorded):
    study, latent = recorded
    first_off = latent.filter(~pl.col("on_treatment")).group_by("subject_id").agg(off=pl.len())
    stops = study.treatments.filter(pl.col("stop_reason").is_in(["intolerance", "inefficacy"])).join(
        first_off, on="subject_id"
    )
    assert stops.height > 500
    nominal = np.array(HAMD_STUDY.visit_days)
    off = 5 - stops["off"].to_numpy()
    day = stops["stop_day"].to_numpy()
    assert (day >= nominal[off - 1] - 3).all()
    assert (day < nominal[off] + 3).all()


def test_some_are_rated_after_stopping_and_the_lost_are_not(recorded):
    study, _ = recorded
    last = study.ratings.group_by("subject_id").agg(last=pl.col("day").max())
    ends = study.treatments.join(last, on="subject_id").join(study.subjects, on="subject_id")
    by_reason = ends.group_by("stop_reason").agg((pl.col("last") > pl.col("stop_day")).mean().alias("after"))
    after = dict(by_reason.iter_rows())
    assert after["lost to follow-up"] == 0
    # Half of those who stop stay; some of them leave before the very next visit like anybody else.
    assert 0.35 < after["inefficacy"] < 0.5
    assert ends.select((pl.col("last_day") == pl.max_horizontal("last", "stop_day")).all()).item()
    assert ends.filter(pl.col("stop_day").is_null()).select(pl.col("last").is_between(39, 45).all()).item()


def test_doses_begin_low_and_reach_the_full_dose_if_the_treatment_lasts(recorded):
    study, _ = recorded
    doses = study.doses.join(
        study.treatments.drop("daily_dose", "adherence"), on=["subject_id", "treatment_no", "drug"]
    )
    assert doses.select("from_day", "daily_dose").unique().sort("from_day").rows() == [(0, 10.0), (7, 20.0)]
    assert doses.filter(from_day=7).select((pl.col("stop_day") >= 7).fill_null(True).all()).item()
    treated = study.treatments.filter(kind="drug")
    short = treated.filter(pl.col("stop_day") < 7).height
    assert doses.filter(from_day=0).height == treated.height
    assert doses.filter(from_day=7).height == treated.height - short
    assert short > 0
    assert treated["daily_dose"].null_count() == treated.height


def test_nobody_is_rated_again_where_nobody_stays():
    truth = replace(STOPS, stopping=replace(STOPPING, stays=0.0))
    study, latent = simulate_with_latent(truth, subjects=1_000, seed=9)
    assert not latent.filter(~pl.col("on_treatment"))["seen"].any()
    last = study.ratings.group_by("subject_id").agg(last=pl.col("day").max())
    stopped = study.treatments.join(last, on="subject_id").filter(pl.col("stop_day").is_not_null())
    assert stopped.select((pl.col("last") <= pl.col("stop_day")).all()).item()


def test_plain_scores_with_a_dose_only():
    truth = replace(HAMD_STUDY, dosing=Dosing(drug="escitalopram", starting_dose=10, daily_dose=10))
    study, latent = simulate_with_latent(truth, subjects=500, seed=9)
    assert study.doses.is_empty()
    assert study.treatments.filter(kind="drug")["daily_dose"].unique().to_list() == [10.0]
    left = latent.filter(visit="week 6", seen=False).height
    assert study.treatments["stop_reason"].drop_nulls().to_list() == ["lost to follow-up"] * left


ENDPOINTS = {
    "observed cases": ("excluded", lambda criterion: criterion.at("week 6")),
    "non-responder imputation": ("not met", lambda criterion: criterion.at("week 6")),
    "last observation carried forward": ("not met", lambda criterion: criterion.last_observed()),
}


@pytest.fixture(scope="module")
def mixture():
    return simulate_with_latent(MIXTURE, subjects=20_000, seed=21)[0]


@pytest.mark.parametrize("term", ENDPOINTS)
@pytest.mark.parametrize("criterion", [HAMD17_REMISSION, HAMD17_RESPONSE], ids=["remission", "response"])
def test_analyses_find_what_the_truth_says_they_find(term, criterion, mixture):
    undetermined, chosen = ENDPOINTS[term]
    data = mixture.subjects.join(cohort.classify(mixture, chosen(criterion)), on="subject_id")
    found = analyses.proportions(data, by="arm", undetermined=undetermined)
    label = criterion.at("week 6").label
    truth = MIXTURE.analysed_estimates().filter(statistic="share", term=term, criterion=label)
    assert truth.height == 2
    for group, share, error in truth.select("group", "estimate", "std_error").iter_rows():
        spread = math.hypot(math.sqrt(share * (1 - share) / 7_000), error)
        assert abs(found.value("share", group=group) - share) < 4.5 * spread


def test_mean_changes_of_observed_cases_are_found(mixture):
    found = analyses.describe(cohort.changes(mixture, "HAMD17"), ["change"], by="arm", within="visit").frame
    means = found.filter(statistic="mean").select("term", "group", "estimate", spread="std_error")
    truth = MIXTURE.analysed_estimates().filter(statistic="mean change", term="observed cases")
    visits = pl.DataFrame({"term": MIXTURE.visits, "at": [float(day) for day in MIXTURE.visit_days]})
    both = means.join(visits, on="term").join(truth.select("group", "at", true="estimate"), on=["group", "at"])
    assert both.height == 8
    assert both.select(((pl.col("estimate") - pl.col("true")).abs() / pl.col("spread")).max()).item() < 4.5


def test_who_cannot_tolerate_it_has_a_reason():
    study = simulate(HAMD_MIXTURE, subjects=600, seed=1)
    stopped = study.treatments.filter(stop_reason="intolerance")
    effects = study.adverse_effects.join(stopped, on=["subject_id", "treatment_no"])
    assert effects.height == stopped.height == study.adverse_effects.height > 10
    assert effects.filter((pl.col("day") < 0) | (pl.col("day") > pl.col("stop_day"))).is_empty()
