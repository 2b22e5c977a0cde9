"""The time to the n-th seizure and to the baseline's monthly count, worked by hand and against a plain definition."""

from dataclasses import replace
from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cohort.criteria import TIME_TO_BASELINE_COUNT, TIME_TO_FIRST_SEIZURE, NthSeizure, Period
from cohort.errors import CriterionError
from cohort.outcomes.registry import classify, evidence
from cohort.outcomes.times.time_to import time_to
from tests.outcomes.small_studies import daily, diary_study, row, said
from tests.outcomes.test_slow_definitions import laid_out

EIGHT = range(-56, -48)


def own(after, before=EIGHT, last=118, missing=()):
    """A baseline diary of 56 days (eight seizures, so 4 in 28 days) and one of the seizures `after`."""
    return diary_study({"a": daily(-56, last, [*before, *after], missing)})


def number(study, criterion=TIME_TO_BASELINE_COUNT):
    checks = evidence(study, criterion.by(118)).rows_by_key("check", named=True)
    return checks["seizures known in days 0 to 118"][0]["threshold"]


def times(study, criterion=TIME_TO_BASELINE_COUNT, **asked):
    return time_to(study, criterion, **asked).select("left", "right", "cause").rows()


def test_the_fourth_seizure_after_a_baseline_of_eight():
    study = own([3, 10, 10 + 7, 40, 50])
    assert number(study) == 4
    found = row(study, TIME_TO_BASELINE_COUNT.by(118))
    assert (found["verdict"], found["day"], found["value"]) == ("met", 40, 5)
    assert times(study) == [(40, 40, "seizures")]
    assert said(study, TIME_TO_BASELINE_COUNT.by(39)) == ("not met", "fewer seizures than needed")
    assert times(study, TIME_TO_BASELINE_COUNT.by(39)) == [(39, None, None)]


def test_without_the_event_time_is_censored_at_the_last_record():
    assert times(own([3])) == [(118, None, None)]
    assert times(own([3], last=30)) == [(30, None, None)]
    dropout = TIME_TO_BASELINE_COUNT.by(118)
    assert said(own([3], last=30), dropout) == ("undetermined", "follow-up ends before the day")
    assert said(own([3, 4, 5, 6], last=30), dropout) == ("met", "")


@pytest.mark.parametrize(
    ("seizures", "days", "up", "nearest"),
    [(1, 56, 1, 1), (3, 56, 2, 2), (5, 56, 3, 3), (9, 56, 5, 5), (3, 50, 2, 2), (7, 45, 5, 4), (8, 56, 4, 4)],
)
def test_a_28_day_count_with_a_fraction_is_rounded(seizures, days, up, nearest):
    """3 in 56 days are 1.5 in 28: a half goes up; 7 in 45 are 4.36."""
    study = own([], range(-56, -56 + seizures), missing=range(-56 + days, 0))
    assert number(study) == up
    assert number(study, replace(TIME_TO_BASELINE_COUNT, rounding="nearest")) == nearest


def test_what_gives_no_number():
    rule = TIME_TO_BASELINE_COUNT.by(118)
    assert said(own([3], ()), rule) == ("not met", "no seizures at baseline")
    assert row(own([3], ()), rule)["day"] == -1
    assert said(own([3], missing=range(-12, 0)), rule) == ("undetermined", "too few observed days")
    assert said(diary_study({"a": daily(0, 118, [3])}), rule) == ("undetermined", "no observed days")
    for study in (own([3], ()), own([3], missing=range(-12, 0)), diary_study({"a": daily(-56, -1, [-3])})):
        assert times(study) == []


def test_t12_missing_days_before_the_seizure():
    """The seizure is known, the days 5 to 9 before it are not: certain on day 20, or anywhere after day 4."""
    study = own([20], missing=range(5, 10))
    first = TIME_TO_FIRST_SEIZURE
    left_open = replace(first, missing_days="left open")
    assert times(study, first) == [(20, 20, "seizures")]
    assert times(study, left_open) == [(4, 20, "seizures")]
    never = own([], missing=range(5, 10))
    assert times(never, first) == [(118, None, None)]
    assert times(never, left_open) == [(4, None, None)]
    assert said(never, first.by(118)) == ("not met", "fewer seizures than needed")
    assert said(never, left_open.by(118)) == ("undetermined", "too many missing days")
    assert said(own([], missing=range(5, 40)), first.by(118)) == ("undetermined", "too few observed days")


def test_totals_place_the_seizure_between_their_edges():
    totals = [(-56, 56, 8), (0, 14, 3), (14, 14, 2), (28, 14, 0)]
    study = diary_study({"a": totals})
    assert times(study) == [(13, 27, "seizures")]
    assert row(study, TIME_TO_BASELINE_COUNT.by(41))["day"] == 27
    assert times(study, replace(TIME_TO_BASELINE_COUNT, number=1)) == [(0, 13, "seizures")]
    over = TIME_TO_BASELINE_COUNT.by(20)
    assert said(study, over) == ("undetermined", "seizures reach over the period's edge")
    assert times(study, over) == [(13, None, None)]
    quiet = diary_study({"a": [(-56, 56, 8), (0, 14, 1), (14, 100, 0)]})
    assert times(quiet, TIME_TO_BASELINE_COUNT.by(20)) == [(20, None, None)]


def test_day_0_counts_unless_it_is_left_out():
    study = own([0, 6])
    assert times(study, TIME_TO_FIRST_SEIZURE) == [(0, 0, "seizures")]
    assert times(study, replace(TIME_TO_FIRST_SEIZURE, from_day=1)) == [(6, 6, "seizures")]


def test_stopping_competes_or_censors_nothing():
    drugs = [("a", 1, "x", 0, 20, "intolerance")]
    study = diary_study({"a": daily(-56, 60, [*EIGHT, 50])}, drugs)
    assert times(study, TIME_TO_FIRST_SEIZURE) == [(50, 50, "seizures")]
    assert times(study, TIME_TO_FIRST_SEIZURE, compete=["intolerance"]) == [(20, 20, "intolerance")]
    early = diary_study({"a": daily(-56, 18, EIGHT)}, drugs)
    assert times(early, TIME_TO_FIRST_SEIZURE, compete=["intolerance"]) == [(20, 20, "intolerance")]
    assert times(early, TIME_TO_FIRST_SEIZURE.by(19), compete=["intolerance"]) == [(18, None, None)]
    open_ = replace(TIME_TO_FIRST_SEIZURE, missing_days="left open")
    assert times(early, open_, compete=["intolerance"]) == [(18, None, None)]


def test_a_verdict_names_its_last_day():
    with pytest.raises(CriterionError, match=r"\.by\(83\)"):
        classify(own([]), TIME_TO_FIRST_SEIZURE)


def slow(spans, rule):
    """Verdict, since and reached, day by day; `spans` are records (day, days, count)."""
    baseline = [(d, n, c) for d, n, c in spans if c is not None and d <= -1 and d + n - 1 >= -20]
    days = sum(min(d + n - 1, -1) - max(d, -20) + 1 for d, n, c in baseline if c == 0 or inside(d, n, -20, -1))
    seizures = sum(c for d, n, c in baseline if inside(d, n, -20, -1))
    wanted = rule.number
    if wanted is None:
        if not days or 100 * days < rule.min_observed * 20:
            return "undetermined", None
        wanted = -(-28 * seizures // days)
        if seizures == 0:
            return "not met", None
    known, so_far = set(), 0
    for d, n, c in sorted(spans):
        if c == 0 or (c is not None and inside(d, n, 0, rule.to_day)):
            known.update(range(max(d, 0), min(d + n - 1, rule.to_day) + 1))
    hole = next((day for day in range(rule.to_day + 1) if day not in known), rule.to_day + 1)
    for d, n, c in sorted(spans):
        if c and inside(d, n, 0, rule.to_day):
            so_far += c
            if so_far >= wanted:
                since = d - 1 if rule.missing_days == "taken as free" else min(d - 1, hole - 1)
                reached = d + n - 1
                return "met", (reached if n == 1 and since == d - 1 else max(since, 0), reached)
    over = sum(c for d, n, c in spans if c and not inside(d, n, 0, rule.to_day) and d + n > 0 and d <= rule.to_day)
    ended = max((d + n - 1 for d, n, c in spans if c is not None), default=-99) < rule.to_day
    thin = 100 * len(known) < rule.min_observed * (rule.to_day + 1)
    holes = rule.missing_days == "left open" and hole <= rule.to_day
    lacking = ended or thin or holes or (over and so_far + over >= wanted)
    return ("undetermined" if lacking else "not met"), None


def inside(day, days, first, last):
    return day >= first and day + days - 1 <= last


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32))
def test_the_plain_definition_on_drawn_diaries(seed):
    draw = Random(seed)
    rule = NthSeizure(
        draw.choice([None, 1, 3]),
        to_day=draw.choice([10, 30]),
        baseline=Period(-20, -1),
        missing_days=draw.choice(["taken as free", "left open"]),
        min_observed=draw.choice([30, 80]),
        source="drawn",
    )
    longest, skipped = draw.choice([1, 5]), draw.choice([0, 0.05, 0.2])
    diaries = {
        f"s{number}": laid_out(draw, -30, 40, longest=longest, skipped=skipped, seizing=0.15, unknown=0.03)
        for number in range(20)
    }
    study = diary_study(diaries)
    verdicts = dict(classify(study, rule).select("subject_id", pl.col("verdict").cast(pl.String)).rows())
    happened = time_to(study, rule).drop_nulls("right").select("subject_id", "left", "right").rows()
    expected = {who: slow(spans, rule) for who, spans in diaries.items()}
    assert verdicts == {who: verdict for who, (verdict, _) in expected.items()}
    assert {who: tuple(when) for who, *when in happened} == {who: when for who, (_, when) in expected.items() if when}
