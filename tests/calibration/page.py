"""The calibration table, on the screen and as a page."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from tests.calibration import add_on, clinic, hamd, sequenced
from tests.calibration.line import Line

PAGE = Path(__file__).parents[2] / "docs/calibration.md"

HEAD = """# Calibration

What simulated studies show, beside the published figures that they were calibrated to. "MC error" is the Monte Carlo
standard error of the simulated figure. A band says how far a simulated figure may lie from the published one; the
reason stands beside the source. Figures "from memory" were not confirmed in the source and are assumptions. This page
is written by `make calibration`.
"""
COLUMNS = ("quantity", "published", "simulated", "MC error", "band", "verdict", "source")


def calibration() -> list[Line]:
    """Return every line, preset by preset."""
    return [line for part in (add_on, hamd, clinic, sequenced) for line in part.lines()]


def page(lines: Iterable[Line]) -> str:
    """Return the table as Markdown, one section a preset."""
    by_preset: dict[str, list[Line]] = {}
    for line in lines:
        by_preset.setdefault(line.preset, []).append(line)
    return "\n".join([HEAD, *(_section(preset, found) for preset, found in by_preset.items())])


def main() -> None:
    """Write the page and fail where a figure leaves its band."""
    lines = calibration()
    text = page(lines)
    PAGE.write_text(text, encoding="utf-8")
    print(text)
    outside = [line for line in lines if line.verdict == "outside"]
    print(f"{len(lines)} figures, {sum(line.verdict != '' for line in lines)} with a band, {len(outside)} outside it")
    sys.exit(1 if outside else 0)


def _section(preset: str, lines: list[Line]) -> str:
    head = [f"## {preset}", "", f"| {' | '.join(COLUMNS)} |", "|" + "---|" * len(COLUMNS)]
    return "\n".join([*head, *map(_row, lines), ""])


def _row(line: Line) -> str:
    band = "" if line.low is None or line.high is None else f"{line.low:.4g} to {line.high:.4g}"
    published = "" if line.published is None else f"{line.published:.4g}"
    cells = (line.quantity, published, f"{line.simulated:.4g}", f"{line.mc_error:.2g}", band, line.verdict, line.source)
    return f"| {' | '.join(cells)} |"
