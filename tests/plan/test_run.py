"""`refractory run`: the same bytes twice, whatever the order of the rows; a finished folder or the previous one."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

import cohort
from analyses.plan.folder import finished_folder
from analyses.plan.run import run
from cohort.schemas import ESTIMATES, OUTCOMES

ROOT = Path(__file__).parents[2]
PROGABIDE = ROOT / "examples/progabide"
FILES = {"report.html", "results.parquet", "results.json", "outcomes.parquet", "refused.csv", "manifest.json"}
IDENTITY = ["analysis", "population", "criterion", "term", "group", "reference", "at", "statistic"]


def copy_of_progabide(folder, shuffle=None):
    folder.mkdir()
    header, *rows = (PROGABIDE / "progabide.csv").read_text().splitlines()
    if shuffle is not None:
        random.Random(shuffle).shuffle(rows)
    (folder / "progabide.csv").write_text("\n".join([header, *rows]) + "\n")
    (folder / "study.toml").write_text((PROGABIDE / "study.toml").read_text())
    return folder / "study.toml"


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    return run(PROGABIDE / "study.toml", folder / "out").folder


def test_folder_holds_what_it_promises(finished):
    assert {path.name for path in finished.iterdir()} == FILES


def test_results_are_estimates_and_json_says_the_same(finished):
    results = pl.read_parquet(finished / "results.parquet")
    assert results.schema == ESTIMATES.schema
    content = json.loads((finished / "results.json").read_text())
    assert content["study"] == "progabide"
    assert content["estimates"] == results.to_dicts()


def test_every_number_has_one_place(finished):
    results = pl.read_parquet(finished / "results.parquet")
    assert results.select(IDENTITY).is_duplicated().sum() == 0
    assert (results["analysis"] != "").all()


def test_outcomes_hold_every_subject_once_a_criterion(finished):
    outcomes = pl.read_parquet(finished / "outcomes.parquet")
    assert outcomes.schema == OUTCOMES.schema
    assert outcomes.group_by("criterion").len()["len"].to_list() == [59, 59, 59]


def test_manifest_names_inputs_versions_settings_and_counts(finished):
    manifest = json.loads((finished / "manifest.json").read_text())
    assert set(manifest["inputs"]) == {"study.toml", "progabide.csv"}
    assert all(len(digest) == 64 for digest in manifest["inputs"].values())
    assert all(line["rows_read"] == line["rows_kept"] + line["rows_refused"] for line in manifest["counts"])
    assert manifest["settings"]["analysis"]["step"][0]["what"] == "baseline"
    assert {"refractory", "python", "polars"} <= set(manifest["versions"])


def test_twice_the_same_bytes_and_the_order_of_rows_changes_nothing(finished, tmp_path):
    again = run(copy_of_progabide(tmp_path / "again"), tmp_path / "out").folder
    shuffled = run(copy_of_progabide(tmp_path / "shuffled", shuffle=3), tmp_path / "out_shuffled").folder
    for name in ("results.json", "report.html", "results.parquet", "outcomes.parquet"):
        assert (again / name).read_bytes() == (finished / name).read_bytes(), name
        assert (shuffled / name).read_bytes() == (finished / name).read_bytes(), name


def test_bytes_do_not_depend_on_the_process(finished, tmp_path):
    code = f"from analyses.plan.run import run; run({str(PROGABIDE / 'study.toml')!r}, {str(tmp_path / 'out')!r})"
    environment = {**os.environ, "PYTHONHASHSEED": "7", "POLARS_MAX_THREADS": "1"}
    subprocess.run([sys.executable, "-W", "error", "-c", code], env=environment, check=True)
    for name in ("results.json", "report.html"):
        assert (tmp_path / "out" / name).read_bytes() == (finished / name).read_bytes(), name


def test_report_asks_for_nothing_outside_itself(finished):
    page = (finished / "report.html").read_text()
    assert "http://" not in page.replace("http://www.w3.org/", "")
    assert "https://" not in page
    assert "<script" not in page


def test_a_refused_study_leaves_the_previous_folder_whole(tmp_path):
    study = copy_of_progabide(tmp_path / "study")
    out = run(study, tmp_path / "out").folder
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    study.write_text(study.read_text().replace('"progabide"]', '"verum"]'))
    with pytest.raises(cohort.RecordError, match="unknown arm"):
        run(study, out)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("seed", range(3))
def test_killed_at_any_moment_the_previous_folder_is_whole(seed, tmp_path):
    study = copy_of_progabide(tmp_path / "study")
    out = run(study, tmp_path / "out").folder
    whole = {path.name: path.read_bytes() for path in out.iterdir()}
    command = [
        sys.executable,
        "-c",
        f"from analyses.plan.run import run\nwhile True: run({str(study)!r}, {str(out)!r})",
    ]
    process = subprocess.Popen(command)
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob(".out.*")) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert list(tmp_path.glob(".out.*")), "no run has begun"
    time.sleep(random.Random(seed).uniform(0, 2))
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert {path.name: path.read_bytes() for path in out.iterdir()} == whole
    run(study, out)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_files_of_others_are_not_touched(tmp_path):
    out = run(PROGABIDE / "study.toml", tmp_path / "out").folder
    (out / "my_notes.txt").write_text("mine")
    with pytest.raises(cohort.RecordError, match=r"1 files that this command did not write: 'my_notes.txt'"):
        run(PROGABIDE / "study.toml", out)
    assert (out / "my_notes.txt").read_text() == "mine"


def test_a_file_or_a_foreign_folder_is_not_replaced(tmp_path):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "data.csv").write_text("mine")
    for name, said in (("file", "is not a folder"), ("folder", "did not write: 'data.csv'")):
        with pytest.raises(cohort.RecordError, match=said):
            run(PROGABIDE / "study.toml", tmp_path / name)
    assert (tmp_path / "folder" / "data.csv").read_text() == "mine"


def test_an_empty_folder_is_taken(tmp_path):
    (tmp_path / "out").mkdir()
    assert {path.name for path in run(PROGABIDE / "study.toml", tmp_path / "out").folder.iterdir()} == FILES


def test_a_folder_moved_away_by_a_process_that_died_is_put_back(tmp_path):
    previous = tmp_path / ".out.999999999.previous"
    previous.mkdir()
    (previous / "manifest.json").write_text('{"files": {}}')
    with pytest.raises(ZeroDivisionError), finished_folder(tmp_path / "out"):
        _ = 1 / 0
    assert (tmp_path / "out" / "manifest.json").exists()


def test_progress_holds_counts_and_no_subject(tmp_path):
    lines = []
    run(PROGABIDE / "study.toml", tmp_path / "out", say=lines.append)
    assert any("59 subjects; 354 rows read, 0 refused" in line for line in lines)
    assert not any("207" in line for line in lines)
