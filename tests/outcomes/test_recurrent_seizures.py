"""Days with seizures as events that repeat: by hand, and day by day on drawn diaries."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cohort
from cohort.errors import CriterionError
from cohort.records.study import Study

SHOWN = ("subject_id", "event_no", "entry", "left", "right", "cause")


def study(counts, days=None, observed=None):
    """Return a study of subjects with a diary each: `counts` maps a subject to (day, count)."""
    rows = [(name, day, count) for name, kept in counts.items() for day, count in kept]
    seizures = pl.DataFrame(rows, schema={"subject_id": pl.String, "day": pl.Int64, "count": pl.Int64}, orient="row")
    seizures = seizures.with_columns(days=pl.Series(days if days else [1] * len(rows)))
    subjects = pl.DataFrame({"subject_id": sorted(counts)})
    tables = {} if observed is None else {"observed": observed}
    return Study(name="drawn", subjects=subjects, seizures=seizures, **tables)


def test_rows_end_at_seizures_and_at_gaps():
    kept = {"a": [(0, 5), (1, 0), (2, 3), (3, 0), (4, None), (5, 0), (6, 1)], "b": [(2, 0), (3, 0)], "c": []}
    assert cohort.recurrent_seizures(study(kept)).select(SHOWN).rows() == [
        ("a", 1, 0.0, 2.0, 2.0, "seizure"),
        ("a", 2, 2.0, 3.0, None, None),
        ("a", 2, 4.0, 6.0, 6.0, "seizure"),
        ("b", 1, 1.0, 3.0, None, None),
    ]


def test_the_clock_starts_on_the_day_before_the_first_that_counts():
    kept = {"a": [(day, int(day in (10, 12))) for day in range(8, 15)]}
    found = cohort.recurrent_seizures(study(kept), from_day=9, to_day=13)
    assert found.select("entry", "left", "right").rows() == [(0.0, 2.0, 2.0), (2.0, 4.0, 4.0), (4.0, 5.0, None)]


def test_quiet_days_of_a_list_of_events_are_at_risk():
    observed = pl.DataFrame({"subject_id": ["a"], "from_day": [1], "to_day": [20]})
    found = cohort.recurrent_seizures(study({"a": [(5, 2), (6, 1)]}, observed=observed))
    assert found.select("entry", "left", "right").rows() == [(0.0, 5.0, 5.0), (5.0, 6.0, 6.0), (6.0, 20.0, None)]


def test_what_tells_no_days_is_refused():
    with pytest.raises(CriterionError, match=r"1 records are totals over several days with seizures \(subjects 'a'\)"):
        cohort.recurrent_seizures(study({"a": [(1, 3)]}, days=[14]))
    with pytest.raises(CriterionError, match="from_day=0 and to_day=None: count from day 1"):
        cohort.recurrent_seizures(study({"a": [(1, 3)]}), from_day=0)
    with pytest.raises(CriterionError, match="no seizure records"):
        cohort.recurrent_seizures(study({"a": []}))


DIARY = st.dictionaries(st.integers(-3, 25), st.sampled_from([None, 0, 0, 0, 1, 4]), min_size=1)


@settings(deadline=None, max_examples=60)
@given(st.dictionaries(st.sampled_from("abc"), DIARY, min_size=1), st.integers(1, 6), st.none() | st.integers(6, 20))
def test_every_recorded_day_is_at_risk_once_and_every_seizure_day_an_event(diaries, first, last):
    found = cohort.recurrent_seizures(
        study({k: sorted(v.items()) for k, v in diaries.items()}), from_day=first, to_day=last
    )
    for name, kept in diaries.items():
        rows = found.filter(subject_id=name)
        at_risk = [
            day for entry, left in rows.select("entry", "left").rows() for day in range(int(entry) + 1, int(left) + 1)
        ]
        counted = {day - first + 1: n for day, n in kept.items() if n is not None and first <= day <= (last or day)}
        assert at_risk == sorted(counted)
        assert rows["right"].drop_nulls().to_list() == sorted(day for day, n in counted.items() if n)
        before = [sum(n > 0 for day, n in counted.items() if day <= entry) for entry in rows["entry"]]
        assert rows["event_no"].to_list() == [n + 1 for n in before]
