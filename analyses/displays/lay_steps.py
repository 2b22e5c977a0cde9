"""Who tried each treatment, what became of them, and the cumulative share, by treatment number.

The heading above each row says of whom it tells, so that no share stands without its denominator.
"""

from __future__ import annotations

from collections.abc import Sequence

from analyses.displays.format import count
from analyses.displays.grid import Cell, Row, label
from analyses.displays.lay_treatments import (
    Labels,
    Placed,
    by_number,
    columns,
    counted_share_text,
    share_text,
)

TRIED, LEFT, INTOLERANCE, SHARE = "tried", "never went on", "stopped for intolerance", "share"
OF_TRIED, OF_COHORT = "of those who tried", "of the whole cohort"
WENT_ON = "went on of those without remission"
CUMULATIVE, IF_LEAVERS = "cumulative share", "cumulative share if leavers differ"
_AFTER = "after "
_OF_TRIED, _OF_JUDGED = "of those who tried it", "of those who tried it and could be judged"
_OF_LEFT, _OF_ALL, _IN_ALL = "of those who had not met it", "of the whole cohort", "of the whole cohort, by then"
_COUNTS = {
    TRIED: (_OF_ALL, "tried it"),
    "met": (_OF_TRIED, "met it"),
    "not met": (_OF_TRIED, "did not meet it"),
    "undetermined": (_OF_TRIED, "could not be judged"),
    INTOLERANCE: (_OF_TRIED, "stopped it for intolerance without having met it"),
    LEFT: (_OF_LEFT, "never went on to another"),
}
_ASSUMED = {
    "observed": "seen to have met it",
    "product-limit": "product-limit: had leavers been like those who went on",
    "lower bound": "lower bound: had no leaver met it",
    "upper bound": "upper bound: had every leaver met it",
}
_ORDER = (*_COUNTS, SHARE, CUMULATIVE, IF_LEAVERS)


def is_steps(row: Row) -> bool:
    """Return whether a row is surely one of the table by treatment number."""
    said = row["term"] in (OF_TRIED, OF_COHORT, WENT_ON) or (row["term"] or "").startswith(_AFTER)
    return by_number(row) and (row["statistic"] in (TRIED, LEFT) or (row["statistic"] == SHARE and said))


def split_steps(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Return the rows of the table by treatment number and of the cumulative share, and the others."""
    known = any(is_steps(row) for row in rows)
    own = {id(row) for row in rows if by_number(row) and _is_mine(row, known)}
    return [row for row in rows if id(row) in own], [row for row in rows if id(row) not in own]


def _is_mine(row: Row, known: bool) -> bool:
    cumulative = row["statistic"] in (CUMULATIVE, IF_LEAVERS)
    return cumulative or (known and (row["statistic"] in _COUNTS or is_steps(row)))


def step_cells(rows: Sequence[Row], block: str, level: str) -> list[Cell]:
    """Return counts and shares under a heading that says of whom, one column a treatment."""
    apart = any(row["statistic"] == INTOLERANCE for row in rows)
    labels, judged = Labels(rows, level), _judged(rows)
    placed: list[Placed] = []
    for row in sorted(rows, key=lambda row: _ORDER.index(row["statistic"])):
        if row["statistic"] in _COUNTS:
            whom, name = _COUNTS[row["statistic"]]
            name = f"{name}, for another reason than intolerance" if apart and row["statistic"] == "not met" else name
            placed.append((label(block, whom), name, row, _count(row)))
        else:
            whom, name = _share(row, judged)
            placed.append((label(block, whom), labels.of(row, name), row, _text(row)))
    return _by_whom(columns(placed), block)


def _by_whom(cells: Sequence[Cell], block: str) -> list[Cell]:
    """Return the cells with the headings in their order; within one, columns keep the order of the treatments."""
    order = [label(block, whom) for whom in (_OF_ALL, _OF_TRIED, _OF_JUDGED, _OF_LEFT, _IN_ALL)]
    return sorted(cells, key=lambda cell: order.index(cell.block))


def _count(row: Row) -> str:
    """Return a count among those it is one of."""
    if row["estimate"] is None:
        return "not known"
    return count(row["estimate"]) if row["n"] is None else f"{count(row['estimate'])} of {count(row['n'])}"


def _judged(rows: Sequence[Row]) -> bool:
    """Return whether some of those who tried could not be judged and are not counted in the shares."""
    tried = {row["group"]: row["estimate"] for row in rows if row["statistic"] == TRIED}
    return any(row["n"] != tried[row["group"]] for row in rows if row["term"] == OF_TRIED and row["group"] in tried)


def _text(row: Row) -> str:
    counted = row["statistic"] == SHARE or row["term"] == "observed"
    return counted_share_text(row) if counted else share_text(row)


def _share(row: Row, judged: bool) -> tuple[str, str]:
    """Return of whom a share is, and its label."""
    term, tried = row["term"] or "", _OF_JUDGED if judged else _OF_TRIED
    if row["statistic"] == IF_LEAVERS:
        what, _, _ = term.partition(" times")
        return _IN_ALL, f"leavers with {row['at']:g} times the {what} of those who went on"
    if row["statistic"] == CUMULATIVE:
        return _IN_ALL, _ASSUMED.get(term, term)
    if term == WENT_ON:
        return _OF_LEFT, "tried the next one"
    if term == OF_COHORT:
        return _OF_ALL, "share that met it on this one"
    return tried, "share that met it" if term == OF_TRIED else f"share that met it, {term} of the one before"
