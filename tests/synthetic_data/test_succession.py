"""Successive treatments: shares worked by hand, published, drawn; what an analysis of them should find."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cohort.errors import TruthError
from synthetic_data.succession.frailty import Beta, LogitNormal, TwoClasses, expit
from synthetic_data.succession.histories import INADEQUATE, INEFFICACY, INTOLERANCE, OTHER, REMISSION, draw_histories
from synthetic_data.succession.returns import (
    after_failures,
    after_reason,
    cumulative_remission,
    had_nobody_left,
    later_remission,
    plateau,
    resistant_at_end,
)
from synthetic_data.succession.shares import selection_share, step_shares
from synthetic_data.succession.truth import RiskFactor, Succession

EVERY_DIAL = Succession(
    frailty=LogitNormal(-0.2, 1.5),
    steps=4,
    dependence=0.4,
    step_log_odds=(0.3, 0.0, -0.2, 0.1),
    intolerance=(0.15, 0.2, 0.1, 0.05),
    inadequate=(0.1, 0.05, 0.1, 0.2),
    other_exit=(0.05, 0.02, 0.04, 0.1),
    leaving=(0.2, 0.3, 0.1),
    leaving_slope=1.5,
    risk_factors=(
        RiskFactor(name="lesion", levels=("no", "yes"), share=0.3, log_odds=-1.0),
        RiskFactor(name="onset", levels=("late", "early"), share=0.6, log_odds=0.5),
    ),
)


@pytest.mark.parametrize(
    ("a", "b", "published"),
    [
        (0.803, 0.959, [0.456, 0.291, 0.213, 0.169, 0.139, 0.119]),  # Chen 2018
        (1.065, 1.075, [0.498, 0.339, 0.257, 0.207, 0.174, 0.149]),  # Brodie 2012
        (0.978, 1.656, [0.371, 0.269, 0.211, 0.174]),  # STAR*D
    ],
)
def test_beta_frailty_gives_the_shares_that_were_computed_for_published_cohorts(a, b, published):
    found = step_shares(Succession(frailty=Beta(a, b), steps=len(published))).of_those_who_tried
    assert found == pytest.approx(published, abs=0.0006)
    assert found == pytest.approx([a / (a + b + k) for k in range(len(published))], abs=1e-9)


def test_a_uniform_chance_gives_one_in_k_plus_one():
    found = step_shares(Succession(frailty=Beta(1.0, 1.0), steps=8)).of_those_who_tried
    assert found == pytest.approx([1 / (k + 1) for k in range(1, 9)], abs=1e-12)


def test_a_constant_chance_gives_constant_shares():
    shares = step_shares(Succession(frailty=LogitNormal(math.log(0.3 / 0.7), 0.0), steps=5))
    assert shares.of_those_who_tried == pytest.approx([0.3] * 5, abs=1e-12)
    assert shares.tried == pytest.approx([0.7**k for k in range(5)], abs=1e-12)


def by_hand():
    """Half of the subjects have a chance of 3/4, half of 1/4; one in five is intolerant, one in three leaves."""
    stays, fair = Fraction(2, 3), Fraction(4, 5)
    remits = [fair * Fraction(3, 4), fair * Fraction(1, 4)]
    first = sum(remits) / 2
    fails = [fair * Fraction(1, 4), fair * Fraction(3, 4)]
    second_tried = [(Fraction(1, 5) + failed) * stays / 2 for failed in fails]
    second = sum(tried * chance for tried, chance in zip(second_tried, remits, strict=True))
    after_inefficacy = sum(failed * stays / 2 * chance for failed, chance in zip(fails, remits, strict=True))
    return first, sum(second_tried), second, after_inefficacy / (sum(fails) * stays / 2)


def test_two_classes_and_two_steps_by_hand():
    truth = Succession(frailty=TwoClasses(0.5, 0.75, 0.25), steps=2, intolerance=(0.2,) * 2, leaving=(1 / 3,))
    shares = step_shares(truth)
    first, tried, second, after_inefficacy = by_hand()
    assert (first, tried) == (Fraction(2, 5), Fraction(2, 5))
    assert shares.remission == pytest.approx([float(first), float(second)], abs=1e-12)
    assert shares.tried == pytest.approx([1, float(tried)], abs=1e-12)
    assert after_reason(shares)["inefficacy"][1] == pytest.approx(float(after_inefficacy), abs=1e-12)
    assert after_reason(shares)["intolerance"][1] == pytest.approx(0.4, abs=1e-12)  # as if it were the first
    assert later_remission(truth)["inefficacy"] == pytest.approx(float(after_inefficacy * Fraction(2, 3)), abs=1e-12)
    assert cumulative_remission(truth)[-1] == pytest.approx(float(first + second), abs=1e-12)


def test_dependence_by_hand():
    """Everybody has odds of 1; a failure takes away log 3, so the odds are 1/3 after it, and 1 after intolerance."""
    truth = Succession(frailty=LogitNormal(0.0, 0.0), steps=2, dependence=math.log(3), intolerance=(0.2, 0.0))
    shares = step_shares(truth)
    assert shares.remission == pytest.approx([0.4, 0.4 * 0.25 + 0.2 * 0.5], abs=1e-12)
    assert after_failures(truth).of_those_who_tried == pytest.approx([(0.4 + 0.1) / 1.2, 0.25], abs=1e-12)
    assert shares.ended_with[0] == pytest.approx([0.2, 0.4, 0.0], abs=1e-12)
    assert resistant_at_end(shares) == pytest.approx(0.4 * 0.75, abs=1e-12)


def test_success_after_m_failures_is_that_of_the_posterior():
    """Beta frailty: of those with m failures who tolerate the next, a / (a + b + m) remit, whatever the step."""
    a, b, tolerate = 0.635, 0.551, 1 - 504 / 3241
    truth = Succession(frailty=Beta(a, b), steps=6, intolerance=(504 / 3241,) * 6, leaving=(0.3,) * 5)
    found = after_failures(truth).of_those_who_tried
    assert found == pytest.approx([tolerate * a / (a + b + m) for m in range(6)], abs=1e-9)
    by_step = step_shares(truth).of_those_who_tried
    assert by_step[0] == pytest.approx(found[0], abs=1e-12)
    assert (by_step[1:] > found[1:]).all()  # some reached the step with fewer failures


def test_nobody_left_is_the_product_of_the_shares_by_step():
    truth = Succession(frailty=Beta(0.8, 0.96), steps=4, intolerance=(0.1,) * 4, leaving=(0.2, 0.3, 0.4))
    shares = step_shares(truth)
    assert had_nobody_left(truth) == pytest.approx(1 - np.cumprod(1 - shares.of_those_who_tried), abs=1e-12)
    assert (had_nobody_left(truth)[1:] > cumulative_remission(truth)[1:]).all()


def test_nobody_left_during_a_treatment_by_hand():
    """Everybody has a chance of 1/2; one in five is lost during each of two treatments."""
    truth = Succession(frailty=LogitNormal(0.0, 0.0), steps=2, other_exit=(0.2, 0.2))
    assert cumulative_remission(truth) == pytest.approx([0.4, 0.4 + 0.4 * 0.4], abs=1e-12)
    assert had_nobody_left(truth) == pytest.approx([0.5, 0.75], abs=1e-12)


def test_the_plateau_is_the_first_step_below_a_threshold():
    shares = step_shares(Succession(frailty=Beta(1.0, 1.0), steps=6))
    assert plateau(shares, 0.19) == 5  # 1/2 1/3 1/4 1/5 1/6
    assert plateau(shares, 0.05) is None
    assert plateau(shares, 0.2, of_the_cohort=True) == 2  # 1/2 1/6
    with pytest.raises(TruthError, match=r"below is 1\.2"):
        plateau(shares, 1.2)


def test_selection_share():
    frail = Succession(frailty=Beta(0.8, 1.0), steps=3)
    assert selection_share(frail, 3) == pytest.approx(1, abs=1e-12)
    assert 0 < selection_share(replace(frail, dependence=0.5), 3) < 1
    alike = Succession(frailty=LogitNormal(0.0, 0.0), steps=3, dependence=0.5)
    assert selection_share(alike, 3) == pytest.approx(0, abs=1e-12)
    weaker = Succession(frailty=LogitNormal(0.0, 0.0), steps=3, step_log_odds=(0.0, -0.5, -1.0))
    assert selection_share(weaker, 2) == pytest.approx(0, abs=1e-12)
    with pytest.raises(TruthError, match="no fall to divide"):
        selection_share(replace(alike, dependence=0.0), 2)
    with pytest.raises(TruthError, match="expected 2 to 3"):
        selection_share(frail, 4)


def adds_up(truth: Succession) -> None:
    shares = step_shares(truth)
    ends = (shares.remission, shares.intolerance, shares.inefficacy, shares.inadequate, shares.other)
    assert sum(ends) == pytest.approx(shares.tried, abs=1e-12)
    assert shares.tried[1:] == pytest.approx((shares.tried - shares.remission - shares.other - shares.left)[:-1])
    for whole, parts in ((shares.tried, shares.tried_after), (shares.tried, shares.tried_with)):
        assert parts.sum(axis=1) == pytest.approx(whole, abs=1e-12)
    assert shares.remission_after.sum(axis=1) == pytest.approx(shares.remission, abs=1e-12)
    assert shares.remission_with.sum(axis=1) == pytest.approx(shares.remission, abs=1e-12)
    assert shares.ended_with.sum(axis=1) == pytest.approx(shares.tried - shares.remission - shares.other, abs=1e-12)
    assert (np.diff(shares.tried) <= 1e-12).all()


def test_shares_add_up_with_every_dial_on():
    adds_up(EVERY_DIAL)


@given(
    st.sampled_from([Beta(0.6, 0.5), LogitNormal(0.3, 4.0), TwoClasses(0.6, 0.9, 0.0)]),
    st.integers(1, 4),
    st.floats(-1, 2),
    st.lists(st.floats(0, 0.3), min_size=3, max_size=3),
    st.floats(0, 1),
    st.floats(-3, 3),
)
@settings(max_examples=25, deadline=None, derandomize=True, database=None)
def test_shares_add_up(frailty, steps, dependence, exits, leaving, slope):
    intolerance, inadequate, other = exits
    truth = Succession(
        frailty=frailty,
        steps=steps,
        dependence=dependence,
        intolerance=(intolerance,) * steps,
        inadequate=(inadequate,) * steps,
        other_exit=(other,) * steps,
        leaving=(leaving,) * (steps - 1),
        leaving_slope=slope,
    )
    adds_up(truth)
    assert had_nobody_left(truth)[-1] >= cumulative_remission(truth)[-1] - 1e-12


@given(st.floats(0.2, 4), st.floats(0.2, 4), st.floats(0.0, 0.9), st.floats(0, 0.9))
@settings(max_examples=25, deadline=None, derandomize=True, database=None)
def test_success_falls_with_frailty_alone_and_leaving_by_chance_does_not_change_it(a, b, intolerance, leaving):
    truth = Succession(frailty=Beta(a, b), steps=4, intolerance=(intolerance,) * 4)
    success = step_shares(truth).of_those_who_tried
    assert (np.diff(success) <= 1e-12).all()
    assert step_shares(replace(truth, leaving=(leaving,) * 3)).of_those_who_tried == pytest.approx(success, abs=1e-9)


@pytest.mark.parametrize(("mean", "sd"), [(6.84, 5.77), (-1.0, 0.5), (2.0, 3.0)])
def test_the_quadrature_of_log_odds_equals_an_adaptive_one(mean, sd):
    """Steep ones too: with an SD of 5.77 nearly everybody is either sure to remit or never will."""
    from scipy.integrate import quad

    def share(power):
        def density(x):
            return float(expit(mean + sd * x)) * (1 - float(expit(mean + sd * x))) ** power * math.exp(-x * x / 2)

        turn = -mean / sd
        pieces = [quad(density, low, high, epsabs=1e-13, limit=500)[0] for low, high in ((-9, turn), (turn, 9))]
        return sum(pieces) / math.sqrt(2 * math.pi)

    shares = step_shares(Succession(frailty=LogitNormal(mean, sd), steps=3))
    assert shares.remission == pytest.approx([share(0), share(1), share(2)], abs=2e-5)


@pytest.fixture(scope="module")
def drawn():
    return draw_histories(EVERY_DIAL, 400_000, np.random.default_rng(8))


def near(found: float, share: float, n: int) -> bool:
    return abs(found - share) <= 4.5 * math.sqrt(max(share * (1 - share), 0) / n) + 1e-9


def test_drawn_histories_have_the_exact_shares_with_every_dial_on(drawn):
    shares, n = step_shares(EVERY_DIAL), drawn.taken.shape[0]
    names = {REMISSION: "remission", INTOLERANCE: "intolerance", INEFFICACY: "inefficacy", INADEQUATE: "inadequate"}
    for k in range(EVERY_DIAL.steps):
        taken = drawn.taken[:, k]
        assert near(taken.mean(), shares.tried[k], n)
        for result, name in (names | {OTHER: "other"}).items():
            assert near((taken & (drawn.result[:, k] == result)).mean(), getattr(shares, name)[k], n)
        gone = taken & drawn.left[:, k] & (drawn.result[:, k] != OTHER)
        assert near(gone.mean(), shares.left[k], n)


def test_drawn_histories_have_the_exact_shares_by_what_came_before(drawn):
    shares, n = step_shares(EVERY_DIAL), drawn.taken.shape[0]
    failures = np.cumsum(drawn.result == INEFFICACY, axis=1)
    for k in range(1, EVERY_DIAL.steps):
        remits = drawn.taken[:, k] & (drawn.result[:, k] == REMISSION)
        for reason in (INTOLERANCE, INEFFICACY, INADEQUATE):
            assert near((remits & (drawn.result[:, k - 1] == reason)).mean(), shares.remission_after[k, reason], n)
        for m in range(k + 1):
            assert near((remits & (failures[:, k - 1] == m)).mean(), shares.remission_with[k, m], n)
    ended = drawn.taken[:, -1] & ~np.isin(drawn.result[:, -1], [REMISSION, OTHER])
    assert near((ended & (failures[:, -1] >= 2)).mean(), resistant_at_end(shares), n)


def test_drawn_histories_have_the_exact_later_remission_by_why_the_first_was_stopped(drawn):
    later = (drawn.taken[:, 1:] & (drawn.result[:, 1:] == REMISSION)).any(axis=1)
    exact = later_remission(EVERY_DIAL)
    for reason, name in ((INTOLERANCE, "intolerance"), (INEFFICACY, "inefficacy"), (INADEQUATE, "inadequate")):
        mine = drawn.result[:, 0] == reason
        assert near(later[mine].mean(), exact[name], mine.sum())


def test_what_a_draw_says_of_each_subject_is_its_own_truth(drawn):
    """The chance on a treatment is made of the subject's own, the factors, the step, and the failures before it."""
    weights = np.array([factor.log_odds for factor in EVERY_DIAL.risk_factors])
    own = np.log(drawn.own_chance / (1 - drawn.own_chance)) + drawn.factors @ weights
    for k, step in enumerate(EVERY_DIAL.step_log_odds):
        failures = (drawn.result[:, :k] == INEFFICACY).sum(axis=1)
        wanted = expit(own + step - EVERY_DIAL.dependence * failures)
        taken = drawn.taken[:, k]
        assert np.abs(drawn.chance[taken, k] - wanted[taken]).max() < 1e-12


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"frailty": 0.5}, "frailty is a float; expected Beta"),
        ({"steps": 0}, "steps is 0"),
        ({"dependence": math.inf}, "not finite"),
        ({"intolerance": (0.1,)}, "intolerance has 1 entries; expected 4"),
        ({"leaving": (0.1,) * 4}, "leaving has 4 entries; expected 3, one for each step but the last"),
        ({"inadequate": (1.2, 0, 0, 0)}, r"inadequate at step 1 is 1\.2"),
        ({"intolerance": (0.9, 0, 0, 0)}, "at step 1 add up to more than 1"),
        ({"risk_factors": EVERY_DIAL.risk_factors[:1] * 2}, "named twice"),
    ],
)
def test_a_succession_that_contradicts_itself_is_refused(change, message):
    with pytest.raises(TruthError, match=message):
        replace(EVERY_DIAL, **change)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Beta(0.0, 1.0), "expected both above 0"),
        (lambda: LogitNormal(0.0, -1.0), r"sd=-1\.0"),
        (lambda: TwoClasses(0.5, 0.2, 0.4), "responsive to have the higher"),
        (lambda: RiskFactor(name="x", levels=("a", "a"), share=0.5, log_odds=1.0), "two that differ"),
    ],
)
def test_a_frailty_that_contradicts_itself_is_refused(make, message):
    with pytest.raises(TruthError, match=message):
        make()
