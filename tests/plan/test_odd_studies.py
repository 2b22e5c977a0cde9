"""Studies on which a step finds little or nothing: a result or a plain refusal, never a lost report or a guess."""

import subprocess
import sys
import warnings

import polars as pl
import pytest

from analyses.plan.command import main

HEAD = """
[study]
name = "odd"
arms = ["control", "active"]
visits = ["baseline", "week 3"]
[records.subjects]
file = "subjects.csv"
columns.subject_id = "id"
columns.arm = "arm"
columns.last_day = "last"
"""
TREATED = """
[records.treatments]
file = "subjects.csv"
columns.subject_id = "id"
columns.treatment_no = { constant = 1 }
columns.drug = { constant = "x" }
columns.kind = { constant = "drug" }
columns.start_day = { constant = 0 }
columns.stop_day = "stop"
"""
RATED = """
[records.ratings]
file = "ratings.csv"
columns.subject_id = "id"
columns.day = "day"
columns.visit = "visit"
columns.scale = { constant = "HAMD17" }
columns.score = "score"
"""
SHARES = "what = 'shares'\nundetermined = ['excluded']\n"
STAYING = "[[analysis.step]]\nwhat = 'time'\nto = 'RETENTION'\ntimes = [10]\ncox = ['arm']\n"


@pytest.fixture
def study(tmp_path):
    (tmp_path / "subjects.csv").write_text(
        "id,arm,last,stop\n1,control,30,\n2,control,40,\n3,active,50,\n4,active,60,\n"
    )
    (tmp_path / "ratings.csv").write_text(
        "id,day,visit,score\n" + "".join(f"{n},0,baseline,20\n{n},21,week 3,{5 * n}\n" for n in range(1, 5))
    )

    def written(*parts):
        (tmp_path / "study.toml").write_text("\n".join([HEAD, *parts]))
        return str(tmp_path / "study.toml")

    return written


def results(tmp_path):
    return pl.read_parquet(tmp_path / "out" / "results.parquet")


def test_without_an_event_the_curve_is_drawn_and_the_tests_say_why_they_are_not(study, tmp_path):
    assert main(["run", study(TREATED, STAYING), "--out", str(tmp_path / "out")]) == 0
    page = (tmp_path / "out" / "report.html").read_text()
    assert "Log-rank test: not estimable; 0 events" in page
    assert "Cox model: arm: not estimable" in page
    assert results(tmp_path).filter(statistic="survival", term="time point")["estimate"].to_list() == [1.0, 1.0]


def test_default_words_of_a_retention_curve_say_what_it_shows(study, tmp_path):
    assert main(["run", study(TREATED, STAYING), "--out", str(tmp_path / "out")]) == 0
    page = (tmp_path / "out" / "report.html").read_text()
    assert ">Time to withdrawal of treatment 1</h2>" in page
    assert "Without withdrawal of treatment 1" in page


def test_a_covariate_that_is_not_there_is_the_plans_fault(study, tmp_path, capsys):
    plan = STAYING.replace("'arm'", "'arm + weight'")
    assert main(["run", study(TREATED, plan), "--out", str(tmp_path / "out")]) == 1
    assert "weight" in capsys.readouterr().err


def test_the_definitions_are_those_of_the_outcomes(study, tmp_path):
    step = "[[analysis.step]]\nwhat = 'time'\nto = 'HAMD17_REMISSION'\n"
    assert main(["run", study(RATED, step), "--out", str(tmp_path / "out")]) == 0
    page = (tmp_path / "out" / "report.html").read_text()
    for label in pl.read_parquet(tmp_path / "out" / "outcomes.parquet")["criterion"].unique():
        assert label.replace("<", "&lt;") in page


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("what = 'seizure rates'\nbaseline_days = [-56, -1]\ntreatment_days = [0, 9]", "the study has none"),
        ("what = 'baseline'\nbaseline_days = [-56, -1]", "the study has none"),
        ("what = 'seizure rates'\nbaseline_days = [-28, 5]\ntreatment_days = [0, 27]", "must end before"),
        ("what = 'time'\nto = { name = 'HAMD17_REMISSION', at = ['week 3'] }", "takes no endpoint"),
        ("what = 'time'\nto = 'SEIZURE_RESPONSE_50'", "there is no time to a SeizureResponse"),
        ("what = 'time'\nto = 'ILAE_2010_FREEDOM'", "needs seizure records, and the study has none"),
        ("what = 'time'\nto = 'HAMD17_REMISSION'\ntiming = 'interval'\nuntil = 42", "takes no `compete`, `fine_gray`"),
        ("what = 'time'\nto = 'HAMD17_REMISSION'\ntiming = 'interval'\ntests = ['log-rank']", "does not read `tests`"),
        ("what = 'time'\nto = 'HAMD17_REMISSION'\ncompete = ['boredom']", "is a list of reasons for stopping"),
        ("what = 'time'\nto = 'HAMD17_REMISSION'\nby = 'treatment_no'", "needs a time that is told of treatments"),
        ("what = 'time'\nto = 'HAMD17_REMISSION'\nuntil = 0", "greater than 0"),
        ("what = 'time'\nto = 'RETENTION'\ntimes = [inf]", "cannot be negative or without end"),
        ("what = 'shares'\nundetermined = 'excluded'\ncriteria = ['RETENTION']", "write a list in brackets"),
        (SHARES + "criteria = ['RETENTION']", "name a day, for example day = 365"),
        (
            SHARES + "criteria = [{ name = 'SEIZURE_RESPONSE_50', treatment = 5 }]",
            "wrong type",
        ),
        (
            SHARES + "criteria = [{ name = 'SEIZURE_RESPONSE_50', source = 5 }]",
            "SEIZURE_RESPONSE_50",
        ),
    ],
)
def test_a_step_that_makes_no_sense_is_refused_with_its_number(step, said, study, tmp_path, capsys):
    assert main(["run", study(RATED, TREATED, f"[[analysis.step]]\n{step}"), "--out", str(tmp_path / "out")]) == 1
    message = capsys.readouterr().err
    assert said in message
    assert "1" in message
    assert "Traceback" not in message


def test_days_that_nobody_observed_are_missing_and_not_zero(study, tmp_path):
    (tmp_path / "diary.csv").write_text("id,day,count\n" + "".join(f"1,{day},1\n2,{day},0\n" for day in range(-5, 20)))
    columns = "columns.subject_id = 'id'\ncolumns.day = 'day'\ncolumns.count = 'count'\n"
    diary = f"[records.seizures]\nfile = 'diary.csv'\n{columns}"
    step = "[[analysis.step]]\nwhat = 'seizure rates'\nbaseline_days = [-5, -1]\ntreatment_days = [0, 9]\n"
    assert main(["run", study(diary, step), "--out", str(tmp_path / "out")]) == 0
    seizures = results(tmp_path).filter(criterion="seizures under treatment", group="active")
    assert seizures.filter(statistic="n")["estimate"].to_list() == [0]
    assert seizures.filter(statistic="missing")["estimate"].to_list() == [2]


def test_a_visit_that_is_its_own_baseline_is_told(study, tmp_path):
    (tmp_path / "ratings.csv").write_text("id,day,visit,score\n1,-5,baseline,20\n1,-2,week 3,9\n2,0,baseline,20\n")
    step = "[[analysis.step]]\nwhat = 'baseline'\nscale = 'HAMD17'\n"
    assert main(["run", study(RATED, step), "--out", str(tmp_path / "out")]) == 0
    page = (tmp_path / "out" / "report.html").read_text()
    assert "1 subjects were rated at more than one visit on or before day 0" in page


def test_inspect_overwrites_nothing(study, tmp_path, capsys):
    path = study(RATED)
    before = (tmp_path / "ratings.csv").read_text()
    assert main(["inspect", path, "--refused", str(tmp_path / "ratings.csv")]) == 1
    assert "exists; name a new file" in capsys.readouterr().err
    assert (tmp_path / "ratings.csv").read_text() == before


def test_letters_that_the_figures_font_lacks_do_no_harm(study, tmp_path):
    (tmp_path / "subjects.csv").write_text("id,arm,last,stop\n1,対照,30,\n2,対照,40,20\n3,新薬,50,10\n4,新薬,60,\n")
    path = study(TREATED, STAYING)
    text = (tmp_path / "study.toml").read_text().replace('["control", "active"]', '["対照", "新薬"]')
    (tmp_path / "study.toml").write_text(text)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert main(["run", path, "--out", str(tmp_path / "out")]) == 0
    assert "新薬" in (tmp_path / "out" / "report.html").read_text()


def test_a_terminal_that_knows_ascii_alone_is_no_obstacle(study, tmp_path):
    others = "".join(f"{n},active,30,\n" for n in range(20, 40))
    (tmp_path / "subjects.csv").write_text(f"id,arm,last,stop\n1,contrôle,30,\n{others}")
    done = subprocess.run(
        [sys.executable, "-m", "analyses.plan.command", "inspect", study()],
        env={"PYTHONIOENCODING": "ascii", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "unknown arm" in done.stdout
