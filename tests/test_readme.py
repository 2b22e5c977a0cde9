"""The README does what it says: its files, commands and sessions are taken from the page and run."""

import os
import re
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = BLOCK.findall((ROOT / "README.md").read_text())


def blocks(language):
    return [text for found, _, text in BLOCKS if found == language]


def shell(command, folder):
    scripts = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}", "PYTHONWARNINGS": "error"}
    return subprocess.run(command, shell=True, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def first_study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("first")
    for _, name, text in BLOCKS:
        if name:
            (folder / name).write_text(text)
    commands = [line for block in blocks("sh") for line in block.splitlines() if line.startswith("refractory ")]
    return folder, {line: shell(line, folder) for line in commands}


def test_commands_of_the_first_study_succeed(first_study):
    _, done = first_study
    assert len(done) == 6
    failed = {line: result.stderr for line, result in done.items() if result.returncode or result.stderr}
    assert not failed


def test_first_study_leaves_the_files_that_the_page_lists(first_study):
    folder, _ = first_study
    listed = {"report.html", "results.parquet", "results.json", "outcomes.parquet", "refused.csv", "manifest.json"}
    assert {path.name for path in (folder / "report").iterdir()} == listed
    assert all(f"`{name}`" in (ROOT / "README.md").read_text() for name in listed)


def test_first_study_refuses_the_impossible_score(first_study):
    folder, done = first_study
    refused = pl.read_csv(folder / "report" / "refused.csv")
    assert refused.select("row", "subject_id").rows() == [(22, 8)]
    assert "71" in refused["detail"][0]
    assert "score outside 0 to 52 of HAMD17" in done["refractory inspect study.toml"].stdout


def test_first_study_counts_by_hand(first_study):
    """At week 6: usual care 14 of 22, none, 12 of 25, 20 of 21; new drug 7 of 23, 6 of 20, 12 of 24, 10 of 18."""
    folder, _ = first_study
    shares = pl.read_parquet(folder / "report" / "results.parquet").filter(
        statistic="share", term="observed cases", analysis="Response and remission at week 6"
    )
    counted = {(c, g): (e, n) for c, g, e, n in shares.select("criterion", "group", "events", "n").iter_rows()}
    assert counted == {
        ("HAMD17 response (>= 50%) at week 6", "usual care"): (1, 3),
        ("HAMD17 response (>= 50%) at week 6", "new drug"): (3, 4),
        ("HAMD17 remission (<= 7) at week 6", "usual care"): (0, 3),
        ("HAMD17 remission (<= 7) at week 6", "new drug"): (2, 4),
    }


@pytest.mark.parametrize("number", range(len(blocks("python"))))
def test_sessions_run(number, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(compile(blocks("python")[number], f"README session {number + 1}", "exec"), names)
    if number == 0:
        assert (tmp_path / "hamd.html").stat().st_size > 10_000
        assert names["shares"].frame["n"].sum() >= 200
    elif number == 1:
        found, truth = names["by_treatment"].value("share", group="1"), names["truth"]
        label = names["ILAE_2010_FREEDOM"].label
        every = truth.filter(statistic="share", criterion=label, group="1")
        true = every.filter(pl.col("term").is_null())["estimate"].item()
        assert abs(found - true) < 4.5 * (true * (1 - true) / 150) ** 0.5
        assert names["known_then"].height <= names["free"].height
    assert capsys.readouterr().out


def test_make_targets_exist():
    makefile = (ROOT / "Makefile").read_text()
    for line in (line for block in blocks("sh") for line in block.splitlines() if line.startswith("make ")):
        assert re.search(rf"^{line.split()[1]}:", makefile, re.MULTILINE)
