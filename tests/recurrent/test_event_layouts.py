"""Who is at risk of which event: worked by hand for each model."""

import polars as pl
import pytest

from analyses.estimates.recurrent.event_layouts import lay_out
from cohort.errors import EstimationError
from tests.recurrent.histories_drawn import as_events

TOTAL, GAP = "Prentice-Williams-Peterson total time", "Prentice-Williams-Peterson gap time"
MARGINAL = "Wei-Lin-Weissfeld"
# Events on days 2 and 5, left day 9; an event on day 4, which ends observation; nothing until day 7.
THREE = [[(0, 2, 1), (2, 5, 1), (5, 9, 0)], [(0, 4, 1)], [(0, 7, 0)]]
COLUMNS = ("subject_id", "event_no", "entry", "left", "right")


def rows(events, model, **options):
    laid = lay_out(events, model, fixed=[], **options)
    return laid.rows.select(COLUMNS).sort("subject_id", "event_no", "entry").rows(), laid


@pytest.mark.parametrize("model", ["Andersen-Gill", TOTAL])
def test_total_time_is_as_it_comes(model):
    found, laid = rows(as_events(THREE), model)
    assert found == [
        ("s000", 1, 0, 2, 2),
        ("s000", 2, 2, 5, 5),
        ("s000", 3, 5, 9, None),
        ("s001", 1, 0, 4, 4),
        ("s002", 1, 0, 7, None),
    ]
    assert laid.numbers == (1, 2, 3)


def test_gap_time_starts_anew_with_each_event():
    found, _ = rows(as_events(THREE), GAP)
    assert found[:3] == [("s000", 1, 0, 2, 2), ("s000", 2, 0, 3, 3), ("s000", 3, 0, 4, None)]


def test_gap_time_of_a_stretch_that_was_split_or_seen_late():
    split = as_events([[(0, 3, 1), (3, 5, 0), (5, 8, 1)], [(2, 6, 1), (7, 9, 0)]]).drop("event_no")
    found, _ = rows(split, GAP)
    assert found == [
        ("s000", 1, 0, 3, 3),
        ("s000", 2, 0, 2, None),
        ("s000", 2, 2, 5, 5),
        ("s001", 1, 2, 6, 6),
        ("s001", 2, 1, 3, None),
    ]


def test_marginal_rows_go_from_the_start_to_each_event_or_to_the_end():
    found, laid = rows(as_events(THREE), MARGINAL)
    assert found == [
        ("s000", 1, 0, 2, 2),
        ("s000", 2, 0, 5, 5),
        ("s001", 1, 0, 4, 4),
        ("s001", 2, 0, 4, None),
        ("s002", 1, 0, 7, None),
        ("s002", 2, 0, 7, None),
    ]
    assert laid.numbers == (1, 2)
    assert rows(as_events(THREE), MARGINAL, max_events=1)[0] == [found[0], found[2], found[4]]
    assert rows(as_events(THREE), MARGINAL, last=1)[0] == [found[0], found[2], found[4]]


def test_followed_to_the_first_event_alone():
    found, laid = rows(as_events(THREE), "Andersen-Gill", max_events=1)
    assert [row[0] for row in found] == ["s000", "s001", "s002"]
    assert laid.notes == ("2 of 5 rows follow a subject's event 1 and were left out (max_events)",)


def test_late_events_share_a_stratum_where_asked():
    found, laid = rows(as_events(THREE), TOTAL, last=2)
    assert [row[1] for row in found] == [1, 2, 2, 1, 1]
    assert [laid.name(number) for number in laid.numbers] == ["event 1", "event 2 or later"]
    assert laid.notes[0] == "event numbers from 2 on are taken together as one stratum"


def test_few_at_risk_are_told():
    _, laid = rows(as_events(THREE), TOTAL)
    assert laid.notes == ("from event 1 on fewer than 10 subjects are at risk (3 of event 1)",)


@pytest.mark.parametrize(
    ("histories", "change", "model", "options", "words"),
    [
        (
            THREE,
            {"event_no": pl.Series([1, 3, 4, 1, 1])},
            TOTAL,
            {},
            "1 of 5 rows have an event_no that does not follow",
        ),
        (THREE, {"event_no": pl.Series([1, 2, 3, 0, 1])}, TOTAL, {}, "1 of 5 rows have an event_no"),
        (THREE, {"event_no": pl.Series([1, 2, 3, None, 1])}, TOTAL, {}, "1 of 5 rows have an event_no"),
        (THREE, {"event_no": pl.Series([1, 2, 3, 2, 1])}, MARGINAL, {}, "1 subjects are not observed from their first"),
        ([[(0, 2, 1), (4, 5, 1)]], {}, MARGINAL, {}, "1 subjects are not observed from their first"),
        ([[(0, 2, 1), (1, 5, 1)]], {}, "Andersen-Gill", {}, "begin before the subject's row before them"),
        (THREE, {}, TOTAL, {"last": 0}, "last=0 was given"),
        (THREE, {}, TOTAL, {"max_events": 1.5}, "max_events=1.5 was given"),
    ],
)
def test_refused(histories, change, model, options, words):
    with pytest.raises(EstimationError, match=words):
        lay_out(as_events(histories).with_columns(**change), model, fixed=[], **options)


def test_a_covariate_that_changes_has_no_marginal_model():
    events = as_events(THREE).with_columns(dose=pl.Series([1, 2, 1, 1, 1]))
    with pytest.raises(EstimationError, match="'dose' changes from row to row in 1 subjects"):
        lay_out(events, MARGINAL, fixed=["dose", "subject_id"])
