"""Courses of an epilepsy over years, worked by hand."""

from dataclasses import replace
from fractions import Fraction
from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cohort.criteria import BRODIE_2012_COURSE, EPILEPSY_TRAJECTORY, BrodieCourse, EpilepsyTrajectory
from cohort.errors import CriterionError
from cohort.outcomes.registry import classify
from cohort.outcomes.seizures.seizure_records import seizure_records
from cohort.outcomes.seizures.whole_course import whole_courses
from cohort.outcomes.seizures.windows import lowered_windows
from tests.outcomes.small_epilepsies import CONTROL, RESISTANCE, epilepsy, status
from tests.outcomes.small_studies import daily, row

TRAJECTORY = replace(EPILEPSY_TRAJECTORY, control=CONTROL)
BEFORE = daily(-100, -1, range(-98, 0, 4))  # 25 seizures in 100 days: 7 in 28
TWO = [
    (1, "levetiracetam", 1500.0, 0, 299, "inefficacy", None),
    (2, "lamotrigine", 200.0, 300, None, None, None),
]
THREE = [
    TWO[0],
    (2, "lamotrigine", 200.0, 300, 599, "inefficacy", None),
    (3, "valproate", 1000.0, 600, None, None, None),
]


def course(seizures, treatments=TWO, last=999, missing=(), criterion=TRAJECTORY, **asked):
    found = row(epilepsy([*BEFORE, *daily(0, last, seizures, missing)], treatments), criterion, **asked)
    return found["verdict"], found["category"], found["reason"], found["day"]


def often(from_day, to_day, every=4):
    return range(from_day, to_day, every)


def test_early_remission_on_one_of_the_first_two_drugs_within_a_year_and_kept():
    assert course(often(0, 100), TWO[:1]) == ("not met", "unclassified", "threshold not reached", None)
    assert course(often(0, 100), [(*TWO[0][:4], None, None, None)]) == ("met", "early remission", "", 461)
    second = course(often(0, 340))
    assert second == ("met", "early remission", "", 701)


def test_a_later_start_or_a_third_drug_is_late_remission():
    late = course(often(0, 380))
    assert late == ("met", "late remission", "", 741)
    intolerant = (2, "lamotrigine", 200.0, 300, 310, "intolerance", None)
    third = course(often(0, 340), [TWO[0], intolerant, (3, "valproate", 1000.0, 311, None, None, None)])
    assert third[:2] == ("met", "late remission")


def test_a_transient_run_and_a_relapse_are_fluctuating_control():
    seizures = [*often(0, 100), 200, *often(300, 1000)]
    assert course(seizures) == ("not met", "fluctuating control", "lost again", 200)


def test_runs_below_90_days_are_none():
    assert course(often(0, 1000, 89))[1] == "fluctuating control", "one in 89 days is a rate far below 7 in 28"
    assert course(often(0, 1000), THREE)[:3] == ("not met", "persistent resistance", "threshold not reached")


def test_a_rate_halved_in_three_windows_in_a_row_is_fluctuating_control():
    """Windows of 28 days: 3 seizures in each of three, against 7 at baseline; with two such windows it is none."""
    three = [*often(0, 280), *range(280, 364, 10), *often(364, 1000)]
    two = [*often(0, 280), *range(280, 336, 10), *often(336, 1000)]
    assert course(three)[1] == "fluctuating control"
    assert course(two)[1] == "persistent resistance"


def test_late_freedom_after_a_transient_one_fluctuates_unless_remission_goes_first():
    seizures = [*often(0, 100), 200, *often(300, 420)]
    assert course(seizures)[1] == "fluctuating control"
    assert course(seizures, criterion=replace(TRAJECTORY, remission_first=True))[:2] == ("met", "late remission")


def test_below_24_months_nothing_is_classifiable():
    assert course(often(0, 1000), last=729) == ("undetermined", "not classifiable", "follow-up too short", None)
    assert course(often(0, 1000), last=730)[0] == "not met"
    assert course(often(0, 1000), last=999, as_of=729)[2] == "follow-up too short"


def test_one_failure_of_two_needed_is_unclassified():
    one = [(1, "levetiracetam", 1500.0, 0, None, None, None)]
    assert course(often(0, 1000), one)[:2] == ("not met", "unclassified")


def test_missing_days_that_may_hide_a_run_leave_it_open():
    hole = range(400, 520)
    assert course(often(0, 1000), missing=hole)[::2] == ("undetermined", "too many missing days")
    assert course(often(0, 1000), missing=range(400, 440))[1] == "persistent resistance"


def test_without_a_baseline_windows_cannot_tell():
    found = row(epilepsy(daily(0, 999, often(0, 1000)), TWO), TRAJECTORY)
    assert (found["verdict"], found["reason"]) == ("undetermined", "no baseline")


def test_drugs_of_which_too_little_is_known_leave_persistence_open():
    unknown = [TWO[0], (2, "x", 5.0, 300, None, None, None)]
    assert course(often(0, 1000), unknown)[::2] == ("undetermined", "too little known of the treatments")


def test_trajectory_and_resistance_are_two_columns():
    """A fluctuating course without two failures."""
    seizures = [*often(0, 100), 700]
    assert course(seizures)[1] == "fluctuating control"
    assert status(epilepsy([*BEFORE, *daily(0, 999, seizures)], TWO), RESISTANCE)[0] == "undefined"


# Brodie's four courses.


def brodie(seizures, last=1200, missing=(), criterion=BRODIE_2012_COURSE, **asked):
    return course(seizures, TWO, last, missing, criterion, **asked)


def test_brodie_a_to_d():
    assert brodie(often(0, 180)) == ("met", "A", "", 541)
    assert brodie([183]) == ("met", "A", "", 548)
    assert brodie([184]) == ("met", "B", "", 549)
    assert brodie(often(0, 400)) == ("met", "B", "", 761)
    assert brodie([*often(0, 100), 600]) == ("not met", "C", "relapse after sustained freedom", 600)
    assert brodie(often(0, 1200, 360)) == ("not met", "D", "threshold not reached", None)


def test_brodie_c_whatever_came_then():
    assert brodie([*often(0, 100), 600], last=2000)[1] == "C"
    assert brodie([*often(0, 100), 600], as_of=599)[1] == "A"


def test_brodie_short_or_hidden():
    assert brodie([50], last=364)[2] == "follow-up too short"
    assert brodie(often(0, 1200), missing=range(300, 700))[::2] == ("undetermined", "too many missing days")
    unseen = row(epilepsy(daily(0, 500), TWO, last_day=1200), BRODIE_2012_COURSE)
    assert (unseen["verdict"], unseen["reason"]) == ("undetermined", "too many missing days")


# Windows against a plain definition.


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32))
def test_windows_in_plain_python(seed):
    draw = Random(seed)
    first, last = draw.choice([-200, -60, -20]), draw.choice([100, 300])
    rate, start = draw.choice([0.1, 0.4]), draw.choice([0, 5])
    diary = {}
    for day in range(first, last + 1):
        if draw.random() > draw.choice([0, 0.1]):
            low = rate * draw.choice([0.2, 0.5]) if day > 30 else rate
            diary[day] = None if draw.random() < 0.02 else int(draw.random() < low) * draw.choice([1, 2])
    study = epilepsy([(day, 1, count) for day, count in diary.items()], [(1, "x", 1.0, start, None, None, None)])
    asked = {
        "baseline_days": draw.choice([56, 365]),
        "min_observed": draw.choice([70, 90]),
        "reduction": 50,
        "windows": 2,
    }
    whole = whole_courses(study, ("drug",))
    records = seizure_records(study, status=True)
    free = pl.DataFrame({"subject_id": "a", "since": [40], "until": [draw.choice([60, 130])]})
    (found,) = lowered_windows(whole, records, free, **asked).rows()
    run = free.row(0)[1:]
    assert found == ("a", *slow_windows(diary, (start, max(diary)), run, **asked))


def slow_windows(diary, course, run, *, baseline_days, min_observed, reduction, windows):
    """(baseline known, longest row of lowered windows, whether it is long enough)."""
    start, end = course
    opens = max(min(diary), start - baseline_days)
    counts, days = counted(diary, opens, start - 1)
    if days < 28 or 100 * days < min_observed * (start - opens):
        return False, 0, False
    asked = Fraction(counts, days) * (100 - reduction) / 100
    row, longest = 0, 0
    for opens in range(start, end - 26, 28):
        n, seen = counted(diary, opens, opens + 27)
        low = 100 * seen >= min_observed * 28 and counts > 0 and Fraction(n, seen) <= asked
        free = n == 0 and run[0] <= opens and run[1] >= opens + 27
        row = row + 1 if low and not free else 0
        longest = max(longest, row)
    return True, longest, longest >= windows


def counted(diary, opens, closes):
    known = [count for day, count in diary.items() if opens <= day <= closes and count is not None]
    return sum(known), len(known)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (EpilepsyTrajectory, "where it comes from"),
        (lambda: replace(EPILEPSY_TRAJECTORY, windows=0), "are at least 1"),
        (lambda: replace(EPILEPSY_TRAJECTORY, early_days=1.5), "must be whole"),
        (lambda: replace(EPILEPSY_TRAJECTORY, reduction=101), "up to 100"),
        (lambda: replace(EPILEPSY_TRAJECTORY, control=BRODIE_2012_COURSE), "judged by a SeizureControl"),
        (BrodieCourse, "where it comes from"),
        (lambda: replace(BRODIE_2012_COURSE, early_days=0), "at least 1"),
        (lambda: replace(BRODIE_2012_COURSE, freedom=CONTROL), "told by a SeizureFreedom"),
    ],
)
def test_a_course_that_contradicts_itself_cannot_be_made(make, message):
    with pytest.raises(CriterionError, match=message):
        make()


def test_subjects_without_a_treatment_have_no_course():
    study = epilepsy(daily(0, 999), [])
    with pytest.raises(CriterionError, match="the study has none"):
        classify(study, BRODIE_2012_COURSE)
    therapy = epilepsy(daily(0, 999), [(1, "ketogenic diet", None, 0, None, None, None, "diet")])
    assert row(therapy, EPILEPSY_TRAJECTORY)["reason"] == "no treatment"
    assert row(therapy, BRODIE_2012_COURSE)["category"] == "A"
