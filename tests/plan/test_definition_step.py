"""The step that compares definitions: its numbers, its figures, what it refuses."""

import tomllib

import polars as pl
import pytest

import analyses
from analyses.displays.figures import svg
from analyses.displays.layout import lay_out
from analyses.plan.command import main
from analyses.plan.plan_file import load_plan
from analyses.plan.run import run
from cohort.errors import EstimationError, RecordError

STUDY = """[study]
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
STEP = """
[[analysis.step]]
what = "definitions"
undetermined = "own level"
criteria = [
  { name = "HAMD17_REMISSION", at = ["week 6"] },
  { name = "HAMD17_RESPONSE", at = ["week 6"] },
]
"""
# 1 both, 2 exactly 7 after 12, 3 response alone, 4 no second rating, 5 no baseline.
SCORES = "id,day,score\n1,0,24\n1,42,5\n2,0,12\n2,42,7\n3,0,24\n3,42,12\n4,0,24\n5,42,5\n"
REMISSION, RESPONSE = "HAMD17 remission (<= 7) at week 6", "HAMD17 response (>= 50%) at week 6"


@pytest.fixture
def study(tmp_path):
    (tmp_path / "s.csv").write_text(SCORES)

    def written(step):
        (tmp_path / "study.toml").write_text(STUDY + step)
        return tmp_path / "study.toml"

    return written


def test_a_step_by_hand(study, tmp_path):
    finished = run(study(STEP), tmp_path / "out")
    results = pl.read_parquet(finished.folder / "results.parquet").filter(analysis="Definitions compared")
    shares = results.filter(statistic="share").select("criterion", "term", "events", "n").rows()
    assert shares == [
        (REMISSION, "met", 3, 5),
        (REMISSION, "not met", 1, 5),
        (REMISSION, "undetermined", 1, 5),
        (RESPONSE, "met", 2, 5),
        (RESPONSE, "not met", 1, 5),
        (RESPONSE, "undetermined", 2, 5),
    ]
    (kappa,) = results.filter(statistic="kappa")["estimate"]
    assert kappa == pytest.approx((2 / 5 - 9 / 25) / (1 - 9 / 25))  # p_e = (3 * 2 + 1 * 1 + 1 * 2) / 25
    why = results.filter(statistic="classed differently").select("term", "events").rows()
    assert sorted(why) == [
        ("met, there not met (threshold not reached)", 1),
        ("not met (threshold not reached), there met", 1),
        ("undetermined (no baseline), there met", 1),
    ]
    page = finished.report.read_text()
    assert page.count("<svg") == 2
    assert "Why they differ" in page
    outcomes = pl.read_parquet(finished.folder / "outcomes.parquet")
    assert set(outcomes["criterion"]) == {REMISSION, RESPONSE}


def test_categories_and_an_early_day(study, tmp_path):
    step = STEP.replace("own level", "excluded").replace('"HAMD17_REMISSION"', '"HAMD17_RESPONSE", improvement = 25')
    asked = step.replace("[[analysis.step]]", "[[analysis.step]]\nby = 'category'\nas_of = 20")
    finished = run(study(asked), tmp_path / "out")
    results = pl.read_parquet(finished.folder / "results.parquet").filter(analysis="Definitions compared")
    assert results.filter(statistic="share", term="undetermined")["events"].to_list() == [5, 5]
    assert results.filter(statistic="kappa")["estimate"].to_list() == [None]
    assert "As known on day 20." in finished.report.read_text()


def test_the_table_lays_a_cross_table_out_as_one():
    said = {"a": ["met", "met", "not met"], "b": ["met", "not met", "undetermined"]}
    rows = [(name, f"s{i}", word) for name, words in said.items() for i, word in enumerate(words)]
    outcomes = pl.DataFrame(rows, schema=["criterion", "subject_id", "verdict"], orient="row")
    found = analyses.agreement(outcomes, undetermined="excluded")
    grid = lay_out(found.frame.filter(statistic="units"), 0.95).grid
    assert grid.headings == ("met", "not met", "undetermined")
    assert [(line.block, line.label, line.texts) for line in grid.lines] == [
        ("b, against a", "met", ("1", "0", "0")),
        ("b, against a", "not met", ("1", "0", "0")),
        ("b, against a", "undetermined", ("0", "1", "0")),
    ]
    agreed = lay_out(found.frame.filter(pl.col("statistic").is_in(["agreement", "kappa"])), 0.95).grid
    assert agreed.headings == ("Classed alike (95% CI)", "Kappa (95% CI)")
    assert agreed.lines[0].label == "against a"
    assert agreed.lines[0].texts[0].startswith("1/2 (50.0%; ")
    for draw in (analyses.definitions_figure, analyses.crosses_figure):
        assert "<svg" in svg(draw(found))


@pytest.mark.parametrize("draw", ["definitions_figure", "crosses_figure"])
def test_other_estimates_are_not_drawn(draw):
    outcomes = pl.DataFrame({"criterion": ["a"], "subject_id": ["1"], "arm": ["x"], "verdict": ["met"]})
    shares = analyses.proportions(outcomes.with_columns(criterion=pl.lit("a")), undetermined="excluded")
    shown = shares if draw == "crosses_figure" else analyses.Estimates(shares.frame.clear(), "")
    with pytest.raises(EstimationError, match="0 rows"):
        getattr(analyses, draw)(shown)


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (STEP.replace('undetermined = "own level"', ""), "undetermined"),
        (STEP.replace("own level", "not met"), "'excluded' or 'own level'"),
        (STEP.replace('  { name = "HAMD17_RESPONSE", at = ["week 6"] },\n', ""), "at least two definitions"),
        (STEP.replace('{ name = "HAMD17_RESPONSE", at = ["week 6"] }', '"HAMD17_RESPONSE"'), "name an endpoint"),
    ],
    ids=range(4),
)
def test_a_faulty_step_is_refused_before_anything_is_read(step, said):
    with pytest.raises(RecordError, match=said):
        load_plan(tomllib.loads(step)["analysis"])


def test_a_mixture_of_levels_is_refused_with_the_way_out(study, tmp_path, capsys):
    (tmp_path / "t.csv").write_text("id,start\n1,0\n2,0\n")
    (tmp_path / "z.csv").write_text("id,day,n\n1,3,1\n2,4,0\n")
    tables = """
[records.treatments]
file = "t.csv"
columns.subject_id = "id"
columns.treatment_no = { constant = 1 }
columns.drug = { constant = "x" }
columns.kind = { constant = "drug" }
columns.start_day = "start"
[records.seizures]
file = "z.csv"
columns.subject_id = "id"
columns.day = "day"
columns.count = "n"
"""
    step = tables + STEP.replace('{ name = "HAMD17_RESPONSE", at = ["week 6"] }', '"ILAE_2010_FREEDOM"')
    assert main(["run", str(study(step)), "--out", str(tmp_path / "out")]) == 1
    assert 'treatments="any"' in capsys.readouterr().err
    step = step.replace('what = "definitions"', 'what = "definitions"\ntreatments = "any"')
    assert main(["run", str(study(step)), "--out", str(tmp_path / "out")]) == 0
