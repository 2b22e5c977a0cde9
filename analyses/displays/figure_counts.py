"""A time axis drawn inside the panel, with numbers under its own ticks: at risk, with the event, censored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import polars as pl

from analyses.displays.curve_frames import CurveFrames
from analyses.displays.figure_style import FONT, INK, grammar
from analyses.displays.format import count
from analyses.displays.round_marks import round_marks
from cohort.errors import EstimationError

Below = Literal["at risk", "events", "censored"]
_HEADINGS = {"at risk": "At risk", "events": "Events", "censored": "Censored"}
# Heights below the curve, as shares of the height of the panel of curves.
_TICK, _TICK_LABEL, _AXIS_TITLE, _FIRST_ROW, _ROW = 0.015, -0.052, -0.125, -0.275, 0.075


@dataclass(frozen=True)
class CountsBelow:
    """What stands under the curves.

    Attributes:
        ticks: The times at which something is counted, or where that is day 0 alone, round ones.
        lines: Height and label of each line: headings, and groups under them.
        numbers: `at, height, written` and what tells panels apart.
        floor: How far down the panel goes.
        top: The height of the panel of curves, in units of the estimate.
    """

    ticks: list[float]
    lines: list[tuple[float, str]]
    numbers: pl.DataFrame
    floor: float
    top: float

    def layers(self, x_label: str, last: float) -> list[object]:
        """Return the axis, its title and the numbers; nothing where there are no numbers."""
        if not self.ticks:
            return []
        p = grammar()
        axis = pl.DataFrame({"at": self.ticks, "written": [f"{tick:g}" for tick in self.ticks]})
        text = {"size": 9, "color": INK, "family": FONT}
        number = {"size": 8.5, "color": INK, "family": FONT}
        return [
            p.geom_segment(p.aes("at", 0, xend="at", yend=-_TICK * self.top), axis, color=INK, size=0.6),
            p.geom_text(p.aes("at", _TICK_LABEL * self.top, label="written"), axis, **text),
            p.annotate("text", x=last / 2, y=_AXIS_TITLE * self.top, label=x_label, **text),
            *(p.geom_text(p.aes("at", "height", label="written"), own, **number) for own in self._by_panel()),
        ]

    def _by_panel(self) -> list[pl.DataFrame]:
        """Return the numbers of every panel, and those of one panel with its `term`."""
        every, own = self.numbers.filter(pl.col("term").is_null()), self.numbers.filter(pl.col("term").is_not_null())
        return [part for part in (every.drop("term"), own) if part.height]

    @property
    def inches(self) -> float:
        """How much taller than the panel of curves the whole panel is, the panel of curves being 3 inches."""
        return 3.0 * (1 - self.floor / self.top)


def counts_below(frames: CurveFrames, below: Sequence[Below], top: float, *, named: bool = True) -> CountsBelow:
    """Return the numbers that stand under the curves: a block a kind, with a line a group or, not `named`, one line.

    Raises:
        EstimationError: `below` names something that cannot be counted, or that the frame does not hold.
    """
    unknown = [kind for kind in below if kind not in get_args(Below)]
    if unknown or isinstance(below, str):
        raise EstimationError(f"below={below!r}; it is a list of {', '.join(map(repr, get_args(Below)))}")
    held = [kind for kind in below if not frames.counts.filter(counted=kind).is_empty()]
    absent = [kind for kind in below if kind not in held and kind != "at risk"]
    if absent:
        raise EstimationError(f"the frame has no numbers of {', '.join(map(repr, absent))} to stand below the curves")
    if not held:
        return CountsBelow([], [], frames.counts.clear(), -0.03 * top, top)
    lines: list[tuple[float, str]] = []
    parts: list[pl.DataFrame] = []
    height = (_FIRST_ROW + _ROW) * top
    for kind in held:
        lines.append((height, _HEADINGS[kind]))
        own = frames.counts.filter(counted=kind)
        rows = {}
        for group in own["group"].unique().sort() if named else []:
            height -= _ROW * top
            rows[group] = height
            lines.append((height, group))
        written = pl.Series([count(value) for value in own["estimate"]], dtype=pl.String)
        heights = pl.Series([rows.get(group, height) for group in own["group"]], dtype=pl.Float64)
        parts.append(own.with_columns(written=written, height=heights))
        height -= _ROW * top
    numbers = pl.concat(parts)
    return CountsBelow(_ticks(numbers, frames.steps), lines, numbers, height + _ROW / 2 * top, top)


def _ticks(numbers: pl.DataFrame, steps: pl.DataFrame) -> list[float]:
    """Return the times that have numbers; where no day but 0 has any, round ones, so that days can be read off."""
    counted: list[float] = numbers["at"].unique().sort().to_list()
    last = float(steps["at"].max() or 0)  # type: ignore[arg-type]
    if any(counted) or last <= 0:
        return counted
    return [mark for mark in round_marks(last) if mark <= last]
