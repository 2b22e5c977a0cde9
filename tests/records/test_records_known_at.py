"""What was known of a study on a day."""

import math

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cohort.errors import RecordError
from cohort.records.study import Study
from cohort.schemas import SETTINGS
from tests.records.folders import frames_of
from tests.records.tables import rating, ratings, seizures, study

TREATED = pl.DataFrame(
    {
        "subject_id": ["a", "a"],
        "treatment_no": [1, 2],
        "drug": ["p", "q"],
        "kind": ["drug", "drug"],
        "start_day": [0, 30],
        "stop_day": [29, None],
        "stop_reason": ["inefficacy", None],
        "adherence": [0.8, None],
    }
)


def test_a_stop_its_reason_and_adherence_are_unknown_before_it() -> None:
    made = study(treatments=TREATED)
    shown = ("drug", "stop_day", "stop_reason", "adherence")
    assert made.known_at(-1).treatments.is_empty()
    assert made.known_at(28).treatments.select(shown).rows() == [("p", None, None, None)]
    assert made.known_at(29).treatments.select(shown).rows() == [("p", 29, "inefficacy", 0.8)]
    assert made.known_at(30).treatments.select(shown).rows() == [("p", 29, "inefficacy", 0.8), ("q", None, None, None)]


def test_a_total_is_known_only_on_its_last_day() -> None:
    made = study(seizures=seizures(("a", 0, 14, 3, None), ("a", 14, 1, 0, None)))
    assert made.known_at(12).seizures.is_empty()
    assert made.known_at(13).seizures.height == 1
    assert made.known_at(14).seizures.height == 2


def test_the_days_of_observation_are_clipped() -> None:
    people = pl.DataFrame(
        {"subject_id": ["a", "b", "c", "d"], "first_day": [-28, 10, None, 5], "last_day": [84, 20, 20, None]}
    )
    observed = pl.DataFrame({"subject_id": ["a", "b"], "from_day": [-28, 12], "to_day": [84, 20]})
    made = Study(name="s", subjects=people, observed=observed)
    assert made.known_at(9).subjects.select("first_day", "last_day").rows() == [
        (-28, 9),
        (None, None),
        (None, 9),
        (5, None),
    ]
    assert made.known_at(9).observed.rows() == [("a", -28, 9)]
    assert made.known_at(15).subjects["last_day"].to_list() == [15, 15, 15, None]
    assert made.known_at(15).observed.rows() == [("a", -28, 15), ("b", 12, 15)]
    assert frames_of(made.known_at(84)) == frames_of(made)


def test_within_a_day_ratings_are_known_by_their_hour() -> None:
    made = study(ratings=ratings(rating(14.25, visit=None), rating(14.5, visit=None), rating(14.75, visit=None)))
    assert made.known_at(14.5).ratings["day"].to_list() == [14.25, 14.5]
    assert made.known_at(14).ratings.is_empty()


def test_spans_that_go_on_have_no_end_yet() -> None:
    effects = pl.DataFrame({"subject_id": ["a"], "day": [3], "to_day": [9], "effect": ["rash"]})
    episodes = pl.DataFrame(
        {"subject_id": ["a"], "episode": ["status epilepticus"], "from_day": [3.0], "to_day": [3.5]}
    )
    findings = pl.DataFrame({"subject_id": ["a"], "day": [4.0], "finding": ["EEG"]})
    made = study(adverse_effects=effects, episodes=episodes, findings=findings)
    early, late = made.known_at(3), made.known_at(9)
    assert (early.adverse_effects["to_day"][0], early.episodes["to_day"][0], early.findings.height) == (None, None, 0)
    assert (late.adverse_effects["to_day"][0], late.episodes["to_day"][0], late.findings.height) == (9, 3.5, 1)


def test_adherence_to_a_dose_is_known_when_the_next_begins_or_the_drug_stops() -> None:
    doses = pl.DataFrame(
        {
            "subject_id": ["a", "a"],
            "treatment_no": [1, 1],
            "drug": ["p", "p"],
            "from_day": [0, 10],
            "daily_dose": [100.0, 200.0],
            "adherence": [0.9, 0.7],
        }
    )
    made = study(treatments=TREATED, doses=doses)
    shown = ("daily_dose", "adherence")
    assert made.known_at(9).doses.select(shown).rows() == [(100, None)]
    assert made.known_at(10).doses.select(shown).rows() == [(100, 0.9), (200, None)]
    assert made.known_at(28).doses.select(shown).rows() == [(100, 0.9), (200, None)]
    assert made.known_at(29).doses.select(shown).rows() == [(100, 0.9), (200, 0.7)]


def test_a_dose_of_a_treatment_that_has_not_begun_is_not_known() -> None:
    doses = pl.DataFrame({"subject_id": ["a"], "treatment_no": [2], "drug": ["q"], "from_day": [28]})
    made = study(treatments=TREATED, doses=doses)
    assert [made.known_at(day).doses.height for day in (27, 29, 30)] == [0, 0, 1]


def test_a_setting_is_known_from_its_first_day() -> None:
    devices = TREATED.with_columns(kind=pl.lit("stimulation"))
    rows = [("a", 1, "p", 0, "current", 0.25, "mA"), ("a", 1, "p", 14, "current", 0.5, "mA")]
    made = study(treatments=devices, settings=pl.DataFrame(rows, schema=SETTINGS.schema, orient="row"))
    assert [made.known_at(day).settings["value"].to_list() for day in (-1, 13, 14)] == [[], [0.25], [0.25, 0.5]]


@pytest.mark.parametrize("day", [math.nan, math.inf, -math.inf])
def test_a_day_that_is_none(day: float) -> None:
    with pytest.raises(RecordError, match="cannot be told; name a day"):
        study().known_at(day)


def everything(days: list[int], stop: int) -> Study:
    """Return a study with one record of each table on each of these days, treatments that stop on `stop`."""
    who, count = ["a"] * len(days), len(days)
    number = [day + 100 for day in days]
    return Study(
        name="s",
        subjects=pl.DataFrame({"subject_id": ["a"], "first_day": [-50], "last_day": [200]}),
        visits=tuple(f"v{day}" for day in range(-50, 60)),
        ratings=ratings(*(rating(day + 0.5, visit=f"v{day}") for day in days)),
        seizures=seizures(*(("a", day, 3, 1, None) for day in days if day % 3 == 0)),
        treatments=pl.DataFrame(
            {
                "subject_id": who,
                "treatment_no": number,
                "drug": ["p"] * count,
                "kind": ["drug"] * count,
                "start_day": days,
                "stop_day": [max(day, stop) for day in days],
                "stop_reason": ["other"] * count,
                "adherence": [0.5] * count,
            }
        ),
        doses=pl.DataFrame(
            {
                "subject_id": who * 2,
                "treatment_no": number * 2,
                "drug": ["p"] * count * 2,
                "from_day": [*days, *(day + 2 for day in days)],
                "daily_dose": [1.0] * count * 2,
                "adherence": [0.5] * count * 2,
            }
        ),
        adverse_effects=pl.DataFrame(
            {"subject_id": who, "day": days, "to_day": [day + 4 for day in days], "effect": ["rash"] * count}
        ),
        findings=pl.DataFrame({"subject_id": who, "day": days, "finding": ["EEG"] * count}),
        episodes=pl.DataFrame(
            {"subject_id": who, "episode": ["low"] * count, "from_day": days, "to_day": [day + 0.5 for day in days]}
        ),
    )


DAYS = st.lists(st.integers(-40, 50), min_size=1, unique=True, max_size=8)


@settings(max_examples=60, deadline=None)
@given(before=DAYS, later=DAYS, cut=st.integers(-40, 50), stop=st.integers(-40, 50), other_stop=st.integers(1, 20))
def test_what_is_recorded_after_a_day_never_changes_what_was_known_on_it(
    before: list[int], later: list[int], cut: int, stop: int, other_stop: int
) -> None:
    days = sorted({day for day in before if day <= cut} | {cut})
    more = sorted({*days, *(day for day in later if day > cut)})
    hidden = stop if stop <= cut else cut + other_stop
    assert frames_of(everything(days, stop).known_at(cut)) == frames_of(everything(more, hidden).known_at(cut))


@settings(max_examples=40, deadline=None)
@given(days=DAYS, first=st.integers(-45, 60), second=st.integers(-45, 60))
def test_knowing_early_is_knowing_early_of_what_is_known_late(days: list[int], first: int, second: int) -> None:
    early, late = sorted((first, second))
    made = everything(sorted(days), 20)
    assert frames_of(made.known_at(late).known_at(early)) == frames_of(made.known_at(early))
