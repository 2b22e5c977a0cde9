"""What the three example studies report, held against the numbers that R and SAS printed."""

import polars as pl
import pytest

from tests.reference import antidepressant, progabide, sanad
from tests.reference.printed import ANTIDEPRESSANT, PROGABIDE, REFERENCE, ROOT, SANAD, described, printed
from tests.reference.studies import results_of
from tests.reference.successive import registry as steps
from tests.reference.survival import registry

pytestmark = pytest.mark.skipif(not REFERENCE.is_dir(), reason="reference data are not beside this checkout")


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return results_of(tmp_path_factory.mktemp("studies"))


def check(theirs, ours):
    assert len(theirs) == len(ours), theirs[0].name
    lines = [
        f"{p.block}.{p.name}: theirs {p.value!r}, ours {o!r}"
        for p, o in zip(theirs, ours, strict=True)
        if not p.agrees(o)
    ]
    assert not lines, "\n".join(lines)


@pytest.mark.parametrize("name", antidepressant.CHECKS)
def test_antidepressant_study(name, results):
    block, statistic = name.split(".", 1)
    check(printed(ANTIDEPRESSANT, block, statistic), antidepressant.CHECKS[name](results["antidepressant"]))


@pytest.mark.parametrize("name", sanad.CHECKS)
def test_sanad_study(name, results):
    block, statistic = name.split(".", 1)
    check(printed(SANAD, block, statistic), sanad.CHECKS[name](results["sanad"]))


@pytest.mark.parametrize("copy", ["mass", "geepack", "robustbase"])
@pytest.mark.parametrize("name", progabide.COUNTED)
def test_progabide_counts(copy, name, results):
    check(printed(PROGABIDE, "data", f"{copy}.{name}"), progabide.COUNTED[name](results[copy]))


@pytest.mark.parametrize("copy", ["mass", "geepack"])
@pytest.mark.parametrize("name", progabide.RATED)
def test_progabide_rates(copy, name, results):
    check(printed(PROGABIDE, f"rates_{copy}", name), progabide.RATED[name](results[copy]))


def test_progabide_arms(results):
    ours = [described(results["robustbase"], "Subjects at entry", "age", "n", arm) for arm in ("placebo", "progabide")]
    check(printed(PROGABIDE, "data", "n_by_arm"), ours)


def test_bundled_copy_is_the_one_with_the_original_numbers():
    columns = ["patient", "trt", "age", "base8wk", "y1", "y2", "y3", "y4"]
    theirs = pl.read_csv(REFERENCE / PROGABIDE / "epilepsy_robustbase.csv").select(columns)
    ours = pl.read_csv(ROOT / "examples/progabide/progabide.csv").select(columns)
    assert ours.equals(theirs)


def test_the_page_of_validations_lists_every_number_and_no_other():
    """The page is written by `make validation`; here only its rows are held against the reference data."""
    page = (ROOT / "docs/validation.md").read_text()
    listed = [line.split("|")[1].strip(" `") for line in page.splitlines() if line.startswith("| `")]
    assert sorted(set(listed)) == sorted(set(_names()))


def _names():
    yield from (f"{folder}.{name}" for folder, name in registry.checks())
    yield from (f"{steps.FOLDER}.{name}" for name in steps.checks())
    yield from (f"{ANTIDEPRESSANT}.{name}" for name in antidepressant.CHECKS)
    yield from (f"{SANAD}.{name}" for name in sanad.CHECKS)
    yield from (f"{PROGABIDE}.data.{copy}.{name}" for copy in progabide.COPIES for name in progabide.COUNTED)
    yield from (f"{PROGABIDE}.rates_{copy}.{name}" for copy in ("mass", "geepack") for name in progabide.RATED)
