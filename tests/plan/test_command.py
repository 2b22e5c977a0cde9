"""The command line: exit codes, messages, what it loads."""

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from analyses.plan.command import main

ROOT = Path(__file__).parents[2]
PROGABIDE = ROOT / "examples/progabide/study.toml"
SHARES = "[[analysis.step]]\nwhat = 'shares'\nundetermined = ['excluded']\n"


def test_run_prints_where_the_report_lies(tmp_path, capsys):
    assert main(["run", str(PROGABIDE), "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr()
    assert said.out.strip() == f"report: {tmp_path / 'out' / 'report.html'}"
    assert said.err == ""


@pytest.mark.parametrize(
    "call",
    [
        ["run"],
        ["run", "study.toml"],
        ["run", "a.toml", "--out", "b", "--nonsense"],
        ["nonsense"],
        ["simulate", "hamd"],
        ["simulate", "hamd", "--out", "x", "--subjects", "many"],
    ],
)
def test_a_wrong_call_exits_2(call, capsys):
    assert main(call) == 2
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "study: this key is needed"),
        (
            "[study]\nname = 'x'\nnmae = 'y'\n[records.subjects]\nfile='s.csv'\ncolumns.subject_id='id'",
            "study.nmae: this key is not read",
        ),
        ("[study", "not valid TOML"),
        (
            "[study]\nname = 'x'\n[records.subjects]\nfile='s.csv'\ncolumns.subject_id='id'",
            "s.csv: the file is not there",
        ),
    ],
)
def test_a_refused_study_exits_1_with_a_message_and_no_traceback(text, said, tmp_path, capsys):
    (tmp_path / "study.toml").write_text(text)
    assert main(["run", str(tmp_path / "study.toml"), "--out", str(tmp_path / "out")]) == 1
    message = capsys.readouterr().err
    assert said in message
    assert "Traceback" not in message
    assert not (tmp_path / "out").exists()


def study_with(tmp_path, analysis):
    (tmp_path / "s.csv").write_text("id,arm,age\n1,a,30\n2,b,40\n3,a,50\n")
    (tmp_path / "study.toml").write_text(
        "[study]\nname = 'x'\narms = ['a', 'b']\n[records.subjects]\nfile = 's.csv'\ncolumns.subject_id = 'id'\n"
        f"columns.arm = 'arm'\ncovariates.age = 'age'\n{analysis}"
    )
    return str(tmp_path / "study.toml")


@pytest.mark.parametrize(
    ("analysis", "said"),
    [
        ("", "study.toml has no [analysis]"),
        ("[analysis]\nstep = []", "step"),
        ("[[analysis.step]]\nwhat = 'magic'", "magic"),
        (
            "[[analysis.step]]\nwhat = 'baseline'\ncovariates = ['weight']",
            "the study has no covariate 'weight'; it has 'age'",
        ),
        ("[[analysis.step]]\nwhat = 'baseline'\nscale = 'HAMD'", "HAMD"),
        ("[[analysis.step]]\nwhat = 'visits'\nscale = 'HAMD17'", "no rating on HAMD17"),
        (
            SHARES + "criteria = ['HAMD17_REMISSION']",
            "name an endpoint",
        ),
        (
            SHARES + "criteria = ['NOBODY_2099']",
            "no criterion is called 'NOBODY_2099'",
        ),
        ("[[analysis.step]]\nwhat = 'shares'\ncriteria = ['RETENTION']", "undetermined"),
        (
            SHARES + "criteria = [{ name = 'HAMD17_REMISSION', at = ['w'], treshold = 3 }]",
            "HAMD17_REMISSION has no field 'treshold'",
        ),
        (
            SHARES + "criteria = [{ name = 'HAMD17_REMISSION', at = ['w'], threshold = 'x' }]",
            "HAMD17_REMISSION",
        ),
        (SHARES + "criteria = [{ name = 'TRD_FDA', result = 'STARD_FAILURE' }]", "result is a rule of its own"),
        (SHARES + "criteria = [{ name = 'TRD_FDA', failures = '3' }]", "TRD_FDA: failures is a number, not '3'"),
        (
            SHARES + "criteria = [{ name = 'PSEUDO_RESISTANCE', findings = ['TSH'] }]",
            "each of findings is of the class",
        ),
        (SHARES + "criteria = [{ name = 'THASE_RUSH', tricyclic = 'TCA' }]", "tricyclic is a list in brackets"),
        (SHARES + "criteria = [{ name = 'MAUDSLEY', psychotic = 3 }]", "psychotic is a text"),
        (SHARES + "criteria = [{ name = 'MAUDSLEY', ect = [] }]", "the study has none"),
        ("[[analysis.step]]\nwhat = 'time'\nto = 'RETENTION'", "the study has no treatments"),
        ("[[analysis.step]]\nwhat = 'time'\nto = 'RETENTION'\ntimes = [-3]", "cannot be negative"),
        ("[[analysis.step]]\nwhat = 'time'\nto = { name = 'HAMD17_REMISSION', at_each = ['a', 'b'] }", "one criterion"),
        (
            "[[analysis.step]]\nwhat = 'seizure rates'\nbaseline_days = [-1, -56]\ntreatment_days = [0, 55]",
            "baseline_days",
        ),
        ("[analysis]\nconfidence = 95\n[[analysis.step]]\nwhat = 'baseline'", "confidence"),
    ],
)
def test_a_faulty_plan_exits_1_and_says_where(analysis, said, tmp_path, capsys):
    assert main(["run", study_with(tmp_path, analysis), "--out", str(tmp_path / "out")]) == 1
    message = capsys.readouterr().err
    assert said in message
    assert "analysis" in message
    assert "Traceback" not in message


def test_a_baseline_of_covariates_alone_runs(tmp_path):
    assert (
        main(["run", study_with(tmp_path, "[[analysis.step]]\nwhat = 'baseline'"), "--out", str(tmp_path / "out")]) == 0
    )


def test_inspect_counts_on_the_screen_and_lists_only_into_a_file(tmp_path, capsys):
    study = study_with(tmp_path, "")
    (tmp_path / "s.csv").write_text("id,arm,age\n" + "".join(f"subject{n},a,30\n" for n in range(20)) + "secret,c,9\n")
    assert main(["inspect", study, "--refused", str(tmp_path / "refused.csv")]) == 0
    said = capsys.readouterr()
    assert "unknown arm" in said.out
    assert "secret" not in said.out + said.err
    assert pl.read_csv(tmp_path / "refused.csv")["subject_id"].to_list() == ["secret"]


def test_inspect_exits_1_where_run_would_refuse(tmp_path, capsys):
    study = study_with(tmp_path, "")
    (tmp_path / "s.csv").write_text("id,arm,age\n1,c,30\n2,c,40\n")
    assert main(["inspect", study]) == 1
    assert "would refuse this study" in capsys.readouterr().out


@pytest.mark.parametrize("preset", ["hamd", "epilepsy_clinic"])
def test_a_simulated_study_is_run_as_it_is(preset, tmp_path, capsys):
    for folder in ("one", "two"):
        assert main(["simulate", preset, "--subjects", "60", "--seed", "5", "--out", str(tmp_path / folder)]) == 0
    assert {path.name: path.read_bytes() for path in (tmp_path / "one").iterdir()} == {
        path.name: path.read_bytes() for path in (tmp_path / "two").iterdir()
    }
    assert main(["run", str(tmp_path / "one" / "study.toml"), "--out", str(tmp_path / "out")]) == 0
    assert (tmp_path / "one" / "truth.csv").exists()
    capsys.readouterr()
    assert main(["simulate", preset, "--out", str(tmp_path / "one")]) == 1
    assert "is not empty" in capsys.readouterr().err


def test_simulate_names_its_presets(tmp_path, capsys):
    assert main(["simulate", "malaria", "--out", str(tmp_path / "x")]) == 1
    assert "there are 'hamd', 'epilepsy_clinic'" in capsys.readouterr().err


def test_help_loads_nothing_heavy():
    code = "import sys; from analyses.plan.command import main; main(['--help']); print(*sys.modules, file=sys.stderr)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stderr.split()
    heavy = {
        "polars",
        "numpy",
        "pandas",
        "scipy",
        "pydantic",
        "lifelines",
        "plotnine",
        "matplotlib",
        "great_tables",
        "pyarrow",
    }
    assert not heavy & set(loaded)


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.strip().count(".") == 2
