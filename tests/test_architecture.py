"""The house: who may import whom, how large a room may grow, what never stands in the project."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("cohort", "analyses", "synthetic_data")

# Room -> what it may import of ours. A room that is not listed may not import anything of ours.
MAY_IMPORT = {
    "cohort.errors": (),
    "cohort.frame": ("cohort.errors",),
    "cohort.closed_lists": (),
    "cohort.schemas": ("cohort.errors", "cohort.closed_lists", "cohort.frame"),
    "cohort.scales": ("cohort.errors",),
    "cohort.drugs": ("cohort.errors", "cohort.drugs"),
    "cohort.therapies": ("cohort.errors", "cohort.therapies"),
    "cohort.criteria": ("cohort.errors", "cohort.scales", "cohort.drugs", "cohort.criteria"),
    "cohort.records": (
        "cohort.errors",
        "cohort.closed_lists",
        "cohort.frame",
        "cohort.schemas",
        "cohort.scales",
        "cohort.records",
    ),
    "cohort.outcomes": ("cohort",),
    "cohort": ("cohort",),
    "synthetic_data": (
        "cohort.errors",
        "cohort.closed_lists",
        "cohort.schemas",
        "cohort.scales",
        "cohort.drugs",
        "cohort.records",
        "synthetic_data",
    ),
    "analyses.estimates": ("cohort.errors", "cohort.closed_lists", "cohort.schemas", "analyses.estimates"),
    "analyses.displays": (
        "cohort.errors",
        "cohort.closed_lists",
        "cohort.schemas",
        "analyses.estimates",
        "analyses.displays",
    ),
    "analyses.plan": ("cohort", "analyses", "synthetic_data"),
    "analyses": ("analyses",),
}
HEAVY = {
    "lifelines",
    "statsmodels",
    "scipy",
    "plotnine",
    "matplotlib",
    "great_tables",
    "pandas",
    "formulaic",
    "pyreadstat",
}
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "manager", "core", "misc"}


def modules():
    return sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


def name_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(name):
    fitting = [room for room in MAY_IMPORT if name == room or name.startswith(room + ".")]
    return max(fitting, key=len)


def imports(tree):
    """Yield (module, at top level?) of every import that runs; imports for the type checker alone are left out."""
    checked = [
        node for node in ast.walk(tree) if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    skipped = {id(inner) for node in checked for inner in ast.walk(node)}
    top = {id(node) for node in tree.body}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, id(node) in top) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide where a thing lives"
            yield node.module, id(node) in top


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_imports_run_upstream_only(path):
    name = name_of(path)
    allowed = MAY_IMPORT[room_of(name)]
    ours = {module for module, _ in imports(ast.parse(path.read_text())) if module.split(".")[0] in ROOMS}
    outside = {
        module for module in ours if not any(module == room or module.startswith(room + ".") for room in allowed)
    }
    assert not outside, f"{name} may import {allowed} and imports {outside}"


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_heavy_libraries_are_imported_where_used(path):
    at_top = {module.split(".")[0] for module, top in imports(ast.parse(path.read_text())) if top}
    assert not at_top & HEAVY


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_rooms_are_small_and_named(path):
    assert len(path.read_text().splitlines()) <= 300
    assert not FORBIDDEN_NAMES & set(path.relative_to(ROOT).with_suffix("").parts)


def test_every_room_of_the_table_exists():
    assert all(
        (ROOT / room.replace(".", "/")).exists() or (ROOT / (room.replace(".", "/") + ".py")).exists()
        for room in MAY_IMPORT
    )


def test_identifiers_use_the_words_of_the_field():
    """A study is a study and a subject is a subject; "trial" and "patient" mean two things each."""
    said = []
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text())):
            name = getattr(node, "name", None) or getattr(node, "arg", None) or getattr(node, "id", None)
            if isinstance(name, str) and re.search(r"(^|_)(trials?|patients?|pts?|usubjid)(_|$)", name, re.IGNORECASE):
                said.append(f"{name_of(path)}: {name}")
    assert not said


def test_no_file_names_a_package_index():
    hosts = re.compile(r"pypi\.org|pythonhosted|index-url|--extra-index", re.IGNORECASE)
    texts = [ROOT / name for name in ("pyproject.toml", "constraints.txt", "Makefile", "README.md", ".ci/run")]
    assert not [path.name for path in texts if hosts.search(path.read_text())]
