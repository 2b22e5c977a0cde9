"""The frames behind a figure of curves over time: steps, band, numbers under the axis, censoring."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import polars as pl

from analyses.displays.figure_style import TOGETHER, groups_of, with_group
from analyses.displays.lay_survival import AT_RISK, CUMULATIVE_CENSORED, CUMULATIVE_EVENTS, CURVE, SURVIVAL
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


@dataclass(frozen=True)
class CurveKind:
    """Which rows are the steps of a curve, and where it starts.

    Attributes:
        statistic: The statistic of the steps.
        term: Their term; None where the term tells curves of one figure apart.
        start: The height on day 0.
        name: How an error calls it, and what holds it.
    """

    statistic: str
    term: str | None
    start: float
    name: str

    @property
    def steps(self) -> pl.Expr:
        """Which rows of a frame are steps."""
        found = pl.col("statistic") == self.statistic
        return found if self.term is None else found & (pl.col("term") == self.term).fill_null(value=False)


SURVIVAL_CURVE = CurveKind(
    SURVIVAL,
    CURVE,
    1.0,
    "a survival curve; expected rows with the statistic 'survival' and the term 'curve', which a Kaplan-Meier estimate "
    "holds",
)
HAZARD_CURVE = CurveKind(
    "cumulative hazard",
    CURVE,
    0.0,
    "a cumulative hazard; expected rows with the statistic 'cumulative hazard' and the term 'curve'",
)
MEAN_CURVE = CurveKind(
    "mean cumulative function",
    CURVE,
    0.0,
    "a mean cumulative function; expected rows of that statistic with the term 'curve'",
)
INCIDENCE_CURVE = CurveKind(
    "cumulative incidence curve",
    None,
    0.0,
    "a cumulative incidence; expected rows with the statistic 'cumulative incidence curve', which `incidence` gives",
)
_SET = ["analysis", "population", "criterion"]
_COUNTED = {AT_RISK: "at risk", CUMULATIVE_EVENTS: "events", CUMULATIVE_CENSORED: "censored"}


@dataclass(frozen=True)
class CurveFrames:
    """The frames behind the layers; `group` is an Enum in all of them.

    Attributes:
        groups: The groups in order of appearance.
        steps: `group, term, at, estimate, conf_low, conf_high`: corners of the curves.
        band: The corners of the bands, with `stretch` where they hang together.
        counts: `group, term, at, estimate, counted`: numbers under the axis; counted "at risk", "events", "censored".
        censored: `group, at, estimate`: where somebody was censored; of survival curves alone.
    """

    groups: list[str]
    steps: pl.DataFrame
    band: pl.DataFrame
    counts: pl.DataFrame
    censored: pl.DataFrame

    @property
    def at_risk(self) -> pl.DataFrame:
        """The numbers at risk."""
        return self.counts.filter(counted="at risk")


def curve_frames(estimates: Estimates, kind: CurveKind) -> CurveFrames:
    """Return what is drawn, from the frame alone but for the censoring, which only a fitted model tells.

    A curve starts at time 0 and ends at the last time at which the frame or the model shows somebody at risk.

    Raises:
        EstimationError: The frame holds no curve, or the curves of more than one analysis, population or criterion.
    """
    wanted = kind.steps | pl.col("statistic").is_in(list(_COUNTED)) | (pl.col("statistic") == kind.statistic)
    frame = estimates.frame.filter(wanted, pl.col("at").is_not_null())
    curve = frame.filter(kind.steps)
    _refuse_unless_one(curve, kind)
    frame = frame.join(curve.select(_SET).unique(), on=_SET, how="semi", nulls_equal=True, maintain_order="left")
    groups = groups_of(curve)
    fitted = [c for c in _fitted(estimates.model) if (TOGETHER if c.group is None else c.group) in groups]
    steps = with_group(_steps(curve, _ends(frame, fitted, kind), kind.start), groups)
    counts = frame.filter(pl.col("statistic").is_in(list(_COUNTED)), pl.col("estimate").is_not_null())
    counts = counts.filter(pl.col("group").fill_null(TOGETHER).is_in(groups)).select(
        "group", "term", "at", "estimate", counted=pl.col("statistic").replace_strict(_COUNTED)
    )
    ticked = fitted if kind is SURVIVAL_CURVE else []
    return CurveFrames(groups, steps, _band(steps), with_group(counts, groups), with_group(_censored(ticked), groups))


def _fitted(model: object) -> tuple[FittedCurve, ...]:
    """Return the fitted curves that tell of censoring; other kinds of models tell nothing here."""
    curves = model if isinstance(model, tuple) else ()
    return tuple(c for c in curves if all(hasattr(c, name) for name in ("group", "time", "survival", "censored")))


def _refuse_unless_one(curve: pl.DataFrame, kind: CurveKind) -> None:
    if curve.is_empty():
        raise EstimationError(f"0 rows are steps of {kind.name}")
    named = curve.select(_SET).unique(maintain_order=True).rows()
    if len(named) > 1:
        raise EstimationError(
            f"{len(named)} sets of curves were given: {some(named)}; one figure shows one: filter the frame first"
        )


def _ends(frame: pl.DataFrame, fitted: Iterable[FittedCurve], kind: CurveKind) -> dict[str | None, float]:
    """Return the last time at which each group is known to be at risk: that is how far its curve holds."""
    someone = pl.when(pl.col("statistic") == AT_RISK).then(pl.col("estimate") > 0).otherwise(pl.col("n") > 0)
    held = frame.filter(kind.steps | someone.fill_null(value=False))
    ends: dict[str | None, float] = dict(held.group_by("group").agg(pl.col("at").max()).iter_rows())
    for curve in fitted:
        ends[curve.group] = max(ends.get(curve.group, 0.0), float(max(curve.time)))
    return ends


def _steps(curve: pl.DataFrame, ends: dict[str | None, float], start: float) -> pl.DataFrame:
    """Return the curves' corners from time 0 to each group's end."""
    columns = ["group", "term", "at", "estimate", "conf_low", "conf_high"]
    parts = []
    for group, term in curve.select("group", "term").unique(maintain_order=True).rows():
        of_it = pl.col("group").eq_missing(pl.lit(group)) & pl.col("term").eq_missing(pl.lit(term))
        own = curve.filter(of_it).select(columns).sort("at")
        if own["at"][0] > 0:
            first = pl.DataFrame([(group, term, 0.0, start, None, None)], schema=own.schema, orient="row")
            own = pl.concat([first, own])
        if ends[group] > own["at"][-1]:
            own = pl.concat([own, own.tail(1).with_columns(at=pl.lit(ends[group]))])
        parts.append(own)
    return pl.concat(parts)


def _band(steps: pl.DataFrame) -> pl.DataFrame:
    """Return the band's corners: each step's limits hold until the next; stretches without limits are left open."""
    spans = steps.with_columns(until=pl.col("at").shift(-1).over("group", "term")).drop_nulls("until")
    spans = spans.with_columns(pl.col("conf_low", "conf_high").fill_nan(None))
    spans = spans.with_columns(missing=pl.any_horizontal(pl.col("conf_low", "conf_high").is_null()))
    spans = spans.with_columns(stretch=pl.col("missing").rle_id()).filter(~pl.col("missing"))
    corners = spans.with_columns(at=pl.concat_list("at", "until"))
    named = (pl.col("group").cast(pl.String), pl.col("term").fill_null(""), pl.col("stretch").cast(pl.String))
    return corners.with_columns(stretch=pl.concat_str(*named, separator=" ")).explode("at")


def _censored(fitted: Iterable[FittedCurve]) -> pl.DataFrame:
    rows = [
        (curve.group, float(time), float(survival))
        for curve in fitted
        for time, survival, censored in zip(curve.time, curve.survival, curve.censored, strict=True)
        if censored > 0
    ]
    return pl.DataFrame(rows, schema={"group": pl.String, "at": pl.Float64, "estimate": pl.Float64}, orient="row")
