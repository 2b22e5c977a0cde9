"""The trend of success from treatment to treatment: odds ratios with limits, and what they compare."""

from __future__ import annotations

from collections.abc import Sequence

from analyses.displays.format import absent, count, limits, p_value, significant
from analyses.displays.grid import EFFECT, Cell, Heading, Row, label
from analyses.displays.lay_effects import contrast, ratio_text, repeats_a_ratio

_MARK = "log binomial coefficients"
_OF_FAILURE, _TO_THE_ONE_BEFORE = "odds ratio of failure per ", "odds ratio to the one before"
_OF_FIT = (_MARK, "deviance", "AIC")
_BASELINES = ("log odds", "log cumulative hazard")
_RATIOS = ("odds ratio", "hazard ratio")


def split_trend(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Return a trend's coefficients and measures of fit, and the other rows; none where the rows are no trend's."""
    if not any(row["statistic"] == _MARK or row["statistic"].startswith(_OF_FAILURE) for row in rows):
        return [], list(rows)
    own = {id(row) for row in rows if row["statistic"] in (*_RATIOS, *_BASELINES, *_OF_FIT, _TO_THE_ONE_BEFORE)}
    own |= {id(row) for row in rows if row["statistic"].startswith(_OF_FAILURE) or repeats_a_ratio(row, rows)}
    return [row for row in rows if id(row) in own], [row for row in rows if id(row) not in own]


def trend_cells(rows: Sequence[Row], block: str, level: str) -> list[Cell]:
    """Return one row a contrast: the ratio with its limits and p value; its logarithm is left out."""
    return [
        Cell(block, _label(row), Heading(EFFECT, f"Estimate ({level})"), _text(row))
        for row in rows
        if row["statistic"] not in _OF_FIT and not repeats_a_ratio(row, rows)
    ]


def fit_sentences(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """Return name and text of the measures of fit, which stand under the table."""
    return [(row["statistic"], _fit_text(row)) for row in rows if row["statistic"] in _OF_FIT]


def _fit_text(row: Row) -> str:
    freedom = "" if row["df"] is None else f", df = {count(row['df'])}"
    return f"{significant(row['estimate'], 6)}{freedom}"


def _label(row: Row) -> str:
    statistic = row["statistic"]
    if statistic.startswith(_OF_FAILURE):
        return str(statistic)
    if statistic in _BASELINES:
        return f"{statistic} at the first treatment and the reference levels"
    if statistic == _TO_THE_ONE_BEFORE:
        return f"odds ratio to the treatment before, {contrast(row)}, Fisher's exact p"
    return label(f"{statistic}{_of(row)}", contrast(row))


def _of(row: Row) -> str:
    """Return of what the odds are: the criterion begins with it."""
    cause = (row["criterion"] or "").partition(",")[0]
    return f" of {cause}" if cause in ("success", "intolerance") else ""


def _text(row: Row) -> str:
    if row["statistic"] not in _BASELINES:
        return ratio_text(row)
    spread = limits(row["conf_low"], row["conf_high"], significant)
    text = f"{significant(row['estimate'])} ({spread})" if spread else significant(row["estimate"])
    return text if absent(row["p_value"]) else f"{text}, {p_value(row['p_value'])}"
