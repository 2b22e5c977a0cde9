"""Shared gamma frailty: worked by hand, by the likelihood as it is written down, and printed by R."""

import math

import numpy as np
import polars as pl
import pytest
from scipy.optimize import brentq

import analyses
from analyses.estimates.regression.frailty_cox import frailty_cox
from analyses.estimates.regression.frailty_given import fit_given
from analyses.estimates.regression.frailty_likelihood import SharedHazard
from tests.frailty.slow_frailty import Marginal

# Two infections at the catheter of each of 38 patients: days, seen or not, age, sex (McGilchrist CA, Aisbett CW.
# Biometrics 1991;47:461-6; R's survival::kidney).
KIDNEY = """8,1,28,1 16,1,28,1 23,1,48,2 13,0,48,2 22,1,32,1 28,1,32,1 447,1,31,2 318,1,32,2 30,1,10,1 12,1,10,1
24,1,16,2 245,1,17,2 7,1,51,1 9,1,51,1 511,1,55,2 30,1,56,2 53,1,69,2 196,1,69,2 15,1,51,1 154,1,52,1 7,1,44,2
333,1,44,2 141,1,34,2 8,0,34,2 96,1,35,2 38,1,35,2 149,0,42,2 70,0,42,2 536,1,17,2 25,0,17,2 17,1,60,1 4,0,60,1
185,1,60,2 177,1,60,2 292,1,43,2 114,1,44,2 22,0,53,2 159,0,53,2 15,1,44,2 108,0,44,2 152,1,46,1 562,1,47,1
402,1,30,2 24,0,30,2 13,1,62,2 66,1,63,2 39,1,42,2 46,0,43,2 12,1,43,1 40,1,43,1 113,0,57,2 201,1,58,2 132,1,10,2
156,1,10,2 34,1,52,2 30,1,52,2 2,1,53,1 25,1,53,1 130,1,54,2 26,1,54,2 27,1,56,2 58,1,56,2 5,0,50,2 43,1,51,2
152,1,57,2 30,1,57,2 190,1,44,2 5,0,45,2 119,1,22,2 8,1,22,2 54,0,42,2 16,0,42,2 6,0,52,2 78,1,52,2 63,1,60,1
8,0,60,1"""


def kidney():
    days, seen, age, sex = zip(*((float(part) for part in row.split(",")) for row in KIDNEY.split()), strict=True)
    frame = pl.DataFrame({"subject_id": [f"{row // 2:02d}" for row in range(76)], "entry": 0.0, "left": days})
    frame = frame.with_columns(age=pl.Series(age), sex=pl.Series(sex), seen=pl.Series(seen) == 1)
    return frame.with_columns(right=pl.when("seen").then("left")).drop("seen")


def one_day(events, clusters=6):
    """Return clusters of four rows, all watched on day 1, on which all of `events` rows of every other cluster end."""
    rows = [
        (f"c{c}", 0.0, 1.0, 1.0 if c % 2 and row < events else None, row % 2)
        for c in range(clusters)
        for row in range(4)
    ]
    return pl.DataFrame(rows, schema=["subject_id", "entry", "left", "right", "x"], orient="row")


def test_one_day_of_events_is_a_negative_binomial_count():
    """Half of the clusters have 4 events, half none: their counts have mean 2 and the variance of the frailty.

    A cluster's likelihood is then that of a negative binomial count, and the mean count is the mean hazard. Its
    derivative by the variance v: (1/(1+v) + 2/(1+2v) + 3/(1+3v))/2 + log(1+2v)/v^2 - 2/v.
    """

    def slope(v):
        return (1 / (1 + v) + 2 / (1 + 2 * v) + 3 / (1 + 3 * v)) / 2 + math.log1p(2 * v) / v**2 - 2 / v

    variance = brentq(slope, 0.1, 10, xtol=1e-14)
    found = frailty_cox(one_day(4), "x", ties="breslow")
    assert found.value("frailty variance") == pytest.approx(variance, rel=1e-8)
    assert found.value("log hazard ratio") == pytest.approx(0, abs=1e-9)
    rises = sum(math.log1p(k * variance) for k in (1, 2, 3)) / 2
    gain = 6 * (rises - (2 + 1 / variance) * math.log1p(2 * variance) + 2)
    assert found.value("log likelihood", term="no frailty") == pytest.approx(-12 * math.log(24), rel=1e-12)
    assert found.value("frailty chi-square") == pytest.approx(2 * gain, rel=1e-9)
    means = found.model.frailties["mean"].to_list()
    assert means == pytest.approx([1 / (1 + 2 * variance), (1 + 4 * variance) / (1 + 2 * variance)] * 3, rel=1e-8)


def test_counts_that_vary_no_more_than_poisson_have_no_frailty():
    """Half of the clusters have 2 events, half none: mean 1, variance 1."""
    found = frailty_cox(one_day(2), "x", ties="breslow")
    alone = one_day(2).with_row_index("row").with_columns(subject_id=pl.col("row").cast(pl.String))
    plain = analyses.cox(alone, "x", ties="breslow")
    assert found.value("frailty variance") == 0
    row = found.frame.row(by_predicate=pl.col("statistic") == "frailty chi-square", named=True)
    assert (row["estimate"], row["p_value"]) == (0, 1)
    for name in ("estimate", "std_error", "conf_low", "conf_high", "p_value"):
        theirs, ours = (one.frame.filter(statistic="log hazard ratio")[name].item() for one in (plain, found))
        assert ours == pytest.approx(theirs, rel=1e-10, abs=1e-10)
    assert found.model.frailties["mean"].to_list() == [1] * 6
    bounds = found.frame.filter(statistic="frailty variance").select("conf_low", "conf_high").row(0)
    assert bounds[0] == 0
    assert bounds[1] > 0


@pytest.mark.parametrize(
    ("ties", "coefficients", "variance", "log_likelihood", "errors", "chi_square"),
    [
        # coxph(..., frailty(id, distribution = "gamma", method = "em", eps = 1e-9, sparse = FALSE)), survival 3.5-3.
        (
            "efron",
            (0.0052223861132, -1.5832430174288),
            0.4077696488417,
            -181.6386265261874,
            (0.0116534578633, 0.4483839200785),
            5.4118832267584,
        ),
        (
            "breslow",
            (0.0054635052467, -1.5563928695509),
            0.3973133860118,
            -182.0533589251811,
            (0.0115806397457, 0.4448387897703),
            5.2074695670114,
        ),
    ],
)
def test_infections_at_catheters_as_r_prints_them(ties, coefficients, variance, log_likelihood, errors, chi_square):
    found = frailty_cox(kidney(), "age + sex", ties=ties)
    assert found.model.coefficients == pytest.approx(coefficients, rel=2e-5)
    assert found.value("frailty variance") == pytest.approx(variance, rel=1e-6)
    assert found.value("log likelihood", term="fitted") == pytest.approx(log_likelihood, rel=1e-11)
    assert np.sqrt(np.diag(found.model.fitted.covariance_given)) == pytest.approx(errors, rel=1e-5)
    row = found.frame.row(by_predicate=pl.col("statistic") == "frailty chi-square", named=True)
    assert row["estimate"] == pytest.approx(chi_square, rel=1e-7)
    assert row["p_value"] == pytest.approx(math.erfc(math.sqrt(chi_square / 2)) / 2, rel=1e-5)


def drawn(seed, clusters=14, *, late=False, tied=False, strata=False):
    """Return clusters of three rows, some late, some tied, of two strata."""
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(clusters), 3)
    x, side = rng.normal(size=len(who)), rng.integers(0, 2, len(who))
    entry = rng.uniform(0, 0.3, len(who)) if late else np.zeros(len(who))
    time = entry + rng.exponential(1 / (rng.gamma(0.7, 1 / 0.7, clusters)[who] * np.exp(0.6 * x)))
    end = entry + rng.uniform(0.5, 2, len(who))
    seen, time = time <= end, np.minimum(time, end)
    if tied:
        time, entry = np.ceil(time * 4), np.floor(entry * 4)
    frame = {"subject_id": [f"s{n:02d}" for n in who], "entry": entry, "left": time, "x": x, "side": side * strata}
    rows = pl.DataFrame(frame | {"seen": seen}).filter(pl.col("left") > pl.col("entry"))
    return rows.with_columns(right=pl.when("seen").then("left")).drop("seen")


@pytest.mark.parametrize(
    ("seed", "options"), [(1, {}), (2, {"tied": True}), (3, {"late": True, "tied": True, "strata": True})]
)
def test_the_likelihood_as_it_is_written_down(seed, options):
    rows = drawn(seed, **options)
    strata = "side" if options.get("strata") else None
    slow = Marginal(rows, ["x"], strata)
    at, value = slow.maximum()
    found = frailty_cox(rows, "x", strata=strata, ties="breslow")
    fitted = found.model.fitted
    assert fitted.log_likelihood + slow.constant() == pytest.approx(value, abs=1e-7)
    assert [fitted.coefficients[0], fitted.variance] == pytest.approx([at[0], np.exp(at[-1])], rel=2e-3)
    ours = np.concatenate([fitted.coefficients, at[1:-1], [math.log(fitted.variance)]])
    covariance = np.linalg.inv(slow.information(ours))
    errors = [math.sqrt(fitted.covariance[0, 0]), fitted.error / fitted.variance]
    assert errors == pytest.approx([math.sqrt(covariance[0, 0]), math.sqrt(covariance[-1, -1])], rel=1e-3)


def test_the_limits_of_the_variance_are_where_the_likelihood_has_fallen_enough():
    rows = kidney()
    fitted = frailty_cox(rows, "age + sex", ties="breslow").model.fitted
    slow = Marginal(rows, ["age", "sex"])
    for limit in (fitted.low, fitted.high):
        fallen = frozen_maximum(slow, limit) - slow.constant()
        assert 2 * (fitted.log_likelihood - fallen) == pytest.approx(1.959963984540054**2, rel=1e-4)


def frozen_maximum(slow, variance):
    """Return the highest likelihood at a variance, by EM steps: frailties, then a Cox regression of their risks."""
    beta, z = np.zeros(slow.x.shape[1]), np.ones(len(slow.deaths))
    for _ in range(400):
        for _ in range(2):
            risk = np.exp(slow.x @ beta) * z[slow.cluster]
            total = slow.seen.T @ risk
            mean = (slow.seen.T @ (risk[:, None] * slow.x)) / total[:, None]
            counts = np.bincount(slow.own)
            jump = counts / total
            felt = slow.seen @ jump
            second = np.einsum("i,ij,ik->jk", risk * felt, slow.x, slow.x) - (mean * counts[:, None]).T @ mean
            score = slow.x[slow.event].sum(axis=0) - counts @ mean
            beta = beta + np.linalg.solve(second, score)
        risk = np.exp(slow.x @ beta)
        jump = np.bincount(slow.own) / (slow.seen.T @ (risk * z[slow.cluster]))
        z = (1 / variance + slow.deaths) / (1 / variance + np.bincount(slow.cluster, risk * (slow.seen @ jump)))
    return slow.value(np.concatenate([beta, np.log(jump), [math.log(variance)]]))


def test_the_order_of_rows_and_the_names_of_clusters_do_not_matter():
    rows = drawn(4, late=True, tied=True, strata=True)
    first = frailty_cox(rows, "x", strata="side")
    again = frailty_cox(rows.sample(fraction=1, shuffle=True, seed=1), "x", strata="side")
    assert again.frame.equals(first.frame)
    assert again.model.frailties.equals(first.model.frailties)
    named = rows.with_columns(subject_id=pl.lit("z") + pl.col("subject_id").str.reverse())
    other = frailty_cox(named, "x", strata="side")
    assert other.frame["estimate"].to_list() == pytest.approx(first.frame["estimate"].to_list(), rel=1e-7)


def test_splitting_a_row_changes_nothing():
    rows = drawn(5)
    early = rows.with_columns(left=pl.col("left") / 2, right=pl.lit(None, dtype=pl.Float64))
    split = pl.concat([early, rows.with_columns(entry=pl.col("left") / 2)])
    whole, halves = frailty_cox(rows, "x"), frailty_cox(split, "x")
    assert halves.frame["estimate"].to_list() == pytest.approx(whole.frame["estimate"].to_list(), rel=1e-8)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_a_variance_near_0_is_the_cox_regression(ties):
    rows = drawn(3, late=True, tied=True)
    alone = rows.with_row_index("row").with_columns(subject_id=pl.col("row").cast(pl.String))
    plain = analyses.cox(alone, "x", ties=ties)
    model = frailty_cox(rows, "x", ties=ties).model
    hazard = SharedHazard(model.sample, model.cluster, ties)
    near = fit_given(hazard, 1e-7, (np.zeros(1), np.zeros(hazard.clusters)))
    assert near.coefficients / hazard.scale == pytest.approx(plain.model.coefficients, abs=1e-5)
    assert near.value == pytest.approx(plain.model.log_likelihood, abs=1e-5)


def test_posterior_means_average_1_and_follow_what_was_seen():
    found = frailty_cox(kidney(), "age + sex")
    means = found.model.frailties
    variance = found.value("frailty variance")
    assert means["mean"].mean() == pytest.approx(1, rel=1e-9)
    weights = 1 / variance + means["expected"]
    assert means["mean"].to_list() == pytest.approx(((1 / variance + means["events"]) / weights).to_list(), rel=1e-7)
    assert means["std_error"].to_list() == pytest.approx(((1 / variance + means["events"]).sqrt() / weights).to_list())
    assert (means["events"].sum(), means.height) == (58, 38)
