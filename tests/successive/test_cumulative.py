"""Cumulative shares: by hand, as published, against Kaplan-Meier; what leaving does to them, derived and recovered."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyses.estimates.successive.counts import patterns
from analyses.estimates.successive.cumulative import IF_LEAVERS, STATISTIC, cumulative_success
from analyses.estimates.successive.leavers import if_leavers, leavers_chances
from analyses.estimates.survival.kaplan_meier import kaplan_meier
from analyses.plan.published_steps import published_steps
from cohort.errors import EstimationError
from synthetic_data.succession.frailty import Beta, LogitNormal, TwoClasses
from synthetic_data.succession.returns import cumulative_remission, had_nobody_left
from synthetic_data.succession.shares import step_shares
from synthetic_data.succession.truth import Succession
from tests.successive.test_counts import drawn_outcomes, outcomes, table

BOUNDS = ("lower bound", "observed", "product-limit", "upper bound")


def cumulative(data, undetermined="excluded", **more):
    return cumulative_success(data, undetermined=undetermined, **more)


def line(result, term):
    return result.frame.filter(statistic=STATISTIC, term=term)["estimate"].to_list()


def curve(result, ratio):
    return result.frame.filter(statistic=IF_LEAVERS, at=ratio)["estimate"].to_list()


def by_hand():
    """100 tried the first, 25 of the 50 without success the second, 6 of the 15 without success the third."""
    return table([100, 25, 6], [50, 10, 3])


def test_two_assumptions_and_bounds_by_hand():
    found = cumulative(by_hand())
    assert line(found, "observed") == pytest.approx([0.5, 0.6, 0.63], abs=1e-15)
    assert line(found, "lower bound") == line(found, "observed")
    assert line(found, "product-limit") == pytest.approx([0.5, 0.7, 0.85], abs=1e-15)  # 1 - .5, .5 x .6, .5 x .6 x .5
    assert line(found, "upper bound") == pytest.approx([0.5, 0.85, 0.97], abs=1e-15)  # but 50, 15 and 3 of 100


def test_leavers_with_half_the_chance_by_hand():
    """25 left after the first and 9 after the second; chances of stayers 2/5 and 1/2, of leavers 1/5 and 1/4."""
    second = Fraction(50 + 10) + 25 * Fraction(1, 5)
    third = second + 3 + (25 * Fraction(4, 5) + 9) * Fraction(1, 4)
    found = cumulative(by_hand(), leavers=[0.5])
    assert curve(found, 0.5) == pytest.approx([0.5, float(second / 100), float(third / 100)], abs=1e-15)


def test_leavers_with_a_third_of_the_odds_by_hand():
    """Odds of 2/3 and 1 become 2/9 and 1/3: chances of 2/11 and 1/4."""
    second = Fraction(60) + 25 * Fraction(2, 11)
    third = second + 3 + (25 * Fraction(9, 11) + 9) * Fraction(1, 4)
    found = cumulative(by_hand(), leavers=[1 / 3], unlike="odds ratio")
    assert curve(found, 1 / 3) == pytest.approx([0.5, float(second / 100), float(third / 100)], abs=1e-15)
    assert found.frame.filter(statistic=IF_LEAVERS)["term"].unique().to_list() == ["odds times r"]


def test_the_curve_ends_in_the_bounds_and_passes_through_the_product_limit():
    for unlike, most in (("ratio", 1e9), ("odds ratio", 1e15)):
        found = cumulative(by_hand(), leavers=[0, 1, most], unlike=unlike)
        assert curve(found, 0.0) == pytest.approx(line(found, "observed"), abs=1e-12)
        assert curve(found, 1.0) == pytest.approx(line(found, "product-limit"), abs=1e-12)
        assert curve(found, most) == pytest.approx(line(found, "upper bound"), abs=1e-12)


def test_greenwood_and_log_log_limits_by_hand():
    """S = .3; the variance of its logarithm is .5/(.5 x 100) + .4/(.6 x 25) = 11/300."""
    (row,) = cumulative(by_hand()).frame.filter(term="product-limit", group="2").iter_rows(named=True)
    error = 0.3 * math.sqrt(11 / 300)
    assert row["std_error"] == pytest.approx(error, rel=1e-12)
    spread = 1.959963984540054 * math.sqrt(11 / 300) / abs(math.log(0.3))
    assert row["conf_low"] == pytest.approx(1 - math.exp(-math.exp(math.log(-math.log(0.3)) - spread)), rel=1e-12)
    assert row["conf_high"] == pytest.approx(1 - math.exp(-math.exp(math.log(-math.log(0.3)) + spread)), rel=1e-12)


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_the_product_limit_is_kaplan_meier_with_leavers_censored_after_their_last_treatment(level):
    rows, tried, met = [], [1098, 398, 168, 68, 32, 16], [543, 146, 41, 11, 4, 2]
    for k, (n, d) in enumerate(zip(tried, met, strict=True), start=1):
        gone = n - d - (tried[k] if k < len(tried) else 0)
        rows += [(float(k), float(k), "met")] * d + [(float(k), None, None)] * gone
    left, right, cause = zip(*rows, strict=True)
    events = pl.DataFrame({"left": left, "right": right, "cause": cause}).with_columns(
        entry=0.0, subject_id=pl.int_range(pl.len()).cast(pl.String)
    )
    kept = kaplan_meier(events, by=None, times=range(1, 7), confidence=level).frame.filter(term="time point")
    kept = kept.filter(statistic="survival")
    ours = cumulative(table(tried, met), level=level).frame.filter(term="product-limit")
    assert ours["estimate"].to_list() == pytest.approx((1 - kept["estimate"]).to_list(), rel=1e-12)
    assert ours["std_error"].to_list() == pytest.approx(kept["std_error"].to_list(), rel=1e-10)
    assert ours["conf_low"].to_list() == pytest.approx((1 - kept["conf_high"]).to_list(), rel=1e-10)
    assert ours["conf_high"].to_list() == pytest.approx((1 - kept["conf_low"]).to_list(), rel=1e-10)


# clinical_rules.md 8.4 (regimens 1 to 6 of 8.2; steps 1 to 4 of 8.5): observed, and as if nobody had left.
@pytest.mark.parametrize(
    ("study", "observed", "had_all_stayed"),
    [("Chen 2018", 0.637, 0.812), ("Brodie 2012", 0.680, 0.845), ("STAR*D 2006", 0.505, 0.669)],
)
def test_published_cohorts(study, observed, had_all_stayed):
    found = cumulative(published_steps(study).filter(pl.col("treatment_no") <= 6))
    assert round(line(found, "observed")[-1], 3) == observed
    assert round(line(found, "product-limit")[-1], 3) == had_all_stayed


def test_stard_says_what_its_67_percent_assume():
    notes = cumulative(published_steps("STAR*D 2006")).notes
    assert "1710 of 3671 left without the criterion before treatment 4" in notes
    assert any("as if they were like those who went on" in note and "too high" in note for note in notes)


def in_counts(succession, cohort=10**9):
    """Return the exact shares of a succession as counts of a cohort so large that rounding does not matter."""
    shares = step_shares(succession)
    tried, met, unknown = (np.round(part * cohort) for part in (shares.tried, shares.remission, shares.other))
    return table(tried.astype(int), met.astype(int), undetermined=unknown.astype(int))


def test_bias_of_the_product_limit_where_hard_cases_leave():
    """Two treatments, chances p, and s(p) the chance of going on. With w the distribution of p after one failure,

        product-limit - truth = E(1 - p) Cov_w(p, s) / E_w(s),

    since 1 - truth = E(1 - p)(1 - E_w(p)), while the product-limit has E_w(p s) / E_w(s) in the place of E_w(p). Here
    half have 3/4 and half 1/4; s is found below, in the classes' proportions after a failure, 1 to 3.
    """
    truth = Succession(frailty=TwoClasses(0.5, 0.75, 0.25), steps=2, leaving=(0.4,), leaving_slope=4.0)
    stay = [1 / (1 + math.exp(math.log(0.4 / 0.6) + 4 * (0.5 - p))) for p in (0.75, 0.25)]
    w, p = [0.25, 0.75], [0.75, 0.25]
    mean = [sum(a * b for a, b in zip(w, part, strict=True)) for part in (p, stay)]
    covariance = sum(a * b * c for a, b, c in zip(w, p, stay, strict=True)) - mean[0] * mean[1]
    found = cumulative(in_counts(truth))
    exact = had_nobody_left(truth)
    bias = line(found, "product-limit")[-1] - exact[-1]
    assert bias == pytest.approx(0.5 * covariance / mean[1], abs=1e-8)
    assert bias > 0.04  # 4 points of 100, and upwards
    assert exact[-1] == pytest.approx(1 - (0.25**2 + 0.75**2) / 2, abs=1e-12)


def test_the_curve_meets_the_truth_at_the_leavers_own_chance():
    """Two treatments: r is the chance of those who left, E_w(p (1 - s)) / E_w(1 - s), over that of those who stayed."""
    truth = Succession(frailty=TwoClasses(0.5, 0.75, 0.25), steps=2, leaving=(0.4,), leaving_slope=4.0)
    leave = [1 - 1 / (1 + math.exp(math.log(0.4 / 0.6) + 4 * (0.5 - p))) for p in (0.75, 0.25)]
    gone = (0.25 * leave[0] * 0.75 + 0.75 * leave[1] * 0.25) / (0.25 * leave[0] + 0.75 * leave[1])
    shares = step_shares(truth)
    ratio = gone / shares.of_those_who_tried[1]
    assert ratio < 0.8
    found = cumulative(in_counts(truth), leavers=[ratio])
    assert curve(found, ratio) == pytest.approx(had_nobody_left(truth), abs=1e-8)


def test_leaving_that_does_not_depend_on_the_chance_leaves_no_bias():
    truth = Succession(frailty=Beta(0.8, 0.96), steps=5, leaving=(0.5, 0.3, 0.6, 0.2), intolerance=(0.1,) * 5)
    found = cumulative(in_counts(truth))
    assert line(found, "product-limit") == pytest.approx(had_nobody_left(truth), abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(
    mean=st.floats(-1.5, 1.0),
    sd=st.floats(0.1, 2.5),
    leaving=st.lists(st.floats(0.05, 0.8), min_size=3, max_size=3),
    slope=st.floats(-4, 4),
    other=st.just(0.0) | st.floats(0, 0.2),
    intolerance=st.just(0.0) | st.floats(0, 0.2),
)
def test_bounds_and_curve_contain_what_would_have_been_had_nobody_left(mean, sd, leaving, slope, other, intolerance):
    truth = Succession(
        frailty=LogitNormal(mean, sd),
        steps=4,
        leaving=tuple(leaving),
        leaving_slope=slope,
        other_exit=(other,) * 4,
        intolerance=(intolerance,) * 4,
    )
    found = cumulative(in_counts(truth), leavers=[0.0, 1.0, 1e9])
    exact, low, high = (np.array(part) for part in (had_nobody_left(truth), *(line(found, t) for t in BOUNDS[::3])))
    assert (low <= exact + 1e-7).all()
    assert (exact <= high + 1e-7).all()
    assert low == pytest.approx(cumulative_remission(truth), abs=1e-7)
    assert curve(found, 0.0)[-1] - 1e-7 <= exact[-1] <= curve(found, 1e9)[-1] + 1e-7
    # Hard cases leave: r lies below 1; easy cases leave: above. Where some leave during a treatment, the truth has them
    # tested, while the product-limit lets as many of them be intolerant as of the others: it is lower by that.
    if abs(slope) > 0.5 and 0 in (other, intolerance):
        assert (line(found, "product-limit")[-1] > exact[-1]) == (slope > 0)


def test_a_drawn_cohort_recovers_the_truth_where_leaving_tells_nothing():
    truth = Succession(frailty=Beta(0.8, 0.96), steps=4, leaving=(0.3, 0.3, 0.3), intolerance=(0.1,) * 4)
    rows = drawn_outcomes(truth, 20_000, seed=11)
    found = cumulative(rows).frame.filter(term="product-limit")
    off = (found["estimate"].to_numpy() - had_nobody_left(truth)) / found["std_error"].to_numpy()
    assert np.abs(off).max() < 4
    assert cumulative(patterns(rows)).frame.equals(cumulative(rows).frame)


def test_greenwood_limits_cover_as_often_as_they_say():
    truth = Succession(frailty=Beta(0.8, 0.96), steps=3, leaving=(0.4, 0.4))
    exact, covered, repeats = had_nobody_left(truth)[-1], 0, 400
    rng, shares = np.random.default_rng(5), step_shares(truth)
    on = np.append(shares.tried[1:] / (shares.tried - shares.remission)[:-1], 0.0)
    for _ in range(repeats):
        tried, met, n = [], [], 300
        for share, going in zip(shares.of_those_who_tried, on, strict=True):
            tried.append(n)
            met.append(int(rng.binomial(n, share)))
            n = int(rng.binomial(n - met[-1], going))
        (row,) = cumulative(table(tried, met)).frame.filter(term="product-limit", group="3").iter_rows(named=True)
        covered += row["conf_low"] <= exact <= row["conf_high"]
    assert abs(covered / repeats - 0.95) < 4 * math.sqrt(0.95 * 0.05 / repeats)


cohorts = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(cohorts, st.integers(1, 5000))
def test_shares_lie_between_the_bounds_and_never_fall(steps, cohort):
    tried, met = [], []
    for share, on in steps:
        if not cohort:
            break
        tried.append(cohort)
        met.append(int(share * cohort))
        cohort = int(on * (cohort - met[-1]))
    ratios = [0.0, 0.3, 1.0, 2.0, 10.0]
    found = cumulative(table(tried, met), leavers=ratios)
    lines = [line(found, term) for term in ("lower bound", "product-limit", "upper bound")]
    for lower, higher in ((lines[0], lines[1]), (lines[1], lines[2])):
        assert (np.array(lower) <= np.array(higher) + 1e-12).all()
    curves = np.array([curve(found, ratio) for ratio in ratios])
    assert (np.diff(curves, axis=0) >= -1e-12).all()  # the better the leavers' chance, the higher
    assert (np.diff(np.array([*lines, *curves]), axis=1) >= -1e-12).all()


def test_the_undetermined_may_have_met_it_in_the_upper_bound():
    """Of 10, 4 met and 2 are undetermined; the 8 with a result give 1/2."""
    data = table([10], [4], undetermined=[2])
    assert [line(cumulative(data), term) for term in BOUNDS] == [[0.4], [0.4], [0.5], [0.6]]
    assert [line(cumulative(data, "not met"), term) for term in BOUNDS] == [[0.4], [0.4], [0.4], [0.4]]
    assert [curve(cumulative(data), r) for r in (0.0, 0.5, 1.0)] == [pytest.approx([x]) for x in (0.4, 0.45, 0.5)]


def test_undetermined_who_went_on_contradict_the_product_limit():
    found = cumulative(table([100, 50], [50, 0], undetermined=[50, 0]))
    assert line(found, "product-limit") == [1.0, 1.0]
    assert any("some of them had certainly not met it" in note for note in found.notes)
    assert not any("certainly" in note for note in cumulative(by_hand()).notes)


def test_nobody_everybody_and_nothing_decided():
    nobody = cumulative(table([10, 5], [0, 0]), leavers=[2.0]).frame
    assert nobody.filter(term="product-limit").select("estimate", "std_error", "conf_low").rows() == [(0, 0, None)] * 2
    assert nobody.filter(statistic=IF_LEAVERS)["estimate"].to_list() == pytest.approx([0, 0], abs=1e-15)
    everybody = cumulative(table([10, 5], [5, 5]), leavers=[0.5], unlike="odds ratio")
    (row,) = everybody.frame.filter(term="product-limit", group="2").iter_rows(named=True)
    assert (row["estimate"], row["std_error"], row["conf_high"]) == (1, None, None)
    assert curve(everybody, 0.5) == [0.5, 1.0]  # nobody left; all met the second
    undecided = cumulative(outcomes(("a", 1, "undetermined")))
    assert line(undecided, "product-limit") == [None]
    assert line(undecided, "upper bound") == [1.0]
    assert any("there is no product-limit" in note for note in undecided.notes)


def test_cohorts_and_criteria_are_named():
    both = pl.concat([by_hand().with_columns(site=pl.lit(name)) for name in ("north", "south")])
    found = cumulative(both, by="site")
    assert found.value(STATISTIC, term="observed", group="3", population="south") == pytest.approx(0.63)
    assert sum("34 of 100 left without the criterion before treatment 3" in note for note in found.notes) == 2


def test_what_is_no_ratio_is_refused():
    for wrong in (-0.1, math.nan, math.inf):
        with pytest.raises(EstimationError, match="1 of leavers are no ratio"):
            cumulative(by_hand(), leavers=[0.5, wrong])
    with pytest.raises(EstimationError, match="'ratio' or 'odds ratio'"):
        cumulative(by_hand(), unlike="hazard")
    with pytest.raises(EstimationError, match="'excluded' or 'not met'"):
        cumulative(by_hand(), undetermined="")


def test_chances_of_leavers_stay_chances():
    assert leavers_chances(np.array([0.0, 0.4, 1.0]), 5.0, "ratio").tolist() == [0, 1, 1]
    assert leavers_chances(np.array([0.0, 0.5, 1.0]), 3.0, "odds ratio").tolist() == [0, 0.75, 1]
    nobody = np.zeros(2, dtype=np.int64)
    assert if_leavers(np.array([4, 2]), np.array([0.5, 0.0]), nobody, 0.0).tolist() == [0.5, 0.5]
