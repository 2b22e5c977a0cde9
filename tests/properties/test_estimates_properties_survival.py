"""Survival estimates against their slow definitions, other libraries, and the order of the rows."""

from __future__ import annotations

import math
import warnings
from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analyses.estimates.event_counts import count_events
from analyses.estimates.regression.cox import cox
from analyses.estimates.survival.kaplan_meier import kaplan_meier
from analyses.estimates.survival.log_rank import log_rank
from analyses.estimates.survival.person_time import person_time, poisson_limits
from cohort.errors import EstimationError

ARMS = ("control", "low", "high")
# Few days, so that ties, censorings on the day of an event and entries on the day of an event abound.
ROW = st.tuples(st.sampled_from(ARMS), st.integers(0, 6), st.integers(1, 8), st.booleans(), st.integers(0, 3))
START = ROW.map(lambda row: (row[0], 0, *row[2:]))
LATE, PLAIN = (st.lists(row, min_size=1, max_size=30) for row in (ROW, START))
MANY_LATE, MANY = (st.lists(row, min_size=12, max_size=40) for row in (ROW, START))


def events(rows, arms=ARMS) -> pl.DataFrame:
    """Rows of arm, entry, days until the end, event and a number x."""
    return pl.DataFrame(
        {
            "subject_id": [f"{i:03}" for i in range(len(rows))],
            "arm": pl.Series([row[0] for row in rows], dtype=pl.Enum(arms)),
            "entry": [float(row[1]) for row in rows],
            "left": [float(row[1] + row[2]) for row in rows],
            "right": pl.Series([float(row[1] + row[2]) if row[3] else None for row in rows], dtype=pl.Float64),
            "cause": pl.Series(["event" if row[3] else None for row in rows], dtype=pl.String),
            "x": [row[4] for row in rows],
        }
    )


def product_limit(rows, day) -> Fraction:
    """S(day) by its definition."""
    s = Fraction(1)
    for t in sorted({entry + length for _, entry, length, event, _ in rows if event and entry + length <= day}):
        at_risk = sum(entry < t <= entry + length for _, entry, length, _, _ in rows)
        died = sum(event and entry + length == t for _, entry, length, event, _ in rows)
        s *= 1 - Fraction(died, at_risk)
    return s


@settings(deadline=None, max_examples=80)
@given(LATE)
def test_kaplan_meier_is_the_product_limit(rows):
    found = kaplan_meier(events(rows), by=None, times=range(16))
    last = max(entry + length for _, entry, length, _, _ in rows)
    for row in found.frame.filter(term="time point").iter_rows(named=True):
        t = row["at"]
        if t > last:
            assert (row["estimate"], row["n"]) == (None, 0)
            continue
        assert row["estimate"] == pytest.approx(float(product_limit(rows, t)), abs=1e-12)
        assert row["events"] == sum(event and entry + length <= t for _, entry, length, event, _ in rows)
        if t > 0:
            assert row["n"] == sum(entry < t <= entry + length for _, entry, length, _, _ in rows)
    (curve,) = found.model
    assert found.value("at risk", at=0.0) == sum(entry == 0 for _, entry, _, _, _ in rows)
    assert (curve.events.sum(), curve.events.sum() + curve.censored.sum()) == (sum(row[3] for row in rows), len(rows))
    assert np.all(np.diff(curve.survival) <= 1e-15)


@settings(deadline=None, max_examples=60)
@given(PLAIN)
def test_kaplan_meier_equals_lifelines_fed_with_subjects(rows):
    from lifelines import KaplanMeierFitter

    data = events(rows)
    (curve,) = kaplan_meier(data, by=None).model
    # lifelines turns numpy's warnings off for the whole process.
    with np.errstate(all="ignore"):
        theirs = KaplanMeierFitter().fit(
            data["left"].to_numpy(), data["right"].is_not_null().to_numpy(), timeline=curve.time
        )
    assert curve.survival == pytest.approx(theirs.survival_function_.to_numpy()[:, 0], abs=1e-14)
    inside = (curve.survival > 0) & (curve.survival < 1)
    limits = theirs.confidence_interval_.to_numpy()[inside]
    assert np.column_stack([curve.conf_low, curve.conf_high])[inside] == pytest.approx(limits, abs=1e-12)


@settings(deadline=None, max_examples=60)
@given(PLAIN, st.sampled_from([0.25, 0.5, 0.6, 0.75]))
def test_quantiles_invert_the_curve(rows, p):
    found = kaplan_meier(events(rows), by=None, probabilities=(p,)).frame.filter(statistic="quantile")
    day = found["estimate"].item()
    heights = {t: product_limit(rows, t) for t in range(16)}
    level = 1 - Fraction(str(p))
    if day is None:
        assert min(heights.values()) > level
        return
    flat = [t for t, s in heights.items() if s == level and t <= max(row[2] for row in rows)]
    if flat:
        lower = [t for t, s in heights.items() if s < level]
        assert day == (flat[0] + (lower[0] if lower else max(row[2] for row in rows))) / 2
    else:
        assert heights[int(day)] < level < heights[int(day) - 1]


def test_kaplan_meier_leaves_numpy_warnings_as_they_were():
    before = np.geterr()
    kaplan_meier(events([("control", 0, 3, True, 0)]))
    assert np.geterr() == before


def slow_log_rank(rows, arms) -> tuple[list[Fraction], list[Fraction], list[list[Fraction]]]:
    observed = [Fraction(sum(row[3] for row in rows if row[0] == arm)) for arm in arms]
    expected = [Fraction(0)] * len(arms)
    covariance = [[Fraction(0)] * len(arms) for _ in arms]
    for t in sorted({row[1] + row[2] for row in rows if row[3]}):
        at_risk = [Fraction(sum(r[0] == arm and r[1] < t <= r[1] + r[2] for r in rows)) for arm in arms]
        n, d = sum(at_risk), sum(r[3] and r[1] + r[2] == t for r in rows)
        for g, n_g in enumerate(at_risk):
            expected[g] += d * n_g / n
            for h, n_h in enumerate(at_risk):
                if n > 1:
                    covariance[g][h] += d * (n - d) / (n - 1) * n_g / n * ((g == h) - n_h / n)
    return observed, expected, covariance


@settings(deadline=None, max_examples=100)
@given(LATE)
def test_log_rank_of_two_groups_is_its_definition(rows):
    two = [row for row in rows if row[0] != "high"]
    observed, expected, covariance = slow_log_rank(two, ARMS[:2])
    assume(covariance[0][0] > 0)
    found = log_rank(events(two, ARMS[:2]))
    assert found.frame.filter(statistic="observed")["estimate"].to_list() == observed
    assert found.frame.filter(statistic="expected")["estimate"].to_list() == pytest.approx([float(e) for e in expected])
    assert found.value("variance") == pytest.approx(float(covariance[0][0]), rel=1e-12)
    chi_square = (observed[0] - expected[0]) ** 2 / covariance[0][0]
    assert found.value("log-rank chi-square") == pytest.approx(float(chi_square), rel=1e-9, abs=1e-12)


@settings(deadline=None, max_examples=60)
@given(MANY)
def test_log_rank_of_three_groups_equals_lifelines(rows):
    from lifelines.statistics import multivariate_logrank_test

    observed, expected, covariance = slow_log_rank(rows, ARMS)
    assume(np.linalg.matrix_rank(np.array(covariance, dtype=float), tol=1e-6) == 2)
    found = log_rank(events(rows))
    data = events(rows)
    theirs = multivariate_logrank_test(
        data["left"].to_numpy(), data["arm"].cast(pl.String).to_numpy(), data["right"].is_not_null().to_numpy()
    )
    test = found.frame.filter(statistic="log-rank chi-square").row(0, named=True)
    assert test["estimate"] == pytest.approx(theirs.test_statistic, rel=1e-8, abs=1e-10)
    assert test["p_value"] == pytest.approx(theirs.p_value, rel=1e-8)
    difference = np.array([o - e for o, e in zip(observed, expected, strict=True)], dtype=float)
    inverse = np.linalg.inv(np.array(covariance, dtype=float)[1:, 1:])
    assert test["estimate"] == pytest.approx(difference[1:] @ inverse @ difference[1:], rel=1e-8, abs=1e-10)


@settings(deadline=None, max_examples=40)
@given(st.one_of(LATE, MANY_LATE), st.randoms(use_true_random=False))
def test_nothing_depends_on_the_order_of_the_rows(rows, random):
    shuffled = list(range(len(rows)))
    random.shuffle(shuffled)
    # Thirds and sevenths have no exact binary form: an order of summation would show.
    data = events(rows).with_columns(pl.col("entry", "left", "right") / 7, x=pl.col("x") / 3)
    other = data[shuffled]
    for estimate in (kaplan_meier, person_time, log_rank, lambda d: cox(d, "arm + x")):
        assert answer(estimate, other) == answer(estimate, data)


def answer(estimate, data: pl.DataFrame) -> str | list[tuple]:
    """All numbers of an estimate, or the words with which it was refused."""
    try:
        return estimate(data).frame.rows()
    except EstimationError as error:
        return str(error)


@settings(deadline=None, max_examples=50)
@given(LATE)
def test_tallies_hold_every_row(rows):
    counted = count_events(events(rows), "arm").tallies()
    assert [int(tally.count.sum()) for tally in counted] == [sum(row[0] == arm for row in rows) for arm in ARMS]


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 500), st.sampled_from([0.8, 0.95, 0.99]))
def test_poisson_limits_leave_equal_tails(count, confidence):
    from scipy.stats import poisson

    low, high = poisson_limits(count, confidence)
    assert poisson.cdf(count, high) == pytest.approx((1 - confidence) / 2, rel=1e-8)
    assert (low == 0) if count == 0 else poisson.sf(count - 1, low) == pytest.approx((1 - confidence) / 2, rel=1e-8)


def efron_log_likelihood(rows, beta: float) -> float:
    """The logarithm of Efron's partial likelihood of the number x, by its definition, with late entry."""
    total = 0.0
    for t in sorted({row[1] + row[2] for row in rows if row[3]}):
        at_risk = [math.exp(beta * row[4]) for row in rows if row[1] < t <= row[1] + row[2]]
        dead = [row[4] for row in rows if row[3] and row[1] + row[2] == t]
        tied = sum(math.exp(beta * x) for x in dead)
        total += beta * sum(dead) - sum(math.log(sum(at_risk) - k / len(dead) * tied) for k in range(len(dead)))
    return total


@settings(deadline=None, max_examples=80)
@given(MANY_LATE)
def test_cox_is_at_the_maximum_of_efrons_likelihood(rows):
    try:
        found = cox(events(rows), "x")
    except EstimationError:
        # Refused with reason: the likelihood is flat or rises to one end.
        far = [efron_log_likelihood(rows, beta) for beta in (-30, -15, 0, 15, 30)]
        assert max(far) <= max(far[0], far[-1]) + 1e-9
        return
    beta = found.value("log hazard ratio")
    assert found.value("log likelihood", term="null") == pytest.approx(efron_log_likelihood(rows, 0), abs=1e-9)
    top = efron_log_likelihood(rows, beta)
    assert found.value("log likelihood", term="fitted") == pytest.approx(top, abs=1e-9)
    step = 1e-3
    below, above = efron_log_likelihood(rows, beta - step), efron_log_likelihood(rows, beta + step)
    assert top >= max(below, above)
    information = (2 * top - below - above) / step**2
    assert found.frame["std_error"][0] ** -2 == pytest.approx(information, rel=1e-4, abs=1e-6)
    zero = [efron_log_likelihood(rows, at) for at in (-step, 0, step)]
    score, curvature = (zero[2] - zero[0]) / (2 * step), (2 * zero[1] - zero[0] - zero[2]) / step**2
    assert found.value("score chi-square") == pytest.approx(score**2 / curvature, rel=1e-3, abs=1e-5)


@settings(deadline=None, max_examples=50)
@given(MANY)
def test_concordance_counts_pairs_as_r_does(rows):
    try:
        found = cox(events(rows), "x")
    except EstimationError:
        return
    beta, right, pairs = found.value("log hazard ratio"), 0.0, 0
    for _, _, first, died, x in rows:
        for _, _, second, also, other in rows:
            # Two events on one day are no pair; a censoring on the day of an event comes after it.
            if died and (first < second or (first == second and not also)):
                pairs += 1
                right += (beta * x > beta * other) + 0.5 * (x == other)
    assert found.value("concordance") == pytest.approx(right / pairs, abs=1e-12)


def simulated(seed: int, n: int, log_ratio: float) -> pl.DataFrame:
    """Exponential times with a known hazard ratio, observed on whole days, censored uniformly."""
    draw = np.random.default_rng(seed)
    arm = draw.integers(0, 2, n)
    age = draw.normal(40, 10, n)
    time = draw.exponential(200 / np.exp(log_ratio * arm + 0.02 * (age - 40)))
    end = draw.uniform(50, 400, n)
    days = np.ceil(np.minimum(time, end))
    seen = time <= end
    return pl.DataFrame(
        {
            "subject_id": [str(i) for i in range(n)],
            "arm": pl.Series([("control", "drug")[a] for a in arm], dtype=pl.Enum(["control", "drug"])),
            "age": age,
            "entry": 0.0,
            "left": days,
            "right": np.where(seen, days, np.nan),
            "cause": ["event" if s else None for s in seen],
        }
    ).with_columns(pl.col("right").fill_nan(None))


def test_cox_recovers_a_known_hazard_ratio():
    found = cox(simulated(7, 4000, math.log(2)), "arm + age").frame.filter(statistic="log hazard ratio")
    for row, truth in zip(found.iter_rows(named=True), (math.log(2), 0.02), strict=True):
        assert abs(row["estimate"] - truth) < 3 * row["std_error"]
        assert row["std_error"] < 0.06


def test_cox_equals_statsmodels_with_ties():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what statsmodels' import says of pandas is not ours
        from statsmodels.duration.hazard_regression import PHReg
    data = simulated(3, 300, -0.5)
    x = np.column_stack([(data["arm"] == "drug").to_numpy().astype(float), data["age"].to_numpy()])
    theirs = PHReg(data["left"].to_numpy(), x, status=data["right"].is_not_null().to_numpy(), ties="efron").fit(
        disp=False
    )
    mine = cox(data, "arm + age").frame.filter(statistic="log hazard ratio")
    assert mine["estimate"].to_list() == pytest.approx(list(theirs.params), rel=1e-5)
    assert mine["std_error"].to_list() == pytest.approx(list(theirs.bse), rel=1e-5)


def test_doubled_subjects_need_the_cluster_to_keep_their_error():
    data = simulated(11, 300, 0.4)
    doubled = pl.concat([data, data.with_columns(pl.col("left", "right") + 0.25)])
    once = cox(data, "arm", cluster="subject_id").frame["std_error"][0]
    clustered = cox(doubled, "arm", cluster="subject_id").frame["std_error"][0]
    apart = cox(doubled.with_columns(subject_id=pl.int_range(pl.len()).cast(pl.String)), "arm").frame["std_error"][0]
    assert clustered == pytest.approx(once, rel=0.02)
    assert apart == pytest.approx(once / math.sqrt(2), rel=0.05)


def test_the_log_rank_test_rejects_a_true_null_as_often_as_it_should():
    rejected = sum(
        log_rank(simulated(seed, 60, 0.0)).frame.filter(statistic="log-rank chi-square")["p_value"].item() < 0.05
        for seed in range(300)
    )
    # Binomial(300, 0.05): 4 to 28 holds with a chance of 99.9 %.
    assert 4 <= rejected <= 28
