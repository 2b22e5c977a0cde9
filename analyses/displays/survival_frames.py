"""The frames behind a survival figure: steps, band, numbers at risk, censoring."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import polars as pl

from analyses.displays.figure_style import TOGETHER, groups_of, with_group
from analyses.displays.lay_survival import AT_RISK, CURVE, SURVIVAL
from analyses.estimates.result import Estimates
from cohort.errors import EstimationError, some


class FittedCurve(Protocol):
    """What a figure needs of a fitted curve beyond the frame: when somebody was censored, and how far it goes.

    `group` names the curve (None for all together); the others are arrays over its times, in days.
    """

    group: str | None
    time: Iterable[float]
    survival: Iterable[float]
    censored: Iterable[float]


_SET = ["analysis", "population", "criterion"]


@dataclass(frozen=True)
class SurvivalFrames:
    """The frames behind the layers; `group` is an Enum in all of them."""

    groups: list[str]
    steps: pl.DataFrame
    band: pl.DataFrame
    at_risk: pl.DataFrame
    censored: pl.DataFrame


def survival_frames(estimates: Estimates) -> SurvivalFrames:
    """Return what is drawn, from the frame alone but for the censoring, which only a fitted model tells.

    A curve starts at time 0 with survival 1 and ends at the last time at which the frame or the model shows somebody
    at risk.

    Raises:
        EstimationError: The frame holds no curve, or the curves of more than one analysis, population or criterion.
    """
    frame = estimates.frame.filter(pl.col("statistic").is_in([SURVIVAL, AT_RISK]), pl.col("at").is_not_null())
    curve = frame.filter(statistic=SURVIVAL, term=CURVE)
    _refuse_unless_one(curve)
    frame = frame.join(curve.select(_SET).unique(), on=_SET, how="semi", nulls_equal=True, maintain_order="left")
    groups = groups_of(curve)
    fitted = [c for c in _fitted(estimates.model) if (TOGETHER if c.group is None else c.group) in groups]
    steps = with_group(_steps(curve, _ends(frame, fitted)), groups)
    at_risk = frame.filter(pl.col("statistic") == AT_RISK, pl.col("estimate").is_not_null())
    at_risk = with_group(at_risk.filter(pl.col("group").fill_null(TOGETHER).is_in(groups)), groups)
    return SurvivalFrames(groups, steps, _band(steps), at_risk, with_group(_censored(fitted), groups))


def _fitted(model: object) -> tuple[FittedCurve, ...]:
    return model if isinstance(model, tuple) else ()


def _refuse_unless_one(curve: pl.DataFrame) -> None:
    if curve.is_empty():
        raise EstimationError(
            "0 rows are steps of a survival curve; expected rows with the statistic 'survival' and the term 'curve', "
            "which a Kaplan-Meier estimate holds"
        )
    named = curve.select(_SET).unique(maintain_order=True).rows()
    if len(named) > 1:
        raise EstimationError(
            f"{len(named)} sets of curves were given: {some(named)}; one figure shows one: filter the frame first"
        )


def _ends(frame: pl.DataFrame, fitted: Iterable[FittedCurve]) -> dict[str | None, float]:
    """Return the last time at which each group is known to be at risk: that is how far its curve holds."""
    step = (pl.col("statistic") == SURVIVAL) & (pl.col("term") == CURVE).fill_null(value=False)
    someone = pl.when(pl.col("statistic") == AT_RISK).then(pl.col("estimate") > 0).otherwise(pl.col("n") > 0)
    held = frame.filter(step | someone.fill_null(value=False))
    ends: dict[str | None, float] = dict(held.group_by("group").agg(pl.col("at").max()).iter_rows())
    for curve in fitted:
        ends[curve.group] = max(ends.get(curve.group, 0.0), float(max(curve.time)))
    return ends


def _steps(curve: pl.DataFrame, ends: dict[str | None, float]) -> pl.DataFrame:
    """Return the curve's corners from time 0, where everybody is without the event, to each group's end."""
    columns = ["group", "at", "estimate", "conf_low", "conf_high"]
    parts = []
    for group in curve["group"].unique(maintain_order=True):
        own = curve.filter(pl.col("group").eq_missing(pl.lit(group))).select(columns).sort("at")
        if own["at"][0] > 0:
            start = pl.DataFrame([(group, 0.0, 1.0, None, None)], schema=own.schema, orient="row")
            own = pl.concat([start, own])
        if ends[group] > own["at"][-1]:
            own = pl.concat([own, own.tail(1).with_columns(at=pl.lit(ends[group]))])
        parts.append(own)
    return pl.concat(parts)


def _band(steps: pl.DataFrame) -> pl.DataFrame:
    """Return the band's corners: each step's limits hold until the next; stretches without limits are left open."""
    spans = steps.with_columns(until=pl.col("at").shift(-1).over("group")).drop_nulls("until")
    spans = spans.with_columns(pl.col("conf_low", "conf_high").fill_nan(None))
    spans = spans.with_columns(missing=pl.any_horizontal(pl.col("conf_low", "conf_high").is_null()))
    spans = spans.with_columns(stretch=pl.col("missing").rle_id()).filter(~pl.col("missing"))
    corners = spans.with_columns(at=pl.concat_list("at", "until"))
    stretch = pl.concat_str(pl.col("group").cast(pl.String), pl.col("stretch").cast(pl.String), separator=" ")
    return corners.with_columns(stretch=stretch).explode("at")


def _censored(fitted: Iterable[FittedCurve]) -> pl.DataFrame:
    rows = [
        (curve.group, float(time), float(survival))
        for curve in fitted
        for time, survival, censored in zip(curve.time, curve.survival, curve.censored, strict=True)
        if censored > 0
    ]
    return pl.DataFrame(rows, schema={"group": pl.String, "at": pl.Float64, "estimate": pl.Float64}, orient="row")
