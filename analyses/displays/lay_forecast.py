"""What a further treatment is worth, and the price of going on: one row a treatment."""

from __future__ import annotations

from collections.abc import Sequence

from analyses.displays.format import absent, count, fixed, limits, percent, points, significant
from analyses.displays.grid import EFFECT, Cell, Heading, Row, label
from analyses.displays.lay_treatments import Write, after_failures, by_number, treatment

CHANCE, PLATEAU = "chance", "plateau"
_GAIN, _PRICE, _INTOLERANCE = "cumulative gain", "treatments per success", "cumulative intolerance"
_COLUMNS = {
    CHANCE: "Chance of success on it, all before having failed",
    _GAIN: "Have met it by then, had everybody gone on",
    _PRICE: "Treatments started by then for each who met it",
    _INTOLERANCE: "Stopped for intolerance by then, per subject",
}
_SEEN = "Seen: met it, of those counted after as many failures"


def is_forecast(row: Row) -> bool:
    """Return whether a row forecasts one treatment."""
    return by_number(row) and row["statistic"] in _COLUMNS


def forecast_cells(rows: Sequence[Row], block: str, level: str) -> list[Cell]:
    """Return one row a treatment, with what the data hold there beside what is forecast."""
    order = (CHANCE, _GAIN, _PRICE, _INTOLERANCE)
    ordered = sorted(rows, key=lambda row: (order.index(row["statistic"]), int(row["group"])))
    several = len({row["term"] for row in rows}) > 1
    cells = []
    for row in ordered:
        named = f"{row['term']}:\n" if several and row["term"] else ""
        heading = Heading(EFFECT, f"{named}{_COLUMNS[row['statistic']]} ({level})")
        cells.append(Cell(block, _row(row), heading, _text(row)))
        if row["statistic"] == CHANCE and row["n"] is not None:
            seen = f"{count(row['events'])}/{count(row['n'])}" if row["n"] else "none"
            cells.append(Cell(block, _row(row), Heading(EFFECT, _SEEN), seen))
    return cells


def _row(row: Row) -> str:
    return treatment(int(row["group"]))


def _text(row: Row) -> str:
    write, limit = _written(row)
    spread = limits(row["conf_low"], row["conf_high"], limit)
    return f"{write(row['estimate'])} ({spread})" if spread else write(row["estimate"])


def _written(row: Row) -> tuple[Write, Write]:
    return (percent, points) if row["statistic"] in (CHANCE, _GAIN) else (_hundredths, _hundredths)


def _hundredths(value: float | None) -> str:
    return fixed(value, 2)


def plateau_name(row: Row) -> str:
    """Return what the sentence is about: "Plateau, beta frailty"."""
    return label(PLATEAU, row["term"])


def plateau_text(row: Row, level: str) -> str:
    """Return from where on the chance is low: "below 10% from treatment 8 on, after 7 failures (95% CI 7 to 9)"."""
    share = "a bound" if row["at"] is None else f"{significant(100 * row['at'], 3)}%"
    if absent(row["estimate"]):
        said = f"the chance lies below {share} at no treatment of the forecast"
    else:
        failures = after_failures(int(row["estimate"]) - 1)
        said = f"the chance lies below {share} from treatment {count(row['estimate'])} on"
        said = f"{said}, {failures[:1].lower()}{failures[1:]}"
    low, high = (None if absent(row[limit]) else count(row[limit]) for limit in ("conf_low", "conf_high"))
    if low is None and high is None:
        return said
    return f"{said} ({level}: treatment {low or 'beyond the forecast'} to {high or 'beyond the forecast'})"
