"""Studies, inspections, estimates, tables and figures show themselves in a notebook."""

import warnings
from pathlib import Path

import pytest

import analyses
import cohort
from cohort.criteria import SEIZURE_RESPONSE_50, Period

PROGABIDE = Path(__file__).parents[1] / "examples/progabide/study.toml"


@pytest.fixture(scope="module")
def study():
    return cohort.read(PROGABIDE)


@pytest.fixture(scope="module")
def shares(study):
    criterion = SEIZURE_RESPONSE_50.between(Period(-56, -1), Period(0, 55))
    data = study.subjects.join(cohort.classify(study, criterion), on="subject_id")
    return analyses.proportions(data, by="arm", undetermined="excluded")


def test_study_and_inspection(study):
    assert "<td>59</td>" in study._repr_html_()
    assert "progabide.csv" in study.inspection._repr_html_()


def test_estimates_show_method_numbers_and_notes(shares):
    shown = shares._repr_html_()
    assert "Wilson" in shown
    assert "share" in shown


def test_table_and_figure(shares):
    assert "2/28" in analyses.table(shares)._repr_html_()
    figure = analyses.shares_figure(shares)
    with warnings.catch_warnings():
        # plotnine imports matplotlib's backend for notebooks, whose own deprecations are not ours
        warnings.simplefilter("ignore", DeprecationWarning)
        data, _ = figure._repr_mimebundle_()
    assert {kind.split("/")[0] for kind in data} == {"image"}


def test_text_that_looks_like_html_is_escaped():
    estimates = analyses.Estimates(_frame("<b>arm</b>"), "<script>", ("<i>",))
    assert "<script>" not in estimates._repr_html_()
    assert "<i>" not in estimates._repr_html_()


def _frame(group):
    from analyses.estimates.result import estimates_frame

    return estimates_frame([{"statistic": "share", "group": group, "estimate": 0.5}])
