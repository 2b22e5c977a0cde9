"""docs/definitions.md says what the code finds: the real studies and the cheaper simulated one are computed again."""

import re

import pytest

import cohort
import synthetic_data
from cohort.criteria import ILAE_2010_RESISTANCE, TWO_DRUGS_FAILED_ANY_REASON
from tests.definitions_page import PAGE, STUDIES, section
from tests.outcomes.small_studies import REFERENCE

beside = pytest.mark.skipif(not REFERENCE.is_dir(), reason="reference data are not beside this checkout")


@pytest.mark.parametrize(
    "name",
    [pytest.param("antidepressant", marks=beside), pytest.param("sanad", marks=beside), "progabide", "sequenced"],
)
def test_a_section_is_computed(name):
    assert section(name) in PAGE.read_text(), "run `python -m tests.definitions_page` and commit docs/definitions.md"


def test_every_study_has_its_section():
    assert [f"## {entry.title}" for entry in STUDIES.values()] == re.findall(r"^## .*$", PAGE.read_text(), re.MULTILINE)


def shares(name):
    """The share met in percent of each row of a section, from the page."""
    own = PAGE.read_text().split(f"## {STUDIES[name].title}\n")[1].split("\n## ")[0]
    return {row[0]: float(row[1]) for row in re.findall(r"^\| (.+?) \| [\d,]+ \(([\d.]+)%\)", own, re.MULTILINE)}


def test_the_clinic_of_the_page_is_that_of_a_smaller_one():
    clinic = synthetic_data.simulate(synthetic_data.PRESETS["chen_2018"], subjects=300, seed=2)
    compared = cohort.compare_definitions(clinic, [ILAE_2010_RESISTANCE, TWO_DRUGS_FAILED_ANY_REASON])
    found = [100 * share for share in compared.counts.filter(level="met")["share"]]
    told = shares("clinic")
    for share, name in zip(found, ("ILAE 2010", "two drugs given up, any reason"), strict=True):
        assert share == pytest.approx(told[name], abs=4 * 100 * (0.25 / 300) ** 0.5)
    assert told["ILAE 2010, three failures"] < told["ILAE 2010"] < told["two drugs given up, any reason"]
