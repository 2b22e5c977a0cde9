"""All checks of this folder, and what the printed blocks hold that must be covered."""

import json
from importlib import import_module
from pathlib import Path

from tests.reference import sanad
from tests.reference.printed import REFERENCE
from tests.reference.survival.data import BCOS, BLADDER, CDISC, HAMD, SANAD

# Blocks of each folder that this package answers in full; None: all of them.
ANSWERED = {
    SANAD: None,
    BCOS: None,
    BLADDER: None,
    CDISC: ("adtte_survival",),
    HAMD: ("time_to_remission",),
}
# What no estimator of ours gives, with the reason.
LEFT_OUT: dict[str, str] = {}
_NO_CHECKS = {"__init__", "registry", "data"}


def modules():
    """Return every file of checks, by name."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("test_"))
    return [import_module(f"tests.reference.survival.{name}") for name in names if name not in _NO_CHECKS]


def checks():
    """Return (folder, "block.statistic") -> function, of all files.

    A statistic may be checked in one place alone.
    """
    found = {}
    for module in modules():
        for name, ours in module.CHECKS.items():
            assert (module.FOLDER, name) not in found, f"{name} is checked twice"
            found[module.FOLDER, name] = ours
    return found


def reasons():
    """Return (folder, "block.statistic") -> why it agrees to less than 1e-6."""
    return {(module.FOLDER, name): why for module in modules() for name, why in getattr(module, "REASONS", {}).items()}


def statistics(folder):
    """Return every "block.statistic" of a folder that must be covered."""
    content = json.loads((REFERENCE / folder / "expected.json").read_text())
    blocks = ANSWERED[folder]
    return [
        f"{block['block']}.{statistic['id']}"
        for block in content["blocks"]
        if blocks is None or block["block"] in blocks
        for statistic in block["stats"]
    ]


def uncovered():
    """Return what is printed and neither checked, nor checked in an example study, nor left out with a reason."""
    covered = {f"{folder}.{name}" for folder, name in checks()} | set(LEFT_OUT)
    covered |= {f"{SANAD}.{name}" for name in sanad.CHECKS if name.startswith("data.")}
    return [
        f"{folder}.{name}" for folder in ANSWERED for name in statistics(folder) if f"{folder}.{name}" not in covered
    ]
