"""Shares of several cohorts by treatment number: each cohort's own, how unlike they are, and the pooled ones."""

from __future__ import annotations

from collections.abc import Sequence

from analyses.displays.format import count, fixed, p_value, percent, significant
from analyses.displays.grid import Cell, Row, label
from analyses.displays.lay_treatments import (
    Labels,
    Placed,
    by_number,
    columns,
    counted_share_text,
    share_text,
    with_limits,
)

_SHARE, _POOLED, _PREDICTION = "share", "pooled share", "prediction interval"
_NAMES = {
    _SHARE: "met it, of those counted",
    _POOLED: "pooled share",
    _PREDICTION: "share of a further cohort, prediction interval",
    "pooled logit": "pooled logit",
    "I2": "I²",
    "tau2": "τ² of the logits",
    "Q": "Cochran's Q, df, p",
}
_ORDER = tuple(_NAMES)


def split_pooled(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Return the rows of several cohorts by treatment number, and the others; none where none were compared."""
    if not any(by_number(row) and row["statistic"] in ("I2", "Q", _POOLED) for row in rows):
        return [], list(rows)
    own = {id(row) for row in rows if by_number(row) and row["statistic"] in _NAMES}
    return [row for row in rows if id(row) in own], [row for row in rows if id(row) not in own]


def pooled_cells(rows: Sequence[Row], block: str, level: str) -> list[Cell]:
    """Return one column a treatment: a row a cohort, then the pooled share and how unlike the cohorts are."""
    labels = Labels(rows, level)
    ordered = sorted(rows, key=lambda row: _ORDER.index(row["statistic"]))
    placed: list[Placed] = [(block, labels.of(row, _name(row)), row, _text(row)) for row in ordered]
    return columns(placed)


def _name(row: Row) -> str:
    name = _NAMES[row["statistic"]]
    return label(row["term"], name) if row["statistic"] == _SHARE else label(name, row["term"])


def _text(row: Row) -> str:
    statistic = row["statistic"]
    if statistic == _SHARE:
        return counted_share_text(row)
    if statistic in (_POOLED, _PREDICTION):
        return share_text(row)
    if statistic == "I2":
        return percent(row["estimate"])
    if statistic == "Q":
        return f"{fixed(row['estimate'], 2)}, {count(row['df'])}, {p_value(row['p_value'])}"
    return with_limits(row, significant, significant)
