"""Parts of a report on successive treatments, and those that the data do not allow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import polars as pl

from analyses.displays.figures import (
    cumulative_figure,
    flow_figure,
    forecast_figure,
    hazards_figure,
    steps_figure,
)
from analyses.displays.report import Part
from analyses.estimates.result import Estimates
from analyses.estimates.successive.cumulative import cumulative_success
from analyses.estimates.successive.forecast import ModelName, forecast
from analyses.estimates.successive.mechanism import mechanism
from analyses.estimates.successive.table import WENT_ON, successive
from analyses.estimates.successive.trend import trend
from cohort.errors import EstimationError

Undetermined = Literal["excluded", "not met"]
_AXIS = "Treatment, all before having failed"
_CHANCES = ("observed chance", "fitted chance")
_SELECTION = "selection share"
_FITS = ("log likelihood", "AIC", "Pearson chi-square", "likelihood ratio chi-square")
_NOT_TOLD = {"undetermined": "undetermined", "intolerance": "stopped for intolerance"}


@dataclass(frozen=True)
class Asked:
    """What is asked of a succession of treatments.

    Attributes:
        undetermined: "excluded" or "not met".
        below: The chance below which another way should be sought.
        horizon: How many treatments the forecast looks ahead.
        models: The models that are carried beyond the data, in order.
        covariates: Of the trend; columns of the data.
        leavers: How unlike leavers may be: ratios of their chance to that of those who went on.
        level: Coverage of every interval.
    """

    undetermined: Undetermined
    below: float = 0.10
    horizon: int = 10
    models: tuple[ModelName, ...] = ("beta frailty",)
    covariates: tuple[str, ...] = ()
    leavers: tuple[float, ...] = (0.25, 0.5, 0.75)
    level: float = 0.95


def successive_parts(data: pl.DataFrame, asked: Asked, told: Sequence[str] = ()) -> list[Part]:
    """Return the parts in order; what the data do not allow is a note of the first.

    Args:
        data: Outcomes or counts.
        asked: What is asked of them.
        told: Further notes of the first part.

    Raises:
        EstimationError: Not even the counts by treatment number can be made.
    """
    lost = list(told)
    parts: list[Part] = [*_steps(data, asked), *_cumulative(data, asked)]
    for title, make in (
        ("The trend of success", _trend),
        ("The trend of stopping for intolerance", _intolerance),
        ("Selection or dependence", _mechanism),
        *((f"The next treatment, by the model {model!r}", _ahead(model)) for model in asked.models),
    ):
        try:
            parts += make(data, asked)
        except EstimationError as error:
            lost.append(f"{title}: not estimable; {error}")
    first = parts[0]
    return [replace(first, estimates=_noted(first.estimates, lost)), *parts[1:]]


def _steps(data: pl.DataFrame, asked: Asked) -> list[Part]:
    found = successive(data, undetermined=asked.undetermined, level=asked.level)
    onward = (pl.col("statistic") == "never went on") | (pl.col("term") == WENT_ON).fill_null(value=False)
    table = _only(_told(found, data), ~onward)
    went = replace(_only(found, onward), method="", notes=())
    parts = [Part(table, steps_figure(found), title="Of those who tried it, and of the whole cohort")]
    if went.frame["estimate"].is_not_null().any():
        parts.append(_flow(went, found))
    return parts


def _flow(went: Estimates, found: Estimates) -> Part:
    """Return who went on, with the flow; the figure is lost where there are more treatments than it can show."""
    title = "Who went on"
    try:
        return Part(went, flow_figure(found), title=title)
    except EstimationError as error:
        return Part(_noted(went, [f"no flow is drawn: {error}"]), title=title)


def _told(found: Estimates, data: pl.DataFrame) -> Estimates:
    """Leave out counts of nobody that a published table does not tell, and say so."""
    lacking = [] if "verdict" in data.columns else [name for name in _NOT_TOLD if name not in data.columns]
    if not lacking:
        return found
    said = " and ".join(_NOT_TOLD[name] for name in lacking)
    kept = _only(found, ~pl.col("statistic").is_in([_NOT_TOLD[name] for name in lacking]))
    return _noted(kept, [f"the counts do not tell who was {said}: such subjects are among those who did not meet it"])


def _cumulative(data: pl.DataFrame, asked: Asked) -> list[Part]:
    found = cumulative_success(data, undetermined=asked.undetermined, leavers=asked.leavers, level=asked.level)
    return [Part(found, cumulative_figure(found), title="All treatments together, and what the leavers leave open")]


def _trend(data: pl.DataFrame, asked: Asked) -> list[Part]:
    found = trend(data, undetermined=asked.undetermined, covariates=asked.covariates, level=asked.level)
    told = f", given {', '.join(asked.covariates)}" if asked.covariates else ""
    return [Part(_whole(found), title=f"The trend of success{told}")]


def _intolerance(data: pl.DataFrame, asked: Asked) -> list[Part]:
    if "verdict" not in data.columns and "intolerance" not in data.columns:
        return []
    undetermined, level = asked.undetermined, asked.level
    found = trend(data, undetermined=undetermined, cause="intolerance", covariates=asked.covariates, level=level)
    return [Part(replace(_whole(found), notes=()), title="The trend of stopping for intolerance")]


def _mechanism(data: pl.DataFrame, asked: Asked) -> list[Part]:
    found = mechanism(data, undetermined=asked.undetermined, level=asked.level)
    chances = _only(found, pl.col("statistic").is_in(_CHANCES))
    figure = hazards_figure(found, x_label=_AXIS)
    rest = set(found.frame["statistic"]) - {*_CHANCES, *_FITS, _SELECTION}
    parts = [
        Part(chances, figure, title="Selection or dependence: what each model fits"),
        _part(found, _FITS, "Selection or dependence: which model fits"),
        _part(found, [_SELECTION], "How much of the fall is selection"),
        _part(found, rest, "Parameters of the models"),
    ]
    return [part for part in parts if part.estimates.frame.height]


def _part(found: Estimates, statistics: Iterable[str], title: str) -> Part:
    """Return the rows of some statistics without method and notes, which stand once."""
    kept = _only(found, pl.col("statistic").is_in(list(statistics)))
    return Part(replace(kept, method="", notes=()), title=title)


def _ahead(model: ModelName) -> Callable[[pl.DataFrame, Asked], list[Part]]:
    def parts(data: pl.DataFrame, asked: Asked) -> list[Part]:
        found = forecast(
            data,
            undetermined=asked.undetermined,
            model=model,
            below=asked.below,
            horizon=asked.horizon,
            level=asked.level,
        )
        return [Part(found, forecast_figure(found, x_label=_AXIS), title=f"The next treatment, by the model {model!r}")]

    return parts


def _whole(found: Estimates) -> Estimates:
    """Leave out the chances by treatment, which stand with the models."""
    return _only(found, ~pl.col("statistic").is_in(_CHANCES))


def _only(found: Estimates, rows: pl.Expr) -> Estimates:
    return replace(found, frame=found.frame.filter(rows))


def _noted(found: Estimates, notes: Sequence[str]) -> Estimates:
    return replace(found, notes=(*found.notes, *notes))
