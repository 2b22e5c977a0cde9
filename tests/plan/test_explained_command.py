"""`refractory explain`: what a subject's verdicts rest on, from a study file."""

import subprocess
import sys
from pathlib import Path

import pytest

from analyses.plan.command import main
from cohort.criteria import PUBLISHED

PROGABIDE = str(Path(__file__).parents[2] / "examples/progabide/study.toml")
RATED = """[study]
name = "x"
visits = ["baseline", "week 6"]
[records.subjects]
file = "s.csv"
repeated = true
columns.subject_id = "id"
[records.ratings]
file = "s.csv"
columns.subject_id = "id"
columns.day = "day"
columns.visit = { column = "day", codes = { 0 = "baseline", 42 = "week 6" } }
columns.scale = { constant = "HAMD17" }
columns.score = "score"
"""


@pytest.fixture
def rated(tmp_path):
    (tmp_path / "s.csv").write_text("id,day,score\n1,0,24\n1,42,9\n2,0,20\n2,42,5\n3,0,20\n4,0,20\n")
    (tmp_path / "study.toml").write_text(RATED)
    return str(tmp_path / "study.toml")


def test_everything_that_the_study_can_answer_with_defaults_that_are_said(rated, capsys):
    assert main(["explain", rated, "1"]) == 0
    text = capsys.readouterr().out
    assert "HAMD17_REMISSION (asked at week 6, since it names no endpoint of its own)\nSubject 1, " in text
    assert "Nearest change: 2 points less (HAMD17 <= 7), and the verdict would turn." in text
    paragraphs = text.strip().split("\n\n")
    explained, last = paragraphs[:-1], paragraphs[-1]
    assert last.startswith(f"{len(explained)} of {len(PUBLISHED)} published definitions explained.")
    assert f"cannot answer {len(PUBLISHED) - len(explained)}:" in last
    assert not any(f"Subject {other}" in text for other in "234")


def test_named_criteria_alone_and_as_of_a_day(rated, capsys):
    assert (
        main(["explain", rated, "1", "-c", "HAMD17_RESPONSE", "--criterion", "HAMD17_REMISSION", "--as-of", "20"]) == 0
    )
    text = capsys.readouterr().out
    assert [line.split()[0] for line in text.splitlines() if line.startswith("HAMD17_")] == [
        "HAMD17_RESPONSE",
        "HAMD17_REMISSION",
    ]
    assert text.count("as of day 20") == 2
    assert "published definitions explained" not in text


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (["9"], "no subject is called '9' in x; its 4 subjects are named like '1', '2', '3'\n"),
        (["1", "-c", "HAMD"], "no criterion is called 'HAMD'; known are "),
        (["1", "-c", "ILAE_2010_FREEDOM"], "ILAE_2010_FREEDOM: sustained freedom is judged for each treatment"),
    ],
)
def test_what_cannot_be_explained_exits_1(rated, asked, message, capsys):
    assert main(["explain", rated, *asked]) == 1
    said = capsys.readouterr()
    assert message in said.err
    assert said.out == ""


def test_a_wrong_call_exits_2(capsys):
    assert main(["explain", PROGABIDE]) == 2
    assert main(["explain", PROGABIDE, "101", "--as-of", "soon"]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_a_published_study(capsys):
    assert main(["explain", PROGABIDE, "101", "-c", "SEIZURE_RESPONSE_50"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("SEIZURE_RESPONSE_50\nSubject 101, ")
    assert "Nearest change" in text


def test_help_loads_nothing_heavy():
    code = (
        "import sys; from analyses.plan.command import main\n"
        "try:\n    main(['explain', '--help'])\nexcept SystemExit:\n    pass\n"
        "assert not {'polars', 'cohort.outcomes'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0
