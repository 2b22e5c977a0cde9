"""A plan may ask for totals made from items before anything is estimated."""

import pytest

from analyses.plan.explained import explained
from analyses.plan.run import run
from cohort.errors import CriterionError

STUDY = """[study]
name = "items"
visits = ["baseline", "week 6"]
[records.subjects]
file = "items.csv"
repeated = true
columns.subject_id = "id"
[records.items]
file = "items.csv"
columns.subject_id = "id"
columns.day = "day"
columns.visit = { column = "day", codes = { 0 = "baseline", 42 = "week 6" } }
columns.scale = { constant = "HAMD17" }
columns.item = "item"
columns.score = { column = "score", missing = ["NA"] }
[analysis]
totals = true
[[analysis.step]]
what = "shares"
criteria = [{ name = "HAMD17_RESPONSE", at = ["week 6"] }]
undetermined = ["excluded"]
"""


def study_file(folder, text=STUDY):
    """One subject: 17 points at baseline; at week 6 four items of 1 with items 4 and 5 missing, 4 x 52/48 = 4.3."""
    rows = [("a", 0, item, 1) for item in range(1, 18)]
    rows += [("a", 42, item, "NA" if item in (4, 5) else int(item < 4 or item == 7)) for item in range(1, 18)]
    lines = ["id,day,item,score", *(",".join(map(str, row)) for row in rows)]
    (folder / "items.csv").write_text("\n".join(lines) + "\n")
    (folder / "study.toml").write_text(text)
    return folder / "study.toml"


def test_totals_are_made_told_and_judged(tmp_path):
    finished = run(study_file(tmp_path), tmp_path / "out")
    told = "2 totals of HAMD17 are made from items, 1 of them prorated; in 0 ratings too many items are missing"
    assert told in finished.inspection.cautions
    assert told in finished.report.read_text()
    assert "76.47%" in explained(tmp_path / "study.toml", "a", ["HAMD17_RESPONSE"]), (
        "from 17 to 4, which is 4.33 rounded"
    )


def test_without_items_it_is_refused(tmp_path):
    text = STUDY.replace("[records.items]", "[records.ratings]").replace('columns.item = "item"\n', "")
    text = text.replace(
        'file = "items.csv"\ncolumns.subject_id = "id"\ncolumns.day',
        'file = "scores.csv"\ncolumns.subject_id = "id"\ncolumns.day',
    )
    path = study_file(tmp_path, text)
    (tmp_path / "scores.csv").write_text("id,day,score\na,0,20\na,42,5\n")
    with pytest.raises(CriterionError, match="the study has none"):
        run(path, tmp_path / "out")
    assert not (tmp_path / "out").exists()
