"""Clusters of seizures, worked by hand and against a plain definition."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cohort
from cohort.criteria import SEIZURE_CLUSTERS, ClusterDays
from cohort.errors import CriterionError
from tests.outcomes.small_studies import daily, diary_study, row, said
from tests.outcomes.test_slow_definitions import laid_out

COLUMNS = ("from_day", "to_day", "seizures")


def found(spans, rule=SEIZURE_CLUSTERS):
    return cohort.clusters(diary_study({"a": spans}), rule).select(COLUMNS).rows()


def test_three_on_a_day_and_days_that_follow_are_one_cluster():
    spans = [(0, 1, 2), (1, 1, 3), (2, 1, 5), (3, 1, 2), (5, 1, 3)]
    assert found(spans) == [(1, 2, 8), (5, 5, 3)]


def test_a_window_of_several_days_reaches_from_seizure_to_seizure():
    spans = [(0, 1, 1), (1, 1, 0), (2, 1, 2), (9, 1, 1), (10, 1, 1), (12, 1, 1)]
    assert found(spans) == []
    assert found(spans, replace(SEIZURE_CLUSTERS, days=2)) == []
    assert found(spans, replace(SEIZURE_CLUSTERS, days=3)) == [(0, 2, 3)]
    assert found(spans, replace(SEIZURE_CLUSTERS, days=4)) == [(0, 2, 3), (9, 12, 3)]


def test_a_total_shows_a_cluster_only_where_it_is_no_longer_than_the_window():
    week = diary_study({"a": [(0, 7, 5), (7, 1, 0)]})
    assert said(week, SEIZURE_CLUSTERS) == ("undetermined", "totals over several days")
    assert said(week, replace(SEIZURE_CLUSTERS, days=7)) == ("met", "")
    assert row(week, replace(SEIZURE_CLUSTERS, days=7))["day"] == 6
    assert said(week, replace(SEIZURE_CLUSTERS, seizures=6)) == ("not met", "no cluster")


def test_verdicts_in_a_period():
    spans = [(day, 1, 3 if day == 20 else 0) for day in range(0, 50)]
    study = diary_study({"a": spans, "b": []})
    assert (row(study, SEIZURE_CLUSTERS)["day"], row(study, SEIZURE_CLUSTERS)["value"]) == (20, 1)
    assert said(study, SEIZURE_CLUSTERS, "b") == ("undetermined", "no observed days")
    assert said(study, SEIZURE_CLUSTERS.between(0, 19)) == ("not met", "no cluster")
    assert said(study, SEIZURE_CLUSTERS.between(21, 60)) == ("undetermined", "follow-up ends before the day")
    holes = diary_study({"a": daily(0, 49, missing=range(10, 21))})
    assert said(holes, SEIZURE_CLUSTERS) == ("undetermined", "too few observed days")
    assert said(holes, replace(SEIZURE_CLUSTERS, min_observed=78)) == ("not met", "no cluster")


def test_a_study_without_a_diary_has_no_clusters_to_list():
    with pytest.raises(CriterionError, match="the study has none"):
        cohort.clusters(diary_study({"a": []}), SEIZURE_CLUSTERS)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32))
def test_every_window_tried_in_turn(seed):
    draw = Random(seed)
    rule = ClusterDays(draw.choice([2, 3, 5]), draw.choice([1, 2, 4]), source="drawn")
    diaries = {f"s{number}": laid_out(draw, 0, 40, skipped=0.1, seizing=0.3) for number in range(10)}
    covered = {
        (who, day)
        for who, start, end in cohort.clusters(diary_study(diaries), rule)
        .select("subject_id", "from_day", "to_day")
        .rows()
        for day in range(start, end + 1)
    }
    expected = set()
    for who, spans in diaries.items():
        counts = {day: count for day, _, count in spans if count}
        for end in counts:
            window = [day for day in range(end - rule.days + 1, end + 1) if day in counts]
            if sum(counts[day] for day in window) >= rule.seizures:
                expected.update((who, day) for day in range(min(window), end + 1))
    assert covered == expected
