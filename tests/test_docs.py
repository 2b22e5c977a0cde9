"""The pages of docs/ say what the code does: nothing is missing from a table, and no definition has gone stale."""

import re
from pathlib import Path
from typing import get_args

import pytest

from analyses.plan.plan_file import Step
from cohort.criteria import PUBLISHED
from cohort.records.column_spec import ColumnSpec
from cohort.records.study_file import StudySpec, TableSpec
from cohort.schemas import RECORD_FRAMES, STOP_REASONS, TREATMENT_KINDS
from synthetic_data import PRESETS

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "study_file.md").read_text()
SIMULATED = (DOCS / "synthetic_data.md").read_text()
PAGES = ("synthetic_data.md", "diminishing_returns.md")
SESSIONS = [
    (page, text) for page in PAGES for text in re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(), re.DOTALL)
]
STEPS = get_args(get_args(Step)[0])


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_published_definition_is_listed_as_it_is(name):
    criterion = PUBLISHED[name]
    assert f"| `{name}` | {criterion.definition} | {criterion.source} |" in PAGE


@pytest.mark.parametrize("table", RECORD_FRAMES)
def test_every_column_of_every_table_is_listed(table):
    (row,) = [line for line in PAGE.splitlines() if line.startswith(f"| `{table}` |")]
    assert all(f"`{column}`" in row for column in RECORD_FRAMES[table].columns)


@pytest.mark.parametrize("model", [StudySpec, TableSpec, ColumnSpec])
def test_every_key_of_records_is_listed(model):
    missing = [key for key in model.model_fields if f"`{key}`" not in PAGE and f"`{key}.NAME`" not in PAGE]
    assert not missing


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_every_step_and_its_keys_are_listed(step):
    (what,) = get_args(step.model_fields["what"].annotation)
    assert f'| `"{what}"` |' in PAGE
    assert all(f"`{key}" in PAGE for key in step.model_fields if key != "what")


def test_closed_lists_are_listed():
    text = " ".join(PAGE.split())
    assert all(word in text for word in (*STOP_REASONS, *TREATMENT_KINDS))


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_is_listed_with_its_kind_of_truth(preset):
    assert f"| `{preset}` | `{type(PRESETS[preset]).__name__}` |" in SIMULATED


@pytest.mark.parametrize("number", range(len(SESSIONS)))
def test_sessions_run(number):
    page, text = SESSIONS[number]
    exec(compile(text, f"docs/{page} session {number + 1}", "exec"), {})


def test_no_simulated_figure_left_its_band_when_the_table_was_written():
    rows = [line for line in (DOCS / "calibration.md").read_text().splitlines() if line.startswith("| ")]
    assert len(rows) > 100
    assert not [row for row in rows if "| outside |" in row]


def test_no_verdict_was_lacking_when_the_certificate_was_written():
    assert "0 without the verdict they need" in (DOCS / "certificate.md").read_text()
