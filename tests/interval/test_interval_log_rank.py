"""Rank tests of interval-censored times: by hand, by the slow likelihood, as published, and what they refuse.

A: (0, 8], (4, 8], (8, inf). B: (0, 4], (0, 4], (4, 8]. The curve of all is 7/12 after 4 and 1/6 after 8.
"""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyses.estimates.distributions import chi_square_p
from analyses.estimates.interval.interval_log_rank import interval_log_rank
from analyses.estimates.survival.log_rank import log_rank
from cohort.errors import EstimationError
from tests.interval.cosmesis import BOTH
from tests.interval.interval_frames import events

SIX = [(0, 8, "A"), (4, 8, "A"), (8, None, "A"), (0, 4, "B"), (0, 4, "B"), (4, 8, "B")]
S = {0: Fraction(1), 4: Fraction(7, 12), 8: Fraction(1, 6), None: Fraction(0)}
SCORES = ("log-rank Sun", "log-rank Finkelstein", "Wilcoxon")
LOG_RANK, WILCOXON = "interval-censored log-rank", "interval-censored Wilcoxon"


def scores_by_hand(scores):
    hazards = {0: Fraction(0), 4: Fraction(5, 12), 8: Fraction(5, 12) + Fraction(5, 7)}
    moved = {
        "log-rank Sun": lambda t: -float(S[t] * hazards.get(t, 0)),
        "log-rank Finkelstein": lambda t: float(S[t]) * math.log(S[t]) if S[t] else 0.0,
        "Wilcoxon": lambda t: -float(S[t] * (1 - S[t])),
    }[scores]
    return [(moved(left) - moved(right)) / float(S[left] - S[right]) for left, right, _ in SIX]


@pytest.mark.parametrize("scores", SCORES)
def test_six_subjects(scores):
    found = interval_log_rank(events(SIX), scores=scores)
    name = WILCOXON if scores == "Wilcoxon" else LOG_RANK
    own = scores_by_hand(scores)
    assert math.fsum(own) == pytest.approx(0, abs=1e-14)
    late, early = math.fsum(own[:3]), math.fsum(own[3:])
    sums = found.frame.filter(statistic="sum of scores")["estimate"].to_list()
    assert sums == pytest.approx([late, early], rel=1e-12)
    # Three of six dealt to B: the variance of a sum of three drawn without return.
    variance = sum(c * c for c in own) / 5 * 3 * 3 / 6
    row = found.frame.filter(statistic=f"{name} z").row(0, named=True)
    assert row["estimate"] == pytest.approx(early / math.sqrt(variance), rel=1e-12)
    assert (row["group"], row["reference"], row["n"], row["events"]) == ("B", "A", 6, 5)
    assert found.value(f"{name} chi-square", term=scores) == pytest.approx(early**2 / variance, rel=1e-12)
    assert row["p_value"] == pytest.approx(chi_square_p(early**2 / variance, 1), rel=1e-12)


def test_sun_scores_as_fractions():
    # 7/12 of an event more than expected in each of the earliest two, and so on.
    assert scores_by_hand("log-rank Sun") == pytest.approx([19 / 84, -11 / 84, -95 / 84, 7 / 12, 7 / 12, -11 / 84])


def log_likelihood(effect, survival, scores):
    """Return the log likelihood of the six, B being shifted under the model of the scores."""
    inner = np.array([1.0, *survival, 0.0])
    shifted = {
        "log-rank Sun": lambda: np.cumprod(1 - _odds(1 - inner[1:] / np.append(1, inner[1:-1]), effect)),
        "log-rank Finkelstein": lambda: inner[1:] ** np.exp(effect),
        "Wilcoxon": lambda: _odds(inner[1:], -effect),
    }[scores]()
    curves = {"A": inner, "B": np.append(1.0, shifted)}
    place = {0: 0, 4: 1, 8: 2, None: 3}
    return sum(np.log(curves[arm][place[left]] - curves[arm][place[right]]) for left, right, arm in SIX)


def _odds(p, effect):
    return p * np.exp(effect) / (1 - p + p * np.exp(effect))


@pytest.mark.parametrize("scores", SCORES)
def test_score_test_is_that_of_the_slow_likelihood(scores):
    at, step = np.array([0.0, 7 / 12, 1 / 6]), 1e-4

    def moved(*signs):
        x = at + step * np.array(signs)
        return log_likelihood(x[0], x[1:], scores)

    unit = np.eye(3)
    score = (moved(1, 0, 0) - moved(-1, 0, 0)) / (2 * step)
    second = np.array(
        [
            [
                sum(s * t * moved(*(s * unit[i] + t * unit[j])) for s, t in product((1, -1), repeat=2)) / (4 * step**2)
                for j in range(3)
            ]
            for i in range(3)
        ]
    )
    information = -second[0, 0] + second[0, 1:] @ np.linalg.solve(second[1:, 1:], second[1:, 0])
    found = interval_log_rank(events(SIX), scores=scores, method="score")
    name = WILCOXON if scores == "Wilcoxon" else LOG_RANK
    assert found.value("sum of scores", group="B") == pytest.approx(score, rel=1e-6)
    assert found.value(f"{name} chi-square") == pytest.approx(score**2 / information, rel=1e-5)


def test_cosmetic_deterioration_as_published():
    # Fay MP, Shaw PA. J Stat Softw 2010;36(2), and R's interval 1.1-1.0; there the sign is that of the first arm.
    rows = {scores: interval_log_rank(events(BOTH), scores=scores).frame.row(2, named=True) for scores in SCORES}
    assert [row["estimate"] for row in rows.values()] == pytest.approx(
        [2.6683871960706, 2.68389610460474, 2.16715064161781], rel=1e-7
    )
    assert rows["log-rank Sun"]["p_value"] == pytest.approx(0.007622, abs=6e-7)
    assert rows["Wilcoxon"]["p_value"] == pytest.approx(0.0302233695494886, rel=1e-6)
    scored = [
        interval_log_rank(events(BOTH), scores=scores, method="score").value(f"{LOG_RANK} chi-square")
        for scores in SCORES[:2]
    ]
    assert scored == pytest.approx([7.61773712562096, 7.87494133451296], rel=1e-7)


ROW = st.tuples(st.integers(0, 5), st.booleans(), st.sampled_from("ABC"))


@settings(max_examples=20, deadline=None)
@given(st.lists(ROW, min_size=4, max_size=30), st.randoms(use_true_random=False))
def test_known_days_have_the_log_rank_difference_and_order_does_not_count(rows, random):
    rows = [(day, day if seen else None, arm) for day, seen, arm in rows]
    frame = events(rows, pl.Enum("ABC"))
    try:
        theirs = log_rank(frame).frame
        ours = interval_log_rank(frame)
    except EstimationError:
        return
    observed, expected = (theirs.filter(statistic=name)["estimate"] for name in ("observed", "expected"))
    sums = ours.frame.filter(statistic="sum of scores")["estimate"]
    assert sums.to_list() == pytest.approx((observed - expected).to_list(), abs=1e-10)
    degrees = ours.frame.filter(statistic=f"{LOG_RANK} chi-square")["df"].item()
    assert degrees == len({arm for *_, arm in rows}) - 1
    for method in ("permutation", "score"):
        shuffled = events(random.sample(rows, len(rows)), pl.Enum("ABC"))
        first, second = (interval_log_rank(one, method=method).frame for one in (frame, shuffled))
        assert first.equals(second)


def test_permutations_have_the_covariance_that_is_told():
    own = np.array(scores_by_hand("log-rank Sun"))
    rng = np.random.default_rng(3)
    dealt = np.array([rng.permutation(own)[:3].sum() for _ in range(4000)])
    z = interval_log_rank(events(SIX)).value(f"{LOG_RANK} z")
    assert dealt.std() == pytest.approx(own[3:].sum() / z, rel=0.05)


def test_frequencies_are_rows():
    once, counts = sorted(set(SIX), key=str), [3, 1, 2, 4, 1]
    frame = events(once).with_columns(rows=pl.Series(counts))
    expanded = events([row for row, n in zip(once, counts, strict=True) for _ in range(n)])
    for method in ("permutation", "score"):
        counted = interval_log_rank(frame, frequency="rows", method=method)
        assert counted.frame.equals(interval_log_rank(expanded, method=method).frame)


_SCORE = {"method": "score"}


@pytest.mark.parametrize(
    ("frame", "asked", "said"),
    [
        (events([(0, 1, "A"), (1, None, "A")]), {}, "two groups with rows"),
        (events([(1, None, "A"), (2, None, "B")]), {}, "0 events"),
        (events([(0, 1, "A"), (0, 1, "B")]), {}, "tell nothing of a difference"),
        # Neither of B was seen long enough to tell anything.
        (events([(0, None, "B"), (2, 11, "A"), (1, None, "A"), (6, 9, "A"), (0, None, "B")]), _SCORE, "tell nothing"),
        (events(SIX), {"scores": "logrank1"}, "known are log-rank Sun"),
        (events(SIX), {"method": "exact"}, "known are permutation, score"),
        (events(SIX), {"by": "dose"}, "dose"),
        (events([(4, 8, "A"), (4, None, "B")]).with_columns(entry=2.0), {}, "2 of 2 rows enter late"),
        (events([(8, 4, "A"), (4, None, "B")]), {}, "end before they begin"),
    ],
)
def test_refusals(frame, asked, said):
    with pytest.raises(EstimationError, match=said):
        interval_log_rank(frame, **asked)
