"""Words of a study file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from cohort.records.study import Study


def toml_text(value: str) -> str:
    """Return a TOML string; TOML's escapes are JSON's, save that it wants DEL escaped as well."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def toml_list(values: Iterable[str]) -> str:
    """Return a TOML list of strings."""
    return "[" + ", ".join(map(toml_text, values)) + "]"


def toml_key(name: str) -> str:
    """Return a TOML key, quoted where it has to be."""
    return name if re.fullmatch("[A-Za-z0-9_-]+", name) else toml_text(name)


def study_section(study: Study) -> str:
    """Return the `[study]` section that says of a study what it says of itself."""
    lines = ["[study]", f"name = {toml_text(study.name)}"]
    lines += [f"{key} = {toml_text(value)}" for key in ("title", "index", "source") if (value := getattr(study, key))]
    lines += [f"{key} = {toml_list(value)}" for key in ("arms", "visits") if (value := getattr(study, key))]
    return "\n".join([*lines, ""])
