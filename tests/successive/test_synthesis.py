import math
from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from scipy.stats import t as student

from analyses.estimates.successive.pooling import (
    between_variance,
    heterogeneity_of,
    pooled_effect,
    prediction_limits,
)
from analyses.estimates.successive.synthesis import pooled_shares
from cohort.errors import EstimationError

METHODS = ("REML", "Paule-Mandel", "DerSimonian-Laird")


def table(*rows):
    return pl.DataFrame(rows, schema=["cohort", "treatment_no", "tried", "met"], orient="row")


def pool(data, **more):
    return pooled_shares(data, by="cohort", undetermined="excluded", **more)


def notes_of(result, number):
    return " ".join(note for note in result.notes if note.startswith(f"treatment {number}:"))


# Colditz 1994, 13 studies of BCG: cases and others among the vaccinated, cases and others among the unvaccinated.
BCG = np.array(
    [
        *((4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619), (33, 5036, 47, 5761)),
        *((180, 1361, 372, 1079), (8, 2537, 10, 619), (505, 87886, 499, 87892), (29, 7470, 45, 7232)),
        *((17, 1699, 65, 1600), (186, 50448, 141, 27197), (5, 2493, 3, 2338), (27, 16886, 29, 17825)),
    ],
    dtype=float,
)


def log_risk_ratios():
    cases, others, cases_0, others_0 = BCG.T
    n, n_0 = cases + others, cases_0 + others_0
    return np.log((cases / n) / (cases_0 / n_0)), 1 / cases - 1 / n + 1 / cases_0 - 1 / n_0


def test_restricted_likelihood_is_what_metafor_prints_for_the_bcg_studies():
    """R metafor rma(yi, vi, data=dat.bcg), print: tau^2 0.3132, Q(12) = 152.2330, -0.7145 (0.1798), -1.0669 -0.3622."""
    effects, variances = log_risk_ratios()
    tau2 = between_variance(effects, variances, "REML")
    spread = heterogeneity_of(effects, variances)
    made = pooled_effect(effects, variances, tau2, interval="normal", confidence=0.95)
    assert tau2 == pytest.approx(0.3132, abs=5e-5)
    assert (spread.q, spread.df) == (pytest.approx(152.2330, abs=5e-5), 12)
    found = [made.mean, made.std_error, made.low, made.high]
    assert found == pytest.approx([-0.7145, 0.1798, -1.0669, -0.3622], abs=5e-5)


def test_prediction_limits_have_k_minus_2_degrees_of_freedom():
    """R pimeta, htsdl(sbp), k = 10: mean -0.3340597, tau2 0.02824971, limits (t, 9 df) -0.5068 and -0.1613, prediction
    limits -0.7597777 and 0.09165839.
    """
    error = (0.5068 - 0.1613) / 2 / student.ppf(0.975, 9)
    found = prediction_limits(-0.3340597, error, 0.02824971, 10, 0.95)
    assert found == pytest.approx((-0.7597777, 0.09165839), abs=2e-5)
    assert prediction_limits(-0.3, 0.1, 0.02, 2, 0.95) == (None, None)


def test_three_cohorts_by_hand():
    """Effects 0, 1, 3 with weights 1, 2, 1: mean 5/4, Q = 25/16 + 2/16 + 49/16 = 19/4, C = 4 - 6/4 = 5/2, so that
    tau2 (DerSimonian-Laird) = (19/4 - 2) / (5/2) = 11/10 and I2 = 11/19; the weights become 10/21, 5/8 and 10/21, their
    sum 265/168, the mean (5/8 + 30/21) / (265/168) = 345/265 = 69/53.
    """
    effects, variances = np.array([0.0, 1.0, 3.0]), np.array([1.0, 0.5, 1.0])
    spread = heterogeneity_of(effects, variances)
    assert (spread.q, spread.i2) == pytest.approx((19 / 4, 11 / 19), rel=1e-14)
    assert spread.p_value == pytest.approx(math.exp(-19 / 8), rel=1e-12)
    tau2 = between_variance(effects, variances, "DerSimonian-Laird")
    assert tau2 == pytest.approx(1.1, rel=1e-14)
    plain = pooled_effect(effects, variances, tau2, interval="normal", confidence=0.95)
    assert (plain.mean, plain.std_error**2) == pytest.approx((69 / 53, 168 / 265), rel=1e-13)
    assert plain.predicted_high - plain.mean == pytest.approx(student.ppf(0.975, 1) * math.sqrt(1.1 + 168 / 265))
    weights = [Fraction(10, 21), Fraction(5, 8), Fraction(10, 21)]
    scatter = sum(w * (y - Fraction(69, 53)) ** 2 for w, y in zip(weights, (0, 1, 3), strict=True)) / 2
    adjusted = pooled_effect(effects, variances, tau2, interval="hartung-knapp", confidence=0.95)
    assert scatter > 1
    assert adjusted.std_error**2 == pytest.approx(float(scatter) * 168 / 265, rel=1e-13)
    half = student.ppf(0.975, 2) * adjusted.std_error
    assert (adjusted.low, adjusted.high) == pytest.approx((69 / 53 - half, 69 / 53 + half))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("gap", "expected"), [(2.0, 2 - 0.35), (0.5, 0.0)])
def test_two_cohorts_leave_one_contrast_and_all_methods_agree(method, gap, expected):
    """The difference has variance v1 + v2 + 2 tau2, so that tau2 = max(0, (gap^2 - v1 - v2) / 2)."""
    found = between_variance(np.array([1.0, 1.0 + gap]), np.array([0.2, 0.5]), method)
    assert found == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("seed", range(12))
def test_each_tau2_solves_its_own_equation(seed):
    """Paule-Mandel's Q at tau2 is k - 1; restricted likelihood is nowhere higher on a fine grid."""
    rng = np.random.default_rng(seed)
    variances = np.exp(rng.normal(-3, 1.5, 6))
    effects = rng.normal(0, np.sqrt(variances + rng.choice([0.0, 0.3])))
    moment = between_variance(effects, variances, "Paule-Mandel")
    q = heterogeneity_of(effects, variances + moment).q
    assert q == pytest.approx(5, abs=1e-9) if moment > 0 else q <= 5

    def restricted(tau2):
        total = variances + tau2
        return -0.5 * (np.log(total).sum() + np.log((1 / total).sum()) + heterogeneity_of(effects, total).q)

    best = restricted(between_variance(effects, variances, "REML"))
    assert best >= max(restricted(t) for t in [0.0, *np.geomspace(1e-6, 30, 1000)]) - 1e-12


@pytest.mark.parametrize(("method", "theirs"), [("Paule-Mandel", "pm"), ("DerSimonian-Laird", "dl")])
def test_statsmodels_finds_the_same(method, theirs):
    from statsmodels.stats.meta_analysis import combine_effects

    effects, variances = log_risk_ratios()
    other = combine_effects(effects, variances, method_re=theirs, **({"atol": 1e-12} if theirs == "pm" else {}))
    tau2 = between_variance(effects, variances, method)
    assert tau2 == pytest.approx(other.tau2, rel=1e-8)
    plain = pooled_effect(effects, variances, tau2, interval="normal", confidence=0.95)
    assert (plain.mean, plain.std_error) == pytest.approx((other.mean_effect_re, other.sd_eff_w_re), rel=1e-8)
    adjusted = pooled_effect(effects, variances, tau2, interval="hartung-knapp", confidence=0.95)
    scale = max(1.0, other.scale_hksj_re)
    assert adjusted.std_error == pytest.approx(other.sd_eff_w_re * math.sqrt(scale), rel=1e-8)
    assert heterogeneity_of(effects, variances).i2 == pytest.approx(other.i2, rel=1e-12)


# Chen 2018 and Brodie 2012, seizure freedom of at least a year (counts of the regimens tried).
EPILEPSY = table(
    *(("Chen 2018", i, *row) for i, row in enumerate([(1795, 820), (742, 208), (330, 78), (140, 21)], 1)),
    *(("Brodie 2012", i, *row) for i, row in enumerate([(1098, 543), (398, 146), (168, 41), (68, 11)], 1)),
)


def test_cohorts_that_agree_are_pooled_and_the_unlike_stand_side_by_side_with_the_reason():
    made = pool(EPILEPSY)
    # Treatment 2: logits -0.942 and -0.546 lie 0.396 apart, variance 1/208 + 1/534 + 1/146 + 1/252 = 0.0175: Q = 8.95.
    gap = math.log(208 / 534) - math.log(146 / 252)
    q = gap**2 / (1 / 208 + 1 / 534 + 1 / 146 + 1 / 252)
    assert made.value("Q", group="2") == pytest.approx(q, rel=1e-12)
    assert made.value("I2", group="2") == pytest.approx(1 - 1 / q, rel=1e-12)
    assert made.frame.filter(statistic="pooled share")["group"].to_list() == ["1", "3", "4"]
    assert "I2 = 89% lies above 75%, shares of 2 cohorts run from 28.0 to 36.7%: not pooled" in notes_of(made, 2)
    assert made.value("share", group="2", term="Brodie 2012") == 146 / 398
    assert made.frame.filter(statistic="share").height == 8
    asked = pool(EPILEPSY, pool_anyway=True)
    assert asked.frame.filter(statistic="pooled share")["group"].to_list() == ["1", "2", "3", "4"]
    assert "pooled all the same, as asked" in notes_of(asked, 2)
    assert asked.frame.filter(group="1").equals(made.frame.filter(group="1"))


def test_identical_cohorts_keep_an_interval_of_the_pooled_size():
    """Four cohorts of 20 of 80: tau2 = 0, the mean logit -ln 3 with variance 1 / (4 * 15), whatever the adjustment."""
    made = pool(table(*((name, 1, 80, 20) for name in "abcd")))
    assert (made.value("Q", group="1"), made.value("I2", group="1"), made.value("tau2", group="1")) == (
        pytest.approx(0, abs=1e-20),
        0.0,
        0.0,
    )
    row = made.frame.row(by_predicate=pl.col("statistic") == "pooled logit", named=True)
    assert (row["estimate"], row["std_error"]) == pytest.approx((-math.log(3), 1 / math.sqrt(60)), rel=1e-12)
    share = made.frame.row(by_predicate=pl.col("statistic") == "pooled share", named=True)
    half = student.ppf(0.975, 3) / math.sqrt(60)
    assert share["estimate"] == pytest.approx(0.25)
    assert (share["conf_low"], share["conf_high"]) == pytest.approx(
        (1 / (1 + 3 * math.exp(half)), 1 / (1 + 3 * math.exp(-half)))
    )
    assert (share["n"], share["events"]) == (320, 80)
    predicted = made.frame.row(by_predicate=pl.col("statistic") == "prediction interval", named=True)
    assert predicted["df"] == 2
    assert predicted["conf_low"] < share["conf_low"] < share["conf_high"] < predicted["conf_high"]


def test_a_cohort_that_nobody_met_gets_half_a_subject_and_a_note():
    made = pool(table(("a", 1, 9, 0), ("b", 1, 40, 10)), interval="normal")
    # Logits ln(0.5 / 9.5) and ln(10 / 30), variances 2 + 1/9.5 and 1/10 + 1/30.
    gap, variance = math.log(19) - math.log(3), 2 + 2 / 19 + 4 / 30
    assert made.value("Q", group="1") == pytest.approx(gap**2 / variance, rel=1e-12)
    assert made.value("share", group="1", term="a") == 0.0
    assert "nobody or everybody met it in 1 of 2 cohorts ('a'); half a subject was added" in notes_of(made, 1)


@pytest.mark.parametrize("met", [0, 9])
def test_nothing_is_pooled_where_nobody_or_everybody_met_it(met):
    made = pool(table(("a", 1, 9, met), ("b", 1, 9, met)), pool_anyway=True)
    assert made.frame["statistic"].to_list() == ["share", "share"]
    assert "in all 2 cohorts nobody or everybody met it" in notes_of(made, 1)


def test_one_cohort_stands_alone_and_a_treatment_that_only_one_reached_too():
    one = pool(table(("a", 1, 9, 3)))
    assert one.frame["statistic"].to_list() == ["share"]
    assert "not pooled; cohorts with a counted verdict: 1" in notes_of(one, 1)
    two = pool(table(("a", 1, 9, 3), ("b", 1, 30, 12), ("a", 2, 4, 1)))
    assert two.frame.filter(group="2")["statistic"].to_list() == ["share"]


def test_outcomes_and_their_counts_give_the_same_answer_under_both_rules_for_the_undetermined():
    verdicts = {"x": ["met"] * 7 + ["not met"] * 9 + ["undetermined"] * 4, "y": ["met"] * 5 + ["not met"] * 12}
    rows = [(cohort, f"{cohort}{i}", 1, v) for cohort, listed in verdicts.items() for i, v in enumerate(listed)]
    outcomes = pl.DataFrame(
        rows, schema=["cohort", "subject_id", "treatment_no", "verdict"], orient="row"
    ).with_columns(criterion=pl.lit("freedom"), reason=pl.lit(None, dtype=pl.String))
    counts = pl.DataFrame(
        {"cohort": ["x", "y"], "treatment_no": 1, "tried": [20, 17], "met": [7, 5], "not_met": [9, 12]}
    ).with_columns(undetermined=pl.Series([4, 0]))
    for rule, of_x in (("excluded", 7 / 16), ("not met", 7 / 20)):
        first = pooled_shares(outcomes, by="cohort", undetermined=rule)
        assert first.value("share", group="1", term="x") == of_x
        assert first.frame.equals(pooled_shares(counts, by="cohort", undetermined=rule).frame)


def test_the_pooled_share_lies_where_the_cohorts_were_drawn():
    """200 draws of 8 cohorts whose logits vary by 0.4 around 30 percent: the limits hold the truth as often as said."""
    rng, held = np.random.default_rng(7), []
    for _ in range(200):
        chance = 1 / (1 + np.exp(-rng.normal(math.log(3 / 7), 0.4, 8)))
        met = rng.binomial(300, chance)
        made = pool(table(*((str(i), 1, 300, int(m)) for i, m in enumerate(met))), pool_anyway=True)
        row = made.frame.row(by_predicate=pl.col("statistic") == "pooled share", named=True)
        held.append(row["conf_low"] <= 0.3 <= row["conf_high"])
    # Four Monte Carlo standard errors around 95 percent.
    assert abs(np.mean(held) - 0.95) < 4 * math.sqrt(0.95 * 0.05 / 200)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"heterogeneity": 75}, "heterogeneity=75 was given"),
        ({"between": "ML"}, "between='ML' was given"),
        ({"interval": "t"}, "interval='t' was given"),
        ({"level": 95}, "confidence=95"),
        ({"undetermined": "drop"}, "undetermined='drop' was given"),
        ({"by": "centre"}, "'centre' is not among the columns"),
    ],
)
def test_an_argument_that_means_nothing_is_refused_in_words(asked, said):
    with pytest.raises(EstimationError, match=said):
        pooled_shares(EPILEPSY, **({"by": "cohort", "undetermined": "excluded"} | asked))
