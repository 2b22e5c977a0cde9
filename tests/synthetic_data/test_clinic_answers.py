"""The true values of clinics: by hand, against published counts, against what histories and records show."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from synthetic_data.presets import BRODIE_2012, CHEN_2018, EPILEPSY_CLINIC, KWAN_BRODIE_2000, RESISTANT_CLINIC
from synthetic_data.simulation import simulate_with_latent
from synthetic_data.succession.frailty import LogitNormal
from synthetic_data.succession.histories import draw_histories
from synthetic_data.succession.returns import later_remission
from synthetic_data.succession.shares import step_shares
from synthetic_data.succession.truth import Succession

FREEDOM = "sustained seizure freedom (ILAE 2010)"

# regimen by regimen: who tried it, and who became free on it
COUNTS = {
    "chen_2018": (CHEN_2018, [1795, 742, 330, 140, 71, 43], [820, 208, 78, 21, 10, 6]),
    "brodie_2012": (BRODIE_2012, [1098, 398, 168, 68, 32, 16], [543, 146, 41, 11, 4, 2]),
}


def values(truth, **labels):
    frame = truth.estimates().filter(criterion=FREEDOM)
    for name, label in labels.items():
        frame = frame.filter(pl.col(name).is_null() if label is None else pl.col(name) == label)
    return frame["estimate"].to_list()


def test_answers_by_hand():
    """Odds of 1; a failure divides them by 3; one in five is intolerant at first; half of those not freed leave."""
    succession = Succession(
        frailty=LogitNormal(0.0, 0.0), steps=2, dependence=math.log(3), intolerance=(0.2, 0.0), leaving=(0.5,)
    )
    truth = replace(EPILEPSY_CLINIC, succession=succession)
    second = (0.4 * 0.25 + 0.2 * 0.5) / 2
    share = {"statistic": "share"}
    assert values(truth, term=None, **share) == pytest.approx([0.4, second / 0.3])
    assert values(truth, term="of the cohort") == pytest.approx([0.4, second])
    assert values(truth, term="after inefficacy") == pytest.approx([0.25])
    assert values(truth, term="after intolerance") == pytest.approx([0.5])
    assert values(truth, term="after 0 failures") == pytest.approx([(0.4 + 0.05) / 1.1])
    assert values(truth, term="after 1 failure") == pytest.approx([0.25])
    assert values(truth, term=None, statistic="cumulative share") == pytest.approx([0.4, 0.4 + second])
    assert values(truth, term="had nobody left") == pytest.approx([0.4, 0.4 + 2 * second])
    # without dependence half of all who start the second would be freed, and more than of the first
    assert values(truth, statistic="selection share") == pytest.approx([(0.4 - 0.5) / (0.4 - second / 0.3)])
    assert values(truth, term="any treatment") == pytest.approx([0.4 + second])


def test_who_stopped_without_effect_is_a_mixture_that_the_truth_tells_apart():
    shares = step_shares(RESISTANT_CLINIC.succession)
    told, fair, unfair = (
        values(RESISTANT_CLINIC, term=term)[0]
        for term in ("after inefficacy", "after a fair test failed", "after no fair test")
    )
    tried = shares.tried_after[1]
    assert fair < told < unfair
    assert told == pytest.approx((tried[2] * fair + tried[3] * unfair) / (tried[2] + tried[3]))


def test_therapies_are_the_treatment_after_the_last_drug():
    frame = RESISTANT_CLINIC.estimates()
    each = frame.filter(pl.col("term").is_in([one.name for one in RESISTANT_CLINIC.therapies]))
    started = each.filter(criterion="treatment started")["estimate"].to_numpy()
    free = each.filter(criterion=FREEDOM)["estimate"].to_numpy()
    assert free.tolist() == [0.58, 0.2, 0.05, 0.05]
    assert each.filter(criterion="half of the seizures or more gone").height == 4
    last = frame.filter(group="5")
    assert last.filter(criterion="treatment started")["estimate"].item() == pytest.approx(started.sum())
    assert last.filter(criterion=FREEDOM)["estimate"].item() == pytest.approx(started @ free / started.sum())
    drugs, ever = (values(RESISTANT_CLINIC, term=term)[0] for term in ("any drug", "any treatment"))
    assert ever - drugs == pytest.approx(started @ free)
    assert drugs == pytest.approx(sum(values(RESISTANT_CLINIC, term="of the cohort")))


@pytest.mark.parametrize("name", COUNTS)
def test_cohorts_fit_the_counts_by_regimen(name):
    """Pearson's chi-square has 4 degrees of freedom: six regimens, two fitted shapes; 9.5 is its 95th percentile."""
    truth, tried, free = COUNTS[name]
    n, x = np.array(tried), np.array(free)
    shares = step_shares(truth.succession)
    p = shares.of_those_who_tried
    assert ((x - n * p) ** 2 / (n * p * (1 - p))).sum() < 5
    # the chance of going on is that of the counts, so that later regimens are tried by about as many
    assert n[0] * shares.tried == pytest.approx(n, rel=0.06)
    assert shares.remission.sum() == pytest.approx(x.sum() / n[0], abs=0.003)


@pytest.mark.parametrize("name", COUNTS)
def test_the_fitted_shapes_are_the_likeliest(name):
    truth, tried, free = COUNTS[name]
    n, x = np.array(tried), np.array(free)

    def likelihood(a, b):
        frailty = replace(truth.succession.frailty, a=a, b=b)
        p = step_shares(replace(truth.succession, frailty=frailty)).of_those_who_tried
        return float((x * np.log(p) + (n - x) * np.log1p(-p)).sum())

    a, b = truth.succession.frailty.a, truth.succession.frailty.b
    best = likelihood(a, b)
    assert all(likelihood(a + da, b + db) < best for da, db in ((0.02, 0), (-0.02, 0), (0, 0.02), (0, -0.02)))


def test_kwan_and_brodie_s_figures_are_met():
    """Free on the first, the second, the third of 470; free later by why the first was stopped."""
    succession = KWAN_BRODIE_2000.succession
    shares, later = step_shares(succession), later_remission(succession)
    for found, published, n in zip(shares.remission, (222 / 470, 61 / 470, 6 / 470), (470,) * 3, strict=True):
        assert abs(found - published) < math.sqrt(published * (1 - published) / n)
    assert later["inefficacy"] == pytest.approx(0.11, abs=0.01)
    assert later["intolerance"] == pytest.approx(0.41, abs=0.02)


@pytest.mark.parametrize(("place", "without", "having"), [(0, 0.29, 0.51), (1, 0.26, 0.40)])
def test_kwan_and_brodie_s_risk_factors_make_seizures_persist(place, without, having):
    succession = KWAN_BRODIE_2000.succession
    for share, persistent in ((0.0, without), (1.0, having)):
        factors = list(succession.risk_factors)
        factors[place] = replace(factors[place], share=share)
        found = 1 - step_shares(replace(succession, risk_factors=tuple(factors))).remission.sum()
        assert found == pytest.approx(persistent, abs=0.012)


def test_risk_factors_are_covariates_with_their_effect():
    truth = replace(KWAN_BRODIE_2000, diary_days=0, diary=replace(KWAN_BRODIE_2000.diary, log_rate_mean=-2.0))
    study, latent = simulate_with_latent(truth, subjects=1500, seed=12)
    assert study.covariates[-2:] == ("seizures_before_diary", "aetiology")
    free = latent.group_by("subject_id").agg((pl.col("result") == "remission").any().alias("free"))
    shares = study.subjects.join(free, on="subject_id").group_by("seizures_before_diary")
    found = {level: (share, n) for level, share, n in shares.agg(pl.col("free").mean(), pl.len()).iter_rows()}
    for level, persistent in (("20 or fewer", 0.295), ("more than 20", 0.515)):
        share, n = found[level]
        assert abs(1 - share - persistent) < 4.5 * math.sqrt(persistent * (1 - persistent) / n)


def test_later_freedom_by_reason_is_that_of_drawn_histories():
    drawn = draw_histories(KWAN_BRODIE_2000.succession, 100_000, np.random.default_rng(2))
    free = (drawn.taken & (drawn.result == 0)).any(axis=1)
    for reason, name in ((1, "intolerance"), (2, "inefficacy")):
        mine = drawn.result[:, 0] == reason
        exact = later_remission(KWAN_BRODIE_2000.succession)[name]
        assert abs(free[mine].mean() - exact) < 4.5 * math.sqrt(exact * (1 - exact) / mine.sum())
