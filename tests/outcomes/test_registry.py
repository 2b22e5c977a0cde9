"""The registry is whole: every rule has a classifier, a source, a hand example, a place in the reference page."""

import ast
import inspect
import re
from dataclasses import fields
from pathlib import Path

import pytest

from cohort.criteria import PUBLISHED
from cohort.outcomes.registry import CLASSIFIERS, classify
from tests.criteria_page import PAGE, documented, page, reasons_of
from tests.outcomes.drawn_studies import EVERY, drawn
from tests.outcomes.hand_examples import HAND_EXAMPLES

KINDS = sorted(CLASSIFIERS, key=lambda kind: kind.__name__)
HERE = Path(__file__).parent


def test_every_published_definition_has_a_classifier_and_every_classifier_a_definition():
    assert {type(criterion) for criterion in PUBLISHED.values()} == set(CLASSIFIERS)


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_published_definition_has_a_source(name):
    source = PUBLISHED[name].source
    assert len(source.split()) >= 2, f"{name}: {source!r} names nobody"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_docstring_has_its_missing_record_rule_and_explains_every_field(kind):
    text, meanings = documented(kind)
    sentences = re.split(r"(?<=[.:])\s+", " ".join(text.split()))
    assert any(re.search(r"missing|without a record|not recorded|lacking", each, re.IGNORECASE) for each in sentences)
    assert "undetermined" in text
    assert set(meanings) == {field.name for field in fields(kind)}
    assert all(meanings.values())


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_kind_of_rule_is_worked_by_hand(kind):
    """The test exists, asserts something, and it or what it calls in its file names the class or a definition of it."""
    where = HAND_EXAMPLES.get(kind.__name__)
    assert where, f"name a hand example of {kind.__name__} in tests/outcomes/hand_examples.py"
    file, name = where.split("::")
    tree = ast.parse((HERE / file).read_text())
    top = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            top[node.name] = node
        elif isinstance(node, ast.Assign):
            top |= {
                found.id: node for target in node.targets for found in ast.walk(target) if isinstance(found, ast.Name)
            }
    assert isinstance(top.get(name), ast.FunctionDef), f"{where} does not exist"
    assert name.startswith("test_")
    assert any(isinstance(node, ast.Assert) for node in ast.walk(top[name]))
    known = {kind.__name__} | {constant for constant, value in PUBLISHED.items() if type(value) is kind}
    assert known & names_reached(name, top), f"{where} does not name {kind.__name__} or a definition of it"


def names_reached(name, top):
    """The names in a function and in whatever of its own file it uses."""
    reached, waiting, done = set(), [name], set()
    while waiting:
        current = waiting.pop()
        if current in done or current not in top:
            continue
        done.add(current)
        found = {node.id for node in ast.walk(top[current]) if isinstance(node, ast.Name)}
        found |= {node.attr for node in ast.walk(top[current]) if isinstance(node, ast.Attribute)}
        reached |= found
        waiting += found
    return reached


def test_no_hand_example_is_left_of_a_rule_that_is_gone():
    assert set(HAND_EXAMPLES) == {kind.__name__ for kind in KINDS}


def test_the_reference_page_is_that_of_the_code():
    assert PAGE.read_text() == page(), "run `python -m tests.criteria_page` and commit docs/criteria.md"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_kind_of_rule_has_a_section_with_its_parameters_and_definitions(kind):
    text = PAGE.read_text()
    assert f"\n## {kind.__name__}\n" in text
    own = text.split(f"\n## {kind.__name__}\n")[1].split("\n## ")[0]
    assert all(f"| `{field.name}` |" in own for field in fields(kind))
    for name, criterion in PUBLISHED.items():
        if type(criterion) is kind:
            assert f"| `{name}` |" in own


@pytest.mark.parametrize("criterion", EVERY, ids=lambda criterion: criterion.label)
def test_reasons_and_categories_are_those_that_the_page_lists(criterion):
    study = drawn(3)
    found = classify(study, criterion)
    assert set(found["reason"].cast(str)) - {""} <= set(reasons_of(type(criterion)))
    categories = CLASSIFIERS[type(criterion)].categories
    assert set(found["category"].drop_nulls()) <= set(categories)


def test_classifiers_are_documented():
    assert all(inspect.getdoc(classifier.judge) for classifier in CLASSIFIERS.values())
    assert all(inspect.getdoc(classifier.needs) for classifier in CLASSIFIERS.values())
