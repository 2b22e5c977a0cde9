"""The measures of a diary, worked by hand, against a plain definition, and on the progabide study."""

import re
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from random import Random
from statistics import median

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

import analyses
import cohort
from cohort.criteria import SEIZURE_RESPONSE_50, Period
from cohort.errors import RecordError
from cohort.outcomes.registry import classify
from cohort.records.derive import MONTH_DAYS
from cohort.schemas import SEIZURES
from tests.outcomes.small_studies import ROOT, daily, diary_study
from tests.outcomes.test_slow_definitions import laid_out

BEFORE, AFTER = (-56, -1), (0, 83)


def measures(diary, before=BEFORE, after=AFTER, **asked):
    return cohort.diary_measures(diary_study({"a": diary}), before, after, **asked).row(0, named=True)


def golden(missing=()):
    """12 seizures on 56 days, then 9 on 84 (the clinical rules' G3 and G4)."""
    return daily(-56, 83, [*range(-56, -44), *range(9)], missing)


def test_g3_twelve_seizures_in_56_days_are_six_in_28():
    assert measures(golden())["baseline_rate28"] == 6.0


def test_g4_nine_seizures_in_84_days_of_which_seven_are_missing():
    found = measures(golden(range(20, 27)))
    assert (found["seizures"], found["observed_days"], found["missing_days"]) == (9, 77, 7)
    assert found["rate28"] == pytest.approx(3.273, abs=5e-4)
    assert found["percent_change"] == pytest.approx(-45.45, abs=5e-3)
    assert found["free_days28"] == 28 * 68 / 77
    naive = measures(golden())
    assert (naive["rate28"], naive["percent_change"]) == (3.0, -50.0)


def test_g5_half_the_rate_has_a_response_ratio_of_minus_a_third():
    found = measures(golden())
    assert found["response_ratio"] == pytest.approx(-33.33, abs=5e-3)
    ratio = found["response_ratio"]
    assert (100 + ratio) / (100 - ratio) == pytest.approx(found["rate28"] / found["baseline_rate28"])


def test_six_in_29_days_to_three_in_29_is_exactly_half():
    """In floating point 100 (6/29 - 3/29) / (6/29) is 49.99999999999999."""
    diary = daily(-29, 28, [*range(-29, -23), 0, 1, 2])
    assert measures(diary, (-29, -1), (0, 28))["percent_change"] == -50.0


def test_t14_no_seizure_at_baseline_has_no_percent_change_and_says_so():
    found = measures(daily(-56, 83, [3]))
    assert (found["percent_change"], found["baseline_zero"], found["response_ratio"]) == (None, True, 100.0)
    never = measures(daily(-56, 83))
    assert (never["percent_change"], never["response_ratio"], never["free_days28"]) == (None, None, 28.0)
    unknown = measures(daily(0, 83, [3]))
    assert (unknown["baseline_zero"], unknown["few_baseline_days"]) == (False, True)
    assert unknown["baseline_rate28"] is None


def test_t13_one_month_of_28_days_in_both_periods():
    """One seizure a day is 28 a month in either period, and no other file of the outcomes says how long a month is."""
    found = measures(daily(-30, 30, range(-30, 31)), (-30, -1), (0, 30))
    assert (found["baseline_rate28"], found["rate28"], found["percent_change"]) == (MONTH_DAYS, MONTH_DAYS, 0)
    sources = [path for room in ("records", "outcomes") for path in (ROOT / "cohort" / room).glob("*.py")]
    assert not [path.name for path in sources if re.search(r"\b(28|30|30\.44) [*/] ", path.read_text())]


@pytest.mark.parametrize(("missing", "few"), [(16, False), (17, True)])
def test_t12_a_missing_day_is_no_zero_and_too_few_days_are_flagged(missing, few):
    """80 percent of 84 days are 67.2."""
    found = measures(golden(range(40, 40 + missing)))
    assert (found["observed_days"], found["few_days"]) == (84 - missing, few)
    assert not found["few_baseline_days"]
    assert found["rate28"] == 28 * 9 / (84 - missing)


def test_longest_free_stretch_by_hand():
    """Seizures on days 10 and 50; days 60 to 62 missing: 39 days between, 33 after, of which 30 are recorded."""
    diary = daily(0, 83, [10, 50], range(60, 63))
    found = measures(diary)
    assert (found["longest_free"], found["longest_free_unbroken"]) == (39, 39)
    late = measures(daily(0, 83, [10, 30], range(60, 63)))
    assert (late["longest_free"], late["longest_free_unbroken"]) == (53, 29)
    assert measures(daily(0, 83, [10, 30], range(60, 63)), run_observed=95)["longest_free"] == 29
    assert measures(daily(0, 83, [10, 30], range(60, 63)), max_gap_days=2)["longest_free"] == 29
    assert measures(daily(0, 83, range(84)))["longest_free"] == 0
    assert measures(daily(-56, -1))["longest_free"] is None


def test_a_stretch_is_the_best_part_and_not_the_whole():
    """One free day, 13 missing ones, 50 free ones: 51 of 64 days are too few, the last 50 stand alone."""
    assert measures(daily(0, 63, [], range(1, 14)))["longest_free"] == 50
    assert measures(daily(0, 63, [], range(1, 14)), run_observed=79)["longest_free"] == 64


def test_totals_do_not_tell_free_days_and_break_a_stretch():
    totals = [(-56, 56, 4), (0, 14, 0), (14, 14, 2), (28, 28, 0), (56, 28, 0)]
    found = measures(totals)
    assert (found["baseline_free_days28"], found["free_days28"]) == (None, None)
    assert (found["longest_free"], found["baseline_longest_free"]) == (56, 0)
    over = measures([(-10, 20, 1), (10, 80, 0)])
    assert (over["longest_free"], over["free_days28"], over["seizures"]) == (74, 28.0, 0)


def test_a_known_seizure_on_a_day_without_a_full_count_ends_a_stretch_and_is_in_no_rate():
    rows = [("a", day, 1, None if day == 40 else 0, "focal") for day in range(84)]
    seizures = pl.DataFrame([*rows, ("a", 40, 1, 2, "tonic")], schema=SEIZURES.schema, orient="row")
    study = replace(diary_study({"a": []}), seizures=seizures)
    found = cohort.diary_measures(study, BEFORE, AFTER).row(0, named=True)
    assert (found["seizures"], found["observed_days"], found["longest_free"]) == (0, 83, 43)


def test_event_lists_have_days_under_observation():
    study = diary_study({"a": [(30, 1, 1)], "b": []}, observed=[("a", -56, 83)])
    found = cohort.diary_measures(study, BEFORE, AFTER).rows_by_key("subject_id", named=True)
    assert (found["a"][0]["longest_free"], found["a"][0]["free_days28"]) == (53, 28 * 83 / 84)
    assert (found["b"][0]["observed_days"], found["b"][0]["longest_free"], found["b"][0]["seizures"]) == (0, None, None)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"min_observed": 0}, "above 0 and up to 100, not 0"),
        ({"run_observed": 101}, "above 0 and up to 100"),
        ({"max_gap_days": -1}, "at least 0"),
    ],
)
def test_what_cannot_be_measured(asked, message):
    with pytest.raises(RecordError, match=message):
        measures(golden(), **asked)
    with pytest.raises(RecordError, match="must end before"):
        measures(golden(), (-56, 0), (0, 83))
    with pytest.raises(RecordError, match="ends before it begins"):
        cohort.longest_free_stretch(diary_study({"a": []}), 3, 2)


# Against a plain definition.


def slow(spans, first, last, observed, gap):
    """The longest stretch, tried from every recorded free day to every other."""
    free, seizing = set(), set()
    for day, days, count in spans:
        inside = set(range(max(day, first), min(day + days - 1, last) + 1))
        if count is not None:
            (seizing if count else free).update(inside)
    best = 0 if free | seizing else None
    for start in sorted(free):
        for end in sorted(day for day in free if day >= start):
            stretch = range(start, end + 1)
            known = [day for day in stretch if day in free]
            gaps = [later - earlier - 1 for earlier, later in pairwise(known)]
            enough = 100 * len(known) >= observed * len(stretch)
            if enough and max(gaps, default=0) <= gap and not seizing & set(stretch):
                best = max(best, len(stretch))
    return best


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32))
def test_the_longest_stretch_is_the_best_of_all(seed):
    draw = Random(seed)
    diaries = {
        f"s{number}": laid_out(
            draw, -5, 45, longest=draw.choice([1, 4]), skipped=draw.choice([0.05, 0.4]), seizing=0.06, unknown=0.1
        )
        for number in range(12)
    }
    observed, gap = draw.choice([50, 80, 90, 100]), draw.choice([0, 2, 5])
    study = diary_study(diaries)
    found = cohort.longest_free_stretch(study, 0, 40, min_observed=observed, max_gap_days=gap)
    expected = {who: slow(spans, 0, 40, observed, gap) for who, spans in diaries.items()}
    assert dict(found.rows()) == expected
    shuffled = replace(study, seizures=study.seizures.sample(fraction=1, shuffle=True, seed=1))
    assert_frame_equal(found, cohort.longest_free_stretch(shuffled, 0, 40, min_observed=observed, max_gap_days=gap))


# The progabide study, and what a report makes of the measures.


def test_progabide_median_percent_reduction_by_arm():
    study = cohort.read(ROOT / "examples/progabide/study.toml")
    found = cohort.diary_measures(study, (-56, -1), (0, 55))
    assert found["observed_days"].unique().to_list() == [56]
    reductions = found.with_columns(percent_reduction=-pl.col("percent_change"))
    described = analyses.describe(reductions, ["percent_reduction"]).frame.filter(statistic="median")
    rows = study.seizures.sort("subject_id", "day").group_by("subject_id", maintain_order=True).agg("count").rows()
    arms = dict(study.subjects.select("subject_id", pl.col("arm").cast(pl.String)).rows())
    for arm in study.arms:
        counts = [each for who, each in rows if arms[who] == arm]
        by_hand = median(float(100 * (1 - Fraction(sum(after), before))) for before, *after in counts)
        assert described.filter(group=arm)["estimate"].item() == pytest.approx(by_hand)


def test_t30_the_same_subjects_respond_by_the_measure_and_by_the_criterion():
    """A report gives both: the share of responders loses what the percent change keeps."""
    study = cohort.read(ROOT / "examples/progabide/study.toml")
    found = cohort.diary_measures(study, (-56, -1), (0, 55))
    verdicts = classify(study, SEIZURE_RESPONSE_50.between(Period(-56, -1), Period(0, 55)))
    by_measure = found.filter(pl.col("percent_change") <= -50)["subject_id"].to_list()
    assert verdicts.filter(verdict="met")["subject_id"].to_list() == by_measure
    assert len(by_measure) == 10
