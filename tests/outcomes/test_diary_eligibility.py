"""Eligibility by a baseline diary, worked by hand (2.2 of the clinical rules) and against a plain definition."""

from dataclasses import replace
from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cohort.criteria import (
    BRIVARACETAM_ELIGIBILITY,
    CENOBAMATE_C013_ELIGIBILITY,
    CENOBAMATE_C017_ELIGIBILITY,
    DiaryEligibility,
    Period,
)
from cohort.outcomes.registry import classify
from tests.outcomes.small_studies import daily, diary_study, row, said
from tests.outcomes.test_diary_measures import slow as slow_stretch
from tests.outcomes.test_slow_definitions import laid_out

C017 = CENOBAMATE_C017_ELIGIBILITY
EVEN = range(-56, 0, 7)  # eight seizures, four in each 28 days, six free days between


def base(seizures, missing=(), last=5):
    return diary_study({"a": daily(-56, last, seizures, missing)})


def test_eight_seizures_spread_evenly():
    found = row(base(EVEN), C017)
    assert (found["verdict"], found["value"], found["day"]) == ("met", 8, -1)


@pytest.mark.parametrize(
    ("seizures", "verdict"),
    [
        (range(-56, -7, 7), ("not met", "fewer seizures than needed")),  # seven of them
        ([*range(-56, -50), -28, -20], ("not met", "fewer seizures than needed")),  # six and two
        ([*range(-56, -51), -28, -20, -10], ("met", "")),  # five and three, 23 free days
        ([*range(-56, -51), -26, -20, -10], ("met", "")),  # 25 free days
        ([*range(-56, -51), -25, -20, -10], ("not met", "too long without a seizure")),  # 26 free days
    ],
)
def test_the_rule_of_study_c017(seizures, verdict):
    assert said(base(seizures), C017) == verdict


def test_c013_allows_21_free_days_and_brivaracetam_any_and_two_a_month():
    days_22 = [*range(-56, -51), -29, -28, -20, -10]
    assert said(base(days_22), CENOBAMATE_C013_ELIGIBILITY) == ("not met", "too long without a seizure")
    assert said(base(days_22), C017) == ("met", "")
    days_21 = [*range(-56, -51), -30, -28, -20, -10]
    assert said(base(days_21), CENOBAMATE_C013_ELIGIBILITY) == ("met", "")
    two = [*range(-56, -50), -2, -1]
    assert said(base(two), BRIVARACETAM_ELIGIBILITY) == ("met", "")
    assert said(base(two[:-1]), replace(BRIVARACETAM_ELIGIBILITY, min_seizures=7)) == (
        "not met",
        "fewer seizures than needed",
    )


@pytest.mark.parametrize(("missing", "verdict"), [(11, ("met", "")), (12, ("not met", "too few observed days"))])
def test_a_thin_diary_is_ineligible_or_undetermined(missing, verdict):
    """80 percent of 56 days are 44.8. The missing days lie between seizures."""
    gaps = [day for day in range(-56, 0) if day not in EVEN][:missing]
    assert said(base(EVEN, gaps), BRIVARACETAM_ELIGIBILITY) == verdict
    lenient = said(base(EVEN, gaps), replace(BRIVARACETAM_ELIGIBILITY, thin_diary="undetermined"))
    assert lenient == (verdict if missing == 11 else ("undetermined", "too few observed days"))


def test_records_that_end_early_decide_only_where_a_stretch_is_too_long_already():
    ended = ("undetermined", "follow-up ends before the day")
    assert said(base(EVEN, last=-2), C017) == ended
    assert said(base([-56], last=-2), C017) == ("not met", "too long without a seizure")
    assert row(base([-56], last=-10), C017)["day"] == -10
    nothing = diary_study({"a": [], "b": daily(-56, 0)})
    assert said(nothing, C017) == ("undetermined", "no observed days")
    late = diary_study({"a": daily(0, 5)})
    assert said(late, C017) == ("not met", "too few observed days")


def test_totals_hide_months_and_stretches():
    edge = ("undetermined", "seizures reach over the period's edge")
    assert said(diary_study({"a": [(-56, 56, 20), (0, 1, 0)]}), BRIVARACETAM_ELIGIBILITY) == edge
    assert said(diary_study({"a": [(-60, 10, 20), (-50, 51, 0)]}), BRIVARACETAM_ELIGIBILITY) == edge
    months = diary_study({"a": [(-56, 28, 4), (-28, 28, 4), (0, 1, 0)]})
    assert said(months, BRIVARACETAM_ELIGIBILITY) == ("met", "")
    assert said(months, C017) == ("undetermined", "totals over several days")


def slow(spans, rule):
    """Each part of the rule in turn: True, False or None, and the verdict that they make."""
    first, last = rule.baseline.from_day, rule.baseline.to_day
    ended = max((d + n - 1 for d, n, c in spans if c is not None), default=-99) < last
    within = lambda d, n, start, end: d >= start and d + n - 1 <= end  # noqa: E731
    touching = [(d, n, c) for d, n, c in spans if c is not None and d <= last and d + n - 1 >= first]
    days = sum(min(d + n - 1, last) - max(d, first) + 1 for d, n, c in touching if c == 0 or within(d, n, first, last))
    seizures = sum(c for d, n, c in touching if within(d, n, first, last))
    over = any(c and not within(d, n, first, last) for d, n, c in touching)
    edges = range(first, last, 28)
    months = [sum(c for d, n, c in touching if within(d, n, edge, edge + 27)) for edge in edges]
    cut = any(c and not any(within(d, n, edge, edge + 27) for edge in edges) for d, n, c in touching)
    longest = slow_stretch(spans, first, last, rule.run_observed, rule.max_gap_days)
    too_long = rule.max_free_days is not None and longest is not None and longest > rule.max_free_days
    totals = rule.max_free_days is not None and any(c and n > 1 for _, n, c in touching)
    thin = 100 * days < rule.min_observed * rule.baseline.days
    parts = [
        None if ended else (None if rule.thin_diary == "undetermined" else False) if thin else True,
        True if seizures >= rule.min_seizures else None if ended or over else False,
        True if min(months) >= rule.min_per_28_days else None if ended or cut else False,
        False if too_long else None if totals or (ended and rule.max_free_days is not None) else True,
    ]
    return "not met" if False in parts else "undetermined" if None in parts else "met"


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32))
def test_the_plain_definition_on_drawn_diaries(seed):
    draw = Random(seed)
    rule = DiaryEligibility(
        baseline=Period(-56, -1),
        min_seizures=draw.choice([2, 6]),
        min_per_28_days=draw.choice([0, 1, 3]),
        max_free_days=draw.choice([None, 10, 25]),
        thin_diary=draw.choice(["not met", "undetermined"]),
        source="drawn",
    )
    longest, skipped, last = draw.choice([1, 4]), draw.choice([0, 0.02, 0.1]), draw.choice([-3, 10])
    diaries = {
        f"s{number}": laid_out(draw, -60, last, longest=longest, skipped=skipped, seizing=0.15, unknown=0.02)
        for number in range(15)
    }
    verdicts = classify(diary_study(diaries), rule).select("subject_id", pl.col("verdict").cast(pl.String)).rows()
    assert dict(verdicts) == {who: slow(spans, rule) for who, spans in diaries.items()}
