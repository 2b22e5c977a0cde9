"""Faults put into sound studies: each where the log says, each with the fate that the log predicts."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cohort.errors import RecordError
from cohort.records.formats import read_source
from cohort.records.inspect import Inspection, inspect
from cohort.records.study import Study
from cohort.schemas import RECORD_FRAMES, SUBJECTS
from synthetic_data.blemishes.draft import drafted
from synthetic_data.blemishes.judgement import moved_item, moved_rating, moved_treatment
from synthetic_data.blemishes.kinds import KINDS
from synthetic_data.blemishes.log import BLEMISHES
from synthetic_data.blemishes.manner import in_text, index_dates, manners
from synthetic_data.blemishes.messy import write_messy
from tests.records.folders import frames_of
from tests.synthetic_data.rich_study import rich_study

FORMS = ("csv", "parquet", "xpt", "mixed")
MOVED = ("day and month swapped", "weeks for days", "dose in grams", "stop without a day", "listed missing code")


def small(**tables: pl.DataFrame) -> Study:
    """Return four subjects, observed from day -28 to day 60, in two arms, with the tables given."""
    ids = ["a", "b", "c", "d"]
    people = pl.DataFrame({"subject_id": ids, "arm": ["x", "y"] * 2, "first_day": [-28] * 4, "last_day": [60] * 4})
    return Study(
        name="small", arms=("x", "y"), visits=("baseline", "week 2", "week 4"), subjects=people, **_tables(ids) | tables
    )


def _tables(ids: list[str]) -> dict[str, pl.DataFrame]:
    visits = (("baseline", 0.0, 20.0), ("week 2", 14.0, 12.0), ("week 4", 28.0, 6.0))
    lines = {
        "ratings": [(who, day, visit, "HAMD17", score) for who in ids for visit, day, score in visits],
        "items": [(who, 0.0, "baseline", "PHQ-9", item, 2.0) for who in ids for item in (1, 2)],
        "seizures": [(who, day, 14, 3, "focal") for who in ids for day in (-28, 0, 14)],
        "observed": [(who, -28, 27) for who in ids],
        "treatments": [
            (who, no, "lamotrigine", "drug", 200.0, 20 * no, 20 * no + 9, "inefficacy", 0.9)
            for who in ids
            for no in (1, 2)
        ],
        "doses": [(who, 1, "lamotrigine", day, 100.0, 1.0) for who in ids for day in (20, 25)],
    }
    return {name: pl.DataFrame(rows, schema=RECORD_FRAMES[name].schema, orient="row") for name, rows in lines.items()}


CONFLICT = "conflicts with another row for the same key"
COPY = "exact duplicate of a row that was kept"
UNKNOWN = "subject is not in the subject table"
OUTSIDE = "outside the subject's days of observation"
LATE = "after the subject's last day of observation"
UNLISTED = "code is not listed in study.toml"
ORPHAN = "dose of a treatment that is not in the treatment table"
UNDATED = "the subject has no index date"
ALL = ("ratings", "items", "seizures", "observed", "treatments", "doses")


def each(tables: tuple[str, ...], reason: str) -> dict[str, set[str]]:
    return {table: {reason} for table in tables}


# The kind -> what the loader may say of its rows, by table; tables that are not named lose no row.
SAID = {
    "unknown subject": {**each(ALL, UNKNOWN), "treatments": {UNDATED}},
    "subject twice": {"subjects": {CONFLICT}, **each(ALL, UNKNOWN)},
    "no baseline": {},
    "day and month swapped": {
        "treatments": {"not a date, or no such day", "stop_day before start_day", LATE},
        "doses": {ORPHAN},
    },
    "weeks for days": {"ratings": {OUTSIDE}, "items": {OUTSIDE}},
    "exact copy": each(("subjects", *ALL), COPY),
    "contradiction": {
        **each(("ratings", "items", "seizures", "treatments"), CONFLICT),
        "doses": {CONFLICT, ORPHAN},
    },
    "stop before start": {
        "treatments": {"stop_day before start_day"},
        "observed": {"to_day before from_day"},
        "doses": {ORPHAN},
    },
    "after the end": {
        **each(("ratings", "items", "seizures", "observed"), OUTSIDE),
        "treatments": {LATE},
        "doses": {LATE, ORPHAN},
    },
    "stop without a day": {},
    "dose in grams": {},
    "listed missing code": {},
    "unlisted missing code": {
        "ratings": {"score outside 0 to 52 of HAMD17"},
        "items": {"item score outside its range in PHQ-9"},
        "seizures": {"not a number"},
        "treatments": {"not a number"},
        "doses": {"not a number", ORPHAN},
    },
    "score out of range": {
        "ratings": {"score outside 0 to 52 of HAMD17"},
        "items": {"item score outside its range in PHQ-9"},
    },
    "impossible count": {"seizures": {"negative count", "fractional count"}},
    "case and spaces": {},
    "misspelt word": {
        **each(("ratings", "items", "seizures", "treatments"), UNLISTED),
        "doses": {UNLISTED, ORPHAN},
    },
    "table in several files": {},
}  # fmt: skip


def places(frame: pl.DataFrame) -> set[tuple[str, str, int]]:
    return set(frame.drop_nulls("row").select("table", "file", "row").iter_rows())


def made(folder: Path, study: Study, **how: object) -> tuple[pl.DataFrame, Inspection]:
    log = write_messy(study, folder, **{"seed": 1, "form": "csv", **how})
    return log, inspect(folder / "study.toml")


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_loses_the_rows_and_for_the_reason_that_it_should(tmp_path: Path, kind: str) -> None:
    log, found = made(tmp_path / "m", small(), kinds=[kind], share=0.1)
    assert set(log["kind"]) == {kind}
    assert set(log["fate"]) <= {"refused", "repaired", "reported", "undetectable"}
    lost = log.filter((pl.col("fate") == "refused") | (pl.col("kind") == "exact copy"))
    assert places(found.refused) == places(lost)
    said = {table: set(found.refused.filter(table=table)["reason"]) for table in found.refused["table"].unique()}
    allowed = SAID[kind]
    assert all(reasons <= allowed.get(table, set()) for table, reasons in said.items()), said
    if kind not in ("day and month swapped", "weeks for days"):
        assert set(said) >= {table for table in allowed if table != "doses"}


def test_every_kind_is_told_and_can_happen(tmp_path: Path) -> None:
    assert set(SAID) == set(KINDS)
    assert all((make.__doc__ or "").strip() for make in KINDS.values())
    with pytest.raises(TypeError):
        KINDS["another"] = KINDS["exact copy"]  # type: ignore[index]
    log = write_messy(rich_study(60, 1), tmp_path / "m", seed=1)
    assert set(log["kind"]) == set(KINDS)
    assert dict(log.schema) == dict(BLEMISHES)
    kept = pl.read_csv(tmp_path / "m/blemishes.csv", schema=BLEMISHES)
    assert kept.equals(log)


def test_a_line_of_the_file_is_the_line_of_the_log(tmp_path: Path) -> None:
    log, _ = made(tmp_path / "m", small(), kinds=["score out of range"])
    line = log.filter(table="ratings").row(0, named=True)
    text = (tmp_path / "m/ratings.csv").read_text().splitlines()
    day = json.loads(line["record"])["day"]
    assert line["row"] == 1 + [each.split(",")[0:2] for each in text[1:]].index([line["subject_id"], str(int(day))])
    assert text[line["row"]].split(",")[4] == line["after"]
    assert line["before"] == {0: "20", 14: "12", 28: "6"}[int(day)]
    assert float(line["after"]) < 0 or float(line["after"]) > 52


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("arms", [True, False])
def test_what_the_log_says_stands_in_the_file(tmp_path: Path, form: str, arms: bool) -> None:
    study = rich_study(40, 3, arms=arms)
    log = write_messy(study, tmp_path / "m", seed=2, form=form, share=0.03)
    cells = {name: read_source(tmp_path / "m" / name) for name in log["file"].drop_nulls().unique()}
    checked = 0
    for line in log.drop_nulls(["row", "column"]).iter_rows(named=True):
        rows = cells[line["file"]]
        place = rows.number.to_list().index(line["row"])
        column = line["column"] if line["column"] in rows.cells.columns else line["column"].replace(" ", "_")
        assert (in_text(rows.cells[column])[place] or None) == line["after"], line
        who = in_text(rows.cells["subject_id"])[place].strip()
        assert who == line["subject_id"]
        checked += 1
    assert checked > 200
    assert (log["before"].ne_missing(log["after"]) | (log["fate"] == "refused") | log["column"].is_null()).all()


@pytest.mark.parametrize("form", FORMS)
def test_all_else_comes_back_as_it_was(tmp_path: Path, form: str) -> None:
    """Records that no line of the log names are the same; of those named, only what was changed may differ."""
    study = rich_study(40, 4)
    log, found = made(tmp_path / "m", study, form=form, seed=5, share=0.02)
    for table in RECORD_FRAMES:
        named = _keys(table, log.filter(table=table).drop_nulls("record"))
        moved = log.filter(pl.col("table") == table, pl.col("kind").is_in(MOVED[:2]))["subject_id"].to_list()
        clean, read = (_rest(frame.table(table), table, named, moved) for frame in (study, found.study))
        assert read.rows() == clean.rows(), table
        assert read.schema == clean.schema
        repaired = log.filter(pl.col("table") == table, pl.col("fate") == "repaired", pl.col("kind") != MOVED[4])
        copies = _keys(table, repaired.drop_nulls("record"))
        again = [_at(frame.table(table), table, copies) for frame in (study, found.study)]
        assert again[0].rows() == again[1].rows(), table


def _keys(table: str, lines: pl.DataFrame) -> pl.DataFrame:
    frame = RECORD_FRAMES[table]
    schema = {name: frame.schema[name] for name in frame.keys}
    return pl.DataFrame([json.loads(record) for record in lines["record"]], schema=schema).unique(maintain_order=True)


def _at(frame: pl.DataFrame, table: str, keys: pl.DataFrame) -> pl.DataFrame:
    return keys.join(frame, on=RECORD_FRAMES[table].keys, how="left", nulls_equal=True, maintain_order="left")


def _rest(frame: pl.DataFrame, table: str, named: pl.DataFrame, moved: list[str]) -> pl.DataFrame:
    rest = frame.join(named, on=RECORD_FRAMES[table].keys, how="anti", nulls_equal=True, maintain_order="left")
    return rest.filter(~pl.col("subject_id").is_in(moved))


@pytest.mark.parametrize("form", FORMS)
def test_without_any_kind_the_study_comes_back(tmp_path: Path, form: str) -> None:
    study = rich_study(12, 6)
    log, found = made(tmp_path / "m", study, form=form, kinds=[])
    assert log.is_empty()
    assert found.refused.is_empty()
    assert frames_of(found.study) == frames_of(study)
    assert found.max_refused_share == 0.1


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    size=st.integers(1, 30),
    seed=st.integers(0, 10**6),
    share=st.sampled_from([0.0, 0.01, 0.1, 1.0]),
    form=st.sampled_from(FORMS),
    arms=st.booleans(),
    whole_days=st.booleans(),
)
def test_a_right_loader_refuses_what_the_log_says_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory,
    size: int,
    seed: int,
    share: float,
    form: str,
    arms: bool,
    whole_days: bool,
) -> None:
    study = rich_study(size, seed, arms=arms, whole_days=whole_days)
    if seed % 3 == 0:
        emptied = {name: study.table(name).clear() for name in ("treatments", "doses", "settings")}
        study = Study(**{**_fields(study), **emptied})
    log, found = made(tmp_path_factory.mktemp("any") / "m", study, seed=seed, share=share, form=form)
    assert places(found.refused) == places(log.filter((pl.col("fate") == "refused") | (pl.col("kind") == "exact copy")))
    _no_collision(log)
    found.check()


def _fields(study: Study) -> dict[str, object]:
    tables = {name: study.table(name) for name in RECORD_FRAMES}
    return {"name": study.name, "arms": study.arms, "visits": study.visits, **tables}


def _no_collision(log: pl.DataFrame) -> None:
    by_row = log.drop_nulls("row").group_by("table", "file", "row").agg(pl.col("blemish_no").n_unique())
    assert (by_row["blemish_no"] == 1).all()
    whole = log.filter(pl.col("kind").is_in(["unknown subject", "subject twice", "no baseline"]))
    others = log.join(whole.select("blemish_no").unique(), on="blemish_no", how="anti")
    assert not set(whole["subject_id"]) & set(others["subject_id"].drop_nulls())
    assert (whole.group_by("subject_id").agg(pl.col("blemish_no").n_unique())["blemish_no"] == 1).all()


@pytest.mark.parametrize("form", ["xpt", "mixed"])
def test_the_same_seed_makes_the_same_bytes(tmp_path: Path, form: str) -> None:
    study = rich_study(15, 7)
    for name, seed in (("one", 3), ("two", 3), ("other", 4)):
        write_messy(study, tmp_path / name, seed=seed, form=form)
    one, two, other = (
        {path.name: path.read_bytes() for path in sorted((tmp_path / name).iterdir())}
        for name in ("one", "two", "other")
    )
    assert one == two
    assert one["blemishes.csv"] != other["blemishes.csv"]
    suffixes = {Path(name).suffix for name in one} - {".toml"}
    assert suffixes == {".csv", *({".parquet", ".xpt"} if form == "mixed" else {f".{form}"})}


def test_the_share_is_of_each_tables_rows_and_at_least_one(tmp_path: Path) -> None:
    study = rich_study(60, 8)
    for share in (0.001, 0.05):
        log = write_messy(study, tmp_path / str(share), seed=1, share=share, kinds=["impossible count", "exact copy"])
        counts = log.group_by("kind", "table").agg(pl.len())
        for kind, table, number in counts.iter_rows():
            assert number == max(1, round(share * study.table(table).height)), (kind, table)


def test_the_study_file_allows_as_many_refused_rows_as_there_are(tmp_path: Path) -> None:
    _, few = made(tmp_path / "few", rich_study(60, 9), kinds=["score out of range"])
    assert few.max_refused_share == 0.1
    _, many = made(tmp_path / "many", rich_study(6, 9), share=0.2)
    many.check()
    by_table = many.counts.group_by("table").agg(pl.col("rows_refused", "rows_read").sum())
    worst = (by_table["rows_refused"] / by_table["rows_read"]).max()
    assert worst <= many.max_refused_share <= worst + 0.01 + 1e-9


def _judged(table: str, row: int, column: str, day: float, **tables: pl.DataFrame) -> tuple[str, str]:
    study = small(**tables)
    rng = np.random.default_rng(1)
    draft = drafted(study, manners(study), index_dates(study, rng), rng, 0.01)
    return {"ratings": moved_rating, "items": moved_item, "treatments": moved_treatment}[table](draft, row, column, day)


@pytest.mark.parametrize(
    ("table", "row", "column", "day", "fate", "rule"),
    [
        ("ratings", 1, "day", 61, "refused", "outside the days of observation"),
        ("ratings", 1, "day", 60.9, "reported", "visits out of order"),
        ("ratings", 1, "day", -29, "refused", "outside the days of observation"),
        ("ratings", 1, "day", -1, "reported", "visits out of order"),
        ("ratings", 1, "day", 0, "reported", "several baselines"),
        ("ratings", 1, "day", 27, "undetectable", "a possible day within the days of observation"),
        ("ratings", 1, "day", 28, "undetectable", "a possible day within the days of observation"),
        ("ratings", 0, "day", 1, "reported", "no baseline"),
        ("ratings", 0, "day", -28, "undetectable", "a possible day within the days of observation"),
        ("items", 0, "day", 60.5, "undetectable", "a possible day within the days of observation"),
        ("items", 0, "day", 61, "refused", "outside the days of observation"),
        ("treatments", 0, "start_day", 30, "refused", "a span ends before it begins"),
        ("treatments", 0, "start_day", 29, "undetectable", "a possible day within the days of observation"),
        ("treatments", 0, "start_day", -900, "undetectable", "a possible day within the days of observation"),
        ("treatments", 0, "stop_day", 19, "refused", "a span ends before it begins"),
        ("treatments", 0, "stop_day", 60, "undetectable", "a possible day within the days of observation"),
        ("treatments", 0, "stop_day", 61, "refused", "after the subject's last day of observation"),
    ],
)  # fmt: skip
def test_what_a_moved_day_does_by_hand(table: str, row: int, column: str, day: float, fate: str, rule: str) -> None:
    """Subject a, observed -28 to 60: ratings on days 0, 14 and 28; treatment 1 from day 20 to 29."""
    assert _judged(table, row, column, day) == (fate, rule)


def test_a_swap_of_day_and_month_by_hand(tmp_path: Path) -> None:
    """Only dates with a day above 12 are impossible; the 4th of the 4th cannot be swapped at all."""
    log, _ = made(tmp_path / "m", small(), kinds=["day and month swapped"], share=1)
    for before, after, rule in log.filter(table="treatments").select("before", "after", "rule").iter_rows():
        year, month, day = before.split("-")
        assert after == f"{year}-{day}-{month}" != before
        assert (rule == "no such date") == (int(day) > 12)


def test_a_missing_value_is_lost_where_there_is_none(tmp_path: Path) -> None:
    log, found = made(tmp_path / "m", small(), kinds=["listed missing code"])
    line = log.filter(table="ratings").row(0, named=True)
    assert (line["column"], line["before"], line["fate"]) == ("score", None, "repaired")
    assert line["after"] in ("NA", ".", "-9", "999")
    assert found.study.ratings["score"].null_count() == 1


def test_a_code_for_missing_is_no_value_of_the_study(tmp_path: Path) -> None:
    """Where 999 or NA is a true value, it is not listed as missing."""
    doses = small().treatments.with_columns(daily_dose=pl.lit(999.0), drug=pl.lit("NA"))
    log, found = made(tmp_path / "m", small(treatments=doses), share=0.3, kinds=["listed missing code"])
    assert not {"999", "NA"} & set(log.filter(table="treatments")["after"])
    assert set(found.study.treatments["drug"]) == {"NA"}


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"kinds": ["typo", "exact copy"]}, "1 kinds of blemishes are not known: 'typo'; there are unknown subject"),
        ({"form": "sas"}, "form is 'sas'; expected one of 'csv', 'parquet', 'xpt', 'mixed'"),
        ({"share": 1.5}, r"share is 1\.5; expected 0 to 1"),
        ({"seed": -1}, "seed is -1; expected 0 or more"),
    ],
)
def test_what_cannot_be_asked_for(tmp_path: Path, how: dict[str, object], message: str) -> None:
    with pytest.raises(RecordError, match=message):
        made(tmp_path / "m", small(), **how)
    assert not (tmp_path / "m").exists()


def test_nothing_is_overwritten_and_nothing_is_trimmed(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("keep")
    with pytest.raises(RecordError, match="is not empty; name a new folder"):
        write_messy(small(), tmp_path, seed=1)
    nobody = Study(name="s", subjects=SUBJECTS.empty())
    with pytest.raises(RecordError, match="no subjects; there is nothing to write"):
        write_messy(nobody, tmp_path / "m", seed=1)
    spaced = small(treatments=small().treatments.with_columns(drug=pl.lit("x ")))
    with pytest.raises(RecordError, match=r"treatments\.drug: 8 texts are empty or have spaces around them"):
        write_messy(spaced, tmp_path / "m", seed=1)
