"""The interval before each treatment as a table: look-back, undefined cases, short histories (1.4 of the rules)."""

from dataclasses import replace

import pytest

import cohort
from cohort.criteria import ILAE_2010_FREEDOM
from cohort.errors import CriterionError
from tests.outcomes.small_studies import ON, daily, diary_study

COLUMNS = ("before", "interval", "threshold", "interval_undefined", "lookback_short")


def intervals(spans, treatments=ON, criterion=ILAE_2010_FREEDOM, **asked):
    return (
        cohort.interseizure_intervals(diary_study({"a": spans}, treatments, **asked), criterion).select(COLUMNS).rows()
    )


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        (daily(-365, 0, [-100, -65]), (0, 35, 365, False, False)),
        (daily(-364, 0, [-100, -65]), (0, 35, 365, False, True)),
        (daily(-500, 0, [-480, -40]), (0, 440, 1320, False, False)),
        (daily(-500, 0, [-40]), (0, None, 365, True, False)),
        (daily(-30, 0), (0, None, 365, True, True)),
        (daily(0, 10, [3]), (0, None, 365, True, True)),
        ([], (0, None, 365, True, True)),
        ([(-400, 1, None), *daily(-100, 0, [-90, -80])], (0, 10, 365, False, True)),
    ],
    ids=["a year", "a day less", "last two ever", "single", "none", "begins with the drug", "no diary", "unknown"],
)
def test_the_look_back_and_its_flags(spans, expected):
    filled = diary_study({"a": spans, "b": daily(0, 1)}, ON)
    assert cohort.interseizure_intervals(filled).select(COLUMNS).rows() == [expected]


def test_observed_days_lengthen_the_history():
    assert intervals([(-90, 1, 1), (-80, 1, 1)], observed=[("a", -400, 0)]) == [(0, 10, 365, False, False)]


def test_each_treatment_has_its_own_day_and_the_first_has_one_for_all():
    drugs = [("a", 1, "x", 0, 99, None), ("a", 2, "y", 100, None, None)]
    spans = daily(-400, 100, [-30, -20, 70])
    assert [row[:3] for row in intervals(spans, drugs)] == [(0, 10, 365), (100, 90, 365)]
    first = replace(ILAE_2010_FREEDOM, interval_before="first treatment")
    assert [row[:3] for row in intervals(spans, drugs, first)] == [(0, 10, 365)] * 2


def test_a_study_without_treatments_or_diary_is_refused():
    with pytest.raises(CriterionError, match="no treatments"):
        cohort.interseizure_intervals(diary_study({"a": daily(0, 3)}))
