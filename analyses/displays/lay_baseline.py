"""Variables described: numbers by mean and median, categories by count and percent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from analyses.displays.format import absent, count, decimals_of, fixed, percent
from analyses.displays.grid import Cell, Row, group_heading, label

STATISTICS = ("n", "missing", "mean", "sd", "q1", "median", "q3", "min", "max", "sum", "count", "share")
_Writer = Callable[[float | None], str]
_LEVELS = ("count", "share")
_CENTRE, _RANGE = ("mean", "sd", "median", "q1", "q3"), ("min", "max", "sum")


@dataclass(frozen=True)
class _Composite:
    """A line that puts several statistics in one cell; where only some of them exist, each gets its own line."""

    label: str
    pattern: str
    parts: tuple[str, ...]


_LINES = (
    _Composite("n", "{}", ("n",)),
    _Composite("mean (SD)", "{} ({})", ("mean", "sd")),
    _Composite("median (q1, q3)", "{} ({}, {})", ("median", "q1", "q3")),
    _Composite("min, max", "{}, {}", ("min", "max")),
    _Composite("sum", "{}", ("sum",)),
    _Composite("missing", "{}", ("missing",)),
)


def block_name(rows: Sequence[Row], block: str) -> str:
    """Return the block's heading; that of a categorical variable says what its cells hold."""
    return f"{block}, n (%)" if any(row["statistic"] == "share" for row in rows) else block


def cells(rows: Sequence[Row], block: str) -> list[Cell]:
    """Return the lines of one variable: n, levels or summaries, missing last; beside a mean there is no sum."""
    mine = [row for row in rows if row["statistic"] in STATISTICS]
    if any(row["statistic"] == "mean" for row in mine):
        mine = [row for row in mine if row["statistic"] != "sum"]
    levels = _level_cells([row for row in mine if row["statistic"] in _LEVELS], block_name(mine, block))
    plain = [row for row in mine if row["statistic"] not in _LEVELS]
    write = _writers(plain)
    name = block_name(mine, block)
    lines = [cell for term in _terms(plain) for cell in _summary_cells(_of(plain, term), label(name, term), write)]
    first = [cell for cell in lines if cell.row == "n"] if levels else lines
    return first + levels + [cell for cell in lines if cell not in first]


def _terms(rows: Sequence[Row]) -> list[str | None]:
    return list(dict.fromkeys(row["term"] for row in rows))


def _of(rows: Sequence[Row], term: str | None) -> list[Row]:
    return [row for row in rows if row["term"] == term]


def _summary_cells(rows: Sequence[Row], name: str, write: Mapping[str, _Writer]) -> list[Cell]:
    return [
        Cell(name, composite.label, group_heading(own[0]), _fill(composite, own, write))
        for wanted in _LINES
        for composite in _fitting(wanted, {row["statistic"] for row in rows})
        for own in _by_group(rows, composite.parts)
    ]


def _fitting(wanted: _Composite, present: set[str]) -> list[_Composite]:
    if all(part in present for part in wanted.parts):
        return [wanted]
    return [_Composite(part, "{}", (part,)) for part in wanted.parts if part in present]


def _by_group(rows: Sequence[Row], parts: tuple[str, ...]) -> list[list[Row]]:
    groups: dict[str | None, list[Row]] = {}
    for row in rows:
        if row["statistic"] in parts:
            groups.setdefault(row["group"], []).append(row)
    return list(groups.values())


def _fill(composite: _Composite, rows: Sequence[Row], write: Mapping[str, _Writer]) -> str:
    values = {row["statistic"]: row["estimate"] for row in rows}
    return composite.pattern.format(*(write[part](values.get(part)) for part in composite.parts))


def _writers(rows: Sequence[Row]) -> dict[str, _Writer]:
    """Return how each statistic is written; all groups and visits of a variable share their decimals."""
    centre = decimals_of(_values(rows, _CENTRE))
    extremes = _values(rows, _RANGE)
    whole = all(value == round(value) for value in extremes)
    spread = 0 if whole else centre

    def central(value: float | None) -> str:
        return fixed(value, centre)

    def extreme(value: float | None) -> str:
        return fixed(value, spread)

    counts: dict[str, _Writer] = dict.fromkeys(("n", "missing"), count)
    return counts | dict.fromkeys(_CENTRE, central) | dict.fromkeys(_RANGE, extreme)


def _values(rows: Sequence[Row], statistics: tuple[str, ...]) -> list[float]:
    return [row["estimate"] for row in rows if row["statistic"] in statistics and not absent(row["estimate"])]


def _level_cells(rows: Sequence[Row], block: str) -> list[Cell]:
    counts = {(row["term"], row["group"]): row["estimate"] for row in rows if row["statistic"] == "count"}
    shares = {(row["term"], row["group"]) for row in rows if row["statistic"] == "share"}
    found = []
    for row in rows:
        place = (row["term"], row["group"])
        name = row["term"] or "yes"
        if row["statistic"] == "share":
            number = counts.get(place, row["events"])
            text = percent(row["estimate"]) if number is None else f"{count(number)} ({percent(row['estimate'])})"
            found.append(Cell(block, name, group_heading(row), text))
        elif place not in shares:
            found.append(Cell(block, name, group_heading(row), count(row["estimate"])))
    return found
