"""Each way in which a row can be bad: refused alone, with its reason, at its place."""

from pathlib import Path

import pytest

from cohort.records.inspect import inspect
from tests.records.folders import (
    RATINGS,
    counted,
    rated,
    refused,
    with_people,
)


@pytest.mark.parametrize(
    ("line", "reason", "detail"),
    [
        ("a,14,week 2,53", "score outside 0 to 52 of HAMD17", None),
        ("a,14,week 2,-1", "score outside 0 to 52 of HAMD17", None),
        ("a,14,week 2,high", "not a number", "score is 'high'"),
        ("a,14,week 2,inf", "not a number", "score is 'inf'"),
        ("a,14,week 2,nan", "not a number", "score is 'nan'"),
        ('a,14,week 2,"7,5"', "not a number", "score is '7,5'"),
        ("a,,week 2,20", "missing day", "day is ''"),
        (",14,week 2,20", "missing subject_id", "subject_id is ''"),
        ("c,14,week 2,20", "subject is not in the subject table", None),
        ("a,14,week 3,20", "unknown visit", "visit is 'week 3'"),
        ("a,-29,baseline,20", "outside the subject's days of observation", None),
        ("a,85,week 4,20", "outside the subject's days of observation", None),
        ("a,14,week 2,20,late", "line has not as many fields as the header", "5 fields, the header has 4"),
        ("a,14,week 2", "line has not as many fields as the header", "3 fields, the header has 4"),
    ],
)
def test_a_bad_rating_is_refused_alone(tmp_path: Path, line: str, reason: str, detail: str | None) -> None:
    found = rated(tmp_path, "a,0,baseline,25", line, "b,0,baseline,24")
    assert refused(found, "ratings") == [(2, reason)]
    if detail is not None:
        assert found.refused["detail"].to_list() == [detail]
    assert found.study.ratings["score"].to_list() == [25, 24]
    assert found.counts.filter(table="ratings").select("rows_read", "rows_kept", "rows_refused").row(0) == (3, 2, 1)


def test_the_last_hour_of_the_last_day_is_under_observation(tmp_path: Path) -> None:
    found = rated(tmp_path, "a,84.9,week 4,20", "b,85.0,week 4,20", "b,-28.1,baseline,20")
    assert refused(found, "ratings") == [
        (2, "outside the subject's days of observation"),
        (3, "outside the subject's days of observation"),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("a,0,1,1.5,", "fractional count"),
        ("a,0,1,-1,", "negative count"),
        ("a,0,0,1,", "covers less than one day"),
        ("a,0.5,1,1,", "not a whole number"),
        ("a,1e300,1,1,", "number too large"),
        ("a,0,1,10000001,", "number too large"),
        ("a,0,1,99999999999999999999,", "number too large"),
        ("a,80,6,1,", "outside the subject's days of observation"),
        ("a,-29,2,1,", "outside the subject's days of observation"),
    ],
)
def test_a_bad_seizure_record_is_refused_alone(tmp_path: Path, line: str, reason: str) -> None:
    found = counted(tmp_path, line, "b,0,1,2,")
    assert refused(found, "seizures") == [(1, reason)]
    assert found.study.seizures["count"].to_list() == [2]


def test_an_exact_duplicate_is_kept_once(tmp_path: Path) -> None:
    found = rated(tmp_path, "a,0,baseline,25", "b,0,baseline,24", "a,0,baseline,25", "a,0,baseline,25")
    reason = "exact duplicate of a row that was kept"
    assert refused(found, "ratings") == [(3, reason), (4, reason)]
    assert found.study.ratings["score"].to_list() == [25, 24]


def test_conflicting_rows_are_all_refused(tmp_path: Path) -> None:
    found = rated(tmp_path, "a,0,baseline,25", "a,0,baseline,26", "b,0,baseline,24")
    reason = "conflicts with another row for the same key"
    assert refused(found, "ratings") == [(1, reason), (2, reason)]
    assert found.refused["detail"].to_list() == [
        f"day 0.0, visit baseline, scale HAMD17, score {score}" for score in (25.0, 26.0)
    ]


def test_one_visit_on_two_days_is_a_conflict(tmp_path: Path) -> None:
    found = rated(tmp_path, "a,13,week 2,25", "a,15,week 2,25", "b,14,week 2,9")
    assert [row for row, _ in refused(found, "ratings")] == [1, 2]


def test_an_unscheduled_rating_may_share_a_visits_day(tmp_path: Path) -> None:
    found = rated(tmp_path, "a,14,week 2,25", "a,14,,26", "b,14,,9", "b,14,,8")
    assert [row for row, _ in refused(found, "ratings")] == [3, 4]


def test_a_row_out_of_range_makes_no_conflict_of_its_sound_twin(tmp_path: Path) -> None:
    found = rated(tmp_path, "a,0,baseline,25", "a,0,baseline,99")
    assert refused(found, "ratings") == [(2, "score outside 0 to 52 of HAMD17")]


def test_overlapping_seizure_spans_are_all_refused(tmp_path: Path) -> None:
    found = counted(tmp_path, "a,0,14,3,", "a,13,1,1,", "a,14,14,2,", "b,0,14,1,", "b,1,2,0,", "b,5,1,0,")
    reason = "overlaps another record of the subject"
    assert refused(found, "seizures") == [(row, reason) for row in (1, 2, 4, 5, 6)]


def test_seizure_types_share_a_span_and_fall_together(tmp_path: Path) -> None:
    found = counted(tmp_path, "a,0,14,3,focal", "a,0,14,1,tonic", "b,0,14,3,focal", "b,0,14,1,tonic", "b,10,1,1,focal")
    assert [row for row, _ in refused(found, "seizures")] == [3, 4, 5]


def test_a_dose_of_an_unknown_treatment_is_refused(tmp_path: Path) -> None:
    toml = """
[records.treatments]
file = "treatments.csv"
columns.subject_id = "id"
columns.treatment_no = "no"
columns.drug = "drug"
columns.kind = { constant = "drug" }
columns.start_day = { constant = 0 }
[records.doses]
file = "doses.csv"
columns.subject_id = "id"
columns.treatment_no = "no"
columns.drug = "drug"
columns.from_day = "day"
columns.daily_dose = "dose"
"""
    found = inspect(
        with_people(
            tmp_path,
            toml,
            treatments="id,no,drug\na,1,x\n",
            doses="id,no,drug,day,dose\na,1,x,0,5\na,2,x,9,5\nb,1,x,0,5\na,1,x,7,-5\n",
        )
    )
    unknown = "dose of a treatment that is not in the treatment table"
    assert refused(found, "doses") == [(2, unknown), (3, unknown), (4, "negative dose")]


def test_a_setting_outside_its_treatment_is_refused(tmp_path: Path) -> None:
    toml = """
[records.treatments]
file = "treatments.csv"
columns.subject_id = "id"
columns.treatment_no = "no"
columns.drug = "drug"
columns.kind = { constant = "stimulation" }
columns.start_day = { constant = 10 }
columns.stop_day = "stop"
[records.settings]
file = "settings.csv"
columns.subject_id = "id"
columns.treatment_no = "no"
columns.drug = "drug"
columns.from_day = "day"
columns.setting = { constant = "current" }
columns.value = "mA"
columns.unit = { constant = "mA" }
"""
    lines = ["a,1,VNS,10,0.25", "a,1,VNS,20,1.5", "a,1,VNS,9,1", "a,1,VNS,21,1", "a,1,DBS,12,1", "a,2,VNS,12,1"]
    lines += ["b,1,VNS,900,2", "b,1,VNS,20,inf", "b,1,VNS,13,1", "b,1,VNS,13,2", "b,1,VNS,14,"]
    found = inspect(
        with_people(
            tmp_path,
            toml,
            treatments="id,no,drug,stop\na,1,VNS,20\nb,1,VNS,\n",
            settings="\n".join(["id,no,drug,day,mA", *lines, ""]),
        )
    )
    outside, unknown = "outside the days of the treatment", "setting of a treatment that is not in the treatment table"
    conflict = "conflicts with another row for the same key"
    assert refused(found, "settings") == [
        (3, outside),
        (4, outside),
        (5, unknown),
        (6, unknown),
        (7, "after the subject's last day of observation"),
        (8, "not a number"),
        (9, conflict),
        (10, conflict),
    ]
    assert found.study.settings.filter(subject_id="b")["value"].to_list() == [None]


def test_a_treatment_that_ends_before_it_starts_is_refused(tmp_path: Path) -> None:
    toml = """
[records.treatments]
file = "treatments.csv"
columns.subject_id = "id"
columns.treatment_no = "no"
columns.drug = { constant = "x" }
columns.kind = "kind"
columns.start_day = "start"
columns.stop_day = "stop"
columns.stop_reason = "why"
columns.adherence = "adherence"
"""
    lines = [
        "id,no,kind,start,stop,why,adherence",
        "a,1,drug,5,4,other,",
        "a,0,drug,5,6,other,",
        "a,2,drug,5,6,bored,",
        "a,3,pill,5,6,other,",
        "a,4,drug,5,6,other,1.2",
        "a,5,drug,5,6,other,0.9",
    ]
    found = inspect(with_people(tmp_path, toml, treatments="\n".join(lines)))
    assert [row for row, _ in refused(found, "treatments")] == [1, 2, 3, 4, 5]
    reasons = [reason for _, reason in refused(found, "treatments")]
    assert reasons[:2] == ["stop_day before start_day", "treatment_no below 1"]
    assert reasons[2].startswith("not one of 'inefficacy'")
    assert reasons[3].startswith("not one of 'drug', 'placebo'")
    assert reasons[4] == "adherence outside 0 to 1"


@pytest.mark.parametrize(
    ("item", "score", "reason"),
    [
        (18, 0, "no such item in HAMD17"),
        (4, 3, "item score outside its range in HAMD17"),
        (1, -1, "item score outside its range in HAMD17"),
    ],
)
def test_an_item_off_the_form_is_refused(tmp_path: Path, item: int, score: float, reason: str) -> None:
    toml = RATINGS.replace("ratings", "items") + 'columns.item = "item"\n'
    lines = f"id,day,visit,item,score\na,0,baseline,1,4\na,0,baseline,{item},{score}\n"
    found = inspect(with_people(tmp_path, toml, items=lines))
    assert refused(found, "items") == [(2, reason)]


def test_an_unknown_scale_is_refused(tmp_path: Path) -> None:
    toml = RATINGS.replace('{ constant = "HAMD17" }', '"scale"')
    lines = "id,day,visit,score,scale\na,0,baseline,20,HAMD17\na,0,baseline,20,HAMD\na,0,baseline,61,MADRS\n"
    found = inspect(with_people(tmp_path, toml, ratings=lines))
    assert refused(found, "ratings") == [(2, "unknown scale"), (3, "score outside 0 to 60 of MADRS")]
