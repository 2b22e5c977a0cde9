"""Rank tests against their slow definitions, other libraries, and the order of the rows."""

from __future__ import annotations

import math
import warnings
from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analyses.estimates.competing.gray import gray
from analyses.estimates.survival.log_rank import log_rank
from analyses.estimates.survival.pairwise_log_rank import adjusted_p, pairwise_log_rank
from analyses.estimates.survival.rank_weights import FlemingHarrington
from cohort.errors import EstimationError

ARMS = ("control", "low", "high")
CAUSES = ("relapse", "death", None)
# Arm, entry, days until the end, cause, stratum; few days, so that ties abound, and a late entry on a day of events.
ROW = st.tuples(
    st.sampled_from(ARMS), st.integers(0, 4), st.integers(1, 6), st.sampled_from(CAUSES), st.sampled_from("fm")
)
LATE = st.lists(ROW, min_size=8, max_size=30)
START = st.lists(ROW.map(lambda row: (row[0], 0, row[2] - 1, *row[3:])), min_size=8, max_size=30)
WEIGHTS = {
    "gehan-breslow": lambda n, d, before, shrunk: n,
    "peto-peto": lambda n, d, before, shrunk: shrunk * (1 - Fraction(d, n + 1)),
    "modified peto-peto": lambda n, d, before, shrunk: shrunk * (1 - Fraction(d, n + 1)) * Fraction(n, n + 1),
    FlemingHarrington(1, 0): lambda n, d, before, shrunk: before,
    FlemingHarrington(2, 1): lambda n, d, before, shrunk: before**2 * (1 - before),
}


def events(rows):
    end = [float(row[1] + row[2]) for row in rows]
    return pl.DataFrame(
        {
            "subject_id": [f"{i:03}" for i in range(len(rows))],
            "arm": pl.Series([row[0] for row in rows], dtype=pl.Enum(ARMS)),
            "entry": [float(row[1]) for row in rows],
            "left": end,
            "right": pl.Series([t if row[3] else None for t, row in zip(end, rows, strict=True)], dtype=pl.Float64),
            "cause": pl.Series([row[3] for row in rows], dtype=pl.String),
            "sex": [row[4] for row in rows],
        }
    )


def at_risk(rows, arm, t):
    return sum(row[0] == arm and (row[1] < t or row[1] == t == 0) and t <= row[1] + row[2] for row in rows)


def slow_log_rank(rows, weigh, strata):
    """Observed minus expected and their covariance by the definition, stratum by stratum and day by day."""
    difference, covariance = [Fraction(0)] * 3, [[Fraction(0)] * 3 for _ in ARMS]
    for sex in "fm" if strata else (None,):
        own = [row for row in rows if sex in (None, row[4])]
        before = shrunk = Fraction(1)
        for t in sorted({row[1] + row[2] for row in own if row[3]}):
            risk = [at_risk(own, arm, t) for arm in ARMS]
            died = [sum(row[0] == arm and row[3] is not None and row[1] + row[2] == t for row in own) for arm in ARMS]
            n, d = sum(risk), sum(died)
            w = weigh(n, d, before, shrunk)
            before, shrunk = before * (1 - Fraction(d, n)), shrunk * (1 - Fraction(d, n + 1))
            for g in range(3):
                difference[g] += w * (died[g] - Fraction(d * risk[g], n))
                for h in range(3):
                    shared = Fraction(risk[g], n) * ((g == h) - Fraction(risk[h], n))
                    covariance[g][h] += w * w * Fraction(d * (n - d), max(n - 1, 1)) * shared
    return np.array(difference, dtype=float), np.array(covariance, dtype=float)


def quadratic(difference, covariance):
    assume(np.linalg.matrix_rank(covariance, tol=1e-6 * np.abs(covariance).max()) == 2)
    assume(np.linalg.cond(covariance[1:, 1:]) < 1e4)
    return difference[1:] @ np.linalg.inv(covariance[1:, 1:]) @ difference[1:]


@settings(deadline=None, max_examples=80)
@given(LATE, st.sampled_from(list(WEIGHTS)), st.booleans())
def test_weighted_and_stratified_tests_are_their_definition(rows, weights, strata):
    difference, covariance = slow_log_rank(rows, WEIGHTS[weights], strata)
    chi_square = quadratic(difference, covariance)
    found = log_rank(events(rows), weights=weights, strata="sex" if strata else None, trend=True)
    frames = [found.frame.filter(statistic=name)["estimate"].to_numpy() for name in ("observed", "expected")]
    assert frames[0] - frames[1] == pytest.approx(difference, rel=1e-10, abs=1e-10)
    assert found.value("log-rank chi-square") == pytest.approx(chi_square, rel=1e-8, abs=1e-10)
    scores = np.arange(1, 4)
    trend = (scores @ difference) ** 2 / (scores @ covariance @ scores)
    assert found.value("log-rank trend chi-square") == pytest.approx(trend, rel=1e-8, abs=1e-10)
    # A trend is one of the directions of the whole.
    assert trend <= chi_square + 1e-9


@settings(deadline=None, max_examples=25)
@given(LATE, st.booleans(), st.booleans())
def test_equal_to_statsmodels(rows, late, strata):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what statsmodels' import says of pandas is not ours
        from statsmodels.duration.survfunc import survdiff

    data = events(rows) if late else events([(row[0], 0, *row[2:]) for row in rows])
    quadratic(*slow_log_rank([(r[0], r[1] if late else 0, *r[2:]) for r in rows], lambda *_: 1, strata))
    time, status, arm = data["left"].to_numpy(), data["right"].is_not_null().to_numpy(), data["arm"].to_physical()
    options = {"entry": data["entry"].to_numpy()} if late else {}
    if strata and not late:
        options["strata"] = data["sex"].to_numpy()
    for weights, theirs in (
        (None, {}),
        ("gehan-breslow", {"weight_type": "gb"}),
        ("tarone-ware", {"weight_type": "tw"}),
    ):
        with np.errstate(all="ignore"):
            chi_square, _ = survdiff(time, status.astype(int), arm.to_numpy(), **theirs, **options)
        ours = log_rank(data, weights=weights, strata="sex" if "strata" in options else None)
        found = ours.frame.filter(statistic="log-rank chi-square").row(0, named=True)
        if found["df"] == 2:
            assert found["estimate"] == pytest.approx(chi_square, rel=1e-6, abs=1e-8)


@settings(deadline=None, max_examples=12)
@given(START.map(lambda rows: [(row[0], 0, row[2] + 1, *row[3:]) for row in rows]))
def test_equal_to_lifelines(rows):
    from lifelines.statistics import multivariate_logrank_test

    quadratic(*slow_log_rank(rows, lambda *_: 1, strata=False))
    data = events(rows)
    columns = (data["left"].to_numpy(), data["arm"].cast(pl.String).to_numpy(), data["right"].is_not_null().to_numpy())
    for weights, theirs in (
        ("gehan-breslow", {"weightings": "wilcoxon"}),
        ("tarone-ware", {"weightings": "tarone-ware"}),
        ("peto-peto", {"weightings": "peto"}),
        (FlemingHarrington(0.5, 1), {"weightings": "fleming-harrington", "p": 0.5, "q": 1}),
    ):
        try:
            found = log_rank(data, weights=weights).frame.filter(statistic="log-rank chi-square").row(0, named=True)
        except EstimationError:  # all events on the first day, where late weights are 0
            continue
        if found["df"] == 2:
            # lifelines turns numpy's warnings off for the whole process.
            with np.errstate(all="ignore"):
                chi_square = multivariate_logrank_test(*columns, **theirs).test_statistic
            assert found["estimate"] == pytest.approx(chi_square, rel=1e-6, abs=1e-8)


def slow_gray(rows, cause, rho):
    """Scores and covariance by the definition, with whole fractions; None once the common incidence has reached 1."""
    days = sorted({row[2] for row in rows if row[3]})
    arms = range(3)
    risk = {(g, t): at_risk(rows, ARMS[g], t) for g in arms for t in days}
    own = {(g, t): sum(r[0] == ARMS[g] and r[2] == t and r[3] == cause for r in rows) for g in arms for t in days}
    other = {
        (g, t): sum(r[0] == ARMS[g] and r[2] == t and r[3] not in (None, cause) for r in rows)
        for g in arms
        for t in days
    }
    s, incidence, common = [Fraction(1)] * 3, [Fraction(0)] * 3, Fraction(0)
    z, at = [Fraction(0)] * 3, []
    for t in days:
        inflated = [Fraction(risk[g, t]) / s[g] if risk[g, t] else Fraction(0) for g in arms]
        d, total = sum(own[g, t] for g in arms), sum(inflated)
        if common >= 1:
            return None
        weight, rise = (1 - common) ** rho, d / total
        sub = [inflated[g] * (1 - incidence[g]) for g in arms]
        for g in arms:
            z[g] += weight * (own[g, t] - d * sub[g] / sum(sub))
        a = [[weight * inflated[k] * ((k == r) - inflated[r] / total) for r in arms] for k in arms]
        step, before = rise / (1 - common), list(s)
        common += rise
        for g in arms:
            if risk[g, t]:
                incidence[g] += s[g] * own[g, t] / risk[g, t]
                s[g] *= 1 - Fraction(own[g, t] + other[g, t], risk[g, t])
        at.append((t, d, total, rise, step, a, before, list(s), common))
    return z, _slow_covariance(at, risk, other)


def _slow_covariance(at, risk, other):
    covariance = [[Fraction(0)] * 3 for _ in range(3)]
    for i, (t, d, total, rise, _, a, before, after, common) in enumerate(at):
        for r in range(3):
            y = risk[r, t]
            if not y:
                continue
            ahead = [sum((later[4] * later[5][k][r] for later in at[i + 1 :]), Fraction(0)) for k in range(3)]
            left = (1 - common) / after[r] if after[r] else Fraction(0)
            tied = 1 - (d - 1) / (total * before[r] - 1) if d > 1 else 1
            rare = 1 - Fraction(other[r, t] - 1, y - 1) if other[r, t] > 1 else 1
            h = [a[k][r] + (1 - left) * ahead[k] for k in range(3)]
            m = [left * ahead[k] for k in range(3)]
            v, u = max(tied, 0) * before[r] * rise / y, rare * (before[r] / y) ** 2 * other[r, t]
            for k in range(3):
                for j in range(3):
                    covariance[k][j] += h[k] * h[j] * v + m[k] * m[j] * u
    return covariance


@settings(deadline=None, max_examples=80)
@given(START, st.sampled_from([0, 1, 2]))
def test_gray_is_its_definition(rows, rho):
    assume(any(row[3] == "relapse" for row in rows))
    slow = slow_gray(rows, "relapse", rho)
    assume(slow is not None)
    difference, covariance = np.array(slow[0], dtype=float), np.array(slow[1], dtype=float)
    try:
        found = gray(events(rows), cause="relapse", rho=rho)
    except EstimationError:
        assert np.all(np.abs(covariance) < 1e-9) or len({row[0] for row in rows}) < 2
        return
    sums = [found.frame.filter(statistic=name)["estimate"].to_numpy() for name in ("observed", "expected")]
    assert sums[0] - sums[1] == pytest.approx(difference, rel=1e-10, abs=1e-10)
    chi_square = quadratic(difference, covariance)
    assert found.value("Gray chi-square") == pytest.approx(chi_square, rel=1e-7, abs=1e-9)


@settings(deadline=None, max_examples=40)
@given(START)
def test_grays_differences_add_up_to_nothing(rows):
    try:
        found = gray(events(rows)).frame
    except EstimationError:
        return
    sums = (
        found.filter(pl.col("statistic").is_in(["observed", "expected"]))
        .group_by("term", "statistic")
        .agg(pl.col("estimate").sum())
    )
    for _, values in sums.group_by("term"):
        assert values["estimate"][0] == pytest.approx(values["estimate"][1], rel=1e-12)
    tests = found.filter(statistic="Gray chi-square")["estimate"].drop_nulls()
    assert tests.is_finite().all()
    assert (tests >= 0).all()


def test_gray_is_close_to_the_log_rank_test_where_nothing_competes():
    rng = np.random.default_rng(4)
    for size, near in ((200, 0.1), (20_000, 0.01)):
        time, end = np.ceil(rng.exponential(200, size)), rng.uniform(50, 600, size)
        rows = zip(rng.integers(0, 3, size), np.minimum(time, np.ceil(end)), time <= end, strict=True)
        data = events([(ARMS[g], 0, int(t), "x" if seen else None, "f") for g, t, seen in rows])
        plain = log_rank(data).value("log-rank chi-square")
        assert gray(data).value("Gray chi-square") == pytest.approx(plain, rel=near)


@settings(deadline=None, max_examples=30)
@given(LATE, START, st.randoms(use_true_random=False))
def test_nothing_depends_on_the_order_of_the_rows(late, start, random):
    for rows, asked in (
        (late, lambda data: log_rank(data, weights="tarone-ware", strata="sex", trend=True)),
        (late, lambda data: pairwise_log_rank(data, weights=FlemingHarrington(1, 1), adjust="holm")),
        (start, lambda data: gray(data, rho=1, strata="sex")),
    ):
        shuffled = list(range(len(rows)))
        random.shuffle(shuffled)
        data = events(rows).with_columns(pl.col("entry", "left", "right") / 7)
        assert answer(asked, data[shuffled]) == answer(asked, data)


def answer(estimate, data):
    """All numbers of an estimate, or the words with which it was refused."""
    try:
        return estimate(data).frame.rows()
    except EstimationError as error:
        return str(error)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_adjusted_p_values(p_values):
    holm, bonferroni = adjusted_p(p_values, "holm"), adjusted_p(p_values, "bonferroni")
    for p, less, more in zip(p_values, holm, bonferroni, strict=True):
        assert p <= less <= more <= 1
    # Step by step: the k-th smallest is rejected at a level if each of the k smallest passes its own.
    for level in (0.05, 0.2):
        ordered = sorted(p_values)
        passed = 0
        while passed < len(ordered) and ordered[passed] * (len(ordered) - passed) <= level:
            passed += 1
        assert sum(one <= level for one in holm) == passed
    assert math.isclose(min(holm), min(1, len(p_values) * min(p_values)))
