"""Rows read are rows kept and rows refused, whatever is in the file and in whatever order."""

import csv
import io
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cohort.errors import CohortWarning
from cohort.records.inspect import Inspection, inspect, read
from tests.records.folders import (
    ANY_SHARE,
    HEAD,
    PEOPLE,
    RATINGS,
    SEIZURES,
    frames_of,
    rated,
    with_people,
    write_folder,
)
from tests.records.full_study import FILES, FULL

JUNK = st.sampled_from(
    ["", "NA", "x", "-1", "1e99", "nan", "inf", "0.5", "2021-02-30", '"', "a,b", "a\nb", " ", "é", "99", "week 9", "b"]
)
RATING = st.tuples(
    st.sampled_from("ab"),
    st.integers(-28, 84).map(str),
    st.sampled_from(["", "baseline", "week 2"]),
    st.integers(0, 52).map(str),
)
SEIZURE = st.tuples(
    st.sampled_from("ab"),
    st.integers(-28, 80).map(str),
    st.integers(1, 4).map(str),
    st.integers(0, 9).map(str),
    st.sampled_from(["", "focal"]),
)


@st.composite
def dirty(draw: st.DrawFn, row: st.SearchStrategy[Any]) -> list[list[str]]:
    """Rows with junk in random cells, copies, and lines that are too long or too short."""
    rows = [list(one) for one in draw(st.lists(row, min_size=1, max_size=12))]
    for _ in range(draw(st.integers(0, 5))):
        chosen = rows[draw(st.integers(0, len(rows) - 1))]
        chosen[draw(st.integers(0, len(chosen) - 1))] = draw(JUNK)
    rows += [list(draw(st.sampled_from(rows))) for _ in range(draw(st.integers(0, 3)))]
    for _ in range(draw(st.integers(0, 2))):
        chosen = rows[draw(st.integers(0, len(rows) - 1))]
        chosen.append("more") if draw(st.booleans()) or len(chosen) == 1 else chosen.pop()
    return draw(st.permutations(rows))


def as_csv(header: list[str], rows: Any) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue()


def people(junk: list[tuple[str, str]]) -> str:
    return as_csv(["id", "arm"], [["a", "control"], ["b", "active"], *junk])


def places(rows: Any) -> dict[int, str | None]:
    """Return each row's first cell by where the row begins: a quoted line break moves what follows."""
    begins, found = 1, {}
    for row in rows:
        found[begins] = row[0].strip() if row[0].strip() not in ("", "NA") else None
        begins += as_csv(row, []).count("\n")
    return found


@settings(max_examples=100, deadline=None)
@given(
    ratings=dirty(RATING),
    seizures=dirty(SEIZURE),
    strangers=st.lists(st.tuples(JUNK, JUNK), max_size=2),
    more=st.sampled_from(["", "repeated = true\n", "events = true\n"]),
)
def test_rows_read_are_rows_kept_and_rows_refused(
    tmp_path_factory: pytest.TempPathFactory,
    ratings: list[list[str]],
    seizures: list[list[str]],
    strangers: list[tuple[str, str]],
    more: str,
) -> None:
    files = {
        "people": people(strangers),
        "ratings": as_csv(["id", "day", "visit", "score"], ratings),
        "seizures": as_csv(["id", "day", "days", "count", "type"], seizures),
    }
    found = inspect(with_people(tmp_path_factory.mktemp("dirty"), RATINGS + SEIZURES + more, **files))
    written: dict[str, Sequence[Sequence[str]]] = {
        "subjects": [["a"], ["b"], *strangers],
        "ratings": ratings,
        "seizures": seizures,
    }
    for table, _, read_rows, kept, refused, records in found.counts.iter_rows():
        assert read_rows == len(written[table]) == kept + refused
        assert records == found.study.table(table).height
        assert records <= kept if more and table == "seizures" else records == kept
        listed = found.refused.filter(table=table)
        assert listed.height == refused
        assert listed["row"].is_unique().all()
        if table != "subjects":
            where = places(written[table])
            assert all(where[row] == who for row, who in listed.select("row", "subject_id").iter_rows())
    totals = found.counts.select("rows_read", "rows_kept", "rows_refused").sum().row(0)
    assert totals[0] == totals[1] + totals[2]
    assert totals[2] == found.refused.height


@settings(max_examples=50, deadline=None)
@given(ratings=dirty(RATING), seizures=dirty(SEIZURE), order=st.randoms(use_true_random=False), events=st.booleans())
def test_the_order_of_rows_never_matters(
    tmp_path_factory: pytest.TempPathFactory,
    ratings: list[list[str]],
    seizures: list[list[str]],
    order: random.Random,
    events: bool,
) -> None:
    def found(ratings: list[list[str]], seizures: list[list[str]]) -> Inspection:
        files = {
            "ratings": as_csv(["id", "day", "visit", "score"], ratings),
            "seizures": as_csv(["id", "day", "days", "count", "type"], seizures),
        }
        toml = RATINGS + SEIZURES + ("events = true\n" if events else "")
        return inspect(with_people(tmp_path_factory.mktemp("order"), toml, **files))

    first, second = (
        found(ratings, seizures),
        found(order.sample(ratings, len(ratings)), order.sample(seizures, len(seizures))),
    )
    assert frames_of(first.study) == frames_of(second.study)
    assert first.counts.equals(second.counts)
    assert first.reasons().equals(second.reasons())
    assert first.cautions == second.cautions


def test_shuffled_sources_give_the_same_study_in_every_table(tmp_path: Path) -> None:
    first = read(write_folder(tmp_path / "first", FULL, FILES))
    for seed in range(5):
        order = random.Random(seed)
        shuffled = {}
        for name, content in FILES.items():
            header, *lines = content.splitlines()
            shuffled[name] = "\n".join([header, *order.sample(lines, len(lines))])
        assert frames_of(read(write_folder(tmp_path / str(seed), FULL, shuffled))) == frames_of(first)


def test_the_counts_of_several_tables_add_up(tmp_path: Path) -> None:
    found = rated(tmp_path, "a,0,baseline,20", "a,0,baseline,20", "a,14,week 2,", "b,0,baseline,99", "z,0,,1")
    assert found.counts.rows() == [("subjects", "people.csv", 2, 2, 0, 2), ("ratings", "ratings.csv", 5, 2, 3, 2)]
    assert found.reasons().rows() == [
        ("ratings", "exact duplicate of a row that was kept", 1),
        ("ratings", "score outside 0 to 52 of HAMD17", 1),
        ("ratings", "subject is not in the subject table", 1),
    ]
    assert found.counts.schema["rows_read"] == pl.Int64
    assert "score outside 0 to 52" in found._repr_html_()


CAUTIOUS = "id,day,visit,score\nann,1,baseline,20\nann,0.5,week 2,18\nbob,0,baseline,20\nbob,14,week 2,\n"


def cautious(folder: Path) -> Path:
    people = "id,arm\nann,control\nbob,active\ncat,active\n"
    return write_folder(folder, HEAD + ANY_SHARE + PEOPLE + RATINGS, {"people.csv": people, "ratings.csv": CAUTIOUS})


def test_oddities_are_told_and_refuse_nothing(tmp_path: Path) -> None:
    with pytest.warns(CohortWarning) as caught:
        study = read(cautious(tmp_path))
    told = tuple(str(one.message) for one in caught)
    assert study.inspection is not None
    assert told == study.inspection.cautions
    assert told == (
        "1 of 2 subjects rated on HAMD17 have no baseline (no rating on or before day 0)",
        "1 subjects have visits out of order: a later visit on an earlier day ('week 2')",
        "1 of 3 subjects have no rating at all",
    )
    assert study.inspection.refused.is_empty()
    assert caught[0].filename == __file__, "the warning points at the reader's own line"


def test_cautions_name_no_subject(tmp_path: Path) -> None:
    told = " ".join(inspect(cautious(tmp_path)).cautions)
    assert not any(name in told for name in ("ann", "bob", "cat"))


def test_a_stop_without_a_day_is_told(tmp_path: Path) -> None:
    undated = FILES["treatments.csv"].replace("2021-03-01,1,", ",1,")
    assert inspect(write_folder(tmp_path, FULL, {**FILES, "treatments.csv": undated})).cautions == (
        "1 of 3 treatments have a reason for stopping and no day: they go on",
    )
