"""All checks of successive treatments, and what is printed of them."""

import json

from tests.reference.printed import REFERENCE
from tests.reference.successive import arithmetic, decline, denominators, sequenced, switches
from tests.reference.successive.published import FOLDER


def checks():
    """Return "block.statistic" -> function; a statistic is checked in one place alone."""
    found = {}
    for module in (arithmetic, denominators, decline, sequenced, switches):
        assert not found.keys() & module.CHECKS.keys()
        found |= module.CHECKS
    return found


def statistics():
    """Return every "block.statistic" that is printed."""
    content = json.loads((REFERENCE / FOLDER / "expected.json").read_text())
    return [f"{block['block']}.{one['id']}" for block in content["blocks"] for one in block["stats"]]


def uncovered():
    """Return what is printed and not checked."""
    return [name for name in statistics() if name not in checks()]
