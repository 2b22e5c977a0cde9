"""Status epilepticus as an event of its own, and as one seizure of a diary (1.8 of the clinical rules)."""

import polars as pl
import pytest

import cohort
from cohort.criteria import ILAE_2010_FREEDOM, STATUS_EPILEPTICUS
from cohort.errors import CriterionError
from cohort.outcomes.registry import classify
from cohort.schemas import EPISODES, SEIZURES
from tests.outcomes.small_studies import daily, diary_study, made, row, said

MINUTE = 1 / 1440
ON = [("a", 1, "x", 0, None, None)]


def with_episodes(*episodes, diary=(), treatments=ON):
    """`episodes`: (name, from_day, to_day) of subject a; `diary`: (day, days, count)."""
    rows = [("a", *episode) for episode in episodes]
    records = [("a", *span, None) for span in diary]
    return made(
        ["a"],
        episodes=pl.DataFrame(rows, schema=EPISODES.schema, orient="row", strict=False),
        seizures=pl.DataFrame(records, schema=SEIZURES.schema, orient="row"),
        treatments=treatments,
    )


def lasting(name, minutes):
    return with_episodes((name, 3.5, 3.5 + minutes * MINUTE))


@pytest.mark.parametrize(
    ("name", "minutes", "t1", "t2"),
    [
        ("convulsive status epilepticus", 4, False, False),
        ("convulsive status epilepticus", 5, True, False),
        ("Convulsive Status Epilepticus ", 30, True, True),
        ("focal status epilepticus", 9, False, False),
        ("focal status epilepticus", 10, True, False),
        ("focal status epilepticus", 60, True, True),
        ("status epilepticus", 4, False, False),
        ("status epilepticus", 7, None, False),
        ("status epilepticus", 40, True, None),
        ("refractory status epilepticus", 1, True, True),
    ],
)
def test_beyond_the_times_of_its_kind(name, minutes, t1, t2):
    found = cohort.status_epilepticus(lasting(name, minutes)).row(0, named=True)
    assert (found["beyond_t1"], found["beyond_t2"]) == (t1, t2)
    assert found["hours"] == pytest.approx(minutes / 60)
    verdict = {True: "met", False: "not met", None: "undetermined"}[t1]
    assert said(lasting(name, minutes), STATUS_EPILEPTICUS)[0] == verdict


def test_the_day_is_the_moment_at_which_t1_passed():
    found = row(lasting("convulsive status epilepticus", 45), STATUS_EPILEPTICUS)
    assert found["day"] == pytest.approx(3.5 + 5 * MINUTE)
    assert (found["category"], found["value"]) == ("beyond t2", pytest.approx(0.75))
    assert row(lasting("super-refractory status epilepticus", 3), STATUS_EPILEPTICUS)["category"] == "super-refractory"


def test_a_duration_that_was_not_recorded_is_not_known():
    for span in ((3.0, None), (3.0, 3.0)):
        study = with_episodes(("convulsive status epilepticus", *span))
        assert cohort.status_epilepticus(study)["hours"].to_list() == [None]
        assert said(study, STATUS_EPILEPTICUS) == ("undetermined", "duration not recorded")
    a_day = with_episodes(("status epilepticus", 3.0, 4.0))
    assert cohort.status_epilepticus(a_day)["hours"].to_list() == [24]


def test_episodes_that_overlap_are_one_with_the_graver_name():
    study = with_episodes(
        ("convulsive status epilepticus", 3.0, 3.5),
        ("refractory status epilepticus", 3.25, 4.5),
        ("status epilepticus", 9.0, None),
        ("depressive episode", 3.0, 90.0),
    )
    found = cohort.status_epilepticus(study)
    assert found.select("from_day", "to_day", "kind", "severity", "hours").rows() == [
        (3.0, 4.5, "convulsive", "refractory", 36.0),
        (9.0, None, None, None, None),
    ]


def test_an_end_that_is_missing_leaves_what_is_known():
    study = with_episodes(("convulsive status epilepticus", 3.0, 3.5), ("status epilepticus", 3.1, None))
    found = cohort.status_epilepticus(study).row(0, named=True)
    assert (found["to_day"], found["hours"], found["beyond_t1"]) == (None, None, True)


def test_who_had_none():
    study = with_episodes(("depressive episode", 3.0, 9.0), diary=daily(0, 20))
    assert said(study, STATUS_EPILEPTICUS) == ("not met", "no episode")
    nobody = made(["a", "b"], episodes=study.episodes)
    assert said(nobody, STATUS_EPILEPTICUS, "b") == ("undetermined", "no observed days")
    with pytest.raises(CriterionError, match="the study has none"):
        classify(diary_study({"a": daily(0, 3)}), STATUS_EPILEPTICUS)


def test_a_status_is_one_seizure_however_many_the_diary_counted():
    diary = [(day, 1, {10: 1, 20: 70}.get(day, 0)) for day in range(60)]
    study = with_episodes(("status epilepticus", 20.2, 20.9), diary=diary)
    one = cohort.with_status_as_one_seizure(study)
    assert one.seizures.filter(day=20).select("days", "count", "type").rows() == [(1, 1, "status epilepticus")]
    before, after = (cohort.seizures_in(each, 0, 59)["seizures"].item() for each in (study, one))
    assert (before, after) == (71, 2)
    assert one.seizures.height == study.seizures.height


def test_a_status_of_several_days_is_one_record_over_them():
    diary = [(day, 1, 40 if 20 <= day <= 22 else 0) for day in range(60)]
    one = cohort.with_status_as_one_seizure(with_episodes(("status epilepticus", 20.2, 22.1), diary=diary))
    assert one.seizures.filter(pl.col("count") > 0).select("day", "days", "count").rows() == [(20, 3, 1)]
    assert cohort.seizures_in(one, 0, 59).select("seizures", "observed_days").rows() == [(1, 60)]
    assert cohort.diary_measures(one, (-9, -1), (0, 59))["longest_free"].item() == 37


def test_a_status_ends_freedom_though_no_diary_was_kept_on_its_day():
    study = with_episodes(("status epilepticus", 100.5, 100.6), diary=daily(0, 400, missing=[100]))
    assert said(study, ILAE_2010_FREEDOM) == ("met", "")
    assert said(cohort.with_status_as_one_seizure(study), ILAE_2010_FREEDOM) == ("not met", "seizure under treatment")


def test_two_on_one_day_are_two_and_a_total_stays_as_it_is():
    study = with_episodes(("status epilepticus", 3.1, 3.2), ("status epilepticus", 3.8, 3.9), diary=[(3, 1, 50)])
    assert cohort.with_status_as_one_seizure(study).seizures["count"].to_list() == [2]
    week = with_episodes(("status epilepticus", 3.1, 3.2), diary=[(0, 7, 50)])
    assert cohort.with_status_as_one_seizure(week).seizures.rows() == week.seizures.rows()
