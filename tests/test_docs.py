"""The pages of docs/ say what the code does: nothing is missing from a table, and no definition has gone stale."""

import re
from pathlib import Path
from typing import get_args

import pytest

import analyses
from analyses.plan.plan_file import Step
from cohort.closed_lists import STOP_REASONS, TREATMENT_KINDS
from cohort.criteria import PUBLISHED
from cohort.records.column_spec import ColumnSpec
from cohort.records.study_file import StudySpec, TableSpec
from cohort.schemas import RECORD_FRAMES
from synthetic_data import PRESETS

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "study_file.md").read_text()
SIMULATED = (DOCS / "synthetic_data.md").read_text()
PAGES = ("synthetic_data.md", "diminishing_returns.md", "survival.md")
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


RETURNS = (DOCS / "diminishing_returns.md").read_text()


def percents(values):
    return [f"{100 * value:.1f}" for value in values]


@pytest.mark.parametrize("study", ["Chen 2018", "Brodie 2012", "STAR*D 2006"])
def test_cumulative_shares_of_the_page_are_computed(study):
    counts = analyses.published_steps(study)
    last = str(min(6, counts["treatment_no"].max()))  # the page counts six regimens
    found = analyses.cumulative_success(counts, undetermined="excluded")
    cells = [found.value("cumulative share", term=term, group=last) for term in ("observed", "product-limit")]
    (row,) = [line for line in RETURNS.splitlines() if line.startswith(f"| {study}")]
    assert row.endswith(" | ".join(f"{cell:.3f}"[1:] for cell in cells) + " |")


def test_what_the_page_says_of_selection_is_computed():
    why = analyses.mechanism(analyses.published_steps("Chen 2018"), undetermined="excluded").frame
    fitted = why.filter(statistic="fitted chance", term="beta frailty")["estimate"]
    seen = why.filter(statistic="observed chance")["estimate"]
    fit = why.filter(statistic="Pearson chi-square", term="beta frailty").row(0, named=True)
    words = " ".join(RETURNS.split())
    for values in (fitted, seen):
        shown = percents(values)
        assert f"{', '.join(shown[:-1])} and {shown[-1]}" in words
    said = f"chi-square {fit['estimate']:.2f} on {fit['df']:.0f} degrees of freedom, p = {fit['p_value']:.2f})"
    assert said.replace("p = 0.", "p = .") in words


def test_where_the_page_sees_the_plateau_is_computed():
    ahead = analyses.forecast(analyses.published_steps("Chen 2018"), undetermined="excluded", below=0.10).frame
    low, high = ahead.filter(statistic="plateau").select("conf_low", "conf_high").row(0)
    third = ahead.filter(statistic="chance", group="3")["estimate"].item()
    assert ahead.filter(statistic="plateau")["estimate"].item() == 8
    words = " ".join(RETURNS.split())
    assert f"at the eighth (limits {low:.0f} to {high:.0f})" in words
    assert f"a chance of {100 * third:.0f} percent on the third" in words


def test_what_the_page_says_of_time_and_order_is_computed():
    (text,) = [text for page, text in SESSIONS if page == "diminishing_returns.md" and "treatment_times" in text]
    names = {}
    exec(compile(text.replace("analyses.treatment_times_figure(times, last=4)", ""), "time and order", "exec"), names)
    words = " ".join(RETURNS.split())
    assert f"had spent {names['by_then']:.0f} days in treatments that did not work" in words
    for found, said in ((names["seen"], "success came at {} of the rate"), (names["given"], "the ratio is {} (")):
        row = found.frame.filter(statistic="subdistribution hazard ratio").row(0, named=True)
        assert said.format(f"{row['estimate']:.2f}") in words
        assert f"{row['conf_low']:.2f} to {row['conf_high']:.2f})" in words


def test_what_the_page_says_of_covariates_and_of_switching_is_computed():
    words = " ".join(RETURNS.split())
    (text,) = [text for page, text in SESSIONS if page == "diminishing_returns.md" and "forecast_for" in text]
    names = {}
    exec(compile(text.split("analyses.forecast_figure")[0], "covariates", "exec"), names)
    favourable, unfavourable = (
        [names["ahead"].value("chance", population=who, group=number) for number in "23"]
        for who in ("favourable", "unfavourable")
    )
    second = f"a chance of {100 * favourable[0]:.0f} percent on the second"
    assert second in words
    assert f"a known cause {100 * unfavourable[0]:.0f} percent" in words
    assert f"after two failures it is {100 * favourable[1]:.0f} and {100 * unfavourable[1]:.0f}" in words
    (text,) = [text for page, text in SESSIONS if page == "diminishing_returns.md" and "switch_or_stay" in text]
    exec(compile(text, "switching", "exec"), names)
    ratios = names["compared"].frame.filter(statistic="risk ratio").rows(named=True)
    assert f"{ratios[0]['estimate']:.0f} (limits {ratios[0]['conf_low']:.2f} to {ratios[0]['conf_high']:.1f})" in words
    assert f"{ratios[1]['estimate']:.1f} ({ratios[1]['conf_low']:.2f} to {ratios[1]['conf_high']:.1f})" in words
