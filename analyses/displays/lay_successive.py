"""Estimates of successive treatments: which family each number belongs to, and the sentences under the table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from analyses.displays import (
    lay_chances,
    lay_forecast,
    lay_models,
    lay_pooled,
    lay_steps,
    lay_treatment_times,
    lay_trend,
)
from analyses.displays.format import chi_square, limits, significant
from analyses.displays.grid import Cell, Row, label

_DEPENDENCE, _VARIANCE = "likelihood ratio chi-square", "frailty variance"


@dataclass(frozen=True)
class Successive:
    """What a block of rows says of successive treatments.

    Attributes:
        cells: The table's.
        sentences: Name and text of what stands under it.
        rest: The rows that say something else.
    """

    cells: list[Cell]
    sentences: list[tuple[str, str]]
    rest: list[Row]


def successive_layout(rows: Sequence[Row], block: str, level: str) -> Successive:
    """Return the cells and sentences of the rows that tell of successive treatments, and the rows that do not."""
    times, rest = lay_treatment_times.split_times(rows)
    pooled, rest = lay_pooled.split_pooled(rest)
    steps, rest = lay_steps.split_steps(rest)
    trend, rest = lay_trend.split_trend(rest)
    fits, parameters, rest = lay_models.split_models(rest)
    chances, rest = _split(rest, lay_chances.is_chance)
    ahead, rest = _split(rest, lay_forecast.is_forecast)
    said, rest = _split(rest, _is_sentence)
    models = label(block, "models") if fits and (parameters or chances) else block
    cells = [
        *lay_pooled.pooled_cells(pooled, block, level),
        *lay_steps.step_cells(steps, block, level),
        *lay_treatment_times.time_cells(times, block, level),
        *lay_chances.chance_cells(chances, block, level, of_trend=bool(trend)),
        *lay_forecast.forecast_cells(ahead, block, level),
        *lay_models.fit_cells(fits, models),
        *lay_models.parameter_cells(parameters, block, level),
        *lay_trend.trend_cells(trend, block, level),
    ]
    return Successive(cells, [*lay_trend.fit_sentences(trend), *(_sentence(row, level) for row in said)], rest)


def _split(rows: Sequence[Row], mine: Callable[[Row], bool]) -> tuple[list[Row], list[Row]]:
    chosen = [(row, mine(row)) for row in rows]
    return [row for row, own in chosen if own], [row for row, own in chosen if not own]


def _is_sentence(row: Row) -> bool:
    nested = row["statistic"] == _DEPENDENCE and None not in (row["term"], row["reference"]) and row["group"] is None
    return bool(nested or row["statistic"] in (lay_forecast.PLATEAU, _VARIANCE))


def _sentence(row: Row, level: str) -> tuple[str, str]:
    if row["statistic"] == lay_forecast.PLATEAU:
        return lay_forecast.plateau_name(row), lay_forecast.plateau_text(row, level)
    if row["statistic"] == _VARIANCE:
        spread, text = limits(row["conf_low"], row["conf_high"], significant), significant(row["estimate"])
        return (f"{_VARIANCE} ({level})", f"{text} ({spread})") if spread else (_VARIANCE, text)
    name = f"likelihood ratio test, {row['term']} against {row['reference']}"
    return name, chi_square(row["estimate"], row["df"], row["p_value"])
