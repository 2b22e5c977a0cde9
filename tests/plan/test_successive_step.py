"""The step "successive": counts by hand, what the data do not allow, what a plan may not ask."""

import polars as pl
import pytest

import analyses
import synthetic_data
from analyses.plan.command import main
from analyses.plan.perform import perform
from analyses.plan.plan_file import load_plan

IDENTITY = ["analysis", "population", "criterion", "term", "group", "reference", "at", "statistic"]
STUDY = """
[study]
name = "steps"
visits = ["baseline", "exit 1", "exit 2"]
[records.subjects]
file = "subjects.csv"
columns.subject_id = "id"
columns.last_day = { constant = 200 }
covariates.site = "site"
[records.ratings]
file = "ratings.csv"
columns.subject_id = "id"
columns.day = "day"
columns.visit = "visit"
columns.scale = { constant = "HAMD17" }
columns.score = "score"
"""
TREATED = """
[records.treatments]
file = "treatments.csv"
columns.subject_id = "id"
columns.treatment_no = "no"
columns.drug = "drug"
columns.kind = { constant = "drug" }
columns.start_day = "start"
columns.stop_day = "stop"
columns.stop_reason = "why"
"""
STEP = """
[[analysis.step]]
what = "successive"
undetermined = "excluded"
criterion = { name = "HAMD17_REMISSION", at_each = ["exit 1", "exit 2"] }
"""
# Each subject's score at the two exits (None: not rated), and why each treatment that was tried was stopped.
SUBJECTS = {
    "remits on the first": ((5, None), ("remission",)),
    "remits on the second": ((20, 7), ("inefficacy", None)),
    "fails both": ((20, 15), ("inefficacy", "inefficacy")),
    "cannot take the first": ((18, 4), ("intolerance", None)),
    "leaves unrated": ((None, None), ("lost to follow-up",)),
    "rated low later, without a second treatment": ((20, 3), ("inefficacy",)),
    "goes on although it remitted": ((6, 6), ("inefficacy", None)),
}


@pytest.fixture
def study(tmp_path):
    def written(*parts, subjects=SUBJECTS, also=()):
        rated, treated = ["id,day,visit,score"], ["id,no,drug,start,stop,why", *also]
        for name, (scores, stops) in subjects.items():
            who = name.replace(",", "")
            rated.append(f"{who},0,baseline,22")
            rated += [
                f"{who},{60 * exit_},exit {exit_},{score}" for exit_, score in enumerate(scores, 1) if score is not None
            ]
            for number, why in enumerate(stops, 1):
                ended = f"{60 * number},{why}" if why else ","
                treated.append(f"{who},{number},drug {number},{60 * (number - 1) + 1},{ended}")
        ids = [f"{name.replace(',', '')},{'ab'[n % 2]}" for n, name in enumerate(subjects)]
        for file, lines in (("subjects", ["id,site", *ids]), ("ratings", rated), ("treatments", treated)):
            (tmp_path / f"{file}.csv").write_text("\n".join(lines) + "\n")
        (tmp_path / "study.toml").write_text("\n".join(parts))
        return str(tmp_path / "study.toml")

    return written


def results(tmp_path):
    return pl.read_parquet(tmp_path / "out/results.parquet")


def counts(found, statistic):
    rows = found.filter(statistic=statistic).filter(pl.col("group").is_in(["1", "2"])).sort("group")
    return rows["estimate"].to_list()


def test_visits_speak_of_the_treatments_that_were_tried(study, tmp_path):
    """Seven tried the first: two remitted, one stopped for intolerance, one was not rated, three failed.

    Three went on without remission, and one with it, whose second treatment is no further step.
    """
    assert main(["run", study(STUDY, TREATED, STEP), "--out", str(tmp_path / "out")]) == 0
    found = results(tmp_path).filter(analysis="What each further treatment is worth")
    assert counts(found, "tried") == [7, 3]
    assert counts(found, "met") == [2, 2]
    assert counts(found, "not met") == [3, 1]
    assert counts(found, "stopped for intolerance") == [1, 0]
    assert counts(found, "undetermined") == [1, 0]
    assert counts(found, "never went on") == [2, None]
    share = found.filter(statistic="share", term="of those who tried", group="1").row(0, named=True)
    assert (share["events"], share["n"]) == (2, 6)
    named = "HAMD17 remission (<= 7), one visit a treatment"
    assert set(found["criterion"]) == {named, f"success, {named}"}
    page = (tmp_path / "out/report.html").read_text()
    assert "The trend of stopping for intolerance: not estimable; the likelihood has no maximum" in page
    assert "1 of 11 treatments came after one that met the criterion and are left out" in page
    assert "The visits, treatment by treatment, are" in page


def test_every_number_has_one_place(study, tmp_path):
    assert main(["run", study(STUDY, TREATED, STEP), "--out", str(tmp_path / "out")]) == 0
    assert results(tmp_path).select(IDENTITY).is_duplicated().sum() == 0
    outcomes = pl.read_parquet(tmp_path / "out/outcomes.parquet")
    assert outcomes.group_by("criterion").len().sort("criterion")["len"].to_list() == [7, 7]


@pytest.mark.parametrize(
    ("subjects", "said"),
    [
        ({"only": ((20, None), ("inefficacy",))}, "The trend of success: not estimable; 0 of 1 courses"),
        ({"one": ((5, None), (None,)), "two": ((20, None), (None,))}, "Selection or dependence: not estimable"),
        ({"a": ((5, None), ("remission",)), "b": ((6, None), (None,))}, "by the model &#x27;beta frailty&#x27;: not"),
        ({"unrated": ((None, None), ("intolerance",))}, "The trend of success: not estimable"),
    ],
)
def test_what_the_data_do_not_allow_is_a_note_and_no_lost_report(subjects, said, study, tmp_path):
    path = study(STUDY, TREATED, STEP, subjects=subjects)
    assert main(["run", path, "--out", str(tmp_path / "out")]) == 0
    assert said.replace("&#x27;", "'") in (tmp_path / "out/report.html").read_text().replace("&#x27;", "'")
    assert counts(results(tmp_path), "tried") == [len(subjects)]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({'undetermined = "excluded"\n': ""}, "undetermined"),
        ({'"excluded"': '["excluded"]'}, "undetermined"),
        ({'at_each = ["exit 1", "exit 2"]': 'endpoint = "ever"'}, "judges subjects, and successive treatments need"),
        ({'at_each = ["exit 1", "exit 2"]': "threshold = 7"}, "name an endpoint"),
        ({'{ name = "HAMD17_REMISSION", at_each = ["exit 1", "exit 2"] }': '"ANTIDEPRESSANT_FAILURE"'}, "that fail"),
        ({"exit 2": "exit 9"}, "exit 9"),
        ({"what =": "covariates = ['weight']\nwhat ="}, "the study has no covariate 'weight'; it has 'site'"),
        ({"what =": "models = ['alpha']\nwhat ="}, "models"),
        ({"what =": "models = ['constant', 'constant']\nwhat ="}, "names a model once"),
        ({"what =": "below = 1.0\nwhat ="}, "below"),
        ({"what =": "horizon = 0\nwhat ="}, "horizon"),
        ({"what =": "leavers = [-1]\nwhat ="}, "ratios of chances from 0 on"),
        ({"what =": "times = [inf]\nwhat ="}, "cannot be negative or without end"),
    ],
)
def test_a_step_that_makes_no_sense_is_refused_in_a_sentence(change, said, study, tmp_path, capsys):
    step = STEP
    for old, new in change.items():
        assert old in step
        step = step.replace(old, new)
    assert main(["run", study(STUDY, TREATED, step), "--out", str(tmp_path / "out")]) == 1
    message = capsys.readouterr().err
    assert said in message
    assert "Traceback" not in message


def test_a_study_without_treatments_has_no_succession(study, tmp_path, capsys):
    assert main(["run", study(STUDY, STEP), "--out", str(tmp_path / "out")]) == 1
    assert "the study has no treatments" in capsys.readouterr().err


def test_treatment_numbers_with_a_gap_are_refused_with_how_many(study, tmp_path, capsys):
    step = STEP.replace(
        '"HAMD17_REMISSION", at_each = ["exit 1", "exit 2"]', '"RETENTION", treatment_no = 2, day = 100'
    )
    assert main(["run", study(STUDY, TREATED, step), "--out", str(tmp_path / "out")]) == 1
    assert "treatment numbers that are not 1, 2 .. without a gap" in capsys.readouterr().err


def test_covariates_of_the_trend_and_several_models_of_the_forecast(study, tmp_path):
    several = {f"{name} {copy}": told for copy in range(6) for name, told in SUBJECTS.items()}
    keys = "covariates = ['site']\nmodels = ['constant', 'dependence']\nhorizon = 3\nbelow = 0.2\nwhat ="
    path = study(STUDY, TREATED, STEP.replace("what =", keys), subjects=several)
    assert main(["run", path, "--out", str(tmp_path / "out")]) == 0
    found = results(tmp_path)
    assert found.filter(statistic="odds ratio", term="site")["reference"].unique().to_list() == ["a"]
    ahead = found.filter(pl.col("statistic") == "chance", pl.col("group").is_not_null())
    assert ahead.group_by("term").len().sort("term").rows() == [("constant", 3), ("dependence", 3)]
    assert found.filter(statistic="plateau")["at"].to_list() == [0.2, 0.2]


def test_times_of_a_simulated_clinic_agree_with_its_shares():
    """Freedom competes with every known reason for stopping, so that its incidence is no larger than is seen."""
    clinic = synthetic_data.simulate(synthetic_data.PRESETS["epilepsy_clinic"], subjects=100, seed=3)
    step = {"what": "successive", "criterion": "ILAE_2010_FREEDOM", "undetermined": "not met", "times": [730]}
    (done,) = perform(clinic, load_plan({"step": [step]}))
    found = pl.concat([part.estimates.frame for part in done.section.parts])
    assert found.select(IDENTITY).is_duplicated().sum() == 0
    share = found.filter(statistic="share", term="of those who tried", group="1")["estimate"].item()
    reached = found.filter(statistic="cumulative incidence", group="1", at=730.0)["estimate"].item()
    assert reached == pytest.approx(share, abs=0.05)
    assert found.filter(statistic="subdistribution hazard ratio", term="treatment_no")["estimate"].item() < 1
    assert found["criterion"].drop_nulls().str.contains("freedom").all()


def test_a_section_of_published_counts_holds_the_numbers_of_the_verbs():
    counted = analyses.published_steps("STAR*D 2006")
    made = analyses.successive_section(counted, undetermined="excluded", title="STAR*D")
    frames = pl.concat([part.estimates.frame for part in made.parts])
    assert frames.select(IDENTITY).is_duplicated().sum() == 0
    alone = analyses.cumulative_success(counted, undetermined="excluded").frame.filter(term="observed", group="4")
    assert frames.filter(statistic="cumulative share", term="observed", group="4")["estimate"].equals(alone["estimate"])
    assert frames.filter(statistic="stopped for intolerance").is_empty()
    assert "do not tell who was undetermined and stopped for intolerance" in " ".join(made.parts[0].estimates.notes)


def test_a_section_of_one_treatment_says_what_it_cannot_tell():
    one = pl.DataFrame({"treatment_no": [1], "tried": [10], "met": [4]})
    made = analyses.successive_section(one, undetermined="excluded", title="One")
    assert [part.title for part in made.parts][-1].startswith("All treatments together")
    assert len([note for note in made.parts[0].estimates.notes if "not estimable" in note]) == 3
