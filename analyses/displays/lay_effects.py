"""Hazard ratios, tests, and whatever no other layout knows."""

from __future__ import annotations

from collections.abc import Sequence

from analyses.displays.format import absent, chi_square, count, limits, p_value, ratio, significant
from analyses.displays.grid import EFFECT, Cell, Heading, Row, comparison, group_heading, label

_OF_THE_FIT = {"log likelihood": 6, "concordance": 3}  # with their significant digits
_TEST = "chi-square"


def is_ratio(statistic: str) -> bool:
    """Return whether a statistic is a ratio, which 1 leaves unchanged and a log scale shows."""
    return statistic.endswith(" ratio") and not statistic.startswith("log ")


def is_test(row: Row) -> bool:
    """Return whether a row is a test or tells of a fit as a whole: such numbers stand under a table and not in it."""
    return bool(row["statistic"].endswith(_TEST) or row["statistic"] in _OF_THE_FIT)


def test_name(row: Row) -> str:
    """Return the test's name: "log-rank test"."""
    name = row["statistic"]
    return label(f"{name.removesuffix(_TEST).strip()} test" if name.endswith(_TEST) else name, row["term"])


def test_text(row: Row) -> str:
    """Return the test's number, its degrees of freedom and its p value."""
    if row["statistic"] in _OF_THE_FIT:
        return significant(row["estimate"], _OF_THE_FIT[row["statistic"]])
    return chi_square(row["estimate"], row["df"], row["p_value"])


_COUNTED = {"treatment_no": ("treatment", "per further treatment"), "failures": ("failures", "per earlier failure")}


def contrast(row: Row) -> str:
    """Return what a coefficient compares: "arm: LTG v CBZ", "treatment 2 v 1", or the covariate's name."""
    if row["term"] in _COUNTED and (row["reference"] is not None or row["group"] is None):
        one, further = _COUNTED[row["term"]]
        return further if row["reference"] is None else f"{one} {comparison(row)}"
    compared = None if row["reference"] is None else comparison(row)
    return ": ".join(part for part in (row["term"], compared or row["group"]) if part) or row["statistic"]


def ratio_cells(rows: Sequence[Row], block: str, level: str) -> list[Cell]:
    """Return ratios with limits and p, one row a contrast; a log ratio is left out where its ratio stands."""
    ratios = [row for row in rows if is_ratio(row["statistic"])]
    return [
        Cell(block, contrast(row), Heading(EFFECT, f"{row['statistic'].capitalize()} ({level})"), ratio_text(row))
        for row in ratios
    ]


def ratio_text(row: Row) -> str:
    """Return "0.77 (0.59 to 1.00), p = 0.053"."""
    spread = limits(row["conf_low"], row["conf_high"], ratio)
    text = f"{ratio(row['estimate'])} ({spread})" if spread else ratio(row["estimate"])
    return text if absent(row["p_value"]) else f"{text}, {p_value(row['p_value'])}"


def repeats_a_ratio(row: Row, rows: Sequence[Row]) -> bool:
    """Return whether a log ratio's exponential stands among the rows."""
    wanted = (row["statistic"].removeprefix("log "), row["term"], row["group"], row["reference"], row["at"])
    return row["statistic"].startswith("log ") and any(
        wanted == (other["statistic"], other["term"], other["group"], other["reference"], other["at"]) for other in rows
    )


_UNITS = {"person-time": "person-time, days"}


def other_cells(rows: Sequence[Row], block: str, level: str) -> list[Cell]:
    """Return one row a number, with its limits and p value, for statistics that have no layout of their own."""
    return [Cell(block, _other_label(row, level), group_heading(row), _other_text(row)) for row in rows]


def _other_label(row: Row, level: str) -> str:
    at = None if row["at"] is None else f"at {row['at']:g}"
    name = label(_UNITS.get(row["statistic"], row["statistic"]), row["term"], at)
    return name if absent(row["conf_low"]) and absent(row["conf_high"]) else f"{name} ({level})"


def _other_text(row: Row) -> str:
    if row["statistic"] == "exactly at the bound":
        return f"{count(row['estimate'])} of {count(row['n'])}"
    spread = limits(row["conf_low"], row["conf_high"], significant)
    text = f"{significant(row['estimate'])} ({spread})" if spread else significant(row["estimate"])
    return text if absent(row["p_value"]) else f"{text}, {p_value(row['p_value'])}"
