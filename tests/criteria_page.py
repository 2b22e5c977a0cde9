"""The reference page of the criteria, made from the code: `python -m tests.criteria_page` writes docs/criteria.md."""

import ast
import inspect
import re
import textwrap
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from types import FunctionType

from cohort.closed_lists import REASONS
from cohort.criteria import PUBLISHED
from cohort.outcomes.registry import CLASSIFIERS

PAGE = Path(__file__).parents[1] / "docs/criteria.md"
HEAD = """# The criteria

Made from the code by `python -m tests.criteria_page`; a test holds that it is up to date. Each kind of rule stands
once, with its parameters, what missing records do, the published definitions made of it, and the reasons that may stand
beside a verdict. A variant is `dataclasses.replace(DEFINITION, parameter=value)` in Python, and
`{ name = "DEFINITION", parameter = value }` in a [study file](study_file.md). A verdict is "met", "not met", or
"undetermined" where records are lacking.
"""
LARGER = {"fewer": "fewer meet it", "more": "more meet it"}


def sections():
    """Every class that has a classifier, by name."""
    return sorted(CLASSIFIERS, key=lambda kind: kind.__name__)


def page():
    kinds = sections()
    contents = " · ".join(f"[{kind.__name__}](#{kind.__name__.lower()})" for kind in kinds)
    return "\n".join([HEAD, contents, "", *(line for kind in kinds for line in section(kind))]).rstrip() + "\n"


def section(kind):
    text, meanings = documented(kind)
    paragraphs = [" ".join(part.split()) for part in text.split("\n\n")]
    lacking = [part for part in paragraphs[1:] if re.search(r"missing|undetermined", part, re.IGNORECASE)]
    yield from (f"## {kind.__name__}", "", paragraphs[0], "")
    yield from (line for part in lacking for line in (part, ""))
    yield from ("| parameter | default | meaning | a larger value |", "|---|---|---|---|")
    for field in fields(kind):
        moved = LARGER.get(kind.moves.get(field.name, ""), "")
        yield f"| `{field.name}` | {shown_default(field)} | {cell(meanings[field.name])} | {moved} |"
    yield from ("", "| definition | rule | source |", "|---|---|---|")
    for name, criterion in PUBLISHED.items():
        if type(criterion) is kind:
            yield f"| `{name}` | {cell(criterion.definition)} | {cell(criterion.source)} |"
    categories = CLASSIFIERS[kind].categories
    yield ""
    yield from (f"Categories: {', '.join(categories)}.", "") if categories else ()
    reasons = reasons_of(kind)
    yield from (f"Reasons: {'; '.join(reasons)}.", "") if reasons else ()


def documented(kind):
    """The docstring without its fields, and what it says of each field."""
    text, listed = inspect.getdoc(kind).split("Attributes:")
    meanings, name = {}, None
    for line in textwrap.dedent(listed.strip("\n")).splitlines():
        begun = re.match(r"(\w+): (.*)", line)
        if begun:
            name, meanings[begun[1]] = begun[1], begun[2]
        elif name and line.startswith(" "):
            meanings[name] += f" {line.strip()}"
        else:
            name = None
    return text.strip(), meanings


def shown_default(field):
    if field.default is MISSING:
        return "required"
    return shown(field.default)


def shown(value):
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    named = [name for name, criterion in PUBLISHED.items() if criterion == value and type(criterion) is type(value)]
    if named:
        return f"`{named[0]}`"
    if isinstance(value, tuple):
        return cell(", ".join(shown(part) for part in value)) or "none"
    if is_dataclass(value):
        return cell(str(getattr(value, "name", None) or getattr(value, "label", None) or type(value).__name__))
    return cell(str(value)) or "empty"


def cell(text):
    return " ".join(str(text).split()).replace("|", "\\|")


def reasons_of(kind):
    """The reasons that a classifier's code can give, in order: those it names, itself or through what it calls."""
    named = set()
    seen = set()
    waiting = [CLASSIFIERS[kind].judge]
    while waiting:
        function = inspect.unwrap(waiting.pop())
        if function in seen:
            continue
        seen.add(function)
        for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                named.add(node.value)
            elif isinstance(node, ast.Name):
                value = function.__globals__.get(node.id)
                if isinstance(value, FunctionType) and value.__module__.startswith("cohort.outcomes"):
                    waiting.append(value)
                named |= set(texts(value))
    return [reason for reason in REASONS if reason and reason in named]


def texts(value):
    """The texts in a constant; a criterion, a frame or a function holds none."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple | list | frozenset | set):
        yield from (text for part in value for text in texts(part))
    elif isinstance(value, dict):
        yield from (text for part in (*value, *value.values()) for text in texts(part))


if __name__ == "__main__":
    PAGE.write_text(page())
    print(f"{PAGE}: {len(sections())} kinds of rule, {len(PUBLISHED)} published definitions")
