"""Times by treatment number: how soon each brought the outcome, and days that were spent without it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from analyses.displays.format import NOT_REACHED, absent, count, days, limits, ratio, significant
from analyses.displays.grid import Cell, Row, label
from analyses.displays.lay_treatments import Labels, Placed, by_number, columns, share_text, with_limits

DAYS, INCIDENCE, MEDIAN, AT_RISK = "days without success", "cumulative incidence", "quantile", "at risk"
_TRIED, _ALL = "of those who tried it", "of the whole cohort"
_DAYS = {
    "on this treatment": "mean days without success on it",
    "before this treatment": "mean days without success on those before",
    "up to this treatment": "mean days without success up to its end",
    "total on this treatment": "days without success on it, all subjects together",
    "up to this treatment, whole cohort": "mean days without success by then",
}
_NAMES = {
    INCIDENCE: "had the outcome by day {at:g}",
    AT_RISK: "still at risk on day {at:g}",
    MEDIAN: "day by which {at:.0%} had the outcome",
    "events": "had the outcome",
    "person-time": "days at risk, all subjects together",
    "rate per 1000 days": "outcomes per 1000 days at risk",
}
_ORDER = (*_NAMES, DAYS)


def split_times(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Return the rows of times by treatment number, and the other rows; none without days spent without success."""
    if not any(row["statistic"] == DAYS and by_number(row) for row in rows):
        return [], list(rows)
    own = {id(row) for row in rows if by_number(row) and row["statistic"] in _ORDER}
    return [row for row in rows if id(row) in own], [row for row in rows if id(row) not in own]


def time_cells(rows: Sequence[Row], block: str, level: str) -> list[Cell]:
    """Return one column a treatment, under a heading that says of whom."""
    labels = Labels(rows, level)
    placed: list[Placed] = []
    for row in sorted(rows, key=lambda row: (_ORDER.index(row["statistic"]), row["at"] or 0)):
        whom, name = _named(row)
        placed.append((label(block, whom), labels.of(row, name), row, _text(row)))
    order = [label(block, whom) for whom in (_ALL, _TRIED)]
    return sorted(columns(placed), key=lambda cell: order.index(cell.block))


def _named(row: Row) -> tuple[str, str]:
    """Return of whom a row is, and its label."""
    term = row["term"] or ""
    if row["statistic"] == DAYS:
        return _ALL if term.endswith("whole cohort") else _TRIED, _DAYS.get(term, label(DAYS, term))
    return _TRIED, _NAMES[row["statistic"]].format(at=row["at"] or 0.0)


def _text(row: Row) -> str:
    if row["statistic"] == MEDIAN:
        return _reached_text(row)
    return _WRITTEN.get(row["statistic"], _number_text)(row)


def _reached_text(row: Row) -> str:
    if absent(row["estimate"]) and absent(row["conf_low"]):
        return NOT_REACHED
    return f"{_reached(row['estimate'])}\n{limits(row['conf_low'], row['conf_high'], _reached)}".strip()


def _reached(value: float | None) -> str:
    return NOT_REACHED if absent(value) else days(value)


def _days_text(row: Row) -> str:
    text = _number_text(row)
    total = (row["term"] or "").startswith("total")
    return text.replace(" to ", " to\n") if total else text


def _rate_text(row: Row) -> str:
    return with_limits(row, ratio, ratio)


def _number_text(row: Row) -> str:
    return with_limits(row, significant, significant)


def _count_text(row: Row) -> str:
    return count(row["estimate"])


_WRITTEN: dict[str, Callable[[Row], str]] = {
    INCIDENCE: share_text,
    AT_RISK: _count_text,
    "events": _count_text,
    "rate per 1000 days": _rate_text,
    DAYS: _days_text,
}
