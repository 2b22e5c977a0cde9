"""How long freedom must last: the longest earlier interval, worked by hand (G1 and G2 of the clinical rules)."""

from dataclasses import replace

import polars as pl
import pytest

from cohort.criteria import ILAE_2010_FREEDOM
from cohort.outcomes.registry import evidence
from tests.outcomes.small_studies import ON, after_interval, daily, diary_study


def threshold(study, criterion=ILAE_2010_FREEDOM):
    checks = evidence(study, criterion).rows_by_key("check", named=True)
    return checks["longest run without seizures, days"][0]["threshold"]


@pytest.mark.parametrize(
    ("interval", "days"),
    [pytest.param(35, 365, id="G1"), pytest.param(183, 549, id="G2"), (121, 365), (122, 366), (0, 365)],
)
def test_threshold_is_a_year_or_three_times_the_interval(interval, days):
    assert threshold(after_interval(interval, 10)) == days


def test_seizures_in_the_look_back():
    year = daily(-1000, 10)
    for seizures, expected in [
        ([], 365),  # never
        ([-40], 365),  # a single one
        ([-440, -40], 3 * 400),  # one in the look-back: the last two ever
        ([-900, -600, -440], 3 * 160),  # none in the look-back
        ([-600, -365, -165], 3 * 200),
        ([-600, -366, -165], 3 * 201),  # day -366 does not, so the last two ever
        ([-365, -165, -100], 3 * 200),  # day -365 lies in it, and its interval counts
        ([-600, -366, -165, -100], 365),  # two in it, 65 days apart
        ([-300, -140, -20, 3], 3 * 160),  # the longest; seizures under the treatment do not count
        ([-300, -200, 0], 365),  # nor does one on its first day
    ]:
        diary = [(day, 1, int(day in seizures)) for day, _, _ in year]
        assert threshold(diary_study({"a": diary}, ON)) == expected, seizures


def test_several_seizures_on_one_day_are_one():
    cluster = diary_study({"a": [(-400, 1, 1), (-20, 1, 5)]}, ON)
    assert threshold(cluster) == 3 * 380, "one cluster in the look-back: back to the last two ever"
    assert threshold(diary_study({"a": [(-20, 1, 5)]}, ON)) == 365


def test_a_longer_look_back_and_other_multiples_are_parameters():
    study = after_interval(183, 10)
    assert threshold(study, replace(ILAE_2010_FREEDOM, times=2)) == 366
    assert threshold(study, replace(ILAE_2010_FREEDOM, times=0)) == 365
    assert threshold(study, replace(ILAE_2010_FREEDOM, min_days=600)) == 600
    far = diary_study({"a": daily(-1000, 10, [-800, -500, -100])}, ON)
    assert threshold(far) == 3 * 400
    assert threshold(far, replace(ILAE_2010_FREEDOM, lookback_days=500)) == 3 * 400
    assert threshold(diary_study({"a": daily(-1000, 10, [-800, -200, -100])}, ON)) == 365
    assert threshold(far, replace(ILAE_2010_FREEDOM, lookback_days=1000)) == 3 * 400


@pytest.mark.parametrize(
    ("totals", "interval"),
    [
        ([(-28, 14, 1), (-14, 14, 1)], 27),  # first day of the one to last day of the other
        ([(-150, 150, 2)], 149),  # both in one total, as far apart as it is long
        ([(-150, 100, 1), (-50, 30, 0), (-20, 20, 1)], 149),
        ([(-150, 100, 3), (-50, 50, 1)], 149),
        ([(-800, 150, 4)], 149),  # the last two ever lie in one total
        ([(-200, 200, 1)], None),
    ],
)
def test_totals_give_the_longest_interval_that_they_allow(totals, interval):
    assert threshold(diary_study({"a": [*totals, (0, 10, 0)]}, ON)) == max(365, 3 * (interval or 0))


def test_the_boy_whose_second_drug_lengthens_the_threshold_of_the_third():
    """Seizures every 35 days, 304 free days under the second drug: 3 x 304 days for a third, or a year (1.4, 1.7)."""
    before, second = [-75, -40, -5], [30, 65, 100]
    relapse = 100 + 304
    records = daily(-75, relapse + 10, [*before, *second, relapse])
    drugs = [("a", 1, "levetiracetam", 0, 99, "inefficacy"), ("a", 2, "oxcarbazepine", 100, relapse, "inefficacy")]
    study = diary_study({"a": records}, [*drugs, ("a", 3, "lamotrigine", relapse + 1, None, None)])
    assert thresholds(study, ILAE_2010_FREEDOM) == [365, 365, 912]
    first = replace(ILAE_2010_FREEDOM, interval_before="first treatment")
    assert thresholds(study, first) == [365, 365, 365]
    assert thresholds(study, replace(first, times=12)) == [12 * 35] * 3
    looked = evidence(study, first).filter(pl.col("check").str.contains("before the first treatment"))
    assert looked.select("treatment_no", "day", "observed").rows() == [(1, 0, 35), (2, 0, 35), (3, 0, 35)]


def thresholds(study, criterion):
    found = evidence(study, criterion).filter(check="longest run without seizures, days")
    return found.sort("treatment_no")["threshold"].to_list()
