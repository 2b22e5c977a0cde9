"""What a step "time" says: who is left out, on which clock, and of which events its numbers are."""

import polars as pl
import pytest

from analyses.plan.command import main

HEAD = """
[study]
name = "small"
index = "randomization"
arms = ["control", "active"]
visits = ["baseline", "week 3"]
[records.subjects]
file = "subjects.csv"
columns.subject_id = "id"
columns.arm = "arm"
columns.last_day = "last"
covariates.site = "site"
[records.ratings]
file = "ratings.csv"
columns.subject_id = "id"
columns.day = "day"
columns.visit = "visit"
columns.scale = { constant = "HAMD17" }
columns.score = "score"
[records.treatments]
file = "treatments.csv"
columns.subject_id = "id"
columns.treatment_no = { constant = 1 }
columns.drug = { constant = "placebo" }
columns.kind = { constant = "placebo" }
columns.start_day = { constant = 0 }
columns.stop_day = "stop"
columns.stop_reason = "why"
[[analysis.step]]
what = "time"
"""
LAST_DAY = {1: 20, 2: 21, 3: 22, 4: 20, 5: 22, 6: 21}
SCORES = {1: 5, 2: 15, 3: 15, 4: 5, 5: 15}  # the sixth has none after baseline


@pytest.fixture
def page(tmp_path):
    subjects = "".join(f"{n},{'active' if n > 3 else 'control'},{'A' if n % 2 else 'B'},40\n" for n in range(1, 7))
    ratings = "".join(f"{n},0,baseline,20\n" for n in LAST_DAY)
    ratings += "".join(f"{n},{LAST_DAY[n]},week 3,{score}\n" for n, score in SCORES.items())
    stops = "".join(f"{n},{10 if n in (2, 5) else ''},{'intolerance' if n in (2, 5) else ''}\n" for n in LAST_DAY)
    (tmp_path / "subjects.csv").write_text("id,arm,site,last\n" + subjects)
    (tmp_path / "ratings.csv").write_text("id,day,visit,score\n" + ratings)
    (tmp_path / "treatments.csv").write_text("id,stop,why\n" + stops)

    def run(step):
        (tmp_path / "study.toml").write_text(HEAD + step)
        code = main(["run", str(tmp_path / "study.toml"), "--out", str(tmp_path / "out")])
        return (tmp_path / "out" / "report.html").read_text() if code == 0 else code

    return run


def test_who_is_left_out_is_said_for_each_kind_of_time(page):
    assert "Left out: 1 subject without a rating after baseline, or whose time" in page('to = "HAMD17_REMISSION"')


def test_the_clock_of_relapse_starts_when_remission_is_established(page):
    once = 'to = { name = "HAMD17_RELAPSE", remission = { visits = 1, days = 0 } }'
    written = page(once)
    assert "Days from the day on which the first remission was established" in written
    assert "Left out: 4 subjects who were never seen in remission" in written
    assert "Ratings at week 3 fall on days" not in written  # these are days since randomization
    assert "Ratings at week 3 fall on days 20 to 22" in page('to = "HAMD17_REMISSION"')


def test_a_curve_of_whatever_comes_first_is_not_called_that_of_the_outcome(page, tmp_path):
    step = 'to = "HAMD17_REMISSION"\ncompete = ["intolerance"]\ntimes = [15]\nuntil = 20\ncox = ["arm"]'
    assert "Without any of: intolerance, remission" in page(step)
    found = pl.read_parquet(tmp_path / "out" / "results.parquet")
    both = "any of: intolerance, remission"
    assert found.filter(statistic="survival")["criterion"].unique().to_list() == [both]
    assert found.filter(statistic="log-rank chi-square")["criterion"].unique().to_list() == [both]
    assert found.filter(statistic="cumulative incidence")["criterion"].unique().to_list() == [
        "HAMD17 remission (<= 7), by cause"
    ]


def test_a_stratum_that_is_not_there_is_the_plans_fault(page, capsys):
    assert page('to = "HAMD17_REMISSION"\nstrata = ["sites"]') == 1
    assert "the covariates in `strata`: 'sites' is not among" in capsys.readouterr().err


def test_tests_bear_the_names_of_their_authors(page):
    written = page('to = "HAMD17_REMISSION"\ntests = ["gehan-breslow", "modified peto-peto"]')
    assert "Gehan-Breslow test" in written
    assert "Modified Peto-Peto test" in written


def test_what_a_model_assumes_is_not_missed_where_there_is_no_model(page):
    written = page('to = { name = "HAMD17_REMISSION", threshold = 1 }\ncox = ["arm"]')
    assert "Cox model: arm: not estimable" in written
    assert "Proportional hazards in the Cox model" not in written


def test_totals_over_several_days_are_told_how_to_be_analysed(tmp_path, capsys):
    (tmp_path / "subjects.csv").write_text("id,arm,last\n1,control,30\n2,active,30\n")
    (tmp_path / "seizures.csv").write_text("id,day,days,count\n1,0,7,0\n1,7,7,2\n2,0,7,1\n")
    head = HEAD[: HEAD.index("[records.ratings]")].replace('covariates.site = "site"\n', "")
    names = ("day", "days", "count")
    seizures = '[records.seizures]\nfile = "seizures.csv"\ncolumns.subject_id = "id"\n'
    seizures += "".join(f'columns.{name} = "{name}"\n' for name in names)
    step = '[[analysis.step]]\nwhat = "time"\nto = "TIME_TO_FIRST_SEIZURE"\n'
    (tmp_path / "study.toml").write_text(head.replace('visits = ["baseline", "week 3"]\n', "") + seizures + step)
    assert main(["run", str(tmp_path / "study.toml"), "--out", str(tmp_path / "out")]) == 1
    assert "2 of 2 times to seizures are known only to lie between two days" in capsys.readouterr().err
